//! One message as a line of JSON or of text. Knows the events, and nothing of where the line goes.

use chatroom_model::{Body, Event, LOBBY_NAME, Millis, Name, Record};
use chatroom_wire::text;
use serde::Serialize;
use std::fmt::Write as _;

/// The exported form; every key is always there.
#[derive(Serialize)]
struct Line<'a> {
    position: u64,
    part: u32,
    kind: &'static str,
    room: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direct: Option<[&'a str; 2]>,
    seq: u64,
    time: String,
    from: Option<&'a str>,
    id: Option<String>,
    body: &'a str,
}

/// What the two forms need of either kind of event.
struct Said<'a> {
    kind: &'static str,
    to: Option<&'a Name>,
    seq: u64,
    time: Millis,
    from: Option<&'a str>,
    id: Option<String>,
    body: &'a Body,
}

/// One JSON object. What acts on a terminal is escaped, so that it can be looked at and still says what was written.
pub(super) fn json(record: &Record) -> String {
    let said = said(record);
    let direct = said.to.map(|to| {
        let mut both = [said.from.unwrap_or_default(), to.as_str()];
        both.sort_unstable();
        both
    });
    let line = Line {
        position: record.position.0,
        part: record.part,
        kind: said.kind,
        room: direct.is_none().then_some(LOBBY_NAME),
        direct,
        seq: said.seq,
        time: moment(said.time, "%Y-%m-%dT%H:%M:%S%.3fZ"),
        from: said.from,
        id: said.id,
        body: said.body.as_str(),
    };
    escaped(serde_json::to_string(&line).expect("plain data always has a JSON form"))
}

/// Time in UTC, author and text; for a direct message also to whom.
pub(super) fn text(record: &Record) -> String {
    let said = said(record);
    let time = moment(said.time, "%Y-%m-%d %H:%M:%SZ");
    let body = text::clean(said.body.as_str());
    match (said.from.map(text::clean), said.to) {
        (None, _) => format!("{time}  {body}"),
        (Some(from), None) => format!("{time}  {from}: {body}"),
        (Some(from), Some(to)) => format!("{time}  {from} -> {}: {body}", text::clean(to.as_str())),
    }
}

fn said(record: &Record) -> Said<'_> {
    match &record.event {
        Event::Message { seq, name, to, client_id, body, .. } => Said {
            kind: "message",
            to: to.as_ref().map(|to| &to.name),
            seq: seq.0,
            time: record.time,
            from: Some(name.as_str()),
            id: client_id.map(|id| id.to_string()),
            body,
        },
        Event::Imported { seq, author, at, id, body, .. } => Said {
            kind: "imported",
            to: None,
            seq: seq.0,
            time: *at,
            from: Some(author.as_str()).filter(|author| !author.is_empty()),
            id: Some(id.to_string()),
            body,
        },
        other => unreachable!("only what people wrote is exported, not {other:?}"),
    }
}

fn moment(time: Millis, format: &str) -> String {
    let moment = jiff::Timestamp::from_millisecond(time.0).expect("a time in the log is one of this era");
    moment.strftime(format).to_string()
}

/// JSON in which no character acts on a terminal: outside of strings there is none, and inside they have an escape.
fn escaped(json: String) -> String {
    if !json.contains(text::acts) {
        return json;
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if text::acts(c) {
            write!(safe, "\\u{:04x}", u32::from(c)).expect("a string can be written to");
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use chatroom_model::{ClientId, LOBBY, Position, Recipient, RoomId, Seq, SessionId, UserId};

    fn record(event: Event) -> Record {
        let time = Millis(1_795_400_311_123);
        Record { position: Position(12), part: 1, time, salt: [0; 16], event }
    }

    fn message(to: Option<&str>, body: &str) -> Record {
        let to = to.map(|name| Recipient { user: UserId(2), name: Name::kept(name), away: false });
        record(Event::Message {
            room: if to.is_some() { RoomId(2) } else { LOBBY },
            seq: Seq(3),
            session: SessionId(1),
            author: UserId(1),
            name: Name::kept("bob"),
            to,
            client_id: Some(ClientId([7; 16])),
            seen: Position(0),
            body: Body::parse(body).unwrap(),
        })
    }

    #[test]
    fn a_message_in_both_forms() {
        let record = message(None, "hi \"you\"");
        assert_eq!(
            json(&record),
            "{\"position\":12,\"part\":1,\"kind\":\"message\",\"room\":\"#lobby\",\"seq\":3,\
             \"time\":\"2026-11-23T02:18:31.123Z\",\"from\":\"bob\",\
             \"id\":\"07070707-0707-0707-0707-070707070707\",\"body\":\"hi \\\"you\\\"\"}"
        );
        assert_eq!(text(&record), "2026-11-23 02:18:31Z  bob: hi \"you\"");
    }

    #[test]
    fn a_direct_message_names_its_two_people_in_order() {
        let record = message(Some("alice"), "psst");
        assert!(json(&record).contains("\"room\":null,\"direct\":[\"alice\",\"bob\"]"));
        assert_eq!(text(&record), "2026-11-23 02:18:31Z  bob -> alice: psst");
    }

    #[test]
    fn a_system_line_has_no_author() {
        let record = record(Event::Imported {
            room: LOBBY,
            seq: Seq(1),
            author: "".into(),
            at: Millis(0),
            id: ClientId([1; 16]),
            body: Body::parse("*** Alice joined the chat ***").unwrap(),
        });
        let json = json(&record);
        assert!(json.contains("\"kind\":\"imported\"") && json.contains("\"from\":null"), "{json}");
        assert!(json.contains("\"time\":\"1970-01-01T00:00:00.000Z\""), "{json}");
        assert_eq!(text(&record), "1970-01-01 00:00:00Z  *** Alice joined the chat ***");
    }

    #[test]
    fn nothing_exported_acts_on_a_terminal_and_json_still_says_what_was_written() {
        let body = "exe.\u{202e}gpj\u{2028}x";
        let record = message(None, body);
        assert!(!text(&record).contains(text::acts));
        let line = json(&record);
        assert!(!line.contains(text::acts), "{line}");
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["body"], body);
    }
}

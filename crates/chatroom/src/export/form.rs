//! One message as a line of JSON or of text. Knows the events, and nothing of where the line goes.

use crate::shown;
use chatroom_model::{Body, Event, How, LOBBY_NAME, Millis, Name, Record};
use chatroom_wire::text;
use serde::Serialize;
use std::fmt::Write as _;

/// A message, and what became of it.
pub(super) struct Message<'a> {
    /// As it was written; its words are gone when it was redacted.
    pub(super) record: &'a Record,
    /// The wordings it was given later, oldest first.
    pub(super) edits: &'a [Body],
    /// Whether all of them are shown, or only the last.
    pub(super) history: bool,
}

/// The exported form; every key is always there, but those of what a message is not.
#[derive(Serialize)]
struct Line<'a> {
    position: u64,
    part: u32,
    kind: &'static str,
    room: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direct: Option<[&'a str; 2]>,
    seq: u64,
    time: String,
    from: Option<&'a str>,
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    edited: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    redacted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    wordings: Option<Vec<&'a str>>,
    body: Option<&'a str>,
}

/// What the two forms need of either kind of event.
struct Said<'a> {
    kind: &'static str,
    room: &'a str,
    to: Option<&'a Name>,
    seq: u64,
    time: Millis,
    from: Option<&'a str>,
    id: Option<String>,
    how: How,
    reply: Option<u64>,
    body: &'a Body,
}

/// One JSON object. What acts on a terminal is escaped, so that it can be looked at and still says what was written.
pub(super) fn json(message: &Message<'_>) -> String {
    let said = said(message.record);
    let direct = said.to.map(|to| {
        let mut both = [said.from.unwrap_or_default(), to.as_str()];
        both.sort_unstable();
        both
    });
    let now = message.now(&said);
    let wordings = || std::iter::once(said.body).chain(message.edits).map(Body::as_str).collect();
    shown::json(&Line {
        position: message.record.position.0,
        part: message.record.part,
        kind: said.kind,
        room: direct.is_none().then_some(said.room),
        direct,
        seq: said.seq,
        time: shown::exact(said.time),
        from: said.from,
        id: said.id,
        how: match said.how {
            How::Said => None,
            How::Action => Some("action"),
            How::Notice => Some("notice"),
        },
        reply: said.reply,
        edited: !message.edits.is_empty() && now.is_some(),
        redacted: now.is_none(),
        wordings: (message.history && !message.edits.is_empty() && now.is_some()).then(wordings),
        body: now,
    })
}

/// Time in UTC, room, author and text; for a direct message to whom. The lobby is not named. Wordings but the last follow.
pub(super) fn text(message: &Message<'_>) -> String {
    let said = said(message.record);
    let now = message.now(&said);
    let mut line = format!("{}  ", shown::moment(said.time));
    if said.to.is_none() && said.room != LOBBY_NAME {
        let _ = write!(line, "{} ", text::clean(said.room));
    }
    if let Some(from) = said.from.map(text::clean) {
        let to = said.to.map_or(String::new(), |to| format!(" -> {}", text::clean(to.as_str())));
        match said.how {
            How::Said => {
                let _ = write!(line, "{from}{to}: ");
            }
            How::Action => {
                let _ = write!(line, "* {from}{to} ");
            }
            How::Notice => {
                let _ = write!(line, "-{from}{to}- ");
            }
        }
    }
    line.push_str(&now.map_or("(deleted)".into(), text::clean));
    if !message.edits.is_empty() && now.is_some() {
        line.push_str(" (edited)");
        if message.history {
            let earlier = std::iter::once(said.body).chain(message.edits).rev().skip(1);
            for body in earlier {
                let _ = write!(line, " (before: {})", text::clean(body.as_str()));
            }
        }
    }
    line
}

impl<'a> Message<'a> {
    /// What it says now; nothing when its words are gone.
    fn now(&self, said: &Said<'a>) -> Option<&'a str> {
        if said.body.is_redacted() {
            return None;
        }
        Some(self.edits.last().unwrap_or(said.body).as_str())
    }
}

fn said(record: &Record) -> Said<'_> {
    match &record.event {
        Event::Message { seq, name, to, label, how, reply, client_id, body, .. } => Said {
            kind: "message",
            room: label.as_deref().unwrap_or(LOBBY_NAME),
            to: to.as_ref().map(|to| &to.name),
            seq: seq.0,
            time: record.time,
            from: Some(name.as_str()),
            id: client_id.map(|id| id.to_string()),
            how: *how,
            reply: reply.map(|seq| seq.0),
            body,
        },
        Event::Imported { seq, author, at, id, body, .. } => Said {
            kind: "imported",
            room: LOBBY_NAME,
            to: None,
            seq: seq.0,
            time: *at,
            from: Some(author.as_str()).filter(|author| !author.is_empty()),
            id: Some(id.to_string()),
            how: How::Said,
            reply: None,
            body,
        },
        other => unreachable!("only what people wrote is exported, not {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chatroom_model::{ClientId, LOBBY, Position, Recipient, RoomId, Seq, SessionId, UserId};

    fn json(record: &Record) -> String {
        super::json(&Message { record, edits: &[], history: false })
    }

    fn text(record: &Record) -> String {
        super::text(&Message { record, edits: &[], history: false })
    }

    fn record(event: Event) -> Record {
        let time = Millis(1_795_400_311_123);
        Record { position: Position(12), part: 1, time, salt: [0; 16], event }
    }

    fn message(to: Option<&str>, body: &str) -> Record {
        let to = to.map(|name| Recipient { user: UserId(2), name: Name::kept(name), away: false }.into());
        record(Event::Message {
            room: if to.is_some() { RoomId(2) } else { LOBBY },
            seq: Seq(3),
            session: SessionId(1),
            author: UserId(1),
            name: Name::kept("bob"),
            to,
            label: None,
            how: How::Said,
            reply: None,
            mentions: Vec::new(),
            client_id: Some(ClientId([7; 16])),
            tags: Default::default(),
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

    #[test]
    fn what_was_edited_says_what_it_says_now_and_before_only_when_asked() {
        let record = message(None, "helo");
        let edits = [Body::parse("hallo").unwrap(), Body::parse("hello").unwrap()];
        let now = Message { record: &record, edits: &edits, history: false };
        let line = super::json(&now);
        assert!(line.ends_with(r#""edited":true,"body":"hello"}"#), "{line}");
        assert!(super::text(&now).ends_with("bob: hello (edited)"));
        let all = Message { history: true, ..now };
        assert!(super::json(&all).contains(r#""wordings":["helo","hallo","hello"]"#));
        assert!(super::text(&all).ends_with("bob: hello (edited) (before: hallo) (before: helo)"));
    }

    #[test]
    fn what_was_deleted_has_no_words_in_any_form() {
        let mut record = message(None, "secret");
        let Event::Message { body, .. } = &mut record.event else { panic!() };
        *body = Body::redacted();
        let gone = Message { record: &record, edits: &[Body::redacted()], history: true };
        assert!(super::json(&gone).ends_with(r#""redacted":true,"body":null}"#), "{}", super::json(&gone));
        assert!(super::text(&gone).ends_with("bob: (deleted)"));
    }
}

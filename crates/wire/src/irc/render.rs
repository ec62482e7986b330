//! Events as IRC lines. One function for live, missed and recalled ones; knows no socket.

mod fact;

use super::caps::Caps;
use super::known::{Known, prefix};
use super::message::BODY_BYTES;
use super::reply::{line, pieces};
use super::tags;
use super::time::Stamp;
use chatroom_model::{
    Alias, Body, Event, Fact, How, LOBBY, LOBBY_NAME, Name, Position, Record, RoomId, Seq, Setting, UserId,
};

/// What a program's lines carry (IRCv3 bot mode, by its name and by the one it had as a draft).
pub const BOT: &str = "bot;draft/bot";

/// How somebody wants to be shown events, and what is known beside them.
#[derive(Clone, Copy, Debug)]
pub struct View<'a, K> {
    /// The server's name.
    pub server: &'a str,
    /// What the client understands.
    pub caps: Caps,
    /// People and rooms.
    pub known: &'a K,
    /// For whom, where it is for one only.
    pub viewer: Option<Viewer<'a>>,
    /// A tag more before each line: a label, or the batch it belongs to.
    pub tag: &'a str,
}

/// The one to whom something is shown.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'a> {
    /// Who.
    pub user: UserId,
    /// How they are called.
    pub name: &'a Name,
    /// The rooms they are in.
    pub rooms: &'a [RoomId],
}

/// Whether an event looks different to different people, so that it is made for each.
#[must_use]
pub fn is_personal(event: &Event) -> bool {
    match event {
        Event::CameOnline { rooms, .. } => rooms.len() > 1,
        Event::Fact(
            Fact::RoomDeleted { .. }
            | Fact::MetadataSet { .. }
            | Fact::RoomSet { setting: Setting::Name { .. }, .. },
        ) => true,
        _ => false,
    }
}

/// The number by which a message is known to IRC clients; for ever the same.
#[must_use]
pub fn message_id(room: RoomId, seq: Seq) -> String {
    format!("{}-{}", room.0, seq.0)
}

/// The number by which an event that is no message is known to IRC clients.
#[must_use]
pub fn event_id(record: &Record) -> String {
    format!("e{}-{}", record.position.0, record.part)
}

/// What such a number stands for.
#[must_use]
pub fn read_event_id(text: &str) -> Option<(Position, u32)> {
    let (position, part) = text.strip_prefix('e')?.split_once('-')?;
    let position = position.parse().ok().filter(|position: &u64| *position < 1 << 43)?;
    Some((Position(position), part.parse().ok().filter(|part: &u32| *part < 1 << 20)?))
}

/// What a number stands for.
#[must_use]
pub fn read_message_id(text: &str) -> Option<(RoomId, Seq)> {
    let (room, seq) = text.split_once('-')?;
    let number = |text: &str| if text.len() > 19 { None } else { text.parse::<u64>().ok() };
    Some((RoomId(number(room)?), Seq(number(seq)?)))
}

/// Adds the lines an event makes; events an IRC client is not told of add nothing.
pub fn event<K: Known>(out: &mut String, record: &Record, view: &View<'_, K>) {
    match &record.event {
        Event::Message { body, .. } | Event::Imported { body, .. } if body.is_redacted() => {}
        Event::Message { .. } => message(out, record, None, view),
        Event::Imported { .. } => imported(out, record, view),
        Event::CameOnline { user, name, rooms, .. } => {
            for room in
                rooms.iter().filter(|room| view.viewer.is_none_or(|viewer| viewer.rooms.contains(room)))
            {
                if let Some(room) = view.known.room(*room) {
                    joins(out, record, view, *user, name, room);
                }
            }
        }
        Event::WentOffline { user, name, why, .. } => {
            head(out, record, view, Some((*user, name)), None);
            let why = if why.is_empty() { "Quit" } else { why };
            line(out, "", "QUIT", &[why]);
        }
        Event::Fact(fact) => fact::fact(out, record, fact, view),
        Event::NodeStarted { .. }
        | Event::GuestCreated { .. }
        | Event::GuestForgotten { .. }
        | Event::SessionOpened { .. }
        | Event::SessionClosed { .. }
        | Event::DirectCreated { .. }
        | Event::SeenMarked { .. } => {}
    }
}

/// Adds what is noted of somebody or of a room (IRCv3 metadata), for who understands it.
pub fn metadata<K: Known>(
    out: &mut String,
    view: &View<'_, K>,
    target: &str,
    key: &str,
    value: Option<&str>,
) {
    if !view.caps.has(Caps::METADATA) {
        return;
    }
    if !view.tag.is_empty() {
        out.extend(["@", view.tag, " "]);
    }
    out.extend([":", view.server, " METADATA ", target, " ", key, " *"]);
    if let Some(value) = value {
        out.extend([" :", value]);
    }
    out.push_str("\r\n");
}

/// Adds a message, in the words it was given last where they are others.
pub fn message<K: Known>(out: &mut String, record: &Record, edited: Option<&Body>, view: &View<'_, K>) {
    let Event::Message { room, seq, author, name, to, label, how, reply, tags, body, .. } = &record.event
    else {
        return imported(out, record, view);
    };
    // Where the first words were cut says nothing of others.
    let uncut = edited.filter(|_| tags.as_str().contains(SPLIT)).map(|_| {
        let kept: Vec<&str> = tags.as_str().split(';').filter(|tag| !tag.starts_with(SPLIT)).collect();
        kept.join(";")
    });
    let body = edited.unwrap_or(body);
    if body.is_redacted() {
        return;
    }
    let target = match to {
        Some(to) => to.name.as_str(),
        None => label.as_deref().unwrap_or(LOBBY_NAME),
    };
    let said = Said {
        how: *how,
        target,
        body,
        id: Some((*room, *seq)),
        reply: reply.map(|seq| (*room, seq)),
        tags: uncut.as_deref().unwrap_or(tags.as_str()),
    };
    speak(out, record, view, Some((*author, name)), &said);
}

/// A line of another program's history: its author holds no name here, and the time is that of then.
fn imported<K: Known>(out: &mut String, record: &Record, view: &View<'_, K>) {
    let Event::Imported { room, seq, author, at, body, .. } = &record.event else { return };
    let name = Name::kept(&author.replace([' ', '!', '@', ':', '\r', '\n', '\0'], "_"));
    let from = if author.is_empty() { None } else { Some((UserId(0), &name)) };
    let how = if author.is_empty() { How::Notice } else { How::Said };
    let then = Record { time: *at, ..record.clone() };
    let said = Said { how, target: LOBBY_NAME, body, id: Some((*room, *seq)), reply: None, tags: "" };
    speak(out, &then, view, from, &said);
}

struct Said<'a> {
    how: How,
    target: &'a str,
    body: &'a Body,
    id: Option<(RoomId, Seq)>,
    reply: Option<(RoomId, Seq)>,
    tags: &'a str,
}

/// Text, in as many lines as it needs.
fn speak<K: Known>(
    out: &mut String,
    record: &Record,
    view: &View<'_, K>,
    from: Option<(UserId, &Name)>,
    said: &Said<'_>,
) {
    let mut source = String::new();
    match from {
        Some((user, name)) => prefix(&mut source, view.known, user, name),
        None => source.push_str(view.server),
    }
    let command = if said.how == How::Notice { "NOTICE" } else { "PRIVMSG" };
    let (open, close) = if said.how == How::Action { ("\x01ACTION ", "\x01") } else { ("", "") };
    // What one client could say in one line, another hears in one: the source before it is not counted.
    let frame = command.len() + said.target.len() + open.len() + close.len() + 2;
    let most = BODY_BYTES.saturating_sub(frame);
    let text = said.body.as_str();
    if view.caps.has(Caps::MULTILINE | Caps::BATCH)
        && said.how != How::Action
        && (text.contains('\n') || text.len() > most)
    {
        return multiline(out, record, view, from, said, most);
    }
    let mut first = true;
    for piece in cut(text, said.tags).map(|(_, line)| line).filter(|line| !line.is_empty()) {
        for piece in pieces(piece, most) {
            tags_of(out, record, view, from, Some(said), first);
            first = false;
            out.extend([":", &source, " ", command, " ", said.target, " :", open, piece, close, "\r\n"]);
        }
    }
}

/// Before where the author's program cut a line, in bytes of the text: kept so that it is shown to others as it was said.
pub const SPLIT: &str = "+chatroom/split=";

/// Before how whoever says something for somebody of another network was called then.
pub const RELAYED: &str = "+chatroom/relayed=";

fn relayed_by<'a>(said: &Said<'a>) -> Option<&'a str> {
    said.tags.split(';').find_map(|tag| tag.strip_prefix(RELAYED))
}

/// The lines of a text, cut where its author's program cut them too; with each whether it goes on with the one before.
fn cut<'a>(text: &'a str, tags: &str) -> impl Iterator<Item = (bool, &'a str)> {
    let marks = tags.split(';').find_map(|tag| tag.strip_prefix(SPLIT)).unwrap_or_default();
    let mut marks: Vec<usize> = marks.split(',').filter_map(|mark| mark.parse().ok()).collect();
    marks.retain(|at| *at > 0 && *at < text.len() && text.is_char_boundary(*at));
    marks.sort_unstable();
    marks.dedup();
    let mut begun = 0;
    let mut rest = text;
    let mut done = false;
    let mut goes_on = false;
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        let line = rest.find('\n');
        let mark = marks.iter().map(|at| at.wrapping_sub(begun)).find(|at| (1..rest.len()).contains(at));
        let (at, next, on) = match (line, mark) {
            (Some(line), mark) if mark.is_none_or(|mark| line < mark) => (line, line + 1, false),
            (_, Some(mark)) => (mark, mark, true),
            _ => (rest.len(), rest.len(), false),
        };
        done = at == rest.len() && !on && next == rest.len() && line.is_none();
        let piece = (goes_on, &rest[..at]);
        goes_on = on;
        rest = &rest[next..];
        begun += next;
        Some(piece)
    })
}

/// Text of several lines, or longer than one, as a batch (IRCv3 multiline).
fn multiline<K: Known>(
    out: &mut String,
    record: &Record,
    view: &View<'_, K>,
    from: Option<(UserId, &Name)>,
    said: &Said<'_>,
    most: usize,
) {
    let reference = format!("m{}x{}", record.position.0, record.part);
    let mut source = String::new();
    match from {
        Some((user, name)) => prefix(&mut source, view.known, user, name),
        None => source.push_str(view.server),
    }
    let command = if said.how == How::Notice { "NOTICE" } else { "PRIVMSG" };
    tags_of(out, record, view, from, Some(said), true);
    out.extend([":", &source, " BATCH +", &reference, " draft/multiline ", said.target, "\r\n"]);
    for (goes_on, text) in cut(said.body.as_str(), said.tags) {
        let mut concat = goes_on;
        for piece in pieces(text, most).chain(text.is_empty().then_some("")) {
            out.extend(["@batch=", &reference]);
            if concat {
                out.push_str(";draft/multiline-concat");
            }
            concat = true;
            out.extend([" :", &source, " ", command, " ", said.target, " :", piece, "\r\n"]);
        }
    }
    if !view.tag.is_empty() && view.tag.starts_with("batch=") {
        out.extend(["@", view.tag, " "]);
    }
    out.extend([":", view.server, " BATCH -", &reference, "\r\n"]);
}

/// Adds the tags of a line.
fn tags_of<K: Known>(
    out: &mut String,
    record: &Record,
    view: &View<'_, K>,
    from: Option<(UserId, &Name)>,
    said: Option<&Said<'_>>,
    first: bool,
) {
    if !view.caps.tagged() && view.tag.is_empty() {
        return;
    }
    let begun = out.len();
    out.push('@');
    let next = |out: &mut String| {
        if out.len() > begun + 1 {
            out.push(';');
        }
    };
    if !view.tag.is_empty() {
        out.push_str(view.tag);
    }
    if view.caps.has(Caps::SERVER_TIME) {
        next(out);
        let _ = std::fmt::Write::write_fmt(out, format_args!("time={}", Stamp(record.time)));
    }
    if view.caps.has(Caps::ACCOUNT_TAG)
        && let Some((user, _)) = from
        && let Some(account) = view.known.person(user).and_then(|person| person.account.as_deref())
    {
        next(out);
        out.push_str("account=");
        tags::escape(out, account);
    }
    if view.caps.has(Caps::MESSAGE_TAGS)
        && let Some((user, _)) = from
        && view.known.person(user).is_some_and(|person| person.ident.is('B'))
    {
        next(out);
        out.push_str(BOT);
    }
    if view.caps.has(Caps::RELAYMSG)
        && let Some(by) =
            said.filter(|_| from.is_some_and(|(_, name)| Alias::is_one(name))).and_then(relayed_by)
    {
        next(out);
        out.extend(["draft/relaymsg=", by]);
    }
    // Of a message of several lines the first carries its id.
    if view.caps.has(Caps::MESSAGE_TAGS) && first {
        next(out);
        match said.and_then(|said| said.id) {
            Some((room, seq)) => out.extend(["msgid=", &message_id(room, seq)]),
            None => out.extend(["msgid=", &event_id(record)]),
        }
    }
    if view.caps.has(Caps::MESSAGE_TAGS)
        && let Some(said) = said
    {
        if let Some((room, seq)) =
            said.reply.filter(|_| first && !tags::of(said.tags).any(|tag| tag.name == "+draft/reply"))
        {
            next(out);
            out.extend(["+draft/reply=", &message_id(room, seq)]);
        }
        let ours = |tag: &str| tag.is_empty() || tag.starts_with(SPLIT) || tag.starts_with(RELAYED);
        for tag in said.tags.split(';').filter(|tag| !ours(tag)) {
            next(out);
            out.push_str(tag);
        }
    }
    if out.len() == begun + 1 {
        out.truncate(begun);
    } else {
        out.push(' ');
    }
}

/// Adds tags and source; what follows is the command.
fn head<K: Known>(
    out: &mut String,
    record: &Record,
    view: &View<'_, K>,
    from: Option<(UserId, &Name)>,
    said: Option<&Said<'_>>,
) {
    tags_of(out, record, view, from, said, true);
    out.push(':');
    match from {
        // The server itself, and the operator at the machine, have no address.
        Some((UserId(0), _)) | None => out.push_str(view.server),
        Some((user, name)) => prefix(out, view.known, user, name),
    }
    out.push(' ');
}

fn joins<K: Known>(
    out: &mut String,
    record: &Record,
    view: &View<'_, K>,
    user: UserId,
    name: &Name,
    room: &str,
) {
    head(out, record, view, Some((user, name)), None);
    let person = view.known.person(user);
    if view.caps.has(Caps::EXTENDED_JOIN) {
        let account = person.and_then(|person| person.account.as_deref()).unwrap_or("*");
        let real = person.map(|person| person.ident.real.as_str()).filter(|real| !real.is_empty());
        line(out, "", "JOIN", &[room, account, real.unwrap_or(name.as_str())]);
    } else {
        line(out, "", "JOIN", &[room]);
    }
    if view.caps.has(Caps::AWAY_NOTIFY)
        && let Some(text) = person.and_then(|person| person.away.as_deref())
    {
        head(out, record, view, Some((user, name)), None);
        line(out, "", "AWAY", &[text]);
    }
}

/// How a room is called in a fact.
/// Whom somebody spoke to there: the room, or the other of two.
fn target_of<'a, K: Known>(at: &'a chatroom_model::At, by: UserId, view: &View<'a, K>) -> &'a str {
    at.other(by).map_or_else(|| room_of(at, view), Name::as_str)
}

fn room_of<'a, K: Known>(at: &'a chatroom_model::At, view: &View<'a, K>) -> &'a str {
    match &at.label {
        Some(label) => label,
        None if at.room == LOBBY => LOBBY_NAME,
        None => view.viewer.map_or("*", |viewer| viewer.name.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn joined(text: &str, tags: &str) -> String {
        let mut out = String::new();
        for (n, (goes_on, line)) in cut(text, tags).enumerate() {
            assert!(!line.contains('\n'));
            out.push_str(if n > 0 && !goes_on { "\n" } else { "" });
            out.push_str(line);
        }
        out
    }

    #[test]
    fn a_text_is_cut_where_it_was() {
        let lines = |text, tags| cut(text, tags).collect::<Vec<_>>();
        assert_eq!(lines("ab", ""), [(false, "ab")]);
        assert_eq!(lines("", ""), [(false, "")]);
        assert_eq!(lines("a\n", ""), [(false, "a"), (false, "")]);
        assert_eq!(lines("abc\nd", "+x;+chatroom/split=1"), [(false, "a"), (true, "bc"), (false, "d")]);
        // A mark at a line's end or beginning makes a line that is empty, and goes on.
        assert_eq!(joined("a\nb", "+chatroom/split=1,2"), "a\nb");
        assert_eq!(lines("aé", "+chatroom/split=2"), [(false, "aé")], "not within a character");
    }

    proptest! {
        #[test]
        fn whatever_the_marks_say_the_text_is_whole(
            text in "[a-zé\n]{0,40}",
            marks in prop::collection::vec(0usize..50, 0..10),
        ) {
            let marks: Vec<String> = marks.iter().map(ToString::to_string).collect();
            let tags = format!("+chatroom/split={}", marks.join(","));
            prop_assert_eq!(joined(&text, &tags), text);
        }
    }
}

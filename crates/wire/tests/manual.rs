//! What the manual says of commands and rights is what the tables say. `UPDATE=1` writes it anew.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use chatroom_model::durable::{read_event, write_event};
use chatroom_model::{
    Act, Cell, Event, Fact, LOBBY, LOBBY_NAME, Millis, Name, Position, Record, RoomId, Standing, TABLE,
    UserId,
};
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::known::{Known, Person};
use chatroom_wire::irc::render::{self as irc_render, View, Viewer};
use chatroom_wire::json;
use chatroom_wire::line::{help, render};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Checks, or rewrites, what stands between `<!-- begin NAME -->` and `<!-- end NAME -->`.
fn check(file: &str, name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let from = text.find(&begin).unwrap_or_else(|| panic!("{file} has no {begin}")) + begin.len();
    let upto = from + text[from..].find(&end).unwrap_or_else(|| panic!("{file} has no {end}"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, format!("{}{expected}{}", &text[..from], &text[upto..])).unwrap();
    } else {
        assert_eq!(&text[from..upto], expected, "docs/{file}, {name}: UPDATE=1 writes it anew");
    }
}

fn cell(cell: Cell) -> &'static str {
    match cell {
        Cell::Yes => "yes",
        Cell::No => "–",
        Cell::Shown => "unless hidden or private",
        Cell::Outside => "if the room hears them",
        Cell::Public => "if it is public",
        Cell::Door => "if the door is open",
        Cell::Open => "yes, any door",
        Cell::Voice => "unless muted¹",
        Cell::Alive => "unless archived",
        Cell::AliveIfTopic => "if the topic is open",
        Cell::AliveIfOpen => "if anybody may come in",
        Cell::Own => "their own²",
        Cell::Below => "those below³",
        Cell::Inside => "if in it",
        Cell::InsideVoice => "if in it¹",
        Cell::InsideOwn => "their own², if in it",
    }
}

fn act(act: Act) -> &'static str {
    match act {
        Act::See => "learn that it exists",
        Act::Read => "read it",
        Act::Members => "see who is in it",
        Act::Enter => "come in",
        Act::Leave => "go out",
        Act::Speak => "write, reply, react",
        Act::CallAll => "call everybody (`@room`)",
        Act::Edit => "edit a message",
        Act::Redact => "delete a message",
        Act::Pin => "pin",
        Act::Topic => "set the topic",
        Act::Invite => "invite",
        Act::Kick => "kick",
        Act::Ban => "ban, see the bans",
        Act::Mute => "mute",
        Act::Purge => "purge, and undo it",
        Act::Role => "give or take a role",
        Act::Set => "set access, password, slow mode, limit, moderation, retention",
        Act::Archive => "archive",
        Act::Delete => "end it",
        Act::Audit => "read the record of moderation",
        Act::Relay => "speak for somebody of another network (RELAYMSG on IRC)",
    }
}

#[test]
fn the_manual_lists_every_command_as_the_table_has_it() {
    check("manual.md", "commands", &help::markdown());
}

#[test]
fn the_manual_shows_the_table_of_rights() {
    let mut text = String::from("| |");
    for standing in Standing::ALL {
        let _ = write!(text, " {} |", format!("{standing:?}").to_lowercase());
    }
    text += "\n|---|---|---|---|---|---|---|\n";
    for (row, cells) in TABLE {
        let _ = write!(text, "| {} |", act(row));
        for of in cells {
            let _ = write!(text, " {} |", cell(of));
        }
        text.push('\n');
    }
    text += "\n¹ and unless the room is archived, or moderated and they have no voice. ² unless muted or archived. ³ unless archived. \
             Bans and mutes must meet nobody who stands as high.\n";
    check("manual.md", "rights", &text);
}

/// Rooms by the names that the golden files have for them.
struct Rooms;

impl Known for Rooms {
    fn person(&self, _: UserId) -> Option<&Person> {
        None
    }

    fn room(&self, room: RoomId) -> Option<&str> {
        Some(if room == LOBBY { LOBBY_NAME } else { "#tea" })
    }
}

/// The looks of one kind of event.
#[derive(Default)]
struct Looks {
    line: Vec<String>,
    irc: Vec<String>,
    web: Vec<String>,
}

/// What an event looks like in JSON, without what every one begins with.
fn web(record: &Record, viewer: UserId) -> Option<String> {
    let mut text = String::new();
    json::event(&mut text, record, viewer, &Rooms);
    let (_, named) = text.split_once(r#""event":"#)?;
    let (name, rest) = named.split_once(r#","position":1,"time":0"#)?;
    let rest = rest.strip_prefix(',').map_or_else(|| rest.to_owned(), |rest| format!("{{{rest}"));
    Some(format!("{} {rest}", name.trim_matches('"')))
}

/// What an event looks like to IRC clients: one that understands nothing special, and one that understands what changes the look.
fn irc(record: &Record, viewer: UserId) -> Vec<String> {
    let (name, rooms) = (Name::parse("ann").unwrap(), [LOBBY, RoomId(3)]);
    let mut looks = Vec::new();
    let reaction = matches!(record.event, Event::Fact(Fact::Reacted { .. }));
    let tags = if reaction { Caps::MESSAGE_TAGS } else { Caps::NONE };
    let told = Caps::ACCOUNT_NOTIFY | Caps::AWAY_NOTIFY | Caps::CHGHOST | Caps::INVITE_NOTIFY | Caps::SETNAME;
    for caps in [Caps::NONE, Caps::MESSAGE_REDACTION | Caps::METADATA | told | tags] {
        let viewer = Some(Viewer { user: viewer, name: &name, rooms: &rooms });
        let view = View { server: "chatroom", caps, known: &Rooms, viewer, tag: "" };
        let mut text = String::new();
        irc_render::event(&mut text, record, &view);
        looks.extend(text.split_terminator("\r\n").map(|line| line.replace('\x01', "\\x01")));
    }
    looks
}

/// Every look that each kind of event has on the line protocol and on IRC, for somebody whom it concerns, in the order of the kinds.
fn looks() -> BTreeMap<&'static str, Looks> {
    let mut looks: BTreeMap<&str, Looks> = BTreeMap::new();
    // The golden files hold every kind there is: a test of the model sees to that.
    for file in ["events.v1.txt", "events.v2.txt", "events.v3.txt"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/golden").join(file);
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let (data, body) = line.split_once('\t').unwrap();
            let event = read_event(data, (!body.is_empty()).then_some(body)).unwrap();
            let kind = write_event(&event).kind;
            let (position, time) = (Position(1), Millis(0));
            let record = Record { position, part: 0, time, salt: [0; 16], event };
            for viewer in [UserId(8), UserId(7)] {
                let mut text = String::new();
                render::event(&mut text, &record, viewer);
                let looks = looks.entry(kind).or_default();
                let text = text.trim_end_matches('\n').to_owned();
                assert!(!text.contains('\n'), "an event is one line: {text}");
                if !text.is_empty() && !looks.line.contains(&text) {
                    looks.line.push(text);
                }
                if let Some(look) = web(&record, viewer).filter(|look| !looks.web.contains(look)) {
                    looks.web.push(look);
                }
                for look in irc(&record, viewer) {
                    if !looks.irc.contains(&look) {
                        looks.irc.push(look);
                    }
                }
            }
        }
    }
    looks
}

#[test]
fn the_parity_table_shows_every_event_on_every_protocol() {
    let mut text = String::from("| event | line | IRC | web | terminal |\n|---|---|---|---|---|\n");
    for (kind, looks) in looks() {
        let cell = |looks: &[String]| {
            let shown: Vec<_> = looks.iter().map(|look| format!("`{}`", look.replace('|', "\\|"))).collect();
            if shown.is_empty() { "not told".to_owned() } else { shown.join("<br>") }
        };
        let terminal = if looks.line.is_empty() { "not told" } else { "as the line" };
        let _ = writeln!(
            text,
            "| {kind} | {} | {} | {} | {terminal} |",
            cell(&looks.line),
            cell(&looks.irc),
            cell(&looks.web)
        );
    }
    check("parity.md", "parity", &text);
}

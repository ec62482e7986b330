//! Any line is an IRC message or is none; masks, modes, times, tags and numbers read back; and whatever is put into a line is
//! one line of at most 512 bytes, its source not counted.
#![no_main]

use chatroom_model::{Body, Event, How, LOBBY, Millis, Name, Position, Record, Seq, SessionId, Tags, UserId};
use chatroom_wire::irc::caps::{self, Caps};
use chatroom_wire::irc::known::Nothing;
use chatroom_wire::irc::message::{BODY_BYTES, Message, PARAMS_MAX};
use chatroom_wire::irc::render::{self, View, message_id, read_message_id};
use chatroom_wire::irc::{formatting, mask, mode, reply, tags, time};
use chatroom_wire::text::clean;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    if let Ok(message) = Message::parse(input) {
        assert!(message.params.len() <= PARAMS_MAX);
        assert!(message.params.iter().rev().skip(1).all(|param| !param.is_empty() && !param.contains(' ')));
        let client = message.client_tags();
        assert!(tags::of(&client).all(|tag| tag.name.starts_with('+')));
        if let Some(kept) = Tags::parse(&client) {
            assert_eq!(kept.as_str(), client);
        }
        for asked in [mode::room(&message.params), Vec::new()] {
            assert!(asked.len() <= 4 * mode::MODES_MAX);
        }
        let mut out = String::new();
        reply::line(&mut out, "server", "PRIVMSG", &message.params);
        one_line(&out);
        for tag in tags::of(message.tags) {
            let mut escaped = String::new();
            tags::escape(&mut escaped, &tags::unescape(tag.value).replace('\0', ""));
            assert!(!escaped.contains([' ', ';', '\r', '\n']));
        }
    }
    if let Ok(found) = mask::parse(input) {
        let shown = mask::show(&found);
        assert_eq!(mask::parse(&shown).as_ref(), Ok(&found), "{shown}");
    }
    if let Some(read) = time::read(input) {
        assert_eq!(time::read(&time::Stamp(read).to_string()), Some(read));
    }
    if let Some((room, seq)) = read_message_id(input) {
        assert_eq!(read_message_id(&message_id(room, seq)), Some((room, seq)));
    }
    let _ = (caps::requested(Caps::NONE, input), mask::glob(input, "some text"));
    let text: Vec<_> = formatting::plain(input).split('\n').map(|line| clean(line).into_owned()).collect();
    let Ok(body) = Body::parse(&text.join("\n")) else { return };
    said(body);
});

fn one_line(out: &str) {
    assert!(out.len() <= BODY_BYTES + 2 && out.ends_with("\r\n"), "{out:?}");
    assert_eq!(out.matches(['\r', '\n', '\0']).count(), 2, "{out:?}");
}

/// A message of any text, shown to a client that understands nothing and to one that understands all.
fn said(body: Body) {
    let words: String = body.as_str().chars().filter(|c| *c != '\n').collect();
    let event = Event::Message {
        room: LOBBY,
        seq: Seq(1),
        session: SessionId(1),
        author: UserId(7),
        name: Name::kept("ann"),
        to: None,
        label: None,
        how: How::Said,
        reply: None,
        mentions: Vec::new(),
        client_id: None,
        tags: split(&words),
        seen: Position(0),
        body,
    };
    let record = Record { position: Position(5), part: 0, time: Millis(0), salt: [0; 16], event };
    for caps in [Caps::NONE, caps::CAPS.iter().fold(Caps::NONE, |all, cap| all.with(cap.caps))] {
        let mut out = String::new();
        render::event(
            &mut out,
            &record,
            &View { server: "server", caps, known: &Nothing, viewer: None, tag: "" },
        );
        let mut again = String::new();
        for line in out.split_inclusive("\r\n") {
            let untagged =
                if line.starts_with('@') { line.split_once(' ').map_or("", |(_, rest)| rest) } else { line };
            // What one client says in one line another hears in one: the source in front is not counted.
            let unsourced = untagged
                .strip_prefix(':')
                .and_then(|rest| rest.split_once(' '))
                .map_or(untagged, |(_, rest)| rest);
            // Nor is the colon before a last word, which its author may have left out.
            one_line(&unsourced.replacen(" :", " ", 1));
            if untagged.contains(" PRIVMSG ") {
                let (_, text) = untagged.split_once(" :").expect("a text is the last parameter");
                again.push_str(text.trim_end_matches("\r\n"));
            }
        }
        assert_eq!(again, words, "nothing is lost");
    }
}

/// Some marks of where a program cut the text, right and wrong ones.
fn split(words: &str) -> Tags {
    let marks: Vec<String> = words.bytes().take(20).map(|byte| byte.to_string()).collect();
    Tags::parse(&format!("+chatroom/split={}", marks.join(","))).unwrap_or_default()
}

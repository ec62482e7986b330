//! One message of the original chatroom: its JSON form, and what it is here. Knows no file.

use chatroom_model::{BODY_MAX, ClientId, Millis, NAME_BYTES};
use chatroom_wire::text::clean;
use compact_str::CompactString;
use jiff::Timestamp;
use serde::Deserialize;

/// Bytes one object of a file may have; a longer one is damaged. Bounds what is held in memory.
pub(super) const PIECE_MAX: usize = 1 << 20;

/// What the original writes in the place of an author for its own lines.
const SYSTEM: &str = "system";

/// A part of a file that should be one object.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it begins, from 1.
    pub(super) line: u64,
    /// Its bytes, or why there are none.
    pub(super) text: Result<Vec<u8>, &'static str>,
}

/// A message, or what is damaged, with its place.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) file: &'static str,
    pub(super) line: u64,
    pub(super) what: Result<Message, String>,
}

/// A message as it is taken over.
#[derive(Debug)]
pub(super) struct Message {
    /// The author; empty for a system line.
    pub(super) author: CompactString,
    /// When it was written, to the nanosecond: by this the files are merged.
    pub(super) at: Timestamp,
    /// Its text, in as many bodies as it needs; none when it is empty.
    pub(super) bodies: Vec<String>,
    identity: blake3::Hash,
}

#[derive(Deserialize)]
struct Raw {
    id: i64,
    from: String,
    content: String,
    timestamp: String,
}

/// Reads one object.
pub(super) fn read(text: &[u8]) -> Result<Message, String> {
    let raw: Raw = serde_json::from_slice(text).map_err(|error| format!("not a message: {error}"))?;
    let at: Timestamp =
        raw.timestamp.parse().map_err(|_| format!("not a time: {:?}", clean(&raw.timestamp)))?;
    let identity = identity(&raw, at);
    let author = if raw.from == SYSTEM { "".into() } else { author(&raw.from) };
    let body = clean(raw.content.trim_end_matches(['\r', '\n'])).into_owned();
    Ok(Message { author, at, bodies: split(&body), identity })
}

impl Message {
    /// The id of its `n`-th body. The original's own ids begin anew at each start, so everything goes into it; the same
    /// message has the same id in either file and at every import.
    pub(super) fn id(&self, n: usize) -> ClientId {
        let mut hash = blake3::Hasher::new();
        hash.update(self.identity.as_bytes()).update(&(n as u64).to_le_bytes());
        let mut id = [0; 16];
        hash.finalize_xof().fill(&mut id);
        ClientId(id)
    }

    /// When it was written, as the log has it.
    pub(super) fn millis(&self) -> Millis {
        Millis(self.at.as_millisecond())
    }
}

fn identity(raw: &Raw, at: Timestamp) -> blake3::Hash {
    let mut hash = blake3::Hasher::new();
    hash.update(&raw.id.to_le_bytes()).update(&at.as_nanosecond().to_le_bytes());
    for text in [&raw.from, &raw.content] {
        hash.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
    }
    hash.finalize()
}

/// A name that acts on nothing and is not too long. The original checked none; an empty one would make a system line.
fn author(from: &str) -> CompactString {
    let name = clean(from);
    let name = &name[..name.floor_char_boundary(NAME_BYTES)];
    if name.trim().is_empty() { "?".into() } else { name.into() }
}

/// A text in bodies that are not too long, cut between characters.
fn split(text: &str) -> Vec<String> {
    let mut bodies = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (body, after) = rest.split_at(rest.floor_char_boundary(BODY_MAX));
        bodies.push(body.to_owned());
        rest = after;
    }
    bodies
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(from: &str, content: &str) -> Message {
        let timestamp = "2026-02-06T04:15:58.317901+01:00";
        let raw = serde_json::json!({"id": 2, "from": from, "content": content, "timestamp": timestamp});
        read(raw.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn author_time_and_text_are_kept_and_the_line_end_is_not() {
        let bob = message("Bob", "Hello guys\n");
        assert_eq!((bob.author.as_str(), bob.bodies.as_slice()), ("Bob", &["Hello guys".to_owned()][..]));
        assert_eq!(bob.at.to_string(), "2026-02-06T03:15:58.317901Z");
        assert_eq!(message("system", "*** Alice joined the chat ***\n").author, "");
    }

    #[test]
    fn the_id_is_of_the_message_alone() {
        assert_eq!(message("Bob", "hi\n").id(0), message("Bob", "hi\n").id(0));
        assert_ne!(message("Bob", "hi\n").id(0), message("Bob", "hi\n").id(1));
        assert_ne!(message("Bob", "hi\n").id(0), message("Bob", "ho\n").id(0));
        assert_ne!(message("Bo", "bhi").id(0), message("Bob", "hi").id(0));
    }

    #[test]
    fn long_texts_are_cut_between_characters_and_nothing_is_lost() {
        let text = "aü世".repeat(2000);
        let bodies = message("Bob", &text).bodies;
        assert!(bodies.len() == 3 && bodies.iter().all(|body| body.len() <= BODY_MAX), "{}", bodies.len());
        assert_eq!(bodies.concat(), text);
    }

    #[test]
    fn nothing_acts_and_nobody_becomes_the_system() {
        let red = message("\u{1b}[31mEve\n", "a\u{1b}]0;x\u{7}b\tc");
        assert_eq!((red.author.as_str(), red.bodies[0].as_str()), ("[31mEve ", "a]0;xb c"));
        for nobody in ["", " ", "\u{1b}"] {
            assert_eq!(message(nobody, "x").author, "?");
        }
        for empty in ["", "\n", "\r\n", "\u{1b}\n"] {
            assert!(message("Bob", empty).bodies.is_empty());
        }
    }

    #[test]
    fn damaged_objects_say_why() {
        for (text, why) in [
            ("", "not a message: EOF"),
            ("{\"id\":1", "not a message: EOF"),
            ("{\"id\":1,\"from\":\"a\",\"content\":\"b\"}", "not a message: missing field `timestamp`"),
            (
                "{\"id\":1,\"from\":\"a\",\"content\":\"b\",\"timestamp\":\"yesterday\"}",
                "not a time: \"yesterday\"",
            ),
        ] {
            let said = read(text.as_bytes()).unwrap_err();
            assert!(said.starts_with(why), "{text}: {said}");
        }
    }
}

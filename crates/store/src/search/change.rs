//! What a stored row means to the index. Reads raw columns: what is found is checked when it is read, not here.

use super::tokens;
use chatroom_model::{Event, Millis, Record, RoomId, UserId};
use rusqlite::Row;
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt;

/// One row of the log, as far as the index looks at it.
#[derive(Clone)]
pub struct LogRow {
    /// The event's id.
    pub id: i64,
    /// What happened, as one word.
    pub kind: String,
    /// Where.
    pub room: Option<i64>,
    /// Who; 0 for imported lines.
    pub author: Option<i64>,
    /// The rest, as JSON.
    pub data: String,
    /// What was written; nothing once redacted.
    pub body: Option<String>,
}

/// A change of the index that follows from one row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Something was said.
    Add(Document),
    /// It was changed: what the index had under its id is no longer found.
    Replace(Document),
    /// It was redacted.
    Remove {
        /// The id of the event that is no longer found.
        id: i64,
    },
}

/// What the index is given of a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// The id of the message's event.
    pub id: i64,
    /// Where.
    pub room: RoomId,
    /// Who; 0 for imported lines.
    pub author: UserId,
    /// The author's name at that time.
    pub name: String,
    /// What.
    pub text: String,
    /// Whether it was written elsewhere, and earlier than its place in the log tells.
    pub imported: bool,
}

/// Hides the text: bodies never reach a log.
impl fmt::Debug for LogRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogRow({}, {})", self.id, self.kind)
    }
}

/// Hides the text: bodies never reach a log.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({}, {} bytes)", self.id, self.text.len())
    }
}

impl LogRow {
    pub(super) const COLUMNS: &'static str = "id, kind, room, author, data, body";

    pub(super) fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            room: row.get(2)?,
            author: row.get(3)?,
            data: row.get(4)?,
            body: row.get(5)?,
        })
    }

    /// What it means to the index, if anything.
    #[must_use]
    pub fn change(self) -> Option<Change> {
        match self.kind.as_str() {
            "message" | "imported" => self.document().map(Change::Add),
            // The place for rows that change what was said before: an edit is a `Replace`, a redaction a `Remove`, each
            // with the id of the message's own event.
            _ => None,
        }
    }

    /// A body that is gone leaves nothing to find.
    fn document(self) -> Option<Document> {
        let imported = self.kind == "imported";
        Some(Document {
            id: self.id,
            room: RoomId(self.room.unwrap_or_default() as u64),
            author: UserId(self.author.unwrap_or_default() as u64),
            name: name(&self.data, imported),
            text: self.body?,
            imported,
        })
    }
}

/// The author's name in an event's JSON. A row that cannot be read has none: it is refused when somebody finds it.
fn name(data: &str, imported: bool) -> String {
    #[derive(Deserialize)]
    struct Message<'a> {
        #[serde(borrow)]
        name: Cow<'a, str>,
    }
    #[derive(Deserialize)]
    struct Imported<'a> {
        #[serde(borrow)]
        author: Cow<'a, str>,
    }
    let name = if imported {
        serde_json::from_str(data).map(|Imported { author }| author)
    } else {
        serde_json::from_str(data).map(|Message { name }| name)
    };
    name.unwrap_or_default().into_owned()
}

impl Document {
    /// Its tokens, as the index is given them.
    pub(super) fn tokens(&self) -> String {
        let of = [tokens::room(self.room), tokens::author(self.author), tokens::name(&self.name)];
        tokens::document(&self.text, &of)
    }
}

/// What somebody said, as search looks at it.
pub(super) struct Said<'a> {
    pub(super) room: RoomId,
    pub(super) author: UserId,
    pub(super) name: &'a str,
    /// When it was written, there where it was written; never later than its place in the log.
    pub(super) at: Millis,
    pub(super) text: &'a str,
}

/// What a record says: nothing, when it is no message. Where a message was edited, its newest text belongs here: this is
/// the text that decides, and in which the marks stand.
pub(super) fn said(record: &Record) -> Option<Said<'_>> {
    match &record.event {
        Event::Message { room, author, name, body, .. } => Some(Said {
            room: *room,
            author: *author,
            name: name.as_str(),
            at: record.time,
            text: body.as_str(),
        }),
        Event::Imported { room, author, at, body, .. } => Some(Said {
            room: *room,
            author: UserId(0),
            name: author,
            at: (*at).min(record.time),
            text: body.as_str(),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: &str, data: &str, body: Option<&str>) -> LogRow {
        LogRow {
            id: 7 << 20,
            kind: kind.into(),
            room: Some(2),
            author: Some(3),
            data: data.into(),
            body: body.map(str::to_owned),
        }
    }

    #[test]
    fn what_was_said_is_added_with_the_name_of_its_author() {
        for (kind, data, expected) in [
            ("message", r#"{"author":3,"name":"b\"ob"}"#, "b\"ob"),
            ("imported", r#"{"author":"carol","at":5}"#, "carol"),
            ("message", "not what it should be", ""),
        ] {
            let Some(Change::Add(document)) = row(kind, data, Some("hi")).change() else { panic!("{data}") };
            assert_eq!((document.name.as_str(), document.imported), (expected, kind == "imported"));
        }
    }

    #[test]
    fn what_was_redacted_or_is_no_message_changes_nothing() {
        assert_eq!(row("message", r#"{"name":"bob"}"#, None).change(), None);
        assert_eq!(row("online", r#"{"name":"bob"}"#, None).change(), None);
    }

    #[test]
    fn debug_hides_the_text() {
        let row = row("message", r#"{"name":"bob"}"#, Some("secret"));
        assert!(!format!("{row:?} {:?}", row.clone().change()).contains("secret"));
    }
}

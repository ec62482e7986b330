//! What a stored row means to the index. Reads raw columns: what is found is checked when it is read, not here.

use super::tokens;
use chatroom_model::{Body, Event, Millis, Record, RoomId, Seq, UserId};
use rusqlite::Row;
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt;

/// What happened, where it means something to the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Something was said.
    Message,
    /// Something that was said elsewhere was taken over.
    Imported,
    /// A message says something else.
    Edited,
    /// A message is gone for good.
    Redacted,
    /// What somebody wrote is gone for good.
    PurgeDone,
    /// A room's oldest messages are gone for good.
    Dropped,
}

impl News {
    /// Reads the word of an event's kind. A row that is gone had its words taken out by the one that says so.
    #[must_use]
    pub fn read(kind: &str) -> Option<Self> {
        match kind {
            "message" => Some(Self::Message),
            "imported" => Some(Self::Imported),
            "edited" => Some(Self::Edited),
            "redacted" => Some(Self::Redacted),
            "purge_done" => Some(Self::PurgeDone),
            "dropped" => Some(Self::Dropped),
            _ => None,
        }
    }
}

/// One row of the log that means something to the index, as far as it looks at it.
#[derive(Clone)]
pub struct LogRow {
    /// The event's id.
    pub id: i64,
    /// What happened.
    pub news: News,
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
    /// It says something else now; what, is read from the log when it is needed.
    Edit(RoomId, Seq),
    /// It is gone for good.
    Redact(RoomId, Seq),
    /// What somebody wrote there is gone for good, from a time on and up to a number.
    Purge(RoomId, UserId, Millis, Seq),
    /// A room's messages up to there are gone for good.
    Drop(RoomId, Seq),
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
        write!(f, "LogRow({}, {:?})", self.id, self.news)
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

    /// Reads a row; nothing of one that means nothing, which most are where people only come and go.
    pub(super) fn read(row: &Row<'_>) -> Result<Option<Self>, rusqlite::Error> {
        let Some(news) = row.get_ref(1)?.as_str().ok().and_then(News::read) else { return Ok(None) };
        Ok(Some(Self {
            id: row.get(0)?,
            news,
            room: row.get(2)?,
            author: row.get(3)?,
            data: row.get(4)?,
            body: row.get(5)?,
        }))
    }

    /// What it means to the index, if anything.
    #[must_use]
    pub fn change(self) -> Option<Change> {
        match self.news {
            News::Message | News::Imported => self.document().map(Change::Add),
            News::Edited => place(&self.data).map(|(room, seq)| Change::Edit(room, seq)),
            News::Redacted => place(&self.data).map(|(room, seq)| Change::Redact(room, seq)),
            News::PurgeDone => bounds(&self.data).map(|(room, of)| {
                Change::Purge(room, of.user.unwrap_or_default(), of.since.unwrap_or_default(), of.upto)
            }),
            News::Dropped => bounds(&self.data).map(|(room, of)| Change::Drop(room, of.upto)),
        }
    }

    /// A body that is gone leaves nothing to find.
    pub(super) fn document(self) -> Option<Document> {
        let imported = self.news == News::Imported;
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

#[derive(Deserialize)]
struct There {
    room: RoomId,
}

#[derive(Deserialize)]
struct Bounds {
    at: There,
    user: Option<UserId>,
    since: Option<Millis>,
    upto: Seq,
}

/// The message an edit or a redaction is about.
pub(super) fn place(data: &str) -> Option<(RoomId, Seq)> {
    #[derive(Deserialize)]
    struct Place {
        at: There,
        seq: Seq,
    }
    serde_json::from_str(data).ok().map(|Place { at, seq }| (at.room, seq))
}

fn bounds(data: &str) -> Option<(RoomId, Bounds)> {
    serde_json::from_str::<Bounds>(data).ok().map(|of| (of.at.room, of))
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

/// What a record says: nothing, when it is no message. Where it was edited, its last words are the text that decides, and in
/// which the marks stand.
pub(super) fn said<'a>(record: &'a Record, edited: Option<&'a Body>) -> Option<Said<'a>> {
    match &record.event {
        Event::Message { room, author, name, body, .. } => Some(Said {
            room: *room,
            author: *author,
            name: name.as_str(),
            at: record.time,
            text: edited.unwrap_or(body).as_str(),
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
            news: News::read(kind).unwrap(),
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
        for kind in ["online", "gone", "joined", ""] {
            assert_eq!(News::read(kind), None, "{kind}");
        }
    }

    #[test]
    fn what_takes_words_back_says_which() {
        let at = r##""at":{"room":2,"label":"#tea"}"##;
        let change = |kind: &str, rest: &str| row(kind, &format!("{{\"v\":1,{at},{rest}}}"), None).change();
        assert_eq!(change("edited", r#""seq":5"#), Some(Change::Edit(RoomId(2), Seq(5))));
        assert_eq!(change("redacted", r#""seq":5"#), Some(Change::Redact(RoomId(2), Seq(5))));
        let purge = Change::Purge(RoomId(2), UserId(9), Millis(7), Seq(5));
        assert_eq!(change("purge_done", r#""user":9,"since":7,"upto":5"#), Some(purge));
        assert_eq!(change("dropped", r#""upto":5"#), Some(Change::Drop(RoomId(2), Seq(5))));
    }

    #[test]
    fn debug_hides_the_text() {
        let row = row("message", r#"{"name":"bob"}"#, Some("secret"));
        assert!(!format!("{row:?} {:?}", row.clone().change()).contains("secret"));
    }
}

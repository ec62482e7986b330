//! Does to the index what a row of the log means, and notes where words have yet to leave the file. Knows no query.

use super::change::{Change, Document, LogRow};
use super::volume;
use crate::{Fault, Reader};
use chatroom_model::{RoomId, Seq};
use rusqlite::{Connection, OptionalExtension, params};

/// Makes a change in the index; what the log must be asked for is read as it stands now.
pub(super) fn apply(db: &Connection, log: &Reader, change: &Change) -> Result<(), Fault> {
    match change {
        Change::Add(document) => put(db, document),
        Change::Edit(room, seq) => match (message(log, *room, *seq)?, log.last_words(*room, *seq)?) {
            (Some(Document { id, .. }), None) => forget(db, id),
            (Some(document), Some(body)) => put(db, &Document { text: body.as_str().to_owned(), ..document }),
            (None, _) => Ok(()),
        },
        Change::Redact(room, seq) => match id(log, *room, *seq)? {
            Some(id) => forget(db, id),
            None => Ok(()),
        },
        Change::Purge(room, user, since, upto) => {
            let sql = "SELECT id FROM events WHERE room = ? AND seq <= ? AND author = ? AND time >= ?";
            let mut found = log.db().prepare_cached(sql)?;
            each(db, found.query(params![room.0 as i64, upto.0 as i64, user.0 as i64, since.0])?)
        }
        Change::Drop(room, upto) => {
            let before: i64 = db
                .prepare_cached("SELECT upto FROM dropped WHERE room = ?")?
                .query_row([room.0 as i64], |row| row.get(0))
                .optional()?
                .unwrap_or_default();
            let sql = "SELECT id FROM events WHERE room = ? AND seq > ? AND seq <= ?";
            let mut found = log.db().prepare_cached(sql)?;
            each(db, found.query(params![room.0 as i64, before, upto.0 as i64])?)?;
            db.prepare_cached("INSERT OR REPLACE INTO dropped VALUES (?, ?)")?
                .execute([room.0 as i64, upto.0 as i64])?;
            Ok(())
        }
    }
}

/// Puts a document in, in the place of one that was there.
pub(super) fn put(db: &Connection, document: &Document) -> Result<(), Fault> {
    let volume = volume::of(document.id);
    volume::make(db, volume)?;
    db.prepare_cached(&volume::put(volume))?.execute(params![document.id, document.tokens()])?;
    Ok(())
}

/// Takes a document out; its words leave the file when its volume is joined.
pub(super) fn forget(db: &Connection, id: i64) -> Result<(), Fault> {
    let volume = volume::of(id);
    volume::make(db, volume)?;
    db.prepare_cached(&volume::take(volume))?.execute([id])?;
    db.prepare_cached("INSERT OR IGNORE INTO owed VALUES (?)")?.execute([volume])?;
    Ok(())
}

fn each(db: &Connection, mut rows: rusqlite::Rows<'_>) -> Result<(), Fault> {
    while let Some(row) = rows.next()? {
        forget(db, row.get(0)?)?;
    }
    Ok(())
}

/// The id of a message's own event.
pub(super) fn id(log: &Reader, room: RoomId, seq: Seq) -> Result<Option<i64>, Fault> {
    let mut found = log.db().prepare_cached("SELECT id FROM events WHERE room = ? AND seq = ?")?;
    Ok(found.query_row([room.0 as i64, seq.0 as i64], |row| row.get(0)).optional()?)
}

/// A message as it was written first; one whose words are gone is none.
fn message(log: &Reader, room: RoomId, seq: Seq) -> Result<Option<Document>, Fault> {
    let sql = format!("SELECT {} FROM events WHERE room = ? AND seq = ?", LogRow::COLUMNS);
    let mut found = log.db().prepare_cached(&sql)?;
    let row = found.query_row([room.0 as i64, seq.0 as i64], LogRow::read).optional()?;
    Ok(row.flatten().and_then(LogRow::document))
}

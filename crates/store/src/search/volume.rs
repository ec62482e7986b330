//! The index stands in volumes of a million positions each, a table of its own: so a search goes from the newest to the
//! oldest and can stop between two, and a volume that is full is joined into one list a word once and never again.

use crate::Fault;
use rusqlite::{Connection, params};

/// Bits of an event's id within its volume: 2^20 positions are one.
const BITS: u32 = 40;

/// Bytes a page of the index has; each page of a list is read whole, so smaller ones make skipping cheaper.
const PAGE: i64 = 2000;
/// Bytes of new words gathered in memory before they are written: a batch is one write.
const GATHER: i64 = 16 * 1024 * 1024;

/// The volume of an event.
pub(super) fn of(id: i64) -> i64 {
    id >> BITS
}

/// The first id of a volume.
pub(super) fn start(volume: i64) -> i64 {
    volume.saturating_mul(1 << BITS)
}

/// Makes a volume unless there is one.
pub(super) fn make(db: &Connection, volume: i64) -> Result<(), Fault> {
    if db.prepare_cached("INSERT OR IGNORE INTO volumes VALUES (?)")?.execute([volume])? == 0 {
        return Ok(());
    }
    db.execute_batch(&format!(
        "CREATE VIRTUAL TABLE words_{volume} USING fts5 (
            text, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
        )"
    ))?;
    for (option, value) in [("pgsz", PAGE), ("hashsize", GATHER)] {
        let sql = format!("INSERT INTO words_{volume} (words_{volume}, rank) VALUES (?, ?)");
        db.execute(&sql, params![option, value])?;
    }
    Ok(())
}

/// Asks a volume: what is wanted, the id below which and from which.
pub(super) fn find(volume: i64) -> String {
    format!(
        "SELECT rowid FROM words_{volume} WHERE words_{volume} MATCH ? AND rowid < ? AND rowid >= ? \
         ORDER BY rowid DESC"
    )
}

/// Puts a document into a volume, in the place of one that was there: its id and its tokens.
pub(super) fn put(volume: i64) -> String {
    format!("INSERT OR REPLACE INTO words_{volume} (rowid, text) VALUES (?, ?)")
}

/// Takes a document out of a volume.
pub(super) fn take(volume: i64) -> String {
    format!("DELETE FROM words_{volume} WHERE rowid = ?")
}

/// Joins a volume into one list a word.
pub(super) fn join(volume: i64) -> String {
    format!("INSERT INTO words_{volume} (words_{volume}) VALUES ('optimize')")
}

//! Keeps the index up with the log, a batch at a time. Decides nothing: it only tells where a text may be found.

use super::change::{Change, Document, LogRow};
use super::file::{self, Head};
use super::{effect, volume};
use crate::{Cursor, Fault, Folder, Reader};
use rusqlite::{Connection, OptionalExtension, params};

/// Rows of the log that go into the index in one transaction.
pub const BATCH_ROWS: usize = 16_384;

/// Bytes after which a batch is large enough: what one may hold in memory.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// The index, open for writing. One at a time, by whoever has the folder.
#[derive(Debug)]
pub struct Index {
    folder: Folder,
    db: Connection,
}

/// How far a catch-up has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Rows of the log that were looked at.
    pub rows: usize,
    /// What stands up to here is in the index.
    pub cursor: Cursor,
    /// Nothing more stood in the log.
    pub done: bool,
}

/// Ends what an index is doing.
pub struct Interrupt(rusqlite::InterruptHandle);

impl std::fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Interrupt")
    }
}

impl Interrupt {
    /// Ends it now.
    pub fn now(&self) {
        self.0.interrupt();
    }
}

impl Index {
    /// Opens the index of a folder or makes a new one. A damaged one, or one of another build, makes way for a new one.
    pub fn open(folder: &Folder) -> Result<Self, Fault> {
        Ok(Self { folder: folder.clone(), db: file::open(folder)? })
    }

    /// Takes in what the log has and the index has not, at most so many rows, in batches of [`BATCH_ROWS`]. An index that
    /// turns out damaged, or of another log, begins anew.
    pub fn catch_up(&mut self, log: &Reader, budget: usize) -> Result<Progress, Fault> {
        self.follow(log)?;
        let mut progress = Progress { rows: 0, cursor: self.cursor()?, done: false };
        while progress.rows < budget && !progress.done {
            let Stretch { looked_at, last, rows } =
                read(log, progress.cursor, BATCH_ROWS.min(budget - progress.rows))?;
            progress.done = looked_at == 0;
            progress.rows += looked_at;
            if progress.done {
                break;
            }
            let link = link(log, last)?.unwrap_or_default();
            match self.take_in(log, rows, last, link) {
                Ok(cursor) => progress.cursor = cursor,
                Err(Fault::Damaged(_)) => {
                    self.rebuild()?;
                    progress.cursor = Cursor::default();
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(progress)
    }

    /// What stands up to here is in the index.
    pub fn cursor(&self) -> Result<Cursor, Fault> {
        Ok(Cursor(file::head(&self.db)?.cursor))
    }

    /// Puts one message's text in, in the place of what was there.
    pub fn replace(&mut self, document: &Document) -> Result<(), Fault> {
        let tx = self.db.transaction()?;
        effect::put(&tx, document)?;
        Ok(tx.commit()?)
    }

    /// Messages that are no longer found, by the ids of their events; [`Index::settle`] takes their words off the disk.
    pub fn remove(&mut self, ids: &[i64]) -> Result<(), Fault> {
        let tx = self.db.transaction()?;
        for id in ids {
            effect::forget(&tx, *id)?;
        }
        Ok(tx.commit()?)
    }

    /// Takes words that are no longer found off the disk, in one volume; whether there was one. Costs a second or two for
    /// a million messages.
    pub fn settle(&mut self) -> Result<bool, Fault> {
        let owed = self.db.query_row("SELECT n FROM owed LIMIT 1", [], |row| row.get::<_, i64>(0));
        let Some(volume) = owed.optional()? else { return Ok(false) };
        self.db.execute(&volume::join(volume), [])?;
        // What stands in the write-ahead log is gone once it is empty.
        let busy: i64 = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy != 0 {
            return Err(Fault::Disk("the search index is being read".into()));
        }
        self.db.execute("DELETE FROM owed WHERE n = ?", [volume])?;
        Ok(true)
    }

    /// By which another thread ends what the index is doing: it fails, and nothing of it was done.
    #[must_use]
    pub fn interrupt(&self) -> Interrupt {
        Interrupt(self.db.get_interrupt_handle())
    }

    /// Throws the index away and begins anew: after damage.
    pub fn rebuild(&mut self) -> Result<(), Fault> {
        // The old connection may not outlive its file: it would write its log into the new one's place.
        self.db = Connection::open_in_memory()?;
        file::discard(&file::path(&self.folder))?;
        self.db = file::open(&self.folder)?;
        Ok(())
    }

    /// An index that does not follow from this log begins anew.
    fn follow(&mut self, log: &Reader) -> Result<(), Fault> {
        let head = match file::head(&self.db) {
            Err(Fault::Damaged(_)) => return self.rebuild(),
            head => head?,
        };
        if head.cursor == 0 || has(log, head)? { Ok(()) } else { self.rebuild() }
    }

    fn take_in(
        &mut self,
        log: &Reader,
        rows: Vec<LogRow>,
        last: i64,
        link: [u8; 32],
    ) -> Result<Cursor, Fault> {
        let tx = self.db.transaction()?;
        let Head { cursor, mut imported, .. } = file::head(&tx)?;
        for row in rows {
            let Some(change) = row.change() else { continue };
            effect::apply(&tx, log, &change)?;
            if let Change::Add(Document { id, imported: true, .. }) = change {
                imported = id;
            }
        }
        tx.prepare_cached("UPDATE head SET cursor = ?, link = ?, imported = ?")?
            .execute(params![last, link, imported])?;
        // Each volume that is full now is joined once: after this it is only read.
        for volume in file::volumes(&tx, volume::of(cursor), volume::of(last) - 1, BATCH_ROWS)? {
            tx.execute(&volume::join(volume), [])?;
        }
        tx.commit()?;
        Ok(Cursor(last))
    }
}

/// Whether the log has the row the index ends with.
fn has(log: &Reader, head: Head) -> Result<bool, Fault> {
    Ok(link(log, head.cursor)? == Some(head.link))
}

fn link(log: &Reader, id: i64) -> Result<Option<[u8; 32]>, Fault> {
    let mut statement = log.db().prepare_cached("SELECT link FROM events WHERE id = ?")?;
    Ok(statement.query_row([id], |row| row.get(0)).optional()?)
}

/// A stretch of the log.
#[derive(Default)]
struct Stretch {
    /// Rows that were looked at.
    looked_at: usize,
    /// The id of the last of them.
    last: i64,
    /// Those that mean something to the index.
    rows: Vec<LogRow>,
}

fn read(log: &Reader, after: Cursor, rows: usize) -> Result<Stretch, Fault> {
    let sql = format!("SELECT {} FROM events WHERE id > ? ORDER BY id LIMIT ?", LogRow::COLUMNS);
    let mut statement = log.db().prepare_cached(&sql)?;
    let mut found = statement.query(params![after.0, rows as i64])?;
    let (mut stretch, mut bytes) = (Stretch::default(), 0);
    while bytes < BATCH_BYTES {
        let Some(row) = found.next()? else { break };
        stretch.looked_at += 1;
        stretch.last = row.get(0)?;
        if let Some(row) = LogRow::read(row)? {
            bytes += row.data.len() + row.body.as_ref().map_or(0, String::len);
            stretch.rows.push(row);
        }
    }
    Ok(stretch)
}

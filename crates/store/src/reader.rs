//! Reading: pages after a cursor, the last messages, who is there. Own read-only connections; the writer never waits.

mod history;
mod hooks;
mod keys;
mod lists;
mod look;
mod sight;
mod timeline;

pub use history::{Span, Told};
pub use hooks::{Due, Seen, ToSend};
pub use keys::Held;
pub use lists::{Audited, Lobby, Person, Profile, Room, WHO_MAX};
pub use look::Look;
pub use sight::Sight;
pub use timeline::{Item, Mark, Part};

use crate::{Cursor, Fault, Folder, migrate, row};
use chatroom_model::chain::Link;
use chatroom_model::{Millis, Position, Record};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, params};
use std::path::Path;
use std::sync::Mutex;

/// Questions whose plans a connection keeps: all there are. To plan one takes longer than to answer it.
const STATEMENTS: usize = 128;

/// One read-only connection.
#[derive(Debug)]
pub struct Reader(Connection);

/// Events somebody may see, after a cursor.
#[derive(Debug)]
pub struct Page {
    /// In order; only what may be seen.
    pub records: Vec<Record>,
    /// How far was read.
    pub cursor: Cursor,
    /// Nothing more stands before the limit that was given.
    pub end: bool,
}

/// Where a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last position.
    pub position: Position,
    /// The log's time there.
    pub time: Millis,
    /// The last link of the chain.
    pub link: Link,
    /// Whether the last row has that link.
    pub meets: bool,
}

/// How much a page may hold.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Rows looked at, seen by this user or not: what one read may cost.
    pub rows: usize,
    /// Bytes of body.
    pub bytes: usize,
}

impl Reader {
    /// Opens a log for reading.
    pub fn open(folder: &Folder) -> Result<Self, Fault> {
        Self::open_file(&folder.database())
    }

    /// Opens a database file for reading.
    pub fn open_file(path: &Path) -> Result<Self, Fault> {
        if let Err(error) = std::fs::metadata(path) {
            return Err(Fault::File { path: path.to_owned(), error });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags)?;
        db.busy_timeout(std::time::Duration::from_secs(5))?;
        // A plan is made once and kept: it looks at no values, and a question asked again is not planned again.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        db.set_prepared_statement_cache_capacity(STATEMENTS);
        migrate::readable(&db)?;
        Ok(Self(db))
    }

    pub(crate) fn db(&self) -> &Connection {
        &self.0
    }

    /// Reads what stands at one moment, however many questions that takes: the log is opened and let go once for all of them.
    pub fn at_once<T>(&self, read: impl FnOnce(&Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.0.prepare_cached("BEGIN")?.execute([])?;
        let found = read(self);
        self.0.prepare_cached("COMMIT")?.execute([])?;
        found
    }

    /// What somebody may see after a cursor, up to a position.
    pub fn page(&self, after: Cursor, upto: Position, sight: &Sight, at_most: Found) -> Result<Page, Fault> {
        let mut page = self.rows(after, upto, at_most)?;
        page.records.retain(|record| sight.sees(record));
        Ok(page)
    }

    /// Events anybody may see, after a cursor, up to a position: for export, not for people.
    pub fn rows(&self, after: Cursor, upto: Position, at_most: Found) -> Result<Page, Fault> {
        let sql = format!(
            "SELECT {} FROM events WHERE id > ? AND id <= ? AND visible ORDER BY id LIMIT ?",
            row::COLUMNS
        );
        let mut statement = self.0.prepare_cached(&sql)?;
        let mut rows = statement.query(params![after.0, Cursor::after(upto).0, at_most.rows as i64])?;
        let mut page = Page { records: Vec::new(), cursor: after, end: false };
        let mut bytes = 0;
        let mut read = 0;
        while bytes < at_most.bytes {
            let Some(found) = rows.next()? else { break };
            let record = row::read(found)?;
            read += 1;
            bytes += record.event.body().map_or(0, |body| body.as_str().len());
            page.cursor = Cursor::at(&record);
            page.records.push(record);
        }
        if read < at_most.rows && bytes < at_most.bytes {
            page.cursor = Cursor::after(upto);
            page.end = true;
        }
        Ok(page)
    }

    /// The last position that is stored.
    pub fn position(&self) -> Result<Position, Fault> {
        Ok(Position(self.0.query_row("SELECT position FROM head", [], |row| row.get::<_, i64>(0))? as u64))
    }

    /// Where the log ends, and whether its last row says so too.
    pub fn head(&self) -> Result<Head, Fault> {
        let sql = "SELECT position, time, link, link = coalesce((SELECT link FROM events ORDER BY id DESC LIMIT 1), \
                   zeroblob(32)) FROM head";
        Ok(self.0.query_row(sql, [], |row| {
            let (position, time) = (Position(row.get::<_, i64>(0)? as u64), Millis(row.get(1)?));
            Ok(Head { position, time, link: Link(row.get(2)?), meets: row.get(3)? })
        })?)
    }

    /// How many events are stored.
    pub fn events(&self) -> Result<u64, Fault> {
        Ok(self.0.query_row("SELECT count(*) FROM events", [], |row| row.get::<_, i64>(0))? as u64)
    }
}

/// Connections that wait to be used; opening one costs more than a read.
#[derive(Debug)]
pub struct Readers {
    folder: Folder,
    most: usize,
    // Protects the idle connections; held while one is taken or put back.
    idle: Mutex<Vec<Reader>>,
}

impl Readers {
    /// Readers of a folder, of whom at most so many are kept when they are idle; none is opened yet.
    #[must_use]
    pub fn new(folder: Folder, most: usize) -> Self {
        Self { folder, most, idle: Mutex::new(Vec::new()) }
    }

    /// Reads with a connection of its own.
    pub fn read<T>(&self, read: impl FnOnce(&Reader) -> Result<T, Fault>) -> Result<T, Fault> {
        let idle = self.idle.lock().expect("no reader panics while it holds the list").pop();
        let reader = match idle {
            Some(reader) => reader,
            None => Reader::open(&self.folder)?,
        };
        let result = read(&reader);
        let mut idle = self.idle.lock().expect("no reader panics while it holds the list");
        if result.is_ok() && idle.len() < self.most {
            idle.push(reader);
        }
        result
    }
}

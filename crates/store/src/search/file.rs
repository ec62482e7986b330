//! The index's file: where it stands, what is in it, and when it is thrown away. Knows nothing of texts.

use crate::folder::private_file;
use crate::{Fault, Folder};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The index's file name. It follows from the log: whoever deletes it loses time, nothing else.
pub const SEARCH: &str = "search.db";

/// The form of the index this build reads and writes; a file of any other form is thrown away.
const FORM: i64 = 1;

/// Kilobytes of the index an indexer keeps in memory.
const CACHE_KIB: i64 = 32 * 1024;
/// Bytes a page of the index has: walking a long list loads fewer, larger pages.
const PAGE: i64 = 8000;
/// Bytes of new words gathered in memory before they are written: a batch is one write.
const GATHER: i64 = 64 * 1024 * 1024;

const SCHEMA: &str = "
    CREATE TABLE head (
        one      INTEGER PRIMARY KEY CHECK (one = 1),
        cursor   INTEGER NOT NULL,  -- the last row of the log that is in the index
        link     BLOB    NOT NULL,  -- and its link: another log has another one
        imported INTEGER NOT NULL   -- the last imported line: its date is not that of its place
    ) STRICT;
    INSERT INTO head VALUES (1, 0, zeroblob(32), 0);
    CREATE VIRTUAL TABLE words USING fts5 (
        text, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
    );
";

/// How far the index has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) cursor: i64,
    pub(super) link: [u8; 32],
    pub(super) imported: i64,
}

pub(super) fn path(folder: &Folder) -> PathBuf {
    folder.path().join(SEARCH)
}

/// Opens the index for writing; one that is damaged or of another form makes way for a new one.
pub(super) fn open(folder: &Folder) -> Result<Connection, Fault> {
    let path = path(folder);
    match try_open(&path) {
        Err(Fault::Damaged(_) | Fault::Newer { .. }) => {
            discard(&path)?;
            try_open(&path)
        }
        opened => opened,
    }
}

fn try_open(path: &Path) -> Result<Connection, Fault> {
    private_file(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    // A power cut may take the newest batches along, never tear the file; they are read from the log again.
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    db.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    match form(&db)? {
        0 => {
            let tx = db.transaction()?;
            tx.execute_batch(SCHEMA)?;
            configure(&tx)?;
            tx.pragma_update(None, "user_version", FORM)?;
            tx.commit()?;
        }
        FORM => {}
        found => return Err(Fault::Newer { found, known: FORM }),
    }
    sound(&db)?;
    Ok(db)
}

fn configure(db: &Connection) -> Result<(), Fault> {
    for (option, value) in [("pgsz", PAGE), ("hashsize", GATHER)] {
        db.execute("INSERT INTO words (words, rank) VALUES (?, ?)", rusqlite::params![option, value])?;
    }
    Ok(())
}

/// What stands at the beginning of both tables can be read. The rest is checked by nobody: what the index says is only
/// where to look.
fn sound(db: &Connection) -> Result<(), Fault> {
    head(db)?;
    db.query_row("SELECT rowid FROM words WHERE words MATCH '\"a\"' LIMIT 1", [], |_| Ok(())).optional()?;
    Ok(())
}

fn form(db: &Connection) -> Result<i64, Fault> {
    Ok(db.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

pub(super) fn head(db: &Connection) -> Result<Head, Fault> {
    let found = db
        .prepare_cached("SELECT cursor, link, imported FROM head")
        .and_then(|mut statement| {
            statement.query_row([], |row| {
                Ok(Head { cursor: row.get(0)?, link: row.get(1)?, imported: row.get(2)? })
            })
        })
        .map_err(|error| match error.sqlite_error_code() {
            // A table that is missing is a file that is not ours.
            None | Some(rusqlite::ErrorCode::Unknown) => Fault::Damaged(error.to_string()),
            Some(_) => error.into(),
        })?;
    Ok(found)
}

/// Deletes the index with what SQLite keeps beside it.
pub(super) fn discard(path: &Path) -> Result<(), Fault> {
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Fault::file(PathBuf::from(name))(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Opens the index for reading, when there is one of this build's form, with what tells it from a later one.
pub(super) fn open_reading(folder: &Folder) -> Result<Option<(Connection, (u64, u64))>, Fault> {
    let path = path(folder);
    let Some(identity) = identity(&path) else { return Ok(None) };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(&path, flags)?;
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    db.pragma_update(None, "cache_size", -8 * 1024)?;
    let usable = form(&db)? == FORM;
    Ok(usable.then_some((db, identity)))
}

/// Which file stands there now.
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

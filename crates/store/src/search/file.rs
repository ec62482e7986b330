//! The index's file: where it stands, what is in it, and when it is thrown away. Knows nothing of texts.

use super::volume;
use crate::folder::private_file;
use crate::{Fault, Folder};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The index's file name. It follows from the log: whoever deletes it loses time, nothing else.
pub const SEARCH: &str = "search.db";

/// The form of the index this build reads and writes; a file of any other form is thrown away.
const FORM: i64 = 2;

/// Kilobytes of the index an indexer keeps in memory.
const CACHE_KIB: i64 = 8 * 1024;
/// Statements kept ready: one a volume.
const STATEMENTS: usize = 64;

const SCHEMA: &str = "
    CREATE TABLE head (
        one      INTEGER PRIMARY KEY CHECK (one = 1),
        cursor   INTEGER NOT NULL,  -- the last row of the log that is in the index
        link     BLOB    NOT NULL,  -- and its link: another log has another one
        imported INTEGER NOT NULL   -- the last imported line: its date is not that of its place
    ) STRICT;
    INSERT INTO head VALUES (1, 0, zeroblob(32), 0);
    CREATE TABLE volumes (n INTEGER PRIMARY KEY) STRICT;
    CREATE TABLE owed (n INTEGER PRIMARY KEY) STRICT;   -- volumes with words in the file that are no longer found
    CREATE TABLE dropped (room INTEGER PRIMARY KEY, upto INTEGER NOT NULL) STRICT;
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
    // What was taken out is overwritten: the words of a redacted message may not stay in a page that is no longer used.
    db.pragma_update(None, "secure_delete", "ON")?;
    db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    db.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    match form(&db)? {
        0 => {
            let tx = db.transaction()?;
            tx.execute_batch(SCHEMA)?;
            volume::make(&tx, 0)?;
            tx.pragma_update(None, "user_version", FORM)?;
            tx.commit()?;
        }
        FORM => {}
        found => return Err(Fault::Newer { found, known: FORM }),
    }
    sound(&db)?;
    Ok(db)
}

/// The head and the newest volume can be read. The rest is checked by nobody: what the index says is only where to look.
fn sound(db: &Connection) -> Result<(), Fault> {
    head(db)?;
    for volume in volumes(db, 0, i64::MAX, 1)? {
        let mut find = db.prepare(&volume::find(volume))?;
        find.query_row(params!["\"a\"", i64::MAX, 0], |_| Ok(())).optional()?;
    }
    Ok(())
}

/// The volumes there are, of those from `oldest` to `newest`, newest first, at most so many.
pub(super) fn volumes(db: &Connection, oldest: i64, newest: i64, at_most: usize) -> Result<Vec<i64>, Fault> {
    let sql = "SELECT n FROM volumes WHERE n BETWEEN ? AND ? ORDER BY n DESC LIMIT ?";
    let mut statement = db.prepare_cached(sql)?;
    let found = statement.query_map(params![oldest, newest, at_most as i64], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
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

/// Which file it is: an index that was made again is another one under the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

/// The index as it was opened for reading.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) db: Connection,
    pub(super) identity: Identity,
}

/// Opens the index for reading, when there is one of this build's form.
pub(super) fn open_reading(folder: &Folder) -> Result<Option<Reading>, Fault> {
    let path = path(folder);
    let Some(identity) = identity(&path) else { return Ok(None) };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(&path, flags)?;
    db.busy_timeout(std::time::Duration::from_secs(5))?;
    db.pragma_update(None, "cache_size", -2 * 1024)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    let usable = form(&db)? == FORM;
    Ok(usable.then_some(Reading { db, identity }))
}

/// Which file stands there now.
pub(super) fn identity(path: &Path) -> Option<Identity> {
    std::fs::metadata(path).ok().map(|found| Identity { device: found.dev(), inode: found.ino() })
}

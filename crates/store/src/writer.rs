//! The one writer: a batch of events and the state after them, in one synced transaction. Never tries a sync twice.

mod projection;

use crate::anchor::Anchor;
use crate::folder::private_file;
use crate::{Durable, Fault, Folder, effect, load, migrate, row};
use chatroom_model::chain::Link;
use chatroom_model::{
    ClientId, Millis, Past, Position, Record, RoomId, Said, Seq, State, Subject, UserId, Written,
};
use projection::Touched;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::cell::RefCell;

/// Pages the write-ahead log may have before they are moved into the database: 16 MiB, read back within some 20 ms.
const CHECKPOINT_PAGES: i64 = 4000;
/// How long a reader that is in the way is waited for.
const BUSY: std::time::Duration = std::time::Duration::from_secs(5);
/// Commits between two tries to empty the write-ahead log of words that were taken away.
const SCRUB_EVERY: u32 = 64;

/// The connection that writes. Owned by the engine's thread.
#[derive(Debug)]
pub struct Writer {
    db: Connection,
    link: Link,
    /// The link of what was added last, while it is not committed.
    added: Link,
    touched: Touched,
    /// Words were taken away, and the write-ahead log may still hold them; counts the commits since it was last tried.
    scrub: Option<u32>,
    /// A read of the past failed.
    fault: RefCell<Option<Fault>>,
    anchor: Anchor,
}

impl Writer {
    /// Opens or makes the log and reads the state after its last event.
    pub fn open(folder: &Folder) -> Result<(Self, State), Fault> {
        let path = folder.database();
        private_file(&path)?;
        let mut db = Connection::open_with_flags(
            &path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        db.pragma_update(None, "journal_size_limit", CHECKPOINT_PAGES * 4096)?;
        // What is redacted is overwritten, not only forgotten.
        db.pragma_update(None, "secure_delete", "ON")?;
        db.busy_timeout(BUSY)?;
        db.set_prepared_statement_cache_capacity(96);
        migrate::migrate(&mut db, &path)?;
        let (state, link) = load::load(&db)?;
        let anchor = Anchor::open(folder)?;
        anchor.check(state.position, link)?;
        Ok((
            Self {
                db,
                link,
                added: link,
                touched: Touched::default(),
                scrub: None,
                fault: RefCell::new(None),
                anchor,
            },
            state,
        ))
    }

    /// Opens the log again after a failed write or sync. What may stand only in the page cache is written once more,
    /// elsewhere: moved from the write-ahead log into the database, and synced there.
    pub fn reopen(folder: &Folder) -> Result<(Self, State), Fault> {
        let (writer, state) = Self::open(folder)?;
        let busy: i64 = writer.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy != 0 {
            return Err(Fault::Disk("the write-ahead log could not be emptied".into()));
        }
        Ok((writer, state))
    }

    /// Stores one event, for the time being: the next commit makes it durable, or nothing of it was. What is decided after
    /// it finds it there.
    pub fn add(&mut self, record: &Record, state: &State) -> Result<(), Fault> {
        if self.db.is_autocommit() {
            self.db.execute_batch("BEGIN IMMEDIATE")?;
            self.added = self.link;
        }
        self.added = row::insert(&self.db, self.added, record)?;
        effect::apply(&self.db, record)?;
        self.touched.add(&record.event, state);
        Ok(())
    }

    /// Makes all that was added durable, with the state after it, and syncs. On an error nothing may be acknowledged, and
    /// all of it is taken back.
    pub fn commit(&mut self, records: Vec<Record>, state: &State) -> Result<Durable<Vec<Record>>, Fault> {
        let touched = std::mem::take(&mut self.touched);
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        if self.db.is_autocommit() {
            return Ok(Durable::new(records));
        }
        let link = self.added;
        touched.write(&self.db, state)?;
        self.db
            .prepare_cached(
                "UPDATE head SET position = ?, time = ?, next_user = ?, next_room = ?, incarnation = ?, link = ?",
            )?
            .execute(params![
                state.position.0 as i64,
                state.time.0,
                state.next_user.0 as i64,
                state.next_room.0 as i64,
                state.incarnation.0 as i64,
                link.0
            ])?;
        self.db.execute_batch("COMMIT")?;
        self.anchor.write(state.position, link);
        self.link = link;
        if records.iter().any(|record| effect::takes_words(&record.event)) {
            self.scrub = Some(SCRUB_EVERY);
        }
        self.scrub();
        Ok(Durable::new(records))
    }

    /// Empties the write-ahead log once words were taken away, as soon as nobody reads in it: it still holds them.
    fn scrub(&mut self) {
        let Some(commits) = self.scrub else { return };
        if commits < SCRUB_EVERY {
            self.scrub = Some(commits + 1);
            return;
        }
        // Nobody is waited for. What fails here is tried again; what is stored is stored.
        let _ = self.db.busy_timeout(std::time::Duration::ZERO);
        let emptied = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        let _ = self.db.busy_timeout(BUSY);
        self.scrub = if matches!(emptied, Ok(0)) { None } else { Some(0) };
    }

    /// Takes back what was added and not committed.
    pub fn take_back(&mut self) {
        self.touched = Touched::default();
        self.fault.take();
        if !self.db.is_autocommit() {
            // SQLite may have done so by itself; another failure shows at the next use.
            let _ = self.db.execute_batch("ROLLBACK");
        }
    }

    /// Whether a read of the past failed: then what was decided since is worth nothing.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.fault.borrow().is_some()
    }

    /// Answers a question about the past; a failure is kept for the commit, which then fails.
    fn ask<T: Default>(&self, answer: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>) -> T {
        answer(&self.db).unwrap_or_else(|error| {
            self.fault.replace(Some(error.into()));
            T::default()
        })
    }

    /// All that is noted of something, by key.
    #[must_use]
    pub fn noted(&self, of: Subject) -> Vec<(String, String)> {
        let (room, user) = subject(of);
        self.ask(|db| {
            db.prepare_cached("SELECT key, value FROM metadata WHERE room = ? AND user = ? ORDER BY key")?
                .query_map([room, user], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })
    }

    /// The state after the last event that is stored.
    pub fn load(&mut self) -> Result<State, Fault> {
        self.take_back();
        let (state, link) = load::load(&self.db)?;
        self.link = link;
        Ok(state)
    }

    /// One stored event of a position: the message, where there is one.
    pub fn message_at(&self, position: Position) -> Result<Option<Durable<Record>>, Fault> {
        // One that retention took away has nothing left to be read.
        let sql = format!(
            "SELECT {} FROM events WHERE id > ? AND id <= ? AND client_id IS NOT NULL AND kind <> 'gone'",
            row::COLUMNS
        );
        let mut found = self.db.prepare_cached(&sql)?;
        let range = [crate::Cursor::after(Position(position.0 - 1)).0, crate::Cursor::after(position).0];
        let mut rows = found.query(range)?;
        Ok(rows.next()?.map(row::read).transpose()?.map(Durable::new))
    }

    /// All events after a position: what a failed commit turned out to have stored.
    pub fn stored_after(&self, position: Position) -> Result<Durable<Vec<Record>>, Fault> {
        let sql = format!("SELECT {} FROM events WHERE id > ? AND kind <> 'gone' ORDER BY id", row::COLUMNS);
        let mut found = self.db.prepare_cached(&sql)?;
        let mut rows = found.query([crate::Cursor::after(position).0])?;
        let mut records = Vec::new();
        while let Some(found) = rows.next()? {
            records.push(row::read(found)?);
        }
        Ok(Durable::new(records))
    }

    /// Moves the write-ahead log into the database, so that the folder is whole in one file.
    pub fn close(self) -> Result<(), Fault> {
        self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// The last link of the chain.
    #[must_use]
    pub fn link(&self) -> Link {
        self.link
    }
}

/// The columns that say of what something is noted.
pub(crate) fn subject(of: Subject) -> (i64, i64) {
    match of {
        Subject::User(user) => (0, user.0 as i64),
        Subject::Room(room) => (room.0 as i64, 0),
    }
}

impl Past for Writer {
    fn said(&self, author: UserId, id: ClientId) -> Option<Said> {
        self.ask(|db| {
            db.prepare_cached("SELECT id, coalesce(seq, 0) FROM events WHERE author = ? AND client_id = ?")?
                .query_row(params![author.0 as i64, id.0], |row| {
                    let (position, _) = crate::Cursor(row.get(0)?).place();
                    Ok(Said { position, seq: Seq(row.get::<_, i64>(1)? as u64) })
                })
                .optional()
        })
    }

    fn written(&self, room: RoomId, seq: Seq) -> Option<Written> {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT author, time, body IS NULL FROM events WHERE room = ? AND seq = ? AND kind <> 'gone'",
            )?
            .query_row([room.0 as i64, seq.0 as i64], |row| {
                Ok(Written {
                    author: UserId(row.get::<_, i64>(0)? as u64),
                    time: Millis(row.get(1)?),
                    redacted: row.get(2)?,
                })
            })
            .optional()
        })
    }

    fn reacted(&self, room: RoomId, seq: Seq, user: UserId, emoji: &str) -> bool {
        self.ask(|db| {
            db.prepare_cached(
                "SELECT 1 FROM reactions WHERE room = ? AND seq = ? AND emoji = ? AND user = ?",
            )?
            .exists(params![room.0 as i64, seq.0 as i64, emoji, user.0 as i64])
        })
    }

    fn reactions(&self, room: RoomId, seq: Seq) -> u32 {
        self.ask(|db| {
            db.prepare_cached("SELECT count(DISTINCT emoji) FROM reactions WHERE room = ? AND seq = ?")?
                .query_row([room.0 as i64, seq.0 as i64], |row| row.get(0))
        })
    }

    fn metadata(&self, of: Subject, key: &str) -> Option<String> {
        let (room, user) = subject(of);
        self.ask(|db| {
            db.prepare_cached("SELECT value FROM metadata WHERE room = ? AND user = ? AND key = ?")?
                .query_row(params![room, user, key], |row| row.get(0))
                .optional()
        })
    }

    fn metadata_keys(&self, of: Subject) -> usize {
        let (room, user) = subject(of);
        let count: i64 = self.ask(|db| {
            db.prepare_cached("SELECT count(*) FROM metadata WHERE room = ? AND user = ?")?
                .query_row([room, user], |row| row.get(0))
        });
        count as usize
    }

    fn expired(&self, room: RoomId, after: Seq, before: Millis) -> Option<Seq> {
        // Times never run backwards along a room's numbers, so the first that is young enough ends the search.
        self.ask(|db| {
            let sql = "SELECT max(seq) FROM (SELECT seq, time FROM events WHERE room = ? AND seq > ?                        ORDER BY seq LIMIT 10000) WHERE time < ?";
            db.prepare_cached(sql)?.query_row(params![room.0 as i64, after.0 as i64, before.0], |row| {
                Ok(row.get::<_, Option<i64>>(0)?.map(|seq| Seq(seq as u64)))
            })
        })
    }
}

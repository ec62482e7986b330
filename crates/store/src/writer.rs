//! The one writer: a batch of events and the state after them, in one synced transaction. Never tries a sync twice.

mod projection;

use crate::anchor::Anchor;
use crate::folder::private_file;
use crate::{Durable, Fault, Folder, load, migrate, row};
use chatroom_model::chain::Link;
use chatroom_model::{ClientId, Past, Position, Record, Said, Seq, State, UserId};
use projection::Touched;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

/// Pages the write-ahead log may have before they are moved into the database: 16 MiB, read back within some 20 ms.
const CHECKPOINT_PAGES: i64 = 4000;

/// The connection that writes. Owned by the engine's thread.
#[derive(Debug)]
pub struct Writer {
    db: Connection,
    link: Link,
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
        db.busy_timeout(std::time::Duration::from_secs(5))?;
        db.set_prepared_statement_cache_capacity(32);
        migrate::migrate(&mut db, &path)?;
        let (state, link) = load::load(&db)?;
        let anchor = Anchor::open(folder)?;
        anchor.check(state.position, link)?;
        Ok((Self { db, link, anchor }, state))
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

    /// Stores the events and the state after them, and syncs. On an error nothing may be acknowledged.
    pub fn commit(&mut self, records: Vec<Record>, state: &State) -> Result<Durable<Vec<Record>>, Fault> {
        if records.is_empty() {
            return Ok(Durable::new(records));
        }
        let tx = self.db.transaction()?;
        let mut link = self.link;
        let mut touched = Touched::default();
        for record in &records {
            link = row::insert(&tx, link, record)?;
            touched.add(&record.event);
        }
        touched.write(&tx, state)?;
        tx.prepare_cached(
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
        tx.commit()?;
        self.anchor.write(state.position, link);
        self.link = link;
        Ok(Durable::new(records))
    }

    /// The state after the last event that is stored.
    pub fn load(&mut self) -> Result<State, Fault> {
        let (state, link) = load::load(&self.db)?;
        self.link = link;
        Ok(state)
    }

    /// One stored event of a position: the message, where there is one.
    pub fn message_at(&self, position: Position) -> Result<Option<Durable<Record>>, Fault> {
        let sql = format!("SELECT {} FROM events WHERE id > ? AND id <= ? AND seq IS NOT NULL", row::COLUMNS);
        let mut found = self.db.prepare_cached(&sql)?;
        let range = [crate::Cursor::after(Position(position.0 - 1)).0, crate::Cursor::after(position).0];
        let mut rows = found.query(range)?;
        Ok(rows.next()?.map(row::read).transpose()?.map(Durable::new))
    }

    /// All events after a position: what a failed commit turned out to have stored.
    pub fn stored_after(&self, position: Position) -> Result<Durable<Vec<Record>>, Fault> {
        let sql = format!("SELECT {} FROM events WHERE id > ? ORDER BY id", row::COLUMNS);
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

impl Past for Writer {
    fn said(&self, author: UserId, id: ClientId) -> Option<Said> {
        let sql = "SELECT id, seq FROM events WHERE author = ? AND client_id = ?";
        let mut found = self.db.prepare_cached(sql).expect("the statement fits the schema");
        found
            .query_row(params![author.0 as i64, id.0], |row| {
                let (position, _) = crate::Cursor(row.get(0)?).place();
                Ok(Said { position, seq: Seq(row.get::<_, i64>(1)? as u64) })
            })
            .optional()
            .expect("an index that was open a moment ago can be read")
    }
}

//! How far each hook's receiver has come, and what became of the last deliveries: a file of its own, since none of it is the
//! log. Knows no network and no secret.

use crate::folder::private_file;
use crate::{Cursor, Fault, Folder};
use chatroom_model::{HookId, Millis, Position, Seq};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};
use std::collections::HashSet;

/// The file's name. Whoever deletes it lets all hooks go on from the end of the log.
pub const DELIVERIES: &str = "deliveries.db";
/// Deliveries of one hook that are kept; past this the oldest is forgotten.
pub const DELIVERIES_MAX: usize = 100;
/// The form of the file this build reads and writes.
const FORM: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE since (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL) STRICT;
    CREATE TABLE hooks (
        id      INTEGER PRIMARY KEY,
        acked   INTEGER NOT NULL,   -- the last row of the log that its receiver has taken
        failing INTEGER,            -- since when it takes nothing
        tries   INTEGER NOT NULL    -- how often what is next has been tried
    ) STRICT;
    CREATE TABLE deliveries (
        id      INTEGER PRIMARY KEY,
        hook    INTEGER NOT NULL,
        time    INTEGER NOT NULL,
        event   TEXT NOT NULL,      -- message, edited, redacted, ping, skipped
        seq     INTEGER,            -- the message's number in its room
        attempt INTEGER NOT NULL,
        status  INTEGER,
        error   TEXT,
        took    INTEGER NOT NULL    -- ms
    ) STRICT;
    CREATE INDEX deliveries_by_hook ON deliveries (hook, id);
";

/// Where the deliveries are noted. One task has it.
#[derive(Debug)]
pub struct Deliveries(Connection);

/// How far a hook's receiver has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What it has taken last.
    pub acked: Cursor,
    /// Since when it takes nothing.
    pub failing: Option<Millis>,
    /// How often what is next has been tried.
    pub tries: u32,
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// When.
    pub time: Millis,
    /// What was sent.
    pub event: String,
    /// The number of the message it is about, in its room.
    pub seq: Option<Seq>,
    /// The how many-eth try it was, from 1.
    pub attempt: u32,
    /// What the receiver answered.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// Milliseconds it took.
    pub took: u64,
}

impl Deliveries {
    /// Opens the file, or makes it: what hooks missed until the log was at `head` is not known then, and not sent.
    pub fn open(folder: &Folder, head: Position) -> Result<Self, Fault> {
        let path = folder.path().join(DELIVERIES);
        private_file(&path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut db = Connection::open_with_flags(&path, flags)?;
        db.busy_timeout(std::time::Duration::from_secs(5))?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        // What was taken is not sent again, also after a power cut.
        db.pragma_update(None, "synchronous", "FULL")?;
        match db.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))? {
            0 => {
                let tx = db.transaction()?;
                tx.execute_batch(SCHEMA)?;
                tx.execute("INSERT INTO since VALUES (1, ?)", [head.0 as i64])?;
                tx.pragma_update(None, "user_version", FORM)?;
                tx.commit()?;
            }
            FORM => {}
            found => return Err(Fault::Newer { found, known: FORM }),
        }
        Ok(Self(db))
    }

    /// How far a hook has come. One that has sent nothing yet begins where it was added, or where the file was made.
    pub fn standing(&self, hook: HookId) -> Result<Standing, Fault> {
        let sql = "SELECT acked, failing, tries FROM hooks WHERE id = ?";
        let found = self.0.prepare_cached(sql)?.query_row([hook.0 as i64], |row| {
            let (failing, tries) = (row.get::<_, Option<i64>>(1)?.map(Millis), row.get(2)?);
            Ok(Standing { acked: Cursor(row.get(0)?), failing, tries })
        });
        if let Some(standing) = found.optional()? {
            return Ok(standing);
        }
        let since = self.0.query_row("SELECT position FROM since", [], |row| row.get::<_, i64>(0))?;
        Ok(Standing { acked: Cursor::after(Position(hook.0.max(since as u64))), ..Standing::default() })
    }

    /// Notes how far a hook has come, where it is known, and what became of a try.
    pub fn note(
        &mut self,
        hook: HookId,
        standing: Option<Standing>,
        delivery: &Delivery,
    ) -> Result<(), Fault> {
        let tx = self.0.transaction()?;
        if let Some(Standing { acked, failing, tries }) = standing {
            tx.prepare_cached("INSERT OR REPLACE INTO hooks VALUES (?, ?, ?, ?)")?.execute(params![
                hook.0 as i64,
                acked.0,
                failing.map(|since| since.0),
                tries
            ])?;
        }
        let sql = "INSERT INTO deliveries (hook, time, event, seq, attempt, status, error, took) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        tx.prepare_cached(sql)?.execute(params![
            hook.0 as i64,
            delivery.time.0,
            delivery.event,
            delivery.seq.map(|seq| seq.0 as i64),
            delivery.attempt,
            delivery.status,
            delivery.error,
            delivery.took as i64
        ])?;
        let old = "DELETE FROM deliveries WHERE hook = ?1 AND id <= (SELECT id FROM deliveries WHERE hook = ?1 \
                   ORDER BY id DESC LIMIT 1 OFFSET ?2)";
        tx.prepare_cached(old)?.execute([hook.0 as i64, DELIVERIES_MAX as i64])?;
        Ok(tx.commit()?)
    }

    /// The last tries of a hook, the last first.
    pub fn last(&self, hook: HookId) -> Result<Vec<Delivery>, Fault> {
        let sql = "SELECT time, event, seq, attempt, status, error, took FROM deliveries WHERE hook = ? \
                   ORDER BY id DESC LIMIT ?";
        let mut found = self.0.prepare_cached(sql)?;
        let rows = found.query_map([hook.0 as i64, DELIVERIES_MAX as i64], |row| {
            Ok(Delivery {
                time: Millis(row.get(0)?),
                event: row.get(1)?,
                seq: row.get::<_, Option<i64>>(2)?.map(|seq| Seq(seq as u64)),
                attempt: row.get(3)?,
                status: row.get(4)?,
                error: row.get(5)?,
                took: row.get::<_, i64>(6)? as u64,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets all hooks but these.
    pub fn keep(&mut self, hooks: &HashSet<HookId>) -> Result<(), Fault> {
        let tx = self.0.transaction()?;
        let known: Vec<i64> = tx
            .prepare_cached("SELECT id FROM hooks UNION SELECT DISTINCT hook FROM deliveries")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for id in known.into_iter().filter(|id| !hooks.contains(&HookId(*id as u64))) {
            tx.execute("DELETE FROM hooks WHERE id = ?", [id])?;
            tx.execute("DELETE FROM deliveries WHERE hook = ?", [id])?;
        }
        Ok(tx.commit()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(attempt: u32) -> Delivery {
        Delivery {
            time: Millis(7),
            event: "message".into(),
            seq: Some(Seq(3)),
            attempt,
            status: Some(500),
            error: None,
            took: 12,
        }
    }

    #[test]
    fn it_goes_on_where_it_was_and_keeps_no_more_than_it_may() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder::new(folder.path());
        let (old, new) = (HookId(5), HookId(50));
        let mut file = Deliveries::open(&folder, Position(20)).unwrap();
        assert_eq!(file.standing(old).unwrap().acked, Cursor::after(Position(20)));
        assert_eq!(file.standing(new).unwrap().acked, Cursor::after(Position(50)));
        let standing = Standing { acked: Cursor::after(Position(60)), failing: Some(Millis(9)), tries: 2 };
        for attempt in 1..=DELIVERIES_MAX as u32 + 1 {
            file.note(new, Some(standing), &tried(attempt)).unwrap();
        }
        file.note(old, None, &tried(1)).unwrap();
        drop(file);
        let mut file = Deliveries::open(&folder, Position(99)).unwrap();
        assert_eq!(file.standing(new).unwrap(), standing);
        assert_eq!(file.standing(old).unwrap().acked, Cursor::after(Position(20)));
        let last = file.last(new).unwrap();
        assert_eq!((last.len(), &last[0]), (DELIVERIES_MAX, &tried(DELIVERIES_MAX as u32 + 1)));
        assert_eq!(last.last().unwrap().attempt, 2);
        file.keep(&[old].into()).unwrap();
        assert_eq!((file.last(new).unwrap().len(), file.last(old).unwrap().len()), (0, 1));
    }
}

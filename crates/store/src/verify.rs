//! Walks the chain: is every row what was written, and is none missing? Names the first that is not.

use crate::{Cursor, Fault, Reader, row};
use chatroom_model::chain::{self, GENESIS, Link};
use chatroom_model::durable::read_event;
use chatroom_model::{Event, Position, RoomId, Seq};
use rusqlite::Row;
use std::collections::HashMap;

/// A log that is whole.
#[derive(Clone, Copy, Debug)]
pub struct Verified {
    /// Rows walked.
    pub events: u64,
    /// Of these, messages that retention took away: their links hold, their words are no more.
    pub gone: u64,
    /// The last position.
    pub position: Position,
    /// The last link.
    pub link: Link,
}

/// The first row that is not what was written.
#[derive(Clone, Debug)]
pub struct Broken {
    /// Its entry's position.
    pub position: Position,
    /// Its number within the entry.
    pub part: u32,
    /// What is wrong with it.
    pub what: String,
}

/// Walks the whole chain; `progress` is told of every row.
pub fn verify(reader: &Reader, mut progress: impl FnMut(u64)) -> Result<Result<Verified, Broken>, Fault> {
    let db = reader.db();
    // One read transaction: a server that writes meanwhile does not move the end.
    let tx = db.unchecked_transaction()?;
    let sql = "SELECT id, time, data, salt, body, body_hash, link, room, seq, author, client_id, visible, kind, \
               (SELECT dropped FROM rooms WHERE rooms.id = events.room) FROM events ORDER BY id";
    let mut statement = tx.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut walk = Walk::default();
    while let Some(row) = rows.next()? {
        let (position, part) = Cursor(row.get(0)?).place();
        if let Err(what) = walk.step(row) {
            return Ok(Err(Broken { position, part, what }));
        }
        walk.position = position;
        progress(walk.events);
    }
    let (position, link): (i64, [u8; 32]) =
        tx.query_row("SELECT position, link FROM head", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if Link(link) != walk.link {
        let what = "rows are missing at the end: the chain does not end where the head says".into();
        return Ok(Err(Broken { position: walk.position, part: 0, what }));
    }
    // What is found by a search may be another row than what is met by walking, where the file's own order is damaged.
    let word: String = tx.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if word != "ok" {
        let what = format!("every row is what was written, but not where it would be looked for: {word}");
        return Ok(Err(Broken { position: walk.position, part: 0, what }));
    }
    Ok(Ok(Verified {
        events: walk.events,
        gone: walk.gone,
        position: Position(position as u64),
        link: walk.link,
    }))
}

struct Walk {
    events: u64,
    position: Position,
    time: i64,
    link: Link,
    gone: u64,
    last: HashMap<RoomId, Seq>,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            events: 0,
            position: Position(0),
            time: i64::MIN,
            link: GENESIS,
            gone: 0,
            last: HashMap::new(),
        }
    }
}

impl Walk {
    fn step(&mut self, row: &Row<'_>) -> Result<(), String> {
        let sql = |e: rusqlite::Error| e.to_string();
        let (position, part) = Cursor(row.get(0).map_err(sql)?).place();
        let time: i64 = row.get(1).map_err(sql)?;
        let data: String = row.get(2).map_err(sql)?;
        let salt: Option<[u8; 16]> = row.get(3).map_err(sql)?;
        let body: Option<String> = row.get(4).map_err(sql)?;
        let kept: Option<[u8; 32]> = row.get(5).map_err(sql)?;
        let link = Link(row.get(6).map_err(sql)?);
        if row.get_ref(12).map_err(sql)?.as_str().map_err(|e| e.to_string())? == "gone" {
            return self.gone(row, link);
        }
        let hash = match (&body, salt) {
            (Some(body), Some(salt)) => Some(chain::body_hash(&salt, body)),
            (Some(_), None) => return Err("a body without its salt".into()),
            (None, _) => kept,
        };
        if chain::link_row(self.link, position.0, part, time, data.as_bytes(), hash.as_ref()) != link {
            return Err("the row, or the one before it, is not what was written".into());
        }
        if time < self.time {
            return Err("its time is before that of the row before".into());
        }
        let event =
            read_event(&data, body.as_deref().or(hash.map(|_| "redacted"))).map_err(|e| e.to_string())?;
        self.columns(row, &event)?;
        self.events += 1;
        self.time = time;
        self.link = link;
        Ok(())
    }

    /// Retention took a message away: its link stays, which the next row's covers. Nothing else may be gone.
    fn gone(&mut self, row: &Row<'_>, link: Link) -> Result<(), String> {
        let sql = |e: rusqlite::Error| e.to_string();
        let (room, seq) = (row.get::<_, Option<i64>>(7), row.get::<_, Option<i64>>(8));
        if let (Some(room), Some(seq)) = (room.map_err(sql)?, seq.map_err(sql)?) {
            let dropped: Option<i64> = row.get(13).map_err(sql)?;
            if dropped.is_some_and(|dropped| seq > dropped) {
                return Err("it is gone, and no retention took it".into());
            }
            self.dense(RoomId(room as u64), Seq(seq as u64))?;
        }
        self.events += 1;
        self.gone += 1;
        self.link = link;
        Ok(())
    }

    /// The columns that indexes use must say what the chained data says, and seqs must be dense.
    fn columns(&mut self, row: &Row<'_>, event: &Event) -> Result<(), String> {
        let found = (|| {
            Ok::<_, rusqlite::Error>(row::Keys {
                room: row.get(7)?,
                seq: row.get(8)?,
                author: row.get(9)?,
                client_id: row.get(10)?,
            })
        })()
        .map_err(|e| e.to_string())?;
        let expected = row::keys(event);
        if let Event::Message { room, seq, .. } | Event::Imported { room, seq, .. } = event {
            self.dense(*room, *seq)?;
        }
        let visible: bool = row.get(11).map_err(|e| e.to_string())?;
        if found == expected && visible == row::visible(event) {
            Ok(())
        } else {
            Err("a column does not say what the chained data says".into())
        }
    }

    fn dense(&mut self, room: RoomId, seq: Seq) -> Result<(), String> {
        let last = self.last.entry(room).or_default();
        last.0 += 1;
        if *last == seq { Ok(()) } else { Err(format!("its seq is {seq}, {last} was due")) }
    }
}

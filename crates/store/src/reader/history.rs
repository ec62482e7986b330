//! Messages of one room as they stand now: paging by number or time, with their last words, reactions and pins.

use crate::{Cursor, Fault, Look, Reader, Sight, row};
use chatroom_model::{Body, Event, Fact, Millis, Position, Record, RoomId, Seq, UserId};
use rusqlite::params;

/// Which messages of a room, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// The last ones.
    Last,
    /// Those before this one.
    Before(Seq),
    /// Those after this one.
    After(Seq),
    /// This one and those around it.
    Around(Seq),
}

/// A message as it stands now.
#[derive(Debug)]
pub struct Told {
    /// As it was written; its words are gone when it was redacted.
    pub record: Record,
    /// Its number.
    pub seq: Seq,
    /// The words it was given last, where it was edited.
    pub edited: Option<Body>,
    /// Reactions, how often each, the oldest first.
    pub reactions: Vec<(String, u32)>,
}

impl Told {
    /// What it says now.
    #[must_use]
    pub fn body(&self) -> Option<&Body> {
        self.edited.as_ref().or(self.record.event.body())
    }
}

impl Reader {
    /// At most `n` messages of a room up to a position, oldest first. What may be read was decided by [`Reader::look`].
    pub fn history(
        &self,
        room: RoomId,
        span: Span,
        n: usize,
        upto: Position,
        sight: &Sight,
    ) -> Result<Vec<Told>, Fault> {
        let mut told = match span {
            Span::Last => self.backwards(room, Seq(u64::MAX >> 1), n, upto, sight)?,
            Span::Before(seq) => self.backwards(room, seq, n, upto, sight)?,
            Span::After(seq) => self.forwards(room, seq, n, upto, sight)?,
            Span::Around(seq) => {
                let mut told = self.backwards(room, seq, n / 2, upto, sight)?;
                let before = Seq(seq.0.saturating_sub(1));
                told.extend(self.forwards(room, before, n - told.len(), upto, sight)?);
                told
            }
        };
        self.now(room, &mut told)?;
        Ok(told)
    }

    fn backwards(
        &self,
        room: RoomId,
        before: Seq,
        n: usize,
        upto: Position,
        sight: &Sight,
    ) -> Result<Vec<Told>, Fault> {
        let order = "seq < ?2 AND kind <> 'gone' AND id <= ?3 ORDER BY seq DESC";
        let mut told = self.span(order, room, before, n, upto, sight)?;
        told.reverse();
        Ok(told)
    }

    fn forwards(
        &self,
        room: RoomId,
        after: Seq,
        n: usize,
        upto: Position,
        sight: &Sight,
    ) -> Result<Vec<Told>, Fault> {
        self.span("seq > ?2 AND kind <> 'gone' AND id <= ?3 ORDER BY seq", room, after, n, upto, sight)
    }

    fn span(
        &self,
        order: &str,
        room: RoomId,
        seq: Seq,
        n: usize,
        upto: Position,
        sight: &Sight,
    ) -> Result<Vec<Told>, Fault> {
        /// Rows looked at for one that is shown: what is hidden or ignored costs no more than this.
        const LOOKED_AT: usize = 20;
        let sql = format!("SELECT {} FROM events WHERE room = ?1 AND {order} LIMIT ?4", row::COLUMNS);
        let mut statement = self.0.prepare_cached(&sql)?;
        let most = n.saturating_mul(LOOKED_AT) as i64;
        let mut rows = statement.query(params![room.0 as i64, seq.0 as i64, Cursor::after(upto).0, most])?;
        let mut told = Vec::with_capacity(n.min(256));
        while let Some(found) = rows.next()? {
            if told.len() >= n {
                break;
            }
            let record = row::read(found)?;
            if sight.hides(&record) {
                continue;
            }
            let (Event::Message { seq, .. } | Event::Imported { seq, .. }) = &record.event else { continue };
            told.push(Told { seq: *seq, record, edited: None, reactions: Vec::new() });
        }
        Ok(told)
    }

    /// Adds what became of messages, which stand in order. Of most nothing did: that is asked once for all of them.
    fn now(&self, room: RoomId, told: &mut [Told]) -> Result<(), Fault> {
        let (Some(first), Some(last)) = (told.first(), told.last()) else { return Ok(()) };
        let range = [room.0 as i64, first.seq.0 as i64, last.seq.0 as i64];
        let sql = "SELECT DISTINCT seq FROM edits WHERE room = ? AND seq BETWEEN ? AND ?";
        let mut found = self.0.prepare_cached(sql)?;
        let edited = found.query_map(range, |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>()?;
        for one in told.iter_mut().filter(|one| edited.binary_search(&(one.seq.0 as i64)).is_ok()) {
            one.edited = self.last_words(room, one.seq)?;
        }
        let sql = "SELECT seq, emoji, count(*) FROM reactions WHERE room = ? AND seq BETWEEN ? AND ? \
                   GROUP BY seq, emoji ORDER BY seq, 3 DESC, emoji";
        let mut found = self.0.prepare_cached(sql)?;
        let mut rows = found.query(range)?;
        while let Some(row) = rows.next()? {
            let seq = Seq(row.get::<_, i64>(0)? as u64);
            if let Ok(at) = told.binary_search_by_key(&seq, |one| one.seq) {
                told[at].reactions.push((row.get(1)?, row.get(2)?));
            }
        }
        Ok(())
    }

    /// The reactions of one person to a message.
    pub fn reactions_of(&self, user: UserId, room: RoomId, seq: Seq) -> Result<Vec<String>, Fault> {
        let sql = "SELECT emoji FROM reactions WHERE room = ? AND seq = ? AND user = ?";
        let mut found = self.0.prepare_cached(sql)?;
        let key = [room.0 as i64, seq.0 as i64, user.0 as i64];
        Ok(found.query_map(key, |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// The words a message was given last, where it was edited and they are not gone.
    pub(crate) fn last_words(&self, room: RoomId, seq: Seq) -> Result<Option<Body>, Fault> {
        let sql = format!(
            "SELECT {} FROM events WHERE id = (SELECT max(id) FROM edits WHERE room = ? AND seq = ?)",
            row::COLUMNS
        );
        let mut found = self.0.prepare_cached(&sql)?;
        let mut rows = found.query([room.0 as i64, seq.0 as i64])?;
        let Some(found) = rows.next()? else { return Ok(None) };
        match row::read(found)?.event {
            Event::Fact(Fact::Edited { body, .. }) if !body.is_redacted() => Ok(Some(body)),
            _ => Ok(None),
        }
    }

    /// The time of the first event after a cursor, or of the last one there is.
    pub fn time_at(&self, cursor: Cursor) -> Result<Millis, Fault> {
        let sql = "SELECT coalesce((SELECT time FROM events WHERE id >= ? ORDER BY id LIMIT 1), \
                   (SELECT time FROM head))";
        Ok(Millis(self.0.prepare_cached(sql)?.query_row([cursor.0], |row| row.get(0))?))
    }

    /// The wordings a message was given after its first, oldest first, as they stand in the log up to a position.
    pub fn wordings(&self, room: RoomId, seq: Seq, upto: Position) -> Result<Vec<Body>, Fault> {
        let sql = format!(
            "SELECT {} FROM events WHERE id IN (SELECT id FROM edits WHERE room = ? AND seq = ? AND id <= ?) ORDER BY id",
            row::COLUMNS
        );
        let mut found = self.0.prepare_cached(&sql)?;
        let mut rows = found.query(params![room.0 as i64, seq.0 as i64, Cursor::after(upto).0])?;
        let mut wordings = Vec::new();
        while let Some(found) = rows.next()? {
            if let Event::Fact(Fact::Edited { body, .. }) = row::read(found)?.event {
                wordings.push(body);
            }
        }
        Ok(wordings)
    }

    /// The messages that are up in a room, in the order in which they were put there.
    pub fn pinned(&self, look: &Look, upto: Position, sight: &Sight) -> Result<Vec<Told>, Fault> {
        let mut told = Vec::new();
        for seq in &look.room.pins {
            let before = Seq(seq.0.saturating_sub(1));
            told.extend(
                self.history(look.id, Span::After(before), 1, upto, sight)?
                    .into_iter()
                    .filter(|one| one.seq == *seq),
            );
        }
        Ok(told)
    }

    /// The number of the last message of a room that was written before a time.
    pub fn seq_before(&self, room: RoomId, time: Millis) -> Result<Seq, Fault> {
        let last = self
            .0
            .prepare_cached("SELECT coalesce(max(seq), 0) FROM events WHERE room = ? AND seq > 0")?
            .query_row([room.0 as i64], |row| row.get::<_, i64>(0))? as u64;
        let mut at = self.0.prepare_cached("SELECT time FROM events WHERE room = ? AND seq = ?")?;
        // Times never run backwards along a room's numbers.
        let (mut low, mut high) = (0, last);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            let then: i64 = at.query_row([room.0 as i64, middle as i64], |row| row.get(0))?;
            if then < time.0 { low = middle } else { high = middle - 1 }
        }
        Ok(Seq(low))
    }

    /// How many messages of somebody a purge would hide, up to a bound.
    pub fn count_by(&self, room: RoomId, author: UserId, since: Millis) -> Result<u64, Fault> {
        let from = self.seq_before(room, since)?;
        let sql =
            "SELECT count(*) FROM events WHERE room = ? AND seq > ? AND author = ? AND body IS NOT NULL";
        let mut found = self.0.prepare_cached(sql)?;
        Ok(found.query_row([room.0 as i64, from.0 as i64, author.0 as i64], |row| row.get::<_, i64>(0))?
            as u64)
    }
}

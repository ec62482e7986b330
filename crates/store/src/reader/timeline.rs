//! What happened in a room between two places, by number, event or time: messages as they stand now, and what else was told
//! there. What may be read was decided by [`Reader::look`]; bounded.

use super::history::{Span, Told};
use crate::{Cursor, Fault, Look, Reader, Sight, row};
use chatroom_model::{Event, Millis, Position, Record, RoomId, Seq};
use rusqlite::params;

/// Rows looked at for what else happened; past this only messages are shown.
const ROWS: i64 = 4000;

/// A place in a room's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The beginning, or the end.
    Open,
    /// A message.
    Message(Seq),
    /// Another event, by the place of its entry and its number there.
    Event(Position, u32),
    /// A time.
    Time(Millis),
}

/// Which part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The last ones after a place.
    Latest(Mark),
    /// Those before a place.
    Before(Mark),
    /// Those after a place.
    After(Mark),
    /// A place and what is around it.
    Around(Mark),
    /// Those between two places, beginning at the first.
    Between(Mark, Mark),
}

/// One thing that happened.
#[derive(Debug)]
pub enum Item {
    /// A message, as it stands now.
    Message(Told),
    /// Something else.
    Event(Record),
}

impl Item {
    /// The event by which it happened.
    #[must_use]
    pub fn record(&self) -> &Record {
        match self {
            Self::Message(told) => &told.record,
            Self::Event(record) => record,
        }
    }
}

/// One end of a stretch.
#[derive(Clone, Copy)]
struct End {
    cursor: Cursor,
    time: Option<Millis>,
}

/// What is read: how much, of what, for whom.
#[derive(Clone, Copy)]
struct Reading<'a> {
    room: RoomId,
    limit: usize,
    upto: Position,
    sight: &'a Sight,
    events: bool,
}

impl Reader {
    /// At most `limit` things that happened in a room up to a position, oldest first; without `events` messages only.
    pub fn timeline(
        &self,
        look: &Look,
        part: Part,
        limit: usize,
        upto: Position,
        sight: &Sight,
        events: bool,
    ) -> Result<Vec<Item>, Fault> {
        let reading = Reading { room: look.id, limit, upto, sight, events };
        let (begin, end) = (self.lower(&reading, Mark::Open)?, self.upper(&reading, Mark::Open)?);
        match part {
            Part::Latest(mark) => self.backwards_from(&reading, self.lower(&reading, mark)?, end),
            Part::Before(mark) => self.backwards_from(&reading, begin, self.upper(&reading, mark)?),
            Part::After(mark) => self.forwards_from(&reading, self.lower(&reading, mark)?, end),
            Part::Around(mark) => {
                let middle = self.upper(&reading, mark)?;
                let half = Reading { limit: limit / 2, ..reading };
                let mut items = self.backwards_from(&half, begin, middle)?;
                let rest = Reading { limit: limit - items.len(), ..reading };
                let before = End { cursor: Cursor(middle.cursor.0 - 1), time: None };
                items.extend(self.forwards_from(&rest, before, end)?);
                Ok(items)
            }
            Part::Between(first, second) => {
                let (a, b) = (self.upper(&reading, first)?, self.upper(&reading, second)?);
                if a.cursor <= b.cursor {
                    self.forwards_from(&reading, self.lower(&reading, first)?, b)
                } else {
                    self.backwards_from(&reading, self.lower(&reading, second)?, a)
                }
            }
        }
    }

    /// What comes after a mark comes after this.
    fn lower(&self, reading: &Reading<'_>, mark: Mark) -> Result<End, Fault> {
        let plain = |cursor| End { cursor, time: None };
        Ok(match mark {
            Mark::Open => plain(Cursor(0)),
            Mark::Message(seq) => plain(self.place_of(reading.room, seq)?.unwrap_or_default()),
            Mark::Event(position, part) => plain(Cursor::of(position, part)),
            Mark::Time(time) => {
                // What was written at that time is not after it.
                let seq = self.seq_before(reading.room, time.plus(1))?;
                End { cursor: self.place_of(reading.room, seq)?.unwrap_or_default(), time: Some(time) }
            }
        })
    }

    /// What comes before a mark comes before this.
    fn upper(&self, reading: &Reading<'_>, mark: Mark) -> Result<End, Fault> {
        let end = Cursor(Cursor::after(reading.upto).0 + 1);
        let plain = |cursor| End { cursor, time: None };
        Ok(match mark {
            Mark::Open => plain(end),
            Mark::Message(seq) => plain(self.place_of(reading.room, seq)?.unwrap_or(end)),
            Mark::Event(position, part) => plain(Cursor::of(position, part)),
            Mark::Time(time) => {
                let next = Seq(self.seq_before(reading.room, time)?.0 + 1);
                End { cursor: self.place_of(reading.room, next)?.unwrap_or(end), time: Some(time) }
            }
        })
    }

    fn place_of(&self, room: RoomId, seq: Seq) -> Result<Option<Cursor>, Fault> {
        let sql = "SELECT id FROM events WHERE room = ? AND seq = ?";
        let mut found = self.0.prepare_cached(sql)?;
        let mut rows = found.query([room.0 as i64, seq.0 as i64])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?.map(Cursor))
    }

    /// The number of a room's last message before a place; places rise with numbers.
    fn seq_at(&self, room: RoomId, before: Cursor) -> Result<Seq, Fault> {
        let last = self
            .0
            .prepare_cached("SELECT coalesce(max(seq), 0) FROM events WHERE room = ? AND seq > 0")?
            .query_row([room.0 as i64], |row| row.get::<_, i64>(0))? as u64;
        let (mut low, mut high) = (0, last);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            match self.place_of(room, Seq(middle))? {
                Some(place) if place < before => low = middle,
                _ => high = middle - 1,
            }
        }
        Ok(Seq(low))
    }

    fn forwards_from(&self, reading: &Reading<'_>, from: End, upto: End) -> Result<Vec<Item>, Fault> {
        let first = self.seq_at(reading.room, Cursor(from.cursor.0 + 1))?;
        let told =
            self.history(reading.room, Span::After(first), reading.limit, reading.upto, reading.sight)?;
        let full = told.len() >= reading.limit;
        let last = told.last().filter(|_| full).map_or(upto.cursor, |told| Cursor::at(&told.record));
        let mut items = self.merge(reading, told, from, upto, (from.cursor, last))?;
        items.truncate(reading.limit);
        Ok(items)
    }

    fn backwards_from(&self, reading: &Reading<'_>, from: End, upto: End) -> Result<Vec<Item>, Fault> {
        let next = Seq(self.seq_at(reading.room, upto.cursor)?.0 + 1);
        let told =
            self.history(reading.room, Span::Before(next), reading.limit, reading.upto, reading.sight)?;
        let full = told.len() >= reading.limit;
        let first = told.first().filter(|_| full).map_or(from.cursor, |told| Cursor::at(&told.record));
        let mut items = self.merge(reading, told, from, upto, (first, upto.cursor))?;
        let cut = items.len().saturating_sub(reading.limit);
        items.drain(..cut);
        Ok(items)
    }

    /// Messages and what else happened among them, in order, where it lies between both ends.
    fn merge(
        &self,
        reading: &Reading<'_>,
        told: Vec<Told>,
        from: End,
        upto: End,
        stretch: (Cursor, Cursor),
    ) -> Result<Vec<Item>, Fault> {
        let mut items: Vec<Item> = told.into_iter().map(Item::Message).collect();
        if reading.events {
            let events = self.happened(reading, stretch)?;
            items.extend(events.into_iter().map(Item::Event));
        }
        items.retain(|item| {
            let (at, time) = (Cursor::at(item.record()), item.record().time);
            let after = from.time.map_or(at > from.cursor, |from| time > from);
            let before = upto.time.map_or(at < upto.cursor, |upto| time < upto);
            after && before
        });
        items.sort_by_key(|item| Cursor::at(item.record()));
        Ok(items)
    }

    fn happened(&self, reading: &Reading<'_>, (from, upto): (Cursor, Cursor)) -> Result<Vec<Record>, Fault> {
        let sql = format!(
            "SELECT {} FROM events WHERE id > ? AND id < ? AND room IS NULL AND visible AND kind IN \
             ('joined', 'left', 'role_set', 'room_set', 'sanctioned', 'reacted') ORDER BY id LIMIT ?",
            row::COLUMNS
        );
        let mut statement = self.0.prepare_cached(&sql)?;
        let mut rows = statement.query(params![from.0, upto.0, ROWS + 1])?;
        let (mut found, mut read) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            read += 1;
            if read > ROWS {
                return Ok(Vec::new());
            }
            let record = row::read(row)?;
            let here = matches!(&record.event, Event::Fact(fact) if fact.at().is_some_and(|at| at.room == reading.room));
            if here && reading.sight.sees(&record) {
                found.push(record);
            }
        }
        Ok(found)
    }
}

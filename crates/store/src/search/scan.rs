//! Looks at candidates, newest first, and keeps what is said, where, when and by whom it was asked for. Counts the cost.

use super::ask::{Asked, Looked};
use super::change::{self, Change, Document, LogRow, News, Said, said};
use super::effect;
use super::file::Head;
use super::tokens::Wanted;
use super::{Cost, Hit, Hits, PASSED_OVER, ROOMS_NAMED, Scope, TAIL_MAX};
use crate::{Cursor, Fault, Reader, row};
use chatroom_model::{Event, Millis, Name, Query, Record, RoomId};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// One search under way.
pub(super) struct Scan<'a, F> {
    log: &'a Reader,
    query: &'a Query,
    scope: &'a Scope,
    wanted: Wanted,
    rooms: Option<BTreeSet<RoomId>>,
    from: Option<Name>,
    cost: Cost,
    may_see: F,
    hits: Vec<Hit>,
    looked_at: usize,
    passed_over: usize,
    next: Option<Cursor>,
    /// Messages before the tail that were edited in it; dealt with in their order.
    edited: BTreeSet<i64>,
}

impl<'a, F: FnMut(&Record) -> bool> Scan<'a, F> {
    pub(super) fn new(log: &'a Reader, query: &'a Query, scope: &'a Scope, cost: Cost, may_see: F) -> Self {
        Self {
            log,
            query,
            scope,
            wanted: Wanted::of(query),
            rooms: scope.rooms.as_ref().map(|rooms| rooms.iter().copied().collect()),
            from: query.from.as_deref().filter(|_| scope.author.is_none()).map(Name::kept),
            cost,
            may_see,
            hits: Vec::new(),
            looked_at: 0,
            passed_over: 0,
            next: None,
            edited: BTreeSet::new(),
        }
    }

    /// Reads through what stands after the index's end; whether that was all of it. A message that was edited there is
    /// looked at where the message itself stands: those further back are kept for [`Scan::index`].
    pub(super) fn tail(&mut self, indexed: i64, before: i64) -> Result<bool, Fault> {
        let sql = format!("SELECT {} FROM events WHERE id > ? ORDER BY id DESC LIMIT ?", LogRow::COLUMNS);
        let mut statement = self.log.db().prepare_cached(&sql)?;
        let mut rows = statement.query(params![indexed, TAIL_MAX as i64 + 1])?;
        for _ in 0..TAIL_MAX {
            let Some(row) = rows.next()? else { return Ok(true) };
            let Some(row) = LogRow::read(row)? else { continue };
            let (id, edit) = (row.id, row.news == News::Edited);
            if !edit && id >= before {
                continue;
            }
            if edit {
                self.note_edit(&row, before)?;
                continue;
            }
            // Only what may be a hit counts as a candidate, as with the index.
            let candidate = self.edited.remove(&id)
                || matches!(row.change(), Some(Change::Add(document)) if self.may_be(&document));
            if candidate && self.look_at(id)?.is_break() {
                return Ok(true);
            }
        }
        Ok(rows.next()?.is_none())
    }

    /// Keeps a message in mind that says from then on what is searched for.
    fn note_edit(&mut self, row: &LogRow, before: i64) -> Result<(), Fault> {
        let Some((room, seq)) = change::place(&row.data) else { return Ok(()) };
        if self.rooms.as_ref().is_none_or(|rooms| rooms.contains(&room))
            && row.body.as_ref().is_some_and(|body| self.wanted.marks(body).is_some())
            && let Some(id) = effect::id(self.log, room, seq)?
            && id < before
        {
            self.edited.insert(id);
        }
        Ok(())
    }

    /// Looks at edited messages down to one, newest first.
    fn edited_from(&mut self, low: i64) -> Result<ControlFlow<()>, Fault> {
        while let Some(id) = self.edited.last().copied().filter(|id| *id >= low) {
            if self.look_at(id)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.edited.remove(&id);
        }
        Ok(ControlFlow::Continue(()))
    }

    fn may_be(&self, document: &Document) -> bool {
        self.rooms.as_ref().is_none_or(|rooms| rooms.contains(&document.room))
            && self.scope.author.is_none_or(|author| author == document.author)
            && self.from.as_ref().is_none_or(|from| *from == Name::kept(&document.name))
            && self.wanted.marks(&document.text).is_some()
    }

    /// Looks at what the index tells of.
    pub(super) fn index(&mut self, db: &Connection, head: Head, before: i64) -> Result<Looked, Fault> {
        if self.next.is_some() || self.rooms.as_ref().is_some_and(BTreeSet::is_empty) {
            return Ok(Looked::Stopped);
        }
        let low = self.query.after.map_or(Ok(0), |after| self.first_at(after))?;
        // Imported lines are older than their place tells: up to the last of them the date alone decides.
        let high = match self.query.before {
            Some(moment) => self.first_at(moment)?.max(head.imported.saturating_add(1)),
            None => i64::MAX,
        };
        let high = high.min(before).min(head.cursor.saturating_add(1));
        let named = self.worth_naming()?;
        let rooms = self.scope.rooms.as_deref().filter(|_| named);
        let asked = Asked::new(self.query, &self.wanted, self.scope.author, rooms);
        let Some(asked) = asked else { return Ok(Looked::All) };
        let looked = asked.each(db, low, high, self.cost.volumes, |id| {
            let known = self.edited.contains(&id);
            if self.edited_from(id)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            match known || self.elsewhere(id)? {
                true if known => Ok(ControlFlow::Continue(())),
                true => Ok(self.pass_over(id)),
                false => self.look_at(id),
            }
        })?;
        match looked {
            Looked::From(id) => {
                if self.edited_from(id)?.is_continue() {
                    self.next = Some(Cursor(id));
                }
            }
            Looked::All | Looked::Damaged => {
                let _ = self.edited_from(0)?;
            }
            Looked::Stopped => {}
        }
        Ok(looked)
    }

    pub(super) fn finish(self, complete: bool) -> Hits {
        Hits { hits: self.hits, next: self.next, complete }
    }

    /// Rooms in which little of all was said make the index find less. Those with most of it only make it slower, and are
    /// told apart afterwards.
    fn worth_naming(&self) -> Result<bool, Fault> {
        let Some(rooms) = self.rooms.as_ref().filter(|rooms| rooms.len() <= ROOMS_NAMED) else {
            return Ok(false);
        };
        let all: i64 = self.log.position()?.0 as i64;
        let mut said = 0;
        for room in rooms {
            let sql = "SELECT max(seq) FROM events WHERE room = ? AND seq IS NOT NULL";
            let last: Option<i64> =
                self.log.db().prepare_cached(sql)?.query_row([room.0 as i64], |row| row.get(0))?;
            said += last.unwrap_or_default();
        }
        // With one room there is one more list to walk, with many there are many.
        Ok(rooms.len() == 1 || self.wanted.is_empty() || said < all / 4)
    }

    /// Whether a message stands in a room that was not asked for.
    fn elsewhere(&self, id: i64) -> Result<bool, Fault> {
        let Some(rooms) = &self.rooms else { return Ok(false) };
        let mut statement = self.log.db().prepare_cached("SELECT room FROM events WHERE id = ?")?;
        let room: Option<Option<i64>> = statement.query_row([id], |row| row.get(0)).optional()?;
        Ok(room.flatten().is_none_or(|room| !rooms.contains(&RoomId(room as u64))))
    }

    fn pass_over(&mut self, id: i64) -> ControlFlow<()> {
        if self.passed_over == self.cost.candidates.saturating_mul(PASSED_OVER) {
            self.next = Some(Cursor(id.saturating_add(1)));
            return ControlFlow::Break(());
        }
        self.passed_over += 1;
        ControlFlow::Continue(())
    }

    /// Keeps a message when it is one that was asked for; stops when the cost is used up.
    fn look_at(&mut self, id: i64) -> Result<ControlFlow<()>, Fault> {
        if self.hits.len() == self.cost.hits || self.looked_at == self.cost.candidates {
            self.next = Some(Cursor(id.saturating_add(1)));
            return Ok(ControlFlow::Break(()));
        }
        self.looked_at += 1;
        if let Some(hit) = self.hit(id)? {
            self.hits.push(hit);
        }
        Ok(ControlFlow::Continue(()))
    }

    fn hit(&mut self, id: i64) -> Result<Option<Hit>, Fault> {
        let Some(record) = self.record(id)? else { return Ok(None) };
        let edited = match &record.event {
            Event::Message { room, seq, .. } => self.log.last_words(*room, *seq)?,
            _ => None,
        };
        let said = said(&record, edited.as_ref()).filter(|said| self.asked_for(said));
        let Some(marks) = said.and_then(|said| self.wanted.marks(said.text)) else { return Ok(None) };
        Ok((self.may_see)(&record).then_some(Hit { record, edited, marks }))
    }

    /// A row that the log no longer has is no hit.
    fn record(&self, id: i64) -> Result<Option<Record>, Fault> {
        let sql = format!("SELECT {} FROM events WHERE id = ? AND body IS NOT NULL", row::COLUMNS);
        let mut statement = self.log.db().prepare_cached(&sql)?;
        let mut rows = statement.query([id])?;
        rows.next()?.map(row::read).transpose()
    }

    fn asked_for(&self, said: &Said<'_>) -> bool {
        self.rooms.as_ref().is_none_or(|rooms| rooms.contains(&said.room))
            && self.scope.author.is_none_or(|author| author == said.author)
            && self.from.as_ref().is_none_or(|from| *from == Name::kept(said.name))
            && self.query.after.is_none_or(|after| after <= said.at)
            && self.query.before.is_none_or(|before| said.at < before)
    }

    /// The id of the first event at a moment or later; past the last one when there is none. The log's time never runs
    /// backwards, so halving finds it.
    fn first_at(&self, moment: Millis) -> Result<i64, Fault> {
        let mut statement =
            self.log.db().prepare_cached("SELECT id, time FROM events WHERE id >= ? ORDER BY id LIMIT 1")?;
        let last: Option<i64> =
            self.log.db().query_row("SELECT max(id) FROM events", [], |row| row.get(0))?;
        let (mut low, mut high) = (0, last.unwrap_or_default().saturating_add(1));
        while low < high {
            let middle = low + (high - low) / 2;
            let found: Option<(i64, i64)> =
                statement.query_row([middle], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            match found {
                Some((id, time)) if time < moment.0 => low = id + 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }
}

//! What one user may see of the log: where they were in which room, what is hidden there, and of whom they want to hear
//! nothing. Asks the model's one table of audiences; knows no query.

use crate::{Cursor, Fault, Reader, load};
use chatroom_model::{Event, Fact, Position, Purge, Record, RoomId, SessionId, UserId, Viewer, audience};
use std::collections::{HashMap, HashSet};

/// A user's view of the log.
#[derive(Debug)]
pub struct Sight {
    user: UserId,
    session: SessionId,
    /// Rooms, each from where to where; who is in it now is in it to the end. Of the entry by which somebody goes out they
    /// see what stands before and no more: what follows of it is given to whoever is left.
    stays: Vec<(RoomId, Cursor, Cursor)>,
    hidden: HashMap<RoomId, Vec<Purge>>,
    ignored: HashSet<UserId>,
}

struct At<'a>(&'a Sight, Cursor);

impl Viewer for At<'_> {
    fn user(&self) -> UserId {
        self.0.user
    }

    fn session(&self) -> SessionId {
        self.0.session
    }

    fn inside(&self, room: RoomId) -> bool {
        self.0.stays.iter().any(|(at, since, upto)| *at == room && *since <= self.1 && self.1 <= *upto)
    }
}

impl Sight {
    /// Whether an event may be shown, at the place where it happened.
    #[must_use]
    pub fn sees(&self, record: &Record) -> bool {
        audience(&record.event).includes(&At(self, Cursor::at(record))) && !self.hides(record)
    }

    /// Whether an event is kept from this user although they were there: hidden by a purge, or by somebody they ignore.
    #[must_use]
    pub fn hides(&self, record: &Record) -> bool {
        let (room, seq, author) = match &record.event {
            Event::Message { room, seq, author, .. } => (*room, *seq, *author),
            Event::Fact(Fact::Edited { at, seq, author, .. }) => (at.room, *seq, *author),
            Event::Fact(Fact::Reacted { user, .. }) => return self.ignored.contains(user),
            _ => return false,
        };
        let purges = self.hidden.get(&room);
        self.ignored.contains(&author)
            || purges.is_some_and(|purges| purges.iter().any(|purge| purge.hides(author, seq, record.time)))
    }
}

impl Reader {
    /// What a user may see from a position on.
    pub fn sight(&self, user: UserId, session: SessionId, from: Position) -> Result<Sight, Fault> {
        let mut stays = Vec::new();
        let mut hidden = HashMap::new();
        let mut found = self.0.prepare_cached(
            "SELECT room, since, 9223372036854775807 FROM members WHERE user = ?1 UNION ALL \
             SELECT room, since, upto FROM stays WHERE user = ?1 AND upto >= ?2",
        )?;
        let mut rows = found.query([user.0 as i64, Cursor::of(from, 0).0])?;
        while let Some(row) = rows.next()? {
            let room = RoomId(row.get::<_, i64>(0)? as u64);
            let since = Position(row.get::<_, i64>(1)? as u64);
            stays.push((room, Cursor::of(since, 0), Cursor(row.get(2)?)));
        }
        let mut found = self.0.prepare_cached("SELECT DISTINCT room FROM purges")?;
        let rooms = found.query_map([], |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>()?;
        for room in rooms {
            let room = RoomId(room as u64);
            hidden.insert(room, load::purges(&self.0, room)?);
        }
        let mut found = self.0.prepare_cached("SELECT other FROM ignores WHERE owner = ?")?;
        let ignored = found.query_map([user.0 as i64], |row| Ok(UserId(row.get::<_, i64>(0)? as u64)))?;
        Ok(Sight { user, session, stays, hidden, ignored: ignored.collect::<Result<_, _>>()? })
    }
}

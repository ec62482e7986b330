//! What the log shows somebody, as it stands now: what was deleted is gone, what was hidden is not shown. Decides nothing.

use chatroom_model::{Body, Event, Fact, LOBBY, Position, Purge, Record, RoomId, Seq, SessionId, UserId};
use chatroom_wire::line::{render, words};

use super::{ModelRunner, RECENT};

impl ModelRunner {
    /// The lines that an event makes for somebody.
    pub(super) fn shown(&self, record: &Record, user: UserId, session: SessionId) -> Vec<String> {
        let mut text = String::new();
        if self.node.shows(record, user, session) {
            render::event(&mut text, record, user);
        }
        text.lines().map(str::to_owned).collect()
    }

    /// What somebody missed who had been given what stands up to `from`.
    pub(super) fn missed(
        &self,
        user: UserId,
        session: SessionId,
        from: Position,
        place: usize,
    ) -> Vec<String> {
        let own = |event: &Event| match event {
            Event::CameOnline { user: whose, .. } | Event::WentOffline { user: whose, .. } => *whose == user,
            _ => false,
        };
        let later = self.node.records[..place]
            .iter()
            .filter(|record| record.position > from && !own(&record.event) && !self.hidden(record));
        let mut missed: Vec<String> =
            later.flat_map(|record| self.shown(&self.stored(record), user, session)).collect();
        if !missed.is_empty() {
            missed.insert(0, words::MISSED.into());
        }
        missed
    }

    /// What a newcomer is shown.
    pub(super) fn recent(&self, user: UserId, place: usize) -> Vec<String> {
        let inside = self.node.state.room(LOBBY).is_some_and(|lobby| lobby.members.contains_key(&user));
        let place = if inside { place } else { 0 };
        self.history(user, LOBBY, RECENT, place).lines().map(str::to_owned).collect()
    }

    /// The last messages of a room, as somebody is shown them.
    pub(super) fn history(&self, user: UserId, room: RoomId, n: usize, place: usize) -> String {
        let ignores = self.node.state.user(user).map(|user| user.ignores.clone()).unwrap_or_default();
        let said = |record: &&Record| match &record.event {
            Event::Message { room: at, author, .. } => {
                *at == room && !ignores.contains(author) && !self.hidden(record)
            }
            _ => false,
        };
        let mut last: Vec<(Record, Option<Body>)> = self.node.records[..place]
            .iter()
            .rev()
            .filter(said)
            .take(n)
            .map(|record| (self.stored(record), self.edited(record)))
            .collect();
        last.reverse();
        let mut text = String::new();
        render::recent(&mut text, last.iter().map(|(record, edited)| (record, edited.as_ref())), user);
        text
    }

    /// Messages of somebody that a purge would hide.
    pub(super) fn count_by(&self, room: RoomId, who: UserId, since: i64) -> usize {
        let is = |record: &&Record| match &record.event {
            Event::Message { room: at, author, .. } => {
                *at == room && *author == who && record.time.0 >= since && !self.redacted(record)
            }
            _ => false,
        };
        self.node.records.iter().filter(is).count()
    }

    /// An event as it is read from the log now.
    pub(super) fn stored(&self, record: &Record) -> Record {
        let mut record = record.clone();
        if self.redacted(&record)
            && let Event::Message { body, .. } | Event::Fact(Fact::Edited { body, .. }) = &mut record.event
        {
            *body = Body::redacted();
        }
        record
    }

    /// The last words a message was given.
    fn edited(&self, record: &Record) -> Option<Body> {
        let (room, seq, _) = of(record)?;
        if self.redacted(record) {
            return None;
        }
        self.node.records.iter().rev().find_map(|other| match &other.event {
            Event::Fact(Fact::Edited { at, seq: which, body, .. }) if at.room == room && *which == seq => {
                Some(body.clone())
            }
            _ => None,
        })
    }

    /// Whether the words of a message or an edit are gone.
    fn redacted(&self, record: &Record) -> bool {
        let Some((room, seq, author)) = of(record) else { return false };
        self.node.records.iter().any(|other| match &other.event {
            Event::Fact(Fact::Redacted { at, seq: which, .. }) => at.room == room && *which == seq,
            Event::Fact(Fact::PurgeDone { at, purge, user, since, upto }) => {
                let (id, user, since, upto, until) = (*purge, *user, *since, *upto, record.time);
                let purge = Purge { id, user, since, upto, until };
                at.room == room && purge.hides(author, seq, record.time)
            }
            _ => false,
        })
    }

    /// Whether a purge hides it, or retention took it away.
    fn hidden(&self, record: &Record) -> bool {
        let Some((room, seq, author)) = of(record) else { return false };
        let room = self.node.state.room(room);
        room.is_some_and(|room| seq <= room.dropped || room.hides(author, seq, record.time))
    }
}

/// The message an event is or edits, and whose it is.
fn of(record: &Record) -> Option<(RoomId, Seq, UserId)> {
    match &record.event {
        Event::Message { room, seq, author, .. } => Some((*room, *seq, *author)),
        Event::Fact(Fact::Edited { at, seq, author, .. }) => Some((at.room, *seq, *author)),
        _ => None,
    }
}

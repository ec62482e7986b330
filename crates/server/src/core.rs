//! Decide and commit, a batch at a time: the state and the one writer together. Knows no thread, queue or socket.

use crate::batch::{Answer, Batch, Home, Said, What};
use chatroom_model::{
    Audience, Doer, Entry, Event, Fact, Position, Record, Refusal, Request, RoomId, State, Subject, UserId,
    audience, decide,
};
use chatroom_store::{Durable, Fault, Folder, Writer};
use chatroom_wire::irc::known::Person;

/// One node's copy of what is so, and its log.
#[derive(Debug)]
pub struct Core {
    writer: Writer,
    state: State,
}

impl Core {
    /// Opens or makes a folder's log.
    pub fn open(folder: &Folder) -> Result<Self, Fault> {
        let (writer, state) = Writer::open(folder)?;
        Ok(Self { writer, state })
    }

    /// Opens the log after the disk failed; what stands in it is made durable anew, or this fails.
    pub fn reopen(folder: &Folder) -> Result<Self, Fault> {
        let (writer, state) = Writer::reopen(folder)?;
        Ok(Self { writer, state })
    }

    /// What is so.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The last link of the hash chain.
    #[must_use]
    pub fn link(&self) -> chatroom_model::chain::Link {
        self.writer.link()
    }

    /// Decides entries in order and commits what follows from them, all or nothing.
    ///
    /// After an error the state is ahead of the log: [`Core::reload`] it, or open anew.
    pub fn step(&mut self, entries: &[Entry]) -> Result<Batch, Fault> {
        let mut records = Vec::with_capacity(entries.len());
        let mut answers = Vec::new();
        let mut refused = Vec::new();
        let mut said = Vec::new();
        let mut homes = Vec::new();
        for entry in entries {
            let decided = decide(&self.state, &self.writer, entry);
            if self.writer.failed() {
                break; // The commit says how.
            }
            self.state.advance(entry);
            match decided {
                Ok(events) => {
                    let quiet = !events.iter().any(|event| self.is_told(entry, event));
                    for (part, event) in (0u32..).zip(events) {
                        let record = Record {
                            position: entry.position,
                            part,
                            time: self.state.time,
                            salt: entry.salt,
                            event,
                        };
                        self.state.apply(&record);
                        self.writer.add(&record, &self.state)?;
                        homes.extend(self.home(&record));
                        records.push(record);
                    }
                    if let Some(n) = called(entry, &records) {
                        said.push((entry, n));
                    } else if let Request::Do { .. } = &entry.request {
                        answers.extend(Answer::to(&entry.request, entry.position, What::Done { quiet }));
                    }
                }
                Err(refusal) => refused.push((entry, refusal)),
            }
        }
        let records = self.writer.commit(records, &self.state)?;
        for (entry, n) in said {
            let what = records.one(n).map(|record| self.said(record));
            answers.extend(what.and_then(|what| Answer::to(&entry.request, entry.position, what)));
        }
        for (entry, refusal) in refused {
            let what = match &refusal {
                Refusal::AlreadyStored(position) => match self.writer.message_at(*position)? {
                    Some(stored) => What::Again(Box::new(stored)),
                    None => What::Refused(refusal),
                },
                _ => What::Refused(refusal),
            };
            answers.extend(Answer::to(&entry.request, entry.position, what));
        }
        Ok(Batch::new(records, answers, homes, self.state.position))
    }

    /// Where a session that has just opened belongs: its user's rooms and whom it ignores.
    fn home(&self, record: &Record) -> Option<Home> {
        let Event::SessionOpened { session, user, .. } = &record.event else { return None };
        let rooms: Vec<RoomId> = self.state.rooms_of(*user).collect();
        let who = self.state.user(*user);
        let ignores: Vec<UserId> = who.into_iter().flat_map(|user| user.ignores.iter().copied()).collect();
        let known = who.filter(|who| who.ident.is_some() || who.account.is_some() || who.away.is_some());
        // Whoever is not registered has only just come.
        let lasts = who.is_some_and(|who| who.account.is_some());
        let metadata = if lasts { self.writer.noted(Subject::User(*user)) } else { Vec::new() };
        let person = known.map(|who| {
            let ident = who.ident.as_deref().cloned().unwrap_or_default();
            let away = who.away.as_deref().map(Into::into);
            let account = who.account.as_ref().map(|account| account.name.as_str().into());
            let metadata = metadata.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
            Person { ident, account, away, metadata }.into()
        });
        Some(Home { session: *session, user: *user, at: record.position, person, rooms, ignores })
    }

    /// Whether whoever asked for an event is shown it, so that it needs no other answer. Asked before it is made so.
    fn is_told(&self, entry: &Entry, event: &Event) -> bool {
        let Request::Do { doer: Doer::Session { session, .. }, .. } = &entry.request else {
            return false;
        };
        let Some(user) = self.state.session(*session).map(|session| session.user) else { return false };
        let inside =
            |room: RoomId| self.state.room(room).is_some_and(|room| room.members.contains_key(&user));
        match audience(event) {
            // It makes no line.
            _ if matches!(
                event,
                Event::Fact(Fact::ReadUpTo { .. } | Fact::InviteTold { .. } | Fact::AccountTold { .. })
            ) =>
            {
                false
            }
            Audience::Room(room) => inside(room) || joins(event, user),
            Audience::RoomAnd(room, one) => inside(room) || user == one,
            Audience::Rooms(rooms) => rooms.iter().any(|room| inside(*room)),
            Audience::Two(a, b) => user == a || user == b,
            Audience::User(one) => user == one,
            Audience::Session(_) | Audience::Nobody => false,
        }
    }

    /// What a program is told that said something: it may have no session that hears of it.
    fn said(&self, record: Durable<Record>) -> What {
        let who =
            if let Event::Message { author, .. } = &record.event { self.state.user(*author) } else { None };
        let account = who.and_then(|who| Some(who.account.as_ref()?.name.as_str().into()));
        let ident = who.and_then(|who| who.ident.as_deref().cloned()).unwrap_or_default();
        let operator = who.is_some_and(|who| who.operator);
        What::Said(Box::new(Said {
            record,
            author: Person { ident, account, ..Person::default() },
            operator,
        }))
    }

    /// Goes back to what is stored, after a batch that was not.
    pub fn reload(&mut self) -> Result<(), Fault> {
        self.state = self.writer.load()?;
        Ok(())
    }

    /// Ends the log in order: everything in one file.
    pub fn close(self) -> Result<(), Fault> {
        self.writer.close()
    }

    /// What is stored after a position, as a batch to publish: what a failed commit turned out to have stored.
    pub fn stored_after(&self, position: Position) -> Result<Batch, Fault> {
        let records = self.writer.stored_after(position)?;
        let homes = records.iter().filter_map(|record| self.home(record)).collect();
        Ok(Batch::new(records, Vec::new(), homes, self.state.position))
    }
}

/// Where among the events the message stands that a program has just said.
fn called(entry: &Entry, records: &[Record]) -> Option<usize> {
    let Request::Say(said) = &entry.request else { return None };
    if let Doer::Session { .. } = said.doer {
        return None;
    }
    let is_it =
        |record: &Record| record.position == entry.position && matches!(record.event, Event::Message { .. });
    records.iter().rposition(is_it)
}

fn joins(event: &Event, who: UserId) -> bool {
    matches!(event, Event::Fact(chatroom_model::Fact::Joined { user, .. }) if *user == who)
}

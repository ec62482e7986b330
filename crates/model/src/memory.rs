//! A log kept in memory: entries in, events and state out, as a node does it, for tests and simulations. Has no disk.

use crate::chain::{GENESIS, Link, link};
use crate::{
    ClientId, Entry, Event, Fact, LOBBY, Millis, Past, Position, RULES, Record, Refusal, Request, RoomId,
    Said, Seq, SessionId, State, Subject, UserId, Viewer, Written, audience, decide, durable,
};
use std::collections::{HashMap, HashSet};

/// A node without a disk.
#[derive(Debug)]
pub struct Memory {
    /// What is so.
    pub state: State,
    /// What happened.
    pub records: Vec<Record>,
    /// The chain's last link.
    pub link: Link,
    past: Notes,
    /// Who was in which room from where to where; without an end who is in it.
    stays: HashMap<(RoomId, UserId), Vec<Stay>>,
}

/// From the position where somebody came in, to the event by which they went out.
type Stay = (Position, Option<(Position, u32)>);

/// Somebody at a place of the log.
struct At<'a> {
    node: &'a Memory,
    user: UserId,
    session: SessionId,
    at: (Position, u32),
}

impl Viewer for At<'_> {
    fn user(&self) -> UserId {
        self.user
    }

    fn session(&self) -> SessionId {
        self.session
    }

    fn inside(&self, room: RoomId) -> bool {
        self.node
            .stays
            .get(&(room, self.user))
            .into_iter()
            .flatten()
            .any(|(since, upto)| *since <= self.at.0 && upto.is_none_or(|upto| self.at <= upto))
    }
}

#[derive(Debug, Default)]
struct Notes {
    said: HashMap<(UserId, ClientId), Said>,
    written: HashMap<(RoomId, Seq), Written>,
    reactions: HashSet<(RoomId, Seq, UserId, String)>,
    metadata: HashMap<(Subject, String), String>,
}

impl Past for Notes {
    fn said(&self, author: UserId, id: ClientId) -> Option<Said> {
        self.said.get(&(author, id)).copied()
    }

    fn written(&self, room: RoomId, seq: Seq) -> Option<Written> {
        self.written.get(&(room, seq)).copied()
    }

    fn reacted(&self, room: RoomId, seq: Seq, user: UserId, emoji: &str) -> bool {
        self.reactions.contains(&(room, seq, user, emoji.to_owned()))
    }

    fn reactions(&self, room: RoomId, seq: Seq) -> u32 {
        let kinds: HashSet<_> =
            self.reactions.iter().filter(|r| (r.0, r.1) == (room, seq)).map(|r| &r.3).collect();
        u32::try_from(kinds.len()).unwrap_or(u32::MAX)
    }

    fn metadata(&self, of: Subject, key: &str) -> Option<String> {
        self.metadata.get(&(of, key.to_owned())).cloned()
    }

    fn metadata_keys(&self, of: Subject) -> usize {
        self.metadata.keys().filter(|(other, _)| *other == of).count()
    }

    fn expired(&self, room: RoomId, after: Seq, before: Millis) -> Option<Seq> {
        let old = self.written.iter().filter(|((at, seq), w)| *at == room && *seq > after && w.time < before);
        old.map(|((_, seq), _)| *seq).max()
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: State::new(),
            records: Vec::new(),
            link: GENESIS,
            past: Notes::default(),
            stays: HashMap::new(),
        }
    }

    /// Takes a request at the next place, at a time in milliseconds.
    pub fn ask(&mut self, time: i64, request: Request) -> Result<Vec<Event>, Refusal> {
        let position = self.state.position.next();
        self.take(&Entry { position, time: Millis(time), rules: RULES, salt: [7; 16], request })
    }

    /// Takes an entry.
    pub fn take(&mut self, entry: &Entry) -> Result<Vec<Event>, Refusal> {
        let decided = decide(&self.state, &self.past, entry);
        self.state.advance(entry);
        for (part, event) in (0u32..).zip(decided.iter().flatten()) {
            let record = Record {
                position: entry.position,
                part,
                time: self.state.time,
                salt: entry.salt,
                event: event.clone(),
            };
            self.state.apply(&record);
            self.link = link(self.link, &record, &durable::write_event(event));
            self.past.note(&record);
            self.moves(&record);
            self.records.push(record);
        }
        decided
    }

    fn moves(&mut self, record: &Record) {
        let at = record.position;
        match &record.event {
            Event::GuestCreated { user, visitor: None, .. } => {
                self.stays.entry((LOBBY, *user)).or_default().push((at, None));
            }
            Event::Fact(Fact::Joined { at: place, user, .. }) => {
                self.stays.entry((place.room, *user)).or_default().push((at, None));
            }
            Event::Fact(Fact::Left { at: place, user, .. }) => {
                if let Some((_, end)) = self.stays.get_mut(&(place.room, *user)).and_then(|s| s.last_mut()) {
                    *end = Some((at, record.part));
                }
            }
            Event::Fact(Fact::RoomDeleted { at: place, .. }) => {
                for ((room, _), stays) in &mut self.stays {
                    if let Some((_, end @ None)) = stays.last_mut().filter(|_| *room == place.room) {
                        *end = Some((at, record.part));
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether somebody may see an event, at the place where it happened.
    #[must_use]
    pub fn shows(&self, record: &Record, user: UserId, session: SessionId) -> bool {
        let who = At { node: self, user, session, at: (record.position, record.part) };
        let ignored =
            |author: &UserId| self.state.user(user).is_some_and(|user| user.ignores.contains(author));
        let silent = match &record.event {
            Event::Message { author, .. } | Event::Fact(Fact::Edited { author, .. }) => ignored(author),
            _ => false,
        };
        !silent && audience(&record.event).includes(&who)
    }

    /// What is known of the past.
    #[must_use]
    pub fn past(&self) -> &impl Past {
        &self.past
    }

    /// The place of an entry that has just been taken.
    #[must_use]
    pub fn last(&self) -> Position {
        self.state.position
    }
}

impl Notes {
    fn note(&mut self, record: &Record) {
        let position = record.position;
        match &record.event {
            Event::Message { room, seq, author, client_id, .. } => {
                let written = Written { author: *author, time: record.time, redacted: false };
                self.written.insert((*room, *seq), written);
                if let Some(id) = client_id {
                    self.said.insert((*author, *id), Said { position, seq: *seq });
                }
            }
            Event::Imported { room, seq, id, .. } => {
                let written = Written { author: UserId(0), time: record.time, redacted: false };
                self.written.insert((*room, *seq), written);
                self.said.insert((UserId(0), *id), Said { position, seq: *seq });
            }
            Event::Fact(Fact::Edited { author, client_id: Some(id), seq, .. }) => {
                self.said.insert((*author, *id), Said { position, seq: *seq });
            }
            Event::Fact(Fact::Redacted { at, seq, .. }) => {
                if let Some(written) = self.written.get_mut(&(at.room, *seq)) {
                    written.redacted = true;
                }
            }
            Event::Fact(Fact::PurgeDone { at, user, since, upto, .. }) => {
                for ((room, seq), written) in &mut self.written {
                    written.redacted |=
                        *room == at.room && written.author == *user && seq <= upto && written.time >= *since;
                }
            }
            Event::Fact(Fact::Reacted { at, seq, user, emoji, on, .. }) => {
                let reaction = (at.room, *seq, *user, emoji.clone());
                if *on {
                    self.reactions.insert(reaction)
                } else {
                    self.reactions.remove(&reaction)
                };
            }
            Event::Fact(Fact::MetadataSet { room, user, key, value, .. }) => {
                let of = room.as_ref().map_or(Subject::User(*user), |at| Subject::Room(at.room));
                match value {
                    Some(value) => self.metadata.insert((of, key.clone()), value.clone()),
                    None => self.metadata.remove(&(of, key.clone())),
                };
            }
            Event::Fact(Fact::RoomDeleted { at, .. }) => {
                self.metadata.retain(|(of, _), _| *of != Subject::Room(at.room));
            }
            Event::GuestForgotten { user } => {
                self.metadata.retain(|(of, _), _| *of != Subject::User(*user));
            }
            Event::Fact(Fact::Dropped { at, upto }) => {
                self.written.retain(|(room, seq), _| *room != at.room || seq > upto);
            }
            _ => {}
        }
    }
}

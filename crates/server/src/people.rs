//! Who is online, as programs know them, and how rooms are called, at the place up to which a shard has delivered.

use crate::batch::{Batch, Home};
use chatroom_model::{Event, Fact, Ident, LOBBY, LOBBY_NAME, Millis, Name, RoomId, Setting, State, UserId};
use chatroom_wire::irc::known::{Known, Person};
use chatroom_wire::irc::mask;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// What a shard knows beside its sessions. People of whom there is nothing to know take no place.
#[derive(Clone, Debug, Default)]
pub(crate) struct People {
    people: HashMap<UserId, Arc<Person>>,
    rooms: HashMap<RoomId, Box<str>>,
    /// Who went lately, the last one last.
    gone: VecDeque<Gone>,
    /// How many are online, and how many were at most.
    pub(crate) online: usize,
    pub(crate) most: usize,
    /// Sessions that are open.
    pub(crate) sessions: usize,
}

/// Somebody who went.
#[derive(Clone, Debug)]
pub(crate) struct Gone {
    /// Who.
    pub(crate) user: UserId,
    /// The name.
    pub(crate) name: Name,
    /// How programs knew them.
    pub(crate) ident: Ident,
    /// When.
    pub(crate) at: Millis,
}

/// Of so many who went something is remembered.
const GONE: usize = 100;

impl Known for People {
    fn person(&self, user: UserId) -> Option<&Person> {
        self.people.get(&user).map(Arc::as_ref)
    }

    fn room(&self, room: RoomId) -> Option<&str> {
        if room == LOBBY { Some(LOBBY_NAME) } else { self.rooms.get(&room).map(Box::as_ref) }
    }
}

impl People {
    /// What is known when a run begins: rooms, and nobody is there yet.
    pub(crate) fn of(state: &State) -> Self {
        let rooms = state.rooms().filter_map(|(id, room)| Some((id, (**room.label.as_ref()?).into())));
        Self { rooms: rooms.collect(), ..Self::default() }
    }

    /// Those of a name, or of names that a pattern meets, who went lately, the last one first.
    pub(crate) fn gone<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Gone> {
        self.gone.iter().rev().filter(move |gone| mask::glob(name, gone.name.as_str()))
    }

    /// Somebody of whom something else is known from now on.
    fn change(&mut self, user: UserId) -> &mut Person {
        Arc::make_mut(self.people.entry(user).or_default())
    }

    fn remember(&mut self, user: UserId, name: &Name, at: Millis) {
        let Some(person) = self.people.get(&user) else { return };
        if self.gone.len() == GONE {
            self.gone.pop_front();
        }
        self.gone.push_back(Gone { user, name: name.clone(), ident: person.ident.clone(), at });
    }

    /// Takes in what a batch tells, before it is shown.
    pub(crate) fn learn(&mut self, batch: &Batch) {
        for Home { user, person, .. } in &batch.homes {
            if let Some(person) = person {
                self.people.insert(*user, Arc::clone(person));
            }
        }
        for record in batch.records() {
            let fact = match &record.event {
                Event::Fact(fact) => fact,
                event => {
                    self.count(event);
                    continue;
                }
            };
            match fact {
                Fact::RoomCreated { at, .. } => {
                    if let Some(label) = &at.label {
                        self.rooms.insert(at.room, (**label).into());
                    }
                }
                Fact::RoomSet { at, setting: Setting::Name { name, .. }, .. } => {
                    self.rooms.insert(at.room, name.as_str().into());
                }
                Fact::AccountTold { user, name, .. } => {
                    self.change(*user).account = Some(name.as_str().into());
                }
                Fact::IdentSet { user, ident, .. } => {
                    self.change(*user).ident = ident.clone();
                }
                Fact::MetadataSet { room: None, user, key, value, .. } => {
                    let metadata = &mut self.change(*user).metadata;
                    match value {
                        Some(value) => metadata.insert(key.as_str().into(), value.as_str().into()),
                        None => metadata.remove(key.as_str()),
                    };
                }
                Fact::AwaySet { user, text, .. } if text.is_some() || self.people.contains_key(user) => {
                    self.change(*user).away = text.as_deref().map(Into::into);
                }
                _ => {}
            }
        }
    }

    fn count(&mut self, event: &Event) {
        match event {
            Event::CameOnline { instead: None, .. } => {
                self.online += 1;
                self.most = self.most.max(self.online);
            }
            Event::WentOffline { .. } => self.online = self.online.saturating_sub(1),
            Event::SessionOpened { .. } => self.sessions += 1,
            Event::SessionClosed { .. } => self.sessions = self.sessions.saturating_sub(1),
            _ => {}
        }
    }

    /// Those online who are not shown to strangers.
    pub(crate) fn invisible(&self) -> usize {
        self.people.values().filter(|person| person.ident.is('i')).count()
    }

    /// Forgets who went and what ended, once it has been shown.
    pub(crate) fn forget(&mut self, batch: &Batch) {
        let came = |user: &UserId| batch.homes.iter().rev().find(|home| home.user == *user);
        for record in batch.records() {
            match &record.event {
                // Somebody may go and come back within one batch.
                Event::WentOffline { user, name, .. }
                    if came(user).is_none_or(|home| home.at < record.position) =>
                {
                    self.remember(*user, name, record.time);
                    self.people.remove(user);
                }
                Event::GuestForgotten { user } => {
                    self.people.remove(user);
                }
                Event::Fact(Fact::RoomDeleted { at, .. }) => {
                    self.rooms.remove(&at.room);
                }
                _ => {}
            }
        }
    }
}

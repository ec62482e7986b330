//! What must be so whatever is done: counted anew after every entry of made-up logs, apart from the rules.

use crate::made_up::MadeUp;
use chatroom_model::durable::{read_entry, read_event, write_entry, write_event};
use chatroom_model::memory::Memory;
use chatroom_model::{
    Audience, Entry, Event, Fact, LOBBY, Millis, Past, Record, RoomId, Seq, SessionId, State, UserId, Viewer,
    audience,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Who is where and what stands where, told by the events alone.
#[derive(Default)]
struct Told {
    inside: BTreeSet<(RoomId, UserId)>,
    two: BTreeMap<RoomId, [UserId; 2]>,
    sessions: BTreeMap<SessionId, UserId>,
    /// Whoever made it: rooms of the operator at the machine begin without an owner.
    made: BTreeMap<RoomId, UserId>,
    /// Rooms whose last owner an operator has put lower.
    disowned: BTreeSet<RoomId>,
    /// Each message's author and time; none once it is gone.
    said: BTreeMap<RoomId, Vec<Option<(UserId, Millis)>>>,
    kinds: BTreeMap<&'static str, usize>,
}

/// Somebody at the place of an event.
struct At<'a>(&'a BTreeSet<(RoomId, UserId)>, UserId);

impl Viewer for At<'_> {
    fn user(&self) -> UserId {
        self.1
    }

    fn session(&self) -> SessionId {
        SessionId(0)
    }

    fn inside(&self, room: RoomId) -> bool {
        self.0.contains(&(room, self.1))
    }
}

impl Told {
    fn standing(&self, room: RoomId, seq: Seq) -> Option<(UserId, Millis)> {
        self.said.get(&room)?.get(usize::try_from(seq.0.checked_sub(1)?).unwrap()).copied()?
    }

    fn take_away(&mut self, room: RoomId, gone: impl Fn(Seq, (UserId, Millis)) -> bool) {
        for (seq, message) in (1..).zip(self.said.entry(room).or_default()) {
            if message.is_some_and(|message| gone(Seq(seq), message)) {
                *message = None;
            }
        }
    }

    /// Notes an event, which must fit what was before it.
    fn note(&mut self, record: &Record, before: &State) {
        *self.kinds.entry(write_event(&record.event).kind).or_default() += 1;
        match &record.event {
            Event::GuestCreated { visitor: Some(_), .. } => {}
            Event::GuestCreated { user, .. } => assert!(self.inside.insert((LOBBY, *user))),
            Event::GuestForgotten { user } => {
                assert!(!self.sessions.values().any(|other| other == user), "{user} is forgotten online");
                self.inside.retain(|(_, other)| other != user);
                self.two.retain(|_, two| !two.contains(user));
            }
            Event::SessionOpened { session, user, .. } => {
                assert_eq!(self.sessions.insert(*session, *user), None);
            }
            Event::SessionClosed { session, user, .. } => {
                assert_eq!(self.sessions.remove(session), Some(*user));
            }
            Event::CameOnline { user, rooms, .. } | Event::WentOffline { user, rooms, .. } => {
                assert!(rooms.iter().all(|room| self.inside.contains(&(*room, *user))), "{record:?}");
            }
            Event::DirectCreated { room, from, to } => {
                assert_eq!(self.two.insert(*room, [*from, *to]), None);
            }
            Event::Message { room, seq, author, to, reply, mentions, .. } => {
                match to {
                    Some(to) => assert!(self.two[room].contains(author) && self.two[room].contains(&to.user)),
                    None => {
                        let hears = before.room(*room).is_some_and(|room| room.outside);
                        assert!(hears || self.inside.contains(&(*room, *author)), "{record:?}");
                    }
                }
                let named = |user: &UserId| *user == UserId(0) || self.inside.contains(&(*room, *user));
                assert!(mentions.iter().all(named));
                assert!(reply.is_none_or(|reply| reply < *seq && reply > Seq(0)));
                self.say(*room, *seq, *author, record.time);
            }
            Event::Imported { room, seq, .. } => self.say(*room, *seq, UserId(0), record.time),
            Event::NodeStarted { .. } | Event::SeenMarked { .. } => {}
            Event::Fact(fact) => self.fact(fact, record, before),
        }
    }

    fn say(&mut self, room: RoomId, seq: Seq, author: UserId, time: Millis) {
        let said = self.said.entry(room).or_default();
        said.push(Some((author, time)));
        assert_eq!(said.len() as u64, seq.0, "numbers are dense");
    }

    fn fact(&mut self, fact: &Fact, record: &Record, before: &State) {
        match fact {
            Fact::RoomCreated { at, by, .. } => {
                self.made.insert(at.room, *by);
            }
            Fact::Joined { at, user, .. } => assert!(self.inside.insert((at.room, *user)), "{record:?}"),
            Fact::Left { at, user, .. } => assert!(self.inside.remove(&(at.room, *user)), "{record:?}"),
            Fact::RoleSet { at, user, by, role, voiced, .. } => {
                assert!(
                    !voiced || *role > chatroom_model::Role::Voice,
                    "a voice stands beside more: {record:?}"
                );
                assert!(self.inside.contains(&(at.room, *user)), "{record:?}");
                // An operator, and a visitor, whose role was nothing for good, may leave a room without an owner.
                let runs = before.user(by.user).is_none_or(|user| user.operator)
                    || before.user(*user).is_some_and(|user| user.visitor);
                if runs && *role != chatroom_model::Role::Owner {
                    self.disowned.insert(at.room);
                }
            }
            Fact::RoomDeleted { at, .. } => self.inside.retain(|(room, _)| *room != at.room),
            Fact::Edited { at, seq, author, .. } => {
                assert_eq!(self.standing(at.room, *seq).unwrap().0, *author);
            }
            Fact::Redacted { at, seq, .. } => {
                assert!(self.standing(at.room, *seq).is_some());
                self.take_away(at.room, |other, _| other == *seq);
            }
            Fact::Reacted { at, seq, user, .. } => {
                assert!(self.standing(at.room, *seq).is_some());
                let two = self.two.get(&at.room).is_some_and(|two| two.contains(user));
                assert!(two || self.inside.contains(&(at.room, *user)));
            }
            Fact::Pinned { at, seq, on: true, .. } => assert!(self.standing(at.room, *seq).is_some()),
            Fact::PurgeDone { at, user, since, upto, .. } => {
                self.take_away(at.room, |seq, (author, time)| {
                    author == *user && seq <= *upto && time >= *since
                });
            }
            Fact::Dropped { at, upto } => self.take_away(at.room, |seq, _| seq <= *upto),
            Fact::Renamed { user, rooms, .. } | Fact::AwaySet { user, rooms, .. } => {
                assert!(rooms.iter().all(|room| self.inside.contains(&(*room, *user))));
            }
            Fact::RoomSet { .. }
            | Fact::Invited { .. }
            | Fact::Sanctioned { .. }
            | Fact::Banned { .. }
            | Fact::Pinned { .. }
            | Fact::ReadUpTo { .. }
            | Fact::Registered { .. }
            | Fact::PasswordSet { .. }
            | Fact::ProfileSet { .. }
            | Fact::Ignored { .. }
            | Fact::OperatorSet { .. }
            | Fact::IdentSet { .. }
            | Fact::MetadataSet { .. }
            | Fact::AccountTold { .. }
            | Fact::InviteTold { .. }
            | Fact::BotMade { .. }
            | Fact::KeyGiven { .. }
            | Fact::KeyRevoked { .. }
            | Fact::KeyUsed { .. }
            | Fact::HookAdded { .. }
            | Fact::HookEnded { .. }
            | Fact::TicketGiven { .. }
            | Fact::Purged { .. }
            | Fact::PurgeUndone { .. } => {}
        }
    }

    /// What the state says is what the events have told.
    fn agree(&self, log: &Memory) {
        let state = &log.state;
        let mut inside = BTreeSet::new();
        for (id, room) in state.rooms().filter(|(_, room)| room.direct.is_none()) {
            inside.extend(room.members.keys().map(|user| (id, *user)));
            let online = room.members.keys().filter(|user| !state.user(**user).unwrap().sessions.is_empty());
            assert_eq!(room.online, online.count(), "{:?}", room.name);
            assert_eq!(room.last.0 as usize, self.said.get(&id).map_or(0, Vec::len));
            let free = self.made.get(&id).is_none_or(|by| *by == UserId(0)) || self.disowned.contains(&id);
            assert!(id == LOBBY || free || room.owners() > 0, "{:?} has no owner", room.name);
            for pin in &room.pins {
                assert!(*pin > room.dropped && *pin <= room.last);
            }
        }
        for (user, who) in state.users() {
            for (_, key) in state.keys_of(user) {
                assert!(key.sessions.iter().all(|open| who.sessions.contains(open)), "{key:?}");
            }
        }
        for (id, room) in state.rooms() {
            assert!(state.hooks_of(id).count() <= chatroom_model::HOOKS_MAX);
            // Nothing is sent for who may not have it sent.
            for (_, hook) in state.hooks_of(id).filter(|(_, hook)| hook.ended.is_none()) {
                let keeper = room.members.get(&hook.by.user).expect("who has a hook is inside");
                let runs = state.user(hook.by.user).unwrap().operator;
                assert!(runs || keeper.role == chatroom_model::Role::Owner, "{hook:?}");
            }
        }
        assert!(state.hooks().all(|(room, ..)| state.room(room).is_some()));
        assert_eq!(inside, self.inside);
        let mut sessions = BTreeMap::new();
        for (id, user) in state.users() {
            assert_eq!(state.holder(&user.name).map(|(id, _)| id), Some(id));
            assert!(state.lookalikes(&user.name).any(|other| other == id));
            sessions.extend(user.sessions.iter().map(|session| (*session, id)));
            let rooms: BTreeSet<_> = state.rooms_of(id).map(|room| (room, id)).collect();
            assert_eq!(rooms, inside.iter().copied().filter(|(_, user)| *user == id).collect());
            for (other, room) in state.directs_of(id) {
                assert!(state.user(other).is_some() && self.two[&room].contains(&id));
            }
        }
        assert_eq!(sessions, self.sessions);
        let online: BTreeSet<_> = self.sessions.values().collect();
        assert_eq!(state.online(), online.len());
        let away = state.users().filter(|(_, user)| user.account.is_none() && user.sessions.is_empty());
        let away: BTreeSet<_> = away.map(|(id, user)| (user.last_seen, id)).collect();
        assert_eq!(state.longest_away().collect::<BTreeSet<_>>(), away);
    }
}

/// Who came online and went offline by an entry is told once, and nobody else is.
fn told_once(before: &State, after: &State, events: &[Event]) {
    let online = |state: &State| -> BTreeSet<UserId> {
        let here = state.users().filter(|(_, user)| !user.sessions.is_empty());
        here.map(|(id, _)| id).collect()
    };
    let (was, is) = (online(before), online(after));
    let mut came: Vec<UserId> = Vec::new();
    let mut went: Vec<UserId> = Vec::new();
    for event in events {
        match event {
            // A visitor who logs in is somebody else from then on, and nobody is told that they went.
            Event::CameOnline { user, instead, .. } => {
                came.push(*user);
                went.extend(*instead);
            }
            Event::WentOffline { user, .. } => went.push(*user),
            _ => {}
        }
    }
    came.sort();
    went.sort();
    assert_eq!(came, is.difference(&was).copied().collect::<Vec<_>>());
    assert_eq!(went, was.difference(&is).copied().collect::<Vec<_>>());
}

/// Whether everybody is shown what they were in, and nothing else.
fn shown(log: &Memory, told: &Told, record: &Record, before: &BTreeSet<(RoomId, UserId)>) {
    let users: BTreeSet<UserId> = told.inside.iter().chain(before).map(|(_, user)| *user).collect();
    for user in users {
        // Whoever comes or goes with an event is there when it happens.
        let now = At(&told.inside, user);
        let includes = match audience(&record.event) {
            Audience::Room(room) => At(before, user).inside(room) || now.inside(room),
            Audience::Session(_) => continue,
            other => other.includes(&now),
        };
        let ignores = match &record.event {
            Event::Message { author, .. } | Event::Fact(Fact::Edited { author, .. }) => {
                log.state.user(user).is_some_and(|user| user.ignores.contains(author))
            }
            _ => false,
        };
        assert_eq!(log.shows(record, user, SessionId(0)), includes && !ignores, "{user}: {record:?}");
    }
}

/// Runs a made-up log and looks at it after every entry.
fn run(seed: u64, entries: usize) -> (Memory, Told, Vec<Entry>) {
    let (mut log, mut told, mut made_up) = (Memory::new(), Told::default(), MadeUp::new(seed));
    let mut all = Vec::new();
    for _ in 0..entries {
        let entry = made_up.entry(&log);
        let before = log.state.clone();
        let from = log.records.len();
        let answer = log.take(&entry);
        if answer.is_err() {
            let mut same = log.state.clone();
            (same.position, same.time) = (before.position, before.time);
            assert_eq!(same.hash(), before.hash(), "a refusal changes nothing: {entry:?}");
        }
        assert!(answer.is_err() || log.records.len() > from, "what is done leaves an event: {entry:?}");
        for record in &log.records[from..] {
            let inside = told.inside.clone();
            told.note(record, &before);
            shown(&log, &told, record, &inside);
        }
        told_once(&before, &log.state, answer.as_deref().unwrap_or_default());
        told.agree(&log);
        assert!(log.state.time >= before.time);
        all.push(entry);
    }
    (log, told, all)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 0, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_done_counts_and_indexes_are_right(seed in any::<u64>()) {
        println!("seed {seed}");
        let (log, told, entries) = run(seed, 400);
        for (room, said) in &told.said {
            for (seq, message) in (1..).map(Seq).zip(said) {
                let written = log.past().written(*room, seq).filter(|written| !written.redacted);
                assert_eq!(written.map(|w| (w.author, w.time)), *message, "{room} {seq}");
            }
        }
        // Another node reads the same entries from their durable form; a third one is told the events only.
        let (mut other, mut third) = (Memory::new(), State::new());
        for entry in &entries {
            let _ = other.take(&read_entry(&write_entry(entry)).unwrap());
        }
        prop_assert_eq!((other.state.hash(), other.link), (log.state.hash(), log.link));
        for record in &log.records {
            let form = write_event(&record.event);
            let event = read_event(&form.data, form.body.as_deref()).unwrap();
            (third.position, third.time) = (record.position, record.time);
            third.apply(&Record { event, ..record.clone() });
        }
        (third.position, third.time) = (log.state.position, log.state.time);
        prop_assert_eq!(third.hash(), log.state.hash());
    }
}

#[test]
fn made_up_logs_hold_every_kind_of_event() {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..12 {
        println!("seed {seed}");
        for (kind, count) in run(seed, 1000).1.kinds {
            *kinds.entry(kind).or_default() += count;
        }
    }
    println!("{kinds:?}");
    assert_eq!(kinds.len(), 11 + 36, "{kinds:?}");
}

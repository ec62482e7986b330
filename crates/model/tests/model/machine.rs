//! Random deeds of a few people in a few rooms, against a small model of plain sets that was written apart from the rules.

use chatroom_model::durable::{read_event, write_event};
use chatroom_model::memory::Memory;
use chatroom_model::{
    Access, Body, Deed, Doer, Event, Fact, How, LOBBY, Mask, Name, NodeId, Position, Proof, Request, Role,
    RoomName, Say, Seq, SessionId, Setting, State, TokenHash, UserId, Where,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const PEOPLE: [&str; 5] = ["ann", "bob", "cas", "dot", "eve"];
const ROOMS: [&str; 3] = ["#tea", "#pot", "#cup"];

#[derive(Clone, Debug)]
enum Op {
    Create(usize, bool),
    Join(usize),
    Leave(usize),
    Invite(usize, usize),
    Kick(usize, usize),
    Ban(usize, usize),
    Unban(usize, usize),
    Role(usize, usize, Role),
    Archive(usize, bool),
    Say(usize),
    Edit(usize, u64),
    Redact(usize, u64),
}

fn op() -> impl Strategy<Value = Op> {
    let (room, who, seq) = (0..ROOMS.len(), 0..PEOPLE.len(), 1..12u64);
    let role = prop::sample::select(Role::ALL);
    prop_oneof![
        2 => (room.clone(), any::<bool>()).prop_map(|(r, p)| Op::Create(r, p)),
        5 => room.clone().prop_map(Op::Join),
        2 => room.clone().prop_map(Op::Leave),
        2 => (room.clone(), who.clone()).prop_map(|(r, w)| Op::Invite(r, w)),
        2 => (room.clone(), who.clone()).prop_map(|(r, w)| Op::Kick(r, w)),
        1 => (room.clone(), who.clone()).prop_map(|(r, w)| Op::Ban(r, w)),
        1 => (room.clone(), who.clone()).prop_map(|(r, w)| Op::Unban(r, w)),
        3 => (room.clone(), who.clone(), role).prop_map(|(r, w, role)| Op::Role(r, w, role)),
        1 => (room.clone(), any::<bool>()).prop_map(|(r, on)| Op::Archive(r, on)),
        6 => room.clone().prop_map(Op::Say),
        2 => (room.clone(), seq.clone()).prop_map(|(r, s)| Op::Edit(r, s)),
        2 => (room, seq).prop_map(|(r, s)| Op::Redact(r, s)),
    ]
}

/// What a room is, in plain sets.
#[derive(Clone, Debug, Default)]
struct Plain {
    private: bool,
    archived: bool,
    /// In the order in which they came.
    members: Vec<(usize, Role)>,
    invited: BTreeSet<usize>,
    banned: BTreeSet<usize>,
    /// Each message's author; none once it is gone.
    said: Vec<Option<usize>>,
}

impl Plain {
    fn role(&self, who: usize) -> Option<Role> {
        self.members.iter().find(|(other, _)| *other == who).map(|(_, role)| *role)
    }

    fn set(&mut self, who: usize, role: Role) {
        for member in self.members.iter_mut().filter(|(other, _)| *other == who) {
            member.1 = role;
        }
    }
}

/// Takes somebody out; whether the room is still there.
fn out(room: &mut Plain, who: usize) -> bool {
    let owned = room.role(who) == Some(Role::Owner);
    room.members.retain(|(other, _)| *other != who);
    let orphaned = owned && !room.members.iter().any(|(_, role)| *role == Role::Owner);
    if let Some(heir) = room.members.iter().map(|(_, role)| *role).max().filter(|_| orphaned) {
        let first = room.members.iter().find(|(_, role)| *role == heir).expect("there is one of that role").0;
        room.set(first, Role::Owner);
    }
    !room.members.is_empty()
}

/// What should come of it: whether it is done. Written from the manual, not from the rules.
fn expect(rooms: &mut BTreeMap<usize, Plain>, who: usize, op: &Op) -> bool {
    let number = match op {
        Op::Create(r, _) | Op::Join(r) | Op::Leave(r) | Op::Invite(r, _) | Op::Kick(r, _) | Op::Ban(r, _) => {
            *r
        }
        Op::Unban(r, _) | Op::Role(r, ..) | Op::Archive(r, _) | Op::Say(r) | Op::Edit(r, _) => *r,
        Op::Redact(r, _) => *r,
    };
    if let Op::Create(_, private) = op {
        let members = vec![(who, Role::Owner)];
        let free = !rooms.contains_key(&number);
        if free {
            rooms.insert(number, Plain { private: *private, members, ..Plain::default() });
        }
        return free;
    }
    let Some(room) = rooms.get_mut(&number) else { return false };
    let mine = room.role(who);
    let keeps = mine >= Some(Role::Moderator);
    let mut stays = true;
    let done = match op {
        Op::Create(..) => unreachable!("made above"),
        Op::Join(_) => {
            let may = mine.is_none()
                && !room.banned.contains(&who)
                && (!room.private || room.invited.contains(&who));
            if may {
                room.members.push((who, Role::Member));
                room.invited.remove(&who);
            }
            may
        }
        Op::Leave(_) => {
            stays = mine.is_none() || out(room, who);
            mine.is_some()
        }
        Op::Invite(_, whom) => {
            let may = mine.is_some() && (keeps || !room.private) && !room.archived;
            let lifts = keeps && room.banned.contains(whom);
            let may = may && room.role(*whom).is_none() && (lifts || !room.invited.contains(whom));
            if may && keeps {
                room.invited.insert(*whom);
                room.banned.remove(whom);
            }
            may
        }
        Op::Kick(_, whom) => {
            let may = keeps && !room.archived && room.role(*whom).is_some_and(|role| Some(role) < mine);
            stays = !may || out(room, *whom);
            may
        }
        Op::Ban(_, whom) => {
            let may = keeps && room.role(*whom).is_none_or(|role| Some(role) < mine);
            let may = may && !room.banned.contains(whom);
            if may {
                room.banned.insert(*whom);
                if room.role(*whom).is_some() {
                    stays = out(room, *whom);
                }
            }
            may
        }
        Op::Unban(_, whom) => keeps && room.banned.remove(whom),
        Op::Role(_, whom, role) => {
            let owner = mine == Some(Role::Owner);
            let owners = room.members.iter().filter(|(_, role)| *role == Role::Owner).count();
            let may = keeps
                && !room.archived
                && room.role(*whom).is_some_and(|theirs| {
                    let down = *whom == who && *role < theirs;
                    let touches = Some(theirs) < mine || (owner && *whom == who) || down;
                    let gives = Some(*role) < mine || owner || down;
                    touches && gives && theirs != *role && !(theirs == Role::Owner && owners == 1)
                });
            if may {
                room.set(*whom, *role);
            }
            may
        }
        Op::Archive(_, on) => {
            let may = mine == Some(Role::Owner) && room.archived != *on;
            room.archived ^= may;
            may
        }
        Op::Say(_) => {
            let may = mine.is_some() && !room.archived;
            room.said.extend(may.then_some(Some(who)));
            may
        }
        Op::Edit(_, seq) => {
            mine.is_some() && !room.archived && room.said.get(*seq as usize - 1) == Some(&Some(who))
        }
        Op::Redact(_, seq) => {
            let Some(author) = room.said.get_mut(*seq as usize - 1) else { return false };
            let Some(by) = *author else { return false };
            let may = keeps || (mine.is_some() && by == who && !room.archived);
            if may {
                *author = None;
            }
            may
        }
    };
    if !stays {
        rooms.remove(&number);
    }
    done
}

fn request(who: usize, op: &Op) -> Request {
    let place = |room: &usize| Where::Name(RoomName::parse(ROOMS[*room]).unwrap());
    let name = |who: &usize| Name::parse(PEOPLE[*who]).unwrap();
    let mask = |who: &usize| Mask::parse(PEOPLE[*who]).unwrap();
    let session = SessionId(who as u64 + 1);
    let deed = match op {
        Op::Create(room, private) => {
            let access = if *private { Access::Private } else { Access::Public };
            Deed::Create { room: RoomName::parse(ROOMS[*room]).unwrap(), access }
        }
        Op::Join(room) => Deed::Join { room: place(room), password: None },
        Op::Leave(room) => Deed::Leave { room: place(room), reason: String::new() },
        Op::Invite(room, user) => Deed::Invite { room: place(room), user: name(user) },
        Op::Kick(room, user) => Deed::Kick { room: place(room), user: name(user), reason: String::new() },
        Op::Ban(room, user) => {
            Deed::Ban { room: place(room), mask: mask(user), reason: String::new(), until: None }
        }
        Op::Unban(room, user) => Deed::Unban { room: place(room), mask: mask(user) },
        Op::Role(room, user, role) => {
            Deed::Role { room: place(room), user: name(user), role: *role, voiced: false }
        }
        Op::Archive(room, on) => Deed::Set { room: place(room), setting: Setting::Archived(*on) },
        Op::Edit(room, seq) => {
            Deed::Edit { room: place(room), seq: Seq(*seq), body: "other".into(), client_id: None }
        }
        Op::Redact(room, seq) => Deed::Redact { room: place(room), seq: Seq(*seq), reason: String::new() },
        Op::Say(room) => {
            let (room, body) = (place(room), Body::parse("words").unwrap());
            let (how, reply, client_id, seen) = (How::Said, None, None, Position(0));
            return Request::Say(Say { how, reply, client_id, seen, ..Say::new(session, room, body) });
        }
    };
    Request::Do { doer: Doer::Session { session, address: None }, deed: deed.into() }
}

fn user(state: &State, who: usize) -> UserId {
    state.holder(&Name::parse(PEOPLE[who]).unwrap()).unwrap().0
}

/// What must be so after every step.
fn agree(log: &Memory, rooms: &BTreeMap<usize, Plain>) {
    for (n, name) in ROOMS.iter().enumerate() {
        let id = log.state.room_named(&RoomName::parse(name).unwrap());
        let plain = rooms.get(&n);
        assert_eq!(id.is_some(), plain.is_some(), "{name}");
        let Some((room, plain)) = id.and_then(|id| log.state.room(id)).zip(plain) else { continue };
        let members: BTreeMap<UserId, Role> =
            plain.members.iter().map(|(who, role)| (user(&log.state, *who), *role)).collect();
        let found: BTreeMap<UserId, Role> =
            room.members.iter().map(|(id, member)| (*id, member.role)).collect();
        assert_eq!(found, members, "{name}");
        assert_eq!(room.last.0 as usize, plain.said.len(), "{name}");
        assert!(room.owners() > 0, "{name}: a room with people has an owner");
        let online = |id: &&UserId| log.state.user(**id).is_some_and(|user| !user.sessions.is_empty());
        assert_eq!(room.online, room.members.keys().filter(online).count(), "{name}");
    }
    for (id, _) in log.state.users() {
        let inside: BTreeSet<_> = log.state.rooms_of(id).collect();
        let named = log.state.rooms().filter(|(_, room)| room.direct.is_none());
        let counted: BTreeSet<_> =
            named.filter(|(_, room)| room.members.contains_key(&id)).map(|(room, _)| room).collect();
        assert_eq!(inside, counted);
        assert!(inside.contains(&LOBBY));
    }
}

/// Nothing of a room is shown to somebody between going out and coming in again.
fn cut(log: &Memory) {
    for (who, name) in PEOPLE.iter().enumerate() {
        let id = user(&log.state, who);
        let mut inside = BTreeSet::new();
        for record in &log.records {
            let Event::Fact(fact) = &record.event else {
                if let Event::Message { room, to: None, .. } = &record.event {
                    let shown = log.shows(record, id, SessionId(who as u64 + 1));
                    assert_eq!(shown, *room == LOBBY || inside.contains(room), "{record:?} to {name}");
                }
                continue;
            };
            match fact {
                Fact::Joined { at, user, .. } if *user == id => inside.insert(at.room),
                Fact::Left { at, user, .. } if *user == id => inside.remove(&at.room),
                Fact::RoomDeleted { at, .. } => inside.remove(&at.room),
                _ => false,
            };
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn rooms_are_what_plain_sets_say(ops in prop::collection::vec((0..PEOPLE.len(), op()), 1..120)) {
        let mut log = Memory::new();
        log.ask(0, Request::StartNode { node: NodeId(0) }).unwrap();
        for (n, who) in PEOPLE.iter().enumerate() {
            let (session, proof) = (SessionId(n as u64 + 1), Proof::NewGuest(TokenHash([n as u8; 32])));
            let name = Name::parse(who).unwrap();
            log.ask(0, Request::Open { session, name, proof, address: None }).unwrap();
        }
        let mut rooms = BTreeMap::new();
        for (who, op) in &ops {
            let before = rooms.clone();
            let expected = expect(&mut rooms, *who, op);
            let answer = log.ask(1, request(*who, op));
            prop_assert_eq!(answer.is_ok(), expected, "{} {:?} in {:?}: {:?}", PEOPLE[*who], op, before, answer);
            agree(&log, &rooms);
        }
        cut(&log);
        // What is kept leads to the same state.
        let mut again = State::new();
        for record in &log.records {
            let form = write_event(&record.event);
            let event = read_event(&form.data, form.body.as_deref()).unwrap();
            (again.position, again.time) = (record.position, record.time);
            again.apply(&chatroom_model::Record { event, ..record.clone() });
        }
        (again.position, again.time) = (log.state.position, log.state.time);
        prop_assert_eq!(again.hash(), log.state.hash());
    }
}

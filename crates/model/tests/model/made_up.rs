//! Made-up entries of every kind, one after the other, such as people might cause who try everything. Expects nothing.

use crate::talk::{mask, name, phc, room_name, token};
use chatroom_model::memory::Memory;
use chatroom_model::{
    Access, Alias, Body, ClientId, CloseReason, Deed, Doer, Ending, Entry, HookId, HookSecret, How, Ident,
    Import, KeyId, Kind, Mask, Millis, Needs, NewHook, NewKey, NodeId, Position, Proof, RULES, Request,
    Retention, Role, Room, RoomId, Say, Scopes, Seq, SessionId, Setting, State, UserId, Where, room_password,
};

const PEOPLE: [&str; 8] = ["ann", "bob", "cas", "dot", "eve", "fay", "Оля", "b0b"];
const ROOMS: [&str; 5] = ["#tea", "#pot", "#cup", "#Зал", "#lobby"];
const ADDRESSES: [&str; 3] = ["10.1.2.3", "10.9.9.9", "2001:db8::7"];

fn found<'a>(state: &'a State, room: &Where) -> Option<&'a Room> {
    match room {
        Where::Id(id) => state.room(*id),
        Where::Name(name) => state.room_named(name).and_then(|id| state.room(id)),
        Where::With(_) => None,
    }
}

/// Dice that fall the same way for the same seed.
pub(crate) struct MadeUp {
    dice: u64,
    time: i64,
}

impl MadeUp {
    pub(crate) fn new(seed: u64) -> Self {
        Self { dice: seed, time: 1_000_000 }
    }

    fn roll(&mut self, n: u64) -> u64 {
        self.dice = self.dice.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.dice >> 33) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.roll(n) == 0
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len() as u64) as usize]
    }

    /// The next entry of a log that is so far.
    pub(crate) fn entry(&mut self, log: &Memory) -> Entry {
        let position = log.state.position.next();
        let minute = 60_000;
        // Mostly moments pass, now and then an hour, seldom a day; and a clock may be slow.
        let step = match self.roll(250) {
            0 => self.roll(90 * minute),
            1 if self.one_in(3) => 24 * 60 * minute,
            _ => self.roll(5_000),
        };
        self.time += step as i64;
        let time = Millis(self.time - if self.one_in(20) { self.roll(3_000) as i64 } else { 0 });
        let request =
            if position.0 == 1 { Request::StartNode { node: NodeId(0) } } else { self.request(&log.state) };
        Entry { position, time, rules: RULES, salt: [position.0 as u8; 16], request }
    }

    fn request(&mut self, state: &State) -> Request {
        let seen = Position(self.roll(state.position.0 + 1));
        match self.roll(100) {
            0 if self.one_in(5) => Request::StartNode { node: NodeId(self.roll(2)) },
            0..=10 => self.open(state),
            11..=12 => {
                let reason = self.pick(&[CloseReason::Quit, CloseReason::Lost, CloseReason::Stalled]);
                let why = if self.one_in(3) { "tea time" } else { "" };
                Request::Close { session: self.session(state), reason, seen, why: why.into() }
            }
            13..=38 => {
                let room = self.place(state);
                let session = self.session_in(state, Some(&room));
                let reply = self.one_in(5).then(|| self.seq(state, &room));
                let how = if self.one_in(6) { self.pick(&[How::Action, How::Notice]) } else { How::Said };
                let (body, client_id) = (self.body(), self.client_id());
                let called = self.one_in(12).then(|| Box::new(Alias::parse("smt/net").unwrap()));
                let doer = if self.one_in(9) { self.by_key(state) } else { session.into() };
                Request::Say(Say { how, reply, client_id, seen, called, ..Say::new(doer, room, body) })
            }
            39..=40 => Request::Sweep,
            41 => {
                let except = if self.one_in(2) { vec![self.session(state)] } else { vec![] };
                Request::MarkSeen { node: NodeId(0), upto: seen, except }
            }
            42 => {
                let (body, id) = (self.body(), ClientId([100 + self.roll(9) as u8; 16]));
                Request::Import(Import { author: self.pick(&PEOPLE).into(), at: Millis(5), body, id })
            }
            _ => {
                let deed = self.deed(state);
                let runs = if deed.needs() == Needs::Operator { 2 } else { 8 };
                let comes = matches!(deed, Deed::Come { .. } | Deed::LogIn { .. });
                let doer = if comes && !self.one_in(9) {
                    let address = self.one_in(4).then(|| self.pick(&ADDRESSES).parse().unwrap());
                    Doer::Newcomer { call: 1, address }
                } else if self.one_in(9) {
                    self.by_key(state)
                } else if self.one_in(runs) {
                    Doer::Operator(self.roll(100))
                } else {
                    let address = self.one_in(4).then(|| self.pick(&ADDRESSES).parse().unwrap());
                    let comes = matches!(deed, Deed::Join { .. });
                    let room = deed.room().filter(|_| !comes);
                    Doer::Session { session: self.session_in(state, room), address }
                };
                Request::Do { doer, deed: deed.into() }
            }
        }
    }

    fn open(&mut self, state: &State) -> Request {
        let session = SessionId::new(state.incarnation, self.roll(1000) as u32);
        if self.one_in(6) {
            let (user, key) = self.held(state);
            let (name, proof) = (name("ann"), Proof::Key(user, key));
            return Request::Open { session, name, proof, address: None };
        }
        let who = self.pick(&PEOPLE);
        let with = token(if self.one_in(8) { self.pick(&PEOPLE) } else { who });
        let account = state.holder(&name(who)).and_then(|(_, user)| user.account.as_ref());
        let proof = match account {
            Some(account) if !self.one_in(4) => {
                let phc = if self.one_in(6) { phc("none") } else { account.phc.clone() };
                let called = self.one_in(4).then(|| name(self.pick(&PEOPLE)).into());
                let over = self.one_in(3).then(|| self.session(state));
                Proof::Password { phc, token: with, called, over }
            }
            _ if self.one_in(3) => Proof::Visitor(Ident::of(who, who).into()),
            _ if self.one_in(2) => Proof::NewGuest(with),
            _ => Proof::Token(with),
        };
        let address = self.one_in(4).then(|| self.pick(&ADDRESSES).parse().unwrap());
        Request::Open { session, name: name(who), proof, address }
    }

    /// A key that somebody has, mostly.
    fn held(&mut self, state: &State) -> (UserId, KeyId) {
        let all: Vec<_> =
            state.users().flat_map(|(user, _)| state.keys_of(user).map(move |(id, _)| (user, id))).collect();
        if all.is_empty() || self.one_in(20) { (UserId(3), KeyId(7)) } else { self.pick(&all) }
    }

    fn by_key(&mut self, state: &State) -> Doer {
        let (user, key) = self.held(state);
        let address = self.one_in(4).then(|| self.pick(&ADDRESSES).parse().unwrap());
        Doer::Key { key, user, call: 1, address }
    }

    fn key(&mut self) -> NewKey {
        let scopes = if self.one_in(3) { Scopes(self.roll(17) as u8) } else { Scopes::ALL };
        let room = self.one_in(6).then(|| RoomId(1 + self.roll(4)));
        let until = self.one_in(5).then(|| Millis(self.time + self.roll(600_000) as i64));
        NewKey { hash: token(&format!("key {}", self.roll(1000))), label: "key".into(), scopes, until, room }
    }

    fn hook(&mut self) -> NewHook {
        let url = format!("https://example.org/{}", self.roll(1000));
        NewHook { url, label: "hook".into(), secret: HookSecret([self.roll(256) as u8; 32]) }
    }

    /// A session, mostly one that is open.
    fn session(&mut self, state: &State) -> SessionId {
        let open: Vec<_> = state.users().flat_map(|(_, user)| user.sessions.clone()).collect();
        if open.is_empty() || self.one_in(30) { SessionId(7) } else { self.pick(&open) }
    }

    /// A session, mostly one of somebody who is in a room and often of somebody who may much there.
    fn session_in(&mut self, state: &State, room: Option<&Where>) -> SessionId {
        let room = room.and_then(|room| found(state, room));
        let least = if self.one_in(2) { Role::Moderator } else { Role::Member };
        let there =
            room.into_iter().flat_map(|room| &room.members).filter(|(_, member)| member.role >= least);
        let sessions: Vec<_> =
            there.filter_map(|(id, _)| state.user(*id)).flat_map(|user| user.sessions.clone()).collect();
        if sessions.is_empty() || self.one_in(4) { self.session(state) } else { self.pick(&sessions) }
    }

    fn place(&mut self, state: &State) -> Where {
        match self.roll(20) {
            0 => Where::Id(RoomId(self.roll(state.next_room.0 + 1))),
            1..=3 => Where::With(name(self.pick(&PEOPLE))),
            4..=7 => Where::Name(room_name("#lobby")),
            8..=13 => Where::Name(room_name("#tea")),
            _ => Where::Name(room_name(self.pick(&ROOMS))),
        }
    }

    /// A message of a room, mostly one of the last.
    fn seq(&mut self, state: &State, room: &Where) -> Seq {
        let last = found(state, room).map_or(3, |room| room.last.0);
        Seq((last + 1).saturating_sub(self.roll(8)))
    }

    fn body(&mut self) -> Body {
        let (line, who) = (self.roll(1000), self.pick(&PEOPLE));
        let text = match self.roll(8) {
            0 => format!("@{who}, see line {line}"),
            1 => format!("@room line {line}"),
            _ => format!("line {line}"),
        };
        Body::parse(&text).unwrap()
    }

    fn client_id(&mut self) -> Option<ClientId> {
        self.one_in(2).then(|| ClientId([self.roll(100) as u8; 16]))
    }

    fn mask(&mut self) -> Mask {
        let who = self.pick(&PEOPLE);
        match self.roll(8) {
            0 => Mask::Account(UserId(self.roll(12))),
            3 => mask("account:a3"),
            4 => mask("client:u*"),
            1 => mask("10.0.0.0/8"),
            2 => mask("b*"),
            _ => mask(who),
        }
    }

    /// A mask that was laid in a room, if there is one.
    fn laid(&mut self, room: Option<&Room>, sort: Kind) -> Mask {
        let sanctions = room.into_iter().flat_map(|room| &room.sanctions);
        let masks: Vec<_> = sanctions.filter(|(other, _)| *other == sort).map(|(_, of)| &of.mask).collect();
        if masks.is_empty() { self.mask() } else { self.pick(&masks).clone() }
    }

    fn setting(&mut self) -> Setting {
        let on = self.one_in(2);
        match self.roll(18) {
            16 => Setting::RegisteredSpeak(on),
            17 => Setting::RegisteredJoin(on),
            15 => Setting::Name {
                name: chatroom_model::RoomName::parse(self.pick(&["#tea", "#coffee", "#teа"])).unwrap(),
                reason: self.pick(&["", "why"]).to_string(),
            },
            14 => Setting::Several(vec![Setting::Moderated(on), Setting::Outside(self.one_in(2))]),
            12 => Setting::Outside(on),
            13 => Setting::OpenTopic(on),
            0 | 1 => Setting::Topic(format!("topic {}", self.roll(4))),
            2 => Setting::Access(self.pick(Access::ALL)),
            3 => Setting::Password(on.then(|| room_password("word"))),
            4 => Setting::Slow(self.roll(4) as u32),
            5 => Setting::Limit(on.then(|| 2 + self.roll(4) as u32)),
            6 => Setting::Moderated(on),
            7 | 8 => {
                let age = on.then(|| 1 + self.roll(10_000_000) as i64);
                Setting::Retention(Retention { age, number: self.one_in(2).then(|| 1 + self.roll(20)) })
            }
            _ => Setting::Archived(self.one_in(3)),
        }
    }

    fn deed(&mut self, state: &State) -> Deed {
        let (room, user) = (self.place(state), name(self.pick(&PEOPLE)));
        let (seq, on) = (self.seq(state, &room), !self.one_in(3));
        let reason = if on { "why".to_owned() } else { String::new() };
        let until = (!self.one_in(6)).then(|| state.time.plus(self.roll(600_000) as i64));
        match self.roll(101) {
            94..=96 => Deed::AddHook { room, hook: self.hook() },
            97 => {
                let all: Vec<_> = state.hooks().map(|(room, id, _)| (room, id)).collect();
                let (room, hook) = if all.is_empty() { (RoomId(1), HookId(7)) } else { self.pick(&all) };
                Deed::EndHook { room: Where::Id(room), hook, why: self.pick(&Ending::ALL) }
            }
            0..=4 => {
                let access = self.pick(Access::ALL);
                Deed::Create { room: room_name(self.pick(&ROOMS)), access }
            }
            5..=12 => {
                let word = if self.one_in(3) { "wrong" } else { "word" };
                Deed::Join { room, password: self.one_in(3).then(|| room_password(word)) }
            }
            13..=14 => Deed::Leave { room, reason },
            15..=18 => Deed::Set { room, setting: self.setting() },
            19 if self.one_in(3) => Deed::Delete { room },
            19..=21 => Deed::Invite { room, user },
            22..=23 => Deed::Kick { room, user, reason },
            24 | 69 => Deed::Ban { room, mask: self.mask(), reason, until },
            25 | 58..=60 => {
                let mask = self.laid(found(state, &room), Kind::Ban);
                Deed::Unban { room, mask }
            }
            26 => Deed::Mute { room, mask: self.mask(), reason, until },
            27 | 61..=63 => {
                let mask = self.laid(found(state, &room), Kind::Mute);
                Deed::Unmute { room, mask }
            }
            28..=30 => Deed::Role { room, user, role: self.pick(Role::ALL), voiced: on },
            31..=33 => {
                let (body, client_id) = (self.body().as_str().to_owned(), self.client_id());
                Deed::Edit { room, seq, body, client_id }
            }
            34..=35 => Deed::Redact { room, seq, reason },
            36..=37 => Deed::React { room, seq, emoji: self.pick(&["👍", "🎉", "ok"]).into(), on },
            38..=39 => Deed::Pin { room, seq, on },
            40 => Deed::Read { room, seq, at: on.then_some(state.time) },
            41 => Deed::Read { room: Where::With(user), seq, at: Some(state.time) },
            42..=43 => {
                let (since, until) = (state.time.plus(-(self.roll(60_000) as i64)), state.time.plus(50_000));
                Deed::Purge { room, user, since, until }
            }
            44 | 64..=65 => {
                let rooms = state.rooms().filter(|(_, room)| room.direct.is_none());
                let purges: Vec<_> =
                    rooms.flat_map(|(id, room)| room.purges.iter().map(move |one| (id, one.id))).collect();
                let (id, purge) = if purges.is_empty() { (RoomId(1), 7) } else { self.pick(&purges) };
                Deed::Unpurge { room: Where::Id(id), purge }
            }
            45..=46 => Deed::Nick { name: user },
            47..=48 => Deed::Register { phc: phc("one") },
            49 => Deed::Password { phc: phc(self.pick(&["one", "two"])) },
            50..=51 => Deed::Away { text: on.then(|| "lunch".to_owned()) },
            52 => Deed::Profile { text: reason },
            53 => Deed::Ignore { user, on },
            54 => Deed::BanHere { mask: self.mask(), reason, until: Some(state.time.plus(200_000)) },
            55 | 66..=68 => {
                let bans: Vec<_> = state.bans().iter().collect();
                let mask = if bans.is_empty() { self.mask() } else { self.pick(&bans).mask.clone() };
                Deed::UnbanHere { mask }
            }
            56 => Deed::ResetPassword { user, phc: phc("reset") },
            74..=76 => {
                let sort = self.pick(&[Kind::Exempt, Kind::Welcome]);
                let mask = if on { self.mask() } else { self.laid(found(state, &room), sort) };
                Deed::Exempt { room, sort, mask, on }
            }
            77..=79 => {
                let room = if self.one_in(2) { Some(room) } else { None };
                let key = self.pick(&["a", "b", "c/d"]).to_owned();
                Deed::Metadata { room, key, value: on.then(|| self.pick(&["x", "y"]).to_owned()) }
            }
            70 => Deed::Disconnect { user, reason },
            80 => {
                let ident = on.then(|| Ident::of("u", "U"));
                Deed::CreateAccount { name: name(self.pick(&["fay", "gus", "hal"])), phc: phc("made"), ident }
            }
            71..=73 => {
                Deed::Ident { ident: Ident::of(self.pick(&["u", "v", "w"]), self.pick(&["", "U", "V"])) }
            }
            81..=83 => Deed::Come { name: user, key: self.key(), phc: self.one_in(3).then(|| phc("came")) },
            84..=85 => {
                let account = state.holder(&user).and_then(|(_, who)| who.account.as_ref());
                let phc = account.map_or_else(|| phc("none"), |account| account.phc.clone());
                Deed::LogIn { name: user, phc, key: self.key() }
            }
            86..=87 => Deed::GiveKey { key: self.key() },
            89..=90 | 98..=100 => Deed::MakeBot { name: user, key: self.key() },
            91 => Deed::BotKey { bot: user, key: self.key() },
            92 => Deed::EndBot { bot: user },
            88 => Deed::RevokeKey { key: self.held(state).1 },
            _ => Deed::Operator { user, on },
        }
    }
}

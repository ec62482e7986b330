//! Short words for the tests: who does what, and when. Decides and expects nothing.

use chatroom_model::memory::Memory;
use chatroom_model::{
    Access, Body, ClientId, CloseReason, Deed, Doer, Event, How, Mask, Millis, Name, NodeId, Position, Proof,
    Refusal, Request, Role, Room, RoomId, RoomName, Say, Seq, SessionId, Setting, TokenHash, User, UserId,
    Where,
};
use std::collections::HashMap;

/// What comes of an entry.
pub(crate) type Answer = Result<Vec<Event>, Refusal>;

/// A node in memory, the time there, and on which session everybody is.
pub(crate) struct Talk {
    pub(crate) log: Memory,
    pub(crate) now: i64,
    sessions: HashMap<String, SessionId>,
    next: u32,
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn room_name(text: &str) -> RoomName {
    RoomName::parse(text).unwrap()
}

pub(crate) fn at(text: &str) -> Where {
    match text.strip_prefix('#') {
        Some(_) => Where::Name(room_name(text)),
        None => Where::With(name(text)),
    }
}

pub(crate) fn mask(text: &str) -> Mask {
    Mask::parse(text).unwrap()
}

pub(crate) fn token(text: &str) -> TokenHash {
    TokenHash(*blake3_of(text).first_chunk().unwrap())
}

fn blake3_of(text: &str) -> [u8; 32] {
    chatroom_model::chain::body_hash(&[0; 16], text)
}

pub(crate) fn phc(word: &str) -> String {
    format!("$argon2id$v=19$m=8,t=1,p=1$c2FsdA${word}")
}

pub(crate) fn body(text: &str) -> Body {
    Body::parse(text).unwrap()
}

pub(crate) fn id(n: u8) -> Option<ClientId> {
    Some(ClientId([n; 16]))
}

impl Talk {
    /// These people are guests, in the lobby.
    pub(crate) fn new(people: &[&str]) -> Self {
        let mut talk = Self { log: Memory::new(), now: 1000, sessions: HashMap::new(), next: 0 };
        talk.ask(Request::StartNode { node: NodeId(0) }).unwrap();
        for who in people {
            talk.open(who).unwrap();
        }
        talk
    }

    pub(crate) fn ask(&mut self, request: Request) -> Answer {
        self.log.ask(self.now, request)
    }

    /// A session id that nobody had.
    pub(crate) fn fresh(&mut self) -> SessionId {
        self.next += 1;
        SessionId::new(self.log.state.incarnation, self.next)
    }

    /// Somebody comes in by a proof, and speaks on that session from then on.
    pub(crate) fn enter(&mut self, who: &str, proof: Proof) -> Answer {
        let session = self.fresh();
        let answer = self.ask(Request::Open { session, name: name(who), proof, address: None });
        if answer.is_ok() {
            self.sessions.insert(who.to_owned(), session);
        }
        answer
    }

    pub(crate) fn open(&mut self, who: &str) -> Answer {
        self.enter(who, Proof::NewGuest(token(who)))
    }

    /// Somebody comes back by a token.
    pub(crate) fn back(&mut self, who: &str, with: &str) -> Answer {
        self.enter(who, Proof::Token(token(with)))
    }

    /// Somebody comes in by a password; the session's token is called `with`.
    pub(crate) fn login(&mut self, who: &str, word: &str, with: &str) -> Answer {
        self.enter(who, Proof::Password { phc: phc(word), token: token(with), called: None, over: None })
    }

    /// The same, by who wants to be called something else.
    pub(crate) fn login_as(&mut self, who: &str, word: &str, with: &str, called: &str) -> Answer {
        let called = Some(Box::new(name(called)));
        self.enter(who, Proof::Password { phc: phc(word), token: token(with), called, over: None })
    }

    pub(crate) fn close(&mut self, who: &str) -> Answer {
        let (session, seen) = (self.session(who), self.log.state.position);
        self.ask(Request::Close { session, reason: CloseReason::Quit, seen, why: Default::default() })
    }

    pub(crate) fn session(&self, who: &str) -> SessionId {
        self.sessions[who]
    }

    pub(crate) fn does(&mut self, who: &str, deed: Deed) -> Answer {
        let session = self.session(who);
        self.ask(Request::Do { doer: Doer::Session { session, address: None }, deed: deed.into() })
    }

    /// Somebody does something, from an address.
    pub(crate) fn does_from(&mut self, who: &str, from: &str, deed: Deed) -> Answer {
        let (session, address) = (self.session(who), Some(from.parse().unwrap()));
        self.ask(Request::Do { doer: Doer::Session { session, address }, deed: deed.into() })
    }

    /// The operator at the machine does something.
    pub(crate) fn machine(&mut self, deed: Deed) -> Answer {
        self.ask(Request::Do { doer: Doer::Operator(1), deed: deed.into() })
    }

    pub(crate) fn create(&mut self, who: &str, room: &str, access: Access) -> RoomId {
        self.does(who, Deed::Create { room: room_name(room), access }).unwrap();
        self.log.state.room_named(&room_name(room)).unwrap()
    }

    pub(crate) fn join(&mut self, who: &str, room: &str) -> Answer {
        self.does(who, Deed::Join { room: at(room), password: None })
    }

    pub(crate) fn leave(&mut self, who: &str, room: &str) -> Answer {
        self.does(who, Deed::Leave { room: at(room), reason: String::new() })
    }

    pub(crate) fn kick(&mut self, who: &str, room: &str, user: &str) -> Answer {
        self.does(who, Deed::Kick { room: at(room), user: name(user), reason: "why".into() })
    }

    pub(crate) fn ban(&mut self, who: &str, room: &str, on: &str, until: Option<i64>) -> Answer {
        let (mask, reason, until) = (mask(on), "why".into(), until.map(Millis));
        self.does(who, Deed::Ban { room: at(room), mask, reason, until })
    }

    pub(crate) fn mute(&mut self, who: &str, room: &str, on: &str, until: Option<i64>) -> Answer {
        let (mask, reason, until) = (mask(on), "why".into(), until.map(Millis));
        self.does(who, Deed::Mute { room: at(room), mask, reason, until })
    }

    pub(crate) fn role(&mut self, who: &str, room: &str, user: &str, role: Role) -> Answer {
        self.does(who, Deed::Role { room: at(room), user: name(user), role, voiced: false })
    }

    pub(crate) fn set(&mut self, who: &str, room: &str, setting: Setting) -> Answer {
        self.does(who, Deed::Set { room: at(room), setting })
    }

    pub(crate) fn say(&mut self, who: &str, room: &str, text: &str) -> Answer {
        self.reply(who, room, text, None, None)
    }

    pub(crate) fn reply(
        &mut self,
        who: &str,
        room: &str,
        text: &str,
        reply: Option<u64>,
        client_id: Option<ClientId>,
    ) -> Answer {
        let (session, room, body, how) = (self.session(who), at(room), body(text), How::Said);
        let (reply, seen) = (reply.map(Seq), Position(0));
        self.ask(Request::Say(Say { how, reply, client_id, seen, ..Say::new(session, room, body) }))
    }

    pub(crate) fn edit(&mut self, who: &str, room: &str, seq: u64, text: &str) -> Answer {
        self.does(who, Deed::Edit { room: at(room), seq: Seq(seq), body: text.into(), client_id: None })
    }

    pub(crate) fn redact(&mut self, who: &str, room: &str, seq: u64) -> Answer {
        self.does(who, Deed::Redact { room: at(room), seq: Seq(seq), reason: String::new() })
    }

    pub(crate) fn react(&mut self, who: &str, room: &str, seq: u64, emoji: &str, on: bool) -> Answer {
        self.does(who, Deed::React { room: at(room), seq: Seq(seq), emoji: emoji.into(), on })
    }

    pub(crate) fn pin(&mut self, who: &str, room: &str, seq: u64, on: bool) -> Answer {
        self.does(who, Deed::Pin { room: at(room), seq: Seq(seq), on })
    }

    pub(crate) fn id(&self, who: &str) -> UserId {
        self.log.state.holder(&name(who)).unwrap().0
    }

    pub(crate) fn user(&self, who: &str) -> &User {
        self.log.state.holder(&name(who)).unwrap().1
    }

    pub(crate) fn room(&self, room: &str) -> &Room {
        self.log.state.room(self.log.state.room_named(&room_name(room)).unwrap()).unwrap()
    }

    /// What somebody is in a room.
    pub(crate) fn role_of(&self, room: &str, who: &str) -> Option<Role> {
        self.room(room).members.get(&self.id(who)).map(|member| member.role)
    }

    pub(crate) fn is_room(&self, room: &str) -> bool {
        self.log.state.room_named(&room_name(room)).is_some()
    }
}

/// The words of an answer's events, for a glance at which happened.
pub(crate) fn words(answer: &Answer) -> Vec<&'static str> {
    let events = answer.as_ref().unwrap_or_else(|no| panic!("refused: {no}"));
    events.iter().map(|event| chatroom_model::durable::write_event(event).kind).collect()
}

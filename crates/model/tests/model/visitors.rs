//! What the rules say about people who are there only while connected, as IRC's guests are.

use chatroom_model::memory::Memory;
use chatroom_model::{
    Access, CloseReason, Deed, Doer, Entry, Event, Fact, Ident, LOBBY, Millis, Name, Position, Proof, RULES,
    Refusal, Request, RoomName, SessionId, TokenHash, UserId, Way, Where,
};

struct Log(Memory);

impl Log {
    fn new() -> Self {
        Self(Memory::new())
    }

    fn ask(&mut self, request: Request) -> Result<Vec<Event>, Refusal> {
        let position = self.0.state.position.next();
        let entry = Entry { position, time: Millis(1), rules: RULES, salt: [0; 16], request };
        self.0.take(&entry).map(|events| events.to_vec())
    }

    fn comes(&mut self, session: u64, who: &str) -> Result<Vec<Event>, Refusal> {
        let proof = Proof::Visitor(Ident::of("u", who).into());
        self.ask(Request::Open { session: SessionId(session), name: name(who), proof, address: None })
    }

    fn goes(&mut self, session: u64, why: &str) -> Vec<Event> {
        let (session, reason, seen) = (SessionId(session), CloseReason::Quit, Position(0));
        self.ask(Request::Close { session, reason, seen, why: why.into() }).unwrap()
    }

    fn does(&mut self, session: u64, deed: Deed) -> Result<Vec<Event>, Refusal> {
        let doer = Doer::Session { session: SessionId(session), address: None };
        self.ask(Request::Do { doer, deed: deed.into() })
    }

    fn rooms(&self, user: UserId) -> usize {
        self.0.state.rooms_of(user).count()
    }
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn tea() -> Where {
    Where::Name(RoomName::parse("#tea").unwrap())
}

fn make_tea(log: &mut Log, session: u64) {
    let room = RoomName::parse("#tea").unwrap();
    log.does(session, Deed::Create { room, access: Access::Public }).unwrap();
}

#[test]
fn a_visitor_begins_in_no_room_and_is_forgotten_with_the_last_session() {
    let mut log = Log::new();
    let events = log.comes(1, "ann").unwrap();
    let Event::GuestCreated { user, .. } = events[0] else { panic!("{events:?}") };
    assert_eq!(log.rooms(user), 0);
    assert!(matches!(&events[2], Event::CameOnline { rooms, .. } if rooms.is_empty()), "{events:?}");
    assert_eq!(log.comes(2, "Ann").unwrap_err(), Refusal::NameInUse);
    log.does(1, Deed::Join { room: Where::Id(LOBBY), password: None }).unwrap();
    let events = log.goes(1, "tea time");
    assert!(
        matches!(&events[1], Event::WentOffline { rooms, why, .. } if rooms == &[LOBBY] && why == "tea time")
    );
    assert!(matches!(events[2], Event::GuestForgotten { .. }));
    assert_eq!((log.rooms(user), log.0.state.user(user).is_none()), (0, true));
    log.comes(3, "ann").unwrap();
}

#[test]
fn a_room_of_visitors_ends_with_them_and_goes_to_whoever_stays() {
    let mut log = Log::new();
    log.comes(1, "ann").unwrap();
    log.comes(2, "bob").unwrap();
    make_tea(&mut log, 1);
    log.does(2, Deed::Join { room: tea(), password: None }).unwrap();
    let events = log.goes(1, "");
    assert!(
        matches!(&events[3], Event::Fact(Fact::RoleSet { name, .. }) if name.as_str() == "bob"),
        "{events:?}"
    );
    let events = log.goes(2, "");
    assert!(matches!(events[3], Event::Fact(Fact::RoomDeleted { .. })), "{events:?}");
    log.comes(3, "cas").unwrap();
    make_tea(&mut log, 3);
}

#[test]
fn who_registers_is_no_visitor_any_more() {
    let mut log = Log::new();
    log.comes(1, "ann").unwrap();
    make_tea(&mut log, 1);
    let phc = "$argon2id$x".to_owned();
    log.does(1, Deed::Register { phc: phc.clone() }).unwrap();
    let events = log.goes(1, "");
    assert!(matches!(events[..], [Event::SessionClosed { .. }, Event::WentOffline { .. }]), "{events:?}");
    assert_eq!(log.comes(2, "ann").unwrap_err(), Refusal::NameRegistered);
    let proof = Proof::Password { phc, token: TokenHash([1; 32]), called: None };
    let open = Request::Open { session: SessionId(3), name: name("ann"), proof, address: None };
    log.ask(open).unwrap();
    let (user, _) = log.0.state.holder(&name("ann")).unwrap();
    assert_eq!(log.rooms(user), 1, "a member stays one while away");
    let ident = Ident::of("ann", "Ann");
    log.does(3, Deed::Ident { ident: ident.clone() }).unwrap();
    assert_eq!(log.does(3, Deed::Ident { ident }).unwrap_err(), Refusal::AlreadySo);
    let improper = Ident { user: "a b".into(), ..Ident::of("", "") };
    assert_eq!(log.does(3, Deed::Ident { ident: improper }).unwrap_err(), Refusal::NotAllowed);
}

#[test]
fn a_new_run_of_the_node_forgets_visitors_that_a_crash_left() {
    let mut log = Log::new();
    let node = chatroom_model::NodeId(0);
    log.ask(Request::StartNode { node }).unwrap();
    let session = SessionId::new(log.0.state.incarnation, 1);
    log.comes(session.0, "ann").unwrap();
    make_tea(&mut log, session.0);
    let events = log.ask(Request::StartNode { node }).unwrap();
    assert!(events.iter().any(|event| matches!(event, Event::GuestForgotten { .. })), "{events:?}");
    assert!(events.iter().any(|event| matches!(event, Event::Fact(Fact::RoomDeleted { .. }))), "{events:?}");
    assert_eq!(log.0.state.users().count(), 0);
}

#[test]
fn parting_words_and_being_put_off_are_told() {
    let mut log = Log::new();
    log.comes(1, "ann").unwrap();
    log.comes(2, "bob").unwrap();
    make_tea(&mut log, 1);
    log.does(2, Deed::Join { room: tea(), password: None }).unwrap();
    let events = log.does(2, Deed::Leave { room: tea(), reason: "bye".into() }).unwrap();
    assert!(
        matches!(&events[0], Event::Fact(Fact::Left { way: Way::Parted { reason }, .. }) if reason == "bye")
    );
    let off = || Deed::Disconnect { user: name("bob"), reason: "spam".into() };
    assert_eq!(log.does(1, off()).unwrap_err(), Refusal::NotAllowed);
    let operator = Doer::Operator(1);
    log.ask(Request::Do { doer: operator, deed: Deed::Operator { user: name("ann"), on: true }.into() })
        .unwrap();
    let events = log.does(1, off()).unwrap();
    assert!(matches!(events[0], Event::SessionClosed { reason: CloseReason::Killed, .. }), "{events:?}");
    assert!(matches!(&events[1], Event::WentOffline { why, .. } if why == "spam"), "{events:?}");
    assert!(matches!(log.does(1, off()).unwrap_err(), Refusal::NoSuchUser(_)));
}

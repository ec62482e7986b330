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
    let proof = Proof::Password { phc, token: TokenHash([1; 32]), called: None, over: None };
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

/// `ann` is registered and in `#old`; `vis` is a visitor in `#tea`. Session 1 is ann's, and is over; 2 is the visitor's.
fn ann_away_and_a_visitor() -> (Log, UserId, UserId) {
    let mut log = Log::new();
    log.comes(1, "ann").unwrap();
    let old = RoomName::parse("#old").unwrap();
    log.does(1, Deed::Create { room: old, access: Access::Public }).unwrap();
    log.does(1, Deed::Register { phc: PHC.into() }).unwrap();
    log.goes(1, "");
    log.comes(2, "vis").unwrap();
    make_tea(&mut log, 2);
    let user = |log: &Log, who| log.0.state.holder(&name(who)).unwrap().0;
    let (ann, vis) = (user(&log, "ann"), user(&log, "vis"));
    (log, ann, vis)
}

const PHC: &str = "$argon2id$x";

fn goes_on(log: &mut Log, session: u64, over: u64, called: &str) -> Result<Vec<Event>, Refusal> {
    let called = Some(Box::new(name(called)));
    let over = Some(SessionId(over));
    let proof = Proof::Password { phc: PHC.into(), token: TokenHash([1; 32]), called, over };
    log.ask(Request::Open { session: SessionId(session), name: name("ann"), proof, address: None })
}

#[test]
fn a_visitor_who_logs_in_stays_where_they_are_under_the_name_they_have() {
    let (mut log, ann, vis) = ann_away_and_a_visitor();
    log.comes(3, "bob").unwrap();
    let tea_room = log.0.state.room_named(&RoomName::parse("#tea").unwrap()).unwrap();
    let events = goes_on(&mut log, 4, 2, "vis").unwrap();
    let told = events.iter().any(|event| {
        matches!(event, Event::Fact(Fact::AccountTold { user, name, called: Some(called), was, rooms })
            if *user == ann && name.as_str() == "ann" && called.as_str() == "vis" && *was == Some(vis) && *rooms == [tea_room])
    });
    assert!(told, "{events:?}");
    assert!(
        !events.iter().any(|event| matches!(event, Event::WentOffline { .. })),
        "nobody goes: {events:?}"
    );
    let untold = |event: &Event| !matches!(event, Event::Fact(Fact::Joined { told: true, .. }));
    assert!(events.iter().all(untold), "nobody comes: {events:?}");
    let state = &log.0.state;
    assert_eq!(state.holder(&name("vis")).map(|(id, _)| id), Some(ann));
    assert_eq!(state.holder(&name("ann")).map(|(id, _)| id), Some(ann));
    assert!(state.user(vis).is_none() && state.session(SessionId(2)).is_none());
    assert_eq!(state.session(SessionId(4)).map(|session| session.user), Some(ann));
    assert_eq!(log.rooms(ann), 2);
    let room = state.room(tea_room).unwrap();
    assert_eq!(
        (room.members[&ann].role, room.online, room.members.len()),
        (chatroom_model::Role::Owner, 1, 1)
    );
}

#[test]
fn a_visitor_who_logs_in_beside_another_session_is_called_as_that_one() {
    let (mut log, ann, vis) = ann_away_and_a_visitor();
    let proof = Proof::Password { phc: PHC.into(), token: TokenHash([2; 32]), called: None, over: None };
    log.ask(Request::Open { session: SessionId(3), name: name("ann"), proof, address: None }).unwrap();
    let events = goes_on(&mut log, 4, 2, "vis").unwrap();
    let gone = |event: &Event| matches!(event, Event::WentOffline { user, rooms, .. } if *user == vis && rooms.len() == 1);
    let came =
        |event: &Event| matches!(event, Event::Fact(Fact::Joined { user, told: true, .. }) if *user == ann);
    assert!(events.iter().any(gone) && events.iter().any(came), "{events:?}");
    assert!(log.0.state.holder(&name("vis")).is_none());
    assert_eq!((log.rooms(ann), log.0.state.user(ann).unwrap().sessions.len()), (2, 2));
}

#[test]
fn whoever_goes_on_as_somebody_else_leaves_a_registered_name_to_whom_it_is() {
    let (mut log, ann, vis) = ann_away_and_a_visitor();
    log.does(2, Deed::Register { phc: "$argon2id$y".into() }).unwrap();
    let events = goes_on(&mut log, 4, 2, "vis").unwrap();
    let gone = |event: &Event| matches!(event, Event::WentOffline { user, .. } if *user == vis);
    assert!(events.iter().any(gone), "{events:?}");
    let holder = |log: &Log, who| log.0.state.holder(&name(who)).map(|(id, _)| id);
    assert_eq!((holder(&log, "vis"), holder(&log, "ann")), (Some(vis), Some(ann)));
    assert_eq!((log.rooms(vis), log.rooms(ann)), (1, 1), "each is where they were");
}

#[test]
fn logging_in_lets_nobody_into_what_keeps_them_out_and_ends_nothing_if_it_fails() {
    let (mut log, ann, vis) = ann_away_and_a_visitor();
    log.comes(3, "bob").unwrap();
    log.does(3, Deed::Join { room: tea(), password: None }).unwrap();
    let (mask, reason) = (chatroom_model::Mask::parse("account:ann").unwrap(), String::new());
    log.does(2, Deed::Ban { room: tea(), mask, reason, until: None }).unwrap();
    assert_eq!(goes_on(&mut log, 4, 9, "vis").unwrap_err(), Refusal::NoSession);
    assert!(log.0.state.user(vis).is_some() && log.rooms(vis) == 1);
    let events = goes_on(&mut log, 4, 2, "vis").unwrap();
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::Fact(Fact::Left { user, told: true, .. }) if *user == vis)),
        "{events:?}"
    );
    assert_eq!(log.rooms(ann), 1, "not where a ban of the account meets them");
    let heir = log.0.state.holder(&name("bob")).unwrap().0;
    let room = log.0.state.room_named(&RoomName::parse("#tea").unwrap()).unwrap();
    assert_eq!(log.0.state.room(room).unwrap().members[&heir].role, chatroom_model::Role::Owner);
    assert_eq!(goes_on(&mut log, 5, 4, "vis").unwrap_err(), Refusal::AlreadySo, "they are that user");
}

//! What the rules say about names, sessions and messages, one conversation each.

use chatroom_model::memory::Memory as Log;
use chatroom_model::{
    Body, ClientId, CloseReason, Event, How, LOBBY, Name, NodeId, ONLINE_TOLD, Position, Proof, Refusal,
    Request, Say, Seq, SessionId, TOKEN_HOLD, TokenHash, Where,
};

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn guest(session: u64, who: &str) -> Request {
    Request::Open {
        session: SessionId(session),
        name: name(who),
        proof: Proof::NewGuest(token(who)),
        address: None,
    }
}

fn back(session: u64, who: &str) -> Request {
    Request::Open {
        session: SessionId(session),
        name: name(who),
        proof: Proof::Token(token(who)),
        address: None,
    }
}

fn token(who: &str) -> TokenHash {
    let mut bytes = [0; 16];
    bytes[..who.len()].copy_from_slice(who.as_bytes());
    TokenHash::of(&bytes)
}

fn close(session: u64) -> Request {
    Request::Close {
        session: SessionId(session),
        reason: CloseReason::Lost,
        seen: Position(0),
        why: Default::default(),
    }
}

fn say(session: u64, text: &str, id: Option<u8>) -> Request {
    let client_id = id.map(|id| ClientId([id; 16]));
    said(session, Where::Id(LOBBY), text, client_id)
}

fn tell(session: u64, to: &str, text: &str) -> Request {
    said(session, Where::With(name(to)), text, None)
}

fn said(session: u64, room: Where, text: &str, client_id: Option<ClientId>) -> Request {
    let (session, body, how) = (SessionId(session), Body::parse(text).unwrap(), How::Said);
    Request::Say(Say { how, client_id, ..Say::new(session, room, body) })
}

#[test]
fn a_name_has_one_holder_at_a_time() {
    let mut log = Log::new();
    log.ask(0, guest(1, "bob")).unwrap();
    assert_eq!(log.ask(1, guest(2, "BOB")).unwrap_err(), Refusal::NameInUse);
    log.ask(2, close(1)).unwrap();
    assert_eq!(log.ask(3, guest(2, "bob")).unwrap_err(), Refusal::NameHeld);
    assert_eq!(log.ask(2 + TOKEN_HOLD - 1, guest(2, "bob")).unwrap_err(), Refusal::NameHeld);
    let events = log.ask(2 + TOKEN_HOLD, guest(2, "bob")).unwrap();
    assert!(matches!(events[0], Event::GuestForgotten { .. }), "{events:?}");
    assert_eq!(log.ask(3 + TOKEN_HOLD, back(3, "nobody")).unwrap_err(), Refusal::BadToken);
}

#[test]
fn a_token_is_good_for_an_hour_after_its_user_was_last_seen() {
    for (later, good) in [(TOKEN_HOLD - 1, true), (TOKEN_HOLD, false)] {
        let mut log = Log::new();
        log.ask(0, guest(1, "bob")).unwrap();
        log.ask(5, close(1)).unwrap();
        assert_eq!(log.ask(5 + later, back(2, "bob")).is_ok(), good, "after {later} ms");
    }
    let mut log = Log::new();
    log.ask(0, guest(1, "bob")).unwrap();
    let wrong = Request::Open {
        session: SessionId(2),
        name: name("bob"),
        proof: Proof::Token(token("bab")),
        address: None,
    };
    assert_eq!(log.ask(1, wrong).unwrap_err(), Refusal::BadToken);
}

#[test]
fn who_comes_back_takes_over_what_still_looks_open_and_is_announced_once() {
    let mut log = Log::new();
    log.ask(0, guest(1, "bob")).unwrap();
    let events = log.ask(1, back(2, "bob")).unwrap();
    assert!(
        matches!(
            events[..],
            [
                Event::SessionClosed { session: SessionId(1), reason: CloseReason::Superseded, .. },
                Event::SessionOpened { session: SessionId(2), resume: Some(_), .. }
            ]
        ),
        "{events:?}"
    );
    assert_eq!(log.ask(2, close(1)).unwrap_err(), Refusal::NoSession);
    let events = log.ask(3, close(2)).unwrap();
    assert!(matches!(events[1], Event::WentOffline { ref rooms, .. } if *rooms == [LOBBY]));
    assert_eq!(log.state.online(), 0);
}

#[test]
fn the_same_user_and_client_id_are_one_message_for_ever() {
    let mut log = Log::new();
    log.ask(0, guest(1, "ann")).unwrap();
    log.ask(0, guest(2, "bob")).unwrap();
    log.ask(1, say(1, "once", Some(1))).unwrap();
    let stands = log.state.position;
    assert_eq!(log.ask(2, say(1, "twice", Some(1))).unwrap_err(), Refusal::AlreadyStored(stands));
    log.ask(3, say(2, "another's", Some(1))).unwrap();
    log.ask(4, close(1)).unwrap();
    log.ask(5, back(3, "ann")).unwrap();
    assert_eq!(log.ask(6, say(3, "after coming back", Some(1))).unwrap_err(), Refusal::AlreadyStored(stands));
}

#[test]
fn a_direct_message_is_kept_for_whoever_is_away_and_refused_for_whoever_is_nobody() {
    let mut log = Log::new();
    log.ask(0, guest(1, "ann")).unwrap();
    log.ask(0, guest(2, "bob")).unwrap();
    let events = log.ask(1, tell(1, "bob", "hi")).unwrap();
    assert!(matches!(&events[1], Event::Message { to: Some(to), seq: Seq(1), .. } if !to.away), "{events:?}");
    log.ask(2, close(2)).unwrap();
    let events = log.ask(3, tell(1, "Bob", "still there?")).unwrap();
    assert!(matches!(&events[0], Event::Message { to: Some(to), seq: Seq(2), .. } if to.away), "{events:?}");
    let note = log.ask(4, tell(1, "ann", "me")).unwrap();
    assert!(
        matches!(&note[1], Event::Message { author, to: Some(to), .. } if to.user == *author),
        "{note:?}"
    );
    assert_eq!(log.ask(5, tell(1, "zoe", "who")).unwrap_err(), Refusal::NoSuchUser(name("zoe")));
    let late = log.ask(2 + TOKEN_HOLD, tell(1, "bob", "too late")).unwrap_err();
    assert_eq!(late, Refusal::NoSuchUser(name("bob")));
}

#[test]
fn a_node_that_starts_again_ends_what_its_last_run_left_open() {
    let mut log = Log::new();
    let start = || Request::StartNode { node: NodeId(0) };
    log.ask(0, start()).unwrap();
    let session = |n: u32| SessionId::new(log.state.incarnation, n).0;
    let (first, second) = (session(1), session(2));
    log.ask(1, guest(first, "ann")).unwrap();
    log.ask(1, guest(second, "bob")).unwrap();
    let events = log.ask(2, start()).unwrap();
    assert_eq!(events.len(), 5, "two sessions, two people, one start: {events:?}");
    assert_eq!((log.state.online(), log.state.incarnation.0), (0, 2));
    assert_eq!(log.ask(3, say(first, "ghost", None)).unwrap_err(), Refusal::NoSession);
}

#[test]
fn above_a_crowd_people_are_counted_not_told() {
    let mut log = Log::new();
    for n in 0..=ONLINE_TOLD as u64 {
        let events = log.ask(0, guest(n + 1, &format!("u{n}"))).unwrap();
        let told = n < ONLINE_TOLD as u64;
        assert!(
            matches!(&events[2], Event::CameOnline { rooms, .. } if rooms.is_empty() != told),
            "{n}: {events:?}"
        );
    }
    assert_eq!(log.state.online(), ONLINE_TOLD + 1);
    assert!(
        matches!(log.ask(1, close(1)).unwrap()[1], Event::WentOffline { ref rooms, .. } if rooms.is_empty())
    );
    assert!(
        matches!(log.ask(1, close(2)).unwrap()[1], Event::WentOffline { ref rooms, .. } if *rooms == [LOBBY])
    );
}

#[test]
fn guests_who_do_not_come_back_are_forgotten_with_their_direct_rooms() {
    let mut log = Log::new();
    log.ask(0, guest(1, "ann")).unwrap();
    log.ask(0, guest(2, "bob")).unwrap();
    log.ask(0, tell(1, "bob", "hi")).unwrap();
    log.ask(1, close(2)).unwrap();
    let (bob, _) = log.state.holder(&name("bob")).unwrap();
    let (ann, _) = log.state.holder(&name("ann")).unwrap();
    log.ask(TOKEN_HOLD + 1, guest(3, "zoe")).unwrap();
    assert!(log.state.holder(&name("bob")).is_none() && log.state.user(bob).is_none());
    assert!(log.state.direct(ann, bob).is_none() && log.state.direct(bob, ann).is_none());
}

#[test]
fn times_never_run_backwards_even_if_the_edge_s_do() {
    let mut log = Log::new();
    log.ask(1000, guest(1, "ann")).unwrap();
    log.ask(10, say(1, "from a slow clock", None)).unwrap();
    assert!(log.records.windows(2).all(|pair| pair[0].time <= pair[1].time));
    assert_eq!(log.state.time.0, 1000);
}

#[test]
fn a_mark_says_nothing_of_a_session_that_opened_after_what_it_marks() {
    let mut log = Log::new();
    log.ask(0, Request::StartNode { node: NodeId(0) }).unwrap();
    let session = |n| SessionId::new(log.state.incarnation, n);
    let (a, b, c) = (session(1), session(2), session(3));
    log.ask(1, guest(a.0, "ann")).unwrap();
    log.ask(1, guest(b.0, "bob")).unwrap();
    let given = log.state.given(b);
    log.ask(2, close(b.0)).unwrap();
    for n in 0..5 {
        log.ask(2, say(a.0, &n.to_string(), None)).unwrap();
    }
    // Measured before Bob is back, and placed after.
    let measured = log.state.position;
    log.ask(3, back(c.0, "bob")).unwrap();
    log.ask(3, Request::MarkSeen { node: NodeId(0), upto: measured, except: vec![] }).unwrap();
    assert_eq!((log.state.given(a), log.state.given(c)), (measured, given), "he is still catching up");
    log.ask(4, say(a.0, "on", None)).unwrap();
    let later = log.state.position;
    log.ask(5, Request::MarkSeen { node: NodeId(0), upto: later, except: vec![c] }).unwrap();
    assert_eq!((log.state.given(a), log.state.given(c)), (later, given), "and lags");
    log.ask(6, Request::StartNode { node: NodeId(0) }).unwrap();
    let events = log.ask(7, back(99, "bob")).unwrap();
    assert!(matches!(events[0], Event::SessionOpened { resume: Some(p), .. } if p == given), "{events:?}");
}

#[test]
fn what_was_certainly_given_is_noted_for_all_but_those_who_lag() {
    let mut log = Log::new();
    log.ask(0, Request::StartNode { node: NodeId(0) }).unwrap();
    let a = SessionId::new(log.state.incarnation, 1);
    let b = SessionId::new(log.state.incarnation, 2);
    log.ask(1, guest(a.0, "ann")).unwrap();
    log.ask(1, guest(b.0, "bob")).unwrap();
    let opened = log.state.given(b);
    for n in 0..5 {
        log.ask(2, say(a.0, &n.to_string(), None)).unwrap();
    }
    let upto = log.state.position;
    log.ask(3, Request::MarkSeen { node: NodeId(0), upto, except: vec![b] }).unwrap();
    assert_eq!((log.state.given(a), log.state.given(b)), (upto, opened));
    let later = log.state.position;
    log.ask(4, Request::MarkSeen { node: NodeId(0), upto: later, except: vec![] }).unwrap();
    assert_eq!((log.state.given(a), log.state.given(b)), (later, later));
    log.ask(5, Request::StartNode { node: NodeId(0) }).unwrap();
    let events = log.ask(6, back(99, "bob")).unwrap();
    assert!(matches!(events[0], Event::SessionOpened { resume: Some(p), .. } if p == later), "{events:?}");
}

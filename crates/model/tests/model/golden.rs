//! What was once written is read for ever: golden files of every durable form, and a golden log that is replayed.
//! `UPDATE=1 cargo test -p chatroom-model` writes them anew; a changed line needs a new form, not a new file.

use chatroom_model::durable::{Unreadable, read_entry, read_event, write_entry, write_event};
use chatroom_model::memory::Memory as Log;
use chatroom_model::{
    Body, ClientId, CloseReason, Entry, Event, How, Import, Incarnation, LOBBY, Millis, Name, NodeId,
    Position, Proof, Recipient, Request, RoomId, Say, Seq, SessionId, TokenHash, UserId, Where,
};
use std::path::Path;

pub(crate) fn check(file: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected =
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{file}: {e}; UPDATE=1 writes it"));
    assert_eq!(actual, expected, "{file}");
}

fn body(text: &str) -> Body {
    Body::parse(text).unwrap()
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn events() -> Vec<Event> {
    let (user, session) = (UserId(7), SessionId(4294967299));
    let to = Box::new(Recipient { user: UserId(8), name: name("Оля"), away: true });
    let message = |to, client_id| Event::Message {
        room: RoomId(2),
        seq: Seq(3),
        session,
        author: user,
        name: name("bob"),
        to,
        label: None,
        how: How::Said,
        reply: None,
        mentions: vec![],
        client_id,
        tags: Default::default(),
        seen: Position(5),
        body: body("hi \"there\""),
    };
    vec![
        Event::NodeStarted { node: NodeId(0), incarnation: Incarnation(2) },
        Event::GuestCreated { user, name: name("bob"), token: TokenHash([0xab; 32]), visitor: None },
        Event::GuestForgotten { user },
        Event::SessionOpened { session, user, name: name("bob"), resume: None },
        Event::SessionOpened { session, user, name: name("bob"), resume: Some(Position(9)) },
        Event::CameOnline { user, name: name("bob"), rooms: vec![LOBBY], instead: None },
        Event::SessionClosed { session, user, reason: CloseReason::Quit, seen: Position(9) },
        Event::SessionClosed { session, user, reason: CloseReason::Lost, seen: Position(9) },
        Event::SessionClosed { session, user, reason: CloseReason::Superseded, seen: Position(9) },
        Event::SessionClosed { session, user, reason: CloseReason::Stalled, seen: Position(9) },
        Event::SessionClosed { session, user, reason: CloseReason::Server, seen: Position(9) },
        Event::WentOffline { user, name: name("bob"), rooms: vec![], why: Default::default() },
        Event::DirectCreated { room: RoomId(2), from: user, to: UserId(8) },
        message(None, None),
        message(Some(to), Some(ClientId([0x11; 16]))),
        Event::SeenMarked {
            incarnation: Incarnation(2),
            upto: Position(9),
            except: vec![],
            caught_up: vec![],
        },
        Event::SeenMarked {
            incarnation: Incarnation(2),
            upto: Position(9),
            except: vec![session],
            caught_up: vec![SessionId(1)],
        },
        Event::Imported {
            room: RoomId(1),
            seq: Seq(1),
            author: "Алиса B.".into(),
            at: Millis(1_770_347_719_681),
            id: ClientId([0x22; 16]),
            body: body("hello"),
        },
    ]
}

fn said(session: SessionId, room: Where, text: &str, client_id: Option<ClientId>) -> Request {
    let (how, reply, body, seen) = (How::Said, None, body(text), Position(5));
    Request::Say(Say { how, reply, client_id, seen, ..Say::new(session, room, body) })
}

fn requests() -> Vec<Request> {
    let session = SessionId(4294967299);
    let (client_id, seen) = (Some(ClientId([0x11; 16])), Position(5));
    let id = ClientId([0x22; 16]);
    vec![
        Request::StartNode { node: NodeId(0) },
        Request::Open {
            session,
            name: name("bob"),
            proof: Proof::NewGuest(TokenHash([0xab; 32])),
            address: None,
        },
        Request::Open {
            session,
            name: name("bob"),
            proof: Proof::Token(TokenHash([0xab; 32])),
            address: None,
        },
        Request::Close { session, reason: CloseReason::Quit, seen, why: Default::default() },
        said(session, Where::Id(LOBBY), "hi", None),
        said(session, Where::Id(LOBBY), "hi", client_id),
        said(session, Where::With(name("Оля")), "psst", client_id),
        Request::MarkSeen { node: NodeId(0), upto: Position(9), except: vec![session] },
        Request::Import(Import {
            author: "".into(),
            at: Millis(7),
            body: body("*** Alice joined the chat ***"),
            id,
        }),
    ]
}

#[test]
fn every_event_keeps_its_form_and_reads_back() {
    let mut lines = String::new();
    for event in events() {
        let form = write_event(&event);
        assert!(form.data.contains(&format!("\"kind\":\"{}\"", form.kind)), "{}", form.data);
        let again = write_event(&read_event(&form.data, form.body.as_deref()).unwrap());
        assert_eq!((&again.data, &again.body), (&form.data, &form.body));
        lines += &format!("{}\t{}\n", form.data, form.body.unwrap_or_default());
    }
    check("events.v1.txt", &lines);
}

#[test]
fn every_entry_keeps_its_form_and_reads_back() {
    let mut lines = String::new();
    for (n, request) in (1..).zip(requests()) {
        let entry = Entry {
            position: Position(n),
            time: Millis(1000 + n as i64),
            rules: 1,
            salt: [n as u8; 16],
            request,
        };
        let form = write_entry(&entry);
        assert_eq!(write_entry(&read_entry(&form).unwrap()), form);
        lines += &(form + "\n");
    }
    check("entries.v1.jsonl", &lines);
}

#[test]
fn a_golden_log_leads_to_the_same_state_and_chain_for_ever() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/log.v1.jsonl");
    let mut log = Log::new();
    let mut refused = 0;
    for line in std::fs::read_to_string(path).unwrap().lines() {
        refused += usize::from(log.take(&read_entry(line).unwrap()).is_err());
    }
    let link: String = log.link.0.iter().map(|b| format!("{b:02x}")).collect();
    let end = format!(
        "events {}\nrefused {refused}\nstate {}\nchain {link}\n",
        log.records.len(),
        log.state.hash().to_hex()
    );
    check("log.v1.end.txt", &end);
}

#[test]
fn what_cannot_be_read_says_why() {
    let newer = r#"{"v":4,"kind":"wonder","what":1}"#;
    assert!(matches!(read_event(newer, None), Err(Unreadable::Newer(4))));
    assert!(matches!(read_event(r#"{"v":2,"kind":"wonder"}"#, None), Err(Unreadable::Damaged(_))));
    assert!(matches!(read_event(r#"{"v":1,"kind":"wonder"}"#, None), Err(Unreadable::Damaged(_))));
    assert!(matches!(read_event("", None), Err(Unreadable::Damaged(_))));
    let message = write_event(&events()[13]);
    assert!(read_event(&message.data, None).unwrap().body().unwrap().is_redacted());
    assert!(matches!(read_event(&message.data, Some("a\rb")), Err(Unreadable::Value(_))));
    assert!(matches!(read_entry(r#"{"v":9}"#), Err(Unreadable::Newer(9))));
}

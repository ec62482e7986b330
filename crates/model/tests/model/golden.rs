//! What was once written is read for ever: golden files of every durable form, and a golden log that is replayed.
//! `UPDATE=1 cargo test -p chatroom-model` writes them anew; a changed line needs a new form, not a new file.

use crate::log::Log;
use chatroom_model::durable::{Unreadable, read_entry, read_event, write_entry, write_event};
use chatroom_model::{
    Body, ClientId, CloseReason, Entry, Event, Import, Incarnation, Millis, Name, NodeId, Position, Proof,
    RULES, Recipient, Request, RoomId, Seq, SessionId, TokenHash, UserId,
};
use std::path::Path;

fn check(file: &str, actual: &str) {
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
    let to = Recipient { user: UserId(8), name: name("Оля"), away: true };
    let message = |to, client_id| Event::Message {
        room: RoomId(2),
        seq: Seq(3),
        session,
        author: user,
        name: name("bob"),
        to,
        client_id,
        seen: Position(5),
        body: body("hi \"there\""),
    };
    vec![
        Event::NodeStarted { node: NodeId(0), incarnation: Incarnation(2) },
        Event::GuestCreated { user, name: name("bob"), token: TokenHash([0xab; 32]) },
        Event::GuestForgotten { user },
        Event::SessionOpened { session, user, name: name("bob"), resume: None },
        Event::SessionOpened { session, user, name: name("bob"), resume: Some(Position(9)) },
        Event::CameOnline { user, name: name("bob"), told: true },
        Event::SessionClosed { session, user, reason: CloseReason::Quit, seen: Position(9) },
        Event::SessionClosed { session, user, reason: CloseReason::Lost, seen: Position(9) },
        Event::SessionClosed { session, user, reason: CloseReason::Superseded, seen: Position(9) },
        Event::SessionClosed { session, user, reason: CloseReason::Stalled, seen: Position(9) },
        Event::SessionClosed { session, user, reason: CloseReason::Server, seen: Position(9) },
        Event::WentOffline { user, name: name("bob"), told: false },
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

fn requests() -> Vec<Request> {
    let session = SessionId(4294967299);
    let (client_id, seen) = (Some(ClientId([0x11; 16])), Position(5));
    let id = ClientId([0x22; 16]);
    vec![
        Request::StartNode { node: NodeId(0) },
        Request::Open { session, name: name("bob"), proof: Proof::NewGuest(TokenHash([0xab; 32])) },
        Request::Open { session, name: name("bob"), proof: Proof::Token(TokenHash([0xab; 32])) },
        Request::Close { session, reason: CloseReason::Quit, seen },
        Request::Say { session, body: body("hi"), client_id: None, seen },
        Request::Say { session, body: body("hi"), client_id, seen },
        Request::Tell { session, to: name("Оля"), body: body("psst"), client_id, seen },
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
            rules: RULES,
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
    if std::env::var_os("UPDATE").is_some() && !path.exists() {
        std::fs::write(&path, made_up_log()).unwrap();
    }
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

/// Two hundred entries of every kind, some of them refused.
fn made_up_log() -> String {
    let mut entries = String::new();
    let mut dice = 12345u64;
    let mut roll = |n: u64| {
        dice = dice.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (dice >> 33) % n
    };
    for n in 1..=200u64 {
        let session = SessionId(1 << 32 | roll(6));
        let who = name(["ann", "bob", "Оля", "zoe"][roll(4) as usize]);
        let token = TokenHash([who.as_str().len() as u8; 32]);
        let client_id = (roll(2) == 0).then(|| ClientId([roll(20) as u8; 16]));
        let seen = Position(roll(n));
        let text = body(&format!("line {}", roll(1000)));
        let request = match roll(20) {
            _ if n == 1 => Request::StartNode { node: NodeId(0) },
            0 => Request::StartNode { node: NodeId(roll(2)) },
            1..=4 => Request::Open { session, name: who, proof: Proof::NewGuest(token) },
            5..=6 => Request::Open { session, name: who, proof: Proof::Token(token) },
            7..=8 => Request::Close { session, reason: CloseReason::Lost, seen },
            9..=13 => Request::Say { session, body: text, client_id, seen },
            14..=16 => Request::Tell { session, to: who, body: text, client_id, seen },
            17 => Request::MarkSeen { node: NodeId(0), upto: seen, except: vec![session] },
            _ => Request::Import(Import {
                author: who.as_str().into(),
                at: Millis(5),
                body: text,
                id: ClientId([roll(9) as u8; 16]),
            }),
        };
        let time = Millis((n * 100_000 + roll(200_000)) as i64);
        entries +=
            &write_entry(&Entry { position: Position(n), time, rules: RULES, salt: [n as u8; 16], request });
        entries.push('\n');
    }
    entries
}

#[test]
fn what_cannot_be_read_says_why() {
    let newer = r#"{"v":2,"kind":"wonder","what":1}"#;
    assert!(matches!(read_event(newer, None), Err(Unreadable::Newer(2))));
    assert!(matches!(read_event(r#"{"v":1,"kind":"wonder"}"#, None), Err(Unreadable::Damaged(_))));
    assert!(matches!(read_event("", None), Err(Unreadable::Damaged(_))));
    let message = write_event(&events()[13]);
    assert!(matches!(read_event(&message.data, None), Err(Unreadable::Value(_))));
    assert!(matches!(read_entry(r#"{"v":9}"#), Err(Unreadable::Newer(9))));
}

//! The stream: what is told, from where on, and what may be asked over it.

use crate::caller::{Caller, ask};
use crate::patient;
use crate::socket::{Events, Heard, Socket, asks, comes, frame, opening, says};
use chatroom_wire::websocket::MESSAGE_BYTES;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

fn text(event: &Value) -> &str {
    event["message"]["text"].as_str().unwrap()
}

#[test]
fn what_happens_is_told_as_it_happens() {
    let rig = patient(|_| {});
    let (ann, bob) = (comes(rig.address, "ann"), comes(rig.address, "bob"));
    let (mut socket, hello) = Socket::open(rig.address, &ann, "");
    assert_eq!(hello["user"]["name"], "ann");
    assert_eq!(hello["resumed"], false);
    let mut events = Events::open(rig.address, &bob, "", "");
    assert_eq!(events.next().1["type"], "hello");
    let said = says(rig.address, &bob, "hi *there*");
    let told = socket.event("message");
    assert_eq!(told["message"], said, "the same over HTTP and on the stream");
    let (id, same) = loop {
        let next = events.next();
        if next.1["event"] == "message" {
            break next;
        }
    };
    assert_eq!(same, told);
    assert_eq!(id, Some(told["position"].as_u64().unwrap() - 1), "from there on it would be told again");
    // Who is on the stream is there, and who is not any more is not.
    drop(events);
    let went = socket.event("went_offline");
    assert_eq!(went["user"]["name"], "bob");
}

#[test]
fn the_api_can_be_asked_over_it() {
    let rig = patient(|_| {});
    let ann = comes(rig.address, "ann");
    let (mut socket, _) = Socket::open(rig.address, &ann, "");
    let key = "0a0a0a0a-0000-4000-8000-000000000001";
    let say =
        json!({"id": 1, "method": "POST", "path": "/rooms/1/messages", "key": key, "body": {"text": "once"}});
    let answer = socket.asks(&say);
    assert_eq!((&answer["status"], &answer["body"]["seq"]), (&json!(201), &json!(1)), "{answer}");
    let again = socket.asks(&say);
    assert_eq!((&again["status"], &again["body"]["seq"]), (&json!(200), &json!(1)), "{again}");
    let page = socket.asks(&json!({"id": "page", "method": "GET", "path": "/rooms/lobby/messages?limit=1"}));
    assert_eq!(page["body"]["messages"][0]["text"], "once", "{page}");
    let none = socket.asks(&json!({"id": 3, "method": "GET", "path": "/nothing"}));
    assert_eq!((&none["status"], &none["body"]["code"]), (&json!(404), &json!("not-found")));
    let wrong = socket.asks(&json!({"id": 4, "method": "DELETE", "path": "/me"}));
    assert_eq!((&wrong["status"], &wrong["body"]["code"]), (&json!(405), &json!("method-not-allowed")));
    let put =
        socket.asks(&json!({"id": 5, "method": "PUT", "path": "/rooms/1/messages/1/reactions/%F0%9F%91%8D"}));
    assert_eq!((&put["status"], &put["body"]), (&json!(204), &Value::Null));
    // What cannot be read is said, with the id where that could be.
    for (asked, id) in [("[]", json!(0)), ("{\"id\":6,\"method\":\"GET\"}", json!(6)), ("x", json!(0))] {
        socket.text(asked);
        let answer = socket.until(|heard| heard["type"] == "answer");
        assert_eq!((&answer["id"], &answer["body"]["code"]), (&id, &json!("bad-request")), "{answer}");
    }
    // Many at once are said in the order in which they were asked.
    for n in 0..100 {
        let body = json!({"text": format!("line {n}")});
        socket
            .text(&json!({"id": n, "method": "POST", "path": "/rooms/1/messages", "body": body}).to_string());
    }
    for n in 0..100 {
        assert_eq!(text(&socket.event("message")), format!("line {n}"));
    }
}

#[test]
fn who_comes_again_is_told_what_they_missed_once_and_in_order() {
    let seed: u64 = rand_seed();
    println!("seed {seed}");
    let mut dice = seed;
    let mut roll = |n: u64| {
        dice = dice.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (dice >> 33) % n
    };
    let rig = patient(|_| {});
    let (ann, bob) = (comes(rig.address, "ann"), comes(rig.address, "bob"));
    let address = rig.address;
    let speaker = std::thread::spawn(move || {
        for n in 0..300 {
            says(address, &bob, &format!("line {n}"));
        }
    });
    // What was told at the position that is not yet known to be whole is told again: the position says so.
    let mut heard: BTreeMap<u64, String> = BTreeMap::new();
    let (mut done, mut resumes) = (0, 0);
    while heard.len() < 300 {
        let (mut socket, hello) = Socket::open(rig.address, &ann, &format!("?after={done}"));
        assert_eq!(hello["resumed"], true, "{hello}");
        resumes += 1;
        let (mut last, most) = (done, 1 + roll(40));
        for _ in 0..most {
            let told = socket.json();
            let Some(position) = told["position"].as_u64().filter(|_| told["type"] != "answer") else {
                continue;
            };
            assert!(position >= last, "positions never go back");
            if told["type"] == "ping" {
                done = position;
                continue;
            }
            if position > last {
                (done, last) = (last.max(done), position);
            }
            if told["event"] == "message" {
                let before = heard.insert(position, text(&told).to_owned());
                assert!(before.is_none() || position > done, "told again: {told}");
            }
            if heard.len() == 300 {
                break;
            }
        }
    }
    speaker.join().unwrap();
    let expected: Vec<_> = (0..300).map(|n| format!("line {n}")).collect();
    assert!(heard.values().eq(&expected), "{heard:?}");
    assert!(resumes > 5, "it came again {resumes} times");
}

fn rand_seed() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos().into()
}

#[test]
fn who_is_too_far_behind_or_ahead_is_told_of_the_gap() {
    let rig = patient(|_| {});
    let ann = comes(rig.address, "ann");
    let (mut socket, hello) = Socket::open(rig.address, &ann, "?after=9000");
    assert_eq!(hello["resumed"], false);
    let gap = socket.json();
    assert_eq!((&gap["type"], &gap["after"]), (&json!("gap"), &json!(9000)));
    assert_eq!(gap["upto"], hello["position"]);
    let mut events = Events::open(rig.address, &ann, "", "Last-Event-ID: 1\r\n");
    assert_eq!(events.next().1["resumed"], true, "what a browser says by itself counts");
}

#[test]
fn a_slow_reader_is_told_everything_in_order() {
    let rig = patient(|_| {});
    let (ann, bob) = (comes(rig.address, "ann"), comes(rig.address, "bob"));
    let (mut socket, _) = Socket::open(rig.address, &ann, "");
    let (mut loud, _) = Socket::open(rig.address, &bob, "");
    // More than the outbox and the kernel hold.
    let long = "x".repeat(4000);
    let many = 2500;
    for n in 0..many {
        let body = json!({"text": format!("{n} {long}")});
        loud.text(&json!({"id": n, "method": "POST", "path": "/rooms/1/messages", "body": body}).to_string());
        if n % 100 == 99 {
            loud.until(|heard| heard["type"] == "answer" && heard["id"] == n);
        }
    }
    for n in 0..many {
        let told = socket.event("message");
        assert_eq!(text(&told).split(' ').next(), Some(&*n.to_string()));
    }
}

#[test]
fn a_key_that_is_revoked_ends_its_streams() {
    let rig = patient(|_| {});
    let ann = comes(rig.address, "ann");
    let (mut socket, _) = Socket::open(rig.address, &ann, "");
    let mut events = Events::open(rig.address, &ann, "", "");
    assert_eq!(asks(rig.address, &ann, "DELETE", "/sessions/current", &Value::Null).0, 204);
    let end = socket.until(|heard| heard["type"] == "end");
    assert_eq!(end["code"], "revoked");
    assert_eq!(socket.hear(), Heard::Close(1008, "revoked".into()));
    assert_eq!(socket.hear(), Heard::End);
    while events.next().1["type"] != "end" {}
    // And what is asked by it is not heard of.
    let mut caller = Caller::connect(rig.address);
    caller.say(&opening(&ann, "", ""));
    assert_eq!(caller.hear(false).status, 401);
}

#[test]
fn whoever_is_put_out_is_told_nothing_more_of_the_room() {
    let rig = patient(|_| {});
    let (ann, bob) = (comes(rig.address, "ann"), comes(rig.address, "bob"));
    assert_eq!(asks(rig.address, &ann, "POST", "/rooms", &json!({"name": "tea"})).0, 201);
    assert_eq!(asks(rig.address, &bob, "PUT", "/rooms/tea/membership", &Value::Null).0, 200);
    let (mut socket, hello) = Socket::open(rig.address, &bob, "");
    assert_eq!(asks(rig.address, &ann, "DELETE", "/rooms/tea/members/bob?reason=no", &Value::Null).0, 204);
    let say = json!({"text": "among us"});
    assert_eq!(asks(rig.address, &ann, "POST", "/rooms/tea/messages", &say).0, 201);
    says(rig.address, &ann, "to all");
    let left = socket.event("left");
    assert_eq!((&left["by"]["name"], &left["reason"]), (&json!("ann"), &json!("no")), "{left}");
    assert_eq!(text(&socket.event("message")), "to all");
    // Nor by coming again from before.
    let after = format!("?after={}", hello["position"]);
    let (mut again, _) = Socket::open(rig.address, &bob, &after);
    assert_eq!(again.event("left")["user"]["name"], "bob");
    assert_eq!(text(&again.event("message")), "to all");
}

#[test]
fn what_breaks_the_protocol_is_closed_with_its_code() {
    let rig = patient(|_| {});
    let ann = comes(rig.address, "ann");
    let full = format!("{{\"id\":1,\"x\":\"{}\"}}", "x".repeat(MESSAGE_BYTES - 15));
    assert_eq!(full.len(), MESSAGE_BYTES);
    let (mut socket, _) = Socket::open(rig.address, &ann, "");
    socket.text(&full);
    assert_eq!(socket.until(|heard| heard["type"] == "answer")["status"], 400, "so much is read");
    for (bytes, code) in [
        (frame(0x81, format!("{full} ").as_bytes()), 1009),
        (frame(0x82, b"binary"), 1003),
        (frame(0x81, b"\xff"), 1007),
        (frame(0xc1, b"{}"), 1002),
        (vec![0x81, 2, b'{', b'}'], 1002),
        (frame(0x80, b"more"), 1002),
        (frame(0x88, &5u16.to_be_bytes()), 1002),
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), 1002),
    ] {
        let (mut socket, _) = Socket::open(rig.address, &ann, "");
        socket.raw(&bytes);
        let closed = loop {
            match socket.hear() {
                Heard::Text(_) => {}
                other => break other,
            }
        };
        assert!(matches!(closed, Heard::Close(with, _) if with == code), "{closed:?} for {bytes:.20?}");
        assert_eq!(socket.hear(), Heard::End);
    }
    // A message in pieces with a ping between them, sent with the opening; and a farewell.
    let asked = json!({"id": 7, "method": "GET", "path": "/me"}).to_string();
    let (head, tail) = asked.as_bytes().split_at(9);
    let all = [frame(0x01, head), frame(0x89, b"there?"), frame(0x80, tail)].concat();
    let (mut socket, _) = Socket::open_saying(rig.address, &ann, "", &all);
    let (mut pong, mut answered) = (false, false);
    while !(pong && answered) {
        match socket.hear() {
            Heard::Pong(bytes) => pong = bytes == b"there?",
            Heard::Text(text) => answered |= text.contains("\"answer\",\"id\":7,\"status\":200"),
            other => panic!("{other:?}"),
        }
    }
    socket.frame(0x88, &1000u16.to_be_bytes());
    assert_eq!(socket.hear(), Heard::Close(1000, String::new()));
    assert_eq!(socket.hear(), Heard::End);
}

#[test]
fn an_opening_that_is_not_proper_is_refused() {
    let rig = patient(|_| {});
    let ann = comes(rig.address, "ann");
    let status = |asked: &str| {
        let mut caller = Caller::connect(rig.address);
        caller.say(asked);
        caller.hear(false).status
    };
    let proper = opening(&ann, "", "");
    assert_eq!(status(&opening(&ann, "", "Origin: http://evil.example\r\n")), 403);
    assert_eq!(status(&opening(&ann, "", "Sec-Fetch-Site: cross-site\r\n")), 403);
    assert_eq!(status(&proper.replace("Host: localhost", "Host: evil.example")), 421);
    assert_eq!(status(&opening("chatroom_none", "", "")), 401);
    assert_eq!(status(&proper.replace("Version: 13", "Version: 12")), 400);
    assert_eq!(status(&proper.replace("ZQ==", "Z==")), 400);
    assert_eq!(status(&proper.replace("keep-alive, Upgrade", "keep-alive")), 400);
    assert_eq!(status(&opening(&ann, "?after=-1", "")), 400);
    assert_eq!(status(&opening(&ann, "?after=x", "")), 400);
    let bare = ask(rig.address, "GET", "/api/v1/stream", &format!("Authorization: Bearer {ann}\r\n"));
    assert_eq!(bare.status, 426);
    // A key that is not for looking.
    let (_, given) =
        asks(rig.address, &ann, "POST", "/tokens", &json!({"label": "bot", "scopes": ["write"]}));
    assert_eq!(status(&opening(given["key"].as_str().unwrap(), "", "")), 403);
    // With an address of its own page it is opened.
    let mut caller = Caller::connect(rig.address);
    caller.say(&opening(&ann, "", "Origin: http://localhost\r\n"));
    assert_eq!(caller.hear(true).status, 101);
}

#[test]
fn one_conversation_on_every_protocol() {
    let rig = patient(|_| {});
    let ann = comes(rig.address, "ann");
    let (mut socket, _) = Socket::open(rig.address, &ann, "");
    let mut irc = TcpStream::connect(rig.address).unwrap();
    irc.write_all(b"CAP REQ :message-tags\r\nNICK ida\r\nUSER i 0 * :Ida\r\nCAP END\r\nJOIN #lobby\r\n")
        .unwrap();
    let mut lines = BufReader::new(irc.try_clone().unwrap()).lines().map(Result::unwrap);
    let mut hears = |what: &str| lines.find(|line| line.contains(what)).unwrap();
    hears(" 366 ");
    assert_eq!(socket.event("joined")["user"]["name"], "ida");
    irc.write_all(b"PRIVMSG #lobby :from \x02irc\x02\r\n").unwrap();
    let told = socket.event("message");
    assert_eq!(text(&told), "from irc");
    let said = says(rig.address, &ann, "from the page");
    let line = hears("from the page");
    // The same numbers on both.
    assert!(line.contains(&format!("msgid={}-{}", said["room"], said["seq"])), "{line}");
    irc.write_all(b"@+typing=active TAGMSG #lobby\r\n").unwrap();
    let typing = socket.until(|heard| heard["type"] == "typing");
    assert_eq!((&typing["user"]["name"], &typing["state"]), (&json!("ida"), &json!("active")));
    let state = json!({"state": "active"});
    assert_eq!(asks(rig.address, &ann, "POST", "/rooms/1/typing", &state).0, 204);
    assert!(hears("TAGMSG #lobby").contains("+typing=active"));
    // Also between two, once they have a conversation.
    irc.write_all(b"PRIVMSG ann :psst\r\n").unwrap();
    let two = socket.event("message")["message"]["room"].clone();
    irc.write_all(b"@+typing=paused TAGMSG ann\r\n").unwrap();
    let typing = socket.until(|heard| heard["type"] == "typing");
    assert_eq!((&typing["room"], &typing["state"]), (&two, &json!("paused")));
    let path = format!("/rooms/1/messages/{}", told["message"]["seq"]);
    let emoji = "%F0%9F%91%8D";
    assert_eq!(asks(rig.address, &ann, "PUT", &format!("{path}/reactions/{emoji}"), &Value::Null).0, 204);
    assert!(hears("+draft/react").contains("👍"));
    assert_eq!(socket.event("reacted")["emoji"], "👍");
    irc.write_all(b"QUIT :tea time\r\n").unwrap();
    assert_eq!(socket.event("went_offline")["user"]["name"], "ida");
}

//! Events and messages as JSON: every kind there is, as a golden file has it (`UPDATE=1` writes it anew), and as the contract says.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use chatroom_model::durable::{read_event, write_event};
use chatroom_model::{
    Body, Event, How, Ident, LOBBY, Millis, Name, Position, Record, RoomId, Seq, SessionId, Tags, UserId,
};
use chatroom_wire::irc::known::{Known, Nothing, Person};
use chatroom_wire::json::{
    Id, Message, Now, Problem, Reaction, Typing, User, answer, end, event, gap, hello, ping, typing, write,
};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Two people as the golden files have them, and a room.
struct Two {
    bob: Person,
    ann: Person,
}

impl Two {
    fn new() -> Self {
        let ident = Ident::of("secret-user", "secret real name").with('B', true);
        let bob = Person { ident, account: Some("bob".into()), ..Person::default() };
        Self { bob, ann: Person::default() }
    }
}

impl Known for Two {
    fn person(&self, user: UserId) -> Option<&Person> {
        match user.0 {
            7 => Some(&self.bob),
            9 => Some(&self.ann),
            _ => None,
        }
    }

    fn room(&self, room: RoomId) -> Option<&str> {
        (room == RoomId(3)).then_some("#tea")
    }

    fn operator(&self, user: UserId) -> bool {
        user == UserId(9)
    }
}

fn record(event: Event) -> Record {
    Record { position: Position(41), part: 2, time: Millis(1_700_000_000_000), salt: [0xab; 16], event }
}

/// Every event of the model's golden files, which hold every kind there is: a test of the model sees to that.
fn events() -> Vec<Event> {
    let mut events = Vec::new();
    for file in ["events.v1.txt", "events.v2.txt", "events.v3.txt"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/golden").join(file);
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let (data, body) = line.split_once('\t').unwrap();
            events.push(read_event(data, (!body.is_empty()).then_some(body)).unwrap());
        }
    }
    events
}

/// What an event is to those whom it concerns and to everybody in a room, by its kind in the store; each look once.
fn looks() -> BTreeMap<&'static str, Vec<String>> {
    let (known, mut looks) = (Two::new(), BTreeMap::new());
    for event_of in events() {
        let of: &mut Vec<String> = looks.entry(write_event(&event_of).kind).or_default();
        let record = record(event_of);
        for viewer in [0, 7, 8] {
            let mut text = String::from("before ");
            event(&mut text, &record, UserId(viewer), &known);
            let text = text.strip_prefix("before ").unwrap().to_owned();
            if !text.is_empty() && !of.contains(&text) {
                of.push(text);
            }
        }
    }
    looks
}

#[test]
fn every_event_is_what_the_golden_file_has() {
    let mut text = String::new();
    for (kind, looks) in looks() {
        if looks.is_empty() {
            text += &format!("{kind}: not told\n");
        }
        for look in looks {
            text += &format!("{kind}: {look}\n");
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/events.json.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    } else {
        let golden = std::fs::read_to_string(&path).unwrap();
        assert_eq!(golden, text, "UPDATE=1 writes it anew");
    }
}

#[test]
fn nothing_is_told_that_is_nobodys_business() {
    let never = [
        "argon2",
        "phc",
        "token",
        "session",
        "salt",
        "abab",
        "cdcd",
        "seen",
        "rooms",
        "10.0.0.0",
        "2001:db8",
        "00ff",
        "draft",
        "tags",
        "4294967299",
        "holder",
        "secret",
        "0000000000",
    ];
    for look in looks().into_values().flatten() {
        assert!(!look.contains(['\n', '\r']), "{look}");
        let value: Value = serde_json::from_str(&look).unwrap();
        assert_eq!((&value["type"], &value["position"]), (&"event".into(), &41.into()), "{look}");
        let look = look.replace("1700000000000", "T");
        for word in never {
            assert!(!look.contains(word), "{word} in {look}");
        }
    }
}

#[test]
fn the_contract_lists_every_event_and_whatever_it_has() {
    let contract = include_str!("../../../docs/api.md");
    let (_, table) = contract.split_once("| event | has |\n|---|---|\n").unwrap();
    let quoted = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    let mut rows = BTreeMap::new();
    for row in table.lines().take_while(|line| line.starts_with('|')) {
        let (names, has) = row.trim_start_matches('|').split_once(" | ").unwrap();
        for name in quoted(names) {
            rows.insert(name, quoted(has));
        }
    }
    let mut told = BTreeSet::new();
    for look in looks().into_values().flatten() {
        let value: Value = serde_json::from_str(&look).unwrap();
        let name = value["event"].as_str().unwrap();
        told.insert(name.to_owned());
        let has = rows.get(name).unwrap_or_else(|| panic!("{name} does not stand in docs/api.md"));
        for key in value.as_object().unwrap().keys() {
            let common = ["type", "event", "position", "time"].contains(&key.as_str());
            assert!(common || has.contains(key), "docs/api.md says nothing of {key} in {look}");
        }
    }
    assert_eq!(told, rows.into_keys().collect());
}

fn said(body: Body) -> Event {
    Event::Message {
        room: LOBBY,
        seq: Seq(12),
        session: SessionId(99),
        author: UserId(7),
        name: Name::parse("bob").unwrap(),
        to: None,
        label: None,
        how: How::Said,
        reply: Some(Seq(3)),
        mentions: vec![UserId(0), UserId(9)],
        client_id: Some("0198c0de-0000-7000-8000-00000000abcd".parse().unwrap()),
        tags: Tags::parse("+secret=1").unwrap(),
        seen: Position(5),
        body,
    }
}

fn shown(record: &Record, now: Now<'_>) -> String {
    let mut out = String::new();
    write(&mut out, &Message::of(record, now, &Two::new()).unwrap());
    out
}

#[test]
fn a_message_stands_there_as_it_is_now() {
    let first = record(said(Body::parse("hi *all*").unwrap()));
    let head = concat!(
        r#"{"room":1,"seq":12,"position":41,"time":1700000000000,"#,
        r#""author":{"id":7,"name":"bob","account":"bob","bot":true},"kind":"said","#
    );
    let client = r#""client_id":"0198c0de-0000-7000-8000-00000000abcd"}"#;
    assert_eq!(
        shown(&first, Now::default()),
        format!(
            r#"{head}"text":"hi *all*","spans":["hi ",{{"emphasis":["all"]}}],"reply":3,"mentions":[0,9],{client}"#
        )
    );
    let (edited, reactions) = (
        Body::parse("two\nlines").unwrap(),
        [Reaction { emoji: "👍", count: 2, mine: true }, Reaction { emoji: "a\"b", count: 1, mine: false }],
    );
    let now = Now { edited: Some(&edited), edited_at: Some(Millis(7)), reactions: &reactions };
    assert_eq!(
        shown(&first, now),
        format!(
            r#"{head}"text":"two\nlines","reply":3,"edited":true,"edited_at":7,"mentions":[0,9],"reactions":[{{"emoji":"👍","count":2,"mine":true}},{{"emoji":"a\"b","count":1}}],{client}"#
        )
    );
    // What is gone stays gone, whatever else is said of it.
    let gone = record(said(Body::redacted()));
    assert_eq!(shown(&gone, now), format!(r#"{head}"text":"","reply":3,"redacted":true,{client}"#));
    let again = Body::redacted();
    let now = Now { edited: Some(&again), ..Now::default() };
    assert_eq!(shown(&first, now), shown(&first, Now::default()));
    let other = record(Event::GuestForgotten { user: UserId(7) });
    assert!(Message::of(&other, Now::default(), &Nothing).is_none());
}

#[test]
fn what_the_stream_says_beside_events() {
    let (known, name) = (Two::new(), Name::parse("ann").unwrap());
    let user = User::of(&known, UserId(9), &name);
    let mut out = String::new();
    for (adds, expected) in [
        (
            &(|out: &mut String| hello(out, &user, Position(7), true, "chatroom 0.1.0"))
                as &dyn Fn(&mut String),
            r#"{"type":"hello","user":{"id":9,"name":"ann","operator":true},"position":7,"resumed":true,"server":"chatroom 0.1.0"}"#,
        ),
        (&|out| ping(out, Position(7)), r#"{"type":"ping","position":7}"#),
        (&|out| gap(out, Position(7), Position(9)), r#"{"type":"gap","after":7,"upto":9}"#),
        (
            &|out| typing(out, RoomId(3), &User::named("ann"), Typing::Active),
            r#"{"type":"typing","room":3,"user":{"name":"ann"},"state":"active"}"#,
        ),
        (&|out| end(out, "stopping", "a \"b\""), r#"{"type":"end","code":"stopping","detail":"a \"b\""}"#),
        (&|out| answer(out, &Id::Number(-1), 204, None), r#"{"type":"answer","id":-1,"status":204}"#),
        (
            &|out| answer(out, &Id::Text("a\"\n".into()), 201, Some("{\"a\":[1]}\n")),
            r#"{"type":"answer","id":"a\"\n","status":201,"body":{"a":[1]}}"#,
        ),
        (
            &|out| {
                let problem = Problem { title: "T", status: 404, code: "c", detail: "d".into() };
                answer(out, &Id::Number(1), problem.status, Some(&problem.to_json()));
            },
            r#"{"type":"answer","id":1,"status":404,"body":{"title":"T","status":404,"code":"c","detail":"d"}}"#,
        ),
    ] {
        out.clear();
        adds(&mut out);
        assert_eq!(out, expected);
        assert!(serde_json::from_str::<Value>(&out).is_ok());
    }
    for one in Typing::ALL {
        assert_eq!(Typing::read(one.word()), Some(one));
    }
}

fn any_body() -> impl Strategy<Value = Body> {
    let marked = prop::collection::vec(
        prop::sample::select(vec![
            "*",
            "**",
            "~~",
            "`",
            "```\n",
            "> ",
            "\n",
            "@ann",
            "#tea",
            " ",
            "\\",
            "\"",
            "[a](https://b)",
            "\u{2028}",
            "\u{202e}",
            "é",
            "words",
            "</script>",
        ]),
        1..40,
    );
    let any = prop_oneof![marked.prop_map(|parts| parts.concat()), "[\\PC\n]{1,200}"];
    any.prop_filter_map("a body", |text| Body::parse(&text).ok())
}

proptest! {
    #[test]
    fn any_text_is_one_line_and_reads_back(body in any_body(), edited in any_body()) {
        let first = record(said(body.clone()));
        let mut line = String::new();
        event(&mut line, &first, UserId(0), &Nothing);
        prop_assert!(!line.contains(['\n', '\r']));
        let value: Value = serde_json::from_str(&line).unwrap();
        prop_assert_eq!(value["message"]["text"].as_str(), Some(body.as_str()));
        let now = Now { edited: Some(&edited), ..Now::default() };
        let value: Value = serde_json::from_str(&shown(&first, now)).unwrap();
        prop_assert_eq!(value["text"].as_str(), Some(edited.as_str()));
    }
}

//! Messages: said once, edited, taken back, answered by a picture, put up, and read.

use super::program::{Program, no, texts};
use super::unlimited;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A room of ann's with bob in it.
fn tea() -> (crate::rig::Rig, Program, Program) {
    let rig = unlimited();
    let (ann, bob) = (Program::register(&rig, "ann"), Program::come(&rig, "bob"));
    ann.does("POST", "/rooms", json!({ "name": "tea" }));
    bob.does("PUT", "/rooms/tea/membership", Value::Null);
    (rig, ann, bob)
}

#[test]
fn something_is_said() {
    let (_rig, ann, bob) = tea();
    let said = ann.ask("POST", "/rooms/tea/messages", json!({ "text": "hi *@bob*\r\nand all" }));
    assert_eq!(said.status, 201);
    let said = said.json();
    assert_eq!((&said["text"], &said["kind"]), (&json!("hi *@bob*\nand all"), &json!("said")));
    assert_eq!((&said["author"]["id"], &said["author"]["account"]), (&json!(ann.user), &json!("ann")));
    assert_eq!(said["mentions"], json!([bob.user]));
    assert_eq!(said["spans"], json!(["hi ", { "emphasis": [{ "mention": "bob" }] }, "\nand all"]));
    let seq = said["seq"].as_u64().unwrap();
    assert_eq!(bob.get(&format!("/rooms/tea/messages/{seq}")), said);
    let reply =
        bob.does("POST", "/rooms/tea/messages", json!({ "text": "waves", "reply": seq, "kind": "action" }));
    assert_eq!((&reply["reply"], &reply["kind"]), (&json!(seq), &json!("action")));
    for (body, status, code) in [
        (json!({ "text": "" }), 422, "bad-text"),
        (json!({ "text": "\n\n" }), 422, "bad-text"),
        (json!({ "text": "x".repeat(4097) }), 422, "bad-text"),
        (json!({ "text": "x", "kind": "shout" }), 400, "bad-request"),
        (json!({ "text": "x", "reply": u64::MAX }), 404, "no-such-message"),
        (json!({ "text": "x", "reply": 0 }), 404, "no-such-message"),
        (json!({ "txt": "x" }), 400, "bad-request"),
    ] {
        assert_eq!(ann.refused("POST", "/rooms/tea/messages", body.clone()), no(status, code), "{body}");
    }
    ann.does("POST", "/rooms/tea/messages", json!({ "text": "x".repeat(4096) }));
    let (_rig, _, _) = (_rig, ann, bob);
}

#[test]
fn a_retry_is_the_same_message() {
    let (_rig, ann, bob) = tea();
    let key = "Idempotency-Key: 0197a3c4-5d6e-7f80-9a1b-2c3d4e5f6a7b\r\n";
    let say = |who: &Program, text: &str, key: &str| {
        who.asks("POST", "/rooms/tea/messages", key, json!({ "text": text }).to_string().as_bytes())
    };
    let first = say(&ann, "once", key);
    assert_eq!(
        (first.status, &first.json()["client_id"]),
        (201, &json!("0197a3c4-5d6e-7f80-9a1b-2c3d4e5f6a7b"))
    );
    for text in ["once", "whatever is said now"] {
        let again = say(&ann, text, key);
        assert_eq!((again.status, again.json()), (200, first.json()));
    }
    // Another's is another's.
    assert_eq!(say(&bob, "mine", key).status, 201);
    assert_eq!(say(&ann, "x", "Idempotency-Key: tea\r\n").problem(), no(400, "bad-request"));
    // Many at once.
    let key = "Idempotency-Key: \"0197a3c4-5d6e-7f80-9a1b-2c3d4e5f6a7c\"\r\n";
    let threads: Vec<_> = (0..8)
        .map(|n| {
            let ann = ann.clone();
            std::thread::spawn(move || {
                let body = json!({ "text": format!("{n} of eight") }).to_string();
                ann.asks("POST", "/rooms/tea/messages", key, body.as_bytes())
            })
        })
        .collect();
    let answers: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(answers.iter().filter(|one| one.status == 201).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|one| matches!(one.status, 200 | 201)), "{answers:?}");
    assert_eq!(answers.iter().map(|one| one.body.clone()).collect::<BTreeSet<_>>().len(), 1);
    assert_eq!(ann.reads("tea").len(), 3);
}

#[test]
fn a_message_is_given_other_words_by_whoever_wrote_it() {
    let (_rig, ann, bob) = tea();
    let seq = bob.says("tea", "teh");
    let at = format!("/rooms/tea/messages/{seq}");
    let edited = bob.does("PATCH", &at, json!({ "text": "the" }));
    assert_eq!(
        (&edited["text"], &edited["edited"], &edited["seq"]),
        (&json!("the"), &json!(true), &json!(seq))
    );
    assert_eq!(bob.does("PATCH", &at, json!({ "text": "the" }))["text"], "the", "as it is already");
    assert_eq!(ann.reads("tea"), ["the"]);
    assert_eq!(ann.refused("PATCH", &at, json!({ "text": "mine" })), no(403, "not-yours"));
    assert_eq!(bob.refused("PATCH", &at, json!({ "text": "" })), no(422, "bad-text"));
    let nowhere = "/rooms/tea/messages/999";
    assert_eq!(bob.refused("PATCH", nowhere, json!({ "text": "x" })), no(404, "no-such-message"));
    assert_eq!(ann.get("/search?q=teh")["hits"], json!([]), "earlier words are not found");
}

#[test]
fn what_is_taken_back_is_never_told_again() {
    let (_rig, ann, bob) = tea();
    let (one, two) = (bob.says("tea", "CANARY one"), bob.says("tea", "CANARY two"));
    let at = |seq: u64| format!("/rooms/tea/messages/{seq}");
    bob.does("PUT", &format!("{}/reactions/%F0%9F%91%8D", at(one)), Value::Null);
    let cas = Program { key: String::new(), ..bob.clone() };
    assert_eq!(cas.refused("DELETE", &at(one), Value::Null), no(401, "unauthenticated"));
    bob.does("DELETE", &at(one), Value::Null);
    ann.does("DELETE", &format!("{}?reason=spam", at(two)), Value::Null);
    for path in
        ["/rooms/tea/messages".into(), at(one), at(two), "/search?q=canary".into(), "/rooms/tea/audit".into()]
    {
        let answer = ann.ask("GET", &path, Value::Null);
        assert!(answer.status == 200 && !answer.body.contains("CANARY"), "{path}: {answer:?}");
    }
    let gone = ann.get(&at(one));
    assert_eq!((&gone["text"], &gone["redacted"], gone.get("reactions")), (&json!(""), &json!(true), None));
    assert_eq!(bob.refused("PATCH", &at(one), json!({ "text": "x" })).0, 404);
    let own = ann.says("tea", "mine");
    assert_eq!(bob.refused("DELETE", &at(own), Value::Null), no(403, "not-yours"));
    assert_eq!(bob.refused("DELETE", &at(999), Value::Null), no(404, "no-such-message"));
}

#[test]
fn pictures_answer_a_message() {
    let (_rig, ann, bob) = tea();
    let seq = ann.says("tea", "cake?");
    let at = format!("/rooms/tea/messages/{seq}/reactions/%F0%9F%91%8D");
    for _ in 0..2 {
        ann.does("PUT", &at, Value::Null);
        bob.does("PUT", &at, Value::Null);
    }
    let seen = |who: &Program| who.get(&format!("/rooms/tea/messages/{seq}"))["reactions"].clone();
    assert_eq!(seen(&ann), json!([{ "emoji": "👍", "count": 2, "mine": true }]));
    for _ in 0..2 {
        ann.does("DELETE", &at, Value::Null);
    }
    assert_eq!(seen(&ann), json!([{ "emoji": "👍", "count": 1 }]));
    assert_eq!(seen(&bob), json!([{ "emoji": "👍", "count": 1, "mine": true }]));
    let nowhere = "/rooms/tea/messages/999/reactions/%F0%9F%91%8D";
    assert_eq!(ann.refused("PUT", nowhere, Value::Null), no(404, "no-such-message"));
    let long = format!("/rooms/tea/messages/{seq}/reactions/{}", "x".repeat(200));
    assert_eq!(ann.refused("PUT", &long, Value::Null), no(403, "not-allowed"));
}

#[test]
fn a_message_is_put_up_and_taken_down() {
    let (_rig, ann, bob) = tea();
    let (one, two) = (ann.says("tea", "one"), ann.says("tea", "two"));
    let at = |seq: u64| format!("/rooms/tea/messages/{seq}/pin");
    for _ in 0..2 {
        ann.does("PUT", &at(two), Value::Null);
        ann.does("PUT", &at(one), Value::Null);
    }
    let pinned = texts(&bob.get("/rooms/tea/pins")["messages"]);
    assert_eq!(pinned.iter().collect::<BTreeSet<_>>().len(), 2, "{pinned:?}");
    for _ in 0..2 {
        ann.does("DELETE", &at(one), Value::Null);
    }
    assert_eq!(texts(&bob.get("/rooms/tea/pins")["messages"]), ["two"]);
    assert_eq!(bob.refused("PUT", &at(one), Value::Null), no(403, "not-allowed"));
    assert_eq!(ann.refused("PUT", &at(999), Value::Null), no(404, "no-such-message"));
}

#[test]
fn what_is_read_is_known() {
    let (_rig, ann, bob) = tea();
    ann.says("tea", "one");
    let last = ann.says("tea", "hello @bob");
    let room = bob.get("/rooms/tea");
    assert_eq!((&room["unread"], &room["mentions"], &room["last"]), (&json!(2), &json!(1), &json!(last)));
    for _ in 0..2 {
        bob.does("PUT", "/rooms/tea/read", json!({ "seq": last }));
    }
    let room = bob.get("/rooms/tea");
    assert_eq!((&room["unread"], &room["mentions"], &room["read"]), (&json!(0), &json!(0), &json!(last)));
    assert_eq!(bob.refused("PUT", "/rooms/tea/read", json!({ "seq": -1 })), no(400, "bad-request"));
    assert_eq!(bob.refused("PUT", "/rooms/tea/read", json!({})), no(400, "bad-request"));
    for state in ["active", "paused", "done"] {
        assert_eq!(bob.does("POST", "/rooms/tea/typing", json!({ "state": state })), Value::Null);
    }
    assert_eq!(
        bob.refused("POST", "/rooms/tea/typing", json!({ "state": "asleep" })),
        no(400, "bad-request")
    );
    assert_eq!(
        bob.refused("POST", "/rooms/nowhere/typing", json!({ "state": "active" })),
        no(404, "no-such-room")
    );
}

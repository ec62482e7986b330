//! What a key is for: every operation asks for one thing, and nothing else gives it. The table is the document's.

use super::program::{Program, no, stranger};
use super::unlimited;
use crate::rig::Rig;
use serde_json::{Value, json};

/// Every operation there is: its method, its address, and what a key must be for, where it takes one.
pub(super) fn operations(rig: &Rig) -> Vec<(String, String, Option<String>)> {
    let document = crate::caller::ask(rig.address, "GET", "/api/openapi.json", "").json();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation["security"][0]["bearer"][0].as_str().map(str::to_owned);
            all.push((method.to_ascii_uppercase(), path.clone(), scope));
        }
    }
    assert!(all.len() > 40, "{all:?}");
    all
}

/// An address with something in each of its parts.
pub(super) fn filled(path: &str, room: &str) -> String {
    let parts = [
        ("{room}", room),
        ("{seq}", "1"),
        ("{emoji}", "%F0%9F%91%8D"),
        ("{name}", "bob"),
        ("{kind}", "ban"),
        ("{mask}", "bob"),
        ("{id}", "1"),
    ];
    parts.iter().fold(path.to_owned(), |path, (part, value)| path.replace(part, value))
}

/// What an operation takes; null where it takes nothing.
pub(super) fn body(method: &str, path: &str) -> Value {
    match (method, path.rsplit('/').next().unwrap()) {
        ("POST", "sessions") => json!({ "name": "zoe" }),
        ("POST", "bots") => json!({ "name": "robot" }),
        ("POST", "keys") => json!({ "label": "x", "scopes": ["write"] }),
        ("POST", "tokens") => json!({ "label": "x", "scopes": ["manage"] }),
        ("PATCH", "me") => json!({ "profile": "hello" }),
        ("POST", "webhooks") => json!({ "url": "https://example.org/hook" }),
        ("PUT", "operator") => json!({ "token": "0123" }),
        ("PUT", "password") => json!({ "password": "battery staple" }),
        ("POST", "rooms") => json!({ "name": "newroom" }),
        ("PATCH", "{room}") => json!({ "topic": "tea" }),
        ("PUT", "{name}") if path.contains("/members/") => json!({ "role": "voice" }),
        ("POST", "invites") => json!({ "user": "bob" }),
        ("POST", "messages") | ("PATCH", "{seq}") => json!({ "text": "hi" }),
        ("PUT", "read") => json!({ "seq": 1 }),
        ("POST", "typing") => json!({ "state": "active" }),
        ("PUT", "{mask}") => json!({ "reason": "spam" }),
        ("POST", "purges") => json!({ "user": "bob", "count": true }),
        _ => Value::Null,
    }
}

#[test]
fn a_key_does_what_it_is_for_and_nothing_else() {
    const ALL: [&str; 4] = ["read", "write", "moderate", "manage"];
    let rig = unlimited();
    Program::come(&rig, "bob");
    for (n, (method, path, scope)) in operations(&rig).into_iter().enumerate() {
        let Some(scope) = scope else {
            assert!(stranger(&rig, &method, &path, &body(&method, &path)).status < 300, "{method} {path}");
            continue;
        };
        let ann = Program::register(&rig, &format!("ann{n}"));
        let room = format!("room{n}");
        ann.does("POST", "/rooms", json!({ "name": room }));
        ann.says(&room, "hi");
        let query = if path == "/search" { "?q=hi" } else { "" };
        let address = filled(&path, &room) + query;
        let but: Vec<&str> = ALL.into_iter().filter(|one| *one != scope).collect();
        // A hook is for writing, and nobody gives away more than they have.
        let needs = match path.rsplit('/').next() {
            Some("hooks") => vec![&*scope, "write"],
            // What became of a delivery is shown.
            Some("ping") => vec![&*scope, "read"],
            _ => vec![&*scope],
        };
        let (without, with) = (ann.token(&but), ann.token(&needs));
        assert_eq!(
            without.refused(&method, &address, body(&method, &path)),
            no(403, "scope"),
            "{method} {path}"
        );
        let answer = with.ask(&method, &address, body(&method, &path));
        assert!(!answer.body.contains(r#""code":"scope""#), "{method} {path}: {answer:?}");
        assert!(answer.status != 401 && answer.status < 500, "{method} {path}: {answer:?}");
    }
}

#[test]
fn what_looks_beside_what_it_does_is_for_reading_too() {
    let rig = unlimited();
    let ann = Program::register(&rig, "ann");
    ann.does("POST", "/rooms", json!({ "name": "tea", "access": "private" }));
    let scope = no(403, "scope");
    // A change of nothing would only show.
    assert_eq!(ann.token(&["write"]).refused("PATCH", "/me", json!({})), scope);
    assert_eq!(ann.token(&["read", "write"]).refused("PATCH", "/rooms/tea", json!({})), scope);
    let counts = json!({ "user": "ann", "count": true });
    assert_eq!(ann.token(&["read", "write"]).refused("POST", "/rooms/tea/purges", counts), scope);
    // A password is not hashed for whoever may not have it.
    let weak = json!({ "password": "x" });
    assert_eq!(ann.token(&["read"]).refused("PUT", "/me/password", weak), scope);
    // Whether somebody is away is said by whoever may speak for them.
    assert_eq!(ann.token(&["write"]).does("PATCH", "/me", json!({ "away": "tea" }))["away"], "tea");
}

//! Coming in and going out: guests, passwords, cookies, and keys that are good no more.

use super::program::{Program, no, stranger};
use super::scopes::{body, filled, operations};
use super::unlimited;
use crate::caller::send;
use serde_json::{Value, json};

#[test]
fn who_comes_is_given_a_key() {
    let rig = unlimited();
    let came = stranger(&rig, "POST", "/sessions", &json!({ "name": "ann" }));
    assert_eq!(came.status, 201);
    assert_eq!(came.header("cache-control"), Some("no-store"));
    assert_eq!(came.header("set-cookie"), None);
    assert_eq!(came.json()["user"]["name"], "ann");
    assert!(came.json()["user"].get("account").is_none(), "a guest has none");
    let refused = |coming: Value| stranger(&rig, "POST", "/sessions", &coming).problem();
    assert_eq!(refused(json!({ "name": "ann" })), no(409, "name-held"));
    assert_eq!(refused(json!({ "name": "a b" })), no(422, "bad-name"));
    assert_eq!(refused(json!({ "name": "" })), no(422, "bad-name"));
    assert_eq!(refused(json!({ "name": "bob", "register": true })), no(422, "weak-password"));
    let short = json!({ "name": "bob", "register": true, "password": "short" });
    assert_eq!(refused(short), no(422, "weak-password"));
    assert_eq!(refused(json!({ "name": "bob", "password": "correct horse" })), no(401, "bad-password"));
    let long = json!({ "name": "bob", "label": "x".repeat(65) });
    assert_eq!(refused(long), no(422, "too-many"));
    Program::register(&rig, "bob");
    assert_eq!(refused(json!({ "name": "bob" })), no(409, "name-registered"));
    assert_eq!(refused(json!({ "name": "bob", "password": "wrong horse" })), no(401, "bad-password"));
    let again = Program::by(&rig, &json!({ "name": "BOB", "password": "correct horse" }));
    assert_eq!(again.get("/me")["user"]["account"], "bob");
}

#[test]
fn nothing_is_answered_without_a_good_key() {
    let rig = unlimited();
    let ann = Program::register(&rig, "ann");
    let gone = ann.token(&["read", "write", "moderate", "manage"]);
    ann.does("DELETE", &format!("/sessions/{}", gone.id), Value::Null);
    let days = json!({ "label": "a bot", "scopes": ["read", "write", "moderate", "manage"], "days": 0 });
    let over = ann.does("POST", "/tokens", days)["key"].as_str().unwrap().to_owned();
    let mut asked = 0;
    for (method, path, scope) in operations(&rig) {
        if scope.is_none() {
            continue;
        }
        let (path, body) = (filled(&path, "lobby"), body(&method, &path).to_string());
        for field in [
            String::new(),
            "Authorization: Bearer\r\n".into(),
            "Authorization: Bearer chatroom_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n".into(),
            format!("Authorization: Basic {}\r\n", ann.key),
            format!("Authorization: Bearer {}\r\n", gone.key),
            format!("Authorization: Bearer {over}\r\n"),
            format!("Cookie: chatroom={}\r\n", gone.key),
            // What a field says is not made good by a cookie.
            format!("Authorization: Bearer {}\r\nCookie: chatroom={}\r\n", gone.key, ann.key),
        ] {
            let answer = send(rig.address, &method, &format!("/api/v1{path}"), &field, body.as_bytes());
            assert_eq!(answer.problem(), no(401, "unauthenticated"), "{method} {path} {field}");
            asked += 1;
        }
    }
    assert!(asked > 300, "only {asked}");
    assert_eq!(ann.get("/me")["user"]["name"], "ann", "nothing was done");
}

#[test]
fn a_browser_has_its_key_in_a_cookie() {
    let rig = unlimited();
    let came = stranger(&rig, "POST", "/sessions", &json!({ "name": "ann", "cookie": true }));
    assert_eq!(came.status, 201);
    assert!(came.json().get("key").is_none(), "no script sees it");
    let cookie = came.header("set-cookie").unwrap();
    let (pair, kind) = cookie.split_once("; ").unwrap();
    assert_eq!(kind, "Path=/; HttpOnly; SameSite=Strict; Max-Age=7776000");
    let ask = |method: &str, path: &str| {
        send(rig.address, method, &format!("/api/v1{path}"), &format!("Cookie: other=1; {pair}\r\n"), b"")
    };
    assert_eq!(ask("GET", "/me").json()["user"]["name"], "ann");
    // Another site cannot use it.
    let far = format!("Cookie: {pair}\r\nOrigin: http://evil.example\r\n");
    let refused = send(rig.address, "DELETE", "/api/v1/sessions/current", &far, b"");
    assert_eq!(refused.problem(), no(403, "cross-origin"));
    let over = ask("DELETE", "/sessions/current");
    assert_eq!(over.status, 204);
    assert_eq!(over.header("set-cookie"), Some("chatroom=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"));
    assert_eq!(ask("GET", "/me").problem(), no(401, "unauthenticated"));
}

#[test]
fn ones_keys_are_listed_and_ended_one_by_one() {
    let rig = unlimited();
    let ann = Program::register(&rig, "ann");
    let bob = Program::register(&rig, "bob");
    let bot = ann.token(&["read"]);
    let days = json!({ "label": "another", "scopes": ["write", "read"], "days": 2 });
    let other = ann.does("POST", "/tokens", days)["id"].as_u64().unwrap();
    let keys = ann.get("/sessions")["keys"].clone();
    let keys = keys.as_array().unwrap();
    let of = |id: u64| keys.iter().find(|key| key["id"] == id).unwrap();
    assert_eq!(keys.len(), 3);
    assert_eq!(of(ann.id)["scopes"], json!(["read", "write", "moderate", "manage"]));
    assert_eq!((&of(ann.id)["current"], &of(ann.id)["label"]), (&json!(true), &json!("browser")));
    assert_eq!((&of(bot.id)["label"], &of(bot.id)["scopes"]), (&json!("a bot"), &json!(["read"])));
    assert!(of(bot.id).get("until").is_none() && of(bot.id).get("current").is_none());
    let ends = of(other)["until"].as_i64().unwrap() - of(other)["made"].as_i64().unwrap();
    assert!((ends - 2 * 24 * 60 * 60 * 1000).abs() < 60_000, "{ends}");
    assert!(!ann.ask("GET", "/sessions", Value::Null).body.contains("chatroom_"), "a key is shown once");
    // Nobody ends another's, and one that is not there is not there.
    for id in [format!("{}", ann.id), "999999".into(), "tea".into(), "-1".into()] {
        assert_eq!(
            bob.refused("DELETE", &format!("/sessions/{id}"), Value::Null),
            no(404, "no-such-key"),
            "{id}"
        );
    }
    ann.does("DELETE", &format!("/sessions/{}", bot.id), Value::Null);
    assert_eq!(bot.refused("GET", "/me", Value::Null), no(401, "unauthenticated"));
    assert_eq!(ann.get("/me")["user"]["name"], "ann");
    // Ending keys is managing oneself; the one that is used may always be laid down.
    let bot = ann.token(&["read"]);
    assert_eq!(bot.refused("DELETE", &format!("/sessions/{}", ann.id), Value::Null), no(403, "scope"));
    bot.does("DELETE", "/sessions/current", Value::Null);
    assert_eq!(bot.refused("GET", "/me", Value::Null), no(401, "unauthenticated"));
    let bot = ann.token(&["read", "manage"]);
    bot.does("DELETE", "/sessions/current", Value::Null);
    assert_eq!(bot.refused("GET", "/me", Value::Null), no(401, "unauthenticated"));
}

#[test]
fn a_key_is_for_something_and_gives_no_more_than_it_has() {
    let rig = unlimited();
    let ann = Program::register(&rig, "ann");
    let asks = |who: &Program, scopes: Value| {
        who.refused("POST", "/tokens", json!({ "label": "x", "scopes": scopes }))
    };
    assert_eq!(asks(&ann, json!([])), no(400, "bad-request"));
    assert_eq!(asks(&ann, json!(["all"])), no(400, "bad-request"));
    let manager = ann.token(&["manage"]);
    assert_eq!(asks(&manager, json!(["read"])), no(403, "scope"));
    manager.token(&["manage"]);
}

#[test]
fn another_password_ends_other_browsers_and_no_bot() {
    let rig = unlimited();
    let ann = Program::register(&rig, "ann");
    let other = Program::by(&rig, &json!({ "name": "ann", "password": "correct horse" }));
    let bot = ann.token(&["read"]);
    assert_eq!(ann.refused("PUT", "/me/password", json!({ "password": "short" })), no(422, "weak-password"));
    ann.does("PUT", "/me/password", json!({ "password": "battery staple" }));
    assert_eq!(other.refused("GET", "/me", Value::Null), no(401, "unauthenticated"));
    assert_eq!(ann.get("/me")["user"]["name"], "ann");
    assert_eq!(bot.get("/me")["user"]["name"], "ann");
    let old = json!({ "name": "ann", "password": "correct horse" });
    assert_eq!(stranger(&rig, "POST", "/sessions", &old).problem(), no(401, "bad-password"));
    Program::by(&rig, &json!({ "name": "ann", "password": "battery staple" }));
    // A guest who takes one is registered by it.
    let bob = Program::come(&rig, "bob");
    bob.does("PUT", "/me/password", json!({ "password": "battery staple" }));
    assert_eq!(bob.get("/me")["user"]["account"], "bob");
}

//! Programs that speak by themselves: bots with keys, and hooks into a room.

use crate::caller::Caller;
use crate::patient;
use crate::socket::{Socket, asks, comes};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Posts something to an address, as a program does that knows nothing else.
fn posts(address: SocketAddr, path: &str, kind: &str, body: &str) -> (u16, String) {
    let mut caller = Caller::connect(address);
    caller.say(&format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let answer = caller.hear(false);
    (answer.status, answer.body)
}

#[test]
fn what_is_posted_to_a_hook_is_said_in_its_room() {
    let rig = patient(|_| {});
    let ann = comes(rig.address, "ann");
    let (status, hook) = asks(rig.address, &ann, "POST", "/rooms/lobby/hooks", &json!({"label": "ci"}));
    assert_eq!(status, 201, "{hook}");
    let url = hook["url"].as_str().unwrap();
    let (mut socket, _) = Socket::open(rig.address, &ann, "");
    for (kind, body, said) in [
        ("application/json", r#"{"text": "built", "username": "ci", "icon_emoji": ":x:"}"#, "built"),
        ("text/plain; charset=utf-8", "plain\r\nwords", "plain\nwords"),
        ("application/x-www-form-urlencoded", r#"{"text": "by curl -d"}"#, "by curl -d"),
    ] {
        assert_eq!(posts(rig.address, url, kind, body), (200, "ok\n".into()), "{kind}");
        let told = socket.event("message");
        assert_eq!(
            (&told["message"]["text"], &told["message"]["author"]["name"]),
            (&json!(said), &json!("ann"))
        );
    }
    for (path, kind, body, status) in [
        (url, "application/json", r#"{"words": "x"}"#, 400),
        (url, "application/json", r#"{"text": ""}"#, 400),
        (url, "text/plain", "", 400),
        ("/hooks/none", "text/plain", "x", 404),
        (&url[..url.len() - 1], "text/plain", "x", 404),
    ] {
        assert_eq!(posts(rig.address, path, kind, body).0, status, "{path} {body}");
    }
    // A key that is no hook is none, and a hook is no key.
    assert_eq!(posts(rig.address, &format!("/hooks/{ann}"), "text/plain", "x").0, 404);
    let secret = url.strip_prefix("/hooks/").unwrap();
    assert_eq!(asks(rig.address, secret, "GET", "/rooms", &Value::Null).0, 403);
    assert_eq!(asks(rig.address, secret, "POST", "/rooms", &json!({"name": "tea"})).0, 403);
    let path = format!("/sessions/{}", hook["id"]);
    assert_eq!(asks(rig.address, &ann, "DELETE", &path, &Value::Null).0, 204);
    assert_eq!(posts(rig.address, url, "text/plain", "x").0, 404, "it was revoked");
}

#[test]
fn a_bot_speaks_by_its_key_and_wears_its_badge() {
    let rig = patient(|_| {});
    let new = json!({"name": "ann", "password": "correct horse", "register": true});
    let ann = asks(rig.address, "", "POST", "/sessions", &new).1["key"].as_str().unwrap().to_owned();
    let (status, made) = asks(rig.address, &ann, "POST", "/bots", &json!({"name": "robot"}));
    assert_eq!(status, 201, "{made}");
    let robot = made["key"].as_str().unwrap();
    let (status, said) = asks(rig.address, robot, "POST", "/rooms/lobby/messages", &json!({"text": "beep"}));
    assert_eq!(status, 201, "{said}");
    assert_eq!((&said["author"]["name"], &said["author"]["bot"]), (&json!("robot"), &json!(true)));
    assert_eq!(asks(rig.address, &ann, "GET", "/bots", &Value::Null).1, json!({"bots": ["robot"]}));
    let log_in = json!({"name": "robot", "password": ""});
    assert_eq!(asks(rig.address, "", "POST", "/sessions", &log_in).0, 401);
    let more = json!({"label": "look", "scopes": ["read"]});
    assert_eq!(asks(rig.address, &ann, "POST", "/bots/robot/keys", &more).0, 201);
    let all = json!({"label": "all", "scopes": ["manage"]});
    assert_eq!(asks(rig.address, &ann, "POST", "/bots/robot/keys", &all).1["code"], "scope");
    assert_eq!(asks(rig.address, &ann, "DELETE", "/bots/robot", &Value::Null).0, 204);
    assert_eq!(asks(rig.address, robot, "GET", "/me", &Value::Null).0, 401);
    // A guest has none.
    let bob = comes(rig.address, "bob");
    assert_eq!(asks(rig.address, &bob, "POST", "/bots", &json!({"name": "other"})).1["code"], "guest");
}

//! P11 and more: a room that one may not know of answers on every route as one that is not there.

use super::program::Program;
use super::scopes::{body, filled, operations};
use super::unlimited;
use serde_json::{Value, json};

#[test]
fn a_room_one_may_not_know_of_is_not_there() {
    let rig = unlimited();
    let (ann, bob) = (Program::register(&rig, "ann"), Program::register(&rig, "bob"));
    Program::come(&rig, "cas");
    // Somebody who was in it, and somebody who is kept out, know no more than others.
    let (was, banned) = (Program::register(&rig, "dan"), Program::register(&rig, "eve"));
    let mut ids = Vec::new();
    for name in ["secret", "den"] {
        let made = ann.does("POST", "/rooms", json!({ "name": name, "access": "private" }));
        ids.push(made["id"].as_u64().unwrap().to_string());
        ann.does("PATCH", &format!("/rooms/{name}"), json!({ "topic": "CANARY topic" }));
        let seq = ann.says(name, "CANARY text");
        ann.does("PUT", &format!("/rooms/{name}/messages/{seq}/pin"), Value::Null);
        ann.does("POST", &format!("/rooms/{name}/invites"), json!({ "user": "dan" }));
        was.does("PUT", &format!("/rooms/{name}/membership"), Value::Null);
        ann.does("DELETE", &format!("/rooms/{name}/members/dan"), Value::Null);
        ann.does("PUT", &format!("/rooms/{name}/sanctions/ban/eve"), Value::Null);
    }
    ann.does("PATCH", "/rooms/den", json!({ "password": "sesame" }));
    let two = ann.does("POST", "/rooms/@cas/messages", json!({ "text": "CANARY" }))["room"].as_u64().unwrap();
    ids.push(two.to_string());
    let mut compared = 0;
    for (method, path, _) in operations(&rig) {
        if !path.contains("{room}") {
            continue;
        }
        for who in [&bob, &was, &banned] {
            for query in ["", "?limit=1&around=1"] {
                let ask = |room: &str| {
                    let answer = who.ask(&method, &(filled(&path, room) + query), body(&method, &path));
                    (answer.status, answer.header("content-type").map(str::to_owned), answer.body)
                };
                let absent = ask("nowhere");
                assert_eq!(absent.0, 404, "{method} {path}: {absent:?}");
                for room in
                    ["secret", "den", "%23secret", "999999"].into_iter().chain(ids.iter().map(String::as_str))
                {
                    assert_eq!(ask(room), absent, "{method} {path} of {room}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 1000, "only {compared}");
    for who in [&bob, &was, &banned] {
        assert_eq!(
            who.ask("GET", "/search?q=canary&room=secret", Value::Null).body,
            who.ask("GET", "/search?q=canary&room=nowhere", Value::Null).body
        );
        for path in ["/rooms", "/search?q=canary", "/users", "/users/ann"] {
            let answer = who.ask("GET", path, Value::Null);
            assert_eq!(answer.status, 200);
            for word in ["CANARY", "secret", "den", "cas\",\"direct"] {
                assert!(
                    !answer.body.contains(&format!("\"#{word}")) && !answer.body.contains("CANARY"),
                    "{answer:?}"
                );
            }
        }
    }
}

#[test]
fn a_hidden_room_is_found_by_who_knows_its_name_only_to_come_in() {
    let rig = unlimited();
    let (ann, bob) = (Program::register(&rig, "ann"), Program::register(&rig, "bob"));
    ann.does("POST", "/rooms", json!({ "name": "attic", "access": "hidden" }));
    ann.says("attic", "CANARY");
    assert!(!bob.ask("GET", "/rooms", Value::Null).body.contains("attic"));
    for path in ["/rooms/attic", "/rooms/attic/messages", "/rooms/attic/members", "/rooms/attic/pins"] {
        let absent = bob.ask("GET", &path.replace("attic", "nowhere"), Value::Null);
        let hidden = bob.ask("GET", path, Value::Null);
        assert_eq!((hidden.status, hidden.body), (absent.status, absent.body), "{path}");
    }
    assert_eq!(bob.does("PUT", "/rooms/attic/membership", Value::Null)["name"], "#attic");
}

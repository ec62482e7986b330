//! People: oneself, others, and whom one does not hear.

use super::program::{Program, no};
use super::unlimited;
use serde_json::{Value, json};

#[test]
fn one_says_who_one_is() {
    let rig = unlimited();
    let ann = Program::register(&rig, "ann");
    Program::come(&rig, "bob");
    let me = ann.get("/me");
    assert_eq!((&me["user"]["account"], &me["profile"], me.get("away")), (&json!("ann"), &json!(""), None));
    assert!(me["position"].as_u64().unwrap() > 0);
    let changed =
        ann.does("PATCH", "/me", json!({ "name": "anna", "profile": "tea\u{1b}[31m", "away": "at lunch" }));
    assert_eq!((&changed["user"]["name"], &changed["away"]), (&json!("anna"), &json!("at lunch")));
    assert!(!changed["profile"].as_str().unwrap().contains('\u{1b}'), "{changed}");
    // As it is already, and back.
    assert_eq!(ann.does("PATCH", "/me", json!({ "away": "at lunch" }))["away"], "at lunch");
    assert!(ann.does("PATCH", "/me", json!({ "away": null })).get("away").is_none());
    assert_eq!(ann.does("PATCH", "/me", json!({}))["user"]["name"], "anna");
    assert_eq!(ann.refused("PATCH", "/me", json!({ "name": "bob" })), no(409, "name-held"));
    assert_eq!(ann.refused("PATCH", "/me", json!({ "name": "b b" })), no(422, "bad-name"));
}

#[test]
fn others_are_found() {
    let rig = unlimited();
    let (ann, bob) = (Program::register(&rig, "ann"), Program::come(&rig, "bob"));
    bob.does("PATCH", "/me", json!({ "profile": "likes tea", "away": "asleep" }));
    let found = ann.get("/users/BOB");
    assert_eq!(
        (&found["name"], &found["profile"], &found["away"]),
        (&json!("bob"), &json!("likes tea"), &json!("asleep"))
    );
    assert!(found["last_active"].as_i64().unwrap() > 1_000_000_000_000);
    let all = ann.get("/users")["users"].clone();
    let names: Vec<_> = all.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"ann") && names.contains(&"bob"), "{names:?}");
    assert_eq!(ann.refused("GET", "/users/carl", Value::Null), no(404, "no-such-user"));
    let commands = ann.get("/commands");
    let join = commands["commands"].as_array().unwrap().iter().find(|one| one["name"] == "join");
    assert!(join.unwrap()["help"].is_string(), "{commands}");
}

#[test]
fn a_list_that_is_as_it_was_is_not_told_again() {
    let rig = unlimited();
    let ann = Program::come(&rig, "ann");
    for (n, path) in ["/users", "/rooms"].into_iter().enumerate() {
        let first = ann.ask("GET", path, Value::Null);
        let tag = first.header("etag").unwrap().to_owned();
        assert_eq!(first.header("cache-control"), Some("private, no-cache"));
        for same in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".into()] {
            let again = ann.asks("GET", path, &format!("If-None-Match: {same}\r\n"), b"");
            assert_eq!((again.status, &*again.body), (304, ""), "{same}");
            assert_eq!(again.header("etag"), Some(&*tag));
        }
        assert_eq!(ann.asks("GET", path, "If-None-Match: \"other\"\r\n", b"").status, 200);
        Program::come(&rig, &format!("guest{n}")).does(
            "POST",
            "/rooms",
            json!({ "name": format!("room{n}") }),
        );
        let after = ann.asks("GET", path, &format!("If-None-Match: {tag}\r\n"), b"");
        assert_eq!(after.status, 200, "{path} is otherwise now");
    }
    // What somebody may see is their own: the tag of another is no tag of it.
    let bob = Program::come(&rig, "bob");
    bob.does("POST", "/rooms", json!({ "name": "den", "access": "private" }));
    let tag = bob.ask("GET", "/rooms", Value::Null).header("etag").unwrap().to_owned();
    assert_eq!(ann.asks("GET", "/rooms", &format!("If-None-Match: {tag}\r\n"), b"").status, 200);
}

#[test]
fn one_hears_nothing_of_somebody() {
    let rig = unlimited();
    let (ann, bob) = (Program::register(&rig, "ann"), Program::come(&rig, "bob"));
    for who in [&ann, &bob] {
        who.does("PUT", "/rooms/lobby/membership", Value::Null);
    }
    bob.says("lobby", "hello");
    for _ in 0..2 {
        ann.does("PUT", "/me/ignored/bob", Value::Null);
    }
    assert_eq!(ann.get("/me/ignored")["ignored"], json!([{ "id": bob.user, "name": "bob" }]));
    assert_eq!(ann.refused("PUT", "/me/ignored/ann", Value::Null), no(403, "yourself"));
    assert_eq!(ann.refused("PUT", "/me/ignored/carl", Value::Null), no(404, "no-such-user"));
    for _ in 0..2 {
        ann.does("DELETE", "/me/ignored/bob", Value::Null);
    }
    assert_eq!(ann.get("/me/ignored")["ignored"], json!([]));
    assert_eq!(ann.reads("lobby"), ["hello"]);
}

//! Rooms: made, looked at, set, entered, left and ended.

use super::program::{Program, no};
use super::unlimited;
use serde_json::{Value, json};

#[test]
fn a_room_is_made_and_looked_at() {
    let rig = unlimited();
    let (ann, bob) = (Program::register(&rig, "ann"), Program::come(&rig, "bob"));
    let made = ann.ask("POST", "/rooms", json!({ "name": "tea" }));
    assert_eq!(made.status, 201);
    let made = made.json();
    assert_eq!(
        (&made["name"], &made["access"], &made["role"]),
        (&json!("#tea"), &json!("public"), &json!("owner"))
    );
    let id = made["id"].as_u64().unwrap();
    for name in [id.to_string(), "tea".into(), "%23tea".into(), "TEA".into()] {
        assert_eq!(bob.get(&format!("/rooms/{name}"))["id"], id, "{name}");
    }
    let seen = bob.get("/rooms/tea");
    assert!(seen.get("role").is_none() && seen.get("last").is_none(), "{seen}");
    for (body, status, code) in [
        (json!({ "name": "TEA" }), 409, "room-name-taken"),
        (json!({ "name": "a b" }), 422, "bad-name"),
        (json!({ "name": "" }), 422, "bad-name"),
        (json!({ "name": "den", "access": "open" }), 400, "bad-request"),
        (json!({}), 400, "bad-request"),
    ] {
        assert_eq!(ann.refused("POST", "/rooms", body.clone()), no(status, code), "{body}");
    }
    bob.does("POST", "/rooms", json!({ "name": "another" }));
    let all = ann.get("/rooms")["rooms"].clone();
    let inside: Vec<bool> = all.as_array().unwrap().iter().map(|room| room.get("role").is_some()).collect();
    assert!(inside.is_sorted_by(|a, b| a >= b) && inside.contains(&false), "own ones first: {all}");
}

#[test]
fn a_room_is_set() {
    let rig = unlimited();
    let (ann, bob) = (Program::register(&rig, "ann"), Program::come(&rig, "bob"));
    ann.does("POST", "/rooms", json!({ "name": "tea" }));
    let set = ann.does(
        "PATCH",
        "/rooms/tea",
        json!({ "topic": "leaves", "access": "invite-only", "slow": 5, "moderated": true, "limit": 9, "keep": 100,
                "keep_days": 7, "password": "sesame" }),
    );
    assert_eq!(
        (&set["topic"], &set["access"], &set["slow"], &set["moderated"]),
        (&json!("leaves"), &json!("invite-only"), &json!(5), &json!(true))
    );
    let kept = |room: &Value| json!([room["limit"], room["keep"], room["keep_days"]]);
    assert_eq!(kept(&set), json!([9, 100, 7]));
    assert_eq!(kept(&ann.get("/rooms/tea")), json!([9, 100, 7]));
    let back = json!({ "access": "public", "slow": 0, "moderated": false, "limit": null, "keep": null, "keep_days": null });
    let back = ann.does("PATCH", "/rooms/tea", back);
    assert!(
        ["slow", "moderated", "limit", "keep", "keep_days"].iter().all(|gone| back.get(gone).is_none()),
        "{back}"
    );
    // As it is already.
    assert_eq!(ann.does("PATCH", "/rooms/tea", json!({ "topic": "leaves" }))["topic"], "leaves");
    assert_eq!(bob.refused("PATCH", "/rooms/tea", json!({ "topic": "mine" })), no(403, "not-a-member"));
    bob.does("PUT", "/rooms/tea/membership", json!({ "password": "sesame" }));
    assert_eq!(bob.refused("PATCH", "/rooms/tea", json!({ "slow": 1 })), no(403, "not-allowed"));
    assert_eq!(bob.refused("DELETE", "/rooms/tea", Value::Null), no(403, "not-allowed"));
    let named = ann.does("PATCH", "/rooms/tea", json!({ "name": "chai", "archived": true }));
    assert_eq!((&named["name"], &named["archived"]), (&json!("#chai"), &json!(true)));
    assert_eq!(ann.refused("POST", "/rooms/chai/messages", json!({ "text": "hi" })), no(403, "archived"));
    assert_eq!(ann.refused("PATCH", "/rooms/chai", json!({ "name": "a b" })), no(422, "bad-name"));
    assert_eq!(ann.refused("PATCH", "/rooms/chai", json!({ "access": "open" })), no(400, "bad-request"));
    ann.does("DELETE", "/rooms/chai", Value::Null);
    assert_eq!(ann.refused("GET", "/rooms/chai", Value::Null), no(404, "no-such-room"));
    assert_eq!(ann.refused("DELETE", "/rooms/lobby", Value::Null).0, 403);
}

#[test]
fn one_comes_in_and_goes_out() {
    let rig = unlimited();
    let (ann, bob) = (Program::register(&rig, "ann"), Program::come(&rig, "bob"));
    ann.does("POST", "/rooms", json!({ "name": "tea" }));
    ann.does("PATCH", "/rooms/tea", json!({ "password": "sesame" }));
    assert_eq!(bob.refused("PUT", "/rooms/tea/membership", json!({})), no(403, "wrong-password"));
    assert_eq!(
        bob.refused("PUT", "/rooms/tea/membership", json!({ "password": "x" })),
        no(403, "wrong-password")
    );
    for _ in 0..2 {
        let inside = bob.does("PUT", "/rooms/tea/membership", json!({ "password": "sesame" }));
        assert_eq!((&inside["role"], &inside["members"]), (&json!("member"), &json!(2)));
    }
    let members = bob.get("/rooms/tea/members");
    assert_eq!(members["total"], 2);
    let of = |name: &str| {
        members["members"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone()
    };
    assert_eq!((&of("ann")["role"], &of("bob")["role"]), (&json!("owner"), &json!("member")));
    bob.does("DELETE", "/rooms/tea/membership", Value::Null);
    assert_eq!(bob.refused("DELETE", "/rooms/tea/membership", Value::Null), no(403, "not-a-member"));
    ann.does("PATCH", "/rooms/tea", json!({ "password": null, "access": "invite-only" }));
    assert_eq!(bob.refused("PUT", "/rooms/tea/membership", json!({})), no(403, "invite-only"));
    ann.does("POST", "/rooms/tea/invites", json!({ "user": "bob" }));
    bob.does("PUT", "/rooms/tea/membership", json!({}));
    assert_eq!(ann.refused("POST", "/rooms/tea/invites", json!({ "user": "carl" })), no(404, "no-such-user"));
    assert_eq!(ann.refused("POST", "/rooms/tea/invites", json!({ "user": "bob" })), no(409, "already-so"));
    ann.does("PATCH", "/rooms/tea", json!({ "limit": 2, "access": "public" }));
    assert_eq!(
        Program::come(&rig, "cas").refused("PUT", "/rooms/tea/membership", json!({})),
        no(403, "full")
    );
}

#[test]
fn two_talk_alone() {
    let rig = unlimited();
    let (ann, bob, cas) =
        (Program::register(&rig, "ann"), Program::come(&rig, "bob"), Program::come(&rig, "cas"));
    assert_eq!(bob.reads("@ann"), Vec::<String>::new(), "nothing was said yet");
    let said = bob.does("POST", "/rooms/@ann/messages", json!({ "text": "only for you" }));
    assert_eq!(ann.reads("@bob"), ["only for you"]);
    let room = ann.get("/rooms/@bob");
    assert_eq!(
        (&room["direct"], &room["name"], &room["with"]["id"]),
        (&json!(true), &json!("bob"), &json!(bob.user))
    );
    assert!(room.get("access").is_none() && room.get("role").is_none(), "{room}");
    assert!(ann.get("/rooms")["rooms"].as_array().unwrap().contains(&room), "it is one of one's own");
    let id = said["room"].as_u64().unwrap();
    assert_eq!(cas.refused("GET", &format!("/rooms/{id}/messages"), Value::Null), no(404, "no-such-room"));
    assert_eq!(cas.get("/search?q=only")["hits"], json!([]));
}

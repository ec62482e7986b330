//! Keeping order: roles, kicks, bans, mutes, purges, and the record.

use super::program::{Program, no};
use super::unlimited;
use crate::rig::Rig;
use serde_json::{Value, json};

/// A room of ann's; bob and cas are in it.
fn tea() -> (Rig, Program, Program, Program) {
    let rig = unlimited();
    let (ann, bob, cas) =
        (Program::register(&rig, "ann"), Program::come(&rig, "bob"), Program::come(&rig, "cas"));
    ann.does("POST", "/rooms", json!({ "name": "tea" }));
    for who in [&bob, &cas] {
        who.does("PUT", "/rooms/tea/membership", Value::Null);
    }
    (rig, ann, bob, cas)
}

#[test]
fn roles_are_given_by_who_has_more() {
    let (_rig, ann, bob, cas) = tea();
    let role = |who: &Program, whom: &str, role: &str| {
        who.ask("PUT", &format!("/rooms/tea/members/{whom}"), json!({ "role": role }))
    };
    assert_eq!(role(&bob, "cas", "voice").problem(), no(403, "not-allowed"));
    for _ in 0..2 {
        assert_eq!(role(&ann, "bob", "moderator").status, 204);
    }
    assert_eq!(bob.get("/rooms/tea")["role"], "moderator");
    assert_eq!(role(&bob, "cas", "voice").status, 204);
    assert_eq!(role(&bob, "cas", "owner").problem(), no(403, "not-allowed"));
    assert_eq!(role(&ann, "bob", "king").problem(), no(400, "bad-request"));
    assert_eq!(role(&ann, "ann", "member").problem(), no(409, "last-owner"));
    assert_eq!(role(&ann, "dan", "voice").problem(), no(404, "no-such-user"));
    assert_eq!(cas.get("/rooms/tea")["role"], "voice");
}

#[test]
fn after_a_kick_nothing_is_read() {
    let (_rig, ann, bob, _cas) = tea();
    ann.does("PATCH", "/rooms/tea", json!({ "access": "private" }));
    let seq = ann.says("tea", "CANARY before");
    ann.does("PUT", &format!("/rooms/tea/messages/{seq}/pin"), Value::Null);
    assert_eq!(bob.reads("tea"), ["CANARY before"]);
    assert_eq!(bob.refused("DELETE", "/rooms/tea/members/ann", Value::Null), no(403, "not-allowed"));
    ann.does("DELETE", "/rooms/tea/members/bob?reason=spam", Value::Null);
    ann.says("tea", "CANARY after");
    for path in [
        "/rooms/tea",
        "/rooms/tea/messages",
        &format!("/rooms/tea/messages/{seq}"),
        "/rooms/tea/messages?around=1",
        "/rooms/tea/pins",
        "/rooms/tea/members",
        "/search?q=canary&room=tea",
    ] {
        assert_eq!(bob.refused("GET", path, Value::Null), no(404, "no-such-room"), "{path}");
    }
    for path in ["/search?q=canary", "/rooms", "/users"] {
        let answer = bob.ask("GET", path, Value::Null);
        assert!(
            answer.status == 200 && !answer.body.contains("CANARY") && !answer.body.contains("tea"),
            "{answer:?}"
        );
    }
    assert_eq!(
        ann.refused("DELETE", "/rooms/tea/members/bob", Value::Null),
        no(404, "they-are-not-a-member")
    );
    let record = ann.get("/rooms/tea/audit");
    let last = record["entries"].as_array().unwrap().last().unwrap()["text"].as_str().unwrap().to_owned();
    assert!(last.contains("bob was put out of #tea by ann") && last.contains("spam"), "{last}");
}

#[test]
fn who_is_banned_does_not_come_in() {
    let (_rig, ann, bob, cas) = tea();
    let ban = "/rooms/tea/sanctions/ban/bob";
    assert_eq!(cas.refused("PUT", ban, json!({})), no(403, "not-allowed"));
    ann.does("PUT", ban, json!({ "reason": "spam", "minutes": 5 }));
    assert_eq!(bob.refused("PUT", "/rooms/tea/membership", json!({})), no(403, "banned"));
    let laid = ann.get("/rooms/tea/sanctions")["sanctions"][0].clone();
    assert_eq!(
        (&laid["kind"], &laid["mask"], &laid["reason"], &laid["by"]),
        (&json!("ban"), &json!("bob"), &json!("spam"), &json!("ann"))
    );
    assert!(laid["until"].as_i64().unwrap() > 1_000_000_000_000);
    assert_eq!(cas.refused("GET", "/rooms/tea/sanctions", Value::Null), no(403, "not-allowed"));
    ann.does("DELETE", ban, Value::Null);
    assert_eq!(ann.get("/rooms/tea/sanctions")["sanctions"], json!([]));
    bob.does("PUT", "/rooms/tea/membership", json!({}));
    for (path, status, code) in [
        ("/rooms/tea/sanctions/curse/bob", 400, "bad-request"),
        ("/rooms/tea/sanctions/ban/a%20b", 422, "bad-mask"),
        ("/rooms/tea/sanctions/mute/10.0.0.0%2F8", 422, "mute-of-address"),
    ] {
        assert_eq!(ann.refused("PUT", path, json!({})), no(status, code), "{path}");
    }
    for path in ["exempt/cas", "welcome/cas", "ban/10.0.0.0%2F8", "mute/cas"] {
        let path = format!("/rooms/tea/sanctions/{path}");
        ann.does("PUT", &path, json!({}));
        ann.does("DELETE", &path, Value::Null);
    }
}

#[test]
fn who_is_muted_is_silent() {
    let (_rig, ann, bob, _cas) = tea();
    let mute = "/rooms/tea/sanctions/mute/bob";
    let seq = bob.says("tea", "before");
    ann.does("PUT", mute, json!({}));
    assert_eq!(bob.refused("POST", "/rooms/tea/messages", json!({ "text": "hi" })), no(403, "muted"));
    assert_eq!(bob.refused("POST", "/rooms/tea/typing", json!({ "state": "active" })), no(403, "muted"));
    let react = format!("/rooms/tea/messages/{seq}/reactions/%F0%9F%91%8D");
    assert_eq!(bob.refused("PUT", &react, Value::Null), no(403, "muted"));
    assert_eq!(bob.get("/rooms/tea")["muted"], true);
    ann.does("DELETE", mute, Value::Null);
    bob.says("tea", "after");
    ann.does("PATCH", "/rooms/tea", json!({ "moderated": true }));
    assert_eq!(bob.refused("POST", "/rooms/tea/messages", json!({ "text": "hi" })), no(403, "moderated"));
}

#[test]
fn what_somebody_wrote_is_counted_hidden_and_brought_back() {
    let (_rig, ann, bob, cas) = tea();
    for text in ["CANARY one", "CANARY two"] {
        bob.says("tea", text);
    }
    cas.says("tea", "mine");
    let purge = "/rooms/tea/purges";
    let counted = ann.ask("POST", purge, json!({ "user": "bob", "count": true }));
    assert_eq!((counted.status, counted.json()), (200, json!({ "count": 2 })));
    assert_eq!(cas.refused("POST", purge, json!({ "user": "bob", "count": true })), no(403, "not-allowed"));
    assert_eq!(cas.refused("POST", purge, json!({ "user": "bob" })), no(403, "not-allowed"));
    assert_eq!(ann.refused("POST", purge, json!({ "user": "dan" })), no(404, "no-such-user"));
    assert_eq!(ann.reads("tea").len(), 3);
    let hidden = ann.ask("POST", purge, json!({ "user": "bob", "minutes": 10 }));
    assert_eq!((hidden.status, &hidden.json()["count"]), (201, &json!(2)));
    for who in [&ann, &bob, &cas] {
        for path in ["/rooms/tea/messages", "/search?q=canary"] {
            let answer = who.ask("GET", path, Value::Null);
            assert!(answer.status == 200 && !answer.body.contains("CANARY"), "{answer:?}");
        }
    }
    let id = hidden.json()["id"].as_u64().unwrap();
    assert_eq!(cas.refused("DELETE", &format!("{purge}/{id}"), Value::Null), no(403, "not-allowed"));
    ann.does("DELETE", &format!("{purge}/{id}"), Value::Null);
    assert_eq!(cas.reads("tea"), ["CANARY one", "CANARY two", "mine"]);
    assert!((400..500).contains(&ann.refused("DELETE", &format!("{purge}/{id}"), Value::Null).0));
    assert_eq!(ann.refused("DELETE", &format!("{purge}/{}", u64::MAX), Value::Null).0, 409);
}

#[test]
fn the_record_is_for_those_who_keep_order() {
    let (_rig, ann, bob, _cas) = tea();
    for minutes in [1, 2, 3] {
        ann.does("PUT", "/rooms/tea/sanctions/mute/bob", json!({ "minutes": minutes }));
    }
    let entries =
        |asked: &str| ann.get(&format!("/rooms/tea/audit{asked}"))["entries"].as_array().unwrap().clone();
    let all = entries("");
    assert!(all.len() >= 3, "{all:?}");
    assert!(all.windows(2).all(|two| two[0]["position"].as_u64() < two[1]["position"].as_u64()), "in order");
    assert!(all.iter().all(|one| one["time"].as_i64().unwrap() > 1_000_000_000_000));
    assert_eq!(entries("?limit=1"), all[all.len() - 1..]);
    assert_eq!(bob.refused("GET", "/rooms/tea/audit", Value::Null), no(403, "not-allowed"));
    for limit in ["0", "201", "x"] {
        let path = format!("/rooms/tea/audit?limit={limit}");
        assert_eq!(ann.refused("GET", &path, Value::Null), no(400, "bad-request"), "{limit}");
    }
}

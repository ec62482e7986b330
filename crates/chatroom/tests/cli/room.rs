//! `room`: made, set, kept in order and ended by the operator at the machine.

use crate::program::Place;
use crate::talker::Talker;
use serde_json::json;

#[test]
fn a_room_is_made_set_shown_and_ended() {
    let place = Place::new();
    let server = place.server(&[]);
    place.run(&["room", "create", "#tea", "--access", "invite-only"]).ok();
    assert!(place.run(&["room", "create", "#tea"]).fails(1).contains("not available"));
    place.run(&["room", "create", "tea"]).fails(2);
    for (key, value) in [
        ("topic", "leaves\u{1b}[31m and water"),
        ("access", "public"),
        ("slow", "5"),
        ("limit", "40"),
        ("moderated", "on"),
        ("keep", "1000"),
        ("keep-for", "30d"),
    ] {
        assert_eq!(place.run(&["room", "set", "#tea", key, value]).ok(), "", "{key}");
    }
    assert_eq!(place.feed(&["room", "set", "#tea", "password"], "sesame\n").ok(), "");
    let argument = place.run(&["room", "set", "#tea", "password", "sesame"]).fails(2);
    assert!(argument.contains("standard input"), "{argument}");
    let shown = place.run(&["room", "show", "#tea", "--json"]).json();
    let expected = json!({
        "id": 2, "name": "#tea", "access": "public", "topic": "leaves[31m and water", "password": true,
        "slow": 5, "limit": 40, "moderated": true, "archived": false, "keep": 1000,
        "keep_for_ms": 30i64 * 24 * 60 * 60 * 1000, "messages": 0, "members": 0, "people": [],
    });
    assert_eq!(shown, expected);
    let text = place.run(&["room", "show", "#tea"]).ok();
    assert!(text.contains("  password: yes\n") && !text.contains("sesame"), "{text}");
    place.run(&["room", "set", "#tea", "password", "-"]).ok();
    assert_eq!(place.run(&["room", "show", "#tea", "--json"]).json()["password"], false);
    for wrong in [["colour", "red"], ["slow", "much"], ["access", "secret"]] {
        place.run(&["room", "set", "#tea", wrong[0], wrong[1]]).fails(2);
    }
    assert!(place.run(&["room", "set", "#cake", "slow", "5"]).fails(1).contains("no such room"));
    let listed = place.run(&["room", "list"]).ok();
    assert!(listed.contains("#tea  public, 0 in it: leaves[31m and water\n"), "{listed}");
    place.run(&["room", "delete", "#tea"]).ok();
    assert!(place.run(&["room", "delete", "#lobby"]).fails(1).contains("lobby"));
    assert_eq!(place.run(&["room", "list", "--json"]).json().as_array().unwrap().len(), 1);
    server.stop();
}

#[test]
fn order_is_kept_from_the_machine() {
    let place = Place::new();
    let server = place.server(&[]);
    let mut ada = Talker::join(server.address, "ada");
    ada.send("/create #tea");
    ada.hears("Now in #tea.");
    let mut bob = Talker::join(server.address, "bob");
    bob.send("/join #tea");
    bob.hears("Now in #tea.");
    place.run(&["room", "role", "#tea", "bob", "moderator"]).ok();
    let shown = place.run(&["room", "show", "#tea", "--json"]).json();
    let people: Vec<_> =
        shown["people"].as_array().unwrap().iter().map(|one| json!([one["name"], one["role"]])).collect();
    assert_eq!(people, [json!(["ada", "owner"]), json!(["bob", "moderator"])]);
    place.run(&["room", "role", "#tea", "bob", "king"]).fails(2);
    place.run(&["room", "kick", "#tea", "bob", "--reason", "enough"]).ok();
    ada.hears("*** bob was put out of #tea by operator (enough) ***");
    assert!(place.run(&["room", "kick", "#tea", "bob"]).fails(1).contains("not in that room"));
    place.run(&["room", "ban", "#tea", "bob", "--for", "1d", "--reason", "really"]).ok();
    let bans = place.run(&["room", "bans", "#tea", "--json"]).json();
    assert_eq!(
        (&bans[0]["sort"], &bans[0]["mask"], &bans[0]["reason"]),
        (&"ban".into(), &"bob".into(), &"really".into())
    );
    assert!(place.run(&["room", "bans", "#tea"]).ok().starts_with("ban bob  by operator until "));
    place.run(&["room", "unban", "#tea", "bob"]).ok();
    assert_eq!(place.run(&["room", "bans", "#tea", "--json"]).json(), json!([]));
    let audit = place.run(&["room", "audit", "#tea", "--json"]).json();
    let kinds: Vec<_> = audit.as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    for kind in ["role_set", "left", "sanctioned"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let last = place.run(&["room", "audit", "#tea", "--last", "1"]).ok();
    assert!(last.lines().count() == 1 && last.contains("no longer keeps out: bob"), "{last}");
}

#[test]
fn nothing_people_wrote_acts_on_the_terminal_even_if_the_log_has_it() {
    let place = Place::new();
    let server = place.server(&[]);
    let _eve = Talker::join(server.address, "eve");
    place.run(&["room", "create", "#tea"]).ok();
    place.run(&["user", "ban", "mallory", "--reason", "why"]).ok();
    server.stop();
    let evil = "a\u{1b}]0;t\u{7}\u{9b}31m\u{202e}b\u{7f}\r\nc";
    let db = rusqlite::Connection::open(place.data().join("chatroom.db")).unwrap();
    for sql in [
        "UPDATE rooms SET topic = ?1 WHERE id = 2",
        "UPDATE users SET profile = ?1, away = ?1",
        "UPDATE sanctions SET data = json_set(data, '$.reason', ?1, '$.by', ?1)",
    ] {
        assert_eq!(db.execute(sql, [evil]).unwrap(), 1, "{sql}");
    }
    drop(db);
    let verbs: [&[&str]; 5] = [
        &["user", "list"],
        &["user", "show", "eve"],
        &["user", "bans"],
        &["room", "list"],
        &["room", "show", "#tea"],
    ];
    for verb in verbs {
        let text = place.run(verb).ok();
        let acts = |c: char| c != '\n' && chatroom_wire::text::acts(c);
        assert!(!text.contains(acts), "{verb:?}: {text:?}");
        let json = place.run(&[verb, &["--json"]].concat()).ok();
        assert!(!json.contains(acts), "{verb:?}: {json:?}");
        serde_json::from_str::<serde_json::Value>(&json).unwrap();
    }
    assert_eq!(place.run(&["user", "show", "eve", "--json"]).json()["profile"], evil, "JSON still says it");
}

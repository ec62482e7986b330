//! Who may have a webhook, how many and to where: everybody else is refused, and learns nothing by it.

use crate::hooks::{deliveries, eventually, gets, hooks, ok, room, says, sends};
use crate::patient;
use crate::receiver::{Receiver, Reply};
use crate::socket::{asks, comes};
use serde_json::{Value, json};

#[test]
fn nothing_is_sent_into_the_network_the_server_stands_in() {
    let rig = patient(|settings| {
        sends(settings);
        settings.web.hooks.to.clear();
    });
    let at = rig.address;
    let ann = room(at, "ann", "tea");
    let receiver = Receiver::start(|_, _| Reply::Status(200));
    let port = receiver.address.port();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        "http://169.254.169.254/latest/meta-data".into(),
        "https://10.0.0.1/".into(),
        "http://ann:word@example.org/".into(),
        "http://example.org:22/".into(),
        "file:///etc/passwd".into(),
    ] {
        let answer = asks(at, &ann, "POST", "/rooms/tea/webhooks", &json!({"url": url}));
        assert_eq!((answer.0, &answer.1["code"]), (422, &json!("bad-url")), "{url}");
    }
    // A name is looked up when something is sent, and what it means is looked at.
    for host in ["localhost", "127.1", "0x7f000001", "2130706433"] {
        let (id, _) = hooks(at, &ann, &format!("http://{host}:{port}/"));
        let pinged = ok(asks(at, &ann, "POST", &format!("/rooms/tea/webhooks/{id}/ping"), &Value::Null), 200);
        let why = pinged["error"].as_str().unwrap();
        assert!(
            why == "nothing is sent to that address: it is not public" || why.contains("resolved"),
            "{host}: {why}"
        );
        ok(asks(at, &ann, "DELETE", &format!("/rooms/tea/webhooks/{id}"), &Value::Null), 204);
    }
    let (id, _) = hooks(at, &ann, &format!("http://localhost:{port}/"));
    says(at, &ann, "tea", "canary");
    let log = eventually(|| deliveries(at, &ann, id), |log| !log.as_array().unwrap().is_empty());
    assert_eq!(log[0]["error"], "nothing is sent to that address: it is not public");
    assert!(receiver.is_quiet());
}

#[test]
fn who_may_not_have_it_is_refused_and_a_private_room_looks_like_none() {
    let rig = patient(sends);
    let at = rig.address;
    let ann = comes(at, "ann");
    ok(asks(at, &ann, "POST", "/rooms", &json!({"name": "tea", "access": "private"})), 201);
    let (id, _) = hooks(at, &ann, "http://127.0.0.1:9999/");
    let (bob, eve) = (comes(at, "bob"), comes(at, "eve"));
    ok(asks(at, &ann, "POST", "/rooms/tea/invites", &json!({"user": "bob"})), 204);
    ok(asks(at, &bob, "PUT", "/rooms/tea/membership", &Value::Null), 200);
    let url = json!({"url": "http://127.0.0.1:9999/"});
    let all = |room: &str| {
        [
            ("POST", format!("/rooms/{room}/webhooks"), url.clone()),
            ("GET", format!("/rooms/{room}/webhooks"), Value::Null),
            ("DELETE", format!("/rooms/{room}/webhooks/{id}"), Value::Null),
            ("GET", format!("/rooms/{room}/webhooks/{id}/deliveries"), Value::Null),
            ("POST", format!("/rooms/{room}/webhooks/{id}/ping"), Value::Null),
        ]
    };
    for ((method, path, body), (_, nowhere, _)) in all("tea").into_iter().zip(all("nowhere")) {
        let inside = asks(at, &bob, method, &path, &body);
        assert_eq!((inside.0, &inside.1["code"]), (403, &json!("not-allowed")), "{method} {path}");
        let there = asks(at, &eve, method, &path, &body);
        assert_eq!((there.0, &there.1["code"]), (404, &json!("no-such-room")), "{method} {path}");
        assert_eq!(there, asks(at, &eve, method, &nowhere, &body));
        assert_eq!(asks(at, "", method, &path, &body).0, 401);
    }
    // A key needs to be for it.
    let given =
        ok(asks(at, &ann, "POST", "/tokens", &json!({"label": "bot", "scopes": ["read", "write"]})), 201);
    let bot = given["key"].as_str().unwrap();
    for (method, path, body) in all("tea").into_iter().filter(|(method, ..)| *method != "GET") {
        let answer = asks(at, bot, method, &path, &body);
        assert_eq!((answer.0, &answer.1["code"]), (403, &json!("scope")), "{method} {path}");
    }
    // A hook of one room is none of another.
    ok(asks(at, &ann, "POST", "/rooms", &json!({"name": "pot"})), 201);
    let other = asks(at, &ann, "GET", &format!("/rooms/pot/webhooks/{id}/deliveries"), &Value::Null);
    assert_eq!((other.0, &other.1["code"]), (404, &json!("no-such-webhook")));
}

#[test]
fn limits_hold_at_one_more() {
    let rig = patient(sends);
    let at = rig.address;
    let ann = room(at, "ann", "tea");
    let adds = |url: &str, label: &str| {
        let answer = asks(at, &ann, "POST", "/rooms/tea/webhooks", &json!({"url": url, "label": label}));
        (answer.0, answer.1["code"].as_str().unwrap_or_default().to_owned())
    };
    let long = |bytes: usize| format!("http://127.0.0.1:9999/{}", "a".repeat(bytes - 22));
    assert_eq!(adds(&long(2048), &"l".repeat(64)).0, 201);
    assert_eq!(adds(&long(2049), ""), (422, "too-many".into()));
    assert_eq!(adds(&long(100), &"l".repeat(65)), (422, "too-many".into()));
    for _ in 1..10 {
        assert_eq!(adds(&long(100), "").0, 201);
    }
    assert_eq!(adds(&long(100), ""), (422, "too-many".into()));
}

#[test]
fn who_is_put_out_is_sent_nothing_after_it() {
    let rig = patient(sends);
    let at = rig.address;
    let (ann, bob) = (room(at, "ann", "tea"), comes(at, "bob"));
    ok(asks(at, &bob, "PUT", "/rooms/tea/membership", &Value::Null), 200);
    ok(asks(at, &ann, "PUT", "/rooms/tea/members/bob", &json!({"role": "owner"})), 204);
    let (anns, bobs) =
        (Receiver::start(|_, _| Reply::Status(200)), Receiver::start(|_, _| Reply::Status(200)));
    hooks(at, &ann, &anns.url());
    hooks(at, &bob, &bobs.url());
    says(at, &ann, "tea", "both");
    assert_eq!((anns.texts(1), bobs.texts(1)), (vec!["both".to_owned()], vec!["both".to_owned()]));
    // Owners do not put each other out: bob gives it up, which ends it too.
    ok(asks(at, &bob, "PUT", "/rooms/tea/members/bob", &json!({"role": "member"})), 204);
    let list = gets(at, &ann, "/rooms/tea/webhooks")["webhooks"].clone();
    assert_eq!(
        (&list[0]["state"], &list[1]["state"], &list[1]["why"]),
        (&json!("ok"), &json!("ended"), &json!("keeper"))
    );
    says(at, &ann, "tea", "canary");
    assert_eq!(anns.texts(1), ["canary"]);
    ok(asks(at, &ann, "DELETE", "/rooms/tea", &Value::Null), 204);
    // A new room of that name has no hooks.
    ok(asks(at, &ann, "POST", "/rooms", &json!({"name": "tea"})), 201);
    assert_eq!(gets(at, &ann, "/rooms/tea/webhooks")["webhooks"], json!([]));
    let (_, _) = hooks(at, &ann, &anns.url());
    says(at, &ann, "tea", "anew");
    assert_eq!(anns.texts(1), ["anew"]);
    assert!(bobs.is_quiet() && anns.is_quiet());
}

//! What may stand in a body and an address, and what is too much or cannot be understood.

use super::program::{Program, no};
use super::unlimited;
use serde_json::{Value, json};

#[test]
fn a_body_has_at_most_64_kib() {
    let rig = unlimited();
    let ann = Program::come(&rig, "ann");
    let filled = |bytes: usize| {
        let bare = r#"{"profile":"hi"}"#;
        format!("{bare}{}", " ".repeat(bytes - bare.len()))
    };
    assert_eq!(ann.asks("PATCH", "/me", "", filled(64 * 1024).as_bytes()).status, 200);
    let over = ann.asks("PATCH", "/me", "", filled(64 * 1024 + 1).as_bytes());
    assert_eq!(over.problem(), no(413, "too-large"));
    // Also where its length is not told before.
    let part = format!("10001\r\n{}\r\n0\r\n\r\n", filled(64 * 1024 + 1));
    let more = format!("Authorization: Bearer {}\r\nTransfer-Encoding: chunked\r\n", ann.key);
    let mut caller = crate::caller::Caller::connect(rig.address);
    caller.say(&format!("PATCH /api/v1/me HTTP/1.1\r\nHost: localhost\r\n{more}\r\n{part}"));
    assert_eq!(caller.hear(false).problem(), no(413, "too-large"));
}

#[test]
fn what_cannot_be_understood_is_said_so() {
    let rig = unlimited();
    let ann = Program::come(&rig, "ann");
    let deep = format!(r#"{{"profile":{}1{}}}"#, "[".repeat(40), "]".repeat(40));
    let deeper = "[".repeat(60_000);
    let bodies: [&[u8]; 14] = [
        b"{",
        b"profile",
        b"[]",
        b"[\"ann\",null,\"hi\"]",
        b"null",
        b"7",
        b"\"text\"",
        br#"{"profile":7}"#,
        br#"{"profile":["x"]}"#,
        br#"{"porfile":"x"}"#,
        br#"{"profile":"x","profile":"y"}"#,
        b"{\"profile\":\"\xff\"}",
        deep.as_bytes(),
        deeper.as_bytes(),
    ];
    for body in bodies {
        let answer = ann.asks("PATCH", "/me", "", body);
        assert_eq!(answer.problem(), no(400, "bad-request"), "{:?}", String::from_utf8_lossy(body));
        assert!(answer.body.len() < 600, "it is not told back at length");
    }
    assert_eq!(ann.get("/me")["profile"], "");
    // Nothing at all is an object without anything in it.
    assert_eq!(ann.asks("PUT", "/rooms/lobby/membership", "", b"").status, 200);
    assert_eq!(ann.asks("PUT", "/rooms/lobby/membership", "", b" \r\n ").status, 200);
}

#[test]
fn a_whole_number_is_one_however_it_is_written() {
    let rig = unlimited();
    let ann = Program::come(&rig, "ann");
    ann.does("POST", "/rooms", json!({ "name": "tea" }));
    let slow =
        |number: &str| ann.asks("PATCH", "/rooms/tea", "", format!("{{\"slow\":{number}}}").as_bytes());
    for number in ["5", "5.0", "0.5e1"] {
        assert_eq!(slow(number).json()["slow"], 5, "{number}");
    }
    for number in ["-1", "5.5", "4294967296", "1e300", "\"5\"", "true", "[5]"] {
        assert_eq!(slow(number).problem(), no(400, "bad-request"), "{number}");
    }
    assert_eq!(ann.refused("PATCH", "/rooms/tea", json!({ "slow": u32::MAX })).0, 422);
}

#[test]
fn an_address_is_understood_or_is_nowhere() {
    let rig = unlimited();
    let ann = Program::come(&rig, "ann");
    for (path, status, code) in [
        ("/rooms/%ff", 400, "bad-request"),
        ("/rooms/%E2%82", 400, "bad-request"),
        ("/users/%ff", 400, "bad-request"),
        ("/rooms/lobby/messages/one", 400, "bad-request"),
        ("/rooms/lobby/messages/-1", 400, "bad-request"),
        ("/rooms/lobby/messages/18446744073709551616", 400, "bad-request"),
        ("/rooms/lobby/messages/18446744073709551615", 404, "no-such-message"),
        ("/rooms/lobby/messages/0", 404, "no-such-message"),
        ("/rooms/lobby/messages?before=x", 400, "bad-request"),
        ("/rooms/lobby/messages?limit=1&limit=2", 400, "bad-request"),
        ("/users?online=maybe", 400, "bad-request"),
        ("/rooms/18446744073709551615", 404, "no-such-room"),
        ("/rooms/18446744073709551616", 404, "no-such-room"),
        ("/rooms/%00", 404, "no-such-room"),
        ("/rooms/%20", 404, "no-such-room"),
        ("/rooms/@", 404, "no-such-room"),
        ("/rooms/@nobody", 404, "no-such-room"),
        ("/users/nobody", 404, "no-such-user"),
        ("/users/%00", 404, "no-such-user"),
        ("/rooms/lobby/nothing", 404, "not-found"),
        ("/nothing", 404, "not-found"),
    ] {
        assert_eq!(ann.refused("GET", path, Value::Null), no(status, code), "{path}");
    }
    // Control characters in a name go nowhere.
    let answer = ann.ask("GET", "/rooms/%1b%5b31mtea%0d%0aX", Value::Null);
    assert!(answer.status == 404 && answer.body.is_ascii() && !answer.body.contains("tea"), "{answer:?}");
    let method = ann.ask("PUT", "/rooms", Value::Null);
    assert_eq!(method.problem(), no(405, "method-not-allowed"));
}

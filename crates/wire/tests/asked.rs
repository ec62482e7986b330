//! What a program asks over a WebSocket: read, refused at each limit and one more, and told by which id.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use chatroom_wire::json::{
    Asked, DEPTH, ID_BYTES, Id, KEY_BYTES, Method, NotAsked, PATH_BYTES, answer, is_shallow, read,
};
use chatroom_wire::websocket::MESSAGE_BYTES;
use proptest::prelude::*;
use std::time::{Duration, Instant};

const KEY: &str = "0198c0de-0000-7000-8000-00000000abcd";

/// Why a text is refused, and the id it was asked by.
fn refused(text: &str) -> (Option<String>, String) {
    let NotAsked { id, problem } = Asked::read(text).expect_err(text);
    assert_eq!((problem.status, problem.code), (400, "bad-request"));
    assert!(problem.detail.len() < 300);
    let id = id.map(|id| match id {
        Id::Number(number) => number.to_string(),
        Id::Text(text) => text.into(),
    });
    (id, problem.detail.into())
}

#[test]
fn what_is_asked_is_read() {
    let text = format!(
        r#" {{"id":1,"method":"POST","path":"/rooms/1/messages","key":"{KEY}","body":{{"text" : "hi"}} }} "#
    );
    let asked = Asked::read(&text).unwrap();
    assert_eq!((&asked.id, asked.method), (&Id::Number(1), Method::Post));
    assert_eq!((&*asked.path, asked.key), ("/rooms/1/messages", Some(KEY.parse().unwrap())));
    assert_eq!(asked.body, Some(r#"{"text" : "hi"}"#));
    assert_eq!(format!("{asked:?}"), "Asked(POST, 15 bytes)", "a log has no bodies");
    let asked =
        Asked::read(r#"{"id":"a\u0062","method":"GET","path":"\/rooms\/@\u043e\u043b\u044f?n=1"}"#).unwrap();
    assert_eq!((asked.id, asked.method), (Id::Text("ab".into()), Method::Get));
    assert_eq!((&*asked.path, asked.key, asked.body), ("/rooms/@оля?n=1", None, None));
    for method in [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete] {
        let text = format!(r#"{{"id":-5,"method":"{}","path":"/","key":null,"body":null}}"#, method.word());
        let asked = Asked::read(&text).unwrap();
        assert_eq!((asked.id, asked.method, asked.body), (Id::Number(-5), method, None));
    }
}

#[test]
fn what_is_not_as_it_should_be_is_refused_by_its_id() {
    for (text, id, why) in [
        ("", None, "one JSON object"),
        ("[1,\"GET\",\"/\"]", None, "one JSON object"),
        ("{", None, "EOF"),
        (r#"{"id":1"#, None, "EOF"),
        (r#"{"id":1} x"#, None, "missing field"),
        (r#"{"method":"GET","path":"/"}"#, None, "missing field `id`"),
        (r#"{"id":null,"method":"GET","path":"/"}"#, None, "an id"),
        (r#"{"id":1.5,"method":"GET","path":"/"}"#, None, "an id"),
        (r#"{"id":[[]],"method":"GET","path":"/"}"#, None, "an id"),
        (r#"{"id":9223372036854775808,"method":"GET","path":"/"}"#, None, "an id"),
        (r#"{"id":1,"path":"/"}"#, Some("1"), "missing field `method`"),
        (r#"{"id":1,"method":"GET"}"#, Some("1"), "missing field `path`"),
        (r#"{"id":1,"method":"HEAD","path":"/"}"#, Some("1"), "unknown variant `HEAD`"),
        (r#"{"id":1,"method":"get","path":"/"}"#, Some("1"), "unknown variant `get`"),
        (r#"{"x":2,"id":"a","method":"GET","path":"/"}"#, Some("a"), "unknown field `x`"),
        (r#"{"id":1,"id":2,"method":"GET","path":"/"}"#, None, "duplicate field"),
        (r#"{"id":1,"method":"GET","path":"/","path":"/a"}"#, Some("1"), "duplicate field"),
        (r#"{"id":1,"method":"GET","path":""}"#, Some("1"), "begins with /"),
        (r#"{"id":1,"method":"GET","path":"rooms"}"#, Some("1"), "begins with /"),
        (r#"{"id":1,"method":"GET","path":"/a b"}"#, Some("1"), "no spaces"),
        (r#"{"id":1,"method":"GET","path":"/a\r\nb"}"#, Some("1"), "no spaces"),
        (r#"{"id":1,"method":"GET","path":"/\u0000"}"#, Some("1"), "no spaces"),
        (r#"{"id":1,"method":"GET","path":"/","key":"me"}"#, Some("1"), "a key is a UUID"),
        (r#"{"id":1,"method":"GET","path":"/","key":7}"#, Some("1"), "invalid type"),
        (r#"{"id":1,"method":"GET","path":"/","body":{"a":}}"#, None, "expected value"),
    ] {
        let (told, detail) = refused(text);
        assert_eq!(told.as_deref(), id, "{text}");
        assert!(detail.contains(why), "{text}: {detail}");
    }
}

#[test]
fn each_limit_holds_and_one_more_is_refused() {
    let of = |id: &str, path: &str, key: &str| {
        format!(r#"{{"id":"{id}","method":"GET","path":"/{path}","key":"{key}"}}"#)
    };
    assert!(Asked::read(&of(&"é".repeat(ID_BYTES / 2), "", KEY)).is_ok());
    assert_eq!(refused(&of(&"x".repeat(ID_BYTES + 1), "", KEY)).0, None);
    assert_eq!(refused(&of(&"\\n".repeat(ID_BYTES + 1), "", KEY)).0, None);
    assert!(Asked::read(&of("1", &"x".repeat(PATH_BYTES - 1), KEY)).is_ok());
    assert!(refused(&of("1", &"x".repeat(PATH_BYTES), KEY)).1.contains("2048"));
    let dashes = |n: usize| "-".repeat(n - 32) + &"a".repeat(32);
    assert!(Asked::read(&of("1", "", &dashes(KEY_BYTES))).is_ok());
    assert!(refused(&of("1", "", &dashes(KEY_BYTES + 1))).1.contains("64"));
    // What the client wrote is not told back at length.
    let long = format!(r#"{{"id":1,"{}":1}}"#, "é\u{1f600}".repeat(9000));
    assert_eq!(refused(&long).0.as_deref(), Some("1"));
}

#[test]
fn a_deep_body_is_refused_and_costs_no_more_than_its_bytes() {
    let of = |body: &str| format!(r#"{{"id":1,"method":"POST","path":"/","body":{body}}}"#);
    let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
    let both = |n: usize| r#"{"a":"#.repeat(n) + "1" + &"}".repeat(n);
    for n in [1, DEPTH] {
        assert_eq!(Asked::read(&of(&deep(n))).unwrap().body, Some(&*deep(n)));
        assert!(Asked::read(&of(&both(n))).is_ok());
        // Whatever is let through is read by a reader that goes into it.
        assert!(serde_json::from_str::<serde_json::Value>(&both(n)).is_ok());
    }
    let begun = Instant::now();
    for n in [DEPTH + 1, 129, 5000, MESSAGE_BYTES / 6 - 20] {
        assert_eq!(refused(&of(&deep(n))).0.as_deref(), Some("1"));
        assert_eq!(refused(&of(&both(n))).0.as_deref(), Some("1"));
    }
    // Deep where nothing is expected, or without an end.
    for text in ["[".repeat(MESSAGE_BYTES), r#"{"a":"#.repeat(MESSAGE_BYTES / 5), of(&"[".repeat(60000))] {
        refused(&text);
    }
    refused(&format!(r#"{{"id":1,"x":{}}}"#, deep(30000)));
    refused(&format!(r#"{{"id":{}}}"#, deep(30000)));
    refused(&format!(r#"{{"path":{}}}"#, deep(30000)));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(
        is_shallow(&format!("\"{}\"", "[".repeat(99)))
            && is_shallow(r#""\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[""#)
    );
    assert!(is_shallow(&"[],".repeat(99)) && !is_shallow(&format!("\"\\\\\"{}", "[".repeat(33))));
}

#[test]
fn a_body_is_read_as_what_is_meant() {
    assert_eq!(read::<(u8, &str)>(r#"[1,"a"]"#), Ok((1, "a")));
    let why = |text: &str| read::<Vec<u8>>(text).expect_err(text).detail;
    assert!(why(&"[".repeat(DEPTH + 1)).contains("32"));
    assert!(why("[256]").contains("integer"), "{}", why("[256]"));
    assert!(why(&format!("[\"{}\"]", "é".repeat(9000))).len() < 300);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,100}") {
        let _ = Asked::read(&text);
    }

    #[test]
    fn an_id_is_told_back_as_it_was(id in prop_oneof![
        any::<i64>().prop_map(serde_json::Value::from),
        "\\PC{0,16}".prop_map(serde_json::Value::from),
    ]) {
        let text = serde_json::json!({"id": id, "method": "GET", "path": "/me"}).to_string();
        let asked = Asked::read(&text).unwrap();
        let mut out = String::new();
        answer(&mut out, &asked.id, 200, Some("[]"));
        let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
        prop_assert_eq!(&answer["id"], &id);
    }
}

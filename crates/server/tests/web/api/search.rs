//! Search: what is found, and where it stands in a text as scripts count.

use super::program::{Program, no, texts};
use super::unlimited;
use serde_json::{Value, json};

#[test]
fn hits_are_marked_as_scripts_count() {
    let rig = unlimited();
    let ann = Program::register(&rig, "ann");
    ann.does("POST", "/rooms", json!({ "name": "tea" }));
    ann.does("POST", "/rooms", json!({ "name": "den" }));
    let text = "👍👍 ünï darjeeling, again darjeeling";
    let seq = ann.says("tea", text);
    ann.says("den", "darjeeling");
    let found = ann.get("/search?q=darjeeling&room=tea");
    let hit = &found["hits"][0];
    assert_eq!(
        (&hit["name"], &hit["message"]["seq"], hit["message"]["text"].as_str()),
        (&json!("#tea"), &json!(seq), Some(text))
    );
    let units: Vec<u16> = text.encode_utf16().collect();
    let marks = hit["marks"].as_array().unwrap();
    assert_eq!(marks.len(), 2);
    for mark in marks {
        let (from, to) = (mark[0].as_u64().unwrap() as usize, mark[1].as_u64().unwrap() as usize);
        assert_eq!(String::from_utf16(&units[from..to]).unwrap(), "darjeeling");
    }
    assert_eq!(marks[0], json!([9, 19]), "a picture is two units");
    let messages: Value = ann.get("/search?q=darjeeling")["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["message"].clone())
        .collect();
    assert_eq!(texts(&messages), ["darjeeling", text], "the newest first");
    let one = ann.get("/search?q=darjeeling&limit=1");
    assert_eq!((one["hits"].as_array().unwrap().len(), &one["more"]), (1, &json!(true)));
    for (asked, status, code) in [
        ("q=", 422, "bad-query"),
        ("q=from:", 422, "bad-query"),
        ("", 400, "bad-request"),
        ("q=tea&limit=0", 400, "bad-request"),
        ("q=tea&limit=51", 400, "bad-request"),
        ("q=tea&room=nowhere", 404, "no-such-room"),
    ] {
        assert_eq!(ann.refused("GET", &format!("/search?{asked}"), Value::Null), no(status, code), "{asked}");
    }
}

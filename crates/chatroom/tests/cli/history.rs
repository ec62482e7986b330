//! What stands in the log: export, verify, snapshot, restore.

use crate::program::{Ended, Place};
use crate::talker::Talker;
use serde_json::{Value, json};

/// A folder in which some things were said; the server is still there.
fn talked() -> (Place, crate::program::Server) {
    let place = Place::new();
    let server = place.server(&[]);
    let mut alice = Talker::join(server.address, "alice");
    let mut bob = Talker::join(server.address, "bob");
    bob.says("bob", "hello \"room\"");
    bob.send("/id 0198c0de-0000-7000-8000-00000000abcd with an id");
    bob.hears("[bob]: with an id");
    bob.send("/msg alice psst");
    alice.hears("[From bob]: psst");
    (place, server)
}

#[test]
fn everything_said_is_exported_while_the_server_runs() {
    let (place, server) = talked();
    let jsonl = place.run(&["export", "--format", "jsonl", "--direct"]).ok();
    let lines: Vec<Value> = jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said: Vec<_> = lines.iter().map(|line| json!([line["from"], line["body"], line["room"]])).collect();
    let expected = [
        json!(["bob", "hello \"room\"", "#lobby"]),
        json!(["bob", "with an id", "#lobby"]),
        json!(["bob", "psst", null]),
    ];
    assert_eq!(said, expected);
    assert_eq!(lines[0]["id"], Value::Null);
    assert_eq!(lines[1]["id"], "0198c0de-0000-7000-8000-00000000abcd");
    assert_eq!(lines[2]["direct"], json!(["alice", "bob"]));
    assert!(lines.iter().all(|line| line["kind"] == "message" && line["seq"].is_u64()));
    let text = place.run(&["export", "--format", "text", "--direct"]).ok();
    let words: Vec<_> = text.lines().map(|line| line.split_once("Z  ").unwrap().1).collect();
    assert_eq!(words, ["bob: hello \"room\"", "bob: with an id", "bob -> alice: psst"]);
    server.stop();
    assert_eq!(place.run(&["export", "--direct"]).ok(), jsonl);
    let open: String =
        jsonl.lines().filter(|line| !line.contains("psst")).map(|line| format!("{line}\n")).collect();
    assert_eq!(place.run(&["export"]).ok(), open, "what two people say is exported only when asked");
}

#[test]
fn a_snapshot_taken_while_the_server_runs_can_be_put_back() {
    let (place, server) = talked();
    let exported = place.run(&["export"]).ok();
    let taken = place.run(&["snapshot", "--json"]).json();
    let path = taken["path"].as_str().unwrap().to_owned();
    assert_eq!(place.run(&["snapshot", "--list"]).ok(), format!("{path}\n"));
    assert_eq!(place.run(&["snapshot", "--list", "--json"]).json(), json!([taken]));
    assert!(place.run(&["verify", &path]).ok().starts_with("Whole: "));
    let restored = place.run(&["restore", &path, "--data", "second"]).ok();
    assert!(restored.contains(&format!("position {}", taken["position"])), "{restored}");
    assert_eq!(place.run(&["export", "--data", "second"]).ok(), exported);
    assert_eq!(place.run(&["verify", "--json", "--data", "second"]).json()["whole"], true);
    server.stop();
    let second = place.server(&["--data", "second"]);
    Talker::join(second.address, "carol").says("carol", "it goes on");
    second.stop();
    assert!(
        place.run(&["export", "--data", "second", "--format", "text"]).ok().ends_with("carol: it goes on\n")
    );
}

#[test]
fn restore_overwrites_nothing_and_takes_no_damaged_snapshot() {
    let (place, server) = talked();
    let path = place.run(&["snapshot"]).ok().trim_end().to_owned();
    server.stop();
    let before = place.run(&["export"]).ok();
    let refused = place.run(&["restore", &path]).fails(73);
    assert!(refused.contains("chatroom.db exists and is not overwritten"), "{refused}");
    assert_eq!(place.run(&["export"]).ok(), before);
    let whole = std::fs::read(place.path().join(&path)).unwrap();
    std::fs::write(place.path().join("half.db"), &whole[..whole.len() / 2]).unwrap();
    place.run(&["restore", "half.db", "--data", "third"]).fails(1);
    assert!(!place.path().join("third/chatroom.db").exists());
    place.run(&["restore", "nowhere.db", "--data", "third"]).fails(74);
}

#[test]
fn verify_names_the_row_that_was_changed() {
    let (place, server) = talked();
    server.stop();
    let whole = place.run(&["verify"]).ok();
    assert!(whole.starts_with("Whole: "), "{whole}");
    let db = rusqlite::Connection::open(place.data().join("chatroom.db")).unwrap();
    let changed = db.execute("UPDATE events SET body = 'hello to you' WHERE body LIKE 'hello%'", []).unwrap();
    assert_eq!(changed, 1);
    let id: i64 =
        db.query_row("SELECT id FROM events WHERE body = 'hello to you'", [], |row| row.get(0)).unwrap();
    drop(db);
    let (position, part) = (id >> 20, id & 0xf_ffff);
    let broken = place.run(&["verify"]).fails(1);
    assert!(broken.contains(&format!("broken at position {position}, part {part}: ")), "{broken}");
    let broken = place.run(&["verify", "--json"]);
    let report: Value = serde_json::from_str(&broken.out).unwrap();
    assert_eq!(
        (&report["whole"], &report["position"], &report["part"]),
        (&false.into(), &position.into(), &part.into())
    );
    broken.fails(1);
}

#[test]
fn a_folder_without_a_log_is_named() {
    let place = Place::new();
    for verb in ["verify", "export", "snapshot"] {
        let talk = place.run(&[verb]).fails(74);
        assert!(talk.contains("chatdata/chatroom.db"), "{talk}");
        assert!(!place.data().exists(), "{verb} made a folder");
    }
}

#[test]
fn a_reader_who_has_enough_is_no_failure() {
    let place = Place::new();
    let row = |n: u32| {
        let time = format!("2026-01-05T10:{:02}:{:02}Z", n / 60 % 60, n % 60);
        json!({"id": n, "from": "Ada", "content": "x".repeat(100), "timestamp": time}).to_string()
    };
    let wal: Vec<_> = (0..3000).map(row).collect();
    place.write("old/messages.wal", &wal.join("\n"));
    assert_eq!(place.run(&["import", "old"]).ok(), "imported 3000, already there 0, empty 0, damaged 0\n");
    let mut child = place.command(&["export"]).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(Ended::of(child.wait_with_output().unwrap()).fails(0), "");
}

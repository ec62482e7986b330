//! `doctor`: what it says of a folder that is well, and that it finds each thing that was broken on purpose.

use crate::program::{Ended, Place};
use crate::talker::Talker;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// A folder in which something was said; nobody serves it.
fn talked() -> Place {
    let place = Place::new();
    let server = place.server(&[]);
    Talker::join(server.address, "bob").says("bob", "hello");
    server.stop();
    place
}

/// What doctor says, and its exit code.
fn doctor(place: &Place, arguments: &[&str]) -> (Vec<Value>, Option<i32>) {
    let Ended { code, out, talk } = place.run(&[&["doctor", "--json"], arguments].concat());
    let found: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out} {talk}"));
    (found.as_array().unwrap().clone(), code)
}

#[track_caller]
fn finds(place: &Place, arguments: &[&str], check: &str, state: &str, what: &str) {
    let (found, code) = doctor(place, arguments);
    let one = found.iter().find(|one| one["check"] == check && one["state"] == state);
    let one = one.unwrap_or_else(|| panic!("no {state} of {check}: {found:?}"));
    let said = format!("{} {}", one["what"].as_str().unwrap(), one["do"].as_str().unwrap());
    assert!(said.contains(what), "{said}");
    assert_eq!(code, Some(i32::from(state == "fail")), "{found:?}");
    assert!(state == "ok" || !one["do"].as_str().unwrap().is_empty(), "nothing to do: {one}");
}

#[test]
fn a_folder_that_is_well_is_said_to_be_well() {
    let place = talked();
    let (found, code) = doctor(&place, &["--all"]);
    assert_eq!(code, Some(0), "{found:?}");
    finds(&place, &[], "server", "warn", "none has this folder");
    finds(&place, &["--all"], "chain", "ok", "whole");
    finds(&place, &[], "anchor", "ok", "everything");
    finds(&place, &[], "snapshots", "ok", "1, the newest");
    let server = place.server(&[]);
    finds(&place, &[], "server", "ok", &server.address.to_string());
    let text = place.run(&["doctor"]).ok();
    assert!(
        text.lines().all(|line| ["ok   ", "warn ", "fail "].iter().any(|state| line.starts_with(state))),
        "{text}"
    );
    finds(&place, &["--data", "nowhere"], "folder", "warn", "there is no nowhere");
    assert!(!place.path().join("nowhere").exists());
}

#[test]
fn it_finds_files_that_others_may_read() {
    let place = talked();
    let database = place.data().join("chatroom.db");
    fs::set_permissions(&database, fs::Permissions::from_mode(0o644)).unwrap();
    finds(&place, &[], "rights", "fail", "chmod 600 'chatdata/chatroom.db'");
    fs::set_permissions(&database, fs::Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(place.data(), fs::Permissions::from_mode(0o750)).unwrap();
    finds(&place, &[], "rights", "fail", "chmod 700 'chatdata'");
}

#[test]
fn it_finds_a_missing_anchor_and_a_lost_end() {
    let place = talked();
    let (database, anchor) = (place.data().join("chatroom.db"), place.data().join("chatroom.anchor"));
    let earlier = fs::read(&database).unwrap();
    let server = place.server(&[]);
    Talker::join(server.address, "eve").says("eve", "more");
    server.stop();
    fs::write(&database, earlier).unwrap();
    finds(&place, &[], "anchor", "fail", "was acknowledged");
    fs::remove_file(anchor).unwrap();
    finds(&place, &[], "anchor", "warn", "a lost end is not noticed");
}

#[test]
fn it_finds_a_damaged_row_and_a_damaged_end() {
    let place = talked();
    let change = |sql: &str| {
        let db = rusqlite::Connection::open(place.data().join("chatroom.db")).unwrap();
        assert_eq!(db.execute(sql, []).unwrap(), 1);
    };
    change("UPDATE events SET body = 'hallo' WHERE body = 'hello'");
    finds(&place, &[], "chain", "ok", "--all walks the whole");
    finds(&place, &["--all"], "chain", "fail", "broken at position");
    change("DELETE FROM events WHERE id = (SELECT max(id) FROM events)");
    finds(&place, &[], "head", "fail", "the last row");
}

#[test]
fn it_finds_a_schema_of_a_later_version_and_what_is_no_database() {
    let place = talked();
    let database = place.data().join("chatroom.db");
    let db = rusqlite::Connection::open(&database).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    finds(&place, &[], "schema", "fail", "later version");
    fs::write(&database, "x".repeat(9000)).unwrap();
    finds(&place, &[], "log", "fail", "not a database");
}

#[test]
fn it_finds_a_snapshot_that_cannot_be_used_and_none_at_all() {
    let place = talked();
    let snapshots = place.data().join("snapshots");
    let bad = snapshots.join("000000000001.db");
    fs::write(&bad, "x".repeat(9000)).unwrap();
    fs::set_permissions(&bad, fs::Permissions::from_mode(0o600)).unwrap();
    finds(&place, &[], "snapshots", "fail", "000000000001.db cannot be used");
    for entry in fs::read_dir(&snapshots).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    finds(&place, &[], "snapshots", "warn", "chatroom snapshot");
}

#[test]
fn it_finds_a_wrong_configuration_and_a_clock_behind_the_log() {
    let place = talked();
    let db = rusqlite::Connection::open(place.data().join("chatroom.db")).unwrap();
    assert_eq!(db.execute("UPDATE head SET time = time + 86400000", []).unwrap(), 1);
    drop(db);
    finds(&place, &[], "clock", "warn", "ahead of the clock");
    place.write("chatdata/chatroom.toml", "lisen = \"x\"\n");
    finds(&place, &[], "configuration", "fail", "lisen");
}

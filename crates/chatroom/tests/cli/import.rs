//! `import`: the original's folder, damaged as such folders are, taken over once.

use crate::program::Place;
use crate::talker::Talker;

const ORIGINAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/original");

#[test]
fn order_authors_and_times_are_kept_and_damage_is_named() {
    let place = Place::new();
    let import = place.run(&["import", ORIGINAL]);
    let named: Vec<_> = import.talk.lines().map(|line| line.rsplit_once("; ").unwrap().0).collect();
    let expected =
        ["snapshot.json:16: it ends", "messages.wal:3: not a message", "messages.wal:7: not a time"];
    assert_eq!(named.len(), expected.len(), "{named:?}");
    for expected in expected {
        assert!(named.iter().any(|name| name.starts_with(expected)), "{expected}: {named:?}");
    }
    assert_eq!(import.ok(), "imported 6, already there 1, empty 1, damaged 3\n");
    assert_eq!(
        place.run(&["export", "--format", "text"]).ok(),
        "2026-01-05 09:00:00Z  *** Ada joined the chat ***\n\
         2026-01-05 09:00:07Z  Ada: Is anybody here?\n\
         2026-01-05 09:00:30Z  *** Grace joined the chat ***\n\
         2026-01-05 09:01:00Z  Grace: Yes <waves>\n\
         2026-01-05 09:02:30Z  Ada: red [31m and a tab here\n\
         2026-01-05 09:03:00Z  Grace: Ünïcödé 世界: fine\n"
    );
    let first = place.run(&["export"]).ok().lines().next().unwrap().to_owned();
    assert!(first.contains("\"kind\":\"imported\"") && first.contains("\"from\":null"), "{first}");
    assert!(first.contains("\"time\":\"2026-01-05T09:00:00.500Z\""), "{first}");
}

#[test]
fn a_second_import_adds_nothing_also_after_people_have_talked() {
    let place = Place::new();
    place.run(&["import", ORIGINAL]).ok();
    let server = place.server(&[]);
    let mut bob = Talker::join(server.address, "bob");
    bob.says("bob", "so this is where they were");
    bob.send("/history");
    bob.hears(" [Grace]: Yes <waves>");
    server.stop();
    let before = place.run(&["export"]).ok();
    let again = place.run(&["import", ORIGINAL, "--json"]).json();
    assert_eq!(again, serde_json::json!({"imported": 0, "already_there": 7, "empty": 1, "damaged": 3}));
    assert_eq!(place.run(&["export"]).ok(), before);
    place.run(&["verify"]).ok();
}

#[test]
fn one_file_is_enough_and_none_is_said() {
    let place = Place::new();
    let wal = std::fs::read_to_string(format!("{ORIGINAL}/messages.wal")).unwrap();
    place.write("old/messages.wal", &wal);
    assert_eq!(place.run(&["import", "old"]).ok(), "imported 4, already there 0, empty 1, damaged 2\n");
    place.write("empty/readme", "");
    let none = place.run(&["import", "empty"]).fails(74);
    assert!(none.contains("neither messages.wal nor snapshot.json"), "{none}");
    place.run(&["import", "missing"]).fails(74);
}

#[test]
fn a_text_too_long_for_one_message_becomes_several_and_counts_once() {
    let place = Place::new();
    let text = "0123456789".repeat(1000);
    let row =
        serde_json::json!({"id": 1, "from": "Ada", "content": text, "timestamp": "2026-01-05T10:00:00Z"});
    place.write("old/snapshot.json", &format!("[{row}]"));
    assert_eq!(place.run(&["import", "old"]).ok(), "imported 1, already there 0, empty 0, damaged 0\n");
    let exported = place.run(&["export"]).ok();
    let bodies: Vec<_> = exported
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["body"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!((bodies.len(), bodies.concat()), (3, text));
    assert_eq!(place.run(&["import", "old"]).ok(), "imported 0, already there 1, empty 0, damaged 0\n");
}

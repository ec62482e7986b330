//! No question grows with what it is not about: each statement in the source is explained by SQLite, on a new folder's schema.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use chatroom_store::{Folder, Writer};
use rusqlite::Connection;
use std::path::Path;

/// Statements that look at all of something, and are meant to.
const ALL: [&str; 27] = [
    // There is one row.
    "FROM head",
    "UPDATE head",
    // When the server starts.
    "SELECT id, incarnation, given FROM nodes",
    "SELECT id, owner, opened, since, lag FROM sessions ORDER BY id",
    "SELECT owner, other FROM ignores",
    "SELECT id, name, token, last_seen",
    "SELECT owner, token, session, seen FROM tickets",
    "SELECT owner, id, hash, label, scopes, made, until, room FROM keys",
    "SELECT owner, key, session FROM keyed",
    "SELECT room, id, url, label, secret",
    "SELECT id FROM rooms",
    "SELECT room, user, role, since, read, spoke, voiced FROM members",
    "SELECT EXISTS (SELECT 1 FROM users WHERE operator)",
    // For whoever verifies, counts or changes all of it.
    "SELECT id, time, data, salt, body, body_hash, link, room, seq",
    "SELECT count(*) FROM events",
    "UPDATE events SET kind = 'gone'",
    // A list of all who are online, of all rooms, of all names.
    "SELECT count(DISTINCT owner) FROM sessions",
    "SELECT id, name, last_active, 'member'",
    "SELECT count(*), coalesce(sum(operator), 0)",
    "SELECT id, coalesce(name, (SELECT users.name",
    "FROM users ORDER BY name COLLATE NOCASE<",
    // By name, and no more than are shown.
    "ORDER BY name COLLATE NOCASE LIMIT ?2<",
    "IN (SELECT DISTINCT owner FROM sessions LIMIT ?2)",
    // Few: rooms in which something is hidden, hooks; and names that are not written in ASCII.
    "FROM purges",
    "SELECT room, id, ended IS NOT NULL FROM hooks",
    "SELECT id, name, phc, account FROM users<",
    "SELECT id, name FROM rooms WHERE name IS NOT NULL",
];

/// The statements among a file's texts, without its tests.
fn statements(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap();
    let texts = source.split('"').skip(1).step_by(2);
    let begins =
        |text: &&str| ["SELECT ", "DELETE ", "UPDATE ", "INSERT "].iter().any(|word| text.starts_with(word));
    let whole = |text: &str| text.split("\\\n").map(str::trim_start).collect::<String>();
    // Which columns are read changes no way to the row.
    texts
        .filter(begins)
        .map(|text| whole(text).replace("{PROFILE}", "id").replace("SELECT {}", "SELECT id"))
        .collect()
}

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// What SQLite looks at for a statement; nothing where it is not one of this file.
fn plan(db: &Connection, sql: &str) -> Option<Vec<String>> {
    let mut explained = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).ok()?;
    let mut rows = explained.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get(3).unwrap());
    }
    Some(steps)
}

#[test]
fn what_is_asked_all_the_time_is_found_by_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let folder = Folder::new(dir.path());
    folder.create().unwrap();
    drop(Writer::open(&folder).unwrap());
    let db = Connection::open(folder.database()).unwrap();
    let mut all = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    let (mut explained, mut bad) = (0, Vec::new());
    // Deliveries stand in a file of their own.
    for (file, source) in all.iter().filter(|(file, _)| file != "deliveries.rs") {
        for sql in statements(source) {
            let Some(steps) = plan(&db, &sql) else { continue };
            explained += 1;
            // A sign at the end stands for the end.
            let meant = ALL.iter().any(|one| format!("{sql}<").contains(one));
            // What stands in brackets was found before.
            let looks_at_all = |step: &String| {
                step.starts_with("SCAN") && !step.starts_with("SCAN (") && !step.contains("CONSTANT")
            };
            if steps.iter().any(looks_at_all) && !meant {
                bad.push(format!("{file}: {sql}: {steps:?}"));
            }
        }
    }
    assert!(explained > 80, "{explained} statements were found");
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

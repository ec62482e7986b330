//! An index that is deleted, damaged, of a later build or of another log makes way for a new one.

use crate::log::Log;
use chatroom_model::{Millis, Query};
use chatroom_store::{Cost, Index, SEARCH, Scope, SearchReader, Searchers, search};
use std::os::unix::fs::PermissionsExt;

fn talk() -> Log {
    let mut log = Log::new();
    for i in 0..500 {
        log.say(1, "bob", i, &format!("word number {i}"));
    }
    log
}

fn path(log: &Log) -> std::path::PathBuf {
    log.folder.path().join(SEARCH)
}

fn indexed(log: &Log) -> (i64, i64) {
    let db = rusqlite::Connection::open(path(log)).unwrap();
    let word = "SELECT count(*) FROM words_0 WHERE words_0 MATCH 'word'";
    let cursor = db.query_row("SELECT cursor FROM head", [], |row| row.get::<_, i64>(0)).unwrap();
    (cursor >> 20, db.query_row(word, [], |row| row.get(0)).unwrap())
}

#[test]
fn only_its_owner_may_read_it() {
    let mut log = talk();
    log.index(100);
    let mode = std::fs::metadata(path(&log)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn it_is_taken_in_batches_and_goes_on_where_it_stopped() {
    let mut log = talk();
    log.index(200);
    assert_eq!(indexed(&log), (200, 200));
    let mut index = Index::open(&log.folder).unwrap();
    let progress = index.catch_up(&log.reader(), 100).unwrap();
    assert_eq!((progress.rows, progress.done), (100, false));
    let progress = index.catch_up(&log.reader(), 1_000).unwrap();
    assert_eq!((progress.rows, progress.done), (200, true));
    assert_eq!(indexed(&log), (500, 500));
}

#[test]
fn a_deleted_one_is_made_again() {
    let mut log = talk();
    log.index(1_000);
    let reader = SearchReader::open(&log.folder).unwrap();
    assert!(reader.current());
    std::fs::remove_file(path(&log)).unwrap();
    assert!(!reader.current());
    assert_eq!(log.search("\"number 7\""), ["word number 7"]);
    log.index(1_000);
    assert!(!reader.current(), "the new one wants to be opened");
    assert_eq!(indexed(&log), (500, 500));
}

#[test]
fn a_damaged_one_is_made_again() {
    for damage in ["garbage", "zeroes", "empty", "short"] {
        let mut log = talk();
        log.index(1_000);
        let mut bytes = std::fs::read(path(&log)).unwrap();
        match damage {
            "garbage" => bytes.iter_mut().for_each(|byte| *byte ^= 0x5a),
            "zeroes" => bytes.iter_mut().skip(4096).for_each(|byte| *byte = 0),
            "empty" => bytes.clear(),
            _ => bytes.truncate(5_000),
        }
        std::fs::write(path(&log), bytes).unwrap();
        log.index(1_000);
        assert_eq!(indexed(&log), (500, 500), "{damage}");
        assert_eq!(log.search("\"number 7\""), ["word number 7"], "{damage}");
    }
}

#[test]
fn one_of_a_later_build_is_made_again_and_not_read() {
    let mut log = talk();
    log.index(1_000);
    let db = rusqlite::Connection::open(path(&log)).unwrap();
    db.execute_batch("DELETE FROM words_0; PRAGMA user_version = 99").unwrap();
    drop(db);
    assert_eq!(log.search("\"number 7\""), ["word number 7"]);
    log.index(1_000);
    assert_eq!(indexed(&log), (500, 500));
}

#[test]
fn one_of_another_log_is_made_again() {
    let mut log = talk();
    log.index(1_000);
    let mut other = Log::new();
    for i in 0..600 {
        other.say(1, "bob", i, &format!("other word {i}"));
    }
    other.commit();
    std::fs::copy(path(&log), path(&other)).unwrap();
    other.index(1_000);
    assert_eq!(indexed(&other), (600, 600));
    // As after a restore: the index knows more than the log.
    let mut shorter = Log::new();
    shorter.say(1, "bob", 0, "a word").commit();
    std::fs::copy(path(&log), path(&shorter)).unwrap();
    shorter.index(1_000);
    assert_eq!(indexed(&shorter), (1, 1));
}

#[test]
fn damage_that_a_search_meets_is_the_index_s_own_matter() {
    let mut log = talk();
    let mut index = log.index(400);
    let change = "UPDATE words_0_data SET block = zeroblob(7) WHERE id > 10";
    rusqlite::Connection::open(path(&log)).unwrap().execute_batch(change).unwrap();
    let reader = SearchReader::open(&log.folder).unwrap();
    let query = Query::parse("word", Millis(0)).unwrap();
    let (scope, cost) = (Scope::default(), Cost { hits: 1_000, ..Cost::default() });
    let hits = search(&reader, &log.reader(), &query, &scope, None, cost, |_| true).unwrap();
    assert_eq!((hits.hits.len(), hits.complete, reader.damaged()), (100, false, true));
    index.rebuild().unwrap();
    index.catch_up(&log.reader(), 1_000).unwrap();
    assert!(!reader.current());
    let reader = SearchReader::open(&log.folder).unwrap();
    let hits = search(&reader, &log.reader(), &query, &scope, None, cost, |_| true).unwrap();
    assert_eq!((hits.hits.len(), hits.complete, reader.damaged()), (500, true, false));
}

#[test]
fn words_that_are_forgotten_are_gone_from_the_disk() {
    let mut log = talk();
    log.say(1, "bob", 500, "mypasswordistrustno1").commit();
    for i in 0..500 {
        log.say(1, "bob", 501 + i, &format!("more words {i}"));
    }
    let mut index = log.index(2_000);
    let stands = || {
        let files =
            ["", "-wal"].map(|ending| std::fs::read(path(&log).with_extension(format!("db{ending}"))));
        files.into_iter().flatten().any(|bytes| bytes.windows(8).any(|window| window == b"trustno1"))
    };
    assert!(stands());
    index.remove(&[501 << 20]).unwrap();
    assert!(index.settle().unwrap() && !index.settle().unwrap());
    assert!(!stands());
    assert!(log.search("mypasswordistrustno1").is_empty());
    assert_eq!(log.search("\"number 7\""), ["word number 7"]);
}

#[test]
fn searchers_notice_an_index_that_was_made_again_and_one_that_is_damaged() {
    let mut log = talk();
    let mut index = log.index(1_000);
    let searchers = Searchers::new(log.folder.clone());
    let query = Query::parse("word", Millis(0)).unwrap();
    let (scope, cost) = (Scope::default(), Cost { hits: 1_000, ..Cost::default() });
    let found = || {
        let hits = searchers.search(&log.reader(), &query, &scope, None, cost, |_| true).unwrap();
        (hits.hits.len(), hits.complete, searchers.met_damage())
    };
    assert_eq!(found(), (500, true, false));
    index.rebuild().unwrap();
    assert_eq!(found(), (500, true, false), "read through without an index");
    index.catch_up(&log.reader(), 1_000).unwrap();
    let db = rusqlite::Connection::open(path(&log)).unwrap();
    db.execute_batch("UPDATE words_0_data SET block = zeroblob(7) WHERE id > 10").unwrap();
    assert_eq!(found(), (0, false, true));
    assert_eq!(found(), (0, false, true), "until somebody rebuilds it");
    index.rebuild().unwrap();
    assert_eq!(found(), (500, true, false));
}

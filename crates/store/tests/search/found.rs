//! What is found: words, phrases, names, rooms, dates and scripts, the same with an index, with half of one and without.

use crate::log::{ANY, DAY, Log, author};
use chatroom_model::Query;
use chatroom_store::{Scope, SearchReader, search};

fn conversation() -> Log {
    let mut log = Log::new();
    log.say(1, "bob", 0, "The disk is full")
        .import("carol", 10 * DAY, "an old line about the disk")
        .say(2, "Оля", DAY, "Привет, мир! full of disk")
        .say(1, "bob", 2 * DAY, "see store::reader_page and a.b")
        .say(2, "bob-2", 3 * DAY, "東京都に行きました")
        .say(1, "bob", 4 * DAY, "한국어 검색은 안녕하세요")
        .say(3, "eve", 5 * DAY, "これはテストです café")
        .say(1, "bob", 6 * DAY, "quotes \"AND\" NEAR(disk) OR NOT *")
        .say(2, "bob", 7 * DAY, "我们在北京见面");
    log
}

const FOUND: &[(&str, &[&str])] = &[
    (
        "disk",
        &[
            "quotes \"AND\" NEAR(disk) OR NOT *",
            "Привет, мир! full of disk",
            "an old line about the disk",
            "The disk is full",
        ],
    ),
    ("DISK full", &["Привет, мир! full of disk", "The disk is full"]),
    ("\"disk is\"", &["The disk is full"]),
    ("\"is disk\"", &[]),
    ("dis", &[]),
    ("привет", &["Привет, мир! full of disk"]),
    ("МИР", &["Привет, мир! full of disk"]),
    ("reader_page", &["see store::reader_page and a.b"]),
    ("page", &["see store::reader_page and a.b"]),
    ("store::reader_page", &["see store::reader_page and a.b"]),
    ("a.b", &["see store::reader_page and a.b"]),
    ("北京", &["我们在北京见面"]),
    ("京", &["我们在北京见面", "東京都に行きました"]),
    ("東京都", &["東京都に行きました"]),
    ("京北", &[]),
    ("テスト", &["これはテストです café"]),
    ("安", &[]),
    ("검색", &["한국어 검색은 안녕하세요"]),
    ("하세", &["한국어 검색은 안녕하세요"]),
    ("cafe", &["これはテストです café"]),
    ("from:оля", &["Привет, мир! full of disk"]),
    ("from:bob in:#2", &["我们在北京见面"]),
    ("from:bob-2", &["東京都に行きました"]),
    ("from:carol", &["an old line about the disk"]),
    ("from:nobody", &[]),
    ("disk in:#1 from:bob", &["quotes \"AND\" NEAR(disk) OR NOT *", "The disk is full"]),
    ("in:#3", &["これはテストです café"]),
    ("in:#4 disk", &[]),
    ("from:bob after:1970-01-06", &["我们在北京见面", "quotes \"AND\" NEAR(disk) OR NOT *"]),
    ("from:bob before:1970-01-03", &["The disk is full"]),
    ("disk after:1970-01-02 before:1970-01-07", &["Привет, мир! full of disk"]),
    ("disk after:1d", &["quotes \"AND\" NEAR(disk) OR NOT *"]),
    ("NEAR(disk)", &["quotes \"AND\" NEAR(disk) OR NOT *"]),
    ("\"and near\"", &["quotes \"AND\" NEAR(disk) OR NOT *"]),
];

#[test]
fn it_finds_the_same_with_an_index_with_half_of_one_and_without() {
    for rows in [0, 1, 4, 100] {
        let mut log = conversation();
        if rows == 0 {
            log.commit();
        } else {
            log.index(rows);
        }
        for (query, expected) in FOUND {
            assert_eq!(log.search(query), *expected, "{query}, {rows} rows in the index");
        }
    }
}

#[test]
fn an_imported_line_is_as_old_as_it_was_there() {
    for rows in [0, 100] {
        let mut log = Log::new();
        log.say(1, "bob", 10 * DAY, "said here").import("carol", 2 * DAY, "said there").say(
            1,
            "bob",
            11 * DAY,
            "said last",
        );
        log.index(rows);
        assert_eq!(log.search("said before:1970-01-05"), ["said there"]);
        assert_eq!(log.search("said after:1970-01-05"), ["said last", "said here"]);
    }
}

#[test]
fn marks_stand_where_it_is_said() {
    let log = {
        let mut log = conversation();
        log.index(5);
        log
    };
    for (query, expected) in [("disk \"is full\"", vec!["disk", "is full"]), ("北京", vec!["北京"])] {
        let hits = log.ask(query, None, None, ANY, |_| true).unwrap();
        let hit = &hits.hits[0];
        let text = crate::log::text(&hit.record);
        let marked: Vec<&str> = hit.marks.iter().map(|mark| &text[mark.clone()]).collect();
        assert_eq!(marked, expected);
    }
}

#[test]
fn an_author_goes_by_number_when_it_is_known() {
    let mut log = conversation();
    log.index(5);
    let index = SearchReader::open(&log.folder).unwrap();
    let query = Query::parse("from:whoever disk", log.state.time).unwrap();
    let scope = Scope { rooms: None, author: Some(author("bob")) };
    let hits = search(&index, &log.reader(), &query, &scope, None, ANY, |_| true).unwrap();
    assert_eq!(crate::log::texts(&hits), ["quotes \"AND\" NEAR(disk) OR NOT *", "The disk is full"]);
}

#[test]
fn what_was_taken_out_is_not_found_and_what_was_put_in_is_where_its_text_says_so() {
    let mut log = Log::new();
    log.say(1, "bob", 0, "first word").say(1, "bob", 0, "second word");
    let mut index = log.index(100);
    let hits = log.ask("first", None, None, ANY, |_| true).unwrap();
    let id = (hits.hits[0].record.position.0 << 20) as i64;
    index.remove(&[id]).unwrap();
    index.remove(&[id, 77]).unwrap();
    assert_eq!(log.search("word"), ["second word"]);
    let mut put = |text: &str| {
        index
            .replace(&chatroom_store::Document {
                id,
                room: chatroom_model::RoomId(1),
                author: author("bob"),
                name: "bob".into(),
                text: text.into(),
                imported: false,
            })
            .unwrap();
    };
    put("another text");
    assert!(log.search("another").is_empty(), "the log's text decides, not the index");
    put("first word");
    assert_eq!(log.search("word"), ["second word", "first word"]);
}

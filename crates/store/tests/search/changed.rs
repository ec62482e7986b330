//! What was edited is found by its last words only; what was taken back is not found and leaves the index's file.

use crate::log::{ANY, Log, at, author};
use chatroom_model::{Fact, Millis, Seq};
use chatroom_store::{Cost, SEARCH};

fn stands(log: &Log, word: &str) -> bool {
    let path = log.folder.path().join(SEARCH);
    let files = ["db", "db-wal"].map(|ending| std::fs::read(path.with_extension(ending)));
    // A word's first letters may be those of the one before it, and stand there only.
    let end = &word.as_bytes()[2..];
    files.into_iter().flatten().any(|bytes| bytes.windows(end.len()).any(|window| window == end))
}

#[test]
fn an_edited_message_is_found_by_its_last_words_where_it_stood_and_once() {
    for indexed in [0, 1, 3, 4, 5, 6, 100] {
        let mut log = Log::new();
        log.say(1, "bob", 0, "old tea")
            .say(1, "eve", 1, "tea between")
            .say(1, "bob", 2, "plain tea")
            .edit(1, 1, "bob", "first green tea")
            .edit(1, 1, "bob", "green tea")
            .edit(1, 3, "bob", "coffee");
        log.index(indexed);
        let found = |text: &str| {
            let hits = log.ask(text, None, None, ANY, |_| true).unwrap();
            assert!(hits.complete);
            let shown = |hit: &chatroom_store::Hit| {
                let first = crate::log::text(&hit.record).to_owned();
                hit.edited.as_ref().map_or(first, |body| body.as_str().to_owned())
            };
            hits.hits.iter().map(shown).collect::<Vec<_>>()
        };
        assert_eq!(found("tea"), ["tea between", "green tea"], "{indexed}");
        assert_eq!(found("green"), ["green tea"], "{indexed}");
        assert_eq!(found("coffee"), ["coffee"], "{indexed}");
        assert!(found("old").is_empty() && found("first").is_empty() && found("plain").is_empty());
        // And one at a time.
        let (mut paged, mut next) = (Vec::new(), None);
        for _ in 0..10 {
            let cost = Cost { hits: 1, candidates: 1, volumes: 1 };
            let hits = log.ask("tea", None, next, cost, |_| true).unwrap();
            paged.extend(hits.hits.iter().map(|hit| hit.record.position.0));
            next = hits.next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(paged, [2, 1], "{indexed}");
    }
}

#[test]
fn what_was_taken_back_is_not_found_at_once_and_its_words_leave_the_file() {
    let mut log = Log::new();
    log.say(1, "bob", 0, "kiwifruit").say(1, "bob", 0, "first").say(1, "eve", 5, "papaya word");
    log.say(2, "eve", 5, "lemonade word").say(2, "eve", 6, "kept word").edit(1, 2, "bob", "zucchini");
    let mut index = log.index(100);
    assert_eq!(log.search("kiwifruit"), ["kiwifruit"]);
    assert!(["kiwifruit", "zucchini", "papaya", "lemonade"].iter().all(|word| stands(&log, word)));
    log.redact(1, 1).redact(1, 2).fact(Fact::Dropped { at: at(2), upto: Seq(1) });
    let (user, since, upto) = (author("eve"), Millis(0), Seq(3));
    log.fact(Fact::PurgeDone { at: at(1), purge: 1, user, since, upto }).commit();
    let gone = |log: &Log| {
        for word in ["kiwifruit", "zucchini", "papaya", "lemonade"] {
            assert!(log.search(word).is_empty(), "{word}");
        }
        assert_eq!(log.search("word"), ["kept word"]);
    };
    gone(&log);
    index.catch_up(&log.reader(), 100).unwrap();
    assert!(index.settle().unwrap());
    assert!(!index.settle().unwrap(), "nothing is owed any more");
    gone(&log);
    assert!(["kiwifruit", "zucchini", "papaya", "lemonade"].iter().all(|word| !stands(&log, word)));
}

#[test]
fn an_edit_that_was_redacted_before_it_was_indexed_adds_nothing() {
    let mut log = Log::new();
    log.say(1, "bob", 0, "hello").edit(1, 1, "bob", "mulberry").redact(1, 1);
    log.index(100);
    assert!(log.search("mulberry").is_empty() && log.search("hello").is_empty());
    assert!(!stands(&log, "mulberry"));
}

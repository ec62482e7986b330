//! What a search may cost, each at its limit and at limit + 1, and that what the asker may not see leaves no trace.

use crate::log::{ANY, Log, text, texts};
use chatroom_model::{Event, Record, RoomId};
use chatroom_store::{Cost, Fault, ROOMS_NAMED, TAIL_MAX};

fn words(n: usize) -> Log {
    let mut log = Log::new();
    for i in 0..n {
        log.say(1, "bob", 0, &format!("word {i}"));
    }
    log
}

#[test]
fn past_its_hits_a_search_tells_where_to_go_on() {
    for rows in [0, 3, 100] {
        let mut log = words(5);
        log.index(rows);
        let whole = log.ask("word", None, None, Cost { hits: 5, ..ANY }, |_| true).unwrap();
        assert_eq!((whole.hits.len(), whole.next), (5, None));
        let part = log.ask("word", None, None, Cost { hits: 4, ..ANY }, |_| true).unwrap();
        assert_eq!(texts(&part), ["word 4", "word 3", "word 2", "word 1"]);
        let rest = log.ask("word", None, part.next, Cost { hits: 4, ..ANY }, |_| true).unwrap();
        assert_eq!((texts(&rest), rest.next), (vec!["word 0".to_owned()], None));
    }
}

#[test]
fn a_search_looks_at_no_more_than_it_may() {
    for rows in [0, 3, 100] {
        let mut log = words(5);
        log.index(rows);
        for (candidates, whole) in [(5, true), (4, false)] {
            let mut looked_at = 0;
            let cost = Cost { candidates, ..ANY };
            let refuse = |_: &Record| {
                looked_at += 1;
                false
            };
            let hits = log.ask("word", None, None, cost, refuse).unwrap();
            assert_eq!(looked_at, candidates);
            assert!(hits.hits.is_empty());
            assert_eq!(hits.next.is_none(), whole);
            if !whole {
                let rest = log.ask("word", None, hits.next, cost, |_| true).unwrap();
                assert_eq!(texts(&rest), ["word 0"]);
            }
        }
    }
}

#[test]
fn a_search_goes_through_no_more_volumes_than_it_may() {
    let mut log = Log::new();
    for i in 0..3 {
        log.say(1, "bob", 0, &format!("word {i}")).skip(1 << 20);
    }
    log.index(100);
    let whole = log.ask("word", None, None, Cost { volumes: 3, ..ANY }, |_| true).unwrap();
    assert_eq!((whole.hits.len(), whole.next), (3, None));
    let part = log.ask("word", None, None, Cost { volumes: 2, ..ANY }, |_| true).unwrap();
    assert_eq!(texts(&part), ["word 2", "word 1"]);
    let rest = log.ask("word", None, part.next, Cost { volumes: 2, ..ANY }, |_| true).unwrap();
    assert_eq!((texts(&rest), rest.next), (vec!["word 0".to_owned()], None));
}

#[test]
fn a_tail_that_is_too_long_is_told() {
    let mut log = words(TAIL_MAX + 1);
    log.index(1);
    let cost = Cost { hits: 1, ..ANY };
    let whole = log.ask("word 0", None, None, cost, |_| true).unwrap();
    assert_eq!((texts(&whole), whole.complete), (vec!["word 0".to_owned()], true));
    log.say(1, "bob", 0, "one more").commit();
    let part = log.ask("\"word 0\"", None, None, cost, |_| true).unwrap();
    assert_eq!((texts(&part), part.complete), (vec!["word 0".to_owned()], false));
    assert!(
        log.ask("\"word 1\"", None, None, cost, |_| true).unwrap().hits.is_empty(),
        "that one is left out"
    );
}

#[test]
fn what_may_not_be_seen_leaves_no_trace() {
    let secret = |record: &Record| matches!(&record.event, Event::Message { room, .. } if room.0 == 2);
    let rooms = Some(vec![RoomId(1), RoomId(3)]);
    for rows in [0, 7, 100] {
        let mut with = Log::new();
        let mut without = Log::new();
        for i in 0..10 {
            with.say(1, "bob", i, "open word").say(2, "bob", i, "secret word");
            without.say(1, "bob", i, "open word").skip(1);
        }
        with.index(rows);
        without.index(rows / 2);
        for query in ["word", "secret", "from:bob", "\"secret word\"", "from:bob word after:1970-01-01"] {
            for cost in [ANY, Cost { hits: 10, candidates: 10, ..ANY }] {
                // By the rooms, whether they are named to the index or passed over, and by what may be seen.
                let many = (0..=ROOMS_NAMED as u64).map(|room| RoomId(if room == 2 { 1 } else { room }));
                for rooms in [rooms.clone(), Some(many.collect())] {
                    let hits = with.ask(query, rooms.clone(), None, cost, |_| true).unwrap();
                    assert!(hits.hits.iter().all(|hit| text(&hit.record) == "open word"));
                    let other = without.ask(query, rooms, None, cost, |_| true).unwrap();
                    assert_eq!(texts(&hits), texts(&other), "{query}");
                    assert_eq!((hits.next, hits.complete), (other.next, other.complete), "{query}");
                }
            }
            let hits = with.ask(query, None, None, ANY, |record| !secret(record)).unwrap();
            let other = without.ask(query, None, None, ANY, |_| true).unwrap();
            assert_eq!((texts(&hits), hits.next, hits.complete), (texts(&other), other.next, other.complete));
        }
        assert!(with.ask("word", Some(vec![]), None, ANY, |_| true).unwrap().hits.is_empty());
    }
}

#[test]
fn a_damaged_message_is_named_and_not_served() {
    for rows in [0, 100] {
        let mut log = words(5);
        log.index(rows);
        let change = "UPDATE events SET body = 'word forged' WHERE seq = 3";
        rusqlite::Connection::open(log.folder.database()).unwrap().execute_batch(change).unwrap();
        let fault = log.ask("word", None, None, ANY, |_| true).unwrap_err();
        assert!(matches!(&fault, Fault::Damaged(what) if what.contains("position 3")), "{fault}");
    }
}

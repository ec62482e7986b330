//! Measures search over a large log: `search_figures FOLDER MESSAGES` fills the folder unless it is filled, indexes and asks.
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

mod fill;

use chatroom_model::{Millis, Position, Query, RoomId, Seq, SessionId, UserId};
use chatroom_store::{
    BATCH_ROWS, Cost, Cursor, Folder, Found, Index, Reader, SEARCH, Scope, SearchReader, Span, search,
};
use fill::{Dice, ROOMS, WORDS, fill, word};
use std::time::{Duration, Instant};

/// Rooms a search is for: all, each of them by name as for somebody who is in all, three in which a third was said, three in which a tenth was.
const ALL: &[u64] = &[];
const EVERY: &[u64] = &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20];
const MOST: &[u64] = &[1, 6, 11];
const FEW: &[u64] = &[12, 15, 18];

/// Messages that come while people search.
const LIVE: usize = 50_000;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let mut args = std::env::args().skip(1);
    let (Some(path), Some(messages)) = (args.next(), args.next()) else {
        return Err("search_figures FOLDER MESSAGES".into());
    };
    let folder = Folder::new(path);
    if !folder.database().exists() {
        let began = Instant::now();
        fill(&folder, messages.parse()?)?;
        println!("filled in {:.1} s", began.elapsed().as_secs_f64());
    }
    let log = Reader::open(&folder)?;
    let events = log.events()?;
    println!("{events} events, log {} MiB", std::fs::metadata(folder.database())?.len() >> 20);
    if !folder.path().join(SEARCH).exists() {
        let reader = SearchReader::open(&folder)?;
        ask(&reader, &log, "nothing found in a tail without an index", &["nothing".to_owned()], ALL)?;
    }
    index(&folder, &log)?;
    let reader = SearchReader::open(&folder)?;
    for (name, ranks) in [
        ("common + common", [0..50, 0..50]),
        ("common + middling", [0..50, 500..3_000]),
        ("common + rare", [0..50, 20_000..WORDS]),
        ("middling + middling", [500..3_000, 500..3_000]),
        ("rare + rare", [20_000..WORDS, 20_000..WORDS]),
    ] {
        for rooms in [ALL, EVERY, MOST, FEW] {
            words(&reader, &log, name, &ranks, rooms)?;
        }
    }
    let never = ["zig zag".to_owned()];
    ask(&reader, &log, "two words in half of all messages each, never together", &never, ALL)?;
    let from: Vec<String> = (0..50).map(|n| format!("{} from:user{}", word(n), n * 9)).collect();
    ask(&reader, &log, "a common word from somebody", &from, ALL)?;
    for (name, by) in [("phrases of common words", 1), ("phrases of middling words", 20)] {
        let phrases: Vec<String> =
            (0..50).map(|n| format!("\"{} {}\"", word(n * by), word(n * by / 2))).collect();
        ask(&reader, &log, name, &phrases, ALL)?;
    }
    pages(&folder, &log)
}

/// The log's end is taken in as a server would that is talked in: a few messages at a time.
fn index(folder: &Folder, log: &Reader) -> Outcome<()> {
    let mut index = Index::open(folder)?;
    let events = log.events()? as usize;
    for (name, upto, step) in
        [("in whole batches", events.saturating_sub(LIVE), BATCH_ROWS), ("a hundred at a time", events, 100)]
    {
        let (mut rows, mut longest) = (0, Duration::ZERO);
        let began = Instant::now();
        while (index.cursor()?.settled().0 as usize) < upto {
            let step_began = Instant::now();
            let progress = index.catch_up(log, step)?;
            longest = longest.max(step_began.elapsed());
            rows += progress.rows;
            if progress.done {
                break;
            }
        }
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "indexed {rows} rows {name} in {seconds:.1} s ({:.0} a second, the longest step {:.2} s)",
            rows as f64 / seconds,
            longest.as_secs_f64()
        );
    }
    drop(index);
    println!("index {} MiB", std::fs::metadata(folder.path().join(SEARCH))?.len() >> 20);
    Ok(())
}

fn words(
    index: &SearchReader,
    log: &Reader,
    name: &str,
    ranks: &[std::ops::Range<usize>; 2],
    rooms: &[u64],
) -> Outcome<()> {
    let mut dice = Dice(11);
    let mut draw = |ranks: &std::ops::Range<usize>| {
        word(ranks.start + dice.below((ranks.end - ranks.start) as u64) as usize)
    };
    let queries: Vec<String> = (0..200).map(|_| format!("{} {}", draw(&ranks[0]), draw(&ranks[1]))).collect();
    ask(index, log, name, &queries, rooms)
}

fn ask(index: &SearchReader, log: &Reader, name: &str, queries: &[String], rooms: &[u64]) -> Outcome<()> {
    let named = rooms.iter().map(|room| RoomId(*room)).collect();
    let scope = Scope { rooms: (!rooms.is_empty()).then_some(named), author: None };
    let mut times = Vec::new();
    let (mut hits, mut unfinished) = (0, 0);
    for round in 0..2 {
        for query in queries {
            let query = Query::parse(query, Millis(0))?;
            let began = Instant::now();
            let found = search(index, log, &query, &scope, None, Cost::default(), |_| true)?;
            if round == 1 {
                times.push(began.elapsed());
                hits += found.hits.len();
                unfinished += usize::from(found.next.is_some() && found.hits.len() < 50);
            }
        }
    }
    show(&format!("{name}, rooms {rooms:?}"), &mut times);
    println!("    {:.1} hits each, {unfinished} to go on with", hits as f64 / queries.len() as f64);
    Ok(())
}

/// Pages of 50 messages somewhere in a room, by its number and the first message's.
fn pages(folder: &Folder, log: &Reader) -> Outcome<()> {
    let db = rusqlite::Connection::open(folder.database())?;
    let mut dice = Dice(13);
    let upto = log.position()?;
    let sight = log.sight(UserId(7), SessionId(1), Position(0))?;
    let mut times = Vec::new();
    for _ in 0..2_000 {
        let room = dice.below(ROOMS as u64) as i64 + 1;
        let last: i64 = db.query_row("SELECT last FROM rooms WHERE id = ?", [room], |row| row.get(0))?;
        let before = Seq(dice.below(last.max(1) as u64) + 51);
        let began = Instant::now();
        log.history(RoomId(room as u64), Span::Before(before), 50, upto, &sight)?;
        times.push(began.elapsed());
    }
    show("a page of 50 by room and number, chain checked", &mut times);
    let mut times = Vec::new();
    let last = log.position()?;
    for _ in 0..2_000 {
        let after = Cursor::after(Position(dice.below(last.0)));
        let began = Instant::now();
        log.rows(after, last, Found { rows: 50, bytes: usize::MAX })?;
        times.push(began.elapsed());
    }
    show("50 events after a position, chain checked", &mut times);
    Ok(())
}

fn show(name: &str, times: &mut [Duration]) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!("{name}: p50 {:.2} ms, p95 {:.2} ms, worst {:.2} ms", at(0.5), at(0.95), at(1.0));
}

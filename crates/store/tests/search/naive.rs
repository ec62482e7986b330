//! Whatever is said and asked: the index finds what reading everything finds.

use crate::log::{ANY, Log, texts};
use chatroom_model::{Name, Query, RoomId};
use chatroom_store::{Cost, marks};
use proptest::prelude::*;

const PARTS: &[&str] =
    &["disk", "Full", "café", "CAFE", "東京", "京都", "都", "мир", "Ёж", "a_b", "a.b", "b", "안녕", "👍"];
const NAMES: &[&str] = &["bob", "Оля", "x-1"];

#[derive(Clone, Debug)]
struct Said {
    room: u64,
    name: &'static str,
    day: i64,
    text: String,
}

fn said() -> impl Strategy<Value = Said> {
    let text = prop::collection::vec(
        (prop::sample::select(PARTS), prop::sample::select(vec![" ", "", "。", "-"])),
        1..6,
    );
    (1..4_u64, prop::sample::select(NAMES), 0..10_i64, text).prop_map(|(room, name, day, parts)| Said {
        room,
        name,
        day,
        text: parts.into_iter().flat_map(|(part, sign)| [part, sign]).collect(),
    })
}

fn asked() -> impl Strategy<Value = String> {
    let word = prop::sample::select(PARTS).prop_map(str::to_owned);
    let phrase =
        (prop::sample::select(PARTS), prop::sample::select(PARTS)).prop_map(|(a, b)| format!("\"{a} {b}\""));
    let joined =
        (prop::sample::select(PARTS), prop::sample::select(PARTS)).prop_map(|(a, b)| format!("{a}{b}"));
    let term = prop_oneof![3 => word, 1 => phrase, 1 => joined];
    let from = prop::option::of(prop::sample::select(NAMES).prop_map(|name| format!("from:{name}")));
    let room = prop::option::weighted(0.3, (1..5_u64).prop_map(|room| format!("in:#{room}")));
    let after = prop::option::weighted(0.3, (1..10_u64).prop_map(|day| format!("after:1970-01-0{day}")));
    let before = prop::option::weighted(0.3, (1..10_u64).prop_map(|day| format!("before:1970-01-0{day}")));
    (prop::collection::vec(term, 1..3), prop::option::weighted(0.3, Just(())), from, room, after, before)
        .prop_map(|(terms, keyed, from, room, after, before)| {
            let mut all = terms;
            all.extend(keyed.and(from));
            all.extend([room, after, before].into_iter().flatten());
            all.join(" ")
        })
}

/// Reads everything.
fn naive(said: &[Said], query: &Query, rooms: Option<&[RoomId]>) -> Vec<String> {
    let mut days: i64 = 0;
    let mut found: Vec<String> = Vec::new();
    for said in said {
        days = days.max(said.day);
        let at = days * crate::log::DAY;
        let fits = query.from.as_ref().is_none_or(|from| Name::kept(from) == Name::kept(said.name))
            && query.room.as_ref().is_none_or(|room| *room == format!("#{}", said.room))
            && rooms.is_none_or(|rooms| query.room.is_some() || rooms.contains(&RoomId(said.room)))
            && query.after.is_none_or(|after| after.0 <= at)
            && query.before.is_none_or(|before| at < before.0);
        if fits && marks(query, &said.text).is_some() {
            found.insert(0, said.text.clone());
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn an_index_finds_what_reading_everything_finds(
        said in prop::collection::vec(said(), 1..60),
        asked in prop::collection::vec(asked(), 20),
        indexed in 0..70_usize,
        rooms in prop::option::of(prop::collection::vec((1..5_u64).prop_map(RoomId), 1..4)),
        page in 1..5_usize,
    ) {
        let mut log = Log::new();
        for Said { room, name, day, text } in &said {
            log.say(*room, name, day * crate::log::DAY, text);
        }
        log.index(indexed);
        for text in &asked {
            let query = Query::parse(text, log.state.time).unwrap();
            let expected = naive(&said, &query, rooms.as_deref());
            let whole = log.ask(text, rooms.clone(), None, ANY, |_| true).unwrap();
            prop_assert_eq!(texts(&whole), expected.clone(), "{}", text);
            // And page by page, however small.
            let (mut paged, mut next) = (Vec::new(), None);
            for _ in 0..=said.len() {
                let cost = Cost { hits: page, candidates: page, volumes: 1 };
                let hits = log.ask(text, rooms.clone(), next, cost, |_| true).unwrap();
                paged.extend(texts(&hits));
                next = hits.next;
                if next.is_none() {
                    break;
                }
            }
            prop_assert_eq!(paged, expected, "{}", text);
        }
    }
}

//! Any text is a search within its bounds or a refusal.
#![no_main]

use chatroom_model::{Millis, QUERY_MAX, Query, TERMS_MAX, Term, searchable};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (i64, &str)| {
    let (now, text) = input;
    let Ok(query) = Query::parse(text, Millis(now)) else { return };
    assert!(text.len() <= QUERY_MAX && query.terms.len() <= TERMS_MAX);
    assert!(!query.terms.is_empty() || query.from.is_some() || query.room.is_some());
    for Term::Word(text) | Term::Phrase(text) in &query.terms {
        assert!(text.chars().any(searchable));
    }
});

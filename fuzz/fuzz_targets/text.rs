//! Cleaned text has nothing left that acts, needs no second cleaning and never grows.
#![no_main]

use chatroom_wire::text::{acts, clean};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let cleaned = clean(text);
    assert!(!cleaned.contains(acts) && !cleaned.contains(char::is_control));
    assert!(cleaned.len() <= text.len());
    assert_eq!(clean(&cleaned), cleaned);
    let kept = |text: &str| {
        text.chars().filter(|character| !acts(*character) && *character != ' ').collect::<String>()
    };
    assert_eq!(kept(text), kept(&cleaned));
});

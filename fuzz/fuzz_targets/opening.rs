//! A decision about the first bytes never changes when more come, and is made within the bound.
#![no_main]

use chatroom_wire::opening::{MAX_OPENING, Opening, looks_like_http, looks_like_irc, refusal};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut before = Opening::NeedMore;
    for end in 0..=bytes.len() {
        let now = Opening::detect(&bytes[..end]);
        assert!(before == Opening::NeedMore || before == now);
        assert!(end < MAX_OPENING || now != Opening::NeedMore);
        before = now;
    }
    if let Opening::Decided(protocol) = before {
        refusal(protocol);
    }
    if let Ok(line) = std::str::from_utf8(bytes) {
        assert!(!(looks_like_http(line) && looks_like_irc(line)) || line.contains("HTTP/"));
    }
});

//! What is decided about a header of the PROXY protocol never changes when more comes, and is decided within the bound.
#![no_main]

use chatroom_wire::proxy::{SIGNATURE, Seen, V2_MAX, look};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    never_changes(bytes);
    never_changes(&[SIGNATURE, bytes].concat());
    never_changes(&[b"PROXY ", bytes].concat());
});

fn never_changes(bytes: &[u8]) {
    let mut before = Ok(Seen::Perhaps);
    for end in 0..=bytes.len() {
        let now = look(&bytes[..end]);
        match before {
            Ok(Seen::Perhaps) => {}
            Ok(Seen::Part) => assert!(!matches!(now, Ok(Seen::Nothing | Seen::Perhaps))),
            decided => assert_eq!(decided, now),
        }
        if let Ok(Seen::Whole(header)) = now {
            assert!(header.length <= end && header.length <= V2_MAX);
        }
        assert!(end < V2_MAX || !matches!(now, Ok(Seen::Perhaps | Seen::Part)));
        before = now;
    }
}

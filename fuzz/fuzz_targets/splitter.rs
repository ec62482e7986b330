//! The splitter answers the same however its bytes are cut, stays inside its bounds and holds nothing when done.
#![no_main]

use chatroom_wire::framing::{Framed, LineSplitter, MAX_LINE};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (cut, bytes) = input;
    let whole = split(bytes, bytes.len().max(1));
    assert_eq!(split(bytes, 1), whole);
    assert_eq!(split(bytes, usize::from(cut) + 1), whole);
});

fn split(bytes: &[u8], cut: usize) -> Vec<Option<String>> {
    let mut splitter = LineSplitter::default();
    let mut found = Vec::new();
    for chunk in bytes.chunks(cut) {
        let mut rest = chunk;
        while let Some(framed) = splitter.next_line(&mut rest) {
            found.push(match framed {
                Framed::Line(line) => {
                    assert!(!line.contains(['\r', '\n', '\0']) && line.len() < 3 * MAX_LINE);
                    Some(line.to_owned())
                }
                Framed::TooLong => None,
            });
        }
        assert!(rest.is_empty() && splitter.held() <= MAX_LINE);
    }
    // IAC SE twice ends any telnet command, whatever part of it came last; then the line can end.
    let mut rest = &b"\xff\xf0\xff\xf0\n"[..];
    while splitter.next_line(&mut rest).is_some() {}
    assert_eq!(splitter.held(), 0);
    found
}

//! A client's frames read the same however their bytes are cut, within the bounds, and nothing is held at the end.
#![no_main]

use chatroom_wire::websocket::{CONTROL_BYTES, MESSAGE_BYTES, Message, Reader, accept};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, &[u8])| {
    let (cut, bytes) = input;
    let whole = read(bytes, bytes.len().max(1));
    assert_eq!(read(bytes, 1), whole);
    assert_eq!(read(bytes, usize::from(cut) + 1), whole);
    // Most bytes are not masked: these are.
    let masked: Vec<u8> =
        bytes.iter().enumerate().map(|(n, byte)| if n == 1 { byte | 0x80 } else { *byte }).collect();
    assert_eq!(read(&masked, 1), read(&masked, masked.len().max(1)));
    if let Ok(key) = std::str::from_utf8(bytes) {
        assert!(accept(key).is_none_or(|answer| answer.len() == 28));
    }
});

fn read(bytes: &[u8], cut: usize) -> Vec<String> {
    let (mut reader, mut found) = (Reader::default(), Vec::new());
    for mut chunk in bytes.chunks(cut) {
        loop {
            match reader.next_message(&mut chunk) {
                Ok(None) => break,
                Ok(Some(message)) => {
                    match message {
                        Message::Text(text) => assert!(text.len() <= MESSAGE_BYTES),
                        Message::Ping(bytes) => assert!(bytes.len() <= CONTROL_BYTES),
                        Message::Pong | Message::Close(_) => {}
                    }
                    found.push(format!("{message:?}"));
                }
                Err(wrong) => {
                    assert!((1002..=1009).contains(&wrong.code()) && reader.is_over());
                    found.push(format!("{wrong:?}"));
                }
            }
        }
        assert!(chunk.is_empty() && reader.held() <= MESSAGE_BYTES + CONTROL_BYTES);
        assert!(!reader.is_over() || reader.held() == 0);
    }
    found
}

//! The parsers of the original's files, taken out of the program that they are a part of. Adds nothing to them.
#![allow(dead_code, unreachable_pub)]

#[path = "../../crates/chatroom/src/import/array.rs"]
mod array;
#[path = "../../crates/chatroom/src/import/lines.rs"]
mod lines;
#[path = "../../crates/chatroom/src/import/original.rs"]
mod original;

/// Reads bytes as a log and as a snapshot; every message that comes out can be a body of ours.
pub fn read(data: &[u8]) {
    let pieces = lines::Lines::new(data).chain(array::Objects::new(data));
    for piece in pieces.map_while(Result::ok) {
        let Ok(text) = piece.text else { continue };
        assert!(text.len() <= original::PIECE_MAX);
        let Ok(message) = original::read(&text) else { continue };
        for (n, body) in message.bodies.iter().enumerate() {
            assert!(chatroom_model::Body::parse(body).is_ok(), "{} bytes", body.len());
            let _ = (message.id(n), message.millis());
        }
    }
}

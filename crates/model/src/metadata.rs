//! What programs note of people and rooms for other programs: keys and values (IRCv3 metadata). Bounded.

use crate::{RoomId, UserId};

/// Keys one person or room may have.
pub const METADATA_KEYS_MAX: usize = 32;
/// Bytes of a key.
pub const METADATA_KEY_BYTES: usize = 64;
/// Bytes of a value.
pub const METADATA_VALUE_BYTES: usize = 400;

/// Of whom or what something is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Somebody.
    User(UserId),
    /// A room.
    Room(RoomId),
}

/// Whether a text may be a key: lower-case letters, digits and `_./-`, at most [`METADATA_KEY_BYTES`].
#[must_use]
pub fn is_metadata_key(text: &str) -> bool {
    let letter =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.' | b'/' | b'-');
    (1..=METADATA_KEY_BYTES).contains(&text.len()) && text.bytes().all(letter)
}

/// Whether a text may be a value: at most [`METADATA_VALUE_BYTES`], and nothing that ends a line.
#[must_use]
pub fn is_metadata_value(text: &str) -> bool {
    text.len() <= METADATA_VALUE_BYTES && !text.contains(['\r', '\n', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_at_their_limits() {
        assert!(is_metadata_key(&"k".repeat(METADATA_KEY_BYTES)));
        for bad in ["", "A", "a b", "a:b", "é", &"k".repeat(METADATA_KEY_BYTES + 1)] {
            assert!(!is_metadata_key(bad), "{bad}");
        }
        assert!(is_metadata_key("draft/a-b.c_9"));
        assert!(is_metadata_value(&"v".repeat(METADATA_VALUE_BYTES)) && is_metadata_value(""));
        assert!(!is_metadata_value(&"v".repeat(METADATA_VALUE_BYTES + 1)) && !is_metadata_value("a\nb"));
    }
}

//! Sixteen bytes as text: client ids (UUIDs) and tokens. Knows nothing of what they stand for.
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

use std::fmt;

/// Sixteen bytes of exactly 32 hex digits, in either case.
pub fn parse_hex(text: &str) -> Option<[u8; 16]> {
    from_digits(text.len() == 32, text.bytes())
}

/// A UUID in its hyphenated form (8-4-4-4-12 digits), or as 32 hex digits.
pub fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    if text.len() == 32 {
        return parse_hex(text);
    }
    let hyphens = text.bytes().enumerate().filter(|(_, byte)| *byte == b'-').map(|(place, _)| place);
    let shaped = text.len() == 36 && hyphens.eq([8, 13, 18, 23]);
    from_digits(shaped, text.bytes().filter(|byte| *byte != b'-'))
}

fn from_digits(shaped: bool, digits: impl Iterator<Item = u8>) -> Option<[u8; 16]> {
    if !shaped {
        return None;
    }
    let mut value: u128 = 0;
    for digit in digits {
        value = value << 4 | u128::from(char::from(digit).to_digit(16)?);
    }
    Some(value.to_be_bytes())
}

/// Shows sixteen bytes as 32 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hex(pub [u8; 16]);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// Shows sixteen bytes as a hyphenated UUID in lower case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Uuid(pub [u8; 16]);

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u128::from_be_bytes(self.0);
        let (a, b, c) = (id >> 96, id >> 80 & 0xffff, id >> 64 & 0xffff);
        write!(f, "{a:08x}-{b:04x}-{c:04x}-{:04x}-{:012x}", id >> 48 & 0xffff, id & 0xffff_ffff_ffff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0192d1b4-7c3a-7d10-8a5e-00c0ffee0001";

    #[test]
    fn both_forms_of_a_uuid_are_the_same() {
        let id = parse_uuid(ID).unwrap();
        assert_eq!(Uuid(id).to_string(), ID);
        assert_eq!(parse_uuid(&ID.replace('-', "").to_uppercase()), Some(id));
        assert_eq!(Hex(id).to_string(), ID.replace('-', ""));
    }

    #[test]
    fn anything_else_is_no_uuid() {
        for text in [
            "",
            "0",
            "0192d1b47c3a-7d10-8a5e-00c0-ffee0001",
            "0192d1b4-7c3a-7d10-8a5e-00c0ffee000g",
            "0192d1b4-7c3a-7d10-8a5e-00c0ffee00011",
            "+192d1b47c3a7d108a5e00c0ffee0001",
            "0192d1b47c3a7d108a5e00c0ffee00é",
            "{192d1b4-7c3a-7d10-8a5e-00c0ffee0001}",
        ] {
            assert_eq!(parse_uuid(text), None, "{text}");
        }
        assert_eq!(parse_hex(ID), None);
    }
}

//! A room's name: what is written, and the forms by which rooms compare. Knows nothing of which rooms there are.

use crate::name::skeleton_of;
use crate::{NAME_BYTES, NAME_CHARS, Name};
use compact_str::CompactString;
use std::fmt;

/// Characters that a protocol needs for itself, or that would act as markup.
const RESERVED: &[char] = &[':', '!', '@', ',', '*', '?', '#', '/', '"', '<', '>', '[', ']'];

/// A room's name that has been checked, with its `#`; equal when the PRECIS case-mapped forms are.
#[derive(Clone, Debug)]
pub struct RoomName {
    text: CompactString,
    key: CompactString,
}

/// Why a text is not a room's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRoomName {
    /// It does not begin with `#`.
    #[error("a room's name begins with #")]
    NoHash,
    /// There is nothing after the `#`.
    #[error("it is empty")]
    Empty,
    /// More than [`NAME_CHARS`] characters or [`NAME_BYTES`] bytes after the `#`.
    #[error("it is longer than {NAME_CHARS} characters")]
    TooLong,
    /// A character that a protocol needs for itself.
    #[error("it may not have '{0}' in it")]
    Reserved(char),
    /// Spaces, control characters, symbols: outside of PRECIS' IdentifierClass (RFC 8264).
    #[error("only letters, digits and common punctuation are allowed")]
    Characters,
}

impl RoomName {
    /// Checks a text such as `#tea`.
    pub fn parse(text: &str) -> Result<Self, BadRoomName> {
        let rest = text.strip_prefix('#').ok_or(BadRoomName::NoHash)?;
        if rest.is_empty() {
            return Err(BadRoomName::Empty);
        }
        if rest.len() > NAME_BYTES || rest.chars().count() > NAME_CHARS {
            return Err(BadRoomName::TooLong);
        }
        if let Some(c) = rest.chars().find(|c| RESERVED.contains(c)) {
            return Err(BadRoomName::Reserved(c));
        }
        let key = Name::key_of(rest).map_err(|_| BadRoomName::Characters)?;
        Ok(Self { text: text.into(), key: compact_str::format_compact!("#{key}") })
    }

    /// A name read back from the log: it was checked, under the rules of its day, when it was written.
    #[must_use]
    pub fn kept(text: &str) -> Self {
        let key = text.strip_prefix('#').and_then(|rest| Name::key_of(rest).ok());
        Self { text: text.into(), key: key.map_or(text.into(), |key| compact_str::format_compact!("#{key}")) }
    }

    /// The name as its founder wrote it, with the `#`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The form by which rooms compare, with the `#`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The form that is the same for names which look alike, with the `#`.
    #[must_use]
    pub fn skeleton(&self) -> CompactString {
        skeleton_of(&self.key)
    }
}

impl PartialEq for RoomName {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for RoomName {}

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl serde::Serialize for RoomName {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for RoomName {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::kept(&std::borrow::Cow::<'de, str>::deserialize(from)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_refused_at_limit_plus_one_and_with_what_protocols_need() {
        for (text, fits) in [("a", NAME_CHARS), ("я", NAME_CHARS), ("語", NAME_BYTES / 3)] {
            assert!(RoomName::parse(&format!("#{}", text.repeat(fits))).is_ok());
            assert_eq!(RoomName::parse(&format!("#{}", text.repeat(fits + 1))), Err(BadRoomName::TooLong));
        }
        for (text, why) in [
            ("tea", BadRoomName::NoHash),
            ("#", BadRoomName::Empty),
            ("#a,b", BadRoomName::Reserved(',')),
            ("##a", BadRoomName::Reserved('#')),
            ("#a b", BadRoomName::Characters),
            ("#a\u{7}", BadRoomName::Characters),
        ] {
            assert_eq!(RoomName::parse(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn rooms_compare_without_case_and_by_looks() {
        let [one, other, alike] = ["#Tea", "#tEA", "#tеa"].map(|text| RoomName::parse(text).unwrap());
        assert_eq!((one.key(), &one, one.to_string()), ("#tea", &other, "#Tea".to_owned()));
        assert!(one != alike && one.skeleton() == alike.skeleton());
        assert_eq!(RoomName::kept("#Tea"), one);
    }
}

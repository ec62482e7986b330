//! A user's name: what is written, and the form by which names compare. Knows nothing of who holds it.

use compact_str::CompactString;
use precis_profiles::UsernameCaseMapped;
use precis_profiles::precis_core::profile::PrecisFastInvocation;
use std::fmt;
use std::sync::LazyLock;

/// Characters a name may have.
pub const NAME_CHARS: usize = 32;
/// Bytes of UTF-8 a name may have.
pub const NAME_BYTES: usize = 64;

/// Characters that mean something in one of the protocols, wherever they stand.
const RESERVED: &[char] = &[':', '!', '@', ',', '*', '?', '#', '/', '"', '<', '>', '[', ']'];
/// Characters that mean something in IRC when they stand first.
const RESERVED_FIRST: &[char] = &['+', '$', '%', '~', '&'];
/// Names nobody may take: they would speak for the server, mean everybody, or be a service of IRC.
const RESERVED_NAMES: &[&str] = &[
    "system",
    "server",
    "chatroom",
    "room",
    "all",
    "everyone",
    "here",
    "channel",
    "admin",
    "administrator",
    "operator",
    "moderator",
    "root",
    "services",
    "nickserv",
    "chanserv",
    "memoserv",
    "operserv",
    "hostserv",
    "botserv",
    "saslserv",
];

/// What looks like one of [`RESERVED_NAMES`].
static RESERVED_SKELETONS: LazyLock<Vec<CompactString>> =
    LazyLock::new(|| RESERVED_NAMES.iter().map(|name| skeleton_of(name)).collect());

/// A name that has been checked; equal when the PRECIS case-mapped forms are (RFC 8265, section 3.3).
#[derive(Clone)]
pub struct Name {
    text: CompactString,
    key: CompactString,
}

/// Why a text is not a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// More than [`NAME_CHARS`] characters or [`NAME_BYTES`] bytes.
    #[error("it is longer than {NAME_CHARS} characters")]
    TooLong,
    /// A character that a protocol needs for itself.
    #[error("it may not have '{0}' there")]
    Reserved(char),
    /// Spaces, control characters, symbols: outside of PRECIS' IdentifierClass (RFC 8264).
    #[error("only letters, digits and common punctuation are allowed")]
    Characters,
    /// A name that would speak for the server.
    #[error("that name is reserved")]
    Taken,
}

impl Name {
    /// Checks a text and makes the form by which it compares.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if text.is_empty() {
            return Err(BadName::Empty);
        }
        if text.len() > NAME_BYTES || text.chars().count() > NAME_CHARS {
            return Err(BadName::TooLong);
        }
        if let Some(c) = text.chars().find(|c| RESERVED.contains(c)) {
            return Err(BadName::Reserved(c));
        }
        if let Some(c) = text.chars().next().filter(|c| RESERVED_FIRST.contains(c)) {
            return Err(BadName::Reserved(c));
        }
        let key = Self::key_of(text)?;
        // A capital İ, say, is two characters to whoever compares.
        if key.len() > NAME_BYTES || key.chars().count() > NAME_CHARS {
            return Err(BadName::TooLong);
        }
        // A full-width tilde, say, is a tilde to whoever compares.
        if let Some(c) = key.chars().next().filter(|c| RESERVED_FIRST.contains(c)) {
            return Err(BadName::Reserved(c));
        }
        let skeleton = skeleton_of(&key);
        if RESERVED_NAMES.contains(&key.as_str()) || RESERVED_SKELETONS.contains(&skeleton) {
            return Err(BadName::Taken);
        }
        Ok(Self { text: text.into(), key })
    }

    /// A name read back from the log: it was checked, under the rules of its day, when it was written.
    #[must_use]
    pub fn kept(text: &str) -> Self {
        Self { text: text.into(), key: Self::key_of(text).unwrap_or_else(|_| text.into()) }
    }

    pub(crate) fn key_of(text: &str) -> Result<CompactString, BadName> {
        if text.bytes().all(|b| b.is_ascii_graphic()) {
            return Ok(CompactString::new(text).to_ascii_lowercase());
        }
        let key = UsernameCaseMapped::enforce(text).map_err(|_| BadName::Characters)?;
        // What becomes something else when it is done again is no identifier (RFC 8264, section 7), and what becomes a
        // character that a protocol needs (a full-width colon, say) is that character.
        match UsernameCaseMapped::enforce(key.as_ref()) {
            Ok(again) if again == key => {}
            _ => return Err(BadName::Characters),
        }
        if let Some(c) = key.chars().find(|c| RESERVED.contains(c)) {
            return Err(BadName::Reserved(c));
        }
        Ok(CompactString::new(&key))
    }

    /// The name as its user wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The form that is the same for names which look alike (UTS 39, section 4), made of the key.
    #[must_use]
    pub fn skeleton(&self) -> CompactString {
        skeleton_of(&self.key)
    }

    /// The form by which names compare.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// The skeletons of ASCII characters by themselves: what they become does not depend on their neighbours, so a text of them
/// needs no normalization.
static ASCII_SKELETONS: LazyLock<[CompactString; 128]> =
    LazyLock::new(|| std::array::from_fn(|c| whole_skeleton(char::from(c as u8).encode_utf8(&mut [0; 4]))));

/// The UTS 39 skeleton of a key, in lower case again: `0` becomes a capital `O` in the table, and `o` does not.
pub(crate) fn skeleton_of(key: &str) -> CompactString {
    if !key.is_ascii() {
        return whole_skeleton(key);
    }
    key.bytes().filter_map(|c| ASCII_SKELETONS.get(usize::from(c))).map(CompactString::as_str).collect()
}

fn whole_skeleton(key: &str) -> CompactString {
    unicode_security::confusable_detection::skeleton(key).flat_map(char::to_lowercase).collect()
}

impl serde::Serialize for Name {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Name {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::kept(&std::borrow::Cow::<'de, str>::deserialize(from)?))
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

trait AsciiLower {
    fn to_ascii_lowercase(self) -> Self;
}

impl AsciiLower for CompactString {
    fn to_ascii_lowercase(mut self) -> Self {
        self.make_ascii_lowercase();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_case_in_any_script() {
        assert_eq!(Name::parse("Bob").unwrap(), Name::parse("bOB").unwrap());
        assert_eq!(Name::parse("ОЛЯ").unwrap(), Name::parse("оля").unwrap());
        assert_ne!(Name::parse("bob").unwrap(), Name::parse("rob").unwrap());
    }

    #[test]
    fn what_a_protocol_needs_for_itself_is_refused() {
        for (text, why) in [
            ("", BadName::Empty),
            ("a b", BadName::Characters),
            ("a\u{1b}b", BadName::Characters),
            ("a\u{202e}b", BadName::Characters),
            ("a:b", BadName::Reserved(':')),
            ("#a", BadName::Reserved('#')),
            ("~a", BadName::Reserved('~')),
            ("System", BadName::Taken),
            ("a\u{ff1a}b", BadName::Reserved(':')),
            ("=\u{338}x", BadName::Characters),
            ("\u{ff5e}a", BadName::Reserved('~')),
        ] {
            assert_eq!(Name::parse(text).unwrap_err(), why, "{text:?}");
        }
    }

    #[test]
    fn names_that_look_alike_have_one_skeleton() {
        for (one, other) in
            [("bob", "bоb"), ("modern", "modem"), ("al", "a1"), ("bob", "b0b"), ("Paul", "paul")]
        {
            let skeletons = [one, other].map(|text| Name::parse(text).unwrap().skeleton());
            assert_eq!(skeletons[0], skeletons[1], "{one} {other}");
        }
        for text in ["Admin", "аdmin", "NickServ", "adrnin", "a11"] {
            assert_eq!(Name::parse(text).unwrap_err(), BadName::Taken, "{text}");
        }
    }

    #[test]
    fn a_name_is_refused_at_limit_plus_one() {
        assert!(Name::parse(&"a".repeat(NAME_CHARS)).is_ok());
        assert_eq!(Name::parse(&"a".repeat(NAME_CHARS + 1)).unwrap_err(), BadName::TooLong);
        let with_dotted_i = |rest: usize| Name::parse(&("\u{130}".to_owned() + &"a".repeat(rest)));
        assert!(with_dotted_i(NAME_CHARS - 2).is_ok());
        assert_eq!(with_dotted_i(NAME_CHARS - 1).unwrap_err(), BadName::TooLong);
        assert!(Name::parse(&"я".repeat(NAME_BYTES / 2)).is_ok());
        assert_eq!(Name::parse(&"語".repeat(NAME_BYTES / 3 + 1)).unwrap_err(), BadName::TooLong);
    }

    #[test]
    fn the_skeleton_of_ascii_is_that_of_its_characters() {
        let ascii = || (0..128u8).map(char::from);
        for text in ascii().flat_map(|a| ascii().map(move |b| format!("x{a}{b}y"))) {
            assert_eq!(skeleton_of(&text), whole_skeleton(&text), "{text:?}");
        }
    }
}

//! Keys: what somebody's browsers and programs act by. Knows no key itself, only its hash.

use crate::{Millis, RoomId, SessionId, TokenHash};
use serde::{Deserialize, Serialize};

/// Keys one user may have; past this a new one takes the place of the oldest browser's.
pub const KEYS_MAX: usize = 64;
/// Bots one user may have.
pub const BOTS_MAX: usize = 20;
/// Bytes a key's label may have.
pub const LABEL_BYTES: usize = 64;

/// A key that somebody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its hash.
    pub hash: TokenHash,
    /// What its user calls it.
    pub label: String,
    /// What may be done by it.
    pub scopes: Scopes,
    /// When it was given.
    pub made: Millis,
    /// When it ends by itself.
    pub until: Option<Millis>,
    /// The one room in which may be spoken by it, and nothing else done, if it is for that.
    pub room: Option<RoomId>,
    /// The open sessions that came in by it: they end with it.
    pub sessions: Vec<SessionId>,
}

/// A key as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    /// Its hash.
    pub hash: TokenHash,
    /// What its user calls it.
    pub label: String,
    /// What may be done by it.
    pub scopes: Scopes,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
    /// The one room in which may be spoken by it, and nothing else done, if it is for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
}

/// What may be done by a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(pub u8);

impl Scopes {
    /// Look and listen.
    pub const READ: Self = Self(1);
    /// Speak, come into rooms and go, react.
    pub const WRITE: Self = Self(2);
    /// Keep order, as far as its user may.
    pub const MODERATE: Self = Self(4);
    /// Change what is its user's own: name, password, keys.
    pub const MANAGE: Self = Self(8);
    /// All of it: what a browser has.
    pub const ALL: Self = Self(15);

    const WORDS: [(Self, &'static str); 4] = [
        (Self::READ, "read"),
        (Self::WRITE, "write"),
        (Self::MODERATE, "moderate"),
        (Self::MANAGE, "manage"),
    ];

    /// Whether all of `other` is in it.
    #[must_use]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The scope of a word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(scope, _)| *scope)
    }

    /// The words for it.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        Self::WORDS.into_iter().filter(move |(scope, _)| self.has(*scope)).map(|(_, word)| word)
    }
}

impl Key {
    /// Whether it is good at a time.
    #[must_use]
    pub fn holds(&self, now: Millis) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_has_its_word() {
        for word in Scopes::ALL.words() {
            let scope = Scopes::read(word).unwrap();
            assert!(Scopes::ALL.has(scope) && scope.words().eq([word]));
        }
        assert_eq!(Scopes::ALL.words().count(), 4);
        assert_eq!(Scopes::read("everything"), None);
        assert!(!Scopes::READ.has(Scopes::WRITE) && Scopes::READ.and(Scopes::WRITE).has(Scopes::WRITE));
    }
}

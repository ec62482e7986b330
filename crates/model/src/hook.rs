//! Hooks: addresses to which what is said in a room is sent. Knows no network, and shows no secret.

use crate::{By, Millis, durable};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Hooks one room may have, those that have ended among them; past this one has to be removed first.
pub const HOOKS_MAX: usize = 10;
/// Bytes the address of a hook may have.
pub const HOOK_URL_BYTES: usize = 2048;

/// A hook of a room.
#[derive(Clone, PartialEq, Eq)]
pub struct Hook {
    /// Where it sends to.
    pub url: String,
    /// What its keepers call it.
    pub label: String,
    /// By what is signed; all zero once it has ended.
    pub secret: HookSecret,
    /// Whose it is: it ends when they may no longer have one there.
    pub by: By,
    /// When it was made.
    pub made: Millis,
    /// When and why it ended, where it has.
    pub ended: Option<(Millis, Ending)>,
}

/// A hook as it is asked for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewHook {
    /// Where it sends to.
    pub url: String,
    /// What its keepers call it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// By what is signed.
    pub secret: HookSecret,
}

/// The 256 random bits by which a hook signs. Unlike of everything else by which somebody proves something, its hash is not
/// enough: a signature takes the secret itself, so it is kept in the log and the store as it is, and shown to nobody again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HookSecret(pub [u8; 32]);

/// Why a hook has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Somebody who keeps the room took it away.
    Removed,
    /// Its receiver said that it is gone for good.
    Gone,
    /// Its receiver took nothing, as often as it was tried.
    Failed,
    /// Whose it was may no longer have one there.
    Keeper,
}

impl Ending {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Removed, Self::Gone, Self::Failed, Self::Keeper];

    /// The one word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Gone => "gone",
            Self::Failed => "failed",
            Self::Keeper => "keeper",
        }
    }

    /// Reads what [`Self::word`] writes.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }
}

impl Hook {
    /// To whom it sends, without what may be a secret of theirs: scheme, host and port.
    #[must_use]
    pub fn origin(url: &str) -> &str {
        let begin = url.find("://").map_or(0, |at| at + 3);
        let end = url[begin..].find(['/', '?', '#']).map_or(url.len(), |at| begin + at);
        &url[..end]
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hook({}, {:?}, {:?})", Self::origin(&self.url), self.by, self.ended)
    }
}

impl fmt::Debug for NewHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewHook({})", Hook::origin(&self.url))
    }
}

impl fmt::Debug for HookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HookSecret(…)")
    }
}

impl Serialize for HookSecret {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&durable::hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for HookSecret {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        durable::unhex(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_in_an_address_is_not_told() {
        for (url, origin) in [
            ("https://example.org/T0/secret?key=1", "https://example.org"),
            ("http://example.org:8080", "http://example.org:8080"),
            ("https://example.org?key=1", "https://example.org"),
            ("nothing", "nothing"),
            ("", ""),
        ] {
            assert_eq!(Hook::origin(url), origin);
        }
        let secret = HookSecret([0xab; 32]);
        let hook = NewHook { url: "https://example.org/secret".into(), label: String::new(), secret };
        let shown = format!("{hook:?} {secret:?}");
        assert!(!shown.contains("secret?") && !shown.contains("/secret") && !shown.contains("ab"), "{shown}");
        assert!(Ending::ALL.into_iter().all(|why| Ending::read(why.word()) == Some(why)));
    }
}

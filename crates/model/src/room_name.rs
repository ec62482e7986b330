//! A room's name: what is written, and the form by which names compare. Knows nothing of the room.

use crate::Name;
use std::fmt;
use std::sync::Arc;

/// A room's name that has been checked: `#` and then what could be a user's name.
#[derive(Clone)]
pub struct RoomName {
    text: Arc<str>,
    key: Arc<str>,
}

/// Why a text is not a room's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRoomName {
    /// No `#` before it.
    #[error("a room's name begins with #")]
    NoHash,
    /// The rest is no name.
    #[error(transparent)]
    Name(#[from] crate::BadName),
}

impl RoomName {
    /// Checks a text and makes the form by which it compares.
    pub fn parse(text: &str) -> Result<Self, BadRoomName> {
        let rest = text.strip_prefix('#').ok_or(BadRoomName::NoHash)?;
        let name = Name::parse(rest)?;
        Ok(Self { text: text.into(), key: format!("#{}", name.key()).into() })
    }

    /// A name read back from the log: it was checked when it was written.
    #[must_use]
    pub fn kept(text: &str) -> Self {
        let key = Name::kept(text.trim_start_matches('#'));
        Self { text: text.into(), key: format!("#{}", key.key()).into() }
    }

    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// STUB
    #[must_use]
    pub fn skeleton(&self) -> String {
        self.key.to_string()
    }

    /// The form by which names compare.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl PartialEq for RoomName {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for RoomName {}

impl fmt::Display for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RoomName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
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

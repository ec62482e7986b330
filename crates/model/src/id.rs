//! The numbers things are known by, each its own type. Knows nothing of what they number.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(/** An entry's place in the one total order; 0 is before the first. */ Position);
number!(/** A message's number inside its room, dense from 1, so that a gap can be seen. */ Seq);
number!(/** A user, for the life of the log; 0 is nobody (authors of imported lines). */ UserId);
number!(/** A room, for the life of the log. */ RoomId);
number!(/** A node of the cluster; a server that runs alone is node 0. */ NodeId);
number!(/** One run of one node, numbered by the log itself. */ Incarnation);
number!(/** A key of somebody: the position where it was given. */ KeyId);
number!(/** A hook of a room: the position where it was added. */ HookId);
number!(/** One connected client: its node's incarnation in the upper 32 bits, a counter in the lower. */ SessionId);

impl Position {
    /// The place after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl SessionId {
    /// The `n`-th session of an incarnation.
    #[must_use]
    pub fn new(incarnation: Incarnation, n: u32) -> Self {
        Self(incarnation.0 << 32 | u64::from(n))
    }

    /// The incarnation that took this session in.
    #[must_use]
    pub fn incarnation(self) -> Incarnation {
        Incarnation(self.0 >> 32)
    }
}

/// A moment: UTC milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// This moment and `ms` milliseconds more.
    #[must_use]
    pub fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// The sender's own id for a message (a UUID): the same user and id are the same message for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub [u8; 16]);

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// A client id that is not a UUID of 32 hexadecimal digits.
#[derive(Debug, thiserror::Error)]
#[error("not a UUID")]
pub struct BadClientId;

impl FromStr for ClientId {
    type Err = BadClientId;

    fn from_str(text: &str) -> Result<Self, BadClientId> {
        let mut id = [0u8; 16];
        let mut digits = 0;
        for c in text.chars().filter(|c| *c != '-') {
            let digit = c.to_digit(16).ok_or(BadClientId)? as u8;
            let byte = id.get_mut(digits / 2).ok_or(BadClientId)?;
            *byte = *byte << 4 | digit;
            digits += 1;
        }
        if digits == 32 { Ok(Self(id)) } else { Err(BadClientId) }
    }
}

impl Serialize for ClientId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ClientId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_reads_back_and_refuses_other_lengths() {
        let text = "0198c0de-0000-7000-8000-00000000abcd";
        let id: ClientId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(text.replace('-', "").parse::<ClientId>().unwrap(), id);
        for bad in
            ["", "0198c0de", "0198c0de-0000-7000-8000-00000000abcd0", "0198c0de-0000-7000-8000-00000000abcg"]
        {
            assert!(bad.parse::<ClientId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_session_knows_its_incarnation() {
        assert_eq!(SessionId::new(Incarnation(7), 9).incarnation(), Incarnation(7));
    }
}

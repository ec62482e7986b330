//! The words of a history line and their JSON form. Knows nothing of how lines are judged.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What an operation was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A message said: `user`, `room`, `body`, perhaps `id`; a retry is another line with the same id.
    #[default]
    Send,
    /// A message came to a session.
    Receive,
    /// A page of history was read; `seq` is the newest number it showed.
    Read,
    /// A stored message in a final, complete reading of a node: `room`, `seq`, `position`, `body`.
    Export,
    /// A final reading was complete and had `value` messages: `node`, `protocol`.
    View,
    /// A session began anew.
    Connect,
    /// A session came back: after `seq` in `room`, or, without a room, wherever the server thinks it left off.
    Resume,
    /// A session's connection ended.
    Disconnect,
    /// The session was told that messages are missing; `seq` in `room` is the next that it will get.
    Gap,
    /// Everything acknowledged before `invoked` in `room`, and in direct messages to the user, must have come by now.
    Drained,
    /// `user` may see `room` from `position` on.
    Join,
    /// `user` may see nothing of `room` after `position`: a kick, ban, leave or lost role.
    Cut,
    /// The body `body` in `room` was redacted at `position`.
    Redact,
    /// A secret (`body`) was put into the direct conversation `room`.
    Canary,
    /// The bytes given to `user` contained the secret `body`.
    Sighting,
    /// The node's hash chain at `position` is `value`.
    Chain,
    /// The node's state at `position` has the hash `value`.
    State,
    /// A replay of the node's log up to `position` gives the state hash `value`.
    Replay,
    /// The fault `name` struck; `value` is how much was in flight where that matters.
    Fault,
    /// The fault `name` must have struck at least `value` times; `resume` counts as one.
    Expect,
    /// `name` (memory, tasks, fds) of the node is `value`.
    Sample,
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Done, and durable.
    #[default]
    Ok,
    /// It never happened and never will.
    Refused,
    /// It may have happened, once.
    Unknown,
}

/// One line of a history, with its texts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are described at `Op`, which is the same with numbers for texts")]
pub struct Line<'a> {
    pub op: Kind,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub process: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub session: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub user: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub node: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub protocol: Cow<'a, str>,
    pub invoked: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<u64>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub outcome: Outcome,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub room: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub seq: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub position: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub id: ClientId,
    #[serde(default, skip_serializing_if = "is_default")]
    pub body: BodyHash,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub name: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub value: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub time: u64,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The first 64 bits of a BLAKE3 hash: of author and text, or of a canary. Zero means none.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BodyHash(pub u64);

impl BodyHash {
    /// The hash of what `author` said; who said it is part of what was said.
    pub fn of(author: &str, text: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(author.as_bytes()).update(b"\0").update(text.as_bytes());
        Self::first(&hasher.finalize())
    }

    /// The hash of a canary, which belongs to no author.
    pub fn of_canary(canary: &str) -> Self {
        Self::first(&blake3::hash(canary.as_bytes()))
    }

    fn first(hash: &blake3::Hash) -> Self {
        let (bytes, _) = hash.as_bytes().split_first_chunk().expect("a hash has 32 bytes");
        Self(u64::from_be_bytes(*bytes))
    }

    /// Whether there is none.
    pub fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// A client id's 128 bits; zero means none.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(pub u64, pub u64);

impl ClientId {
    /// From a UUID.
    pub fn of(id: uuid::Uuid) -> Self {
        let (high, low) = id.as_u64_pair();
        Self(high, low)
    }

    /// Whether there is none.
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

impl fmt::Debug for BodyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.0, self.1)
    }
}

impl Serialize for BodyHash {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{self:?}"))
    }
}

impl Serialize for ClientId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{self:?}"))
    }
}

impl<'de> Deserialize<'de> for BodyHash {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let bits = from.deserialize_str(Hex { digits: 16 })?;
        Ok(Self(u64::try_from(bits).expect("sixteen hex digits are 64 bits")))
    }
}

impl<'de> Deserialize<'de> for ClientId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let bits = from.deserialize_str(Hex { digits: 32 })?;
        Ok(Self((bits >> 64) as u64, bits as u64))
    }
}

/// Reads hex digits, with or without a UUID's hyphens.
struct Hex {
    digits: usize,
}

impl Visitor<'_> for Hex {
    type Value = u128;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} hex digits", self.digits)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<u128, E> {
        let mut bits = 0_u128;
        let mut digits = 0;
        for byte in text.bytes().filter(|&byte| byte != b'-') {
            let digit = char::from(byte).to_digit(16).ok_or_else(|| E::custom("not a hex digit"))?;
            bits = bits << 4 | u128::from(digit);
            digits += 1;
        }
        if digits != self.digits {
            return Err(E::invalid_length(digits, &self));
        }
        Ok(bits)
    }
}

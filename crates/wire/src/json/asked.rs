//! What a program asks over a WebSocket: as a request over HTTP, in one JSON object. Knows no path and never what a body means.

use super::read::unreadable;
use super::{Problem, is_shallow};
use chatroom_model::ClientId;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Bytes of the longest id that is a text.
pub const ID_BYTES: usize = 64;
/// Bytes of the longest path, its query included.
pub const PATH_BYTES: usize = 2048;
/// Bytes of the longest key, however its UUID is written.
pub const KEY_BYTES: usize = 64;

/// Something asked.
#[derive(Clone)]
pub struct Asked<'a> {
    /// By what the answer is known.
    pub id: Id<'a>,
    /// What is to be done with it.
    pub method: Method,
    /// What is meant, without `/api/v1`: begins with `/`, without spaces and control characters.
    pub path: Cow<'a, str>,
    /// What makes a retry the same request.
    pub key: Option<ClientId>,
    /// A JSON value, as it was written.
    pub body: Option<&'a str>,
}

/// By what an answer is known: a whole number or a short text, told back as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Id<'a> {
    /// A number.
    Number(i64),
    /// A text of at most [`ID_BYTES`].
    Text(Cow<'a, str>),
}

impl Id<'_> {
    /// The same, for whoever answers later.
    #[must_use]
    pub fn into_owned(self) -> Id<'static> {
        match self {
            Self::Number(number) => Id::Number(number),
            Self::Text(text) => Id::Text(text.into_owned().into()),
        }
    }
}

/// What is done with what a path means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Looked at.
    Get,
    /// Something is added to it.
    Post,
    /// It is there from now on.
    Put,
    /// Some of it changes.
    Patch,
    /// It is not there any more.
    Delete,
}

impl Method {
    /// As HTTP has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What cannot be done, with the id it was asked by where that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAsked<'a> {
    /// By what the answer is known.
    pub id: Option<Id<'a>>,
    /// Why not.
    pub problem: Problem,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    method: Method,
    #[serde(borrow)]
    path: Cow<'a, str>,
    #[serde(borrow)]
    key: Option<Cow<'a, str>>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

/// Only the id, whatever else there is.
#[derive(Deserialize)]
struct Numbered<'a> {
    #[serde(borrow)]
    id: Id<'a>,
}

impl<'a> Asked<'a> {
    /// Reads what was asked.
    pub fn read(text: &'a str) -> Result<Self, NotAsked<'a>> {
        // A list would be taken for an object whose names are left out.
        if !text.trim_start().starts_with('{') {
            return Err(NotAsked {
                id: None,
                problem: Problem::bad_request("what is asked is one JSON object"),
            });
        }
        let read: Result<Raw<'a>, _> = serde_json::from_str(text);
        let raw = read.map_err(|bad| {
            let id = serde_json::from_str(text).ok().map(|Numbered { id }| id);
            NotAsked { id, problem: unreadable(&bad) }
        })?;
        match raw.check() {
            Ok(key) => {
                let Raw { id, method, path, key: _, body } = raw;
                Ok(Self { id, method, path, key, body: body.map(RawValue::get) })
            }
            Err(why) => Err(NotAsked { id: Some(raw.id), problem: Problem::bad_request(why) }),
        }
    }
}

/// Hides what was asked: bodies and passwords never reach a log.
impl fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Asked({}, {} bytes)", self.method.word(), self.body.map_or(0, str::len))
    }
}

impl Raw<'_> {
    /// Whether it is within its bounds; the key it has.
    fn check(&self) -> Result<Option<ClientId>, &'static str> {
        if !self.path.starts_with('/') {
            return Err("a path begins with /");
        }
        if self.path.len() > PATH_BYTES {
            return Err("a path has at most 2048 bytes");
        }
        if self.path.contains(|c: char| c.is_control() || c.is_whitespace()) {
            return Err("a path has no spaces and no control characters: write them as %20");
        }
        if self.body.is_some_and(|body| !is_shallow(body.get())) {
            return Err("a body has at most 32 lists and objects in each other");
        }
        let Some(key) = &self.key else { return Ok(None) };
        if key.len() > KEY_BYTES {
            return Err("a key has at most 64 bytes");
        }
        key.parse().map(Some).map_err(|_| "a key is a UUID")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Id<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(IdVisitor)
    }
}

struct IdVisitor;

impl<'de> de::Visitor<'de> for IdVisitor {
    type Value = Id<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an id: a whole number, or a text of at most {ID_BYTES} bytes")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Id<'de>, E> {
        Ok(Id::Number(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Id<'de>, E> {
        i64::try_from(number)
            .map(Id::Number)
            .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Id<'de>, E> {
        short(text).map(|text| Id::Text(text.into()))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Id<'de>, E> {
        short(text).map(|text| Id::Text(text.to_owned().into()))
    }
}

fn short<E: de::Error>(text: &str) -> Result<&str, E> {
    if text.len() > ID_BYTES { Err(E::invalid_length(text.len(), &IdVisitor)) } else { Ok(text) }
}

//! What may be asked, and the entry a request becomes once it has its place. Knows nothing of the answer.

mod deed;
mod say;

pub use deed::{Deed, Needs};
pub use say::Say;

use crate::{Body, ClientId, Ident, KeyId, Millis, Name, NodeId, Position, SessionId, UserId};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;

/// The decision rules this build writes; a node refuses entries of rules it does not know.
pub const RULES: u16 = 3;

/// A request with its place in the one order. Everything random or timed in it was made at the edge.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its place.
    pub position: Position,
    /// When the edge took it; the log's own time never runs backwards even if this does.
    pub time: Millis,
    /// The decision rules it was written under.
    pub rules: u16,
    /// Sixteen random bytes that blind the body's hash, so that a redacted body cannot be guessed from it.
    pub salt: [u8; 16],
    /// What is asked.
    pub request: Request,
}

/// What a client, or a node itself, asks.
#[derive(Clone, Debug)]
pub enum Request {
    /// A node begins a new run: what its earlier runs left open is closed.
    StartNode {
        /// Which node.
        node: NodeId,
    },
    /// A client wants in, under a name.
    Open {
        /// The id its node gave it.
        session: SessionId,
        /// The name it asks for.
        name: Name,
        /// Why it may have it.
        proof: Proof,
        /// Where it is connected from, for bans; it is not kept.
        address: Option<IpAddr>,
    },
    /// A client is gone.
    Close {
        /// Which.
        session: SessionId,
        /// Why.
        reason: CloseReason,
        /// The last position it has certainly been given.
        seen: Position,
        /// What its user says about it; may be empty.
        why: CompactString,
    },
    /// Text for a room or for one person.
    Say(Say),
    /// Anything else somebody does.
    Do {
        /// Who.
        doer: Doer,
        /// What; apart, so that messages, of which there are most, do not carry its size.
        deed: Box<Deed>,
    },
    /// A node's reminder that time has passed: what was to happen by now happens.
    Sweep,
    /// A node's word on what its clients have certainly been given, so that a crash repeats little.
    MarkSeen {
        /// Whose clients.
        node: NodeId,
        /// All of them have this …
        upto: Position,
        /// … but these, which lag.
        except: Vec<SessionId>,
    },
    /// A line of another program's history.
    Import(Import),
}

/// Why somebody may have a name.
#[derive(Clone)]
pub enum Proof {
    /// Nobody holds it: a new guest, who will hold it by this token.
    NewGuest(TokenHash),
    /// Nobody holds it: a new guest, who is one only while connected, holds it by nothing, and begins in no room.
    Visitor(Box<Ident>),
    /// The token by which it is held.
    Token(TokenHash),
    /// A key of theirs: a session beside whatever others they have.
    Key(UserId, KeyId),
    /// The right password was given at the edge, to this hash of it; the session can be taken up again by the token.
    Password {
        /// What it was checked against: another one by now is no proof.
        phc: String,
        /// The new session's token.
        token: TokenHash,
        /// What its user wants to be called, where that is not what the account is: so it is if they were away.
        called: Option<Box<Name>>,
        /// The session that goes on as this one, and ends with it; a visitor's rooms go along. From rules 3 on.
        over: Option<SessionId>,
    },
}

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doer {
    /// A client.
    Session {
        /// Which.
        session: SessionId,
        /// Where it is connected from, for bans; it is not kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<IpAddr>,
    },
    /// The operator at the machine, by a call with this number.
    Operator(u64),
    /// A program of somebody's, by a call with this number.
    Key {
        /// By which key.
        key: KeyId,
        /// Whose.
        user: UserId,
        /// The number of the call.
        call: u64,
        /// Where it is connected from, for bans; it is not kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<IpAddr>,
    },
    /// Somebody who is to have a key first, by a call with this number.
    Newcomer {
        /// The number of the call.
        call: u64,
        /// Where they are connected from, for bans; it is not kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<IpAddr>,
    },
}

impl From<SessionId> for Doer {
    fn from(session: SessionId) -> Self {
        Self::Session { session, address: None }
    }
}

/// BLAKE3 of a reconnect token: enough to check one, not enough to use one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// The hash of a token.
    #[must_use]
    pub fn of(token: &[u8]) -> Self {
        Self(*blake3::hash(token).as_bytes())
    }
}

impl Serialize for TokenHash {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&crate::durable::hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for TokenHash {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        crate::durable::unhex(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NewGuest(_) => "NewGuest",
            Self::Visitor(_) => "Visitor",
            Self::Token(_) => "Token",
            Self::Key(..) => "Key",
            Self::Password { .. } => "Password",
        })
    }
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// It said goodbye.
    Quit,
    /// Its connection broke or ended.
    Lost,
    /// The same user came back with the token.
    Superseded,
    /// It read nothing for too long.
    Stalled,
    /// The server stopped or crashed.
    Server,
    /// Its user is banned from the server.
    Banned,
    /// Its user has another password.
    Password,
    /// Whoever runs the server ended it.
    Killed,
    /// The key it came in by is no longer good.
    Revoked,
}

/// A line of another program's history.
#[derive(Clone, Debug)]
pub struct Import {
    /// The author's name there, empty for a system line.
    pub author: CompactString,
    /// When it was written there.
    pub at: Millis,
    /// What.
    pub body: Body,
    /// Made from the line itself, so that importing it twice adds nothing.
    pub id: ClientId,
}

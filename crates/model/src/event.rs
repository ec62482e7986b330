//! What happened, as facts. Knows nothing of why, and decides nothing.

mod about;
mod at;
mod fact;

pub(crate) use at::is_false;
pub use at::{At, By, Kind, Marked, Marker, Way};
pub use fact::Fact;

use crate::{
    Body, ClientId, CloseReason, Ident, Incarnation, Millis, Name, NodeId, Position, RoomId, Seq, SessionId,
    Tags, TokenHash, UserId,
};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An event with its place: what is stored, chained and shown.
#[derive(Clone, Debug)]
pub struct Record {
    /// The position of the entry that caused it.
    pub position: Position,
    /// Which of that entry's events, from 0.
    pub part: u32,
    /// The log's time, which never runs backwards.
    pub time: Millis,
    /// Blinds the body's hash.
    pub salt: [u8; 16],
    /// What happened.
    pub event: Event,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A node began a new run.
    NodeStarted {
        /// Which node.
        node: NodeId,
        /// The number of its run.
        incarnation: Incarnation,
    },
    /// A guest holds a name from now on.
    GuestCreated {
        /// The new user.
        user: UserId,
        /// The name.
        name: Name,
        /// By which it is held.
        token: TokenHash,
        /// Of one who is there only while connected, how programs know them.
        visitor: Option<Box<Ident>>,
    },
    /// A guest's hold on its name ran out.
    GuestForgotten {
        /// Who.
        user: UserId,
    },
    /// A client is in.
    SessionOpened {
        /// Which.
        session: SessionId,
        /// As whom.
        user: UserId,
        /// The user's name.
        name: Name,
        /// What that user has been given before, when it came back with a token.
        resume: Option<Position>,
    },
    /// A user's first session opened.
    CameOnline {
        /// Who.
        user: UserId,
        /// The name.
        name: Name,
        /// The rooms that are told, of those the user is in: a large crowd is only counted.
        rooms: Vec<RoomId>,
        /// A visitor of that name, who logged in and is nobody else any more; from rules 3 on.
        instead: Option<UserId>,
    },
    /// A client is gone.
    SessionClosed {
        /// Which.
        session: SessionId,
        /// Whose.
        user: UserId,
        /// Why.
        reason: CloseReason,
        /// What it has been given.
        seen: Position,
    },
    /// A user's last session closed.
    WentOffline {
        /// Who.
        user: UserId,
        /// The name.
        name: Name,
        /// The rooms that are told.
        rooms: Vec<RoomId>,
        /// What they said about it; may be empty.
        why: CompactString,
    },
    /// Two people write to each other for the first time.
    DirectCreated {
        /// The room of the two.
        room: RoomId,
        /// Who wrote first.
        from: UserId,
        /// To whom.
        to: UserId,
    },
    /// Somebody wrote something.
    Message {
        /// Where.
        room: RoomId,
        /// Its number there.
        seq: Seq,
        /// On which session.
        session: SessionId,
        /// Who.
        author: UserId,
        /// The author's name at that time.
        name: Name,
        /// For a direct message, to whom.
        to: Option<Box<Recipient>>,
        /// The room's name at that time; none for the lobby and for direct messages.
        label: Option<Arc<str>>,
        /// As what it is said.
        how: How,
        /// The message it answers.
        reply: Option<Seq>,
        /// The members it names.
        mentions: Vec<UserId>,
        /// The sender's own id for it.
        client_id: Option<ClientId>,
        /// What programs say to programs about it.
        tags: Tags,
        /// What its session had been given when it was sent.
        seen: Position,
        /// What.
        body: Body,
    },
    /// A node's clients have been given what stands up to here.
    SeenMarked {
        /// Whose clients.
        incarnation: Incarnation,
        /// All of them have this …
        upto: Position,
        /// … but these, which lag …
        except: Vec<SessionId>,
        /// … and these no longer do.
        caught_up: Vec<SessionId>,
    },
    /// A line of another program's history was taken over.
    Imported {
        /// Where.
        room: RoomId,
        /// Its number there.
        seq: Seq,
        /// The author's name there, empty for a system line.
        author: CompactString,
        /// When it was written there.
        at: Millis,
        /// Made from the line itself.
        id: ClientId,
        /// What.
        body: Body,
    },
    /// Something happened to a room, a user or a message.
    Fact(Fact),
}

/// As what something is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// As text.
    #[default]
    Said,
    /// As something the author does: `/me waves`.
    Action,
    /// By a program that wants no answer.
    Notice,
}

impl Event {
    /// What was written, where something was.
    #[must_use]
    pub fn body(&self) -> Option<&Body> {
        match self {
            Self::Message { body, .. } | Self::Imported { body, .. } => Some(body),
            Self::Fact(fact) => fact.body(),
            _ => None,
        }
    }
}

/// Who a direct message is for.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The user.
    pub user: UserId,
    /// The name at that time.
    pub name: Name,
    /// Whether they were offline at that place, and will get it when they return.
    pub away: bool,
}

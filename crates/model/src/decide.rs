//! Decides what each entry means. Knows no clock, socket or randomness: same log, same rooms, on every node.

mod actor;
mod deed;
mod hook;
mod key;
mod login;
mod message;
mod people;
mod room;
mod say;
mod session;
mod sweep;

use crate::{
    ClientId, Entry, Event, Millis, Position, RULES, Refusal, Request, RoomId, Seq, State, Subject, UserId,
};

/// People online in a room above which joining and leaving are counted, not told.
pub const ONLINE_TOLD: usize = 500;

/// What `decide` may ask about the log before this entry that the state does not hold.
pub trait Past {
    /// Where what a user said under this client id stands.
    fn said(&self, author: UserId, id: ClientId) -> Option<Said>;

    /// What is known of a message, unless it was dropped.
    fn written(&self, room: RoomId, seq: Seq) -> Option<Written>;

    /// Whether a user's reaction stands at a message.
    fn reacted(&self, room: RoomId, seq: Seq, user: UserId, emoji: &str) -> bool;

    /// How many different reactions stand at a message.
    fn reactions(&self, room: RoomId, seq: Seq) -> u32;

    /// What is noted of something under a key.
    fn metadata(&self, of: Subject, key: &str) -> Option<String>;

    /// How many keys something has.
    fn metadata_keys(&self, of: Subject) -> usize;

    /// The last message of a room after `after` that was written before a time.
    fn expired(&self, room: RoomId, after: Seq, before: Millis) -> Option<Seq>;
}

/// Where an earlier message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its place in the log.
    pub position: Position,
    /// Its number in its room.
    pub seq: Seq,
}

/// What is known of an earlier message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Who wrote it.
    pub author: UserId,
    /// When.
    pub time: Millis,
    /// Whether it is gone for good.
    pub redacted: bool,
}

/// What an entry leads to: events, or a refusal. The same answer on every node, for ever.
pub fn decide(state: &State, past: &impl Past, entry: &Entry) -> Result<Vec<Event>, Refusal> {
    if entry.rules > RULES {
        return Err(Refusal::UnknownRules);
    }
    let now = state.time.max(entry.time);
    let mut events = match &entry.request {
        Request::StartNode { node } => Ok(session::start_node(state, *node)),
        Request::Open { session, name, proof, address } => {
            session::open(state, now, entry.rules, *session, name, proof, *address)
        }
        Request::Close { session, reason, seen, why } => session::close(state, *session, *reason, *seen, why),
        Request::Say(said) => say::say(state, past, (now, entry.rules), said),
        Request::Do { doer, deed } => {
            deed::decide(state, past, (now, entry.position), entry.rules, *doer, deed)
        }
        Request::MarkSeen { node, upto, except } => session::mark_seen(state, *node, *upto, except),
        Request::Import(line) => say::import(state, past, line),
        Request::Sweep => sweep::sweep(state, past, now),
    }?;
    hook::follow(state, now, &mut events);
    Ok(events)
}

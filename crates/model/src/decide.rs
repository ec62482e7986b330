//! Decides what each entry means. Knows no clock, socket or randomness: same log, same rooms, on every node.

mod say;
mod session;

use crate::{ClientId, Entry, Event, Position, RULES, Refusal, Request, Seq, State, UserId};

/// People online in a room above which joining and leaving are counted, not told.
pub const ONLINE_TOLD: usize = 500;

/// What `decide` may ask about the log before this entry that the state does not hold.
pub trait Past {
    /// Where a user's message with this client id stands.
    fn said(&self, author: UserId, id: ClientId) -> Option<Said>;
}

/// Where an earlier message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its place in the log.
    pub position: Position,
    /// Its number in its room.
    pub seq: Seq,
}

/// What an entry leads to: events, or a refusal. The same answer on every node, for ever.
pub fn decide(state: &State, past: &impl Past, entry: &Entry) -> Result<Vec<Event>, Refusal> {
    if entry.rules > RULES {
        return Err(Refusal::UnknownRules);
    }
    let now = state.time.max(entry.time);
    match &entry.request {
        Request::StartNode { node } => Ok(session::start_node(state, *node)),
        Request::Open { session, name, proof } => session::open(state, now, *session, name, proof),
        Request::Close { session, reason, seen } => session::close(state, *session, *reason, *seen),
        Request::Say { session, body, client_id, seen } => {
            say::say(state, past, *session, body, *client_id, *seen)
        }
        Request::Tell { session, to, body, client_id, seen } => {
            say::tell(state, past, now, *session, to, body, *client_id, *seen)
        }
        Request::MarkSeen { node, upto, except } => session::mark_seen(state, *node, *upto, except),
        Request::Import(line) => say::import(state, past, line),
    }
}

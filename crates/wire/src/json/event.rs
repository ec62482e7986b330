//! Events as JSON: one function for live, missed and recalled ones. Knows no socket, and tells nobody's secrets: no session, no
//! address, no hash, and never in which other rooms somebody is.

mod fact;
mod told;

use super::{Message, Now, User, write};
use crate::irc::known::Known;
use chatroom_model::{Event, LOBBY, LOBBY_NAME, Millis, Position, Record, RoomId, UserId};
use serde::Serialize;
use told::What;

/// What stands before what an event tells.
#[derive(Serialize)]
struct Line<'a> {
    r#type: &'static str,
    event: &'static str,
    position: Position,
    time: Millis,
    #[serde(flatten)]
    what: What<'a>,
}

/// Adds an event as one line of JSON without an end; events no program is told of add nothing.
///
/// What everybody in a room may see is the same for everybody, so it can be made once: the viewer is user 0 then.
pub fn event<K: Known>(out: &mut String, record: &Record, viewer: UserId, known: &K) {
    let told = match &record.event {
        Event::Message { .. } | Event::Imported { .. } => message(record, viewer, known),
        Event::CameOnline { user, name, rooms: _, instead: _ } => {
            Some(("came_online", What::Somebody { user: User::of(known, *user, name) }))
        }
        Event::WentOffline { user, name, rooms: _, why: _ } => {
            Some(("went_offline", What::Somebody { user: User::of(known, *user, name) }))
        }
        Event::Fact(fact) => fact::fact(fact, known),
        Event::NodeStarted { .. }
        | Event::GuestCreated { .. }
        | Event::GuestForgotten { .. }
        | Event::SessionOpened { .. }
        | Event::SessionClosed { .. }
        | Event::DirectCreated { .. }
        | Event::SeenMarked { .. } => None,
    };
    if let Some((event, what)) = told {
        write(out, &Line { r#type: "event", event, position: record.position, time: record.time, what });
    }
}

/// A message, and how the place is called in which it was said: in a conversation of two, as the other.
fn message<'a, K: Known>(
    record: &'a Record,
    viewer: UserId,
    known: &'a K,
) -> Option<(&'static str, What<'a>)> {
    let message = Message::of(record, Now::default(), known)?;
    let (name, with) = match &record.event {
        Event::Message { author, name, to: Some(to), .. } => {
            let (other, name) = if *author == viewer { (to.user, &to.name) } else { (*author, name) };
            (name.as_str(), Some(User::of(known, other, name)))
        }
        Event::Message { room, label, .. } => {
            (label.as_deref().unwrap_or_else(|| name_of(*room, known)), None)
        }
        Event::Imported { room, .. } => (name_of(*room, known), None),
        _ => return None,
    };
    Some(("message", What::Message { message, name, with }))
}

/// How a room is called whose name the event does not have.
fn name_of<K: Known>(room: RoomId, known: &K) -> &str {
    if room == LOBBY { LOBBY_NAME } else { known.room(room).unwrap_or_default() }
}

//! What somebody may see of what is searched for: the same on every protocol. Decides nothing; the table does.

use chatroom_model::{Act, Event, Millis, Position, Query, Refusal, RoomId, SessionId, UserId, Where};
use chatroom_store::{Cost, Fault, Hits, Reader, Scope, Searchers};
use std::collections::HashMap;

/// What there is to show.
pub(crate) struct Found {
    pub(crate) hits: Hits,
    /// How the rooms are called in which it may stand.
    pub(crate) names: HashMap<RoomId, String>,
    /// The time from which older ones are, where there are more.
    pub(crate) older: Option<Millis>,
}

/// The newest first; in one place, or wherever somebody is.
pub(crate) fn find(
    reader: &Reader,
    searchers: &Searchers,
    user: UserId,
    query: &Query,
    place: Option<&Where>,
    most: usize,
) -> Result<Result<Found, Refusal>, Fault> {
    let names = reader.inside(user)?;
    let mut rooms = Vec::new();
    let one = match place {
        Some(place) => match reader.look(user, place, Act::Read)? {
            Ok(look) => Some(look.id),
            // Whether it is not there or not shown is the same to whoever is not in it.
            Err(_) => return Ok(Err(Refusal::NoSuchRoom)),
        },
        None => None,
    };
    for room in one.map_or_else(|| names.keys().copied().collect(), |one| vec![one]) {
        if reader.look(user, &Where::Id(room), Act::Read)?.is_ok() {
            rooms.push(room);
        }
    }
    let inside = rooms.clone();
    let scope = Scope { rooms: Some(rooms), author: None };
    // Where somebody stands now is what counts, and no session sees more.
    let sight = reader.sight(user, SessionId(0), Position(0))?;
    let cost = Cost { hits: most, ..Cost::default() };
    let hits = searchers.search(reader, query, &scope, None, cost, |record| {
        said_in(&record.event).is_some_and(|room| inside.contains(&room)) && !sight.hides(record)
    })?;
    let older = hits.next.map(|next| reader.time_at(next)).transpose()?;
    Ok(Ok(Found { hits, names, older }))
}

fn said_in(event: &Event) -> Option<RoomId> {
    match event {
        Event::Message { room, .. } | Event::Imported { room, .. } => Some(*room),
        _ => None,
    }
}

//! What happens because time has passed: purges become final, retention takes old messages away. Knows no clock.

use super::Past;
use crate::{Event, Fact, Millis, Refusal, Room, RoomId, Seq, State};

/// Rooms and purges of which one sweep takes something away: the next one goes on.
const SWEEP_MAX: usize = 64;
/// Messages one sweep takes away from one room.
const DROP_MAX: u64 = 10_000;
/// Spreads the positions of sweeps, which may be far apart by the same number, over all rooms.
const TURN: u64 = 0x9e37_79b9_7f4a_7c15;

pub(super) fn sweep(state: &State, past: &impl Past, now: Millis) -> Result<Vec<Event>, Refusal> {
    let mut events = Vec::new();
    for (room, id) in state.due(now).take(SWEEP_MAX) {
        let purges = &state.room(room).expect("a due purge has its room").purges;
        let purge = purges.iter().find(|purge| purge.id == id).expect("a due purge stands in its room");
        let (at, user, since, upto) = (state.at(room), purge.user, purge.since, purge.upto);
        events.push(Event::Fact(Fact::PurgeDone { at, purge: id, user, since, upto }));
    }
    // Each sweep begins at another room, so that many busy ones do not keep the rest from their turn.
    let first = RoomId(state.position.0.wrapping_mul(TURN) % state.next_room.0.max(1));
    let (before, after): (Vec<_>, Vec<_>) = kept(state).partition(|(id, _)| *id < first);
    for (id, room) in after.into_iter().chain(before) {
        if events.len() >= SWEEP_MAX {
            break;
        }
        let number = room.retention.number.map(|most| Seq(room.last.0.saturating_sub(most)));
        let age =
            room.retention.age.and_then(|age| past.expired(id, room.dropped, now.plus(age.saturating_neg())));
        let upto = number.max(age).unwrap_or_default().min(Seq(room.dropped.0 + DROP_MAX));
        if upto > room.dropped {
            events.push(Event::Fact(Fact::Dropped { at: state.at(id), upto }));
        }
    }
    if events.is_empty() { Err(Refusal::AlreadySo) } else { Ok(events) }
}

/// The rooms that do not keep everything for ever.
fn kept(state: &State) -> impl Iterator<Item = (RoomId, &Room)> {
    state.rooms().filter(|(_, room)| room.retention != crate::Retention::default())
}

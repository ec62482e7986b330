//! What happens because time has passed: purges become final, retention takes old messages away. Knows no clock.

use super::Past;
use crate::{Event, Fact, Millis, Refusal, Seq, State};

/// Rooms and purges looked at in one sweep: the next one goes on.
const SWEEP_MAX: usize = 64;
/// Messages one sweep takes away from one room.
const DROP_MAX: u64 = 10_000;

pub(super) fn sweep(state: &State, past: &impl Past, now: Millis) -> Result<Vec<Event>, Refusal> {
    let mut events = Vec::new();
    for (room, id) in state.due(now).take(SWEEP_MAX) {
        let purges = &state.room(room).expect("a due purge has its room").purges;
        let purge = purges.iter().find(|purge| purge.id == id).expect("a due purge stands in its room");
        let (at, user, since, upto) = (state.at(room), purge.user, purge.since, purge.upto);
        events.push(Event::Fact(Fact::PurgeDone { at, purge: id, user, since, upto }));
    }
    for (id, room) in state.rooms() {
        if events.len() >= SWEEP_MAX {
            break;
        }
        let number = room.retention.number.map(|most| Seq(room.last.0.saturating_sub(most)));
        let age = room.retention.age.and_then(|age| past.expired(id, room.dropped, now.plus(-age)));
        let upto = number.max(age).unwrap_or_default().min(Seq(room.dropped.0 + DROP_MAX));
        if upto > room.dropped {
            events.push(Event::Fact(Fact::Dropped { at: state.at(id), upto }));
        }
    }
    if events.is_empty() { Err(Refusal::AlreadySo) } else { Ok(events) }
}

//! P11: direct messages reach their two people, completely, in order and nobody else, not even as bytes in something else.
//!
//! Direct conversations are rooms called `@alice,bob`; their canaries are searched for in all bytes given to anybody.

use std::collections::{HashMap, HashSet};

use super::{Case, Findings};
use crate::history::{BodyHash, Kind, Name, Names};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    leaks(case, findings);
    deliveries(case, findings);
}

/// Whether the room is a direct conversation that this user has no part in.
fn is_stranger(names: &Names, room: Name, user: Name) -> bool {
    let Some(people) = names.text(room).strip_prefix('@') else { return false };
    !people.split(',').any(|person| person == names.text(user))
}

fn leaks(case: &Case<'_>, findings: &mut Findings) {
    let history = case.history;
    let mut planted: HashMap<BodyHash, Name> = HashMap::new();
    for op in history.ops.iter().filter(|op| op.kind == Kind::Canary) {
        planted.insert(op.body, op.room);
    }
    let mut sighted = false;
    for (at, op) in history.ops.iter().enumerate() {
        let room = match op.kind {
            Kind::Receive | Kind::Read => op.room,
            Kind::Sighting => {
                sighted = true;
                let Some(&room) = planted.get(&op.body) else {
                    findings.add("leak", at, || format!("a canary nobody planted: {:?}", op.body));
                    continue;
                };
                room
            }
            _ => continue,
        };
        if is_stranger(&history.names, room, op.user) {
            let (user, room) = (history.names.text(op.user), history.names.text(room));
            findings.add("leak", at, || format!("{user} was given something of {room}"));
        }
    }
    // Whoever looks for canaries finds those meant for the reader; otherwise the search itself is broken.
    if !planted.is_empty() && !sighted {
        findings.missing("leak", || "canaries were planted and none was ever sighted".into());
    }
}

#[derive(Default)]
struct Reader {
    seen: HashSet<u32>,
    /// The last position seen, by room.
    last: HashMap<Name, u64>,
    resumed: bool,
}

fn deliveries(case: &Case<'_>, findings: &mut Findings) {
    let Case { history, index } = case;
    let direct = |room: Name| history.names.text(room).starts_with('@');
    let mut readers: HashMap<Name, Reader> = HashMap::new();
    for (at, op) in history.ops.iter().enumerate() {
        match op.kind {
            Kind::Resume if op.room.is_none() => readers.entry(op.session).or_default().resumed = true,
            Kind::Receive if op.seq == 0 && direct(op.room) => {
                let reader = readers.entry(op.session).or_default();
                let position = index.position(at, op);
                let last = reader.last.insert(op.room, position).unwrap_or(0);
                let again = !reader.seen.insert(index.message_of[at]);
                // As in a room: right after a resume it may begin again, and goes on in order from there.
                if !again {
                    reader.resumed = false;
                } else if !reader.resumed {
                    findings.add("once", at, || "a direct message came again".into());
                }
                if position != 0 && position < last && !(again && reader.resumed) {
                    findings.add("gap-free", at, || "a direct message came out of order".into());
                }
            }
            Kind::Drained => {
                let reader = readers.entry(op.session).or_default();
                for (number, message) in index.messages.iter().enumerate() {
                    if message.seq == 0
                        && message.acked < op.invoked
                        && message.user != op.user
                        && direct(message.room)
                        && !is_stranger(&history.names, message.room, op.user)
                        && !reader.seen.contains(&(number as u32))
                    {
                        let user = history.names.text(op.user);
                        findings.add("durable", message.op, || {
                            format!("a direct message was acknowledged and never reached {user}")
                        });
                    }
                }
            }
            _ => {}
        }
    }
}

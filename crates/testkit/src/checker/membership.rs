//! P10: after a kick, ban, leave or lost role at a position, that user gets nothing later from that room, by no path.

use std::collections::HashMap;

use super::{Case, Findings};
use crate::history::{Kind, Name};

/// The name of this check.
const CHECK: &str = "membership";

/// A change of what a user may see of a room, at `position`, asked for at `invoked`.
struct Change {
    position: u64,
    invoked: u64,
    out: bool,
}

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let Case { history, index } = case;
    let mut changes: HashMap<(Name, Name), Vec<Change>> = HashMap::new();
    for op in history.ops.iter().filter(|op| matches!(op.kind, Kind::Join | Kind::Cut)) {
        changes.entry((op.user, op.room)).or_default().push(Change {
            position: op.position,
            invoked: op.invoked,
            out: op.kind == Kind::Cut,
        });
    }
    if changes.is_empty() {
        return;
    }
    for changes in changes.values_mut() {
        changes.sort_unstable_by_key(|change| change.position);
    }
    for (at, op) in history.ops.iter().enumerate() {
        if !matches!(op.kind, Kind::Receive | Kind::Read) {
            continue;
        }
        let Some(changes) = changes.get(&(op.user, op.room)) else { continue };
        let position = index.position(at, op);
        let after = changes.partition_point(|change| change.position < position);
        let was_out = after.checked_sub(1).is_some_and(|last| changes[last].out);
        // Somebody who came back since may be shown what was said meanwhile, where the room's rules say so.
        let came_back = changes[after..].iter().any(|change| !change.out && change.invoked < op.returned);
        if was_out && !came_back {
            let (user, room) = (history.names.text(op.user), history.names.text(op.room));
            findings
                .add(CHECK, at, || format!("{user} was given position {position} of {room} after the cut"));
        }
    }
}

//! P3: everybody who sees a number of a room sees the same message there, a message has one number, and the numbers
//! of a room have no holes.

use super::{Case, Findings};
use crate::history::Kind;

/// The name of this check.
const CHECK: &str = "agree";

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    dense(case, findings);
    let Case { history, index } = case;
    for (at, op) in history.ops.iter().enumerate() {
        if !matches!(op.kind, Kind::Export | Kind::Receive | Kind::Send) || op.seq == 0 {
            continue;
        }
        let name = || format!("{} {}", history.names.text(op.room), op.seq);
        if let Some(slot) = index.slots.get(&(op.room, op.seq)) {
            let same_body = op.body.is_none() || slot.body.is_none() || op.body == slot.body;
            let same_id = op.id.is_none() || slot.id.is_none() || op.id == slot.id;
            if !same_body || !same_id {
                findings.add(CHECK, at, || format!("{} is another message at line {}", name(), slot.op + 1));
            }
            if op.position != 0 && slot.position != 0 && op.position != slot.position {
                findings
                    .add(CHECK, at, || format!("{} has another position at line {}", name(), slot.op + 1));
            }
        }
        if let Some(message) = index.message(at)
            && message.seq != op.seq
            && message.allowed() <= 1
        {
            findings.add(CHECK, at, || format!("{} is number {} elsewhere", name(), message.seq));
        }
    }
}

/// The numbers of each room in each final reading follow each other; retention may have taken the first ones.
fn dense(case: &Case<'_>, findings: &mut Findings) {
    let Case { history, index } = case;
    for view in &index.views {
        let mut numbers: Vec<_> = view
            .rows
            .iter()
            .map(|&row| (history.ops[row].room, history.ops[row].seq, row))
            .filter(|&(_, seq, _)| seq != 0)
            .collect();
        numbers.sort_unstable();
        for pair in numbers.windows(2) {
            let [(room, before, _), (same, seq, row)] = *pair else { continue };
            if room == same && seq != before + 1 {
                findings.add("dense", row, || {
                    format!("{} goes from {before} to {seq}", history.names.text(room))
                });
            }
        }
    }
}

//! P8: a session reads its own writes, and what it has once seen, on whichever node it reads.

use std::collections::{HashMap, HashSet};

use super::{Case, Findings};
use crate::history::{Kind, Name, Outcome};

/// The name of this check.
const CHECK: &str = "own-writes";

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let Case { history, index } = case;
    let reading: HashSet<(Name, Name)> =
        history.ops.iter().filter(|op| op.kind == Kind::Read).map(|op| (op.session, op.room)).collect();
    let mut sights: HashMap<(Name, Name), Vec<Sight>> = HashMap::new();
    for (at, op) in history.ops.iter().enumerate() {
        let key = (op.session, op.room);
        if !reading.contains(&key) || op.outcome != Outcome::Ok {
            continue;
        }
        let seen = match op.kind {
            Kind::Read => op.seq,
            Kind::Send | Kind::Receive => index.seq(at, op),
            _ => continue,
        };
        let sights = sights.entry(key).or_default();
        if op.kind == Kind::Read {
            sights.push(Sight { when: op.invoked, asked: true, seq: seen, op: at });
        }
        sights.push(Sight { when: op.returned, asked: false, seq: seen, op: at });
    }
    for sights in sights.values_mut() {
        // A question at the very moment of an answer does not come after it.
        sights.sort_unstable_by_key(|sight| (sight.when, !sight.asked));
        let mut seen = 0;
        for sight in sights {
            if !sight.asked {
                seen = seen.max(sight.seq);
            } else if sight.seq < seen {
                findings.add(CHECK, sight.op, || format!("read up to {}, having seen {seen}", sight.seq));
            }
        }
    }
}

struct Sight {
    when: u64,
    /// The beginning of a read, which must show all that was seen before.
    asked: bool,
    seq: u64,
    op: usize,
}

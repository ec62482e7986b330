//! Memory, tasks and file descriptors end where they began.

use std::collections::HashMap;

use super::{Case, Findings};
use crate::history::{Kind, Name};

/// Bytes that memory may have grown beyond a quarter: allocators keep some.
const MEMORY_SLACK: u64 = 16 << 20;

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let history = case.history;
    let mut samples: HashMap<(Name, Name, Name), (u64, u64, usize)> = HashMap::new();
    for (at, op) in history.ops.iter().enumerate().filter(|(_, op)| op.kind == Kind::Sample) {
        let (_, last, line) =
            samples.entry((op.process, op.node, op.name)).or_insert((op.value, op.value, at));
        (*last, *line) = (op.value, at);
    }
    for (&(_, node, name), &(first, last, at)) in &samples {
        let (node, name) = (history.names.text(node), history.names.text(name));
        let allowed = if name == "memory" { first + first / 4 + MEMORY_SLACK } else { first };
        if last > allowed {
            findings.add("resources", at, || format!("{name} of {node} went from {first} to {last}"));
        }
    }
}

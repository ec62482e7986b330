//! All nodes have one hash chain and one state, and a replay of the log gives that state again.

use std::collections::HashMap;

use super::{Case, Findings};
use crate::history::Kind;

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let history = case.history;
    let mut chains = HashMap::new();
    let mut states = HashMap::new();
    for (at, op) in history.ops.iter().enumerate() {
        let (check, hashes) = match op.kind {
            Kind::Chain => ("chain", &mut chains),
            Kind::State | Kind::Replay => ("replay", &mut states),
            _ => continue,
        };
        let (hash, first) = *hashes.entry(op.position).or_insert((op.value, at));
        if hash != op.value {
            let node = history.names.text(op.node);
            findings.add(check, at, || {
                format!("{node} differs at position {} from line {}", op.position, first + 1)
            });
        }
    }
}

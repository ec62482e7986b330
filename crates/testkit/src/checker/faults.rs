//! The faults that a run is about really struck, as often as it says: a test whose fault does not fire tests nothing.

use std::collections::HashMap;

use super::{Case, Findings};
use crate::history::{Kind, Name};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let history = case.history;
    let mut struck: HashMap<Name, u64> = HashMap::new();
    let resume = history.names.find("resume").unwrap_or_default();
    for op in &history.ops {
        let name = match op.kind {
            Kind::Fault => op.name,
            Kind::Resume => resume,
            _ => continue,
        };
        *struck.entry(name).or_default() += 1;
    }
    for (at, op) in history.ops.iter().enumerate().filter(|(_, op)| op.kind == Kind::Expect) {
        let count = struck.get(&op.name).copied().unwrap_or(0);
        if count < op.value {
            let name = history.names.text(op.name);
            findings.add("faults", at, || format!("{name} struck {count} times, {} expected", op.value));
        }
    }
}

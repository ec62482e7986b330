//! The one judge of script, simulation, crash, cluster and load runs: each promise is a file beside this one.
//! Knows only a history; that nothing happened in it is a finding too.

mod agree;
mod chains;
mod direct;
mod durable;
mod ended;
mod faults;
mod findings;
mod index;
mod invented;
mod membership;
mod once;
mod order;
mod own;
mod redacted;
mod resources;
mod stream;
mod times;

pub use findings::{Finding, Verdict};

use crate::history::History;
use findings::Findings;
use index::Index;

/// Judges a run. The verdict has every broken promise, with the line that shows it.
pub fn judge(history: &History) -> Verdict {
    let mut findings = Findings::default();
    let index = Index::new(history, &mut findings);
    let case = Case { history, index: &index };
    for check in CHECKS {
        check(&case, &mut findings);
    }
    findings.verdict(history)
}

type Check = fn(&Case<'_>, &mut Findings);

const CHECKS: [Check; 15] = [
    durable::check,
    once::check,
    invented::check,
    agree::check,
    stream::check,
    direct::check,
    own::check,
    order::check,
    membership::check,
    redacted::check,
    chains::check,
    times::check,
    ended::check,
    faults::check,
    resources::check,
];

/// What every check is given.
struct Case<'a> {
    history: &'a History,
    index: &'a Index,
}

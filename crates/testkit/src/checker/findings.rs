//! Collects broken promises: the first few of each in words, the rest as a number. Knows no check.

use std::collections::BTreeMap;
use std::fmt;

use crate::history::{History, Kind, Outcome};

/// Findings of one check that are told in words; a broken run may have millions.
const TOLD: u64 = 8;

/// One broken promise.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The check that found it.
    pub check: &'static str,
    /// The line of the history that shows it, from 1; 0 when it is about something absent.
    pub line: usize,
    /// What is wrong, in words.
    pub text: String,
}

/// What the findings gather in while the checks run.
#[derive(Default)]
pub(super) struct Findings {
    told: Vec<Finding>,
    counts: BTreeMap<&'static str, u64>,
}

impl Findings {
    /// Notes one; `op` is the index of the operation that shows it.
    pub(super) fn add(&mut self, check: &'static str, op: usize, text: impl FnOnce() -> String) {
        self.note(check, op + 1, text);
    }

    /// Notes something that is absent and so stands on no line.
    pub(super) fn missing(&mut self, check: &'static str, text: impl FnOnce() -> String) {
        self.note(check, 0, text);
    }

    fn note(&mut self, check: &'static str, line: usize, text: impl FnOnce() -> String) {
        let count = self.counts.entry(check).or_default();
        *count += 1;
        if *count <= TOLD {
            self.told.push(Finding { check, line, text: text() });
        }
    }

    pub(super) fn verdict(self, history: &History) -> Verdict {
        let sends = || history.ops.iter().filter(|op| op.kind == Kind::Send);
        let ended = |outcome| sends().filter(|op| op.outcome == outcome).count();
        let all = |kind| history.ops.iter().filter(|op| op.kind == kind).count();
        Verdict {
            findings: self.told,
            counts: self.counts,
            operations: history.ops.len(),
            acknowledged: ended(Outcome::Ok),
            refused: ended(Outcome::Refused),
            unknown: ended(Outcome::Unknown),
            received: all(Kind::Receive),
            stored: all(Kind::Export),
            resumed: all(Kind::Resume),
        }
    }
}

/// What the judge has to say about a run.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Broken promises, the first few of each check.
    pub findings: Vec<Finding>,
    /// How many each check found.
    pub counts: BTreeMap<&'static str, u64>,
    /// Lines judged.
    pub operations: usize,
    /// Sends answered "ok".
    pub acknowledged: usize,
    /// Sends answered "refused".
    pub refused: usize,
    /// Sends with no answer, or with "unknown".
    pub unknown: usize,
    /// Messages received by sessions.
    pub received: usize,
    /// Rows of the final readings.
    pub stored: usize,
    /// Sessions resumed.
    pub resumed: usize,
}

impl Verdict {
    /// Whether every promise was kept.
    pub fn holds(&self) -> bool {
        self.counts.is_empty()
    }

    /// Whether this check found something.
    pub fn found(&self, check: &str) -> bool {
        self.counts.contains_key(check)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operations, acknowledged, refused, unknown, received, stored, resumed, .. } = self;
        writeln!(
            f,
            "{operations} operations: {acknowledged} acknowledged, {refused} refused, {unknown} unknown, \
             {received} received, {stored} stored, {resumed} resumed"
        )?;
        for finding in &self.findings {
            writeln!(f, "  {}: line {}: {}", finding.check, finding.line, finding.text)?;
        }
        for (check, count) in &self.counts {
            writeln!(f, "  {check}: {count} in all")?;
        }
        write!(f, "{}", if self.holds() { "every promise kept" } else { "PROMISES BROKEN" })
    }
}

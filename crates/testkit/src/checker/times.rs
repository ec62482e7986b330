//! The server's time stamps never run backwards along the log, and every operation ends no sooner than it began.

use super::{Case, Findings};

/// The name of this check.
const CHECK: &str = "times";

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let Case { history, index } = case;
    for view in &index.views {
        let mut rows: Vec<(u64, u64, usize)> = view
            .rows
            .iter()
            .map(|&row| (history.ops[row].position, history.ops[row].time, row))
            .filter(|&(_, time, _)| time != 0)
            .collect();
        // Stable: rows without a position keep the order they were read in.
        rows.sort_by_key(|&(position, ..)| position);
        for pair in rows.windows(2) {
            let [(_, before, _), (_, after, row)] = *pair else { continue };
            if after < before {
                findings.add(CHECK, row, || format!("time {after} stands after {before}"));
            }
        }
    }
    for (at, op) in history.ops.iter().enumerate() {
        if op.returned < op.invoked {
            findings.add(CHECK, at, || "it returned before it was invoked".into());
        }
    }
}

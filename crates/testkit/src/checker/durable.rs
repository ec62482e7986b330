//! P1: what was acknowledged stands in every final reading, on every node and by every protocol.

use super::{Case, Findings, index::NONE};
use crate::history::{Kind, Op, Outcome};

/// The name of this check.
const CHECK: &str = "durable";

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let Case { history, index } = case;
    if !history.ops.iter().any(|op| op.kind == Kind::Send && op.outcome == Outcome::Ok) {
        findings.missing(CHECK, || "nothing was acknowledged, so nothing is shown to be durable".into());
    }
    if !index.views.iter().any(|view| view.declared.is_some()) {
        findings.missing(CHECK, || "no final reading, so nothing is shown to be durable".into());
    }
    for view in &index.views {
        let place = || format!("{} by {}", history.names.text(view.node), history.names.text(view.protocol));
        match view.declared {
            None => findings.missing(CHECK, || format!("the reading of {} was not finished", place())),
            Some(count) if count != view.rows.len() as u64 => {
                findings.missing(CHECK, || {
                    format!("{} said {count} messages and gave {}", place(), view.rows.len())
                });
            }
            Some(_) => {}
        }
        let mut present = vec![false; index.messages.len()];
        for &row in &view.rows {
            if index.message_of[row] != NONE {
                present[index.message_of[row] as usize] = true;
            }
        }
        for (message, present) in index.messages.iter().zip(present) {
            if message.acked != Op::NEVER && !present {
                findings.add(CHECK, message.op, || format!("acknowledged, and missing in {}", place()));
            }
        }
    }
}

//! P2 in the log: each message stands once, a refused one never, an unknown one at most once.

use super::{Case, Findings, index::NONE};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let index = case.index;
    for view in &index.views {
        let mut counts = vec![0_u32; index.messages.len()];
        for &row in &view.rows {
            if index.message_of[row] == NONE {
                continue;
            }
            let number = index.message_of[row] as usize;
            let message = &index.messages[number];
            counts[number] += 1;
            if message.refused == message.attempts {
                findings.add("refused", row, || format!("refused at line {}, and stored", message.op + 1));
            } else if counts[number] > message.allowed() {
                findings.add("once", row, || {
                    format!("message of line {} stands {} times", message.op + 1, counts[number])
                });
            }
        }
    }
    for (at, _) in case.history.ops.iter().enumerate() {
        let Some(message) = index.message(at) else { continue };
        let shown = case.history.ops[at].kind == crate::history::Kind::Receive;
        if shown && message.refused == message.attempts {
            findings.add("refused", at, || format!("refused at line {}, and shown", message.op + 1));
        }
    }
}

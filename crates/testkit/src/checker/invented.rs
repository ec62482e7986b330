//! Nobody sees what nobody said, nor before it was said, nor under another id.

use super::{Case, Findings};
use crate::history::Kind;

/// The name of this check.
const CHECK: &str = "invented";

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let Case { history, index } = case;
    for (at, op) in history.ops.iter().enumerate() {
        // A row without a body is redacted, or no message.
        if !matches!(op.kind, Kind::Export | Kind::Receive) || op.body.is_none() {
            continue;
        }
        let Some(message) = index.message(at) else {
            findings
                .add(CHECK, at, || format!("nobody said {:?} in {}", op.body, history.names.text(op.room)));
            continue;
        };
        // Found by its id although the body is another's: altered on the way.
        if history.ops[message.op].body != op.body {
            findings.add(CHECK, at, || format!("altered: line {} says otherwise", message.op + 1));
        }
        if !op.id.is_none() && op.id != message.id {
            findings.add(CHECK, at, || format!("another client id than line {}", message.op + 1));
        }
        if message.first_invoked > op.returned {
            findings.add(CHECK, at, || format!("seen before it was said at line {}", message.op + 1));
        }
    }
}

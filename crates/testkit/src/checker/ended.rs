//! Every operation ends: with an answer, or with the caller knowing that there will be none.

use super::{Case, Findings};
use crate::history::Op;

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for (at, op) in case.history.ops.iter().enumerate() {
        if op.returned == Op::NEVER {
            let session = case.history.names.text(op.session);
            findings.add("ended", at, || format!("{:?} of {session} never ended", op.kind));
        }
    }
}

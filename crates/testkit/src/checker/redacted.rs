//! P12: once a redaction was acknowledged, nobody who asks is given that body again, nor any session that knows of it.

use std::collections::HashMap;

use super::{Case, Findings};
use crate::history::{BodyHash, Kind, Name, Outcome};

/// The name of this check.
const CHECK: &str = "redacted";

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let Case { history, index } = case;
    let mut gone: HashMap<(Name, BodyHash), (u64, u64)> = HashMap::new();
    for op in history.ops.iter().filter(|op| op.kind == Kind::Redact && op.outcome == Outcome::Ok) {
        gone.insert((op.room, op.body), (op.returned, op.position));
    }
    if gone.is_empty() {
        return;
    }
    // When each session's connection began, and how far in the log it has been shown.
    let mut sessions: HashMap<Name, (u64, u64)> = HashMap::new();
    for (at, op) in history.ops.iter().enumerate() {
        match op.kind {
            Kind::Connect | Kind::Resume => {
                sessions.insert(op.session, (op.invoked, 0));
            }
            Kind::Receive | Kind::Read | Kind::Export => {
                let (began, shown) = sessions.entry(op.session).or_default();
                // What a live session was sent before the redaction may still be on its way.
                let asked = if op.kind == Kind::Receive { *began } else { op.invoked };
                if let Some(&(redacted, position)) = gone.get(&(op.room, op.body))
                    && (asked > redacted || (position != 0 && *shown > position))
                {
                    findings.add(CHECK, at, || "a redacted body was served".into());
                }
                if op.kind == Kind::Receive {
                    *shown = (*shown).max(index.position(at, op));
                }
            }
            _ => {}
        }
    }
}

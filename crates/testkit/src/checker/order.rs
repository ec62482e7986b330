//! P4 and P5: what was known before something else was sent stands before it, and so does what one sender sent before.

use std::collections::HashMap;

use super::{Case, Findings, index::Message};
use crate::history::Name;

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let mut messages: Vec<&Message> =
        case.index.messages.iter().filter(|message| message.allowed() == 1).collect();
    messages.retain(|message| message.seq != 0);
    messages.sort_unstable_by_key(|message| (message.room, message.seq));
    for room in messages.chunk_by(|a, b| a.room == b.room) {
        real_time(room, findings);
        senders(room, findings);
    }
    let mut log: Vec<&Message> =
        case.index.messages.iter().filter(|m| m.position != 0 && m.allowed() == 1).collect();
    log.sort_unstable_by_key(|message| message.position);
    real_time(&log, findings);
    senders(&log, findings);
}

/// In stored order: nothing may have been known before something that stands earlier was even sent.
fn real_time(messages: &[&Message], findings: &mut Findings) {
    let Some(mut latest) = messages.first() else { return };
    for message in messages {
        if message.known < latest.first_invoked {
            findings.add("real-time", message.op, || {
                format!("known before line {} was sent, and stands after it", latest.op + 1)
            });
        }
        if message.first_invoked > latest.first_invoked {
            latest = message;
        }
    }
}

/// In stored order: no session's message, all attempts of it, may have been sent before one that stands earlier.
/// Between retried messages that holds too when both were tried equally often, each time in the same order.
fn senders(messages: &[&Message], findings: &mut Findings) {
    let mut latest: HashMap<Name, &Message> = HashMap::new();
    let mut alike: HashMap<(Name, u32), &Message> = HashMap::new();
    for &message in messages {
        let before = latest.entry(message.session).or_insert(message);
        let same = alike.entry((message.session, message.attempts)).or_insert(message);
        let wrong = if message.last_invoked < before.first_invoked {
            Some(before.op)
        } else if message.first_invoked < same.first_invoked && message.last_invoked < same.last_invoked {
            Some(same.op)
        } else {
            None
        };
        if let Some(earlier) = wrong {
            findings.add("sender-order", message.op, || {
                format!("sent before line {} by the same session, and stands after it", earlier + 1)
            });
        }
        if message.first_invoked > before.first_invoked {
            *before = message;
        }
        *same = message;
    }
}

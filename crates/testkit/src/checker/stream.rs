//! P6 and P7: a session sees each room in order, without a gap, and nothing twice; resuming goes on where it left off.
//!
//! A protocol whose lines carry no numbers cannot say where it left off, so directly after a resume it may begin
//! again with what was in flight. There, too, the answer to a retry is the sender's own line once more.

use std::collections::{HashMap, HashSet};

use super::{Case, Findings, index::Message};
use crate::history::{Kind, Name, Op};

pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let due = due(case);
    let redacted = redacted(case);
    let mut sessions: HashMap<Name, Session> = HashMap::new();
    for (at, op) in case.history.ops.iter().enumerate() {
        match op.kind {
            Kind::Connect => {
                sessions.insert(op.session, Session::default());
            }
            Kind::Resume if op.room.is_none() => sessions.entry(op.session).or_default().resumes += 1,
            Kind::Resume => sessions.entry(op.session).or_default().room(op.room).resume(op.seq),
            Kind::Gap => {
                let cursor = sessions.entry(op.session).or_default().room(op.room);
                *cursor =
                    Cursor { last: op.seq.checked_sub(1), resumes: cursor.resumes, ..Cursor::default() };
            }
            Kind::Join => sessions.entry(op.session).or_default().room(op.room).last = None,
            Kind::Receive => {
                let session = sessions.entry(op.session).or_default();
                session.receive(&Sight { case, at, op, redacted: &redacted }, findings);
            }
            Kind::Drained => sessions.entry(op.session).or_default().drained(&due, findings, at, op),
            _ => {}
        }
    }
}

/// Numbers whose message a line without numbers can no longer show.
fn redacted(case: &Case<'_>) -> HashSet<(Name, u64)> {
    let redactions = case.history.ops.iter().enumerate().filter(|(_, op)| op.kind == Kind::Redact);
    redactions.map(|(at, op)| (op.room, case.index.seq(at, op))).collect()
}

/// One message coming to one session.
struct Sight<'a> {
    case: &'a Case<'a>,
    at: usize,
    op: &'a Op,
    redacted: &'a HashSet<(Name, u64)>,
}

/// For each room, what was acknowledged by when: times rising, with the greatest number up to each.
type Due = HashMap<Name, Vec<(u64, u64)>>;

fn due(case: &Case<'_>) -> Due {
    let mut due = Due::new();
    for message in &case.index.messages {
        if message.acked != Op::NEVER && message.seq != 0 {
            due.entry(message.room).or_default().push((message.acked, message.seq));
        }
    }
    for acknowledged in due.values_mut() {
        acknowledged.sort_unstable();
        let mut greatest = 0;
        for (_, seq) in acknowledged {
            greatest = greatest.max(*seq);
            *seq = greatest;
        }
    }
    due
}

#[derive(Default)]
struct Session {
    rooms: HashMap<Name, Cursor>,
    /// Resumes that did not say where to go on.
    resumes: u32,
}

/// Where a session stands in a room.
#[derive(Default)]
struct Cursor {
    /// The last number seen, once one was.
    last: Option<u64>,
    /// Numbers passed over, to tell a message out of order from one that came twice.
    skipped: Vec<u64>,
    /// The session's resumes when it saw the last.
    resumes: u32,
    /// It has just resumed, saying where.
    said_where: bool,
}

impl Cursor {
    fn resume(&mut self, after: u64) {
        self.last = Some(after);
        self.said_where = true;
    }
}

impl Session {
    fn room(&mut self, room: Name) -> &mut Cursor {
        self.rooms.entry(room).or_default()
    }

    fn receive(&mut self, sight: &Sight<'_>, findings: &mut Findings) {
        let Sight { case, at, op, redacted } = *sight;
        let seq = case.index.seq(at, op);
        if seq == 0 {
            return; // A direct message, or one that nobody stored: other checks have it.
        }
        let resumes = self.resumes;
        let cursor = self.room(op.room);
        let unsaid = std::mem::replace(&mut cursor.resumes, resumes) != resumes;
        let resumed = std::mem::take(&mut cursor.said_where) || unsaid;
        let Some(mut last) = cursor.last else {
            cursor.last = Some(seq);
            return;
        };
        if op.seq == 0 {
            while last + 1 < seq && redacted.contains(&(op.room, last + 1)) {
                last += 1;
            }
        }
        let answer =
            op.seq == 0 && case.index.message(at).is_some_and(|message| may_be_an_answer(message, op));
        if answer || seq == last + 1 {
            if seq == last + 1 {
                cursor.last = Some(seq);
            }
            if answer && unsaid {
                // An answer may come before what was missed, which may still begin again.
                cursor.resumes = resumes - 1;
            }
        } else if seq > last {
            let check = if resumed { "resume" } else { "gap-free" };
            findings.add(check, at, || format!("number {seq} came after {last}"));
            cursor.skipped.extend((last + 1..seq).take(64));
            cursor.last = Some(seq);
        } else if unsaid && op.seq == 0 {
            cursor.last = Some(seq);
        } else if let Some(found) = cursor.skipped.iter().position(|&skipped| skipped == seq) {
            cursor.skipped.swap_remove(found);
            findings.add("gap-free", at, || format!("number {seq} came after {last}: out of order"));
        } else {
            let check = if resumed { "resume" } else { "once" };
            findings.add(check, at, || format!("number {seq} came again, after {last}"));
        }
    }

    /// Whether everything acknowledged before the session was asked has come.
    fn drained(&mut self, due: &Due, findings: &mut Findings, at: usize, op: &Op) {
        let Some(acknowledged) = due.get(&op.room) else { return };
        let before = acknowledged.partition_point(|&(acked, _)| acked < op.invoked);
        let expected = before.checked_sub(1).map_or(0, |at| acknowledged[at].1);
        let last = self.room(op.room).last.unwrap_or(0);
        if last < expected {
            findings.add("gap-free", at, || format!("nothing came after {last}, and {expected} was due"));
        }
    }
}

/// Whether this may be a sender's own line as the answer to a retry.
fn may_be_an_answer(message: &Message, op: &Op) -> bool {
    message.attempts > 1 && message.user == op.user
}

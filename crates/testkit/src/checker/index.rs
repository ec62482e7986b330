//! Joins what belongs together: attempts to one message, messages to their numbers, rows to final readings.
//! Judges nothing but whether the history can be judged.

use std::collections::HashMap;

use super::findings::Findings;
use crate::history::{BodyHash, ClientId, History, Kind, Name, Op, Outcome};

/// No message, where a message's number is expected.
pub(super) const NONE: u32 = u32::MAX;

/// One message as its sender meant it, over all attempts.
pub(super) struct Message {
    pub(super) room: Name,
    pub(super) id: ClientId,
    pub(super) user: Name,
    pub(super) session: Name,
    /// The first attempt's line.
    pub(super) op: usize,
    pub(super) first_invoked: u64,
    pub(super) last_invoked: u64,
    /// When the first acknowledgement came; [`Op::NEVER`] if none did.
    pub(super) acked: u64,
    /// When it was first known to anybody to be stored: acknowledged or received.
    pub(super) known: u64,
    pub(super) attempts: u32,
    pub(super) refused: u32,
    /// From the first final reading that has it, or else from whoever saw it with a number.
    pub(super) seq: u64,
    pub(super) position: u64,
}

impl Message {
    /// How often it may stand in the log: once, or once an attempt when the sender gave it no id.
    pub(super) fn allowed(&self) -> u32 {
        let possible = self.attempts - self.refused;
        if self.id.is_none() { possible } else { possible.min(1) }
    }
}

/// What stands at one number of one room, by the first who saw it.
pub(super) struct Slot {
    pub(super) op: usize,
    pub(super) body: BodyHash,
    pub(super) id: ClientId,
    pub(super) position: u64,
}

/// One complete reading of one node by one protocol.
pub(super) struct View {
    pub(super) node: Name,
    pub(super) protocol: Name,
    /// How many messages it said it had.
    pub(super) declared: Option<u64>,
    /// Its `export` lines.
    pub(super) rows: Vec<usize>,
}

/// The history, joined.
pub(super) struct Index {
    pub(super) messages: Vec<Message>,
    pub(super) slots: HashMap<(Name, u64), Slot>,
    pub(super) views: Vec<View>,
    /// For each operation the message it is about, or [`NONE`].
    pub(super) message_of: Vec<u32>,
}

impl Index {
    pub(super) fn new(history: &History, findings: &mut Findings) -> Self {
        let mut join = Join { history, by_body: HashMap::new(), by_id: HashMap::new() };
        let mut index = Self {
            messages: Vec::new(),
            slots: HashMap::new(),
            views: Vec::new(),
            message_of: vec![NONE; history.ops.len()],
        };
        index.gather_sends(&mut join, findings);
        index.gather_views(history);
        index.gather_slots(history, |kind| kind == Kind::Export);
        index.gather_slots(history, |kind| matches!(kind, Kind::Receive | Kind::Send | Kind::Redact));
        index.join_the_rest(&join);
        index
    }

    /// The message an operation is about.
    pub(super) fn message(&self, op: usize) -> Option<&Message> {
        self.messages.get(self.message_of[op] as usize)
    }

    /// The number in its room of what the operation is about, if anybody knows it.
    pub(super) fn seq(&self, index: usize, op: &Op) -> u64 {
        if op.seq != 0 { op.seq } else { self.message(index).map_or(0, |message| message.seq) }
    }

    /// Likewise its place in the log.
    pub(super) fn position(&self, index: usize, op: &Op) -> u64 {
        if op.position != 0 {
            return op.position;
        }
        let by_slot = || self.slots.get(&(op.room, op.seq)).map_or(0, |slot| slot.position);
        self.message(index).map_or_else(by_slot, |message| message.position)
    }

    fn gather_sends(&mut self, join: &mut Join<'_>, findings: &mut Findings) {
        for (at, op) in join.history.ops.iter().enumerate().filter(|(_, op)| op.kind == Kind::Send) {
            let known = join.by_body.get(&(op.room, op.body)).copied();
            if let Some(&same_id) = join.by_id.get(&(op.user, op.id)) {
                if known != Some(same_id) {
                    findings.add("history", at, || "one client id for two messages".into());
                    continue;
                }
            } else if known.is_some() && !op.id.is_none() {
                findings
                    .add("history", at, || "one body for two client ids: they cannot be told apart".into());
                continue;
            }
            let number = known.unwrap_or(self.messages.len() as u32);
            if known.is_none() {
                self.messages.push(Message {
                    room: op.room,
                    id: op.id,
                    user: op.user,
                    session: op.session,
                    op: at,
                    first_invoked: op.invoked,
                    last_invoked: op.invoked,
                    acked: Op::NEVER,
                    known: Op::NEVER,
                    attempts: 0,
                    refused: 0,
                    seq: 0,
                    position: 0,
                });
                join.by_body.insert((op.room, op.body), number);
                if !op.id.is_none() {
                    join.by_id.insert((op.user, op.id), number);
                }
            }
            self.message_of[at] = number;
            let message = &mut self.messages[number as usize];
            message.attempts += 1;
            message.first_invoked = message.first_invoked.min(op.invoked);
            message.last_invoked = message.last_invoked.max(op.invoked);
            match op.outcome {
                Outcome::Ok => {
                    message.acked = message.acked.min(op.returned);
                    message.known = message.known.min(op.returned);
                    message.seq = op.seq;
                    message.position = op.position;
                }
                Outcome::Refused => message.refused += 1,
                Outcome::Unknown => {}
            }
        }
    }

    fn gather_views(&mut self, history: &History) {
        let mut numbers = HashMap::new();
        for (at, op) in history.ops.iter().enumerate() {
            if !matches!(op.kind, Kind::Export | Kind::View) {
                continue;
            }
            let number = *numbers.entry((op.node, op.protocol)).or_insert_with(|| {
                let (node, protocol) = (op.node, op.protocol);
                self.views.push(View { node, protocol, declared: None, rows: Vec::new() });
                self.views.len() - 1
            });
            match op.kind {
                Kind::View => self.views[number].declared = Some(op.value),
                _ => self.views[number].rows.push(at),
            }
        }
    }

    fn gather_slots(&mut self, history: &History, which: fn(Kind) -> bool) {
        for (at, op) in history.ops.iter().enumerate().filter(|(_, op)| which(op.kind) && op.seq != 0) {
            // Where a redaction stands is not where the message stands.
            let position = if op.kind == Kind::Redact { 0 } else { op.position };
            let slot = self.slots.entry((op.room, op.seq)).or_insert(Slot {
                op: at,
                body: op.body,
                id: op.id,
                position,
            });
            // A node that redacted it shows no body; another sight of it may.
            if slot.body.is_none() {
                slot.body = op.body;
            }
            if slot.position == 0 {
                slot.position = position;
            }
        }
    }

    fn join_the_rest(&mut self, join: &Join<'_>) {
        for (at, op) in join.history.ops.iter().enumerate() {
            if !matches!(op.kind, Kind::Export | Kind::Receive | Kind::Redact) {
                continue;
            }
            let body = match self.slots.get(&(op.room, op.seq)) {
                Some(slot) if op.body.is_none() => slot.body,
                _ => op.body,
            };
            let by_id = || join.by_id.get(&(op.user, op.id)).filter(|_| !op.id.is_none());
            let Some(&number) = join.by_body.get(&(op.room, body)).or_else(by_id) else { continue };
            self.message_of[at] = number;
            let message = &mut self.messages[number as usize];
            if message.seq == 0 {
                message.seq = op.seq;
            }
            if message.position == 0 && op.kind != Kind::Redact {
                message.position = op.position;
            }
            if op.kind == Kind::Receive {
                message.known = message.known.min(op.returned);
            }
        }
    }
}

/// The ways to find a message.
struct Join<'a> {
    history: &'a History,
    by_body: HashMap<(Name, BodyHash), u32>,
    by_id: HashMap<(Name, ClientId), u32>,
}

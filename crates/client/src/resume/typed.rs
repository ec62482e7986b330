//! What the user writes: the answer to the question for the name, a command, or a line to be sent under an id.

use super::*;
use chatroom_wire::line::input::{Input, Sendable};
use rand::Rng as _;

impl Resume {
    /// A line was written.
    pub(crate) fn typed(&mut self, line: &str, now: Instant) {
        if self.finishing || self.phase == Phase::Ended {
            return;
        }
        if self.name.is_none() {
            self.typed_name(line, now);
        } else {
            self.typed_line(line.trim_end());
        }
        self.go_on(now);
    }

    /// A line was written that is longer than any that could be sent.
    pub(crate) fn typed_too_long(&mut self) {
        self.refuse("", "the line is too long");
    }

    fn typed_line(&mut self, line: &str) {
        let (id, line, answer) = match Input::parse(line) {
            Input::Empty => return,
            Input::Quit => {
                self.finishing = true;
                return;
            }
            Input::WithId { id, inner } => (Some(id), plain(inner), answer_to(inner)),
            Input::Text(text) => (None, line.to_owned(), answer_to(Sendable::Text(text))),
            Input::Msg { to, text } => (None, line.to_owned(), answer_to(Sendable::Msg { to, text })),
            _ => (None, line.to_owned(), Answer::None),
        };
        if self.outbox.is_full() {
            return self.refuse(&line, "too many lines are waiting");
        }
        let id = id.unwrap_or_else(|| self.fresh_id());
        self.outbox.push(id, line, answer);
        let offline = self.been_in && !matches!(self.phase, Phase::Open | Phase::Settling(_));
        if offline && !self.told_offline && self.input == InputFrom::Person {
            self.told_offline = true;
            self.note("Not connected: it will be sent when the connection is back.");
        }
    }

    /// A random UUID (RFC 9562, section 5.4).
    fn fresh_id(&mut self) -> Id {
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        id[6] = id[6] & 0x0f | 0x40;
        id[8] = id[8] & 0x3f | 0x80;
        id
    }
}

/// What is sent where there are no ids.
fn plain(sendable: Sendable<'_>) -> String {
    match sendable {
        Sendable::Text(text) if text.starts_with('/') => format!("/{text}"),
        Sendable::Text(text) => text.to_owned(),
        Sendable::Msg { to, text } => format!("/msg {to} {text}"),
        Sendable::Me(text) => format!("/me {text}"),
        Sendable::In(room, text) => format!("/in {room} {text}"),
        Sendable::Reply(number, text) => format!("/reply {number} {text}"),
    }
}

/// What will acknowledge it.
fn answer_to(sendable: Sendable<'_>) -> Answer {
    match sendable {
        Sendable::Text(text) => Answer::OwnLine(text.to_owned()),
        Sendable::Msg { .. } => Answer::DirectSent,
        Sendable::Me(_) | Sendable::In(..) | Sendable::Reply(..) => Answer::None,
    }
}

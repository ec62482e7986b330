//! What the user writes: the answer to the question for the name, a command, or a line to be sent under an id.

use super::*;
use chatroom_wire::line::ask::Ask;
use chatroom_wire::line::heard::Manner;
use chatroom_wire::line::input::{Input, Sendable};
use outbox::Own;
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
            Input::WithId { id, inner } => (Some(id), plain(inner), self.answer_to(inner)),
            Input::Text(text) => (None, line.to_owned(), self.answer_to(Sendable::Text(text))),
            Input::Msg { to, text } => (None, line.to_owned(), self.answer_to(Sendable::Msg { to, text })),
            Input::Ask(Ask::Me(text)) => (None, line.to_owned(), self.answer_to(Sendable::Me(text))),
            Input::Ask(Ask::In { room, text }) => {
                (None, line.to_owned(), self.answer_to(Sendable::In(room, text)))
            }
            Input::Ask(Ask::Reply { number, text }) => {
                (None, line.to_owned(), self.answer_to(Sendable::Reply(number, text)))
            }
            Input::Ask(ask) => {
                self.goes(&ask);
                (None, line.to_owned(), Answer::None)
            }
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

    /// What will acknowledge it.
    fn answer_to(&self, sendable: Sendable<'_>) -> Answer {
        let here = self.place.meant().map(str::to_owned);
        let (room, manner, text, ours_only) = match sendable {
            Sendable::Text(text) => (here, Manner::Plain, text, false),
            Sendable::Me(text) => (here, Manner::Action, text, true),
            Sendable::In(room, text) => (Some(room.to_owned()), Manner::Plain, text, true),
            Sendable::Reply(number, text) => (here, Manner::Reply(number), text, true),
            Sendable::Msg { .. } => return Answer::DirectSent,
        };
        Answer::OwnLine(Own { room, manner, text: text.to_owned(), ours_only })
    }

    /// Where lines typed after this one are meant for.
    fn goes(&mut self, ask: &Ask<'_>) {
        match ask {
            Ask::Join { room, .. } | Ask::Create { room, .. } => self.place.goes(room),
            Ask::Leave(None) => self.place.goes(outbox::LOBBY),
            Ask::Leave(Some(room)) if outbox::same_room(self.place.meant(), Some(room)) => {
                self.place.goes(outbox::LOBBY);
            }
            _ => {}
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

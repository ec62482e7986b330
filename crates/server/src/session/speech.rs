//! How a session is spoken to: as lines, in IRC, or in JSON. Events and what is told to one alone go the same way.

use super::{Irc, Session};
use crate::batch::Framing;
use bytes::{Bytes, BytesMut};
use chatroom_model::{Position, Record, UserId};
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::known::Known;
use chatroom_wire::{json, line, sse, websocket};

/// A way of speaking. Who speaks the same way is given the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    /// Lines for people.
    Line,
    /// IRC, by somebody who understands so much of it.
    Irc(Caps),
    /// JSON.
    Json(Frames),
}

/// Who is on a session, with what only such a one has.
pub(crate) enum Side<'a> {
    /// Somebody who reads lines.
    Line,
    /// An IRC client.
    Irc(&'a Irc),
    /// A program that speaks JSON.
    Json(Frames),
}

/// What JSON is put into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frames {
    /// Frames of a WebSocket (RFC 6455).
    WebSocket,
    /// Server-Sent Events.
    Events,
}

impl Frames {
    /// Adds one object. `at` is where it happened, if it is an event.
    pub(crate) fn put(self, out: &mut BytesMut, text: &str, at: Option<Position>) {
        if text.is_empty() {
            return;
        }
        match self {
            Self::WebSocket => {
                out.extend_from_slice(websocket::head(text.len()).as_ref());
                out.extend_from_slice(text.as_bytes());
            }
            Self::Events => {
                let mut event = String::with_capacity(text.len() + 32);
                // Of one position there may be more: whoever comes again after this one has all before it.
                sse::event(&mut event, at.map(|at| at.0.saturating_sub(1)), None, text);
                out.extend_from_slice(event.as_bytes());
            }
        }
    }

    /// The same, alone.
    pub(crate) fn one(self, text: &str) -> Bytes {
        let mut out = BytesMut::with_capacity(text.len() + 16);
        self.put(&mut out, text, None);
        out.freeze()
    }
}

impl Framing for Frames {
    fn frame(&self, out: &mut BytesMut, text: &str, at: Position) {
        self.put(out, text, Some(at));
    }
}

impl Session {
    /// Who is on it.
    pub(crate) fn side(&self) -> Side<'_> {
        match (&self.irc, self.frames) {
            (Some(irc), _) => Side::Irc(irc),
            (None, Some(frames)) => Side::Json(frames),
            (None, None) => Side::Line,
        }
    }

    /// How it is spoken to.
    pub(crate) fn speech(&self) -> Speech {
        match self.side() {
            Side::Irc(irc) => Speech::Irc(irc.caps.get().shown()),
            Side::Json(frames) => Speech::Json(frames),
            Side::Line => Speech::Line,
        }
    }

    /// Whether a program that speaks JSON is on it.
    pub(crate) fn is_json(&self) -> bool {
        self.frames.is_some()
    }

    /// Adds an event as this session is shown it.
    pub(super) fn render(&self, out: &mut BytesMut, text: &mut String, record: &Record, known: &impl Known) {
        text.clear();
        match self.side() {
            Side::Irc(irc) => irc.show(text, record, self, known),
            Side::Json(frames) => {
                json::event(text, record, self.user.get(), known);
                return frames.put(out, text, Some(record.position));
            }
            Side::Line => line::render::event(text, record, self.user.get()),
        }
        out.extend_from_slice(text.as_bytes());
    }

    /// Events as this session alone is shown them.
    pub(crate) fn own_words<'a>(
        &self,
        records: impl Iterator<Item = &'a Record>,
        known: &impl Known,
    ) -> Bytes {
        let ignored = self.ignored.borrow();
        let is_ignored = |user: &UserId| ignored.as_ref().is_some_and(|ignored| ignored.contains(user));
        let (mut out, mut text) = (BytesMut::new(), String::new());
        for record in records {
            if !super::irc::author(&record.event).is_some_and(|author| is_ignored(&author)) {
                self.render(&mut out, &mut text, record, known);
            }
        }
        out.freeze()
    }
}

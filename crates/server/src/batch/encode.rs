//! A batch's events as the bytes to send, each once, and who gets them. Knows no session.

use bytes::{Bytes, BytesMut};
use chatroom_model::{Audience, Event, Fact, Position, Record, RoomId, UserId, audience};
use chatroom_wire::line::render;
use std::ops::Range;

/// Bytes after which a run of events is cut, so that a reader that falls behind can drop what it has not begun.
const RUN: usize = 64 * 1024;

/// One thing to do for a shard, in order.
#[derive(Debug)]
pub(crate) enum Step {
    /// Give these bytes to those.
    Run(Run),
    /// Somebody is in a room from here on.
    Enter(RoomId, UserId),
    /// Somebody is no longer.
    Exit(RoomId, UserId),
    /// Nobody is.
    End(RoomId),
}

/// Events in a row that the same people may see, as the bytes to send them.
#[derive(Debug)]
pub(crate) struct Run {
    /// Who may see them.
    pub(crate) to: To,
    /// For one of two people the bytes differ: this is the other's.
    pub(crate) author: Option<(UserId, Bytes)>,
    /// The bytes.
    pub(crate) bytes: Bytes,
    /// Messages among them.
    pub(crate) messages: u32,
    /// The position of the last.
    pub(crate) last: Position,
    /// Which of the batch's events they are.
    pub(crate) records: Range<usize>,
}

/// Who may see a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum To {
    /// Whoever is in this room.
    Room(RoomId),
    /// Whoever is in one of these.
    Rooms(Vec<RoomId>),
    /// These two.
    Two(UserId, UserId),
    /// This one.
    User(UserId),
}

impl Run {
    /// The bytes for one user.
    pub(crate) fn bytes_for(&self, user: UserId) -> &Bytes {
        match &self.author {
            Some((author, bytes)) if *author == user => bytes,
            _ => &self.bytes,
        }
    }
}

#[derive(Default)]
struct Open {
    buffer: BytesMut,
    run: Option<(RoomId, u32, Position, usize)>,
    steps: Vec<Step>,
}

/// Encodes a batch's events as lines.
pub(super) fn encode(records: &[Record]) -> Vec<Step> {
    let mut open = Open::default();
    let mut line = String::new();
    for (n, record) in records.iter().enumerate() {
        let mut text = |viewer| {
            line.clear();
            render::event(&mut line, record, viewer);
            Bytes::copy_from_slice(line.as_bytes())
        };
        open.enters(&record.event, n);
        let to = match audience(&record.event) {
            Audience::Room(room) | Audience::Rooms(&[room]) => {
                line.clear();
                render::event(&mut line, record, UserId(0));
                open.add(room, record, n, &line);
                open.moves(&record.event, n);
                continue;
            }
            Audience::Rooms([]) | Audience::Session(_) | Audience::Nobody => {
                open.moves(&record.event, n);
                continue;
            }
            Audience::Rooms(rooms) => To::Rooms(rooms.to_vec()),
            Audience::Two(a, b) => To::Two(a, b),
            Audience::User(user) => To::User(user),
        };
        open.close(n);
        let author = match to {
            To::Two(author, _) => Some((author, text(author))),
            _ => None,
        };
        let viewer = match to {
            To::Two(_, other) => other,
            To::User(user) => user,
            To::Room(_) | To::Rooms(_) => UserId(0),
        };
        let messages = u32::from(matches!(record.event, Event::Message { .. }));
        let (bytes, last) = (text(viewer), record.position);
        open.steps.push(Step::Run(Run { to, author, bytes, messages, last, records: n..n + 1 }));
        open.moves(&record.event, n);
    }
    open.close(records.len());
    open.steps
}

impl Open {
    fn add(&mut self, room: RoomId, record: &Record, n: usize, line: &str) {
        if self.run.is_some_and(|(open, ..)| open != room) {
            self.close(n);
        }
        self.buffer.extend_from_slice(line.as_bytes());
        let said = u32::from(matches!(record.event, Event::Message { .. }));
        let (_, messages, _, first) = self.run.unwrap_or((room, 0, record.position, n));
        self.run = Some((room, messages + said, record.position, first));
        if self.buffer.len() >= RUN {
            self.close(n + 1);
        }
    }

    fn close(&mut self, end: usize) {
        let Some((room, messages, last, first)) = self.run.take() else { return };
        let bytes = self.buffer.split().freeze();
        let to = To::Room(room);
        self.steps.push(Step::Run(Run { to, author: None, bytes, messages, last, records: first..end }));
    }

    /// Whoever comes in is told of it, as on reading on, on all their sessions.
    fn enters(&mut self, event: &Event, n: usize) {
        if let Event::Fact(Fact::Joined { at, user, .. }) = event {
            self.close(n);
            self.steps.push(Step::Enter(at.room, *user));
        }
    }

    /// Who is where changes with some events, in order: what follows a leave is not given to who left.
    fn moves(&mut self, event: &Event, n: usize) {
        let step = match event {
            Event::Fact(Fact::Left { at, user, .. }) => Step::Exit(at.room, *user),
            Event::Fact(Fact::RoomDeleted { at, .. }) => Step::End(at.room),
            _ => return,
        };
        self.close(n + 1);
        self.steps.push(step);
    }
}

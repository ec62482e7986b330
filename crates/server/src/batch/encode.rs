//! A batch's events: who gets them, in order, and the bytes to send in each wire format, each made once. Knows no session.

use bytes::{Bytes, BytesMut};
use chatroom_model::{Audience, Event, Fact, Position, Record, RoomId, UserId, audience};
use std::ops::Range;
use std::sync::Arc;

/// Bytes of text after which a run of events is cut, so that a reader that falls behind can drop what it has not begun.
const RUN: usize = 48 * 1024;
/// What an event's line has beside its text, nearly always.
const FRAME: usize = 32;

/// One thing to do for a shard, in order.
#[derive(Debug)]
pub(crate) enum Step {
    /// Give these events to those.
    Run(Run),
    /// Somebody is in a room from here on.
    Enter(RoomId, UserId),
    /// Somebody is no longer.
    Exit(RoomId, UserId),
    /// Nobody is.
    End(RoomId),
}

/// Events in a row that the same people may see.
#[derive(Debug)]
pub(crate) struct Run {
    /// Which of the batch's runs it is.
    pub(crate) n: usize,
    /// Who may see them.
    pub(crate) to: To,
    /// Messages among them.
    pub(crate) messages: u32,
    /// The position of the last.
    pub(crate) last: Position,
    /// Where among the batch's events they are: all that are told to anybody.
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

/// What an event's text is put into.
pub(crate) trait Framing {
    /// Adds an event's text, which may be empty.
    fn frame(&self, out: &mut BytesMut, text: &str, at: Position);
}

/// Lines end themselves.
pub(super) struct Lines;

impl Framing for Lines {
    fn frame(&self, out: &mut BytesMut, text: &str, _: Position) {
        out.extend_from_slice(text.as_bytes());
    }
}

/// The runs of a batch in one wire format, by their numbers.
pub(crate) type Encoded = Arc<[Given]>;

/// A run as the bytes to send.
#[derive(Debug)]
pub(crate) struct Given {
    /// The bytes.
    shared: Bytes,
    /// For one of two people the bytes may differ: this is the author's.
    author: Option<(UserId, Bytes)>,
}

impl Run {
    /// The events of it; what stands between them is told to nobody.
    pub(crate) fn of<'a>(&self, records: &'a [Record]) -> impl Iterator<Item = &'a Record> {
        let all = records.get(self.records.clone()).unwrap_or_default();
        all.iter().filter(|record| audience(&record.event).reads_on())
    }
}

impl Given {
    /// The bytes for one user.
    pub(crate) fn to(&self, user: UserId) -> &Bytes {
        match &self.author {
            Some((author, bytes)) if *author == user => bytes,
            _ => &self.shared,
        }
    }

    /// The bytes for everybody in a room.
    pub(crate) fn shared(&self) -> &Bytes {
        &self.shared
    }
}

/// Makes the bytes of all runs; `render` adds what an event makes for a viewer, and user 0 is everybody in a room.
pub(super) fn encode(
    records: &[Record],
    steps: &[Step],
    framing: &impl Framing,
    mut render: impl FnMut(&mut String, &Record, UserId),
) -> Encoded {
    let mut text = String::new();
    let mut buffer = BytesMut::new();
    let runs = steps.iter().filter_map(|step| if let Step::Run(run) = step { Some(run) } else { None });
    runs.map(|run| {
        let mut bytes = |viewer| {
            for record in run.of(records) {
                text.clear();
                render(&mut text, record, viewer);
                framing.frame(&mut buffer, &text, record.position);
            }
            buffer.split().freeze()
        };
        match run.to {
            To::Two(author, other) => Given { author: Some((author, bytes(author))), shared: bytes(other) },
            To::User(user) => Given { author: None, shared: bytes(user) },
            To::Room(_) | To::Rooms(_) => Given { author: None, shared: bytes(UserId(0)) },
        }
    })
    .collect()
}

#[derive(Default)]
struct Open {
    run: Option<(RoomId, Run)>,
    bytes: usize,
    runs: usize,
    steps: Vec<Step>,
}

/// What is to be done for a batch's events, in order: the same in every format.
pub(super) fn steps(records: &[Record]) -> Vec<Step> {
    let mut open = Open::default();
    for (n, record) in records.iter().enumerate() {
        open.enters(&record.event);
        let to = match audience(&record.event) {
            Audience::Room(room) | Audience::RoomAnd(room, _) | Audience::Rooms(&[room]) => {
                open.add(room, record, n);
                open.moves(&record.event);
                continue;
            }
            Audience::Rooms([]) | Audience::Session(_) | Audience::Nobody => {
                open.moves(&record.event);
                continue;
            }
            Audience::Rooms(rooms) => To::Rooms(rooms.to_vec()),
            Audience::Two(a, b) => To::Two(a, b),
            Audience::User(user) => To::User(user),
        };
        open.close();
        let run = open.begin(to, record, n);
        open.steps.push(Step::Run(run));
        open.moves(&record.event);
    }
    open.close();
    open.steps
}

impl Open {
    fn begin(&mut self, to: To, record: &Record, n: usize) -> Run {
        let messages = u32::from(matches!(record.event, Event::Message { .. }));
        self.runs += 1;
        Run { n: self.runs - 1, to, messages, last: record.position, records: n..n + 1 }
    }

    fn add(&mut self, room: RoomId, record: &Record, n: usize) {
        if self.run.as_ref().is_some_and(|(open, _)| *open != room) {
            self.close();
        }
        match &mut self.run {
            Some((_, run)) => {
                run.messages += u32::from(matches!(record.event, Event::Message { .. }));
                run.last = record.position;
                run.records.end = n + 1;
            }
            None => {
                let run = self.begin(To::Room(room), record, n);
                self.run = Some((room, run));
            }
        }
        self.bytes += FRAME + record.event.body().map_or(0, |body| body.as_str().len());
        if self.bytes >= RUN {
            self.close();
        }
    }

    fn close(&mut self) {
        self.bytes = 0;
        self.steps.extend(self.run.take().map(|(_, run)| Step::Run(run)));
    }

    /// Whoever comes in is told of it, as on reading on, on all their sessions.
    fn enters(&mut self, event: &Event) {
        if let Event::Fact(Fact::Joined { at, user, .. }) = event {
            self.close();
            self.steps.push(Step::Enter(at.room, *user));
        }
    }

    /// Who is where changes with some events, in order: what follows a leave is not given to who left.
    fn moves(&mut self, event: &Event) {
        let step = match event {
            Event::Fact(Fact::Left { at, user, .. }) => Step::Exit(at.room, *user),
            Event::Fact(Fact::RoomDeleted { at, .. }) => Step::End(at.room),
            _ => return,
        };
        self.close();
        self.steps.push(step);
    }
}

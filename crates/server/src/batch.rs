//! What the engine publishes: durable events and the answers that are not events, encoded once per wire format.

mod encode;

use crate::people::People;
use crate::session::Frames;
use chatroom_model::{ClientId, Deed, Doer, Position, Record, Refusal, Request, RoomId, SessionId, UserId};
use chatroom_store::Durable;
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::known::Person;
use chatroom_wire::irc::render::{self as irc, View};
use chatroom_wire::json;
use chatroom_wire::line::render as line;
use encode::Lines;
pub(crate) use encode::{Encoded, Framing, Given, Run, Step, To};
use std::sync::{Arc, Mutex, OnceLock};

/// One committed batch. There is no way to make one of events that are not durable.
#[derive(Debug)]
pub struct Batch {
    records: Durable<Vec<Record>>,
    /// The answers that are not events.
    pub answers: Vec<Answer>,
    /// Where the sessions that opened in it belong.
    pub homes: Vec<Home>,
    /// The last position that was decided.
    pub last: Position,
    /// How many requests have been decided here, this batch's among them.
    pub decided: u64,
    steps: OnceLock<Arc<[Step]>>,
    line: OnceLock<Encoded>,
    frames: OnceLock<Encoded>,
    events: OnceLock<Encoded>,
    // Protects the bytes made for IRC clients so far, by what they understand; held while one more is made.
    irc: Mutex<Vec<(Caps, Encoded)>>,
}

/// Where a session belongs when it opens.
#[derive(Debug)]
pub struct Home {
    /// Which.
    pub session: SessionId,
    /// Whose.
    pub user: UserId,
    /// Where it opened.
    pub at: Position,
    /// How programs know its user, where there is something to know.
    pub person: Option<Arc<Person>>,
    /// The rooms its user is in.
    pub rooms: Vec<RoomId>,
    /// Those of whom its user wants to hear nothing.
    pub ignores: Vec<UserId>,
}

/// What one session is told, and nobody else.
#[derive(Debug)]
pub struct Answer {
    /// Who asked.
    pub to: Asker,
    /// Where it was decided.
    pub at: Position,
    /// The id it gave its request.
    pub client_id: Option<ClientId>,
    /// Whether it asked to come in or to leave, rather than to say something.
    pub door: bool,
    /// Whether it asked for something else than that something be said.
    pub deed: bool,
    /// The answer.
    pub what: What,
}

/// Who is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// A client.
    Session(SessionId),
    /// Whoever made the call of this number.
    Call(u64),
}

/// An answer that is not an event.
#[derive(Debug)]
pub enum What {
    /// No: it did not happen.
    Refused(Refusal),
    /// It stands there already: the event as it was stored.
    Again(Box<Durable<Record>>),
    /// It was said, and stands there.
    Said(Box<Said>),
    /// It is done and stored; whether the asker is shown nothing of it otherwise.
    Done {
        /// Nothing else tells of it.
        quiet: bool,
    },
    /// It did not happen, because the server could not store it.
    NotStored(String),
    /// Whether it happened is not known; the same id may be sent again.
    NotConfirmed(String),
}

/// Something that was said by who may hear of it nowhere else.
#[derive(Debug)]
pub struct Said {
    /// The message.
    pub record: Durable<Record>,
    /// What is known of its author.
    pub author: Person,
    /// Whether they run the server.
    pub operator: bool,
}

impl Batch {
    /// Events that are durable, and the answers beside them.
    #[must_use]
    pub fn new(
        records: Durable<Vec<Record>>,
        answers: Vec<Answer>,
        homes: Vec<Home>,
        last: Position,
    ) -> Self {
        let (steps, line, irc) = (OnceLock::new(), OnceLock::new(), Mutex::default());
        let (frames, events) = (OnceLock::new(), OnceLock::new());
        Self { records, answers, homes, last, decided: 0, steps, line, frames, events, irc }
    }

    /// The events.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// What is to be done for the events, in order; found by whoever asks first.
    pub(crate) fn steps(&self) -> &Arc<[Step]> {
        self.steps.get_or_init(|| encode::steps(&self.records).into())
    }

    /// The runs as lines of the line protocol, made by whoever asks first.
    pub(crate) fn line(&self) -> &Encoded {
        self.line.get_or_init(|| encode::encode(&self.records, self.steps(), &Lines, line::event))
    }

    /// The runs as lines for IRC clients that understand so much; what looks different to each of them is left out.
    pub(crate) fn irc(&self, server: &str, caps: Caps, known: &People) -> Encoded {
        let mut made = self.irc.lock().expect("nobody panics while an event is made a line");
        if let Some((_, encoded)) = made.iter().find(|(other, _)| *other == caps) {
            return encoded.clone();
        }
        let view = View { server, caps, known, viewer: None, tag: "" };
        let encoded = encode::encode(&self.records, self.steps(), &Lines, |out, record, _| {
            if !irc::is_personal(&record.event) {
                irc::event(out, record, &view);
            }
        });
        made.push((caps, encoded.clone()));
        encoded
    }

    /// The runs as JSON, in one of the frames it is put into.
    pub(crate) fn json(&self, frames: Frames, known: &People) -> &Encoded {
        let place = match frames {
            Frames::WebSocket => &self.frames,
            Frames::Events => &self.events,
        };
        place.get_or_init(|| {
            encode::encode(&self.records, self.steps(), &frames, |out, record, viewer| {
                json::event(out, record, viewer, known);
            })
        })
    }
}

impl Asker {
    fn of(doer: Doer) -> Self {
        match doer {
            Doer::Session { session, .. } => Self::Session(session),
            Doer::Operator(call) | Doer::Key { call, .. } | Doer::Newcomer { call, .. } => Self::Call(call),
        }
    }
}

impl Answer {
    /// An answer to a request, unless a node asked it of itself.
    #[must_use]
    pub fn to(request: &Request, at: Position, what: What) -> Option<Self> {
        let (to, client_id, door) = match request {
            Request::Open { session, .. } | Request::Close { session, .. } => {
                (Asker::Session(*session), None, true)
            }
            Request::Say(said) => (Asker::of(said.doer), said.client_id, false),
            Request::Do { doer, deed } => {
                let id = if let Deed::Edit { client_id, .. } = &**deed { *client_id } else { None };
                (Asker::of(*doer), id, false)
            }
            Request::StartNode { .. } | Request::MarkSeen { .. } | Request::Import(_) | Request::Sweep => {
                return None;
            }
        };
        let deed = matches!(request, Request::Do { .. });
        Some(Self { to, at, client_id, door, deed, what })
    }
}

//! What the engine publishes: durable events and the answers that are not events, encoded once per wire format.

use bytes::{Bytes, BytesMut};
use chatroom_model::{
    Audience, ClientId, Event, Position, Record, Refusal, Request, SessionId, UserId, audience,
};
use chatroom_store::Durable;
use chatroom_wire::line::render;
use std::sync::{Arc, OnceLock};

/// Bytes after which a run of events is cut, so that a reader that falls behind can drop what it has not begun.
const RUN: usize = 64 * 1024;

/// One committed batch. There is no way to make one of events that are not durable.
#[derive(Debug)]
pub struct Batch {
    records: Durable<Vec<Record>>,
    /// The answers that are not events.
    pub answers: Vec<Answer>,
    /// The last position that was decided.
    pub last: Position,
    line: OnceLock<Arc<[Run]>>,
}

/// What one session is told, and nobody else.
#[derive(Debug)]
pub struct Answer {
    /// Who asked.
    pub session: SessionId,
    /// The id it gave its request.
    pub client_id: Option<ClientId>,
    /// Whether it asked to come in or to leave, rather than to say something.
    pub door: bool,
    /// The answer.
    pub what: What,
}

/// An answer that is not an event.
#[derive(Debug)]
pub enum What {
    /// No: it did not happen.
    Refused(Refusal),
    /// It stands there already: the event as it was stored.
    Again(Durable<Record>),
    /// It did not happen, because the server could not store it.
    NotStored(String),
    /// Whether it happened is not known; the same id may be sent again.
    NotConfirmed(String),
}

/// Events in a row that the same people may see, as the bytes to send them.
#[derive(Debug)]
pub struct Run {
    /// Who may see them.
    pub audience: Audience,
    /// For one of two people the bytes differ: this is the other's.
    pub author: Option<(UserId, Bytes)>,
    /// The bytes.
    pub bytes: Bytes,
    /// Messages among them.
    pub messages: u32,
    /// The position of the last.
    pub last: Position,
}

impl Batch {
    /// Events that are durable, and the answers beside them.
    #[must_use]
    pub fn new(records: Durable<Vec<Record>>, answers: Vec<Answer>, last: Position) -> Self {
        Self { records, answers, last, line: OnceLock::new() }
    }

    /// The events.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The events as lines of the line protocol, made by whoever asks first.
    pub fn line(&self) -> &Arc<[Run]> {
        self.line.get_or_init(|| encode(&self.records).into())
    }
}

impl Answer {
    /// An answer to a request, unless a node asked it of itself.
    #[must_use]
    pub fn to(request: &Request, what: What) -> Option<Self> {
        let (session, client_id, door) = match request {
            Request::Open { session, .. } | Request::Close { session, .. } => (*session, None, true),
            Request::Say { session, client_id, .. } | Request::Tell { session, client_id, .. } => {
                (*session, *client_id, false)
            }
            Request::StartNode { .. } | Request::MarkSeen { .. } | Request::Import(_) => return None,
        };
        Some(Self { session, client_id, door, what })
    }
}

fn encode(records: &[Record]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut buffer = BytesMut::new();
    let mut line = String::new();
    let mut open: Option<(u32, Position)> = None;
    for record in records {
        match audience(&record.event) {
            Audience::Everyone => {
                line.clear();
                render::event(&mut line, record, UserId(0));
                buffer.extend_from_slice(line.as_bytes());
                let said = u32::from(matches!(record.event, Event::Message { .. }));
                open = Some((open.map_or(0, |(n, _)| n) + said, record.position));
                if buffer.len() >= RUN {
                    close(&mut runs, &mut buffer, &mut open);
                }
            }
            two @ Audience::Two(author, other) => {
                close(&mut runs, &mut buffer, &mut open);
                let mut text = |viewer| {
                    line.clear();
                    render::event(&mut line, record, viewer);
                    Bytes::copy_from_slice(line.as_bytes())
                };
                runs.push(Run {
                    audience: two,
                    author: Some((author, text(author))),
                    bytes: text(other),
                    messages: 1,
                    last: record.position,
                });
            }
            Audience::Session(_) | Audience::Nobody => {}
        }
    }
    close(&mut runs, &mut buffer, &mut open);
    runs
}

fn close(runs: &mut Vec<Run>, buffer: &mut BytesMut, open: &mut Option<(u32, Position)>) {
    if let Some((messages, last)) = open.take() {
        let bytes = buffer.split().freeze();
        runs.push(Run { audience: Audience::Everyone, author: None, bytes, messages, last });
    }
}

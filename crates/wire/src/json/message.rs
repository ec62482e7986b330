//! A message, as programs are told of it: as it was written, or as it stands now.

use super::{Spans, User, some};
use crate::irc::known::Known;
use chatroom_model::{Body, ClientId, Event, How, Millis, Position, Record, RoomId, Seq, UserId};
use serde::Serialize;

/// What became of a message since it was written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Now<'a> {
    /// The words it was given last, where it was edited.
    pub edited: Option<&'a Body>,
    /// When it was given them, where that is known.
    pub edited_at: Option<Millis>,
    /// Reactions.
    pub reactions: &'a [Reaction<'a>],
}

/// A reaction, as often as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Reaction<'a> {
    /// Which.
    pub emoji: &'a str,
    /// How many gave it.
    pub count: u32,
    /// Whether the viewer is one of them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub mine: bool,
}

/// A message. It has no `Debug`: bodies never reach a log.
#[derive(Serialize)]
pub struct Message<'a> {
    room: RoomId,
    seq: Seq,
    position: Position,
    time: Millis,
    author: User<'a>,
    kind: Kind,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    spans: Option<Spans>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<Seq>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    edited: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<Millis>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    redacted: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    mentions: &'a [UserId],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    reactions: &'a [Reaction<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<ClientId>,
}

/// As what something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Said,
    Action,
    Notice,
    Imported,
}

impl<'a> Message<'a> {
    /// A message as it stands now; none where the event is no message.
    #[must_use]
    pub fn of(record: &'a Record, now: Now<'a>, known: &'a impl Known) -> Option<Self> {
        let (position, time) = (record.position, record.time);
        let (first, written) = match &record.event {
            Event::Message {
                room,
                seq,
                author,
                name,
                how,
                reply,
                mentions,
                client_id,
                body,
                session: _,
                to: _,
                label: _,
                tags: _,
                seen: _,
            } => {
                let kind = match how {
                    How::Said => Kind::Said,
                    How::Action => Kind::Action,
                    How::Notice => Kind::Notice,
                };
                let author = User::of(known, *author, name);
                let written =
                    Self { reply: *reply, mentions, client_id: *client_id, ..Self::new(*room, *seq, author) };
                (body, Self { position, time, kind, ..written })
            }
            Event::Imported { room, seq, author, at, body, id: _ } => {
                let author = User { id: Some(UserId(0)), ..User::named(author) };
                (body, Self { position, time: *at, kind: Kind::Imported, ..Self::new(*room, *seq, author) })
            }
            Event::NodeStarted { .. }
            | Event::GuestCreated { .. }
            | Event::GuestForgotten { .. }
            | Event::SessionOpened { .. }
            | Event::CameOnline { .. }
            | Event::SessionClosed { .. }
            | Event::WentOffline { .. }
            | Event::DirectCreated { .. }
            | Event::SeenMarked { .. }
            | Event::Fact(_) => return None,
        };
        // What is gone is gone with its later words and with whom it called.
        if first.is_redacted() {
            return Some(Self { redacted: true, mentions: &[], ..written });
        }
        let edited = now.edited.filter(|body| !body.is_redacted());
        let text = edited.unwrap_or(first).as_str();
        Some(Self {
            text,
            spans: Spans::of(text),
            edited: edited.is_some(),
            edited_at: edited.and(now.edited_at),
            reactions: now.reactions,
            ..written
        })
    }

    fn new(room: RoomId, seq: Seq, author: User<'a>) -> Self {
        Self {
            room,
            seq,
            position: Position(0),
            time: Millis(0),
            author,
            kind: Kind::Said,
            text: "",
            spans: None,
            reply: None,
            edited: false,
            edited_at: None,
            redacted: false,
            mentions: &[],
            reactions: &[],
            client_id: None,
        }
    }
}

/// What a text is on its own, where it replaces another.
#[derive(Serialize)]
pub(super) struct Words<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    spans: Option<Spans>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    redacted: bool,
}

impl<'a> Words<'a> {
    pub(super) fn of(body: &'a Body) -> Self {
        Self {
            text: body.as_str(),
            spans: some(body.as_str()).and_then(Spans::of),
            redacted: body.is_redacted(),
        }
    }
}

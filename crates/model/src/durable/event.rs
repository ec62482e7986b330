//! Events as they are kept: JSON without the body, which has a place of its own so that it can be redacted.

use super::Unreadable;
use crate::{
    Body, ClientId, CloseReason, Event, Incarnation, Millis, Name, NodeId, Position, Recipient, RoomId, Seq,
    SessionId, TokenHash, UserId,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// An event's durable form.
#[derive(Clone, Debug)]
pub struct EventForm {
    /// What happened, as one word.
    pub kind: &'static str,
    /// JSON, without the body.
    pub data: String,
    /// The body.
    pub body: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum V1<'a> {
    NodeStarted {
        v: u16,
        node: NodeId,
        incarnation: Incarnation,
    },
    GuestCreated {
        v: u16,
        user: UserId,
        #[serde(borrow)]
        name: Cow<'a, str>,
        token: Cow<'a, str>,
    },
    GuestForgotten {
        v: u16,
        user: UserId,
    },
    SessionOpened {
        v: u16,
        session: SessionId,
        user: UserId,
        #[serde(borrow)]
        name: Cow<'a, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        resume: Option<Position>,
    },
    Online {
        v: u16,
        user: UserId,
        #[serde(borrow)]
        name: Cow<'a, str>,
        told: bool,
    },
    SessionClosed {
        v: u16,
        session: SessionId,
        user: UserId,
        reason: Reason,
        seen: Position,
    },
    Offline {
        v: u16,
        user: UserId,
        #[serde(borrow)]
        name: Cow<'a, str>,
        told: bool,
    },
    DirectCreated {
        v: u16,
        room: RoomId,
        from: UserId,
        to: UserId,
    },
    Message {
        v: u16,
        room: RoomId,
        seq: Seq,
        session: SessionId,
        author: UserId,
        #[serde(borrow)]
        name: Cow<'a, str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<UserId>,
        #[serde(skip_serializing_if = "Option::is_none")]
        to_name: Option<Cow<'a, str>>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        away: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
        seen: Position,
    },
    SeenMarked {
        v: u16,
        incarnation: Incarnation,
        upto: Position,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        except: Vec<SessionId>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        caught_up: Vec<SessionId>,
    },
    Imported {
        v: u16,
        room: RoomId,
        seq: Seq,
        #[serde(borrow)]
        author: Cow<'a, str>,
        at: Millis,
        id: ClientId,
    },
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reason {
    Quit,
    Lost,
    Superseded,
    Stalled,
    Server,
}

impl From<CloseReason> for Reason {
    fn from(reason: CloseReason) -> Self {
        match reason {
            CloseReason::Quit => Self::Quit,
            CloseReason::Lost => Self::Lost,
            CloseReason::Superseded => Self::Superseded,
            CloseReason::Stalled => Self::Stalled,
            CloseReason::Server => Self::Server,
        }
    }
}

impl From<Reason> for CloseReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Quit => Self::Quit,
            Reason::Lost => Self::Lost,
            Reason::Superseded => Self::Superseded,
            Reason::Stalled => Self::Stalled,
            Reason::Server => Self::Server,
        }
    }
}

/// Turns an event into its durable form.
#[must_use]
pub fn write_event(event: &Event) -> EventForm {
    let v = 1;
    let text = |name: &Name| -> Cow<'static, str> { Cow::Owned(name.as_str().to_owned()) };
    let (kind, form, body) = match event {
        Event::NodeStarted { node, incarnation } => {
            ("node_started", V1::NodeStarted { v, node: *node, incarnation: *incarnation }, None)
        }
        Event::GuestCreated { user, name, token } => (
            "guest_created",
            V1::GuestCreated { v, user: *user, name: text(name), token: hex(&token.0).into() },
            None,
        ),
        Event::GuestForgotten { user } => ("guest_forgotten", V1::GuestForgotten { v, user: *user }, None),
        Event::SessionOpened { session, user, name, resume } => (
            "session_opened",
            V1::SessionOpened { v, session: *session, user: *user, name: text(name), resume: *resume },
            None,
        ),
        Event::CameOnline { user, name, told } => {
            ("online", V1::Online { v, user: *user, name: text(name), told: *told }, None)
        }
        Event::SessionClosed { session, user, reason, seen } => (
            "session_closed",
            V1::SessionClosed { v, session: *session, user: *user, reason: (*reason).into(), seen: *seen },
            None,
        ),
        Event::WentOffline { user, name, told } => {
            ("offline", V1::Offline { v, user: *user, name: text(name), told: *told }, None)
        }
        Event::DirectCreated { room, from, to } => {
            ("direct_created", V1::DirectCreated { v, room: *room, from: *from, to: *to }, None)
        }
        Event::Message { room, seq, session, author, name, to, client_id, seen, body } => (
            "message",
            V1::Message {
                v,
                room: *room,
                seq: *seq,
                session: *session,
                author: *author,
                name: Cow::Borrowed(name.as_str()),
                to: to.as_ref().map(|to| to.user),
                to_name: to.as_ref().map(|to| text(&to.name)),
                away: to.as_ref().is_some_and(|to| to.away),
                client_id: *client_id,
                seen: *seen,
            },
            Some(body),
        ),
        Event::SeenMarked { incarnation, upto, except, caught_up } => (
            "seen_marked",
            V1::SeenMarked {
                v,
                incarnation: *incarnation,
                upto: *upto,
                except: except.clone(),
                caught_up: caught_up.clone(),
            },
            None,
        ),
        Event::Imported { room, seq, author, at, id, body } => (
            "imported",
            V1::Imported { v, room: *room, seq: *seq, author: author.as_str().into(), at: *at, id: *id },
            Some(body),
        ),
    };
    EventForm {
        kind,
        data: serde_json::to_string(&form).expect("plain data always has a JSON form"),
        body: body.map(|body| body.as_str().to_owned()),
    }
}

/// Reads an event back.
pub fn read_event(data: &str, body: Option<&str>) -> Result<Event, Unreadable> {
    let form: V1<'_> = match serde_json::from_str(data) {
        Ok(form) => form,
        Err(e) => return Err(newer(data).unwrap_or(Unreadable::Damaged(e))),
    };
    let body = || {
        let text = body.ok_or_else(|| Unreadable::value("the body is missing"))?;
        Body::parse(text).map_err(Unreadable::value)
    };
    Ok(match form {
        V1::NodeStarted { node, incarnation, .. } => Event::NodeStarted { node, incarnation },
        V1::GuestCreated { user, name, token, .. } => {
            Event::GuestCreated { user, name: Name::kept(&name), token: TokenHash(unhex(&token)?) }
        }
        V1::GuestForgotten { user, .. } => Event::GuestForgotten { user },
        V1::SessionOpened { session, user, name, resume, .. } => {
            Event::SessionOpened { session, user, name: Name::kept(&name), resume }
        }
        V1::Online { user, name, told, .. } => Event::CameOnline { user, name: Name::kept(&name), told },
        V1::SessionClosed { session, user, reason, seen, .. } => {
            Event::SessionClosed { session, user, reason: reason.into(), seen }
        }
        V1::Offline { user, name, told, .. } => Event::WentOffline { user, name: Name::kept(&name), told },
        V1::DirectCreated { room, from, to, .. } => Event::DirectCreated { room, from, to },
        V1::Message { room, seq, session, author, name, to, to_name, away, client_id, seen, .. } => {
            Event::Message {
                room,
                seq,
                session,
                author,
                name: Name::kept(&name),
                to: match (to, to_name) {
                    (Some(user), Some(name)) => Some(Recipient { user, name: Name::kept(&name), away }),
                    (None, None) => None,
                    _ => return Err(Unreadable::value("half a recipient")),
                },
                client_id,
                seen,
                body: body()?,
            }
        }
        V1::SeenMarked { incarnation, upto, except, caught_up, .. } => {
            Event::SeenMarked { incarnation, upto, except, caught_up }
        }
        V1::Imported { room, seq, author, at, id, .. } => {
            Event::Imported { room, seq, author: (&*author).into(), at, id, body: body()? }
        }
    })
}

/// Whether what could not be read is simply later than this build.
pub(super) fn newer(data: &str) -> Option<Unreadable> {
    #[derive(Deserialize)]
    struct Version {
        v: u16,
    }
    let version: Version = serde_json::from_str(data).ok()?;
    (version.v > 1).then_some(Unreadable::Newer(version.v))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

pub(super) fn unhex<const N: usize>(text: &str) -> Result<[u8; N], Unreadable> {
    let mut out = [0; N];
    if text.len() != 2 * N || !text.is_ascii() {
        return Err(Unreadable::value("a hash of the wrong length"));
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).map_err(Unreadable::value)?;
        *byte = u8::from_str_radix(pair, 16).map_err(Unreadable::value)?;
    }
    Ok(out)
}

//! Events as they are kept: JSON without the body, which has a place of its own so that it can be redacted.

use super::Unreadable;
use super::version::{LATEST, told, version};
use crate::{
    Body, ClientId, CloseReason, Event, Fact, How, Ident, Incarnation, LOBBY, Millis, Name, NodeId, Position,
    Recipient, RoomId, Seq, SessionId, Tags, TokenHash, UserId,
};
use compact_str::CompactString;
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
enum Form<'a> {
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
        #[serde(default, skip_serializing_if = "Option::is_none")]
        visitor: Option<Box<Ident>>,
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
        #[serde(default, skip_serializing_if = "Option::is_none")]
        told: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rooms: Option<Vec<RoomId>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead: Option<UserId>,
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
        #[serde(default, skip_serializing_if = "Option::is_none")]
        told: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rooms: Option<Vec<RoomId>>,
        #[serde(default, skip_serializing_if = "CompactString::is_empty")]
        why: CompactString,
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
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<Cow<'a, str>>,
        #[serde(default, skip_serializing_if = "is_said")]
        how: How,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply: Option<Seq>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<UserId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tags: Option<Cow<'a, str>>,
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
    Banned,
    Password,
    Killed,
    Revoked,
}

fn is_said(how: &How) -> bool {
    *how == How::Said
}

impl From<CloseReason> for Reason {
    fn from(reason: CloseReason) -> Self {
        match reason {
            CloseReason::Quit => Self::Quit,
            CloseReason::Lost => Self::Lost,
            CloseReason::Superseded => Self::Superseded,
            CloseReason::Stalled => Self::Stalled,
            CloseReason::Server => Self::Server,
            CloseReason::Banned => Self::Banned,
            CloseReason::Password => Self::Password,
            CloseReason::Killed => Self::Killed,
            CloseReason::Revoked => Self::Revoked,
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
            Reason::Banned => Self::Banned,
            Reason::Password => Self::Password,
            Reason::Killed => Self::Killed,
            Reason::Revoked => Self::Revoked,
        }
    }
}

/// Turns an event into its durable form.
#[must_use]
pub fn write_event(event: &Event) -> EventForm {
    let v = version(event);
    if let Event::Fact(fact) = event {
        return write_fact(v, fact);
    }
    let text = |name: &Name| -> Cow<'static, str> { Cow::Owned(name.as_str().to_owned()) };
    let (kind, form, body) = match event {
        Event::NodeStarted { node, incarnation } => {
            ("node_started", Form::NodeStarted { v, node: *node, incarnation: *incarnation }, None)
        }
        Event::GuestCreated { user, name, token, visitor } => (
            "guest_created",
            Form::GuestCreated {
                v,
                user: *user,
                name: text(name),
                token: hex(&token.0).into(),
                visitor: visitor.clone(),
            },
            None,
        ),
        Event::GuestForgotten { user } => ("guest_forgotten", Form::GuestForgotten { v, user: *user }, None),
        Event::SessionOpened { session, user, name, resume } => (
            "session_opened",
            Form::SessionOpened { v, session: *session, user: *user, name: text(name), resume: *resume },
            None,
        ),
        Event::CameOnline { user, name, rooms, instead } => (
            "online",
            Form::Online {
                v,
                user: *user,
                name: text(name),
                told: told(rooms),
                rooms: given(rooms),
                instead: *instead,
            },
            None,
        ),
        Event::SessionClosed { session, user, reason, seen } => (
            "session_closed",
            Form::SessionClosed { v, session: *session, user: *user, reason: (*reason).into(), seen: *seen },
            None,
        ),
        Event::WentOffline { user, name, rooms, why } => (
            "offline",
            Form::Offline {
                v,
                user: *user,
                name: text(name),
                told: told(rooms),
                rooms: given(rooms),
                why: why.clone(),
            },
            None,
        ),
        Event::DirectCreated { room, from, to } => {
            ("direct_created", Form::DirectCreated { v, room: *room, from: *from, to: *to }, None)
        }
        Event::Message {
            room,
            seq,
            session,
            author,
            name,
            to,
            label,
            how,
            reply,
            mentions,
            client_id,
            tags,
            seen,
            body,
        } => (
            "message",
            Form::Message {
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
                label: label.as_deref().map(Cow::Borrowed),
                how: *how,
                reply: *reply,
                mentions: mentions.clone(),
                tags: (!tags.is_empty()).then(|| Cow::Borrowed(tags.as_str())),
            },
            Some(body),
        ),
        Event::SeenMarked { incarnation, upto, except, caught_up } => (
            "seen_marked",
            Form::SeenMarked {
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
            Form::Imported { v, room: *room, seq: *seq, author: author.as_str().into(), at: *at, id: *id },
            Some(body),
        ),
        Event::Fact(_) => unreachable!("a fact has been written above"),
    };
    EventForm {
        kind,
        data: serde_json::to_string(&form).expect("plain data always has a JSON form"),
        body: body.filter(|body| !body.is_redacted()).map(|body| body.as_str().to_owned()),
    }
}

/// Reads an event back.
pub fn read_event(data: &str, body: Option<&str>) -> Result<Event, Unreadable> {
    let form: Form<'_> = match serde_json::from_str(data) {
        Ok(form) => form,
        Err(e) => {
            return read_fact(data, body)
                .unwrap_or_else(|| Err(newer(data).unwrap_or(Unreadable::Damaged(e))));
        }
    };
    let body = || match body {
        Some(text) => Body::parse(text).map_err(Unreadable::value),
        None => Ok(Body::redacted()),
    };
    Ok(match form {
        Form::NodeStarted { node, incarnation, .. } => Event::NodeStarted { node, incarnation },
        Form::GuestCreated { user, name, token, visitor, .. } => {
            Event::GuestCreated { user, name: Name::kept(&name), token: TokenHash(unhex(&token)?), visitor }
        }
        Form::GuestForgotten { user, .. } => Event::GuestForgotten { user },
        Form::SessionOpened { session, user, name, resume, .. } => {
            Event::SessionOpened { session, user, name: Name::kept(&name), resume }
        }
        Form::Online { user, name, told, rooms, instead, .. } => {
            Event::CameOnline { user, name: Name::kept(&name), rooms: heard(told, rooms), instead }
        }
        Form::SessionClosed { session, user, reason, seen, .. } => {
            Event::SessionClosed { session, user, reason: reason.into(), seen }
        }
        Form::Offline { user, name, told, rooms, why, .. } => {
            Event::WentOffline { user, name: Name::kept(&name), rooms: heard(told, rooms), why }
        }
        Form::DirectCreated { room, from, to, .. } => Event::DirectCreated { room, from, to },
        Form::Message {
            room,
            seq,
            session,
            author,
            name,
            to,
            to_name,
            away,
            client_id,
            seen,
            label,
            how,
            reply,
            mentions,
            tags,
            ..
        } => Event::Message {
            room,
            seq,
            session,
            author,
            name: Name::kept(&name),
            to: match (to, to_name) {
                (Some(user), Some(name)) => Some(Recipient { user, name: Name::kept(&name), away }.into()),
                (None, None) => None,
                _ => return Err(Unreadable::value("half a recipient")),
            },
            label: label.map(|label| (&*label).into()),
            how,
            reply,
            mentions,
            client_id,
            tags: Tags::parse(tags.as_deref().unwrap_or_default())
                .ok_or_else(|| Unreadable::value("tags that are none"))?,
            seen,
            body: body()?,
        },
        Form::SeenMarked { incarnation, upto, except, caught_up, .. } => {
            Event::SeenMarked { incarnation, upto, except, caught_up }
        }
        Form::Imported { room, seq, author, at, id, .. } => {
            Event::Imported { room, seq, author: (&*author).into(), at, id, body: body()? }
        }
    })
}

fn given(rooms: &[RoomId]) -> Option<Vec<RoomId>> {
    told(rooms).is_none().then(|| rooms.to_vec())
}

fn heard(told: Option<bool>, rooms: Option<Vec<RoomId>>) -> Vec<RoomId> {
    rooms.unwrap_or_else(|| if told == Some(true) { vec![LOBBY] } else { Vec::new() })
}

/// A fact is kept as it is, with its version before it.
fn write_fact(v: u16, fact: &Fact) -> EventForm {
    let json = serde_json::to_string(fact).expect("plain data always has a JSON form");
    let rest = json.strip_prefix('{').expect("a fact is an object");
    let body = fact.body().filter(|body| !body.is_redacted()).map(|body| body.as_str().to_owned());
    EventForm { kind: fact.word(), data: format!("{{\"v\":{v},{rest}"), body }
}

/// Reads a fact; nothing when it is none of the forms facts have.
fn read_fact(data: &str, text: Option<&str>) -> Option<Result<Event, Unreadable>> {
    #[derive(Deserialize)]
    struct Version {
        v: u16,
    }
    let version: Version = serde_json::from_str(data).ok()?;
    if !(2..=LATEST).contains(&version.v) {
        return None;
    }
    let mut fact: Fact = match serde_json::from_str(data) {
        Ok(fact) => fact,
        Err(error) => return Some(Err(error.into())),
    };
    if let (Fact::Edited { body, .. }, Some(text)) = (&mut fact, text) {
        match Body::parse(text) {
            Ok(read) => *body = read,
            Err(error) => return Some(Err(Unreadable::value(error))),
        }
    }
    Some(Ok(Event::Fact(fact)))
}

/// Whether what could not be read is simply later than this build.
pub(super) fn newer(data: &str) -> Option<Unreadable> {
    #[derive(Deserialize)]
    struct Version {
        v: u16,
    }
    let version: Version = serde_json::from_str(data).ok()?;
    (version.v > LATEST).then_some(Unreadable::Newer(version.v))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.map(|digit| char::from_digit(digit.into(), 16).expect("half a byte is a digit")).collect()
}

pub(crate) fn unhex<const N: usize>(text: &str) -> Result<[u8; N], Unreadable> {
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

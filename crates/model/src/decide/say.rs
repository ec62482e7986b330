//! What is said: to the room, to one person, and what another program's history says. Knows nothing of sockets.

use super::Past;
use crate::{
    Body, ClientId, Event, Import, LOBBY, Millis, Name, Position, Recipient, Refusal, RoomId, Seq, SessionId,
    State, TOKEN_HOLD, User, UserId,
};

pub(super) fn say(
    state: &State,
    past: &impl Past,
    session: SessionId,
    body: &Body,
    client_id: Option<ClientId>,
    seen: Position,
) -> Result<Vec<Event>, Refusal> {
    let (author, user) = speaker(state, past, session, client_id)?;
    Ok(vec![Event::Message {
        room: LOBBY,
        seq: next_seq(state, LOBBY),
        session,
        author,
        name: user.name.clone(),
        to: None,
        client_id,
        seen,
        body: body.clone(),
    }])
}

#[expect(clippy::too_many_arguments, reason = "they are the fields of one request")]
pub(super) fn tell(
    state: &State,
    past: &impl Past,
    now: Millis,
    session: SessionId,
    to: &Name,
    body: &Body,
    client_id: Option<ClientId>,
    seen: Position,
) -> Result<Vec<Event>, Refusal> {
    let (author, user) = speaker(state, past, session, client_id)?;
    let Some((other, whom)) = state.holder(to) else { return Err(Refusal::NoSuchUser(to.clone())) };
    let away = whom.sessions.is_empty();
    if away && whom.last_seen.plus(TOKEN_HOLD) <= now {
        return Err(Refusal::NoSuchUser(to.clone()));
    }
    if other == author {
        return Err(Refusal::Yourself);
    }
    let mut events = Vec::with_capacity(2);
    let (room, seq) = match state.direct(author, other) {
        Some(room) => (room, next_seq(state, room)),
        None => {
            let room = state.next_room;
            events.push(Event::DirectCreated { room, from: author, to: other });
            (room, Seq(1))
        }
    };
    events.push(Event::Message {
        room,
        seq,
        session,
        author,
        name: user.name.clone(),
        to: Some(Recipient { user: other, name: whom.name.clone(), away }),
        client_id,
        seen,
        body: body.clone(),
    });
    Ok(events)
}

pub(super) fn import(state: &State, past: &impl Past, line: &Import) -> Result<Vec<Event>, Refusal> {
    if let Some(said) = past.said(UserId(0), line.id) {
        return Err(Refusal::AlreadyStored(said.position));
    }
    Ok(vec![Event::Imported {
        room: LOBBY,
        seq: next_seq(state, LOBBY),
        author: line.author.clone(),
        at: line.at,
        id: line.id,
        body: line.body.clone(),
    }])
}

fn speaker<'a>(
    state: &'a State,
    past: &impl Past,
    session: SessionId,
    client_id: Option<ClientId>,
) -> Result<(UserId, &'a User), Refusal> {
    let author = state.session(session).ok_or(Refusal::NoSession)?.user;
    if let Some(said) = client_id.and_then(|id| past.said(author, id)) {
        return Err(Refusal::AlreadyStored(said.position));
    }
    Ok((author, state.user(author).expect("a session has its user")))
}

fn next_seq(state: &State, room: RoomId) -> Seq {
    Seq(state.room(room).expect("the room was looked up").last.0 + 1)
}

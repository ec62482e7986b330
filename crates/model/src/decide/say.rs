//! What is said: to a room, to one person, and what another program's history says. Knows nothing of sockets.

use super::Past;
use super::actor::Actor;
use crate::place::Where;
use crate::{
    Act, Alias, Body, Event, Import, LOBBY, Millis, Name, Object, Recipient, Refusal, Role, Room, RoomId,
    Say, Scopes, Seq, State, TOKEN_HOLD, UserId, can,
};

pub(super) fn say(
    state: &State,
    past: &impl Past,
    (now, rules): (Millis, u16),
    said: &Say,
) -> Result<Vec<Event>, Refusal> {
    let mut actor = Actor::new(state, now, said.doer)?;
    actor.rules = rules;
    actor.scoped(Scopes::WRITE)?;
    let (author, user) = actor.person()?;
    if let Some(before) = said.client_id.and_then(|id| past.said(author, id)) {
        return Err(Refusal::AlreadyStored(before.position));
    }
    let alias = said.called.as_deref();
    if let Where::With(name) = &said.room {
        if actor.only.is_some() {
            return Err(Refusal::KeyScope);
        }
        if alias.is_some() {
            return Err(Refusal::NotAllowed);
        }
        return tell(&actor, past, name, said);
    }
    let scene = actor.enter(&said.room, Act::Speak)?;
    if actor.only.is_some_and(|only| only != scene.id) {
        return Err(Refusal::KeyScope);
    }
    if alias.is_some() {
        can(scene.standing, Act::Relay, &scene.object)?;
    }
    if let Some((a, b)) = scene.room.direct.filter(|_| alias.is_none()) {
        let other = state.user(if a == author { b } else { a }).ok_or(Refusal::NoSuchRoom)?;
        return tell(&actor, past, &other.name.clone(), said);
    }
    slow(scene.room, author, now)?;
    if said.reply.is_some() {
        can(scene.standing, Act::Read, &scene.object)?;
    }
    answers(past, scene.id, scene.room, said.reply)?;
    let mentions =
        mentions(state, scene.room, &said.body, &|| can(scene.standing, Act::CallAll, &scene.object).is_ok());
    Ok(vec![Event::Message {
        room: scene.id,
        seq: Seq(scene.room.last.0 + 1),
        session: actor.session,
        author,
        name: alias.map_or_else(|| user.name.clone(), Alias::name),
        to: None,
        label: scene.room.label.clone(),
        how: said.how,
        reply: said.reply,
        mentions,
        client_id: said.client_id,
        tags: said.tags.clone(),
        seen: said.seen,
        body: said.body.clone(),
    }])
}

fn slow(room: &Room, author: UserId, now: Millis) -> Result<(), Refusal> {
    let Some(member) =
        room.members.get(&author).filter(|member| room.slow > 0 && member.role == Role::Member)
    else {
        return Ok(());
    };
    let next = member.spoke.plus(i64::from(room.slow) * 1000);
    if member.spoke.0 > 0 && now < next {
        Err(Refusal::Slow { wait: Millis(next.0 - now.0) })
    } else {
        Ok(())
    }
}

/// An answer is to a message that stands there and may be seen.
fn answers(past: &impl Past, id: RoomId, room: &Room, reply: Option<Seq>) -> Result<(), Refusal> {
    let Some(seq) = reply else { return Ok(()) };
    let written = past.written(id, seq).ok_or(Refusal::NoSuchMessage)?;
    if room.hides(written.author, seq, written.time) { Err(Refusal::NoSuchMessage) } else { Ok(()) }
}

/// The members a text names; user 0 stands for all of them.
fn mentions(state: &State, room: &Room, body: &Body, may_call_all: &dyn Fn() -> bool) -> Vec<UserId> {
    if !body.as_str().contains('@') {
        return Vec::new();
    }
    let found = crate::mentions(body.as_str());
    let named = found.keys.iter().filter_map(|key| state.holder_of(key));
    let mut users: Vec<_> = named.filter(|id| room.members.contains_key(id)).collect();
    users.sort_unstable();
    users.dedup();
    if found.room && may_call_all() {
        users.insert(0, UserId(0));
    }
    users
}

fn tell(actor: &Actor<'_>, past: &impl Past, to: &Name, said: &Say) -> Result<Vec<Event>, Refusal> {
    let (state, now) = (actor.state, actor.now);
    let (author, user) = actor.person()?;
    let Some((other, whom)) = state.holder(to) else { return Err(Refusal::NoSuchUser(to.clone())) };
    let away = whom.sessions.is_empty();
    if away && whom.account.is_none() && whom.last_seen.plus(TOKEN_HOLD) <= now {
        return Err(Refusal::NoSuchUser(to.clone()));
    }
    // A note to oneself.
    if other == author && actor.rules < 3 {
        return Err(Refusal::Yourself);
    }
    let mut events = Vec::with_capacity(2);
    let (room, seq) = match state.direct(author, other) {
        Some(room) => {
            let direct = state.room(room).expect("the room was looked up");
            answers(past, room, direct, said.reply)?;
            (room, Seq(direct.last.0 + 1))
        }
        None if said.reply.is_some() => return Err(Refusal::NoSuchMessage),
        // Whoever they wrote to may answer.
        None if user.account.is_none() && whom.ident.as_ref().is_some_and(|ident| ident.is('R')) => {
            return Err(Refusal::OnlyRegistered);
        }
        None => {
            let room = state.next_room;
            events.push(Event::DirectCreated { room, from: author, to: other });
            (room, Seq(1))
        }
    };
    events.push(Event::Message {
        room,
        seq,
        session: actor.session,
        author,
        name: user.name.clone(),
        to: Some(Recipient { user: other, name: whom.name.clone(), away }.into()),
        label: None,
        how: said.how,
        reply: said.reply,
        mentions: Vec::new(),
        client_id: said.client_id,
        tags: said.tags.clone(),
        seen: said.seen,
        body: said.body.clone(),
    });
    Ok(events)
}

pub(super) fn import(state: &State, past: &impl Past, line: &Import) -> Result<Vec<Event>, Refusal> {
    if let Some(said) = past.said(UserId(0), line.id) {
        return Err(Refusal::AlreadyStored(said.position));
    }
    let lobby = state.room(LOBBY).expect("the lobby is there from the start");
    Ok(vec![Event::Imported {
        room: LOBBY,
        seq: Seq(lobby.last.0 + 1),
        author: line.author.clone(),
        at: line.at,
        id: line.id,
        body: line.body.clone(),
    }])
}

/// What a message is to the table: whose it is.
pub(super) fn owned(object: Object, own: bool) -> Object {
    Object { own, ..object }
}

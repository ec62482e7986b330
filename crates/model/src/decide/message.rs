//! What becomes of what was said: edits, redactions, reactions, pins, what is read, purges. Asks the past for one row.

use super::Past;
use super::actor::{Actor, Scene};
use super::say::owned;
use crate::place::{PINS_MAX, REACTION_BYTES, REACTIONS_MAX, Where};
use crate::{Act, Body, ClientId, Event, Fact, Marked, Marker, Millis, Name, Refusal, Seq, Written, can};

/// Purges of a room that may still be undone.
const PURGES_MAX: usize = 20;
/// The longest a purge may be undone: thirty days.
const UNDO_MAX: i64 = 30 * 24 * 60 * 60 * 1000;

/// A message that somebody may act upon.
fn find(
    actor: &Actor<'_>,
    past: &impl Past,
    scene: &Scene<'_>,
    act: Act,
    seq: Seq,
) -> Result<Written, Refusal> {
    // Whoever is outside learns nothing of what stands here.
    if let Err(no @ (Refusal::NoSuchRoom | Refusal::NotAMember)) =
        can(scene.standing, act, &owned(scene.object, true))
    {
        return Err(no);
    }
    let written = past.written(scene.id, seq).filter(|_| seq > scene.room.dropped);
    let written = written.ok_or(Refusal::NoSuchMessage)?;
    can(scene.standing, act, &owned(scene.object, written.author == actor.by.user))?;
    if written.redacted || scene.room.hides(written.author, seq, written.time) {
        return Err(Refusal::NoSuchMessage);
    }
    Ok(written)
}

pub(super) fn edit(
    actor: &Actor<'_>,
    past: &impl Past,
    room: &Where,
    seq: Seq,
    body: &str,
    client_id: Option<ClientId>,
) -> Result<Vec<Event>, Refusal> {
    let (author, user) = actor.person()?;
    if let Some(said) = client_id.and_then(|id| past.said(author, id)) {
        return Err(Refusal::AlreadyStored(said.position));
    }
    let scene = actor.find(room)?;
    find(actor, past, &scene, Act::Edit, seq)?;
    Ok(vec![Event::Fact(Fact::Edited {
        at: actor.at(scene.id),
        seq,
        author,
        name: user.name.clone(),
        session: actor.session,
        client_id,
        body: Body::parse(body).map_err(|_| Refusal::NotAllowed)?,
    })])
}

pub(super) fn redact(
    actor: &Actor<'_>,
    past: &impl Past,
    room: &Where,
    seq: Seq,
    reason: &str,
) -> Result<Vec<Event>, Refusal> {
    let scene = actor.find(room)?;
    let written = find(actor, past, &scene, Act::Redact, seq)?;
    let (by, reason) = (actor.by.clone(), super::room::said(reason)?);
    let at = actor.at(scene.id);
    Ok(vec![Event::Fact(Fact::Redacted { at, seq, author: written.author, by, reason })])
}

pub(super) fn react(
    actor: &Actor<'_>,
    past: &impl Past,
    room: &Where,
    seq: Seq,
    emoji: &str,
    on: bool,
) -> Result<Vec<Event>, Refusal> {
    let (user, who) = actor.person()?;
    let scene = actor.find(room)?;
    // Who only speaks into it has read nothing there.
    can(scene.standing, Act::Read, &scene.object)?;
    find(actor, past, &scene, Act::Speak, seq)?;
    if emoji.is_empty() || emoji.len() > REACTION_BYTES || emoji.chars().any(|c| c.is_control() || c == ' ') {
        return Err(Refusal::NotAllowed);
    }
    if past.reacted(scene.id, seq, user, emoji) == on {
        return Err(Refusal::AlreadySo);
    }
    if on && past.reactions(scene.id, seq) >= REACTIONS_MAX {
        return Err(Refusal::TooMany("reactions to one message"));
    }
    let (at, name) = (actor.at(scene.id), who.name.clone());
    Ok(vec![Event::Fact(Fact::Reacted { at, seq, user, name, emoji: emoji.to_owned(), on })])
}

pub(super) fn pin(
    actor: &Actor<'_>,
    past: &impl Past,
    room: &Where,
    seq: Seq,
    on: bool,
) -> Result<Vec<Event>, Refusal> {
    let scene = actor.find(room)?;
    let up = scene.room.pins.contains(&seq);
    if up && !on {
        // It can be taken down also when what it says is hidden or gone.
        can(scene.standing, Act::Pin, &scene.object)?;
    } else {
        find(actor, past, &scene, Act::Pin, seq)?;
    }
    if up == on {
        return Err(Refusal::AlreadySo);
    }
    if on && scene.room.pins.len() >= PINS_MAX {
        return Err(Refusal::TooMany("pinned messages"));
    }
    Ok(vec![Event::Fact(Fact::Pinned { at: actor.at(scene.id), seq, by: actor.by.clone(), on })])
}

pub(super) fn read(
    actor: &Actor<'_>,
    room: &Where,
    seq: Seq,
    at: Option<Millis>,
) -> Result<Vec<Event>, Refusal> {
    let (user, _) = actor.person()?;
    if let (Where::With(name), Some(at)) = (room, at) {
        let (other, who) = actor.other(name)?;
        // What one has read of somebody begins no conversation: they are told of nothing.
        if actor.state.direct(user, other).is_none() {
            let of = Marked::With { user: other, name: who.name.clone() };
            let marker = Some(Marker { at, of });
            return Ok(vec![Event::Fact(Fact::ReadUpTo { room: None, user, seq: Seq(0), marker })]);
        }
    }
    let scene = actor.enter(room, Act::Read)?;
    let seq = seq.min(scene.room.last);
    match scene.room.members.get(&user) {
        Some(member) if member.read < seq => {}
        // A time says more than a number: nothing may have been said since.
        Some(member) if member.read == seq && at.is_some() => {}
        _ => return Err(Refusal::AlreadySo),
    }
    let of = match scene.room.direct {
        None => scene.room.name.clone().map(Marked::Room),
        Some((a, b)) => {
            let other = if a == user { b } else { a };
            let who = actor.state.user(other);
            who.map(|who| Marked::With { user: other, name: who.name.clone() })
        }
    };
    let marker = at.zip(of).map(|(at, of)| Marker { at, of });
    Ok(vec![Event::Fact(Fact::ReadUpTo { room: Some(scene.id), user, seq, marker })])
}

pub(super) fn purge(
    actor: &Actor<'_>,
    room: &Where,
    name: &Name,
    since: Millis,
    until: Millis,
) -> Result<Vec<Event>, Refusal> {
    let scene = actor.enter(room, Act::Purge)?;
    let (user, whom) = actor.other(name)?;
    if let Some(member) = scene.room.members.get(&user)
        && user != actor.by.user
        && !scene.above(member.role)
    {
        return Err(Refusal::NotAllowed);
    }
    if scene.room.purges.len() >= PURGES_MAX {
        return Err(Refusal::TooMany("purges that may still be undone"));
    }
    Ok(vec![Event::Fact(Fact::Purged {
        at: actor.at(scene.id),
        purge: actor.state.position.0 + 1,
        user,
        name: whom.name.clone(),
        since,
        upto: scene.room.last,
        by: actor.by.clone(),
        until: until.min(actor.now.plus(UNDO_MAX)),
    })])
}

pub(super) fn unpurge(actor: &Actor<'_>, room: &Where, purge: u64) -> Result<Vec<Event>, Refusal> {
    let scene = actor.enter(room, Act::Purge)?;
    if !scene.room.purges.iter().any(|one| one.id == purge && actor.now < one.until) {
        return Err(Refusal::AlreadySo);
    }
    let (at, by) = (actor.at(scene.id), actor.by.clone());
    Ok(vec![Event::Fact(Fact::PurgeUndone { at, purge, by })])
}

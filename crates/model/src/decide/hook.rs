//! Hooks of a room: who has one, and when it ends. Knows nothing of addresses but their length.

use super::actor::Actor;
use super::room::server;
use crate::place::Where;
use crate::{
    Act, By, Ending, Event, Fact, HOOK_URL_BYTES, HOOKS_MAX, Hook, HookId, LABEL_BYTES, Millis, NewHook,
    Object, Position, Refusal, RoomId, Standing, State, UserId, can,
};
use std::collections::BTreeSet;

pub(super) fn add(
    actor: &Actor<'_>,
    at: Position,
    place: &Where,
    hook: &NewHook,
) -> Result<Vec<Event>, Refusal> {
    let scene = actor.enter(place, Act::Set)?;
    // What is sent out is what its keeper may read: who runs the server sets every room, and reads only those they are in.
    can(scene.standing, Act::Read, &scene.object)?;
    if scene.room.direct.is_some() {
        return Err(Refusal::NotAllowed);
    }
    if hook.url.len() > HOOK_URL_BYTES {
        return Err(Refusal::TooMany("bytes in an address"));
    }
    if hook.url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Refusal::NotAllowed);
    }
    if hook.label.len() > LABEL_BYTES || hook.label.chars().any(char::is_control) {
        return Err(Refusal::TooMany("bytes in a label"));
    }
    if actor.state.hooks_of(scene.id).count() >= HOOKS_MAX {
        return Err(Refusal::TooMany("webhooks"));
    }
    let (at, id) = (actor.state.at(scene.id), HookId(at.0));
    let (hook, by) = (Box::new(hook.clone()), actor.by.clone());
    Ok(vec![Event::Fact(Fact::HookAdded { at, id, hook, by })])
}

pub(super) fn end(actor: &Actor<'_>, place: &Where, id: HookId, why: Ending) -> Result<Vec<Event>, Refusal> {
    let scene = actor.enter(place, Act::Set)?;
    let hook = actor.state.hook(scene.id, id).ok_or(Refusal::NoSuchHook)?;
    let by = match why {
        Ending::Removed => actor.by.clone(),
        // What became of its deliveries is known to the server alone.
        Ending::Gone | Ending::Failed | Ending::Keeper if actor.user.is_some() => {
            return Err(Refusal::NotAllowed);
        }
        Ending::Gone | Ending::Failed | Ending::Keeper if hook.ended.is_some() => {
            return Err(Refusal::AlreadySo);
        }
        Ending::Gone | Ending::Failed | Ending::Keeper => server(),
    };
    Ok(vec![ended(actor.state, scene.id, id, hook, by, why)])
}

fn ended(state: &State, room: RoomId, id: HookId, hook: &Hook, by: By, why: Ending) -> Event {
    let origin = Hook::origin(&hook.url).to_owned();
    Event::Fact(Fact::HookEnded { at: state.at(room), id, origin, by, why })
}

/// Whoever may have a hook no longer has none: at the place where it became so, and by whatever it did.
pub(super) fn follow(state: &State, now: Millis, events: &mut Vec<Event>) {
    if state.hooks().next().is_none() {
        return;
    }
    let mut over = BTreeSet::new();
    let mut lost = |room: Option<RoomId>, whose: &dyn Fn(RoomId, UserId) -> bool| {
        let mut ends = |at: RoomId, id: HookId, hook: &Hook| {
            if hook.ended.is_none() && whose(at, hook.by.user) {
                over.insert((at, id));
            }
        };
        match room {
            Some(room) => state.hooks_of(room).for_each(|(id, hook)| ends(room, id, hook)),
            None => state.hooks().for_each(|(room, id, hook)| ends(room, id, hook)),
        }
    };
    for event in events.iter() {
        match event {
            Event::GuestForgotten { user } => lost(None, &|_, by| by == *user),
            Event::Fact(Fact::Left { at, user, .. }) => lost(Some(at.room), &|_, by| by == *user),
            Event::Fact(Fact::RoleSet { at, user, role, .. }) => {
                let runs = state.user(*user).is_some_and(|user| user.operator);
                let keeps = runs || sets(Standing::from(*role));
                lost(Some(at.room), &|_, by| by == *user && !keeps);
            }
            Event::Fact(Fact::OperatorSet { user, on: false }) => lost(None, &|at, by| {
                let standing = state.room(at).map(|room| room.standing(by, false));
                by == *user && !standing.is_some_and(sets)
            }),
            Event::Fact(Fact::Banned { sanction, lifted: false }) => {
                lost(None, &|_, by| state.user(by).is_some_and(|user| sanction.meets(now, &user.whom(by))))
            }
            _ => {}
        }
    }
    // With a room its hooks end anyway.
    let gone = |room: &RoomId| {
        events
            .iter()
            .any(|event| matches!(event, Event::Fact(Fact::RoomDeleted { at, .. }) if at.room == *room))
    };
    over.retain(|(room, _)| !gone(room));
    for (room, id) in over {
        if let Some(hook) = state.hook(room, id) {
            events.push(ended(state, room, id, hook, server(), Ending::Keeper));
        }
    }
}

fn sets(standing: Standing) -> bool {
    can(standing, Act::Set, &Object::default()).is_ok()
}

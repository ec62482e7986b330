//! Coming by a key: as a guest, by a password, or by one that is had already. Knows nothing of tokens.

use super::actor::Actor;
use super::people::{checked, vacated};
use super::session::{came_online, closed, expired, forget, gone, guest};
use crate::place::Whom;
use crate::{
    CloseReason, Deed, Event, Fact, KEYS_MAX, Key, KeyId, LABEL_BYTES, Millis, Name, NewKey, Position,
    Refusal, SESSIONS_MAX, Scopes, SessionId, State, TokenHash, UserId,
};
use std::net::IpAddr;

/// What somebody asks who has no key yet.
pub(super) fn come(
    state: &State,
    (now, at): (Millis, Position),
    address: Option<IpAddr>,
    deed: &Deed,
) -> Result<Vec<Event>, Refusal> {
    match deed {
        Deed::Come { name, key, phc } => {
            let newcomer = Whom { name, user: None, account: None, ident: None, address };
            if banned(state, now, &newcomer) {
                return Err(Refusal::BannedHere);
            }
            let mut forgotten = vacated(state, now, name, |_| false)?;
            let away = state.longest_away().take(super::session::SWEEP);
            forgotten.extend(
                away.filter(|(since, _)| expired(*since, now))
                    .map(|(_, user)| user)
                    .filter(|user| state.holder(name).is_none_or(|(holder, _)| holder != *user)),
            );
            let mut events = forget(state, &forgotten);
            // No token has this hash: what opens it is the key.
            let (user, newcomers, _) = guest(state, now, (name, Some(&newcomer)), TokenHash([0; 32]), None);
            events.extend(newcomers);
            if let Some(phc) = phc {
                events.push(Event::Fact(Fact::Registered { user, phc: checked(phc)? }));
            }
            events.extend(given(state, user, at, key)?);
            Ok(events)
        }
        Deed::LogIn { name, phc, key } => {
            let right = state
                .holder(name)
                .filter(|(_, user)| user.account.as_ref().is_some_and(|account| account.phc == *phc));
            let (id, user) = right.ok_or(Refusal::BadPassword)?;
            if banned(state, now, &Whom { address, ..user.whom(id) }) {
                return Err(Refusal::BannedHere);
            }
            given(state, id, at, key)
        }
        _ => Err(Refusal::NotAllowed),
    }
}

/// Whether somebody is kept out of the whole server.
pub(super) fn banned(state: &State, now: Millis, whom: &Whom<'_>) -> bool {
    state.bans().iter().any(|ban| ban.meets(now, whom))
}

/// Another key for whoever asks; it can do no more than the one it is asked by.
pub(super) fn give(actor: &Actor<'_>, at: Position, key: &NewKey) -> Result<Vec<Event>, Refusal> {
    let (user, _) = actor.person()?;
    actor.scoped(key.scopes)?;
    given(actor.state, user, at, key)
}

fn given(state: &State, user: UserId, at: Position, key: &NewKey) -> Result<Vec<Event>, Refusal> {
    if key.label.len() > LABEL_BYTES || key.label.chars().any(char::is_control) {
        return Err(Refusal::TooMany("bytes in a label"));
    }
    if !Scopes::ALL.has(key.scopes) || key.scopes == Scopes::default() {
        return Err(Refusal::KeyScope);
    }
    // Who is there only while connected has nothing beside that connection.
    if state.user(user).is_some_and(|user| user.visitor) {
        return Err(Refusal::NotAllowed);
    }
    let mut events = Vec::new();
    if state.keys_of(user).count() >= KEYS_MAX {
        // A browser can log in again; a program would stop without a word.
        let mut all = state.keys_of(user);
        let (oldest, _) =
            all.find(|(_, key)| key.scopes.has(Scopes::MANAGE)).ok_or(Refusal::TooMany("keys"))?;
        events.extend(revoked(state, user, &[oldest]));
    }
    events.push(Event::Fact(Fact::KeyGiven { user, id: KeyId(at.0), key: key.clone() }));
    Ok(events)
}

/// One's own key is no longer good.
pub(super) fn revoke(actor: &Actor<'_>, id: KeyId) -> Result<Vec<Event>, Refusal> {
    let (user, _) = actor.person()?;
    actor.state.key(user, id).ok_or(Refusal::NoKey)?;
    Ok(revoked(actor.state, user, &[id]))
}

/// Who has another password is logged out wherever it was by the old one, but for where they said so; keys of programs stay.
pub(super) fn browsers(state: &State, user: UserId, but: Option<KeyId>) -> Vec<Event> {
    let browsers = state.keys_of(user).filter(|(id, key)| key.scopes.has(Scopes::MANAGE) && Some(*id) != but);
    let ids: Vec<KeyId> = browsers.map(|(id, _)| id).collect();
    revoked(state, user, &ids)
}

/// Keys end, and the sessions that came in by them.
fn revoked(state: &State, user: UserId, ids: &[KeyId]) -> Vec<Event> {
    let mut events: Vec<Event> =
        ids.iter().map(|id| Event::Fact(Fact::KeyRevoked { user, id: *id })).collect();
    let keys = ids.iter().filter_map(|id| state.key(user, *id));
    let ended: Vec<SessionId> = keys.flat_map(|key| key.sessions.iter().copied()).collect();
    let closes = |session: &SessionId| closed(*session, user, CloseReason::Revoked, state.given(*session));
    events.extend(ended.iter().map(closes));
    let open = state.user(user).map_or(0, |user| user.sessions.len());
    if !ended.is_empty() && ended.len() == open {
        events.extend(gone(state, user, ""));
    }
    events
}

/// The key that somebody comes by, if it is good.
pub(super) fn good(state: &State, now: Millis, user: UserId, id: KeyId) -> Result<&Key, Refusal> {
    state.key(user, id).filter(|key| key.holds(now)).ok_or(Refusal::NoKey)
}

/// Opens a session beside whatever others its user has.
pub(super) fn open(
    state: &State,
    now: Millis,
    session: SessionId,
    (user, id): (UserId, KeyId),
    address: Option<IpAddr>,
) -> Result<Vec<Event>, Refusal> {
    let key = good(state, now, user, id)?;
    if !key.scopes.has(Scopes::READ) {
        return Err(Refusal::KeyScope);
    }
    let who = state.user(user).ok_or(Refusal::NoKey)?;
    if banned(state, now, &Whom { address, ..who.whom(user) }) {
        return Err(Refusal::BannedHere);
    }
    if who.sessions.len() >= SESSIONS_MAX {
        return Err(Refusal::TooMany("sessions"));
    }
    let name: &Name = &who.name;
    let mut events = vec![
        Event::Fact(Fact::KeyUsed { user, id, session }),
        Event::SessionOpened { session, user, name: name.clone(), resume: None },
    ];
    if who.sessions.is_empty() {
        events.push(came_online(state, user, name));
    }
    Ok(events)
}

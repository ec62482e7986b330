//! Coming by a key: as a guest, by a password, or by one that is had already. Knows nothing of tokens.

use super::actor::Actor;
use super::people::{checked, vacated};
use super::session::{came_online, closed, expired, forget, gone, guest};
use crate::place::Whom;
use crate::{
    BOTS_MAX, CloseReason, Deed, Event, Fact, KEYS_MAX, Key, KeyId, LABEL_BYTES, Millis, Name, NewKey,
    Position, Refusal, SESSIONS_MAX, Scopes, SessionId, State, TokenHash, UserId,
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
                .filter(|(_, user)| user.account.as_ref().is_some_and(|account| account.opens(phc)));
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
    if key.room.is_some_and(|room| state.room(room).is_none()) {
        return Err(Refusal::NoSuchRoom);
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

/// A bot of whoever is registered; it begins in the lobby.
pub(super) fn make_bot(
    actor: &Actor<'_>,
    at: Position,
    name: &Name,
    key: &NewKey,
) -> Result<Vec<Event>, Refusal> {
    let (owner, who) = actor.person()?;
    let state = actor.state;
    if who.account.as_ref().ok_or(Refusal::Guest)?.owner.is_some() {
        return Err(Refusal::NotAllowed);
    }
    let is_theirs = |user: &crate::User| is_bot_of(user, owner);
    if state.users().filter(|(_, user)| is_theirs(user)).count() >= BOTS_MAX {
        return Err(Refusal::TooMany("bots"));
    }
    let whom = Whom { name, user: None, account: None, ident: None, address: None };
    if banned(state, actor.now, &whom) {
        return Err(Refusal::BannedHere);
    }
    let mut events = forget(state, &vacated(state, actor.now, name, |_| false)?);
    let (user, newcomer, _) = guest(state, actor.now, (name, Some(&whom)), TokenHash([0; 32]), None);
    events.extend(newcomer);
    events.push(Event::Fact(Fact::BotMade { user, name: name.clone(), owner }));
    events.extend(given_to_bot(state, user, at, key)?);
    Ok(events)
}

fn is_bot_of(user: &crate::User, owner: UserId) -> bool {
    user.account.as_ref().is_some_and(|account| account.owner == Some(owner))
}

/// A bot of whoever asks, by name.
fn own_bot(actor: &Actor<'_>, name: &Name) -> Result<UserId, Refusal> {
    let (owner, _) = actor.person()?;
    let (bot, user) = actor.other(name)?;
    if is_bot_of(user, owner) || actor.is_operator() { Ok(bot) } else { Err(Refusal::NotAllowed) }
}

/// A bot changes nothing of itself: its owner does.
fn given_to_bot(state: &State, bot: UserId, at: Position, key: &NewKey) -> Result<Vec<Event>, Refusal> {
    if key.scopes.has(Scopes::MANAGE) {
        return Err(Refusal::KeyScope);
    }
    given(state, bot, at, key)
}

/// Another key for a bot of one's own.
pub(super) fn bot_key(
    actor: &Actor<'_>,
    at: Position,
    name: &Name,
    key: &NewKey,
) -> Result<Vec<Event>, Refusal> {
    given_to_bot(actor.state, own_bot(actor, name)?, at, key)
}

/// All keys of a bot of one's own end.
pub(super) fn end_bot(actor: &Actor<'_>, name: &Name) -> Result<Vec<Event>, Refusal> {
    let bot = own_bot(actor, name)?;
    let ids: Vec<KeyId> = actor.state.keys_of(bot).map(|(id, _)| id).collect();
    if ids.is_empty() {
        return Err(Refusal::AlreadySo);
    }
    Ok(revoked(actor.state, bot, &ids))
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

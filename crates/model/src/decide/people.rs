//! Names, accounts, and what people say of themselves. Knows nothing of rooms but who is told.

use super::Past;
use super::actor::Actor;
use crate::place::{IGNORES_MAX, LINE_MAX, MASKS_MAX, Mask, Sanction, Where, Whom};
use crate::{Act, METADATA_KEYS_MAX, Subject, is_metadata_key, is_metadata_value};
use crate::{CloseReason, Event, Fact, Ident, Millis, Name, Refusal, State, TOKEN_HOLD, TokenHash, UserId};

/// Bytes a password's hash may have in the PHC string format.
const PHC_MAX: usize = 512;

pub(super) fn nick(actor: &Actor<'_>, name: &Name) -> Result<Vec<Event>, Refusal> {
    let (user, who) = actor.person()?;
    if who.name.as_str() == name.as_str() {
        return Err(Refusal::AlreadySo);
    }
    let keeps = actor.rules >= 3 && who.account.is_some();
    rename(actor.state, actor.now, user, name, keeps, None)
}

/// Somebody is called something else from now on, if nobody else is. `keeps`: the account is called as before; `gone`: a
/// visitor who is not there any more.
pub(super) fn rename(
    state: &State,
    now: Millis,
    user: UserId,
    name: &Name,
    keeps: bool,
    gone: Option<UserId>,
) -> Result<Vec<Event>, Refusal> {
    let who = state.user(user).expect("whoever is renamed is known");
    let new = Whom { name, ..who.whom(user) };
    if state.bans().iter().any(|ban| ban.meets(now, &new)) {
        return Err(Refusal::BannedHere);
    }
    let forgotten = vacated(state, now, name, |other| other == user || gone == Some(other))?;
    let mut events = super::session::forget(state, &forgotten);
    let away = who.sessions.is_empty();
    let rooms = if away { Vec::new() } else { state.told_of(user) };
    let (from, to) = (who.name.clone(), name.clone());
    events.push(Event::Fact(Fact::Renamed { user, from, to, rooms, keeps, away }));
    Ok(events)
}

/// Whether a name is nobody's but `own`; whose hold on it has run out.
pub(super) fn vacated(
    state: &State,
    now: Millis,
    name: &Name,
    own: impl Fn(UserId) -> bool,
) -> Result<Vec<UserId>, Refusal> {
    let mut forgotten = Vec::new();
    match state.holder(name) {
        Some((holder, _)) if own(holder) => {}
        Some((_, other)) if !other.sessions.is_empty() => return Err(Refusal::NameInUse),
        Some((_, other)) if other.account.is_some() => return Err(Refusal::NameRegistered),
        Some((_, other)) if other.last_seen.plus(TOKEN_HOLD) > now => return Err(Refusal::NameHeld),
        Some((holder, _)) => forgotten.push(holder),
        None => {}
    }
    if state.lookalikes(name).any(|other| !own(other) && !forgotten.contains(&other)) {
        return Err(Refusal::NameConfusing);
    }
    Ok(forgotten)
}

/// Somebody is there from now on, by a password, who has not come yet.
pub(super) fn create(
    actor: &Actor<'_>,
    name: &Name,
    phc: &str,
    ident: Option<&Ident>,
) -> Result<Vec<Event>, Refusal> {
    let state = actor.state;
    if ident.is_some_and(|ident| !ident.is_proper()) {
        return Err(Refusal::NotAllowed);
    }
    let phc = checked(phc)?;
    let mut events = super::session::forget(state, &vacated(state, actor.now, name, |_| false)?);
    // No token has this hash: nothing but the password opens it.
    let (user, token) = (state.next_user, TokenHash([0; 32]));
    let visitor = ident.map(|ident| ident.clone().into());
    events.push(Event::GuestCreated { user, name: name.clone(), token, visitor });
    events.push(Event::Fact(Fact::Registered { user, phc }));
    Ok(events)
}

pub(super) fn register(actor: &Actor<'_>, phc: &str) -> Result<Vec<Event>, Refusal> {
    let (user, who) = actor.person()?;
    if who.account.is_some() {
        return Err(Refusal::Registered);
    }
    let mut events = vec![Event::Fact(Fact::Registered { user, phc: checked(phc)? })];
    if actor.rules >= 3 {
        let (name, rooms) = (who.name.clone(), actor.state.told_of(user));
        events.push(Event::Fact(Fact::AccountTold { user, name, called: None, was: None, rooms }));
    }
    Ok(events)
}

pub(super) fn password(actor: &Actor<'_>, phc: &str) -> Result<Vec<Event>, Refusal> {
    let (user, who) = actor.person()?;
    if who.account.is_none() {
        return Err(Refusal::Guest);
    }
    let mut events = vec![Event::Fact(Fact::PasswordSet { user, phc: checked(phc)? })];
    events.extend(super::key::browsers(actor.state, user, actor.key));
    Ok(events)
}

pub(super) fn checked(phc: &str) -> Result<String, Refusal> {
    if phc.starts_with("$argon2") && phc.len() <= PHC_MAX {
        Ok(phc.to_owned())
    } else {
        Err(Refusal::NotAllowed)
    }
}

pub(super) fn away(actor: &Actor<'_>, text: Option<&str>) -> Result<Vec<Event>, Refusal> {
    let (user, who) = actor.person()?;
    if who.away.as_deref() == text {
        return Err(Refusal::AlreadySo);
    }
    if text.is_some_and(|text| text.len() > LINE_MAX) {
        return Err(Refusal::TooMany("bytes in an away text"));
    }
    let (name, rooms) = (who.name.clone(), actor.state.told_of(user));
    Ok(vec![Event::Fact(Fact::AwaySet { user, name, text: text.map(str::to_owned), rooms })])
}

pub(super) fn profile(actor: &Actor<'_>, text: &str) -> Result<Vec<Event>, Refusal> {
    let (user, who) = actor.person()?;
    if who.profile == text {
        return Err(Refusal::AlreadySo);
    }
    if text.len() > LINE_MAX {
        return Err(Refusal::TooMany("bytes in a profile line"));
    }
    Ok(vec![Event::Fact(Fact::ProfileSet { user, text: text.to_owned() })])
}

pub(super) fn ignore(actor: &Actor<'_>, name: &Name, on: bool) -> Result<Vec<Event>, Refusal> {
    let (user, who) = actor.person()?;
    let (other, _) = actor.other(name)?;
    if other == user {
        return Err(Refusal::Yourself);
    }
    if who.ignores.contains(&other) == on {
        return Err(Refusal::AlreadySo);
    }
    if on && who.ignores.iter().filter(|id| actor.state.user(**id).is_some()).count() >= IGNORES_MAX {
        return Err(Refusal::TooMany("ignored users"));
    }
    Ok(vec![Event::Fact(Fact::Ignored { user, other, on })])
}

pub(super) fn ban_here(
    actor: &Actor<'_>,
    mask: &Mask,
    reason: &str,
    until: Option<Millis>,
) -> Result<Vec<Event>, Refusal> {
    // What is over, or laid anew, takes no place.
    let others = actor.state.bans().iter().filter(|old| old.holds(actor.now) && old.mask != *mask);
    if others.count() >= MASKS_MAX {
        return Err(Refusal::TooMany("bans"));
    }
    let by = actor.by.name.to_string();
    let holder = actor.holder(mask);
    let (reason, since) = (super::room::said(reason)?, (actor.rules >= 3).then_some(actor.now));
    let sanction = Sanction { mask: mask.clone(), holder, by, reason, until, since };
    let mut events = vec![Event::Fact(Fact::Banned { sanction, lifted: false })];
    // Whoever it meets by name or account is put out at once.
    for (id, user) in actor.state.users() {
        let whom = user.whom(id);
        if mask.meets(&whom) {
            // An operator who is away just now would find the door shut.
            if user.operator {
                return Err(Refusal::NotAllowed);
            }
            events.extend(super::session::end(actor.state, id, CloseReason::Banned));
        }
    }
    Ok(events)
}

pub(super) fn unban_here(actor: &Actor<'_>, mask: &Mask) -> Result<Vec<Event>, Refusal> {
    let Some(old) = actor.state.bans().iter().find(|old| old.mask == *mask && old.holds(actor.now)) else {
        return Err(Refusal::AlreadySo);
    };
    let sanction = Sanction { by: actor.by.name.to_string(), ..old.clone() };
    Ok(vec![Event::Fact(Fact::Banned { sanction, lifted: true })])
}

pub(super) fn reset_password(actor: &Actor<'_>, name: &Name, phc: &str) -> Result<Vec<Event>, Refusal> {
    let (user, who) = actor.other(name)?;
    let Some(account) = &who.account else { return Err(Refusal::Guest) };
    // A bot has none.
    if account.owner.is_some() {
        return Err(Refusal::NotAllowed);
    }
    // Whoever got in by the old one is put out.
    let mut events = super::session::end(actor.state, user, CloseReason::Password);
    events.push(Event::Fact(Fact::PasswordSet { user, phc: checked(phc)? }));
    events.extend(actor.state.keys_of(user).map(|(id, _)| Event::Fact(Fact::KeyRevoked { user, id })));
    Ok(events)
}

pub(super) fn operator(actor: &Actor<'_>, name: &Name, on: bool) -> Result<Vec<Event>, Refusal> {
    let (user, who) = actor.other(name)?;
    // Who is there only while connected runs the server only so long.
    if who.account.is_none() && !who.visitor {
        return Err(Refusal::Guest);
    }
    if who.operator == on {
        return Err(Refusal::AlreadySo);
    }
    Ok(vec![Event::Fact(Fact::OperatorSet { user, on })])
}

/// Somebody is put off the server; they may come back.
pub(super) fn disconnect(actor: &Actor<'_>, name: &Name, reason: &str) -> Result<Vec<Event>, Refusal> {
    let (user, who) = actor.other(name)?;
    if who.sessions.is_empty() {
        return Err(Refusal::NoSuchUser(name.clone()));
    }
    let why = super::room::said(reason)?;
    Ok(super::session::put_off(actor.state, user, CloseReason::Killed, &why))
}

pub(super) fn ident(actor: &Actor<'_>, ident: &Ident) -> Result<Vec<Event>, Refusal> {
    let (user, who) = actor.person()?;
    if !ident.is_proper() {
        return Err(Refusal::NotAllowed);
    }
    if who.ident.as_deref() == Some(ident) {
        return Err(Refusal::AlreadySo);
    }
    let (name, was, rooms) = (who.name.clone(), who.ident.as_deref().cloned(), actor.state.told_of(user));
    Ok(vec![Event::Fact(Fact::IdentSet { user, name, ident: ident.clone(), was, rooms })])
}

/// Something is noted for programs, or no longer.
pub(super) fn metadata(
    actor: &Actor<'_>,
    past: &impl Past,
    room: Option<&Where>,
    key: &str,
    value: Option<&str>,
) -> Result<Vec<Event>, Refusal> {
    let (user, who) = actor.person()?;
    let (of, at) = match room {
        None => (Subject::User(user), None),
        Some(place) => {
            let scene = actor.enter(place, Act::Set)?;
            (Subject::Room(scene.id), Some(actor.at(scene.id)))
        }
    };
    if !is_metadata_key(key) || value.is_some_and(|value| !is_metadata_value(value)) {
        return Err(Refusal::NotAllowed);
    }
    let was = past.metadata(of, key);
    if was.as_deref() == value {
        return Err(Refusal::AlreadySo);
    }
    if was.is_none() && past.metadata_keys(of) >= METADATA_KEYS_MAX {
        return Err(Refusal::TooMany("metadata keys"));
    }
    let rooms = if at.is_some() { Vec::new() } else { actor.state.told_of(user) };
    let (name, key, value) = (who.name.clone(), key.to_owned(), value.map(str::to_owned));
    Ok(vec![Event::Fact(Fact::MetadataSet { room: at, user, name, key, value, rooms })])
}

//! Coming in by a password: beside other sessions, or in place of the session on which somebody was until then.

use super::people::rename;
use super::room::server;
use super::session::{came_online, closed, gone};
use crate::apply::fact::of;
use crate::event::Kind;
use crate::place::ROOMS_MAX;
use crate::{
    CloseReason, Event, Fact, Millis, Name, Refusal, Role, RoomId, SESSIONS_MAX, SessionId, State, TokenHash,
    User, UserId, Way,
};

/// Somebody whose password was right.
pub(super) struct Coming<'a> {
    pub(super) session: SessionId,
    pub(super) id: UserId,
    pub(super) user: &'a User,
    pub(super) token: TokenHash,
}

/// Opens a session. `over` is the one that goes on as it.
pub(super) fn log_in(
    state: &State,
    (now, rules): (Millis, u16),
    coming: &Coming<'_>,
    called: Option<&Name>,
    over: Option<SessionId>,
) -> Result<Vec<Event>, Refusal> {
    let Coming { session, id, user, token } = *coming;
    let over = match over.filter(|_| rules >= 3) {
        None => None,
        Some(over) => Some((over, state.session(over).ok_or(Refusal::NoSession)?.user)),
    };
    if over.is_some_and(|(_, before)| before == id) {
        return Err(Refusal::AlreadySo);
    }
    if user.sessions.len() >= SESSIONS_MAX {
        return Err(Refusal::TooMany("sessions"));
    }
    // A visitor is only there while connected, by that one session.
    let visitor = over.map(|(_, before)| before).filter(|id| state.user(*id).is_some_and(|one| one.visitor));
    // Beside another session they are called as they are.
    let called = called.filter(|_| user.sessions.is_empty()).unwrap_or(&user.name);
    let (called, renamed) = match called.as_str() == user.name.as_str() {
        true => (called, Vec::new()),
        false => match rename(state, now, id, called, true, visitor) {
            Ok(renamed) => (called, renamed),
            // Who is here already, under a name that stays another's, is called as their account is.
            Err(Refusal::NameInUse | Refusal::NameRegistered) if over.is_some() => (&user.name, Vec::new()),
            Err(refusal) => return Err(refusal),
        },
    };
    let mut events = Vec::new();
    let stays = visitor.filter(|one| state.user(*one).is_some_and(|one| one.name.key() == called.key()));
    let mut told = visitor.map(|one| state.told_of(one)).unwrap_or_default();
    match (over, visitor) {
        (Some((open, _)), Some(one)) => {
            events.extend(moved(state, now, (one, stays.is_some()), coming, called));
            let left = |room: &RoomId| {
                let of =
                    |event: &Event| matches!(event, Event::Fact(Fact::Left { at, .. }) if at.room == *room);
                events.iter().any(of)
            };
            told.retain(|room| !left(room));
            events.push(closed(open, one, CloseReason::Superseded, state.given(open)));
            if stays.is_none() {
                let name = state.user(one).expect("a session has its user").name.clone();
                let why = format!("is {called} now").into();
                events.push(Event::WentOffline { user: one, name, rooms: told.clone(), why });
            }
            events.push(Event::GuestForgotten { user: one });
        }
        (Some((open, before)), None) => {
            events.push(closed(open, before, CloseReason::Superseded, state.given(open)));
            if state.user(before).is_some_and(|user| user.sessions.len() == 1) {
                events.extend(gone(state, before, ""));
            }
        }
        (None, _) => {}
    }
    events.push(Event::Fact(Fact::TicketGiven { user: id, session, token }));
    events.extend(renamed);
    // Who was away is given what came meanwhile; beside another session there is nothing to catch up with.
    let resume = user.sessions.is_empty().then_some(user.seen);
    events.push(Event::SessionOpened { session, user: id, name: called.clone(), resume });
    if user.sessions.is_empty() {
        let mut came = came_online(state, id, called);
        if let Event::CameOnline { rooms, instead, .. } = &mut came
            && stays.is_some()
        {
            rooms.retain(|room| !told.contains(room));
            *instead = stays;
        }
        events.push(came);
    }
    // Who is called otherwise has gone as the one and come as the other.
    if let Some(one) = stays {
        let account = user.account.as_ref().map_or(&user.name, |account| &account.name);
        let other = (called.as_str() != account.as_str()).then(|| called.clone());
        let (name, was) = (account.clone(), Some(one));
        events.push(Event::Fact(Fact::AccountTold { user: id, name, called: other, was, rooms: told }));
    }
    Ok(events)
}

/// Whoever logs in is in the rooms in which they were as a visitor, as what they were there, but for those that keep them out.
fn moved(
    state: &State,
    now: Millis,
    (visitor, untold): (UserId, bool),
    coming: &Coming<'_>,
    called: &Name,
) -> Vec<Event> {
    let (id, user) = (coming.id, coming.user);
    let mut whom = user.whom(id);
    whom.name = called;
    let mut events = Vec::new();
    let mut rooms = state.rooms_of(id).count();
    let all: Vec<RoomId> = state.rooms_of(visitor).collect();
    for room in all {
        let place = state.room(room).expect("a room somebody is in is there");
        let (role, voiced) =
            place.members.get(&visitor).map(|member| (member.role, member.voiced)).unwrap_or_default();
        let at = state.at(room);
        let meets = |sort| of(place, sort).any(|one| one.meets(now, &whom));
        let becomes = |at, was: (Role, bool)| {
            let (name, by, voiced) = (called.clone(), server(), voiced || was.1);
            let (was, was_voiced) = (Some(was.0), was.1);
            Event::Fact(Fact::RoleSet { at, user: id, name, role, by, was, voiced, was_voiced })
        };
        match place.members.get(&id) {
            Some(member) if member.role >= role => {}
            Some(member) => events.push(becomes(at, (member.role, member.voiced))),
            None if rooms >= ROOMS_MAX || (meets(Kind::Ban) && !meets(Kind::Exempt)) => {
                let name = state.user(visitor).expect("whoever is in a room is known").name.clone();
                events.push(Event::Fact(Fact::Left { at, user: visitor, name, way: Way::Left, told: true }));
                events.extend(super::room::after(state, room, &[visitor]));
            }
            None => {
                rooms += 1;
                let told = !untold && place.online <= super::ONLINE_TOLD;
                let joined = Fact::Joined { at: at.clone(), user: id, name: called.clone(), role, told };
                events.push(Event::Fact(joined));
                // Coming in says nothing of a voice beside a role.
                events.extend(voiced.then(|| becomes(at, (role, true))));
            }
        }
    }
    events
}

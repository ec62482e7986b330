//! Coming and going: nodes, sessions, guests and their names. Knows nothing of what is said.

use super::login;
use super::room::{after, server};
use crate::apply::fact::of;
use crate::event::Kind;
use crate::place::{LINE_MAX, Whom};
use crate::{
    CloseReason, Event, Fact, Incarnation, LOBBY, Millis, Name, NodeId, ONLINE_TOLD, Position, Proof,
    Refusal, RoomId, SESSIONS_MAX, SessionId, State, TOKEN_HOLD, TokenHash, User, UserId, Way,
};
use compact_str::CompactString;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Expired guests forgotten with each newcomer: two out for one in, so the state shrinks back by itself.
pub(super) const SWEEP: usize = 2;

pub(super) fn start_node(state: &State, node: NodeId) -> Vec<Event> {
    let incarnation = Incarnation(state.incarnation.0 + 1);
    let mut events = Vec::new();
    let mut visitors = Vec::new();
    if let Some(earlier) = state.node(node) {
        // Rooms empty while this goes on, so some are told of the later ones who were too many before.
        let mut online: BTreeMap<RoomId, usize> = BTreeMap::new();
        let mut left: BTreeMap<UserId, usize> = BTreeMap::new();
        for (session, open) in state.sessions_of(earlier.incarnation) {
            let user = state.user(open.user).expect("a session has its user");
            events.push(closed(session, open.user, CloseReason::Server, state.given(session)));
            let gone = left.entry(open.user).or_default();
            *gone += 1;
            if *gone == user.sessions.len() {
                let mut rooms = Vec::new();
                for id in state.rooms_of(open.user) {
                    let online = online.entry(id).or_insert_with(|| state.room(id).map_or(0, |r| r.online));
                    if *online <= ONLINE_TOLD {
                        rooms.push(id);
                    }
                    *online = online.saturating_sub(1);
                }
                let why = CompactString::default();
                events.push(Event::WentOffline { user: open.user, name: user.name.clone(), rooms, why });
                if user.visitor {
                    visitors.push(open.user);
                }
            }
        }
    }
    events.extend(forget(state, &visitors));
    events.push(Event::NodeStarted { node, incarnation });
    events
}

pub(super) fn open(
    state: &State,
    now: Millis,
    rules: u16,
    session: SessionId,
    name: &Name,
    proof: &Proof,
    address: Option<IpAddr>,
) -> Result<Vec<Event>, Refusal> {
    if state.session(session).is_some() {
        return Err(Refusal::NoSession);
    }
    // A newcomer is nobody yet, even under a name that somebody held before.
    let newcomer = matches!(proof, Proof::NewGuest(_) | Proof::Visitor(_));
    let holder = state.holder(name).filter(|(_, user)| user.account.is_some() || !newcomer);
    let account = holder.and_then(|(_, user)| user.account.as_ref()).map(|account| &account.name);
    let ident = if let Proof::Visitor(ident) = proof { Some(&**ident) } else { None };
    let whom = Whom { name, user: holder.map(|(id, _)| id), account, ident, address };
    if state.bans().iter().any(|ban| ban.meets(now, &whom)) {
        return Err(Refusal::BannedHere);
    }
    match proof {
        Proof::NewGuest(_) | Proof::Visitor(_) => {
            let held = state.holder(name);
            let mut forgotten = Vec::new();
            if let Some((holder, user)) = held {
                if user.account.is_some() {
                    return Err(Refusal::NameRegistered);
                }
                if !user.sessions.is_empty() {
                    return Err(Refusal::NameInUse);
                }
                if !expired(user.last_seen, now) {
                    return Err(Refusal::NameHeld);
                }
                forgotten.push(holder);
            }
            for (since, user) in state.longest_away().take(SWEEP) {
                if expired(since, now) && !forgotten.contains(&user) {
                    forgotten.push(user);
                }
            }
            let mut events = forget(state, &forgotten);
            if rules >= 2 && state.lookalikes(name).any(|other| !forgotten.contains(&other)) {
                return Err(Refusal::NameConfusing);
            }
            let (token, visitor) = match proof {
                // No token has this hash: nothing opens it.
                Proof::Visitor(ident) if ident.is_proper() => (TokenHash([0; 32]), Some(ident.clone())),
                Proof::NewGuest(token) => (*token, None),
                _ => return Err(Refusal::NotAllowed),
            };
            let visits = visitor.is_some();
            let whom = if rules >= 2 { Some(&whom) } else { None };
            let (user, newcomer, kept_out) = guest(state, now, (name, whom), token, visitor);
            events.extend(newcomer);
            let lobby = state.room(LOBBY).expect("the lobby is there from the start");
            events.push(Event::SessionOpened { session, user, name: name.clone(), resume: None });
            let told =
                if kept_out || visits || lobby.online >= ONLINE_TOLD { Vec::new() } else { vec![LOBBY] };
            events.push(Event::CameOnline { user, name: name.clone(), rooms: told, instead: None });
            Ok(events)
        }
        Proof::Token(token) => {
            let Some((id, user)) = state.holder(name) else { return Err(Refusal::BadToken) };
            let away = user.sessions.is_empty();
            let Some(ticket) = user.ticket(token) else { return Err(Refusal::BadToken) };
            if away && expired(user.last_seen, now) {
                return Err(Refusal::BadToken);
            }
            // A token says "I lost my connection": what still looks open under it is taken over.
            let lost = user
                .sessions
                .iter()
                .copied()
                .filter(|open| user.account.is_none() || *open == ticket.session);
            let given = lost.clone().map(|open| state.given(open)).max();
            if given.is_none() && user.sessions.len() >= SESSIONS_MAX {
                return Err(Refusal::TooMany("sessions"));
            }
            let seen = match user.account {
                // Each session of a registered user has a place of its own.
                Some(_) => given.unwrap_or(ticket.seen),
                None => given.unwrap_or_default().max(user.seen),
            };
            let mut events: Vec<_> = lost.map(|old| closed(old, id, CloseReason::Superseded, seen)).collect();
            if user.account.is_some() {
                events.push(Event::Fact(Fact::TicketGiven { user: id, session, token: *token }));
            }
            events.push(Event::SessionOpened {
                session,
                user: id,
                name: user.name.clone(),
                resume: Some(seen),
            });
            if away {
                events.push(came_online(state, id, &user.name));
            }
            Ok(events)
        }
        Proof::Key(user, key) => super::key::open(state, now, session, (*user, *key), address),
        Proof::Password { phc, token, called, over } => {
            let right =
                |(_, user): &(UserId, &User)| user.account.as_ref().is_some_and(|account| account.opens(phc));
            let (id, user) = state.holder(name).filter(right).ok_or(Refusal::BadPassword)?;
            let coming = login::Coming { session, id, user, token: *token };
            login::log_in(state, (now, rules), &coming, called.as_deref(), *over)
        }
    }
}

/// Somebody new, by the name of whom bans may meet: who, what happens, and whether they are kept out of the lobby.
pub(super) fn guest(
    state: &State,
    now: Millis,
    (name, whom): (&Name, Option<&Whom<'_>>),
    token: TokenHash,
    visitor: Option<Box<crate::Ident>>,
) -> (UserId, Vec<Event>, bool) {
    let (user, visits) = (state.next_user, visitor.is_some());
    let mut events = vec![Event::GuestCreated { user, name: name.clone(), token, visitor }];
    let lobby = state.room(LOBBY).expect("the lobby is there from the start");
    let kept_out = whom.is_some_and(|whom| !visits && of(lobby, Kind::Ban).any(|ban| ban.meets(now, whom)));
    if kept_out {
        // Everybody begins in the lobby. Who is banned there is out of it, untold, before they are anywhere.
        let way = Way::Kicked { by: server(), reason: "banned".into() };
        let at = state.at(LOBBY);
        events.push(Event::Fact(Fact::Left { at, user, name: name.clone(), way, told: false }));
    }
    (user, events, kept_out)
}

/// Guests' hold on their names ends, and rooms that nobody else is in end with it.
pub(super) fn forget(state: &State, users: &[UserId]) -> Vec<Event> {
    let mut events: Vec<_> = users.iter().map(|user| Event::GuestForgotten { user: *user }).collect();
    let rooms: BTreeSet<RoomId> = users.iter().flat_map(|user| state.rooms_of(*user)).collect();
    events.extend(rooms.into_iter().filter_map(|room| after(state, room, users)));
    events
}

/// All sessions of somebody end.
pub(super) fn end(state: &State, id: UserId, reason: CloseReason) -> Vec<Event> {
    put_off(state, id, reason, "")
}

/// All sessions of somebody end, and this is what others are told of it.
pub(super) fn put_off(state: &State, id: UserId, reason: CloseReason, why: &str) -> Vec<Event> {
    let user = state.user(id).expect("whoever is put out is known");
    let mut events: Vec<_> =
        user.sessions.iter().map(|open| closed(*open, id, reason, state.given(*open))).collect();
    if !events.is_empty() {
        events.extend(gone(state, id, why));
    }
    events
}

/// Somebody's last session is closed: those who see it are told, and who is there only while connected is forgotten.
pub(super) fn gone(state: &State, id: UserId, why: &str) -> Vec<Event> {
    let user = state.user(id).expect("whoever goes is known");
    let (name, rooms) = (user.name.clone(), state.told_of(id));
    let mut events = vec![Event::WentOffline { user: id, name, rooms, why: why.into() }];
    if user.visitor {
        events.extend(forget(state, &[id]));
    }
    events
}

pub(super) fn close(
    state: &State,
    session: SessionId,
    reason: CloseReason,
    seen: Position,
    why: &str,
) -> Result<Vec<Event>, Refusal> {
    if why.len() > LINE_MAX {
        return Err(Refusal::TooMany("bytes in a farewell"));
    }
    let open = state.session(session).ok_or(Refusal::NoSession)?;
    let user = state.user(open.user).expect("a session has its user");
    let mut events = vec![closed(session, open.user, reason, state.given(session).max(seen))];
    if user.sessions.len() == 1 {
        events.extend(gone(state, open.user, why));
    }
    Ok(events)
}

pub(super) fn mark_seen(
    state: &State,
    node: NodeId,
    upto: Position,
    except: &[SessionId],
) -> Result<Vec<Event>, Refusal> {
    let run = state.node(node).ok_or(Refusal::NoSession)?;
    let mut except: Vec<_> = except.iter().copied().filter(|id| state.session(*id).is_some()).collect();
    except.sort_unstable();
    let lagged =
        state.sessions_of(run.incarnation).filter(|(_, session)| session.lag.is_some()).map(|(id, _)| id);
    let caught_up = lagged.filter(|id| except.binary_search(id).is_err()).collect();
    let upto = upto.min(state.position);
    Ok(vec![Event::SeenMarked { incarnation: run.incarnation, upto, except, caught_up }])
}

pub(super) fn expired(since: Millis, now: Millis) -> bool {
    since.plus(TOKEN_HOLD) <= now
}

pub(super) fn came_online(state: &State, user: UserId, name: &Name) -> Event {
    let few = |id: &RoomId| state.room(*id).is_some_and(|room| room.online < ONLINE_TOLD);
    let rooms = state.rooms_of(user).filter(few).collect();
    Event::CameOnline { user, name: name.clone(), rooms, instead: None }
}

pub(super) fn closed(session: SessionId, user: UserId, reason: CloseReason, seen: Position) -> Event {
    Event::SessionClosed { session, user, reason, seen }
}

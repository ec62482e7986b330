//! Coming and going: nodes, sessions, guests and their names. Knows nothing of what is said.

use super::ONLINE_TOLD;
use crate::{
    CloseReason, Event, Incarnation, Millis, Name, NodeId, Position, Proof, Refusal, SessionId, State,
    TOKEN_HOLD, UserId,
};

/// Expired guests forgotten with each newcomer: two out for one in, so the state shrinks back by itself.
const SWEEP: usize = 2;

pub(super) fn start_node(state: &State, node: NodeId) -> Vec<Event> {
    let incarnation = Incarnation(state.incarnation.0 + 1);
    let mut events = Vec::new();
    if let Some(earlier) = state.node(node) {
        let mut online = state.online();
        let mut left: std::collections::BTreeMap<UserId, usize> = std::collections::BTreeMap::new();
        for (session, open) in state.sessions_of(earlier.incarnation) {
            let user = state.user(open.user).expect("a session has its user");
            events.push(closed(session, open.user, CloseReason::Server, state.given(session)));
            let gone = left.entry(open.user).or_default();
            *gone += 1;
            if *gone == user.sessions.len() {
                events.push(Event::WentOffline {
                    user: open.user,
                    name: user.name.clone(),
                    told: online <= ONLINE_TOLD,
                });
                online -= 1;
            }
        }
    }
    events.push(Event::NodeStarted { node, incarnation });
    events
}

pub(super) fn open(
    state: &State,
    now: Millis,
    session: SessionId,
    name: &Name,
    proof: &Proof,
) -> Result<Vec<Event>, Refusal> {
    if state.session(session).is_some() {
        return Err(Refusal::NoSession);
    }
    match proof {
        Proof::NewGuest(token) => {
            let mut events = Vec::new();
            if let Some((holder, user)) = state.holder(name) {
                if !user.sessions.is_empty() {
                    return Err(Refusal::NameInUse);
                }
                if !expired(user.last_seen, now) {
                    return Err(Refusal::NameHeld);
                }
                events.push(Event::GuestForgotten { user: holder });
            }
            let held = state.holder(name).map(|(id, _)| id);
            for (since, user) in state.longest_away().take(SWEEP) {
                if expired(since, now) && Some(user) != held {
                    events.push(Event::GuestForgotten { user });
                }
            }
            let user = state.next_user;
            events.push(Event::GuestCreated { user, name: name.clone(), token: *token });
            events.push(Event::SessionOpened { session, user, name: name.clone(), resume: None });
            events.push(came_online(state, user, name));
            Ok(events)
        }
        Proof::Token(token) => {
            let Some((id, user)) = state.holder(name) else { return Err(Refusal::BadToken) };
            let away = user.sessions.is_empty();
            if user.token != *token || (away && expired(user.last_seen, now)) {
                return Err(Refusal::BadToken);
            }
            // A token says "I lost my connection": what still looks open under it is taken over.
            let seen = user.sessions.iter().map(|s| state.given(*s)).max().unwrap_or_default().max(user.seen);
            let mut events: Vec<_> =
                user.sessions.iter().map(|old| closed(*old, id, CloseReason::Superseded, seen)).collect();
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
    }
}

pub(super) fn close(
    state: &State,
    session: SessionId,
    reason: CloseReason,
    seen: Position,
) -> Result<Vec<Event>, Refusal> {
    let open = state.session(session).ok_or(Refusal::NoSession)?;
    let user = state.user(open.user).expect("a session has its user");
    let mut events = vec![closed(session, open.user, reason, state.given(session).max(seen))];
    if user.sessions.len() == 1 {
        events.push(Event::WentOffline {
            user: open.user,
            name: user.name.clone(),
            told: state.online() <= ONLINE_TOLD,
        });
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

fn expired(since: Millis, now: Millis) -> bool {
    since.plus(TOKEN_HOLD) <= now
}

fn came_online(state: &State, user: UserId, name: &Name) -> Event {
    Event::CameOnline { user, name: name.clone(), told: state.online() < ONLINE_TOLD }
}

fn closed(session: SessionId, user: UserId, reason: CloseReason, seen: Position) -> Event {
    Event::SessionClosed { session, user, reason, seen }
}

//! Makes what happened so. Decides nothing: an event that got here is a fact.

pub(crate) mod fact;

use crate::place::Member;
use crate::{Entry, Event, LOBBY, Record, Room, Run, Session, State, User};

impl State {
    /// Moves to an entry's place: also a refused entry has had its place, and its time.
    pub fn advance(&mut self, entry: &Entry) {
        self.position = entry.position;
        self.time = self.time.max(entry.time);
    }

    /// Makes one event so.
    pub fn apply(&mut self, record: &Record) {
        match &record.event {
            Event::NodeStarted { node, incarnation } => {
                self.incarnation = *incarnation;
                self.put_node(*node, Run { incarnation: *incarnation, given: Default::default() });
            }
            Event::GuestCreated { user, name, token, visitor } => {
                self.next_user.0 = user.0 + 1;
                let guest = User::guest(name.clone(), *token, record.time, record.position);
                self.put_user(*user, User { visitor: visitor.is_some(), ident: visitor.clone(), ..guest });
                if visitor.is_some() {
                    return; // A visitor's program says where it goes.
                }
                // Everybody else starts in the lobby.
                self.put_member(LOBBY, *user, Member { since: record.position, ..Member::default() });
            }
            Event::GuestForgotten { user } => self.forget_user(*user),
            Event::SessionOpened { session, user, resume, .. } => {
                let from = resume.unwrap_or(record.position);
                self.put_session(*session, Session { user: *user, opened: record.position, from, lag: None });
                self.change_user(*user, |owner| {
                    owner.sessions.push(*session);
                    owner.sessions.sort_unstable();
                    owner.last_active = record.time;
                });
            }
            Event::SessionClosed { session, user, seen, .. } => {
                self.take_session(*session);
                self.take_keyed(*user, *session);
                self.change_user(*user, |owner| {
                    owner.sessions.retain(|s| s != session);
                    owner.last_seen = record.time;
                    owner.seen = owner.seen.max(*seen);
                    for ticket in owner.tickets.iter_mut().filter(|ticket| ticket.session == *session) {
                        ticket.seen = *seen;
                    }
                });
            }
            // Being online is having a session; these two are what people are told of it.
            Event::CameOnline { .. } | Event::WentOffline { .. } => {}
            Event::DirectCreated { room, from, to } => {
                self.next_room.0 = room.0 + 1;
                self.put_room(*room, Room { direct: Some((*from, *to)), ..Room::default() });
                for user in [from, to] {
                    self.put_member(*room, *user, Member { since: record.position, ..Member::default() });
                }
            }
            Event::Message { room, seq, author, seen, .. } => {
                let place = self.room_mut(*room);
                place.last = *seq;
                if place.slow > 0
                    && let Some(member) = place.members.get_mut(author)
                {
                    member.spoke = record.time;
                }
                let user = self.active(*author, record.time);
                user.sent += 1;
                user.seen = user.seen.max(*seen);
            }
            Event::SeenMarked { incarnation, upto, except, caught_up } => {
                for id in except {
                    let given = self.given(*id);
                    if let Some(session) = self.session_mut(*id) {
                        session.lag = Some(given);
                    }
                }
                for id in caught_up {
                    if let Some(session) = self.session_mut(*id) {
                        session.lag = None;
                    }
                }
                if let Some(run) = self.run_mut(*incarnation) {
                    run.given = run.given.max(*upto);
                }
            }
            Event::Imported { room, seq, .. } => self.room_mut(*room).last = *seq,
            Event::Fact(fact) => self.apply_fact(record, fact),
        }
    }

    /// Somebody has done something. Who acts by a key alone is seen by that.
    fn active(&mut self, id: crate::UserId, now: crate::Millis) -> &mut User {
        if self.touch_user(id).sessions.is_empty() {
            self.change_user(id, |user| user.last_seen = now);
        }
        let user = self.touch_user(id);
        user.last_active = now;
        user
    }

    /// Changes what is indexed of a user: sessions, name, account.
    fn change_user(&mut self, id: crate::UserId, change: impl FnOnce(&mut User)) {
        let mut user = self.touch_user(id).clone();
        change(&mut user);
        self.put_user(id, user);
    }
}

//! Makes what happened so. Decides nothing: an event that got here is a fact.

use crate::{Entry, Event, Record, Room, Run, Session, State, User};

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
            Event::GuestCreated { user, name, token } => {
                self.next_user.0 = user.0 + 1;
                let guest = User {
                    name: name.clone(),
                    token: *token,
                    sessions: Vec::new(),
                    last_seen: record.time,
                    last_active: record.time,
                    sent: 0,
                    seen: record.position,
                };
                self.put_user(*user, guest);
            }
            Event::GuestForgotten { user } => self.forget_user(*user),
            Event::SessionOpened { session, user, resume, .. } => {
                let from = resume.unwrap_or(record.position);
                self.put_session(*session, Session { user: *user, opened: record.position, from, lag: None });
                let mut owner = self.touch_user(*user).clone();
                owner.sessions.push(*session);
                owner.sessions.sort_unstable();
                owner.last_active = record.time;
                self.put_user(*user, owner);
            }
            Event::SessionClosed { session, user, seen, .. } => {
                self.take_session(*session);
                let mut owner = self.touch_user(*user).clone();
                owner.sessions.retain(|s| s != session);
                owner.last_seen = record.time;
                owner.seen = owner.seen.max(*seen);
                self.put_user(*user, owner);
            }
            // Being online is having a session; these two are what people are told of it.
            Event::CameOnline { .. } | Event::WentOffline { .. } => {}
            Event::DirectCreated { room, from, to } => {
                self.next_room.0 = room.0 + 1;
                self.put_room(*room, Room { direct: Some((*from, *to)), last: Default::default() });
            }
            Event::Message { room, seq, author, seen, .. } => {
                self.room_mut(*room).last = *seq;
                let user = self.touch_user(*author);
                user.sent += 1;
                user.last_active = record.time;
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
        }
    }
}

//! The state's tables follow the events: whatever a batch touched is written once, at its end.

use crate::Fault;
use chatroom_model::{Event, RoomId, SessionId, State, UserId};
use rusqlite::{Connection, params};
use std::collections::BTreeSet;

/// What a batch changed.
#[derive(Default)]
pub(super) struct Touched {
    users: BTreeSet<UserId>,
    sessions: BTreeSet<SessionId>,
    rooms: BTreeSet<RoomId>,
    nodes: bool,
}

impl Touched {
    pub(super) fn add(&mut self, event: &Event) {
        match event {
            Event::NodeStarted { .. } => self.nodes = true,
            Event::GuestCreated { user, .. } => {
                self.users.insert(*user);
            }
            Event::GuestForgotten { user } => {
                self.users.insert(*user);
            }
            Event::SessionOpened { session, user, .. } | Event::SessionClosed { session, user, .. } => {
                self.sessions.insert(*session);
                self.users.insert(*user);
            }
            Event::CameOnline { .. } | Event::WentOffline { .. } => {}
            Event::DirectCreated { room, .. } | Event::Imported { room, .. } => {
                self.rooms.insert(*room);
            }
            Event::Message { room, author, .. } => {
                self.rooms.insert(*room);
                self.users.insert(*author);
            }
            Event::SeenMarked { except, caught_up, .. } => {
                self.sessions.extend(except.iter().chain(caught_up));
                self.nodes = true;
            }
        }
    }

    pub(super) fn write(&self, db: &Connection, state: &State) -> Result<(), Fault> {
        for id in &self.users {
            user(db, state, *id)?;
        }
        for id in &self.sessions {
            session(db, state, *id)?;
        }
        for id in &self.rooms {
            room(db, state, *id)?;
        }
        if self.nodes {
            for (id, run) in state.nodes() {
                db.prepare_cached("INSERT OR REPLACE INTO nodes VALUES (?, ?, ?)")?.execute(params![
                    id.0 as i64,
                    run.incarnation.0 as i64,
                    run.given.0 as i64
                ])?;
            }
        }
        Ok(())
    }
}

fn user(db: &Connection, state: &State, id: UserId) -> Result<(), Fault> {
    match state.user(id) {
        Some(user) => db
            .prepare_cached("INSERT OR REPLACE INTO users VALUES (?, ?, ?, ?, ?, ?, ?)")?
            .execute(params![
                id.0 as i64,
                user.name.as_str(),
                user.token.0,
                user.last_seen.0,
                user.last_active.0,
                user.sent as i64,
                user.seen.0 as i64
            ])?,
        None => {
            // A forgotten guest takes the direct rooms along; the messages stay in the log.
            db.prepare_cached("DELETE FROM rooms WHERE a = ?1 OR b = ?1")?.execute([id.0 as i64])?;
            db.prepare_cached("DELETE FROM users WHERE id = ?")?.execute([id.0 as i64])?
        }
    };
    Ok(())
}

fn session(db: &Connection, state: &State, id: SessionId) -> Result<(), Fault> {
    match state.session(id) {
        Some(session) => {
            db.prepare_cached("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?)")?.execute(params![
                id.0 as i64,
                session.user.0 as i64,
                session.opened.0 as i64,
                session.from.0 as i64,
                session.lag.map(|lag| lag.0 as i64)
            ])?
        }
        None => db.prepare_cached("DELETE FROM sessions WHERE id = ?")?.execute([id.0 as i64])?,
    };
    Ok(())
}

fn room(db: &Connection, state: &State, id: RoomId) -> Result<(), Fault> {
    // A direct room may have been made and forgotten within one batch.
    let Some(room) = state.room(id) else { return Ok(()) };
    let (a, b) = room.direct.unzip();
    db.prepare_cached("INSERT OR REPLACE INTO rooms VALUES (?, ?, ?, ?)")?.execute(params![
        id.0 as i64,
        a.map(|a| a.0 as i64),
        b.map(|b| b.0 as i64),
        room.last.0 as i64
    ])?;
    Ok(())
}

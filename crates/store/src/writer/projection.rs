//! The state's tables follow the events: whatever a batch touched is written once, at its end.

use crate::Fault;
use chatroom_model::{Event, Fact, Kind, LOBBY, Room, RoomId, SessionId, State, UserId};
use rusqlite::{Connection, params};
use std::collections::BTreeSet;

/// What a batch changed.
#[derive(Debug, Default)]
pub(super) struct Touched {
    users: BTreeSet<UserId>,
    /// Tokens and ignored users.
    lists: BTreeSet<UserId>,
    sessions: BTreeSet<SessionId>,
    rooms: BTreeSet<RoomId>,
    /// Sanctions, invitations, pins and purges.
    houses: BTreeSet<RoomId>,
    members: BTreeSet<(RoomId, UserId)>,
    keys: BTreeSet<UserId>,
    hooks: BTreeSet<RoomId>,
    bans: bool,
    nodes: bool,
}

impl Touched {
    pub(super) fn add(&mut self, event: &Event, state: &State) {
        match event {
            Event::NodeStarted { .. } => self.nodes = true,
            Event::GuestCreated { user, .. } => {
                self.users.insert(*user);
                self.members.insert((LOBBY, *user));
            }
            Event::GuestForgotten { user } => {
                self.users.insert(*user);
            }
            Event::SessionOpened { session, user, .. } => {
                self.sessions.insert(*session);
                self.users.insert(*user);
            }
            Event::SessionClosed { session, user, .. } => {
                self.sessions.insert(*session);
                self.users.insert(*user);
                self.keyed(*user, state);
                // What a token's session had been given is noted beside the token.
                if state.user(*user).is_some_and(|user| user.account.is_some()) {
                    self.lists.insert(*user);
                }
            }
            Event::CameOnline { .. } | Event::WentOffline { .. } => {}
            Event::DirectCreated { room, from, to } => {
                self.rooms.insert(*room);
                self.members.extend([(*room, *from), (*room, *to)]);
            }
            Event::Imported { room, .. } => {
                self.rooms.insert(*room);
            }
            Event::Message { room, author, .. } => {
                self.rooms.insert(*room);
                self.users.insert(*author);
                if state.room(*room).is_some_and(|room| room.slow > 0) {
                    self.members.insert((*room, *author));
                }
            }
            Event::SeenMarked { except, caught_up, .. } => {
                self.sessions.extend(except.iter().chain(caught_up));
                self.nodes = true;
            }
            Event::Fact(fact) => self.fact(fact),
        }
    }

    /// Which sessions came in by a key is noted beside it.
    fn keyed(&mut self, user: UserId, state: &State) {
        if state.keys_of(user).next().is_some() {
            self.keys.insert(user);
        }
    }

    fn fact(&mut self, fact: &Fact) {
        match fact {
            Fact::RoomCreated { at, .. } | Fact::RoomSet { at, .. } => {
                self.rooms.insert(at.room);
            }
            Fact::Dropped { at, .. } => {
                self.rooms.insert(at.room);
                self.houses.insert(at.room);
            }
            Fact::Joined { at, user, .. } => {
                self.members.insert((at.room, *user));
                self.houses.insert(at.room);
            }
            Fact::Left { at, user, .. } | Fact::RoleSet { at, user, .. } => {
                self.members.insert((at.room, *user));
            }
            Fact::ReadUpTo { room, user, .. } => {
                self.members.extend(room.map(|room| (room, *user)));
            }
            Fact::Sanctioned { at, .. }
            | Fact::Invited { at, .. }
            | Fact::Pinned { at, .. }
            | Fact::Redacted { at, .. }
            | Fact::Purged { at, .. }
            | Fact::PurgeUndone { at, .. }
            | Fact::PurgeDone { at, .. } => {
                self.houses.insert(at.room);
            }
            Fact::Edited { author: user, .. }
            | Fact::Reacted { user, .. }
            | Fact::Renamed { user, .. }
            | Fact::AwaySet { user, .. }
            | Fact::ProfileSet { user, .. }
            | Fact::IdentSet { user, .. }
            | Fact::BotMade { user, .. }
            | Fact::OperatorSet { user, .. } => {
                self.users.insert(*user);
            }
            Fact::Registered { user, .. } | Fact::PasswordSet { user, .. } => {
                self.users.insert(*user);
                self.lists.insert(*user);
            }
            Fact::Ignored { user, .. } | Fact::TicketGiven { user, .. } => {
                self.lists.insert(*user);
            }
            Fact::KeyGiven { user, .. } | Fact::KeyRevoked { user, .. } | Fact::KeyUsed { user, .. } => {
                self.keys.insert(*user);
            }
            Fact::HookAdded { at, .. } | Fact::HookEnded { at, .. } => {
                self.hooks.insert(at.room);
            }
            Fact::Banned { .. } => self.bans = true,
            // The event's own effect has taken all of it away; the others are only for people to see.
            Fact::RoomDeleted { .. }
            | Fact::AccountTold { .. }
            | Fact::InviteTold { .. }
            | Fact::MetadataSet { .. } => {}
        }
    }

    pub(super) fn write(&self, db: &Connection, state: &State) -> Result<(), Fault> {
        for id in &self.users {
            user(db, state, *id)?;
        }
        for id in &self.lists {
            lists(db, state, *id)?;
        }
        for id in &self.keys {
            keys(db, state, *id)?;
        }
        for room in &self.hooks {
            hooks(db, state, *room)?;
        }
        for id in &self.sessions {
            session(db, state, *id)?;
        }
        for id in &self.rooms {
            // A room may have been made and ended within one batch.
            if let Some(room) = state.room(*id) {
                write_room(db, *id, room)?;
            }
        }
        for id in &self.houses {
            if let Some(room) = state.room(*id) {
                house(db, *id, room)?;
            }
        }
        for (room, user) in &self.members {
            member(db, state, *room, *user)?;
        }
        if self.bans {
            db.prepare_cached("DELETE FROM sanctions WHERE room = 0")?.execute([])?;
            for (n, ban) in state.bans().iter().enumerate() {
                sanction(db, RoomId(0), n, Kind::Ban, ban)?;
            }
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
        Some(user) => {
            let sql = "INSERT OR REPLACE INTO users \
                       (id, name, token, last_seen, last_active, sent, seen, phc, operator, away, profile, \
                       visitor, ident_user, ident_real, ident_modes, account, bot_of) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
            // A guest's one token stands here; those of registered users have a table.
            let token = match (&user.account, user.tickets.first()) {
                (None, Some(ticket)) => &ticket.token.0[..],
                _ => &[],
            };
            db.prepare_cached(sql)?.execute(params![
                id.0 as i64,
                user.name.as_str(),
                token,
                user.last_seen.0,
                user.last_active.0,
                user.sent as i64,
                user.seen.0 as i64,
                user.account.as_ref().map(|account| &account.phc),
                user.operator,
                user.away,
                user.profile,
                user.visitor,
                user.ident.as_ref().map(|ident| ident.user.as_str()),
                user.ident.as_ref().map(|ident| ident.real.as_str()),
                user.ident.as_ref().map_or("", |ident| ident.modes.as_str()),
                user.account.as_ref().map(|account| account.name.as_str()),
                user.account.as_ref().and_then(|account| account.owner).map(|owner| owner.0 as i64)
            ])?;
        }
        None => {
            // A forgotten guest takes the direct rooms along; the messages stay in the log.
            for sql in [
                "DELETE FROM members WHERE room IN (SELECT id FROM rooms WHERE a = ?1 OR b = ?1)",
                "DELETE FROM rooms WHERE a = ?",
                "DELETE FROM rooms WHERE b = ?",
                "DELETE FROM members WHERE user = ?",
                "DELETE FROM stays WHERE user = ?",
                "DELETE FROM ignores WHERE owner = ?",
                "DELETE FROM read_marks WHERE user = ?1 OR target = '@' || ?1",
                "DELETE FROM metadata WHERE room = 0 AND user = ?",
                "DELETE FROM mentions WHERE user = ?",
                "DELETE FROM keys WHERE owner = ?",
                "DELETE FROM keyed WHERE owner = ?",
                "DELETE FROM users WHERE id = ?",
            ] {
                db.prepare_cached(sql)?.execute([id.0 as i64])?;
            }
        }
    };
    Ok(())
}

fn lists(db: &Connection, state: &State, id: UserId) -> Result<(), Fault> {
    db.prepare_cached("DELETE FROM tickets WHERE owner = ?")?.execute([id.0 as i64])?;
    db.prepare_cached("DELETE FROM ignores WHERE owner = ?")?.execute([id.0 as i64])?;
    let Some(user) = state.user(id) else { return Ok(()) };
    for (n, ticket) in user.tickets.iter().enumerate().filter(|_| user.account.is_some()) {
        db.prepare_cached("INSERT INTO tickets VALUES (?, ?, ?, ?, ?)")?.execute(params![
            id.0 as i64,
            n as i64,
            ticket.token.0,
            ticket.session.0 as i64,
            ticket.seen.0 as i64
        ])?;
    }
    for other in &user.ignores {
        db.prepare_cached("INSERT INTO ignores VALUES (?, ?)")?.execute([id.0 as i64, other.0 as i64])?;
    }
    Ok(())
}

fn keys(db: &Connection, state: &State, user: UserId) -> Result<(), Fault> {
    db.prepare_cached("DELETE FROM keys WHERE owner = ?")?.execute([user.0 as i64])?;
    db.prepare_cached("DELETE FROM keyed WHERE owner = ?")?.execute([user.0 as i64])?;
    for (id, key) in state.keys_of(user) {
        db.prepare_cached("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?.execute(params![
            user.0 as i64,
            id.0 as i64,
            key.hash.0,
            key.label,
            key.scopes.0,
            key.made.0,
            key.until.map(|until| until.0),
            key.room.map(|room| room.0 as i64)
        ])?;
        for session in &key.sessions {
            db.prepare_cached("INSERT INTO keyed VALUES (?, ?, ?)")?.execute([
                session.0 as i64,
                user.0 as i64,
                id.0 as i64,
            ])?;
        }
    }
    Ok(())
}

fn hooks(db: &Connection, state: &State, room: RoomId) -> Result<(), Fault> {
    db.prepare_cached("DELETE FROM hooks WHERE room = ?")?.execute([room.0 as i64])?;
    for (id, hook) in state.hooks_of(room) {
        db.prepare_cached("INSERT INTO hooks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?.execute(params![
            room.0 as i64,
            id.0 as i64,
            hook.url,
            hook.label,
            hook.secret.0,
            hook.by.user.0 as i64,
            hook.by.name.as_str(),
            hook.made.0,
            hook.ended.map(|(at, _)| at.0),
            hook.ended.map(|(_, why)| why.word())
        ])?;
    }
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

fn write_room(db: &Connection, id: RoomId, room: &Room) -> Result<(), Fault> {
    let (a, b) = room.direct.unzip();
    let sql = "INSERT OR REPLACE INTO rooms (id, a, b, last, name, access, topic, password, slow, most, moderated, \
               archived, keep_for, keep, dropped, outside, open_topic, made, topic_by, topic_at, \
               registered_speak, registered_join, no_ctcp) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    db.prepare_cached(sql)?.execute(params![
        id.0 as i64,
        a.map(|a| a.0 as i64),
        b.map(|b| b.0 as i64),
        room.last.0 as i64,
        room.name.as_ref().map(|name| name.as_str()),
        room.access.word(),
        room.topic,
        room.password,
        room.slow,
        room.limit,
        room.moderated,
        room.archived,
        room.retention.age,
        room.retention.number.map(|n| n as i64),
        room.dropped.0 as i64,
        room.outside,
        room.open_topic,
        room.made.0,
        room.topic_by.as_ref().map(|(by, _)| by),
        room.topic_by.as_ref().map(|(_, at)| at.0),
        room.registered_speak,
        room.registered_join,
        room.no_ctcp
    ])?;
    Ok(())
}

fn house(db: &Connection, id: RoomId, room: &Room) -> Result<(), Fault> {
    let key = id.0 as i64;
    for table in ["sanctions", "invitations", "pins", "purges"] {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE room = ?"))?.execute([key])?;
    }
    for (n, (sort, of)) in room.sanctions.iter().enumerate() {
        sanction(db, id, n, *sort, of)?;
    }
    for user in &room.invited {
        db.prepare_cached("INSERT INTO invitations VALUES (?, ?)")?.execute([key, user.0 as i64])?;
    }
    for (n, seq) in room.pins.iter().enumerate() {
        db.prepare_cached("INSERT INTO pins VALUES (?, ?, ?)")?.execute([key, n as i64, seq.0 as i64])?;
    }
    for purge in &room.purges {
        db.prepare_cached("INSERT INTO purges VALUES (?, ?, ?, ?, ?, ?)")?.execute(params![
            key,
            purge.id as i64,
            purge.user.0 as i64,
            purge.since.0,
            purge.upto.0 as i64,
            purge.until.0
        ])?;
    }
    Ok(())
}

fn sanction(
    db: &Connection,
    room: RoomId,
    n: usize,
    sort: Kind,
    of: &chatroom_model::Sanction,
) -> Result<(), Fault> {
    let data = serde_json::to_string(of).map_err(|e| Fault::Damaged(e.to_string()))?;
    db.prepare_cached("INSERT INTO sanctions VALUES (?, ?, ?, ?)")?.execute(params![
        room.0 as i64,
        n as i64,
        sort.word(),
        data
    ])?;
    Ok(())
}

fn member(db: &Connection, state: &State, room: RoomId, user: UserId) -> Result<(), Fault> {
    let Some(member) = state.room(room).and_then(|room| room.members.get(&user)) else { return Ok(()) };
    db.prepare_cached("INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?, ?, ?, ?)")?.execute(params![
        room.0 as i64,
        user.0 as i64,
        member.role.word(),
        member.since.0 as i64,
        member.read.0 as i64,
        member.spoke.0,
        member.voiced
    ])?;
    Ok(())
}

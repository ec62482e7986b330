//! The state, from its tables: what a start or a repair begins with. Its cost is people and rooms, not history.

use crate::Fault;
use chatroom_model::chain::Link;
use chatroom_model::{
    Access, Account, By, Ending, Hook, HookId, HookSecret, Ident, Incarnation, Key, KeyId, Kind, LOBBY,
    Member, Millis, Name, NodeId, Position, Purge, Retention, Role, Room, RoomId, RoomName, Run, Sanction,
    Scopes, Seq, Session, SessionId, State, Ticket, TokenHash, User, UserId,
};
use rusqlite::{Connection, Row};
use std::collections::{BTreeSet, HashMap};

/// Reads the state and the chain's last link.
pub(crate) fn load(db: &Connection) -> Result<(State, Link), Fault> {
    let mut state = State::new();
    let link = head(db, &mut state)?;
    nodes(db, &mut state)?;
    let mut open = sessions(db, &mut state)?;
    users(db, &mut state, &mut open)?;
    if !open.is_empty() {
        return Err(Fault::Damaged("a session has no user".into()));
    }
    keys(db, &mut state)?;
    rooms(db, &mut state)?;
    for (room, id, hook) in hooks(db, None)? {
        state.put_hook(room, id, hook);
    }
    Ok((state, link))
}

fn head(db: &Connection, state: &mut State) -> Result<Link, Fault> {
    let sql = "SELECT position, time, next_user, next_room, incarnation, link FROM head";
    Ok(db.query_row(sql, [], |row| {
        state.position = Position(row.get::<_, i64>(0)? as u64);
        state.time = Millis(row.get(1)?);
        state.next_user = UserId(row.get::<_, i64>(2)? as u64);
        state.next_room = RoomId(row.get::<_, i64>(3)? as u64);
        state.incarnation = Incarnation(row.get::<_, i64>(4)? as u64);
        Ok(Link(row.get(5)?))
    })?)
}

fn nodes(db: &Connection, state: &mut State) -> Result<(), Fault> {
    let mut rows = db.prepare("SELECT id, incarnation, given FROM nodes")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let incarnation = Incarnation(row.get::<_, i64>(1)? as u64);
        let given = Position(row.get::<_, i64>(2)? as u64);
        state.put_node(NodeId(row.get::<_, i64>(0)? as u64), Run { incarnation, given });
    }
    Ok(())
}

fn sessions(db: &Connection, state: &mut State) -> Result<HashMap<UserId, Vec<SessionId>>, Fault> {
    let mut open: HashMap<UserId, Vec<SessionId>> = HashMap::new();
    let mut rows = db.prepare("SELECT id, owner, opened, since, lag FROM sessions ORDER BY id")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let id = SessionId(row.get::<_, i64>(0)? as u64);
        let user = UserId(row.get::<_, i64>(1)? as u64);
        open.entry(user).or_default().push(id);
        let opened = Position(row.get::<_, i64>(2)? as u64);
        let from = Position(row.get::<_, i64>(3)? as u64);
        let lag = row.get::<_, Option<i64>>(4)?.map(|lag| Position(lag as u64));
        state.put_session(id, Session { user, opened, from, lag });
    }
    Ok(open)
}

fn users(
    db: &Connection,
    state: &mut State,
    open: &mut HashMap<UserId, Vec<SessionId>>,
) -> Result<(), Fault> {
    let mut tickets = tickets(db)?;
    let mut ignores: HashMap<UserId, BTreeSet<UserId>> = HashMap::new();
    let mut rows = db.prepare("SELECT owner, other FROM ignores")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        ignores.entry(user_id(row, 0)?).or_default().insert(user_id(row, 1)?);
    }
    let mut rows = db.prepare(
        "SELECT id, name, token, last_seen, last_active, sent, seen, phc, operator, away, profile, \
         visitor, ident_user, ident_real, ident_modes, account, bot_of FROM users",
    )?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let id = user_id(row, 0)?;
        let name = Name::kept(&row.get::<_, String>(1)?);
        let called = row.get::<_, Option<String>>(15)?.map(|name| Name::kept(&name));
        let account = row.get::<_, Option<String>>(7)?;
        let owner = row.get::<_, Option<i64>>(16)?.map(|owner| UserId(owner as u64));
        let account =
            account.map(|phc| Account { phc, name: called.unwrap_or_else(|| name.clone()), owner }.into());
        let guest = match account {
            Some(_) => Vec::new(),
            None => vec![Ticket { token: TokenHash(row.get(2)?), session: SessionId(0), seen: Position(0) }],
        };
        let user = User {
            name,
            tickets: tickets.remove(&id).unwrap_or(guest),
            account,
            operator: row.get(8)?,
            visitor: row.get(11)?,
            ident: ident(row, 12)?,
            away: row.get(9)?,
            profile: row.get(10)?,
            ignores: ignores.remove(&id).unwrap_or_default(),
            sessions: open.remove(&id).unwrap_or_default(),
            last_seen: Millis(row.get(3)?),
            last_active: Millis(row.get(4)?),
            sent: row.get::<_, i64>(5)? as u64,
            seen: Position(row.get::<_, i64>(6)? as u64),
        };
        state.put_user(id, user);
    }
    Ok(())
}

/// How programs know somebody, from three columns.
pub(crate) fn ident(row: &Row<'_>, first: usize) -> Result<Option<Box<Ident>>, rusqlite::Error> {
    let (user, real): (Option<String>, Option<String>) = (row.get(first)?, row.get(first + 1)?);
    let modes: String = row.get(first + 2)?;
    Ok(user
        .zip(real)
        .map(|(user, real)| Ident { user: user.into(), real: real.into(), modes: modes.into() }.into()))
}

fn tickets(db: &Connection) -> Result<HashMap<UserId, Vec<Ticket>>, Fault> {
    let mut tickets: HashMap<UserId, Vec<Ticket>> = HashMap::new();
    let mut rows = db.prepare("SELECT owner, token, session, seen FROM tickets ORDER BY owner, n")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        tickets.entry(user_id(row, 0)?).or_default().push(Ticket {
            token: TokenHash(row.get(1)?),
            session: SessionId(row.get::<_, i64>(2)? as u64),
            seen: Position(row.get::<_, i64>(3)? as u64),
        });
    }
    Ok(tickets)
}

fn keys(db: &Connection, state: &mut State) -> Result<(), Fault> {
    let mut rows = db.prepare("SELECT owner, id, hash, label, scopes, made, until, room FROM keys")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let key = Key {
            hash: TokenHash(row.get(2)?),
            label: row.get(3)?,
            scopes: Scopes(row.get(4)?),
            made: Millis(row.get(5)?),
            until: row.get::<_, Option<i64>>(6)?.map(Millis),
            room: row.get::<_, Option<i64>>(7)?.map(|room| RoomId(room as u64)),
            sessions: Vec::new(),
        };
        state.put_key(user_id(row, 0)?, KeyId(row.get::<_, i64>(1)? as u64), key);
    }
    let mut rows = db.prepare("SELECT owner, key, session FROM keyed ORDER BY session")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let id = KeyId(row.get::<_, i64>(1)? as u64);
        state.put_keyed(user_id(row, 0)?, id, SessionId(row.get::<_, i64>(2)? as u64));
    }
    Ok(())
}

/// The hooks of a room, or of all of them.
pub(crate) fn hooks(db: &Connection, room: Option<RoomId>) -> Result<Vec<(RoomId, HookId, Hook)>, Fault> {
    let sql = "SELECT room, id, url, label, secret, keeper, name, made, ended, why FROM hooks \
               WHERE ?1 IS NULL OR room = ?1 ORDER BY room, id";
    let mut found = db.prepare_cached(sql)?;
    let mut rows = found.query([room.map(|room| room.0 as i64)])?;
    let mut hooks = Vec::new();
    while let Some(row) = rows.next()? {
        let ended = match row.get::<_, Option<i64>>(8)? {
            Some(at) => Some((Millis(at), word(row, 9, Ending::read)?)),
            None => None,
        };
        let hook = Hook {
            url: row.get(2)?,
            label: row.get(3)?,
            secret: HookSecret(row.get(4)?),
            by: By { user: user_id(row, 5)?, name: Name::kept(&row.get::<_, String>(6)?) },
            made: Millis(row.get(7)?),
            ended,
        };
        hooks.push((RoomId(row.get::<_, i64>(0)? as u64), HookId(row.get::<_, i64>(1)? as u64), hook));
    }
    Ok(hooks)
}

fn user_id(row: &Row<'_>, column: usize) -> Result<UserId, Fault> {
    Ok(UserId(row.get::<_, i64>(column)? as u64))
}

fn rooms(db: &Connection, state: &mut State) -> Result<(), Fault> {
    let mut rows = db.prepare("SELECT id FROM rooms")?;
    let ids = rows.query_map([], |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>()?;
    for id in ids {
        let id = RoomId(id as u64);
        let room = room(db, id)?.ok_or_else(|| Fault::Damaged("a room went away".into()))?;
        state.put_room(id, room);
    }
    let mut rows = db.prepare("SELECT room, user, role, since, read, spoke, voiced FROM members")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        state.put_member(RoomId(row.get::<_, i64>(0)? as u64), user_id(row, 1)?, member(row)?);
    }
    let server = sanctions(db, RoomId(0))?;
    server.into_iter().for_each(|(_, ban)| state.put_ban(ban));
    Ok(())
}

/// Reads columns 2 to 6 of a member.
pub(crate) fn member(row: &Row<'_>) -> Result<Member, Fault> {
    Ok(Member {
        role: word(row, 2, Role::read)?,
        since: Position(row.get::<_, i64>(3)? as u64),
        read: Seq(row.get::<_, i64>(4)? as u64),
        spoke: Millis(row.get(5)?),
        voiced: row.get(6)?,
    })
}

fn word<T>(row: &Row<'_>, column: usize, read: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
    let text: String = row.get(column)?;
    read(&text).ok_or_else(|| Fault::Damaged(format!("{text:?} is no such word")))
}

/// One room, without its members.
pub(crate) fn room(db: &Connection, id: RoomId) -> Result<Option<Room>, Fault> {
    let sql = "SELECT a, b, last, name, access, topic, password, slow, most, moderated, archived, keep_for, keep, \
               dropped, outside, open_topic, made, topic_by, topic_at, registered_speak, registered_join, no_ctcp FROM rooms WHERE id = ?";
    let mut found = db.prepare_cached(sql)?;
    let mut rows = found.query([id.0 as i64])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (a, b): (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
    let name: Option<String> = row.get(3)?;
    Ok(Some(Room {
        direct: a.zip(b).map(|(a, b)| (UserId(a as u64), UserId(b as u64))),
        last: Seq(row.get::<_, i64>(2)? as u64),
        label: name.as_deref().filter(|_| id != LOBBY).map(Into::into),
        name: name.as_deref().map(RoomName::kept),
        access: word(row, 4, Access::read)?,
        topic: row.get(5)?,
        password: row.get(6)?,
        slow: row.get(7)?,
        limit: row.get(8)?,
        moderated: row.get(9)?,
        archived: row.get(10)?,
        retention: Retention { age: row.get(11)?, number: row.get::<_, Option<i64>>(12)?.map(|n| n as u64) },
        dropped: Seq(row.get::<_, i64>(13)? as u64),
        outside: row.get(14)?,
        open_topic: row.get(15)?,
        made: Millis(row.get(16)?),
        topic_by: row.get::<_, Option<String>>(17)?.zip(row.get::<_, Option<i64>>(18)?.map(Millis)),
        registered_speak: row.get(19)?,
        registered_join: row.get(20)?,
        no_ctcp: row.get(21)?,
        sanctions: sanctions(db, id)?,
        invited: ids(db, "SELECT user FROM invitations WHERE room = ?", id)?.map(UserId).collect(),
        pins: ids(db, "SELECT seq FROM pins WHERE room = ? ORDER BY n", id)?.map(Seq).collect(),
        purges: purges(db, id)?,
        ..Room::default()
    }))
}

fn ids(db: &Connection, sql: &str, room: RoomId) -> Result<impl Iterator<Item = u64> + use<>, Fault> {
    let mut found = db.prepare_cached(sql)?;
    let rows = found.query_map([room.0 as i64], |row| row.get::<_, i64>(0))?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().map(|id| id as u64))
}

pub(crate) fn sanctions(db: &Connection, room: RoomId) -> Result<Vec<(Kind, Sanction)>, Fault> {
    let mut found = db.prepare_cached("SELECT sort, data FROM sanctions WHERE room = ? ORDER BY n")?;
    let mut rows = found.query([room.0 as i64])?;
    let mut sanctions = Vec::new();
    while let Some(row) = rows.next()? {
        let sort = word(row, 0, Kind::read)?;
        let of =
            serde_json::from_str(&row.get::<_, String>(1)?).map_err(|e| Fault::Damaged(e.to_string()))?;
        sanctions.push((sort, of));
    }
    Ok(sanctions)
}

/// What is hidden in a room.
pub(crate) fn purges(db: &Connection, room: RoomId) -> Result<Vec<Purge>, Fault> {
    let sql = "SELECT id, user, since, upto, until FROM purges WHERE room = ? ORDER BY id";
    let mut found = db.prepare_cached(sql)?;
    let rows = found.query_map([room.0 as i64], |row| {
        Ok(Purge {
            id: row.get::<_, i64>(0)? as u64,
            user: UserId(row.get::<_, i64>(1)? as u64),
            since: Millis(row.get(2)?),
            upto: Seq(row.get::<_, i64>(3)? as u64),
            until: Millis(row.get(4)?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

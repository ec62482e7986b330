//! The state, from its tables: what a start or a repair begins with. Its cost is people and rooms, not history.

use crate::Fault;
use chatroom_model::chain::Link;
use chatroom_model::{
    Incarnation, Millis, Name, NodeId, Position, Room, RoomId, Run, Seq, Session, SessionId, State,
    TokenHash, User, UserId,
};
use rusqlite::Connection;
use std::collections::HashMap;

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
    rooms(db, &mut state)?;
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
    let mut rows = db.prepare("SELECT id, name, token, last_seen, last_active, sent, seen FROM users")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let id = UserId(row.get::<_, i64>(0)? as u64);
        let user = User {
            name: Name::kept(&row.get::<_, String>(1)?),
            token: TokenHash(row.get(2)?),
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

fn rooms(db: &Connection, state: &mut State) -> Result<(), Fault> {
    let mut rows = db.prepare("SELECT id, a, b, last FROM rooms")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let a: Option<i64> = row.get(1)?;
        let b: Option<i64> = row.get(2)?;
        let direct = a.zip(b).map(|(a, b)| (UserId(a as u64), UserId(b as u64)));
        state.put_room(
            RoomId(row.get::<_, i64>(0)? as u64),
            Room { direct, last: Seq(row.get::<_, i64>(3)? as u64) },
        );
    }
    Ok(())
}

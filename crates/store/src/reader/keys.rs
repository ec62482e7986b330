//! Whose a key is, and which keys somebody has. Knows no key itself, only its hash.

use super::Reader;
use crate::Fault;
use chatroom_model::{KeyId, Millis, RoomId, Scopes, TokenHash, UserId};
use rusqlite::{OptionalExtension as _, Row};

/// A key that somebody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Whose.
    pub user: UserId,
    /// Which.
    pub id: KeyId,
    /// What its user calls it.
    pub label: String,
    /// What may be done by it.
    pub scopes: Scopes,
    /// When it was given.
    pub made: Millis,
    /// When it ends by itself.
    pub until: Option<Millis>,
    /// The one room in which may be spoken by it, if it is for that.
    pub room: Option<RoomId>,
}

fn held(row: &Row<'_>) -> rusqlite::Result<Held> {
    Ok(Held {
        user: UserId(row.get::<_, i64>(0)? as u64),
        id: KeyId(row.get::<_, i64>(1)? as u64),
        label: row.get(2)?,
        scopes: Scopes(row.get(3)?),
        made: Millis(row.get(4)?),
        until: row.get::<_, Option<i64>>(5)?.map(Millis),
        room: row.get::<_, Option<i64>>(6)?.map(|room| RoomId(room as u64)),
    })
}

impl Reader {
    /// The key of a hash, whether or not it is still good.
    pub fn key(&self, hash: &TokenHash) -> Result<Option<Held>, Fault> {
        let sql = "SELECT owner, id, label, scopes, made, until, room FROM keys WHERE hash = ?";
        Ok(self.0.prepare_cached(sql)?.query_row([&hash.0[..]], held).optional()?)
    }

    /// The keys of somebody, the oldest first.
    pub fn keys(&self, user: UserId) -> Result<Vec<Held>, Fault> {
        let sql = "SELECT owner, id, label, scopes, made, until, room FROM keys WHERE owner = ? ORDER BY id";
        let mut found = self.0.prepare_cached(sql)?;
        let rows = found.query_map([user.0 as i64], held)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The names of somebody's bots.
    pub fn bots(&self, owner: UserId) -> Result<Vec<String>, Fault> {
        let mut found = self.0.prepare_cached("SELECT name FROM users WHERE bot_of = ? ORDER BY name")?;
        Ok(found.query_map([owner.0 as i64], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }
}

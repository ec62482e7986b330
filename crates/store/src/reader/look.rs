//! A room as somebody stands to it, for questions that are not decided in order: history, lists, search. Asks the model's one
//! table; what it does not allow is not read.

use crate::{Fault, Reader, load};
use chatroom_model::{
    Act, Member, Name, Object, Refusal, Room, RoomId, RoomName, Standing, UserId, Where, can,
};
use rusqlite::OptionalExtension;
use std::collections::HashMap;

/// A room, and what somebody is to it.
#[derive(Debug)]
pub struct Look {
    /// Which.
    pub id: RoomId,
    /// The room; of its members only the asker is listed.
    pub room: Room,
    /// What the asker is to it.
    pub standing: Standing,
    /// What else the table must know.
    pub object: Object,
}

impl Look {
    /// Whether the asker may do something there.
    pub fn may(&self, act: Act) -> Result<(), Refusal> {
        can(self.standing, act, &self.object)
    }
}

impl Reader {
    /// Looks at a room as somebody may; a refusal where they may not do what they are about to.
    pub fn look(&self, user: UserId, place: &Where, act: Act) -> Result<Result<Look, Refusal>, Fault> {
        let Some(id) = self.find_room(user, place)? else { return Ok(Err(Refusal::NoSuchRoom)) };
        let Some(look) = self.stand(user, id)? else { return Ok(Err(Refusal::NoSuchRoom)) };
        Ok(look.may(act).map(|()| look))
    }

    /// Whether somebody begins a conversation by writing to whoever has this name; nothing where that is nobody, or themselves.
    pub fn is_first(&self, user: UserId, to: &Name) -> Result<Option<bool>, Fault> {
        match self.holder(to)? {
            Some((other, _)) if other != user => Ok(Some(self.room_of_two(user, other)?.is_none())),
            _ => Ok(None),
        }
    }

    fn find_room(&self, user: UserId, place: &Where) -> Result<Option<RoomId>, Fault> {
        match place {
            Where::Id(id) => Ok(Some(*id)),
            Where::Name(name) => {
                // As with people: nearly always the name is written as it is kept, but for the case.
                let sql = "SELECT id, name FROM rooms WHERE name = ?1 COLLATE NOCASE";
                if let Some(found) = self.room_named(sql, Some(name), name)? {
                    return Ok(Some(found));
                }
                if name.as_str().is_ascii() {
                    return Ok(None);
                }
                self.room_named("SELECT id, name FROM rooms WHERE name IS NOT NULL", None, name)
            }
            Where::With(name) => {
                let Some((other, _)) = self.holder(name)? else { return Ok(None) };
                self.room_of_two(user, other)
            }
        }
    }

    /// The conversation of two people, where they have one.
    pub fn room_of_two(&self, one: UserId, other: UserId) -> Result<Option<RoomId>, Fault> {
        let sql = "SELECT id FROM rooms WHERE (a = ?1 AND b = ?2) OR (a = ?2 AND b = ?1)";
        let mut found = self.0.prepare_cached(sql)?;
        let found = found.query_row([one.0 as i64, other.0 as i64], |row| row.get::<_, i64>(0));
        Ok(found.optional()?.map(|id| RoomId(id as u64)))
    }

    fn room_named(
        &self,
        sql: &str,
        bound: Option<&RoomName>,
        name: &RoomName,
    ) -> Result<Option<RoomId>, Fault> {
        let mut found = self.0.prepare_cached(sql)?;
        let mut rows = match bound {
            Some(name) => found.query([name.as_str()])?,
            None => found.query([])?,
        };
        while let Some(row) = rows.next()? {
            if RoomName::kept(row.get_ref(1)?.as_str().unwrap_or_default()) == *name {
                return Ok(Some(RoomId(row.get::<_, i64>(0)? as u64)));
            }
        }
        Ok(None)
    }

    /// The rooms somebody is in now, their direct conversations among them, with the name by which they know each.
    pub fn inside(&self, user: UserId) -> Result<HashMap<RoomId, String>, Fault> {
        let sql = "SELECT id, name FROM rooms WHERE a IS NULL AND id IN (SELECT room FROM members WHERE user = ?1) \
                   UNION ALL SELECT rooms.id, '@' || coalesce(users.name, '') FROM rooms LEFT JOIN users \
                   ON users.id = CASE WHEN a = ?1 THEN b ELSE a END WHERE a = ?1 OR b = ?1";
        let mut found = self.0.prepare_cached(sql)?;
        let rows = found.query_map([user.0 as i64], |row| {
            Ok((RoomId(row.get::<_, i64>(0)? as u64), row.get::<_, Option<String>>(1)?.unwrap_or_default()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn stand(&self, user: UserId, id: RoomId) -> Result<Option<Look>, Fault> {
        let Some(mut room) = load::room(&self.0, id)? else { return Ok(None) };
        if let Some(member) = self.member(id, user)? {
            room.members.insert(user, member);
        }
        let operator = user == UserId(0) || self.is_operator(user)?;
        let standing = room.standing(user, operator && room.direct.is_none());
        let object = room.object(user);
        Ok(Some(Look { id, room, standing, object }))
    }

    /// How many are in a room.
    pub fn crowd(&self, room: RoomId) -> Result<usize, Fault> {
        let mut found = self.0.prepare_cached("SELECT count(*) FROM members WHERE room = ?")?;
        Ok(found.query_row([room.0 as i64], |row| row.get::<_, i64>(0))? as usize)
    }

    pub(super) fn member(&self, room: RoomId, user: UserId) -> Result<Option<Member>, Fault> {
        let sql =
            "SELECT room, user, role, since, read, spoke, voiced FROM members WHERE room = ? AND user = ?";
        let mut found = self.0.prepare_cached(sql)?;
        let mut rows = found.query([room.0 as i64, user.0 as i64])?;
        rows.next()?.map(load::member).transpose()
    }

    /// Whether somebody runs the server.
    pub fn is_operator(&self, user: UserId) -> Result<bool, Fault> {
        let sql = "SELECT operator FROM users WHERE id = ?";
        let found = self.0.prepare_cached(sql)?.query_row([user.0 as i64], |row| row.get(0)).optional()?;
        Ok(found.unwrap_or(false))
    }

    /// Whether anybody runs the server.
    pub fn has_operator(&self) -> Result<bool, Fault> {
        Ok(self.0.query_row("SELECT EXISTS (SELECT 1 FROM users WHERE operator)", [], |row| row.get(0))?)
    }

    /// Who holds a name, and the hash of the password where it is registered.
    pub fn holder(&self, name: &Name) -> Result<Option<(UserId, Option<String>)>, Fault> {
        // Names are few beside messages; the form by which they compare is the model's, not SQLite's.
        let sql = "SELECT id, name, phc, account FROM users WHERE name = ?1 COLLATE NOCASE UNION ALL \
                   SELECT id, name, phc, account FROM users WHERE account IS NOT NULL AND account = ?1 COLLATE NOCASE";
        if let Some(found) = self.named(sql, Some(name), name)? {
            return Ok(Some(found));
        }
        if name.as_str().is_ascii() {
            return Ok(None);
        }
        self.named("SELECT id, name, phc, account FROM users", None, name)
    }

    fn named(
        &self,
        sql: &str,
        bound: Option<&Name>,
        name: &Name,
    ) -> Result<Option<(UserId, Option<String>)>, Fault> {
        let mut found = self.0.prepare_cached(sql)?;
        let mut rows = match bound {
            Some(name) => found.query([name.as_str()])?,
            None => found.query([])?,
        };
        while let Some(row) = rows.next()? {
            let is = |column| {
                Ok::<_, Fault>(row.get_ref(column)?.as_str().is_ok_and(|text| Name::kept(text) == *name))
            };
            if is(1)? || is(3)? {
                return Ok(Some((UserId(row.get::<_, i64>(0)? as u64), row.get(2)?)));
            }
        }
        Ok(None)
    }
}

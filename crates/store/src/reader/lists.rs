//! Who is there, which rooms there are, what is unread, what moderators did. Bounded; decides only by the model's table.

use crate::effect::with;
use crate::{Fault, Look, Reader, load, row};
use chatroom_model::{
    Access, Act, Ident, Millis, Name, Object, Record, Role, RoomId, Sanction, Seq, Standing, Subject, UserId,
    can,
};
use rusqlite::{OptionalExtension, params};
use std::collections::HashSet;

/// People a list of who is there names; the rest are counted.
pub const WHO_MAX: usize = 500;
/// Unread messages that are counted; more are more.
const UNREAD_MAX: i64 = 1000;
/// Rooms whose unread messages are counted.
const COUNTED_MAX: usize = 100;

/// Somebody in a room, or online.
#[derive(Debug)]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// The name.
    pub name: String,
    /// When something was last said, or a session opened.
    pub last_active: Millis,
    /// What they are in the room that was asked about.
    pub role: Role,
    /// Whether they have a voice beside it there.
    pub voiced: bool,
    /// Whether a session is open.
    pub online: bool,
    /// What they say about being away.
    pub away: Option<String>,
    /// What their account is called, where they are registered.
    pub account: Option<String>,
    /// Whether they run the server.
    pub operator: bool,
    /// How programs know them, where one said.
    pub ident: Option<Box<Ident>>,
}

/// Everybody at a glance.
#[derive(Debug)]
pub struct Lobby {
    /// Who is online, at most [`WHO_MAX`] of them, by name.
    pub people: Vec<Person>,
    /// How many are online.
    pub online: usize,
    /// Messages in the lobby.
    pub messages: u64,
}

/// A room in a list.
#[derive(Debug)]
pub struct Room {
    /// Which.
    pub id: RoomId,
    /// Its name; for a direct conversation, the other's.
    pub name: String,
    /// Whether it is one of two people.
    pub direct: bool,
    /// Who gets in.
    pub access: Access,
    /// What it is about.
    pub topic: String,
    /// How many are in it.
    pub members: usize,
    /// What the asker is there.
    pub role: Option<Role>,
    /// Messages of others that the asker has not marked as read, up to a thousand.
    pub unread: u64,
    /// When it was made; nothing is known of old ones.
    pub made: Millis,
    /// When its topic was set, where it has one of which that is known.
    pub topic_at: Option<Millis>,
    /// Those among them that name the asker.
    pub mentions: u64,
    /// Whether nothing more is said there.
    pub archived: bool,
    /// Up to which message the asker has read it.
    pub read: Seq,
    /// The last message.
    pub last: Seq,
}

/// What is known of somebody.
#[derive(Debug)]
pub struct Profile {
    /// Who.
    pub user: UserId,
    /// The name.
    pub name: String,
    /// What their account is called, where they are registered.
    pub account: Option<String>,
    /// Whether they run the server.
    pub operator: bool,
    /// Open sessions.
    pub sessions: usize,
    /// What they say about themselves.
    pub profile: String,
    /// What they say about being away.
    pub away: Option<String>,
    /// When the last session closed.
    pub last_seen: Millis,
    /// When something was last said.
    pub last_active: Millis,
    /// How programs know them, where one said.
    pub ident: Option<Box<Ident>>,
}

/// One act of moderation.
#[derive(Debug)]
pub struct Audited {
    /// The event.
    pub record: Record,
}

/// What [`profile`] reads.
const PROFILE: &str = "id, name, account, operator, (SELECT count(*) FROM sessions WHERE owner = users.id), \
                       profile, away, last_seen, last_active, ident_user, ident_real, ident_modes";

fn profile(row: &rusqlite::Row<'_>) -> Result<Profile, rusqlite::Error> {
    Ok(Profile {
        user: UserId(row.get::<_, i64>(0)? as u64),
        name: row.get(1)?,
        account: row.get(2)?,
        operator: row.get(3)?,
        sessions: row.get::<_, i64>(4)? as usize,
        profile: row.get(5)?,
        away: row.get(6)?,
        last_seen: Millis(row.get(7)?),
        last_active: Millis(row.get(8)?),
        ident: load::ident(row, 9)?,
    })
}

fn person(row: &rusqlite::Row<'_>) -> Result<Person, rusqlite::Error> {
    Ok(Person {
        user: UserId(row.get::<_, i64>(0)? as u64),
        name: row.get(1)?,
        last_active: Millis(row.get(2)?),
        role: Role::read(&row.get::<_, String>(3)?).unwrap_or_default(),
        online: row.get(4)?,
        away: row.get(5)?,
        account: row.get(6)?,
        operator: row.get(7)?,
        ident: load::ident(row, 8)?,
        voiced: row.get(11)?,
    })
}

impl Reader {
    /// Who is online and how much was said.
    pub fn lobby(&self) -> Result<Lobby, Fault> {
        let online: i64 =
            self.0.query_row("SELECT count(DISTINCT owner) FROM sessions", [], |row| row.get(0))?;
        let messages: i64 = self.0.query_row("SELECT last FROM rooms WHERE id = 1", [], |row| row.get(0))?;
        let mut statement = self.0.prepare_cached(
            "SELECT id, name, last_active, 'member', 1, away, account, operator, ident_user, ident_real, ident_modes, 0 \
             FROM users WHERE id IN (SELECT owner FROM sessions) ORDER BY name COLLATE NOCASE LIMIT ?",
        )?;
        let people = statement.query_map([WHO_MAX as i64], person)?.collect::<Result<_, _>>()?;
        Ok(Lobby { people, online: online as usize, messages: messages as u64 })
    }

    /// Who is in a room, those of the highest role first, at most [`WHO_MAX`].
    pub fn members(&self, room: RoomId) -> Result<Vec<Person>, Fault> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, name, last_active, role, EXISTS (SELECT 1 FROM sessions WHERE owner = users.id), away, \
             account, operator, ident_user, ident_real, ident_modes, voiced FROM members JOIN users ON users.id = members.user WHERE room = ? ORDER BY CASE role \
             WHEN 'owner' THEN 0 WHEN 'moderator' THEN 1 WHEN 'voice' THEN 2 ELSE 3 END, 5 DESC, \
             name COLLATE NOCASE LIMIT ?",
        )?;
        let people = statement.query_map([room.0 as i64, WHO_MAX as i64], person)?;
        Ok(people.collect::<Result<_, _>>()?)
    }

    /// The rooms somebody may know of, their own first; `all` lists also those they are not in.
    pub fn rooms(&self, user: UserId, all: bool) -> Result<Vec<Room>, Fault> {
        let operator = user == UserId(0) || self.is_operator(user)?;
        let mut statement = self.0.prepare_cached(
            "SELECT id, coalesce(name, (SELECT users.name FROM users WHERE users.id = CASE WHEN a = ?1 THEN b ELSE a END)), \
             a IS NOT NULL, access, topic, (SELECT count(*) FROM members WHERE room = rooms.id), \
             (SELECT role FROM members WHERE room = rooms.id AND user = ?1), archived, made, topic_at, \
             (SELECT read FROM members WHERE room = rooms.id AND user = ?1), last \
             FROM rooms WHERE a = ?1 OR b = ?1 OR a IS NULL ORDER BY name IS NULL, name COLLATE NOCASE",
        )?;
        let mut rows = statement.query([user.0 as i64])?;
        let mut rooms = Vec::new();
        while let Some(row) = rows.next()? {
            let role = row.get::<_, Option<String>>(6)?.and_then(|word| Role::read(&word));
            let access = Access::read(&row.get::<_, String>(3)?).unwrap_or(Access::Private);
            let direct = row.get(2)?;
            let standing = match role {
                _ if direct => Standing::Member,
                _ if operator => Standing::Operator,
                Some(role) => role.into(),
                None => Standing::Outsider,
            };
            let inside = role.is_some() || direct;
            if (!all && !inside) || can(standing, Act::See, &Object { access, ..Object::default() }).is_err()
            {
                continue;
            }
            rooms.push(Room {
                id: RoomId(row.get::<_, i64>(0)? as u64),
                name: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                direct,
                access,
                topic: row.get(4)?,
                members: row.get::<_, i64>(5)? as usize,
                role,
                unread: 0,
                mentions: 0,
                archived: row.get(7)?,
                made: Millis(row.get(8)?),
                topic_at: row.get::<_, Option<i64>>(9)?.map(Millis),
                read: Seq(row.get::<_, Option<i64>>(10)?.unwrap_or(0) as u64),
                last: Seq(row.get::<_, i64>(11)? as u64),
            });
        }
        drop(rows);
        // Rooms past this are shown without numbers: one command reads so much and no more.
        for room in rooms.iter_mut().filter(|room| room.role.is_some()).take(COUNTED_MAX) {
            (room.unread, room.mentions) = self.unread(room.id, user)?;
        }
        Ok(rooms)
    }

    /// Messages of others that somebody has not marked as read, and those among them that name them.
    pub fn unread(&self, room: RoomId, user: UserId) -> Result<(u64, u64), Fault> {
        let key = [room.0 as i64, user.0 as i64];
        let read = self
            .0
            .prepare_cached("SELECT read FROM members WHERE room = ? AND user = ?")?
            .query_row(key, |row| row.get::<_, i64>(0))
            .optional()?;
        let Some(read) = read else { return Ok((0, 0)) };
        let purges = load::purges(&self.0, room)?;
        let sql = "SELECT seq, author, time FROM (SELECT seq, author, time, body FROM events \
                   WHERE room = ?1 AND seq > ?2 ORDER BY seq LIMIT ?4) WHERE author <> ?3 \
                   AND body IS NOT NULL AND author NOT IN (SELECT other FROM ignores WHERE owner = ?3)";
        let mut found = self.0.prepare_cached(sql)?;
        let mut rows = found.query(params![room.0 as i64, read, user.0 as i64, UNREAD_MAX])?;
        let mut unread = 0;
        while let Some(row) = rows.next()? {
            let (seq, author) = (Seq(row.get::<_, i64>(0)? as u64), UserId(row.get::<_, i64>(1)? as u64));
            let time = Millis(row.get(2)?);
            unread += u64::from(!purges.iter().any(|purge| purge.hides(author, seq, time)));
        }
        let sql = "SELECT count(DISTINCT seq) FROM mentions WHERE room = ?1 AND user IN (0, ?2) AND seq > ?3";
        let mentions: i64 =
            self.0.prepare_cached(sql)?.query_row([room.0 as i64, user.0 as i64, read], |row| row.get(0))?;
        Ok((unread, (mentions as u64).min(unread)))
    }

    /// Up to which time somebody has read a room.
    pub fn read_mark(&self, look: &Look, user: UserId) -> Result<Option<Millis>, Fault> {
        let target = match (look.room.direct, &look.room.name) {
            (Some((a, b)), _) => with(if a == user { b } else { a }),
            (None, name) => name.as_ref().map(|name| name.key().to_owned()).unwrap_or_default(),
        };
        let sql = "SELECT time FROM events WHERE room = ?1 AND seq = \
                   (SELECT read FROM members WHERE room = ?1 AND user = ?2 AND read > 0)";
        match self.marked(user, &target)? {
            Some(at) => Ok(Some(at)),
            None => {
                let key = [look.id.0 as i64, user.0 as i64];
                let found = self.0.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?;
                Ok(found.map(Millis))
            }
        }
    }

    /// Up to which time somebody has read what is said with somebody else, where nothing was said yet.
    pub fn read_mark_with(&self, user: UserId, other: UserId) -> Result<Option<Millis>, Fault> {
        self.marked(user, &with(other))
    }

    fn marked(&self, user: UserId, target: &str) -> Result<Option<Millis>, Fault> {
        let sql = "SELECT at FROM read_marks WHERE user = ? AND target = ?";
        let mut found = self.0.prepare_cached(sql)?;
        let at = found.query_row(params![user.0 as i64, target], |row| row.get(0)).optional()?;
        Ok(at.map(Millis))
    }

    /// When a message was written.
    pub fn message_time(&self, room: RoomId, seq: Seq) -> Result<Option<Millis>, Fault> {
        let sql = "SELECT time FROM events WHERE room = ? AND seq = ?";
        let found = self.0.prepare_cached(sql)?.query_row([room.0 as i64, seq.0 as i64], |row| row.get(0));
        Ok(found.optional()?.map(Millis))
    }

    /// The rooms in which somebody is, with what they are there and whether they have a voice beside it: those in which the asker is too, and with `all` those that
    /// everybody is shown.
    pub fn seen_in(
        &self,
        asker: UserId,
        user: UserId,
        all: bool,
    ) -> Result<Vec<(String, Role, bool)>, Fault> {
        let sql = "SELECT name, role, access, room IN (SELECT room FROM members WHERE user = ?1), voiced FROM members \
                   JOIN rooms ON rooms.id = members.room WHERE user = ?2 AND name IS NOT NULL ORDER BY name";
        let mut found = self.0.prepare_cached(sql)?;
        let mut rows = found.query([asker.0 as i64, user.0 as i64])?;
        let mut seen = Vec::new();
        while let Some(row) = rows.next()? {
            let access = Access::read(&row.get::<_, String>(2)?).unwrap_or(Access::Private);
            if row.get(3)? || (all && access.shown()) {
                let role = Role::read(&row.get::<_, String>(1)?).unwrap_or_default();
                seen.push((row.get(0)?, role, row.get(4)?));
            }
        }
        Ok(seen)
    }

    /// Whoever is in a room with somebody.
    pub fn shares_with(&self, user: UserId) -> Result<HashSet<UserId>, Fault> {
        let sql = "SELECT DISTINCT user FROM members WHERE room IN \
                   (SELECT members.room FROM members JOIN rooms ON rooms.id = members.room \
                    WHERE user = ? AND name IS NOT NULL)";
        let mut found = self.0.prepare_cached(sql)?;
        let rows = found.query_map([user.0 as i64], |row| Ok(UserId(row.get::<_, i64>(0)? as u64)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What somebody of a name is in a room, and whether they have a voice beside it; nothing where they are not in it.
    pub fn role_of(&self, room: RoomId, name: &Name) -> Result<Option<(Role, bool)>, Fault> {
        let Some((user, _)) = self.holder(name)? else { return Ok(None) };
        Ok(self.member(room, user)?.map(|member| (member.role, member.voiced)))
    }

    /// What is noted of somebody or of a room, by key.
    pub fn metadata(&self, of: Subject) -> Result<Vec<(String, String)>, Fault> {
        let (room, user) = crate::writer::subject(of);
        let sql = "SELECT key, value FROM metadata WHERE room = ? AND user = ? ORDER BY key";
        let mut found = self.0.prepare_cached(sql)?;
        let rows = found.query_map([room, user], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When something was last said in a room.
    pub fn last_said(&self, room: RoomId) -> Result<Option<Millis>, Fault> {
        let sql = "SELECT time FROM events WHERE room = ? AND seq > 0 ORDER BY seq DESC LIMIT 1";
        let found = self.0.prepare_cached(sql)?.query_row([room.0 as i64], |row| row.get(0)).optional()?;
        Ok(found.map(Millis))
    }

    /// How many are online, and how many of them run the server.
    pub fn online(&self) -> Result<(usize, usize), Fault> {
        let sql =
            "SELECT count(*), coalesce(sum(operator), 0) FROM users WHERE id IN (SELECT owner FROM sessions)";
        let counts =
            |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)? as usize, row.get::<_, i64>(1)? as usize));
        Ok(self.0.prepare_cached(sql)?.query_row([], counts)?)
    }

    /// What is known of somebody.
    pub fn profile(&self, name: &Name) -> Result<Option<Profile>, Fault> {
        let Some((user, _)) = self.holder(name)? else { return Ok(None) };
        self.profile_of(user)
    }

    /// What is known of somebody.
    pub fn profile_of(&self, user: UserId) -> Result<Option<Profile>, Fault> {
        let sql = format!("SELECT {PROFILE} FROM users WHERE id = ?");
        let mut found = self.0.prepare_cached(&sql)?;
        Ok(found.query_row([user.0 as i64], profile).optional()?)
    }

    /// At most `n` people by name, or of those who are online, where of more than that some are left out; who does not want to
    /// be found by strangers (IRC) is not listed.
    pub fn people(&self, asker: UserId, online: bool, n: usize) -> Result<Vec<Profile>, Fault> {
        let sql = if online {
            // Not a look at everybody there ever was, however few are here.
            format!(
                "SELECT {PROFILE} FROM users WHERE id IN (SELECT DISTINCT owner FROM sessions LIMIT ?2) \
                 AND (ident_modes NOT LIKE '%i%' OR id = ?1) ORDER BY name COLLATE NOCASE"
            )
        } else {
            format!(
                "SELECT {PROFILE} FROM users WHERE (ident_modes NOT LIKE '%i%' OR id = ?1) \
                 ORDER BY name COLLATE NOCASE LIMIT ?2"
            )
        };
        let mut found = self.0.prepare_cached(&sql)?;
        let rows = found.query_map(rusqlite::params![asker.0 as i64, n as i64], profile)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What is known of everybody, by name; for the operator.
    pub fn profiles(&self) -> Result<Vec<Profile>, Fault> {
        let sql = format!("SELECT {PROFILE} FROM users ORDER BY name COLLATE NOCASE");
        let mut found = self.0.prepare_cached(&sql)?;
        Ok(found.query_map([], profile)?.collect::<Result<_, _>>()?)
    }

    /// Who is kept out of the whole server; some may have ended by themselves.
    pub fn bans(&self) -> Result<Vec<Sanction>, Fault> {
        let bans = load::sanctions(&self.0, RoomId(0))?;
        Ok(bans.into_iter().map(|(_, ban)| ban).collect())
    }

    /// What somebody is called now.
    pub fn name(&self, user: UserId) -> Result<Option<String>, Fault> {
        let mut found = self.0.prepare_cached("SELECT name FROM users WHERE id = ?")?;
        Ok(found.query_row([user.0 as i64], |row| row.get(0)).optional()?)
    }

    /// The names of all users, for the operator.
    pub fn user_names(&self) -> Result<Vec<String>, Fault> {
        let mut found = self.0.prepare_cached("SELECT name FROM users ORDER BY name COLLATE NOCASE")?;
        Ok(found.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// The names of those whom somebody ignores.
    pub fn ignored(&self, user: UserId) -> Result<Vec<(UserId, String)>, Fault> {
        let sql = "SELECT other, name FROM ignores LEFT JOIN users ON users.id = other WHERE owner = ? ORDER BY name";
        let mut found = self.0.prepare_cached(sql)?;
        let rows = found.query_map([user.0 as i64], |row| {
            Ok((UserId(row.get::<_, i64>(0)? as u64), row.get::<_, Option<String>>(1)?.unwrap_or_default()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Messages a user has sent, and when it was last active.
    pub fn activity(&self, user: UserId) -> Result<(u64, Millis), Fault> {
        let sql = "SELECT sent, last_active FROM users WHERE id = ?";
        Ok(self
            .0
            .query_row(sql, [user.0 as i64], |row| Ok((row.get::<_, i64>(0)? as u64, Millis(row.get(1)?))))?)
    }

    /// Whether some room has something that time may take away.
    pub fn sweeps(&self) -> Result<bool, Fault> {
        let sql = "SELECT EXISTS (SELECT 1 FROM purges) OR EXISTS \
                   (SELECT 1 FROM rooms WHERE keep_for IS NOT NULL OR (keep IS NOT NULL AND last - dropped > keep))";
        Ok(self.0.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// The last acts of moderation in a room, oldest first; room 0 is the whole server.
    pub fn audit(&self, room: RoomId, n: usize) -> Result<Vec<Audited>, Fault> {
        let sql = format!(
            "SELECT {} FROM events WHERE id IN (SELECT id FROM audit WHERE room = ? ORDER BY id DESC LIMIT ?) ORDER BY id",
            row::COLUMNS
        );
        let mut found = self.0.prepare_cached(&sql)?;
        let mut rows = found.query(params![room.0 as i64, n as i64])?;
        let mut audited = Vec::new();
        while let Some(found) = rows.next()? {
            audited.push(Audited { record: row::read(found)? });
        }
        Ok(audited)
    }
}

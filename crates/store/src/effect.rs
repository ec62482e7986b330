//! What an event does to earlier ones and to the lists beside them, in the transaction that stores it. What `decide` asks of
//! the past is answered from here, also within one batch. Decides nothing.

use crate::{Cursor, Fault};
use chatroom_model::chain;
use chatroom_model::{At, Event, Fact, Marked, Marker, Record, RoomId, RoomName, Seq, Setting, UserId, Way};
use rusqlite::{Connection, params};

/// Does what an event means for the rows before it.
pub(crate) fn apply(db: &Connection, record: &Record) -> Result<(), Fault> {
    match &record.event {
        Event::Message { room, seq, mentions, .. } => {
            for user in mentions {
                db.prepare_cached("INSERT INTO mentions VALUES (?, ?, ?)")?.execute(params![
                    user.0 as i64,
                    room.0 as i64,
                    seq.0 as i64
                ])?;
            }
            Ok(())
        }
        Event::Fact(fact) => {
            if let Some(room) = audited(fact) {
                db.prepare_cached("INSERT INTO audit VALUES (?, ?)")?
                    .execute([Cursor::at(record).0, room.0 as i64])?;
            }
            of_fact(db, record, fact)
        }
        _ => Ok(()),
    }
}

fn of_fact(db: &Connection, record: &Record, fact: &Fact) -> Result<(), Fault> {
    match fact {
        Fact::Edited { at, seq, .. } => {
            db.prepare_cached("INSERT INTO edits VALUES (?, ?, ?)")?.execute(params![
                at.room.0 as i64,
                seq.0 as i64,
                Cursor::at(record).0
            ])?;
        }
        Fact::ReadUpTo { user, marker: Some(Marker { at, of }), .. } => {
            // What is read stays read.
            let sql =
                "INSERT INTO read_marks VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET at = max(at, excluded.at)";
            db.prepare_cached(sql)?.execute(params![user.0 as i64, marked(of), at.0])?;
        }
        Fact::RoomSet { at, setting: Setting::Name { name, .. }, .. } => {
            let old = RoomName::kept(at.label.as_deref().unwrap_or_default());
            db.prepare_cached("UPDATE OR REPLACE read_marks SET target = ? WHERE target = ?")?
                .execute([name.key(), old.key()])?;
        }
        Fact::MetadataSet { room, user, key, value, .. } => {
            let (room, user) = match room {
                Some(at) => (at.room.0 as i64, 0),
                None => (0, user.0 as i64),
            };
            match value {
                Some(value) => db
                    .prepare_cached("INSERT OR REPLACE INTO metadata VALUES (?, ?, ?, ?)")?
                    .execute(params![room, user, key, value])?,
                None => db
                    .prepare_cached("DELETE FROM metadata WHERE room = ? AND user = ? AND key = ?")?
                    .execute(params![room, user, key])?,
            };
        }
        Fact::Redacted { at, seq, .. } => redact(db, at.room, *seq)?,
        Fact::Reacted { at, seq, user, emoji, on, .. } => {
            let sql = if *on {
                "INSERT OR IGNORE INTO reactions (room, seq, emoji, user) VALUES (?, ?, ?, ?)"
            } else {
                "DELETE FROM reactions WHERE room = ? AND seq = ? AND emoji = ? AND user = ?"
            };
            db.prepare_cached(sql)?.execute(params![at.room.0 as i64, seq.0 as i64, emoji, user.0 as i64])?;
        }
        Fact::PurgeDone { at, user, since, upto, .. } => {
            let sql = "SELECT seq FROM events WHERE room = ? AND seq <= ? AND author = ? AND time >= ? \
                       AND body IS NOT NULL";
            let mut found = db.prepare_cached(sql)?;
            let seqs = found
                .query_map(params![at.room.0 as i64, upto.0 as i64, user.0 as i64, since.0], |row| {
                    row.get::<_, i64>(0)
                })?
                .collect::<Result<Vec<_>, _>>()?;
            for seq in seqs {
                redact(db, at.room, Seq(seq as u64))?;
            }
        }
        Fact::Left { at, user, .. } => {
            let sql = "INSERT OR REPLACE INTO stays (user, upto, room, since) \
                       SELECT user, ?3, room, since FROM members WHERE room = ?1 AND user = ?2";
            let (room, id, position) = (at.room.0 as i64, user.0 as i64, Cursor::at(record).0);
            if db.prepare_cached(sql)?.execute([room, id, position])? == 0 {
                // A guest who came and was put out within one batch: the rest of the state is written at its end.
                db.prepare_cached("INSERT OR REPLACE INTO stays VALUES (?, ?, ?, 0)")?
                    .execute([id, position, room])?;
            }
            db.prepare_cached("DELETE FROM members WHERE room = ? AND user = ?")?
                .execute([at.room.0 as i64, user.0 as i64])?;
        }
        Fact::Joined { at, user, role, .. } => {
            // The row must be there when they go out again within the same batch.
            let sql = "INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?, coalesce((SELECT last FROM rooms WHERE id = ?1), 0), 0, 0)";
            db.prepare_cached(sql)?.execute(params![
                at.room.0 as i64,
                user.0 as i64,
                role.word(),
                record.position.0 as i64
            ])?;
        }
        Fact::RoomDeleted { at, .. } => delete(db, record, at)?,
        Fact::Dropped { at, upto } => drop_messages(db, at.room, *upto)?,
        _ => {}
    }
    Ok(())
}

/// What a marker is of, as the table has it.
pub(crate) fn marked(of: &Marked) -> String {
    match of {
        Marked::Room(name) => name.key().to_owned(),
        Marked::With { user, .. } => with(*user),
    }
}

/// What is said with somebody, as the table of markers has it.
pub(crate) fn with(user: UserId) -> String {
    format!("@{}", user.0)
}

/// Takes the words of a message and of all its edits off the disk; their hashes stay, and the chain with them.
fn redact(db: &Connection, room: RoomId, seq: Seq) -> Result<(), Fault> {
    let key = [room.0 as i64, seq.0 as i64];
    let mut found = db.prepare_cached(
        "SELECT id, salt, body FROM events WHERE room = ?1 AND seq = ?2 AND body IS NOT NULL UNION ALL \
         SELECT events.id, salt, body FROM edits JOIN events ON events.id = edits.id \
         WHERE edits.room = ?1 AND edits.seq = ?2 AND body IS NOT NULL",
    )?;
    let rows = found
        .query_map(key, |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, [u8; 16]>(1)?, row.get::<_, String>(2)?))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    for (id, salt, body) in rows {
        // The salt goes too: with it a short text could be guessed from its hash.
        db.prepare_cached("UPDATE events SET body = NULL, salt = NULL, body_hash = ? WHERE id = ?")?
            .execute(params![chain::body_hash(&salt, &body), id])?;
    }
    db.prepare_cached("DELETE FROM reactions WHERE room = ? AND seq = ?")?.execute(key)?;
    db.prepare_cached("DELETE FROM mentions WHERE room = ? AND seq = ?")?.execute(key)?;
    Ok(())
}

/// Takes everything but the link off the rows of a room's oldest messages, by retention or because the room ends: the next row's link still covers it.
fn drop_messages(db: &Connection, room: RoomId, upto: Seq) -> Result<(), Fault> {
    let key = [room.0 as i64, upto.0 as i64];
    let empty =
        "UPDATE events SET kind = 'gone', visible = 0, data = '', salt = NULL, body = NULL, body_hash = NULL";
    db.prepare_cached(&format!("{empty} WHERE id IN (SELECT id FROM edits WHERE room = ? AND seq <= ?)"))?
        .execute(key)?;
    db.prepare_cached(&format!("{empty} WHERE room = ? AND seq <= ? AND kind <> 'gone'"))?.execute(key)?;
    for table in ["edits", "reactions", "mentions"] {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE room = ? AND seq <= ?"))?.execute(key)?;
    }
    Ok(())
}

fn delete(db: &Connection, record: &Record, at: &At) -> Result<(), Fault> {
    let (room, position) = (at.room.0 as i64, Cursor::at(record).0);
    // What was said in it ends with it; whoever was in it sees on coming back that it ended.
    drop_messages(db, at.room, Seq(i64::MAX as u64))?;
    db.prepare_cached(
        "INSERT OR REPLACE INTO stays (user, upto, room, since) \
         SELECT user, ?2, room, since FROM members WHERE room = ?1",
    )?
    .execute([room, position])?;
    for table in ["members", "invitations", "sanctions", "pins", "purges", "metadata", "hooks"] {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE room = ?"))?.execute([room])?;
    }
    db.prepare_cached("DELETE FROM rooms WHERE id = ?")?.execute([room])?;
    Ok(())
}

/// The room whose record of moderation an event belongs to; room 0 is the whole server.
pub(crate) fn audited(fact: &Fact) -> Option<RoomId> {
    let by_another = |by: UserId, author: UserId| by != author;
    match fact {
        Fact::Left { at, way: Way::Kicked { .. }, .. }
        | Fact::RoomCreated { at, .. }
        | Fact::RoleSet { at, .. }
        | Fact::RoomSet { at, .. }
        | Fact::MetadataSet { room: Some(at), .. }
        | Fact::RoomDeleted { at, .. }
        | Fact::Invited { at, .. }
        | Fact::Sanctioned { at, .. }
        | Fact::Pinned { at, .. }
        | Fact::HookAdded { at, .. }
        | Fact::HookEnded { at, .. }
        | Fact::Purged { at, .. }
        | Fact::PurgeUndone { at, .. }
        | Fact::PurgeDone { at, .. }
        | Fact::Dropped { at, .. } => Some(at.room),
        Fact::Redacted { at, author, by, .. } if by_another(by.user, *author) => Some(at.room),
        Fact::Banned { .. }
        | Fact::OperatorSet { .. }
        | Fact::PasswordSet { .. }
        | Fact::Registered { .. } => Some(RoomId(0)),
        Fact::Left { .. }
        | Fact::Redacted { .. }
        | Fact::Joined { .. }
        | Fact::Edited { .. }
        | Fact::Reacted { .. }
        | Fact::ReadUpTo { .. }
        | Fact::Renamed { .. }
        | Fact::AwaySet { .. }
        | Fact::ProfileSet { .. }
        | Fact::Ignored { .. }
        | Fact::IdentSet { .. }
        | Fact::MetadataSet { .. }
        | Fact::AccountTold { .. }
        | Fact::InviteTold { .. }
        | Fact::BotMade { .. }
        | Fact::KeyGiven { .. }
        | Fact::KeyRevoked { .. }
        | Fact::KeyUsed { .. }
        | Fact::TicketGiven { .. } => None,
    }
}

/// Whether an event takes words off the disk.
pub(crate) fn takes_words(event: &Event) -> bool {
    matches!(
        event,
        Event::Fact(
            Fact::Redacted { .. } | Fact::PurgeDone { .. } | Fact::Dropped { .. } | Fact::RoomDeleted { .. }
        )
    )
}

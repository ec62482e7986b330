//! What hooks have to send: where in the log it stands, and the event itself as it is now. Decides no retry.

use super::Reader;
use crate::{Cursor, Fault, load, row};
use chatroom_model::{Event, Fact, Hook, HookId, Position, Record, RoomId};
use rusqlite::{OptionalExtension as _, params};

/// Positions of the log one read looks through at most: some milliseconds.
const STEP: u64 = 4096;

/// Something in the log that concerns hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Something was said, edited or taken back in a room.
    Said(RoomId, Cursor),
    /// Something stood there that is no longer kept.
    Gone(RoomId, Cursor),
    /// There are other hooks from here on.
    Hooks,
}

/// What was found in a part of the log.
#[derive(Debug)]
pub struct Seen {
    /// In order.
    pub due: Vec<Due>,
    /// How far was read.
    pub cursor: Cursor,
    /// Nothing more stands before the limit that was given.
    pub end: bool,
}

/// What is to be sent for a place in the log.
#[derive(Debug)]
pub enum ToSend {
    /// This.
    Event(Box<Record>),
    /// Nothing: it is no longer kept, or hidden.
    Nothing,
    /// Nothing any more: the hook has ended.
    Over,
}

impl Reader {
    /// What concerns hooks after a cursor, up to a position; a bounded part of it.
    pub fn due(&self, after: Cursor, upto: Position) -> Result<Seen, Fault> {
        let (from, _) = after.place();
        let reach = Position(upto.0.min(from.0 + STEP));
        // A row that is gone keeps its room, where it was a message.
        let sql = "SELECT id, kind, CASE kind WHEN 'message' THEN room WHEN 'gone' THEN room \
                   ELSE json_extract(data, '$.at.room') END FROM events WHERE id > ? AND id <= ? AND kind IN \
                   ('message', 'edited', 'redacted', 'gone', 'hook_added', 'hook_ended', 'room_deleted') ORDER BY id";
        let mut found = self.0.prepare_cached(sql)?;
        let mut rows = found.query([after.0, Cursor::after(reach).0])?;
        let mut due = Vec::new();
        while let Some(row) = rows.next()? {
            let cursor = Cursor(row.get(0)?);
            let room = row.get::<_, Option<i64>>(2)?.map(|room| RoomId(room as u64));
            match (row.get_ref(1)?.as_str().unwrap_or_default(), room) {
                ("message" | "edited" | "redacted", Some(room)) => due.push(Due::Said(room, cursor)),
                ("gone", Some(room)) => due.push(Due::Gone(room, cursor)),
                ("hook_added" | "hook_ended" | "room_deleted", _) => due.push(Due::Hooks),
                _ => {}
            }
        }
        Ok(Seen {
            due,
            cursor: Cursor::after(reach).max(after),
            end: reach == upto || after >= Cursor::after(upto),
        })
    }

    /// The event at a place, for a hook of a room. The hook is looked at last: if it has not ended by then, it had not when
    /// the event happened.
    pub fn to_send(&self, room: RoomId, hook: HookId, at: Cursor) -> Result<(ToSend, Option<Hook>), Fault> {
        let sql = format!("SELECT {} FROM events WHERE id = ? AND kind <> 'gone'", row::COLUMNS);
        let mut found = self.0.prepare_cached(&sql)?;
        let mut rows = found.query([at.0])?;
        let record = rows.next()?.map(row::read).transpose()?;
        let purges = load::purges(&self.0, room)?;
        let hides = |record: &Record| {
            let (author, seq) = match &record.event {
                Event::Message { author, seq, .. } => (*author, *seq),
                Event::Fact(Fact::Edited { author, seq, .. }) => (*author, *seq),
                _ => return false,
            };
            purges.iter().any(|purge| purge.hides(author, seq, record.time))
        };
        let record = record.filter(|record| !hides(record));
        let live = self.hook(room, hook)?.filter(|hook| hook.ended.is_none());
        let send = match (&live, record) {
            (None, _) => ToSend::Over,
            (Some(_), Some(record)) => ToSend::Event(record.into()),
            (Some(_), None) => ToSend::Nothing,
        };
        Ok((send, live))
    }

    /// The place of a room's last message but so many.
    pub fn last_but(&self, room: RoomId, n: usize) -> Result<Option<Cursor>, Fault> {
        let sql =
            "SELECT id FROM events WHERE room = ? AND seq IS NOT NULL ORDER BY seq DESC LIMIT 1 OFFSET ?";
        let found = self.0.prepare_cached(sql)?.query_row(params![room.0 as i64, n as i64], |row| row.get(0));
        Ok(found.optional()?.map(Cursor))
    }

    /// A hook of a room, whether or not it has ended.
    pub fn hook(&self, room: RoomId, id: HookId) -> Result<Option<Hook>, Fault> {
        Ok(self.hooks(room)?.into_iter().find(|(other, _)| *other == id).map(|(_, hook)| hook))
    }

    /// The hooks of a room, the oldest first.
    pub fn hooks(&self, room: RoomId) -> Result<Vec<(HookId, Hook)>, Fault> {
        Ok(load::hooks(&self.0, Some(room))?.into_iter().map(|(_, id, hook)| (id, hook)).collect())
    }

    /// Which hooks there are, and whether each has ended.
    pub fn all_hooks(&self) -> Result<Vec<(RoomId, HookId, bool)>, Fault> {
        let mut found = self.0.prepare_cached("SELECT room, id, ended IS NOT NULL FROM hooks")?;
        let rows = found.query_map([], |row| {
            let (room, id) = (row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64);
            Ok((RoomId(room), HookId(id), row.get(2)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

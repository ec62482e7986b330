//! One event, as a row and back. Knows nothing of what the event means.

use crate::{Cursor, Fault};
use chatroom_model::chain::{self, GENESIS, Link};
use chatroom_model::durable::{EventForm, read_event, write_event};
use chatroom_model::{Event, Fact, Millis, Record, audience};
use rusqlite::{Connection, Row, params};

/// The columns [`read`] expects, in its order; the last is the link before, which the row's own link covers.
pub(crate) const COLUMNS: &str = "id, time, data, salt, body, body_hash, link, \
     (SELECT before.link FROM events AS before WHERE before.id < events.id ORDER BY before.id DESC LIMIT 1)";

const INSERT: &str = "INSERT INTO events (id, time, kind, visible, room, seq, author, client_id, data, salt, body, link) \
                      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// The columns that indexes need.
#[derive(PartialEq, Eq)]
pub(crate) struct Keys {
    pub(crate) room: Option<i64>,
    pub(crate) seq: Option<i64>,
    pub(crate) author: Option<i64>,
    pub(crate) client_id: Option<[u8; 16]>,
}

/// What they say of an event.
pub(crate) fn keys(event: &Event) -> Keys {
    match event {
        Event::Message { room, seq, author, client_id, .. } => Keys {
            room: Some(room.0 as i64),
            seq: Some(seq.0 as i64),
            author: Some(author.0 as i64),
            client_id: client_id.map(|id| id.0),
        },
        Event::Imported { room, seq, id, .. } => Keys {
            room: Some(room.0 as i64),
            seq: Some(seq.0 as i64),
            author: Some(0),
            client_id: Some(id.0),
        },
        // An edit has an id of its author's own too; its number is that of the message.
        Event::Fact(Fact::Edited { author, client_id: Some(id), .. }) => {
            Keys { room: None, seq: None, author: Some(author.0 as i64), client_id: Some(id.0) }
        }
        _ => Keys { room: None, seq: None, author: None, client_id: None },
    }
}

/// Whether anybody is given it when reading on: what only one session or nobody may see is passed over by the query.
pub(crate) fn visible(event: &Event) -> bool {
    audience(event).reads_on()
}

/// Writes one event behind a link of the chain; the answer is its own link.
pub(crate) fn insert(db: &Connection, before: Link, record: &Record) -> Result<Link, Fault> {
    let form: EventForm = write_event(&record.event);
    let link = chain::link(before, record, &form);
    let keys = keys(&record.event);
    db.prepare_cached(INSERT)?.execute(params![
        Cursor::at(record).0,
        record.time.0,
        form.kind,
        visible(&record.event),
        keys.room,
        keys.seq,
        keys.author,
        keys.client_id,
        form.data,
        form.body.as_ref().map(|_| record.salt),
        form.body,
        link.0,
    ])?;
    Ok(link)
}

/// Reads one event, and checks that it is what was written: nothing else is ever served.
pub(crate) fn read(row: &Row<'_>) -> Result<Record, Fault> {
    let (position, part) = Cursor(row.get(0)?).place();
    let data = row.get_ref(2)?.as_str().map_err(|e| Fault::Damaged(e.to_string()))?;
    let body = row.get_ref(4)?.as_str_or_null().map_err(|e| Fault::Damaged(e.to_string()))?;
    let salt: Option<[u8; 16]> = row.get(3)?;
    let time = row.get(1)?;
    let hash = match (body, salt) {
        (Some(body), Some(salt)) => Some(chain::body_hash(&salt, body)),
        _ => row.get(5)?,
    };
    let before = row.get::<_, Option<[u8; 32]>>(7)?.map_or(GENESIS, Link);
    if chain::link_row(before, position.0, part, time, data.as_bytes(), hash.as_ref()) != Link(row.get(6)?) {
        return Err(Fault::Damaged(format!(
            "the event at position {position}, part {part} is not what was written"
        )));
    }
    Ok(Record {
        position,
        part,
        time: Millis(time),
        salt: salt.unwrap_or_default(),
        event: read_event(data, body)?,
    })
}

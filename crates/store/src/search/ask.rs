//! Asks the index, volume by volume and newest first, so that a search that finds little can be stopped. Knows no texts.

use super::tokens::{self, Wanted};
use super::{file, volume};
use crate::Fault;
use chatroom_model::{Query, RoomId, UserId};
use rusqlite::{Connection, params};
use std::ops::ControlFlow;

/// What a message's tokens must be, as FTS5 reads it.
pub(super) struct Asked(String);

impl Asked {
    /// `rooms` are those that are worth naming; nothing to ask for at all is no question.
    pub(super) fn new(
        query: &Query,
        wanted: &Wanted,
        author: Option<UserId>,
        rooms: Option<&[RoomId]>,
    ) -> Option<Self> {
        let mut all: Vec<String> = wanted.tokens().iter().map(|token| quoted(token)).collect();
        match (author, &query.from) {
            (Some(author), _) => all.push(quoted(&tokens::author(author))),
            (None, Some(name)) => all.push(quoted(&tokens::name(name))),
            (None, None) => {}
        }
        if let Some(rooms) = rooms {
            let either: Vec<String> = rooms.iter().map(|room| quoted(&tokens::room(*room))).collect();
            all.push(format!("({})", either.join(" OR ")));
        }
        (!all.is_empty()).then(|| Self(all.join(" AND ")))
    }

    /// Gives the ids below `high` and from `low`, newest first, until it is told to stop. At most so many volumes are
    /// looked through; the answer is the id below which nothing was.
    pub(super) fn each(
        &self,
        db: &Connection,
        low: i64,
        high: i64,
        volumes: usize,
        mut found: impl FnMut(i64) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<i64, Fault> {
        let standing = file::volumes(db, volume::of(low), volume::of(high), volumes.saturating_add(1))?;
        for (n, number) in standing.into_iter().enumerate() {
            if n == volumes {
                return Ok(volume::start(number.saturating_add(1)).min(high));
            }
            let mut statement = db.prepare_cached(&volume::find(number))?;
            let mut rows = statement.query(params![self.0, high, low])?;
            while let Some(row) = rows.next()? {
                if found(row.get(0)?)?.is_break() {
                    return Ok(high);
                }
            }
        }
        Ok(low)
    }
}

/// A token as FTS5 reads it as nothing else, whatever is in it.
fn quoted(token: &str) -> String {
    format!("\"{}\"", token.replace('"', "\"\""))
}

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
    /// looked through.
    pub(super) fn each(
        &self,
        db: &Connection,
        low: i64,
        high: i64,
        volumes: usize,
        found: impl FnMut(i64) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<Looked, Fault> {
        let standing = file::volumes(db, volume::of(low), volume::of(high), volumes.saturating_add(1));
        let standing = match standing {
            Err(Fault::Damaged(_)) => return Ok(Looked::Damaged),
            standing => standing?,
        };
        let asked = standing.get(..volumes).unwrap_or(&standing);
        let looked = self.through(db, asked, low, high, found)?;
        match (looked, standing.get(volumes)) {
            (Looked::All, Some(next)) => Ok(Looked::From(volume::start(next.saturating_add(1)).min(high))),
            (looked, _) => Ok(looked),
        }
    }

    fn through(
        &self,
        db: &Connection,
        volumes: &[i64],
        low: i64,
        high: i64,
        mut found: impl FnMut(i64) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<Looked, Fault> {
        for volume in volumes {
            let asked = db.prepare_cached(&volume::find(*volume));
            let mut statement = match sound(asked)? {
                Some(statement) => statement,
                None => return Ok(Looked::Damaged),
            };
            let mut rows = statement.query(params![self.0, high, low])?;
            loop {
                match sound(rows.next())? {
                    None => return Ok(Looked::Damaged),
                    Some(None) => break,
                    Some(Some(row)) if found(row.get(0)?)?.is_break() => return Ok(Looked::Stopped),
                    Some(Some(_)) => {}
                }
            }
        }
        Ok(Looked::All)
    }
}

/// How far the index was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looked {
    /// All there was.
    All,
    /// From this id on; older volumes were too many.
    From(i64),
    /// Until it was told to stop.
    Stopped,
    /// Until the index turned out damaged.
    Damaged,
}

impl Looked {
    pub(super) fn is_damaged(self) -> bool {
        self == Self::Damaged
    }
}

/// Nothing when the index is damaged: that is its own matter, not the log's.
fn sound<T>(result: Result<T, rusqlite::Error>) -> Result<Option<T>, Fault> {
    match result.map_err(Fault::from) {
        Err(Fault::Damaged(_)) => Ok(None),
        result => result.map(Some),
    }
}

/// A token as FTS5 reads it as nothing else, whatever is in it.
fn quoted(token: &str) -> String {
    format!("\"{}\"", token.replace('"', "\"\""))
}

//! Asks the index, block by block and newest first, so that a search that finds little can be stopped. Knows no texts.

use super::tokens::{self, Wanted};
use super::{ROOMS_NAMED, Scope};
use crate::Fault;
use chatroom_model::Query;
use rusqlite::{Connection, params};
use std::ops::ControlFlow;

/// Blocks that are asked at once, at most: 2 million positions.
const AT_ONCE: i64 = 32;

/// What a message's tokens must be.
pub(super) struct Asked {
    fixed: Vec<String>,
}

impl Asked {
    pub(super) fn new(query: &Query, wanted: &Wanted, scope: &Scope) -> Self {
        let mut fixed: Vec<String> = wanted.tokens().iter().map(|token| quoted(token)).collect();
        match (scope.author, &query.from) {
            (Some(author), _) => fixed.push(quoted(&tokens::author(author))),
            (None, Some(name)) => fixed.push(quoted(&tokens::name(name))),
            (None, None) => {}
        }
        if let Some(rooms) = scope.rooms.as_ref().filter(|rooms| rooms.len() <= ROOMS_NAMED) {
            fixed.push(either(rooms.iter().map(|room| tokens::room(*room))));
        }
        Self { fixed }
    }

    /// Gives the ids below `high` and from `low`, newest first, until it is told to stop. At most so many blocks are looked
    /// through; the answer is the id below which nothing was.
    pub(super) fn each(
        &self,
        db: &Connection,
        low: i64,
        high: i64,
        blocks: usize,
        mut found: impl FnMut(i64) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<i64, Fault> {
        let mut statement = db.prepare_cached(
            "SELECT rowid FROM words WHERE words MATCH ? AND rowid < ? AND rowid >= ? ORDER BY rowid DESC",
        )?;
        let (mut high, mut left, mut at_once) = (high, blocks as i64, 1);
        while high > low && left > 0 {
            let newest = tokens::block_of(high - 1);
            let oldest = (newest + 1 - at_once.min(left)).max(tokens::block_of(low));
            let expression = self.within(oldest, newest);
            let start = tokens::block_start(oldest).max(low);
            let mut rows = statement.query(params![expression, high, start])?;
            while let Some(row) = rows.next()? {
                if found(row.get(0)?)?.is_break() {
                    return Ok(high);
                }
            }
            high = start;
            left -= newest + 1 - oldest;
            at_once = (at_once * 2).min(AT_ONCE);
        }
        Ok(high)
    }

    fn within(&self, oldest: i64, newest: i64) -> String {
        let blocks = either((oldest..=newest).rev().map(tokens::block));
        self.fixed.iter().fold(blocks, |all, token| all + " AND " + token)
    }
}

/// A token as FTS5 reads it as nothing else, whatever is in it.
fn quoted(token: &str) -> String {
    format!("\"{}\"", token.replace('"', "\"\""))
}

fn either(tokens: impl Iterator<Item = String>) -> String {
    let tokens: Vec<String> = tokens.map(|token| quoted(&token)).collect();
    format!("({})", tokens.join(" OR "))
}

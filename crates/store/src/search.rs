//! Finds what was said: the index tells where to look, the text itself decides. Never shows what the asker may not see.
//!
//! ```text
//! Query ──tokens──► index: ids, newest first ──► row::read ──► said here? seen by the asker? ──► Hits
//! ```
//!
//! What the index has not taken in yet is read through row by row, so that nothing said a moment ago is missed.

mod ask;
mod change;
mod effect;
mod file;
mod fold;
mod index;
mod pool;
mod scan;
mod tokens;
mod volume;

use crate::{Cursor, Fault, Folder, Reader};
use chatroom_model::{Body, Query, Record, RoomId, UserId};
use file::{Head, Reading};
use rusqlite::{Connection, Transaction};
use scan::Scan;
use std::cell::Cell;
use std::ops::Range;

pub use change::{Change, Document, LogRow, News};
pub use file::SEARCH;
pub use index::{BATCH_ROWS, Index, Interrupt, Progress};
pub use pool::Searchers;

/// Rows of the newest log that are read through without an index. The indexer must not stay further behind, however busy
/// it is: what lies beyond is not found until it has come there.
pub const TAIL_MAX: usize = 50_000;

/// Rooms a search names to the index; past this it looks at what was said anywhere, and passes over the other rooms.
pub const ROOMS_NAMED: usize = 64;

/// Messages in other rooms a search may pass over for each it may look at.
const PASSED_OVER: usize = 16;

/// Where somebody may search. A query's `in:` has become one room here, by whoever knows the rooms' names.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The rooms the asker may see, of which one may have been asked for; `None` is all there are.
    pub rooms: Option<Vec<RoomId>>,
    /// Only what this user wrote; without it a query's `from:` goes by the name at that time.
    pub author: Option<UserId>,
}

/// What one search may cost.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Messages it may find.
    pub hits: usize,
    /// Messages it may look at.
    pub candidates: usize,
    /// Volumes of 2^20 positions in which the index may look for them.
    pub volumes: usize,
}

impl Default for Cost {
    /// What a person's search costs: a few milliseconds; a volume in which two very common words never meet costs some
    /// thirty, so that fewer volumes, and going on, keep a busy server's searches short.
    fn default() -> Self {
        Self { hits: 50, candidates: 2_000, volumes: 16 }
    }
}

/// What a search found.
#[derive(Debug)]
pub struct Hits {
    /// Newest first.
    pub hits: Vec<Hit>,
    /// Where to go on, as the next search's `before`; `None` when all was looked at.
    pub next: Option<Cursor>,
    /// Nothing was left out. Otherwise the index is still far behind, and older messages are missing.
    pub complete: bool,
}

/// A message that says what was searched for.
#[derive(Debug)]
pub struct Hit {
    /// The message, as it was written first.
    pub record: Record,
    /// The words it was given last, where it was edited.
    pub edited: Option<Body>,
    /// Where it says it now: byte ranges of its last words, in order and apart.
    pub marks: Vec<Range<usize>>,
}

/// The index, open for reading, when there is one.
#[derive(Debug)]
pub struct SearchReader {
    folder: Folder,
    open: Option<Reading>,
    damaged: Cell<bool>,
}

impl SearchReader {
    /// Opens the index of a folder; without one, everything is read through.
    pub fn open(folder: &Folder) -> Result<Self, Fault> {
        let (open, damaged) = match file::open_reading(folder) {
            Err(Fault::Damaged(_)) => (None, true),
            opened => (opened?, false),
        };
        Ok(Self { folder: folder.clone(), open, damaged: Cell::new(damaged) })
    }

    /// Whether it still is the index that stands in the folder. One that is not wants to be opened anew: it falls behind.
    #[must_use]
    pub fn current(&self) -> bool {
        self.open.as_ref().map(|open| open.identity) == file::identity(&file::path(&self.folder))
    }

    /// Whether the index turned out damaged: searches are not complete until [`Index::rebuild`] has made a new one and this
    /// was opened anew. The log is not affected.
    #[must_use]
    pub fn damaged(&self) -> bool {
        self.damaged.get()
    }

    fn db(&self) -> Option<&Connection> {
        self.open.as_ref().map(|open| &open.db)
    }
}

/// Where a text says what is searched for, in bytes, in order and apart; `None` when it does not say all of it.
#[must_use]
pub fn marks(query: &Query, text: &str) -> Option<Vec<Range<usize>>> {
    tokens::Wanted::of(query).marks(text)
}

/// Finds messages, newest first, before a cursor. What `may_see` refuses is never shown nor counted as found.
///
/// A search is bounded by its cost; when that is used up, `next` says where to go on, which may be before anything was
/// found.
pub fn search(
    index: &SearchReader,
    log: &Reader,
    query: &Query,
    scope: &Scope,
    before: Option<Cursor>,
    cost: Cost,
    may_see: impl FnMut(&Record) -> bool,
) -> Result<Hits, Fault> {
    // Both are looked at as they are now; the index first, so that it is never ahead of the log.
    let snapshot = match begin(index) {
        Err(Fault::Damaged(_)) => {
            index.damaged.set(true);
            None
        }
        begun => begun?,
    };
    let _log = log.db().unchecked_transaction()?;
    let mut scan = Scan::new(log, query, scope, cost, may_see);
    let before = before.map_or(i64::MAX, |before| before.0);
    let mut complete = scan.tail(snapshot.as_ref().map_or(0, |(_, head)| head.cursor), before)?;
    if let Some((db, head)) = &snapshot
        && scan.index(db, *head, before)?.is_damaged()
    {
        index.damaged.set(true);
        complete = false;
    }
    Ok(scan.finish(complete))
}

fn begin(index: &SearchReader) -> Result<Option<(Transaction<'_>, Head)>, Fault> {
    let Some(db) = index.db() else { return Ok(None) };
    let tx = db.unchecked_transaction()?;
    let head = file::head(&tx)?;
    Ok(Some((tx, head)))
}

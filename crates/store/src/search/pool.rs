//! Indexes that wait to be asked; opening one costs more than a search. Knows nothing of who asks.

use super::{Cost, Hits, Scope, SearchReader, search};
use crate::{Cursor, Fault, Folder, Reader};
use chatroom_model::{Query, Record};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// The index of a folder, for many askers at once. Whoever deletes or rebuilds it need not tell.
#[derive(Debug)]
pub struct Searchers {
    folder: Folder,
    // Protects the idle connections; held while one is taken or put back.
    idle: Mutex<Vec<SearchReader>>,
    damaged: AtomicBool,
}

impl Searchers {
    /// Idle connections kept open.
    const KEEP: usize = 4;

    /// Searchers of a folder; nothing is opened yet.
    #[must_use]
    pub fn new(folder: Folder) -> Self {
        Self { folder, idle: Mutex::new(Vec::new()), damaged: AtomicBool::new(false) }
    }

    /// Searches as [`search`] does, with an index of its own.
    pub fn search(
        &self,
        log: &Reader,
        query: &Query,
        scope: &Scope,
        before: Option<Cursor>,
        cost: Cost,
        may_see: impl FnMut(&Record) -> bool,
    ) -> Result<Hits, Fault> {
        let index = match self.take().filter(SearchReader::current) {
            Some(index) => index,
            None => SearchReader::open(&self.folder)?,
        };
        let hits = search(&index, log, query, scope, before, cost, may_see);
        if index.damaged() {
            self.damaged.store(true, Ordering::Relaxed);
        } else if hits.is_ok() {
            self.put(index);
        }
        hits
    }

    /// Whether a search has met a damaged index since this was last asked: the one who indexes then owes a
    /// [`super::Index::rebuild`].
    pub fn met_damage(&self) -> bool {
        self.damaged.swap(false, Ordering::Relaxed)
    }

    fn take(&self) -> Option<SearchReader> {
        self.idle.lock().expect("no searcher panics while it holds the list").pop()
    }

    fn put(&self, index: SearchReader) {
        let mut idle = self.idle.lock().expect("no searcher panics while it holds the list");
        if idle.len() < Self::KEEP {
            idle.push(index);
        }
    }
}

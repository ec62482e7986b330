//! The way to the store for whoever only looks, on threads that may wait for the disk. Knows no question.

use crate::web;
use chatroom_store::{Fault, Folder, Reader, Readers};
use std::cell::Cell;
use std::sync::Arc;

/// Threads that read, for each shard: its own two, and the web side's.
const EACH: usize = 2 + web::THREADS;

thread_local! {
    /// Whether this thread may wait for the disk itself.
    static MAY_WAIT: Cell<bool> = const { Cell::new(false) };
}

/// From here on this thread may wait for the disk: there are others for whoever else is served.
pub(crate) fn may_wait() {
    MAY_WAIT.set(true);
}

/// Reads of a folder.
#[derive(Debug)]
pub(crate) struct Reads(Arc<Readers>);

impl Reads {
    /// Reads of a folder, by a server of so many shards.
    pub(crate) fn of(folder: Folder, shards: usize) -> Self {
        Self(Arc::new(Readers::new(folder, shards * EACH)))
    }

    /// Reads what takes a moment: here, where this thread may wait, since two more switches of threads would be dearer.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        if MAY_WAIT.get() {
            return self.0.read(read);
        }
        self.search(read).await
    }

    /// Reads what may take longer, on a thread of its own.
    pub(crate) async fn search<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let readers = Arc::clone(&self.0);
        let found = tokio::task::spawn_blocking(move || readers.read(read)).await;
        // It has panicked, or the server stops.
        found.unwrap_or_else(|why| Err(Fault::Disk(format!("a read was given up: {why}"))))
    }
}

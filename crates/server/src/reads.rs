//! The way to the store for whoever only looks: on threads that may wait for the disk, a few of each runtime's. Knows no question.

use chatroom_store::{Fault, Folder, Reader, Readers};
use std::sync::Arc;

/// Threads that read, for each shard: its own two, and the web side's.
const EACH: usize = 4;

/// Reads of a folder.
#[derive(Debug)]
pub(crate) struct Reads(Arc<Readers>);

impl Reads {
    /// Reads of a folder, by a server of so many shards.
    pub(crate) fn of(folder: Folder, shards: usize) -> Self {
        Self(Arc::new(Readers::new(folder, shards * EACH)))
    }

    /// Reads on a thread of its own.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let readers = Arc::clone(&self.0);
        let found = tokio::task::spawn_blocking(move || readers.read(read)).await;
        // It has panicked, or the server stops.
        found.unwrap_or_else(|why| Err(Fault::Disk(format!("a read was given up: {why}"))))
    }
}

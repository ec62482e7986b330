//! An order that several nodes in one process share, for tests of what a cluster must keep: kept in memory, never lost.

use super::{BATCH_MAX, Closed, Sequencer};
use chatroom_model::{Entry, Millis, Position, RULES, Request};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// The log that nodes share.
#[derive(Debug, Default)]
pub struct SharedLog {
    // Protects the entries; held while one is added or a batch is copied.
    entries: Mutex<(Vec<Entry>, bool)>,
    grew: Condvar,
}

impl SharedLog {
    /// Adds a request at the end, as a node's edge would: stamped with a time and a salt.
    pub fn append(&self, request: Request, time: Millis, salt: [u8; 16]) -> Position {
        let mut log = self.entries.lock().expect("nobody panics while adding");
        let position = Position(log.0.len() as u64 + 1);
        log.0.push(Entry { position, time, rules: RULES, salt, request });
        self.grew.notify_all();
        position
    }

    /// Takes no more.
    pub fn close(&self) {
        self.entries.lock().expect("nobody panics while adding").1 = true;
        self.grew.notify_all();
    }
}

/// One node's view of a shared log, which hands out at most `batch` entries at a time.
#[derive(Clone, Debug)]
pub struct Shared {
    /// The log.
    pub log: Arc<SharedLog>,
    /// Entries in a batch, at least 1.
    pub batch: usize,
}

impl Sequencer for Shared {
    async fn submit(&self, request: Request) -> Result<(), Closed> {
        if self.log.entries.lock().expect("nobody panics while adding").1 {
            return Err(Closed);
        }
        self.log.append(request, crate::now(), rand::random());
        Ok(())
    }

    fn next_batch(&self, after: Position, wait: Option<Duration>) -> Result<Vec<Entry>, Closed> {
        let start = usize::try_from(after.0).expect("a position in memory fits in memory");
        let mut log = self.log.entries.lock().expect("nobody panics while adding");
        loop {
            if log.0.len() > start {
                let end = log.0.len().min(start + self.batch.clamp(1, BATCH_MAX));
                return Ok(log.0[start..end].to_vec());
            }
            if log.1 {
                return Err(Closed);
            }
            let until = wait.unwrap_or(Duration::MAX);
            let (guard, timeout) =
                self.log.grew.wait_timeout(log, until).expect("nobody panics while adding");
            if timeout.timed_out() {
                return Ok(Vec::new());
            }
            log = guard;
        }
    }
}

//! Gives requests their places in the one order. Knows nothing of what they ask.

mod local;
mod shared;

pub use local::Local;
pub use shared::{Shared, SharedLog};

use chatroom_model::{Entry, Position, Request};
use std::time::Duration;

/// Entries one batch may have: past this the first of them would wait too long for its sync.
pub const BATCH_MAX: usize = 4096;

/// Where the one order is made.
pub trait Sequencer: Send + Sync + 'static {
    /// Hands in a request; waits while there is no room, which is how a flood is slowed down to what the disk takes.
    fn submit(&self, request: Request) -> impl Future<Output = Result<(), Closed>> + Send;

    /// How many requests have been handed in here, as far as it is known; those that are decided are counted too.
    fn handed_in(&self) -> u64 {
        0
    }

    /// How full the queue of requests is, in thousandths; cheap enough to ask for every request.
    fn fill(&self) -> u16 {
        0
    }

    /// The entries after a position, in order; blocks until there are some, or `wait` is over and there are none.
    fn next_batch(&self, after: Position, wait: Option<Duration>) -> Result<Vec<Entry>, Closed>;
}

/// No more entries will come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server is stopping")]
pub struct Closed;

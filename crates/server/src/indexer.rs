//! Keeps the search index up with the log, when there is time, and soon when words were taken back. Harms no log: what fails
//! here is tried again.

use crate::shard::Shared;
use chatroom_store::{BATCH_ROWS, Fault, Folder, Index, Reader, Searchers, TAIL_MAX};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tracing::warn;

/// Positions the index may stay behind while people talk; a search reads so much of the log by itself.
const BEHIND_MAX: u64 = TAIL_MAX as u64 / 4;
/// Rows of one step: some thirty milliseconds.
const STEP_ROWS: usize = BATCH_ROWS / 8;
/// Without anything new for so long, there is time.
const QUIET: Duration = Duration::from_millis(500);
/// How many times as long as a step took it rests while people talk. Who talks faster than is indexed so is found later:
/// a search says that it is not complete.
const SHARE: u32 = 39;
/// After a failure: a full disk, an index that is being read.
const AGAIN: Duration = Duration::from_secs(5);
/// How many times as long as it took to take words off the disk it rests before the next time.
const REST: u32 = 10;

/// How the indexer is told that there is something to do.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    something: Notify,
    soon: Notify,
    taken_back: AtomicBool,
    /// The position at which it was rung last.
    rung: AtomicU64,
}

/// What a delivery means to the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Delivered {
    /// People came and went.
    Nothing,
    /// Something was said, or says something else now.
    Words,
    /// Words were taken back, which is not to wait.
    TakenBack,
}

impl Bell {
    /// Something was delivered, up to a position. Coming and going alone wakes nobody, until a search would have to read
    /// through too much of it.
    pub(crate) fn ring(&self, what: Delivered, upto: u64) {
        if what == Delivered::Nothing && upto.saturating_sub(self.rung.load(Ordering::Relaxed)) <= BEHIND_MAX
        {
            return;
        }
        self.rung.store(upto, Ordering::Relaxed);
        if what == Delivered::TakenBack {
            self.taken_back.store(true, Ordering::Relaxed);
            self.soon.notify_one();
        }
        self.something.notify_one();
    }
}

/// The index and the log it follows, while they are open.
struct Work {
    folder: Folder,
    searchers: Arc<Searchers>,
    open: Option<(Index, Reader)>,
    owes: bool,
}

/// What one step came to.
struct Step {
    work: Work,
    done: Result<bool, Fault>,
    position: u64,
    took: Duration,
}

/// Runs until the server stops.
pub(crate) async fn run<S: Send + Sync + 'static>(shared: Arc<Shared<S>>) {
    let folder = shared.settings.folder.clone();
    // Whatever an earlier run still owed is done first.
    let mut work = Work { folder, searchers: Arc::clone(&shared.searchers), open: None, owes: true };
    let mut rested = Instant::now();
    loop {
        let before = shared.delivered.load(Ordering::Relaxed);
        work.owes |= shared.bell.taken_back.swap(false, Ordering::Relaxed);
        let settle = work.owes && Instant::now() >= rested;
        let Some(step) = one(&shared, work, settle).await else { return };
        work = step.work;
        let wait = match step.done {
            Ok(true) if settle => {
                rested = Instant::now() + step.took * REST;
                Duration::ZERO
            }
            // Whoever talks goes first: what is still missing then costs them a fortieth of a processor.
            Ok(true) if busy(&shared, before) => step.took * SHARE,
            Ok(true) => Duration::ZERO,
            Ok(false) if work.owes => rested.saturating_duration_since(Instant::now()),
            Ok(false) => {
                if !something_to_do(&shared, step.position).await {
                    return;
                }
                continue;
            }
            Err(fault) => {
                warn!(%fault, "the search index cannot be kept up");
                work.open = None;
                AGAIN
            }
        };
        if !wait.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = shared.stop.cancelled() => return,
            }
        }
        if shared.stop.is_cancelled() {
            return;
        }
    }
}

fn busy<S>(shared: &Shared<S>, before: u64) -> bool {
    shared.delivered.load(Ordering::Relaxed) != before
}

/// Waits until there is something new and either quiet, or too much of it, or words were taken back; false at the end.
async fn something_to_do<S>(shared: &Shared<S>, indexed: u64) -> bool {
    tokio::select! {
        () = shared.bell.something.notified() => {}
        () = shared.stop.cancelled() => return false,
    }
    loop {
        let before = shared.delivered.load(Ordering::Relaxed);
        if before.saturating_sub(indexed) > BEHIND_MAX || shared.bell.taken_back.load(Ordering::Relaxed) {
            return true;
        }
        tokio::select! {
            () = tokio::time::sleep(QUIET) => {}
            () = shared.bell.soon.notified() => return true,
            () = shared.stop.cancelled() => return false,
        }
        if !busy(shared, before) {
            return true;
        }
    }
}

/// One step, on a thread that may wait; none when the server stops meanwhile.
async fn one<S>(shared: &Shared<S>, mut work: Work, settle: bool) -> Option<Step> {
    let (tell, interrupt) = tokio::sync::oneshot::channel();
    let step = tokio::task::spawn_blocking(move || {
        let began = Instant::now();
        let mut position = 0;
        let interrupt = work.open().map(|(index, _)| index.interrupt());
        let done = interrupt.and_then(|interrupt| {
            let _ = tell.send(interrupt);
            work.step(settle, &mut position)
        });
        Step { work, done, position, took: began.elapsed() }
    });
    tokio::pin!(step);
    tokio::select! {
        step = &mut step => return step.ok(),
        () = shared.stop.cancelled() => {}
    }
    if let Ok(interrupt) = interrupt.await {
        interrupt.now();
    }
    let _ = step.await;
    None
}

impl Work {
    fn open(&mut self) -> Result<&mut (Index, Reader), Fault> {
        if self.open.is_none() {
            self.open = Some((Index::open(&self.folder)?, Reader::open(&self.folder)?));
        }
        Ok(self.open.as_mut().expect("it has just been opened"))
    }

    /// Takes in a batch, or takes words off the disk once all is taken in; whether there may be more to do at once.
    fn step(&mut self, settle: bool, position: &mut u64) -> Result<bool, Fault> {
        let damaged = self.searchers.met_damage();
        let (index, log) = self.open()?;
        if damaged {
            index.rebuild()?;
        }
        let progress = index.catch_up(log, STEP_ROWS)?;
        *position = progress.cursor.settled().0;
        if !progress.done && progress.rows == STEP_ROWS {
            return Ok(true);
        }
        if settle && !index.settle()? {
            self.owes = false;
        }
        Ok(settle && self.owes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a ring woke whoever waits.
    fn woke(bell: &Bell) -> bool {
        let mut waits = Box::pin(bell.something.notified());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        waits.as_mut().poll(&mut context).is_ready()
    }

    #[test]
    fn coming_and_going_wakes_the_indexer_at_limit_plus_one_only() {
        let bell = Bell::default();
        bell.ring(Delivered::Nothing, BEHIND_MAX);
        assert!(!woke(&bell));
        bell.ring(Delivered::Words, BEHIND_MAX);
        assert!(woke(&bell));
        bell.ring(Delivered::Nothing, 2 * BEHIND_MAX);
        assert!(!woke(&bell));
        bell.ring(Delivered::Nothing, 2 * BEHIND_MAX + 1);
        assert!(woke(&bell));
        bell.ring(Delivered::TakenBack, 2 * BEHIND_MAX + 1);
        assert!(woke(&bell) && bell.taken_back.load(Ordering::Relaxed));
    }
}

//! The engine's thread: sequence → decide → commit → publish, and what happens when the disk fails in between.

use crate::batch::{Answer, Batch, What};
use crate::calls::Calls;
use crate::core::Core;
use crate::hooks::Hooks;
use crate::sequencer::Sequencer;
use crate::shard::ToShard;
use chatroom_model::{Entry, Position};
use chatroom_store::{Durable, Fault, Folder};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tracing::{error, info, warn};

/// How often a log that failed is opened again.
const HEAL: Duration = Duration::from_secs(1);

/// One node's engine. Its thread ends when the sequencer closes.
pub(crate) struct Engine<S> {
    folder: Folder,
    sequencer: Arc<S>,
    shards: Vec<mpsc::Sender<ToShard>>,
    calls: Arc<Calls>,
    // None while the disk has failed: read-only.
    core: Option<Core>,
    published: Position,
    decided: u64,
    told: Arc<AtomicU64>,
    stores: Arc<AtomicBool>,
    hooks: Arc<Hooks>,
    tried: Instant,
    fault: String,
}

impl<S: Sequencer> Engine<S> {
    pub(crate) fn new(
        folder: Folder,
        sequencer: Arc<S>,
        core: Core,
        shards: Vec<mpsc::Sender<ToShard>>,
        calls: Arc<Calls>,
        (told, stores): (Arc<AtomicU64>, Arc<AtomicBool>),
        hooks: Arc<Hooks>,
    ) -> Self {
        let published = core.state().position;
        Self {
            folder,
            sequencer,
            shards,
            calls,
            core: Some(core),
            published,
            decided: 0,
            told,
            stores,
            hooks,
            tried: Instant::now(),
            fault: String::new(),
        }
    }

    /// Runs until no more entries come; the log is closed when this returns.
    pub(crate) fn run(mut self) {
        loop {
            let wait = if self.core.is_some() { None } else { Some(HEAL) };
            let Ok(entries) = self.sequencer.next_batch(self.published, wait) else { return self.close() };
            self.decided += entries.len() as u64;
            match &mut self.core {
                Some(core) => match core.step(&entries) {
                    Ok(batch) => self.publish(batch),
                    Err(fault) => self.failed(&fault, &entries),
                },
                None => {
                    self.answer_all(&entries, What::NotStored);
                    if self.tried.elapsed() >= HEAL {
                        self.heal();
                    }
                }
            }
        }
    }

    fn close(self) {
        if let Some(Err(fault)) = self.core.map(Core::close) {
            warn!(%fault, "the write-ahead log stays beside the database");
        }
    }

    fn publish(&mut self, batch: Batch) {
        self.published = self.published.max(batch.last);
        // Said before it is done: whoever reads this knows that a batch is on its way to every shard.
        self.told.store(self.published.0, Ordering::Release);
        if let Some(core) = &self.core {
            self.hooks.stored(batch.records(), core.state());
        }
        self.send(batch);
    }

    fn send(&self, mut batch: Batch) {
        self.calls.answer(&mut batch.answers);
        batch.decided = self.decided;
        let batch = Arc::new(batch);
        for shard in &self.shards {
            // A shard never waits for a socket, so this waits for its processor time only.
            let _ = shard.blocking_send(ToShard::Batch(Arc::clone(&batch)));
        }
    }

    fn failed(&mut self, fault: &Fault, entries: &[Entry]) {
        self.fault = fault.to_string();
        let core = self.core.as_mut().expect("only a live core fails");
        if matches!(fault, Fault::Full) && core.reload().is_ok() && core.state().position <= self.published {
            // SQLite took the batch back: none of it happened, and the next one may find space.
            warn!("the disk is full: refusing what cannot be stored");
            self.answer_all(entries, What::NotStored);
            return;
        }
        error!(%fault, "the disk failed: read-only until the log can be opened again");
        self.core = None;
        self.stores.store(false, Ordering::Release);
        self.tried = Instant::now();
        self.answer_all(entries, What::NotConfirmed);
    }

    fn heal(&mut self) {
        self.tried = Instant::now();
        let opened = Core::reopen(&self.folder).and_then(|core| {
            let missed = core.stored_after(self.published)?;
            Ok((core, missed))
        });
        match opened {
            Ok((core, missed)) => {
                info!(position = core.state().position.0, "the log is open again");
                self.core = Some(core);
                self.stores.store(true, Ordering::Release);
                self.publish(missed);
            }
            Err(fault) => {
                warn!(%fault, "the log cannot be opened again yet");
                self.fault = fault.to_string();
            }
        }
    }

    fn answer_all(&self, entries: &[Entry], what: impl Fn(String) -> What) {
        let answers: Vec<_> = entries
            .iter()
            .filter_map(|entry| Answer::to(&entry.request, entry.position, what(self.fault.clone())))
            .collect();
        if !entries.is_empty() {
            self.send(Batch::new(Durable::<Vec<_>>::none(), answers, Vec::new(), self.published));
        }
    }
}

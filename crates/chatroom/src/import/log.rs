//! The log that messages are added to, a batch at a time, decided and committed as live ones are. Knows no file format.

use super::original::Message;
use chatroom_model::{Body, Entry, Import, RULES, Request};
use chatroom_server::Core;
use chatroom_store::{Fault, Folder, Lock};
use std::collections::HashSet;

/// Entries in one transaction.
const BATCH: usize = 1000;

/// A folder's log while it is imported into; no server can have it meanwhile.
pub(super) struct Log {
    core: Core,
    waiting: Vec<Waiting>,
    tally: Tally,
    _lock: Lock,
}

struct Waiting {
    entry: Entry,
    /// The first body of a message: messages are counted, not bodies.
    first: bool,
}

/// What became of the messages.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) imported: u64,
    pub(super) already: u64,
    pub(super) empty: u64,
}

impl Log {
    /// Opens or makes a folder's log.
    pub(super) fn open(folder: &Folder) -> Result<Self, Fault> {
        folder.create()?;
        let lock = folder.lock()?;
        let core = Core::open(folder)?;
        Ok(Self { core, waiting: Vec::with_capacity(BATCH), tally: Tally::default(), _lock: lock })
    }

    /// Adds a message, unless it is there.
    pub(super) fn add(&mut self, message: &Message) -> Result<(), Fault> {
        self.tally.empty += u64::from(message.bodies.is_empty());
        for (n, body) in message.bodies.iter().enumerate() {
            if self.waiting.len() == BATCH {
                self.commit()?;
            }
            let mut position = self.core.state().position;
            position.0 += self.waiting.len() as u64 + 1;
            let request = Request::Import(Import {
                author: message.author.clone(),
                at: message.millis(),
                body: Body::parse(body).expect("it was cleaned and cut to size"),
                id: message.id(n),
            });
            let entry =
                Entry { position, time: chatroom_server::now(), rules: RULES, salt: rand::random(), request };
            self.waiting.push(Waiting { entry, first: n == 0 });
        }
        Ok(())
    }

    /// Commits what still waits, and says what became of all.
    pub(super) fn finish(mut self) -> Result<Tally, Fault> {
        self.commit()?;
        Ok(self.tally)
    }

    fn commit(&mut self) -> Result<(), Fault> {
        let (entries, first): (Vec<_>, Vec<_>) =
            self.waiting.drain(..).map(|waiting| (waiting.entry, waiting.first)).unzip();
        let batch = self.core.step(&entries)?;
        let stored: HashSet<_> = batch.records().iter().map(|record| record.position).collect();
        for (entry, _) in entries.iter().zip(first).filter(|(_, first)| *first) {
            if stored.contains(&entry.position) {
                self.tally.imported += 1;
            } else {
                self.tally.already += 1;
            }
        }
        Ok(())
    }
}

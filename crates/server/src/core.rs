//! Decide and commit, a batch at a time: the state and the one writer together. Knows no thread, queue or socket.

use crate::batch::{Answer, Batch, What};
use chatroom_model::{ClientId, Entry, Event, Past, Position, Record, Refusal, Said, State, UserId, decide};
use chatroom_store::{Fault, Folder, Writer};
use std::collections::HashMap;

/// One node's copy of what is so, and its log.
#[derive(Debug)]
pub struct Core {
    writer: Writer,
    state: State,
}

/// The log, with what this batch adds to it.
struct Lookup<'a> {
    stored: &'a Writer,
    batch: &'a HashMap<(UserId, ClientId), Said>,
}

impl Past for Lookup<'_> {
    fn said(&self, author: UserId, id: ClientId) -> Option<Said> {
        self.batch.get(&(author, id)).copied().or_else(|| self.stored.said(author, id))
    }
}

impl Core {
    /// Opens or makes a folder's log.
    pub fn open(folder: &Folder) -> Result<Self, Fault> {
        let (writer, state) = Writer::open(folder)?;
        Ok(Self { writer, state })
    }

    /// Opens the log after the disk failed; what stands in it is made durable anew, or this fails.
    pub fn reopen(folder: &Folder) -> Result<Self, Fault> {
        let (writer, state) = Writer::reopen(folder)?;
        Ok(Self { writer, state })
    }

    /// What is so.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The last link of the hash chain.
    #[must_use]
    pub fn link(&self) -> chatroom_model::chain::Link {
        self.writer.link()
    }

    /// Decides entries in order and commits what follows from them, all or nothing.
    ///
    /// After an error the state is ahead of the log: [`Core::reload`] it, or open anew.
    pub fn step(&mut self, entries: &[Entry]) -> Result<Batch, Fault> {
        let mut records = Vec::with_capacity(entries.len());
        let mut refused = Vec::new();
        let mut said = HashMap::new();
        for entry in entries {
            let past = Lookup { stored: &self.writer, batch: &said };
            let decided = decide(&self.state, &past, entry);
            self.state.advance(entry);
            match decided {
                Ok(events) => {
                    for (part, event) in (0u32..).zip(events) {
                        let record = Record {
                            position: entry.position,
                            part,
                            time: self.state.time,
                            salt: entry.salt,
                            event,
                        };
                        self.state.apply(&record);
                        remember(&mut said, &record);
                        records.push(record);
                    }
                }
                Err(refusal) => refused.push((&entry.request, refusal)),
            }
        }
        let records = self.writer.commit(records, &self.state)?;
        let mut answers = Vec::with_capacity(refused.len());
        for (request, refusal) in refused {
            let what = match &refusal {
                Refusal::AlreadyStored(position) => match self.writer.message_at(*position)? {
                    Some(stored) => What::Again(stored),
                    None => What::Refused(refusal),
                },
                _ => What::Refused(refusal),
            };
            answers.extend(Answer::to(request, what));
        }
        Ok(Batch::new(records, answers, self.state.position))
    }

    /// Goes back to what is stored, after a batch that was not.
    pub fn reload(&mut self) -> Result<(), Fault> {
        self.state = self.writer.load()?;
        Ok(())
    }

    /// Ends the log in order: everything in one file.
    pub fn close(self) -> Result<(), Fault> {
        self.writer.close()
    }

    /// What is stored after a position, as a batch to publish: what a failed commit turned out to have stored.
    pub fn stored_after(&self, position: Position) -> Result<Batch, Fault> {
        Ok(Batch::new(self.writer.stored_after(position)?, Vec::new(), self.state.position))
    }
}

fn remember(said: &mut HashMap<(UserId, ClientId), Said>, record: &Record) {
    let position = record.position;
    match &record.event {
        Event::Message { author, client_id: Some(id), seq, .. } => {
            said.insert((*author, *id), Said { position, seq: *seq });
        }
        Event::Imported { id, seq, .. } => {
            said.insert((UserId(0), *id), Said { position, seq: *seq });
        }
        _ => {}
    }
}

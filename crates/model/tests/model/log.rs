//! A log in memory for tests: entries in, events and state out, as a node would do it.

use chatroom_model::{
    ClientId, Entry, Event, Millis, Past, Position, RULES, Record, Refusal, Request, Said, State, UserId,
    chain, decide, durable,
};
use std::collections::HashMap;

/// A node without a disk.
pub(crate) struct Log {
    pub(crate) state: State,
    pub(crate) records: Vec<Record>,
    pub(crate) link: chain::Link,
    said: Ids,
}

#[derive(Default)]
struct Ids(HashMap<(UserId, ClientId), Said>);

impl Past for Ids {
    fn said(&self, author: UserId, id: ClientId) -> Option<Said> {
        self.0.get(&(author, id)).copied()
    }
}

impl Log {
    pub(crate) fn new() -> Self {
        Self { state: State::new(), records: Vec::new(), link: chain::GENESIS, said: Ids::default() }
    }

    /// Takes a request at the next place, at a time in milliseconds.
    pub(crate) fn ask(&mut self, time: i64, request: Request) -> Result<Vec<Event>, Refusal> {
        let position = self.state.position.next();
        self.take(&Entry { position, time: Millis(time), rules: RULES, salt: [7; 16], request })
    }

    pub(crate) fn take(&mut self, entry: &Entry) -> Result<Vec<Event>, Refusal> {
        let decided = decide(&self.state, &self.said, entry);
        self.state.advance(entry);
        for (part, event) in (0u32..).zip(decided.iter().flatten()) {
            let record = Record {
                position: entry.position,
                part,
                time: self.state.time,
                salt: entry.salt,
                event: event.clone(),
            };
            self.state.apply(&record);
            self.link = chain::link(self.link, &record, &durable::write_event(event));
            let (author, id, seq) = match event {
                Event::Message { author, client_id: Some(id), seq, .. } => (*author, *id, *seq),
                Event::Imported { id, seq, .. } => (UserId(0), *id, *seq),
                _ => {
                    self.records.push(record);
                    continue;
                }
            };
            self.said.0.insert((author, id), Said { position: Position(entry.position.0), seq });
            self.records.push(record);
        }
        decided
    }
}

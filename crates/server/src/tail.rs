//! What a shard delivered lately, still encoded: who has caught up with the store takes the last steps from here, so that
//! a crowd that comes back at once does not read on for ever behind what it causes itself.

use crate::batch::{Batch, Encoded, Given, Run, Step};
use chatroom_model::Position;
use chatroom_store::Cursor;
use std::collections::VecDeque;
use std::sync::Arc;

/// Batches remembered; past this the oldest go, and whoever needs them reads the store.
const BATCHES: usize = 256;
/// Bytes of encoded events remembered: less than an outbox takes.
const BYTES: usize = 512 * 1024;

/// Batches without a gap up to what was delivered last, each with the position before it.
#[derive(Debug)]
pub(crate) struct Tail {
    batches: VecDeque<(Position, Arc<[Step]>, Encoded)>,
    bytes: usize,
    last: Position,
}

impl Tail {
    pub(crate) fn new(last: Position) -> Self {
        Self { batches: VecDeque::new(), bytes: 0, last }
    }

    /// Remembers a batch; one that takes words back makes everything up to its end forgotten.
    pub(crate) fn push(&mut self, batch: &Batch, takes_back: bool) {
        if batch.last <= self.last {
            return; // answers only
        }
        if takes_back {
            self.batches.clear();
            self.bytes = 0;
            self.last = batch.last;
            return;
        }
        let (steps, line) = (Arc::clone(batch.steps()), Arc::clone(batch.line()));
        self.bytes += size(&line);
        self.batches.push_back((self.last, steps, line));
        self.last = batch.last;
        while self.batches.len() > BATCHES || self.bytes > BYTES {
            let Some((.., oldest)) = self.batches.pop_front() else { return };
            self.bytes -= size(&oldest);
        }
    }

    /// What was delivered after a cursor, if all of it is remembered.
    pub(crate) fn after(&self, cursor: Cursor) -> Option<impl Iterator<Item = (&Run, &Given)>> {
        let from = self.batches.iter().position(|(before, ..)| Cursor::after(*before) == cursor)?;
        let batches = self.batches.iter().skip(from);
        let runs = batches.flat_map(|(_, steps, line)| steps.iter().map(move |step| (step, line)));
        Some(runs.filter_map(|(step, line)| match step {
            Step::Run(run) => Some((run, &line[run.n])),
            Step::Enter(..) | Step::Exit(..) | Step::End(_) => None,
        }))
    }
}

fn size(line: &Encoded) -> usize {
    line.iter().map(|run| run.shared().len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Core;
    use chatroom_model::{Entry, Millis, Name, Proof, RULES, Request, SessionId, TokenHash};
    use chatroom_store::Folder;

    /// Somebody comes in: a batch of one entry, and one line for everybody.
    fn comes_in(core: &mut Core) -> Batch {
        let position = core.state().position.next();
        let name = Name::parse(&format!("u{position}")).expect("a letter and a number are a name");
        let proof = Proof::NewGuest(TokenHash([0; 32]));
        let request = Request::Open { session: SessionId(position.0), name, proof, address: None };
        let entry = Entry { position, time: Millis(0), rules: RULES, salt: [0; 16], request };
        core.step(&[entry]).expect("the disk works")
    }

    fn after(tail: &Tail, position: u64) -> Option<Vec<u64>> {
        tail.after(Cursor::after(Position(position))).map(|runs| runs.map(|(run, _)| run.last.0).collect())
    }

    #[test]
    fn what_is_remembered_whole_is_given_and_nothing_else() {
        let dir = tempfile::tempdir().expect("a folder for the test");
        let folder = Folder::new(dir.path());
        folder.create().expect("a folder for the test");
        let mut core = Core::open(&folder).expect("a new log opens");
        let mut tail = Tail::new(Position(0));
        for _ in 0..3 {
            let batch = comes_in(&mut core);
            tail.push(&batch, false);
            tail.push(&batch, false); // what is not newer is not remembered twice
        }
        assert_eq!(after(&tail, 0), Some(vec![1, 2, 3]));
        assert_eq!(after(&tail, 2), Some(vec![3]));
        assert_eq!(after(&tail, 9), None, "after what is remembered");
        for _ in 0..BATCHES - 2 {
            tail.push(&comes_in(&mut core), false);
        }
        assert_eq!(after(&tail, 0), None, "forgotten at limit + 1");
        assert_eq!(after(&tail, 1).map(|runs| runs.len()), Some(BATCHES));
        tail.push(&comes_in(&mut core), true);
        let last = core.state().position.0;
        assert_eq!(after(&tail, last - 1), None, "what was taken back is forgotten");
        tail.push(&comes_in(&mut core), false);
        assert_eq!(after(&tail, last), Some(vec![last + 1]));
    }
}

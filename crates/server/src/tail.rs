//! What a shard delivered lately, still encoded: who has caught up with the store takes the last steps from here, so that
//! a crowd that comes back at once does not read on for ever behind what it causes itself.

use crate::batch::Batch;
use chatroom_model::Position;
use chatroom_store::Cursor;
use std::collections::VecDeque;
use std::sync::Arc;

/// Batches remembered; past this the oldest go, and whoever needs them reads the store.
const BATCHES: usize = 256;
/// Bytes of encoded events remembered: less than an outbox takes.
const BYTES: usize = 128 * 1024;

/// Batches without a gap up to what was delivered last, each with the position before it.
#[derive(Debug)]
pub(crate) struct Tail {
    batches: VecDeque<(Position, Arc<Batch>)>,
    bytes: usize,
    last: Position,
}

impl Tail {
    pub(crate) fn new(last: Position) -> Self {
        Self { batches: VecDeque::new(), bytes: 0, last }
    }

    pub(crate) fn push(&mut self, batch: &Arc<Batch>) {
        if batch.last <= self.last {
            return; // answers only
        }
        self.batches.push_back((self.last, Arc::clone(batch)));
        self.bytes += size(batch);
        self.last = batch.last;
        while self.batches.len() > BATCHES || self.bytes > BYTES {
            let Some((_, oldest)) = self.batches.pop_front() else { return };
            self.bytes -= size(&oldest);
        }
    }

    /// What was delivered after a cursor, if all of it is remembered.
    pub(crate) fn after(&self, cursor: Cursor) -> Option<impl Iterator<Item = &Batch>> {
        let from = self.batches.iter().position(|(before, _)| Cursor::after(*before) == cursor)?;
        Some(self.batches.iter().skip(from).map(|(_, batch)| &**batch))
    }
}

fn size(batch: &Batch) -> usize {
    batch.line().iter().map(|run| run.bytes.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chatroom_store::Durable;

    fn upto(last: u64) -> Arc<Batch> {
        Arc::new(Batch::new(Durable::<Vec<_>>::none(), Vec::new(), Position(last)))
    }

    fn after(tail: &Tail, position: u64) -> Option<Vec<u64>> {
        tail.after(Cursor::after(Position(position)))
            .map(|batches| batches.map(|batch| batch.last.0).collect())
    }

    #[test]
    fn what_is_remembered_whole_is_given_and_nothing_else() {
        let mut tail = Tail::new(Position(10));
        for last in [12, 12, 15, 20] {
            tail.push(&upto(last));
        }
        assert_eq!(after(&tail, 10), Some(vec![12, 15, 20]));
        assert_eq!(after(&tail, 15), Some(vec![20]));
        assert_eq!(after(&tail, 11), None, "in the middle of a batch");
        assert_eq!(after(&tail, 5), None, "before what is remembered");
        for last in 21..=20 + BATCHES as u64 {
            tail.push(&upto(last));
        }
        assert_eq!(after(&tail, 15), None, "forgotten at limit + 1");
        assert_eq!(after(&tail, 20).map(|batches| batches.len()), Some(BATCHES));
    }
}

//! The order of a server that runs alone: a bounded queue in the process. The commit makes it durable, not the queue.

use super::{BATCH_MAX, Closed, Sequencer};
use chatroom_model::{Entry, Millis, Position, RULES, Request};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

/// Requests that may wait for the engine; past this the sessions wait, and their clients' sockets fill up.
const QUEUE: usize = 8192;

/// The queue, with the one place that takes from it.
#[derive(Debug)]
pub struct Local {
    // Protects the sending end: taken away when no more may come.
    sender: Mutex<Option<mpsc::Sender<Stamped>>>,
    // Protects the receiving end, which the engine's thread alone uses.
    receiver: Mutex<(mpsc::Receiver<Stamped>, Runtime)>,
    // How many are in the queue, or were.
    handed_in: AtomicU64,
}

#[derive(Debug)]
struct Stamped {
    time: Millis,
    salt: [u8; 16],
    request: Request,
}

impl Default for Local {
    fn default() -> Self {
        Self::new()
    }
}

impl Local {
    /// An empty queue.
    #[must_use]
    pub fn new() -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let timer = Builder::new_current_thread().enable_time().build().expect("a timer needs no resource");
        Self {
            sender: Mutex::new(Some(sender)),
            receiver: Mutex::new((receiver, timer)),
            handed_in: AtomicU64::new(0),
        }
    }

    /// Takes no more; what was handed in is still taken out.
    pub fn close(&self) {
        self.sender.lock().expect("nobody panics while taking the sender").take();
    }
}

impl Sequencer for Local {
    async fn submit(&self, request: Request) -> Result<(), Closed> {
        let sender =
            self.sender.lock().expect("nobody panics while taking the sender").clone().ok_or(Closed)?;
        let stamped = Stamped { time: crate::now(), salt: rand::random(), request };
        sender.send(stamped).await.map_err(|_| Closed)?;
        self.handed_in.fetch_add(1, Ordering::Release);
        Ok(())
    }

    fn handed_in(&self) -> u64 {
        self.handed_in.load(Ordering::Acquire)
    }

    fn fill(&self) -> u16 {
        let sender = self.sender.lock().expect("nobody panics while taking the sender");
        let waiting = sender.as_ref().map_or(0, |sender| QUEUE - sender.capacity());
        u16::try_from(waiting * 1000 / QUEUE).expect("a share of a thousand")
    }

    fn next_batch(&self, after: Position, wait: Option<Duration>) -> Result<Vec<Entry>, Closed> {
        let mut receiver = self.receiver.lock().expect("only the engine takes from the queue");
        let (receiver, timer) = &mut *receiver;
        let first = match wait {
            None => receiver.blocking_recv().ok_or(Closed)?,
            Some(wait) => match timer.block_on(async { tokio::time::timeout(wait, receiver.recv()).await }) {
                Ok(first) => first.ok_or(Closed)?,
                Err(_) => return Ok(Vec::new()),
            },
        };
        let mut position = after;
        let mut entries = Vec::with_capacity(receiver.len().min(BATCH_MAX) + 1);
        let mut next = Some(first);
        while let Some(Stamped { time, salt, request }) = next {
            position = position.next();
            entries.push(Entry { position, time, rules: RULES, salt, request });
            next = if entries.len() < BATCH_MAX { receiver.try_recv().ok() } else { None };
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{HISTORY, Kind, SENDS, Shed};
    use chatroom_model::NodeId;

    #[tokio::test]
    async fn the_queue_says_how_full_it_is_and_what_has_to_go_then() {
        let queue = Local::new();
        assert_eq!(queue.fill(), 0);
        let mut waiting = 0;
        for (threshold, kind) in [(HISTORY, Kind::Read), (SENDS, Kind::Message), (1000, Kind::Moderate)] {
            let reached = (QUEUE * usize::from(threshold)).div_ceil(1000);
            while waiting < reached - 1 {
                queue.submit(Request::StartNode { node: NodeId(0) }).await.unwrap();
                waiting += 1;
            }
            assert!(!Shed::level(queue.fill(), 0).sheds(kind), "{kind:?} at {waiting}");
            queue.submit(Request::StartNode { node: NodeId(0) }).await.unwrap();
            waiting += 1;
            assert!(Shed::level(queue.fill(), 0).sheds(kind), "{kind:?} at {waiting}");
        }
        assert_eq!(waiting, QUEUE);
        assert_eq!(
            tokio::task::spawn_blocking(move || {
                queue.next_batch(Position(0), None).unwrap();
                queue.fill()
            })
            .await
            .unwrap(),
            500
        );
    }
}

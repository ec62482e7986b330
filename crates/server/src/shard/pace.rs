//! How often a shard writes. A write costs its reader and us the same whether it carries one message or sixteen, so a round that
//! gave little is followed by a rest as long as it took: what comes meanwhile goes out together. With few readers a round takes
//! no time and there is no rest; with thousands, and with a machine that has much else to do, messages share writes, and half of
//! the shard's time is for everything else. Knows no session.

use super::{GATHER, ToShard};
use crate::batch::Batch;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, error::TryRecvError};
use tokio::time::Instant;

/// Events in a round after which it gave much: more in a write make it hardly cheaper.
const MUCH: usize = 16;
/// A shorter round is not worth a rest.
const SHORTEST: Duration = Duration::from_millis(1);
/// Nothing waits longer for what may come.
const LONGEST: Duration = Duration::from_millis(20);

/// What a shard does next.
pub(super) enum Next {
    /// It was told something.
    Told(ToShard),
    /// It gives what it has gathered.
    Round,
    /// Nobody tells it anything any more.
    End,
}

/// When a shard gives again.
pub(super) struct Pace {
    due: Instant,
}

impl Pace {
    /// At once.
    pub(super) fn new() -> Self {
        Self { due: Instant::now() }
    }

    /// Waits for what is next for a shard that has gathered so many batches.
    pub(super) async fn next(&self, told: &mut Receiver<ToShard>, gathered: usize) -> Next {
        if gathered >= GATHER {
            return Next::Round;
        }
        match told.try_recv() {
            Ok(message) => return Next::Told(message),
            Err(TryRecvError::Disconnected) if gathered > 0 => return Next::Round,
            Err(TryRecvError::Disconnected) => return Next::End,
            Err(TryRecvError::Empty) => {}
        }
        if gathered == 0 {
            return told.recv().await.map_or(Next::End, Next::Told);
        }
        if self.due <= Instant::now() {
            return Next::Round;
        }
        match tokio::time::timeout_at(self.due, told.recv()).await {
            Ok(Some(message)) => Next::Told(message),
            Ok(None) | Err(_) => Next::Round,
        }
    }

    /// Has a round done, and sets when the next may be.
    pub(super) fn round(&mut self, gathered: &mut Vec<Arc<Batch>>, deliver: impl FnOnce(&[Arc<Batch>])) {
        if gathered.is_empty() {
            return;
        }
        let begun = Instant::now();
        deliver(gathered);
        let events = gathered.iter().map(|batch| batch.records().len()).sum();
        gathered.clear();
        let ended = Instant::now();
        self.due = ended + rest(ended - begun, events);
    }
}

/// How long to wait after a round of so many events that took so long.
fn rest(took: Duration, events: usize) -> Duration {
    if took < SHORTEST || events >= MUCH { Duration::ZERO } else { took.min(LONGEST) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    #[test]
    fn who_gave_little_to_many_rests_as_long_as_that_took() {
        let ms = Duration::from_millis;
        assert_eq!(rest(Duration::from_micros(999), 1), ms(0), "few readers wait for nothing");
        assert_eq!(rest(ms(1), 1), ms(1));
        assert_eq!(rest(ms(5), 15), ms(5));
        assert_eq!(rest(ms(500), 1), ms(20));
        assert_eq!(rest(ms(5), 16), ms(0), "what is gathered already is not kept");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_told_in_the_rest_is_heard_and_what_is_gathered_is_given_after_it() {
        let (tells, mut told) = mpsc::channel(4);
        let begun = Instant::now();
        let pace = Pace { due: begun + Duration::from_millis(7) };
        tells.send(ToShard::Passed(chatroom_model::SessionId(1))).await.unwrap();
        assert!(matches!(pace.next(&mut told, 1).await, Next::Told(_)));
        assert_eq!(begun.elapsed(), Duration::ZERO);
        assert!(matches!(pace.next(&mut told, 1).await, Next::Round));
        assert_eq!(begun.elapsed(), Duration::from_millis(7));
        // Who can gather no more does not rest, and who has gathered nothing only waits to be told.
        let pace = Pace { due: Instant::now() + Duration::from_secs(1) };
        assert!(matches!(pace.next(&mut told, GATHER).await, Next::Round));
        drop(tells);
        assert!(matches!(pace.next(&mut told, 1).await, Next::Round));
        assert!(matches!(pace.next(&mut told, 0).await, Next::End));
        assert_eq!(begun.elapsed(), Duration::from_millis(7));
    }
}

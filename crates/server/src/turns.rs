//! One after the other: what one client asks for over a stream is handed in in the order in which it asked, though its
//! requests are looked at side by side. Knows nothing of what they are.

use std::cell::Cell;
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// The turns of one client. The lock is held across waiting on purpose, from a request's beginning until it is handed in:
/// those behind it wait in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns(Arc<Mutex<()>>);

tokio::task_local! {
    static TURN: Cell<Option<OwnedMutexGuard<()>>>;
}

impl Turns {
    /// Does something when it is its turn; the next one's begins when this has been handed in, or is over.
    pub(crate) async fn take<T>(self, request: impl Future<Output = T>) -> T {
        let turn = self.0.lock_owned().await;
        TURN.scope(Cell::new(Some(turn)), request).await
    }
}

/// What was asked is handed in: its place in the order is certain.
pub(crate) fn handed_in() {
    // Most are nobody's turn.
    let _ = TURN.try_with(Cell::take);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn each_is_handed_in_after_those_before_it_and_waits_for_no_answer() {
        let (turns, order) = (Turns::default(), RefCell::new(Vec::new()));
        let ask = async |n: u64, before: u64, after: u64| {
            let request = async {
                tokio::time::sleep(Duration::from_secs(before)).await;
                order.borrow_mut().push(n);
                handed_in();
                tokio::time::sleep(Duration::from_secs(after)).await;
            };
            turns.clone().take(request).await;
        };
        let began = tokio::time::Instant::now();
        tokio::join!(ask(1, 9, 100), ask(2, 1, 100), ask(3, 5, 100));
        assert_eq!(*order.borrow(), [1, 2, 3]);
        assert_eq!(began.elapsed(), Duration::from_secs(9 + 1 + 5 + 100));
    }
}

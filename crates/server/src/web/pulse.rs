//! Whether a connection asks for anything. Knows nothing of HTTP.

use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// What a connection has under way, and since when nothing.
#[derive(Debug)]
pub(super) struct Pulse {
    // Protects the two of them together; held for an instruction.
    now: Mutex<(usize, Instant)>,
}

impl Default for Pulse {
    fn default() -> Self {
        Self { now: Mutex::new((0, Instant::now())) }
    }
}

/// A request that is under way until this is dropped.
#[derive(Debug)]
pub(super) struct Beat(Arc<Pulse>);

impl Pulse {
    /// A request begins.
    pub(super) fn begin(self: &Arc<Self>) -> Beat {
        self.now.lock().expect("nobody panics while counting").0 += 1;
        Beat(Arc::clone(self))
    }

    /// Waits until nothing was under way for so long.
    pub(super) async fn silent_for(&self, long: Duration) {
        loop {
            let (under_way, since) = *self.now.lock().expect("nobody panics while counting");
            let until = if under_way > 0 { Instant::now() + long } else { since + long };
            if until <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        let mut now = self.0.now.lock().expect("nobody panics while counting");
        *now = (now.0 - 1, Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_has_something_under_way_is_not_silent() {
        let (pulse, long, began) = (Arc::new(Pulse::default()), Duration::from_secs(10), Instant::now());
        let beat = pulse.begin();
        let ends = async {
            tokio::time::sleep(long * 3).await;
            drop(beat);
        };
        tokio::join!(pulse.silent_for(long), ends);
        assert_eq!(began.elapsed(), long * 4);
    }
}

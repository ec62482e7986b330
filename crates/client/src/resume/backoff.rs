//! How long to wait before the next attempt to connect. Knows no clock: it answers with lengths of time.

use rand::RngExt as _;
use rand::rngs::StdRng;
use std::time::Duration;

/// Seconds at most before the first attempt.
const FIRST: Duration = Duration::from_secs(1);
/// Seconds at most before any attempt: a server that returns is found within this.
const LONGEST: Duration = Duration::from_secs(30);

/// Doubling waits with jitter, so that the clients of a server that fell do not all return in the same instant.
#[derive(Debug)]
pub(super) struct Backoff {
    at_most: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { at_most: FIRST }
    }
}

impl Backoff {
    /// The next wait: between half and the whole of a bound that doubles each time.
    pub(super) fn next_wait(&mut self, rng: &mut StdRng) -> Duration {
        let bound = self.at_most;
        self.at_most = (bound * 2).min(LONGEST);
        bound.mul_f64(rng.random_range(0.5..=1.0))
    }

    /// Begins anew: the server has let us in.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;

    #[test]
    fn waits_double_with_jitter_and_stay_bounded() {
        let mut rng = StdRng::seed_from_u64(7);
        let mut backoff = Backoff::default();
        let mut bound = 1.0_f64;
        for _ in 0..12 {
            let wait = backoff.next_wait(&mut rng).as_secs_f64();
            assert!((bound / 2.0..=bound).contains(&wait), "{wait} s is outside {bound} s and its half");
            bound = (bound * 2.0).min(30.0);
        }
        backoff.reset();
        assert!(backoff.next_wait(&mut rng) <= FIRST);
    }

    #[test]
    fn two_clients_do_not_return_together() {
        let first = Backoff::default().next_wait(&mut StdRng::seed_from_u64(1));
        let second = Backoff::default().next_wait(&mut StdRng::seed_from_u64(2));
        assert_ne!(first, second);
    }
}

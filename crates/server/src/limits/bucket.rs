//! One token bucket in eight bytes: the time at which it will be full again. Knows no clock and no owner.

use std::time::Duration;

/// A bucket; a new one is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bucket {
    /// Nanoseconds since the limits began; in the past for a bucket that is full.
    full_at: u64,
}

/// How fast buckets of one kind fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// Nanoseconds until one more token is there.
    pub(super) each: u64,
    /// Nanoseconds an empty bucket takes to be full.
    pub(super) whole: u64,
}

/// What is in a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left {
    /// Tokens that can be taken at once.
    pub(super) times: u64,
    /// How long it is until it is full, if nobody takes from it.
    pub(super) full_in: Duration,
}

impl Bucket {
    /// Takes one token, and says what is left; or takes nothing and says how long it is until there is one.
    pub(super) fn take(&mut self, rate: Rate, now: u64) -> Result<Left, Duration> {
        let full_at = self.full_at.max(now).saturating_add(rate.each);
        let empty = now.saturating_add(rate.whole);
        if full_at > empty {
            return Err(Duration::from_nanos(full_at - empty));
        }
        self.full_at = full_at;
        Ok(Left { times: (empty - full_at) / rate.each.max(1), full_in: Duration::from_nanos(full_at - now) })
    }

    /// When it is full if nobody takes from it.
    pub(super) fn full_at(self) -> u64 {
        self.full_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { each: 100, whole: 400 };

    #[test]
    fn a_burst_is_taken_and_one_more_is_not_until_its_time() {
        let mut bucket = Bucket::default();
        for taken in 1..=4 {
            let left = bucket.take(RATE, 1000).unwrap();
            assert_eq!(left, Left { times: 4 - taken, full_in: Duration::from_nanos(100 * taken) });
        }
        assert_eq!(bucket.take(RATE, 1000), Err(Duration::from_nanos(100)));
        assert_eq!(bucket.take(RATE, 1099), Err(Duration::from_nanos(1)));
        bucket.take(RATE, 1100).unwrap();
        assert_eq!(bucket.take(RATE, 1100), Err(Duration::from_nanos(100)));
    }

    #[test]
    fn a_refusal_costs_nothing_and_a_long_rest_fills_no_further_than_full() {
        let mut bucket = Bucket::default();
        for now in [0, 0, 0, 0, 100, 200] {
            bucket.take(RATE, now).unwrap();
        }
        for _ in 0..100 {
            bucket.take(RATE, 200).unwrap_err();
        }
        bucket.take(RATE, 300).unwrap();
        for _ in 0..4 {
            bucket.take(RATE, 1_000_000).unwrap();
        }
        bucket.take(RATE, 1_000_000).unwrap_err();
    }

    #[test]
    fn a_clock_that_stands_or_runs_back_gives_nothing_away() {
        let mut bucket = Bucket::default();
        for _ in 0..4 {
            bucket.take(RATE, 1000).unwrap();
        }
        bucket.take(RATE, 500).unwrap_err();
        bucket.take(RATE, 1000).unwrap_err();
        assert_eq!(bucket.full_at(), 1400);
    }
}

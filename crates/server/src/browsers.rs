//! From where browsers came lately: they open connections in advance, and say nothing on them until they need them.

use std::array;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher as _;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// Addresses told apart; two that share a slot cost a person at the other one a moment's wait.
const SLOTS: usize = 1024;
/// How much longer than anybody else a connection beside a browser's may be silent before it is spoken to, in times of that.
pub(crate) const LONGER: u32 = 12;

/// When somebody last began to ask by HTTP, by their address.
pub(crate) struct Browsers {
    secret: RandomState,
    began: Instant,
    /// In ms since it began, and one.
    came: [AtomicU64; SLOTS],
}

impl Browsers {
    pub(crate) fn new() -> Self {
        Self {
            secret: RandomState::new(),
            began: Instant::now(),
            came: array::from_fn(|_| AtomicU64::new(0)),
        }
    }

    /// A connection from there has begun to ask.
    pub(crate) fn came(&self, from: IpAddr) {
        self.slot(from).fetch_max(self.millis(Instant::now()), Ordering::Relaxed);
    }

    /// Whether one did since a moment, or not long before.
    pub(crate) fn came_near(&self, from: IpAddr, since: Instant, before: Duration) -> bool {
        let came = self.slot(from).load(Ordering::Relaxed);
        came > 0 && came >= self.millis(since).saturating_sub(before.as_millis() as u64)
    }

    fn slot(&self, of: IpAddr) -> &AtomicU64 {
        &self.came[self.secret.hash_one(of) as usize % SLOTS]
    }

    fn millis(&self, at: Instant) -> u64 {
        at.saturating_duration_since(self.began).as_millis() as u64 + 1
    }
}

impl fmt::Debug for Browsers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Browsers")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whoever_came_near_is_remembered_by_address() {
        let browsers = Browsers::new();
        let (here, before) = (IpAddr::from([192, 0, 2, 1]), Duration::from_millis(250));
        let near = |since| browsers.came_near(here, since, before);
        assert!(!near(Instant::now()), "nobody came yet");
        tokio::time::advance(Duration::from_secs(10)).await;
        browsers.came(here);
        let came = Instant::now();
        assert!(near(came) && near(came - Duration::from_secs(5)), "later than the connection was opened");
        assert!(near(came + before) && !near(came + before + Duration::from_millis(1)));
        let elsewhere = (1..=255).map(|n| IpAddr::from([198, 51, 100, n]));
        let met = elsewhere.filter(|other| browsers.came_near(*other, came, before)).count();
        assert!(met < 10, "{met} of 255 others share its slot");
    }
}

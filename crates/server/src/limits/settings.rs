//! What an operator sets about limits. Knows no file, flag or variable.

use super::address::Range;
use super::amount::Amount;
use super::numbers::{LIMITS, Which};

/// All limits, as they are set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether anything is limited or shed at all.
    pub enabled: bool,
    /// Addresses to which the limits of an address do not apply: proxies, bridges, whoever works on this machine.
    pub exempt: Vec<Range>,
    amounts: [Amount; LIMITS.len()],
}

impl Default for Settings {
    /// The table's own numbers. Loopback is exempt: a proxy or bridge on this machine is many people.
    fn default() -> Self {
        let loopback = ["127.0.0.0/8", "::1"].map(|range| range.parse().expect("it is a range"));
        Self { enabled: true, exempt: loopback.into(), amounts: std::array::from_fn(|n| LIMITS[n].amount) }
    }
}

impl Settings {
    /// No limits: for tests and measurements that are their own flood.
    #[must_use]
    pub fn off() -> Self {
        Self { enabled: false, ..Self::default() }
    }

    /// What a limit allows.
    #[must_use]
    pub fn amount(&self, which: Which) -> Amount {
        self.amounts.get(which as usize).copied().unwrap_or(Amount::Off)
    }

    /// Allows this; in the limit's own form, see [`Limit::read`](super::Limit::read).
    pub fn set(&mut self, which: Which, amount: Amount) {
        if let Some(place) = self.amounts.get_mut(which as usize) {
            *place = amount;
        }
    }
}

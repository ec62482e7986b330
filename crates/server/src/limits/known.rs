//! Pairs that know each other: an account and an address from which somebody logged in to it, somebody and whom they have
//! written to. What holds strangers back does not concern them. Knows no names.

use std::collections::{HashSet, VecDeque};

/// Pairs remembered, until the server restarts; past this the oldest is forgotten, and is a stranger again.
pub(super) const KNOWN_MAX: usize = 65_536;

/// The pairs, as secret hashes of them.
#[derive(Debug, Default)]
pub(super) struct Known {
    pairs: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Known {
    pub(super) fn has(&self, pair: u64) -> bool {
        self.pairs.contains(&pair)
    }

    pub(super) fn add(&mut self, pair: u64) {
        if !self.pairs.insert(pair) {
            return;
        }
        self.order.push_back(pair);
        if self.order.len() > KNOWN_MAX {
            let oldest = self.order.pop_front().expect("it has more than one");
            self.pairs.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_at_the_limit_and_one() {
        let mut known = Known::default();
        for pair in 0..KNOWN_MAX as u64 {
            known.add(pair);
            known.add(pair);
        }
        assert!(known.has(0));
        known.add(u64::MAX);
        assert!(!known.has(0) && known.has(1) && known.has(u64::MAX));
        assert_eq!(known.pairs.len(), KNOWN_MAX);
    }
}

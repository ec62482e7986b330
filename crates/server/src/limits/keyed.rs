//! Buckets of many: as many as fit, those that lack least go first. Knows no clock and not who the keys are.
//!
//! Our own rather than governor's keyed limiter: that one grows with every stranger until somebody walks through all of
//! it, and asks its own clock. Here memory has a bound, each call looks at a few others, and time is an argument.

use super::bucket::{Bucket, Left, Rate};
use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

/// Buckets a table keeps, of about 100 bytes each; past this the fullest of a few makes room.
pub(super) const KEYS_MAX: usize = 65_536;
/// Buckets looked at with every call: those that are full say nothing and go.
const SWEPT: usize = 2;
/// Buckets among which the one that makes room is chosen.
const SAMPLE: usize = 16;

/// The buckets. The map is the standard one: strangers choose its keys, and SipHash with a secret keeps it flat.
#[derive(Debug)]
pub(super) struct Keyed<K> {
    places: HashMap<K, usize>,
    slots: Vec<(K, Bucket)>,
    hand: usize,
    most: usize,
}

impl<K: Copy + Eq + Hash> Keyed<K> {
    /// An empty table of at most so many buckets.
    pub(super) fn new(most: usize) -> Self {
        Self { places: HashMap::new(), slots: Vec::new(), hand: 0, most: most.max(1) }
    }

    /// Takes from a key's bucket and says what is left, or how long it is until one may.
    pub(super) fn take(&mut self, key: K, rate: Rate, now: u64) -> Result<Left, Duration> {
        self.sweep(now);
        if let Some(place) = self.places.get(&key) {
            return self.slots[*place].1.take(rate, now);
        }
        let mut bucket = Bucket::default();
        let left = bucket.take(rate, now)?;
        if self.slots.len() >= self.most {
            self.make_room();
        }
        self.places.insert(key, self.slots.len());
        self.slots.push((key, bucket));
        Ok(left)
    }

    /// Fills a key's bucket.
    pub(super) fn fill(&mut self, key: &K) {
        if let Some(place) = self.places.get(key) {
            self.remove(*place);
        }
    }

    /// Buckets kept.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    fn sweep(&mut self, now: u64) {
        for _ in 0..SWEPT {
            self.hand = if self.hand < self.slots.len() { self.hand } else { 0 };
            match self.slots.get(self.hand) {
                Some((_, bucket)) if bucket.full_at() <= now => self.remove(self.hand),
                Some(_) => self.hand += 1,
                None => return,
            }
        }
    }

    /// Removes, of a few, the bucket that is full first: whoever is being held back stays held back.
    fn make_room(&mut self) {
        let few = (0..SAMPLE.min(self.slots.len())).map(|n| (self.hand + n) % self.slots.len());
        if let Some(fullest) = few.min_by_key(|place| self.slots[*place].1.full_at()) {
            self.remove(fullest);
        }
        self.hand = (self.hand + SAMPLE) % self.slots.len().max(1);
    }

    fn remove(&mut self, place: usize) {
        let (key, _) = self.slots.swap_remove(place);
        self.places.remove(&key);
        if let Some((moved, _)) = self.slots.get(place) {
            self.places.insert(*moved, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { each: 100, whole: 400 };

    #[test]
    fn keys_have_buckets_of_their_own() {
        let mut keyed = Keyed::new(10);
        for key in 0..3 {
            for _ in 0..4 {
                keyed.take(key, RATE, 0).unwrap();
            }
            keyed.take(key, RATE, 0).unwrap_err();
        }
        keyed.fill(&1);
        keyed.take(1, RATE, 0).unwrap();
        keyed.take(2, RATE, 0).unwrap_err();
    }

    #[test]
    fn a_table_at_its_limit_lets_the_fullest_go_and_grows_no_further() {
        let mut keyed = Keyed::new(8);
        for _ in 0..4 {
            keyed.take(1000, RATE, 0).unwrap();
        }
        for key in 0..7 {
            keyed.take(key, RATE, key).unwrap();
        }
        assert_eq!(keyed.len(), 8);
        keyed.take(7, RATE, 7).unwrap();
        assert_eq!(keyed.len(), 8);
        assert!(!keyed.places.contains_key(&0), "the fullest makes room");
        keyed.take(1000, RATE, 7).unwrap_err();
    }

    #[test]
    fn what_is_full_is_swept_a_few_at_a_time() {
        let mut keyed = Keyed::new(1000);
        for key in 0..500 {
            keyed.take(key, RATE, 0).unwrap();
        }
        for n in 0..500 {
            let before = keyed.len();
            keyed.take(9999, RATE, 1000 + n * 1000).unwrap();
            assert!(keyed.len() + SWEPT >= before);
        }
        assert_eq!(keyed.len(), 1);
    }

    #[test]
    fn places_and_slots_agree_whatever_happens() {
        let mut keyed = Keyed::new(32);
        let mut dice = 1u64;
        for n in 0..20_000 {
            dice = dice.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let key = (dice >> 33) % 64;
            let _ = keyed.take(key, RATE, n * 7);
            if key == 5 {
                keyed.fill(&(key + 1));
            }
            assert_eq!(keyed.places.len(), keyed.slots.len());
        }
        assert!(keyed.places.iter().all(|(key, place)| keyed.slots[*place].0 == *key));
        assert!(keyed.len() <= 32);
    }
}

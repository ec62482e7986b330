//! Counts the connections that addresses have open. Knows no socket: a place is held for as long as it is kept.

use super::address::Net;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// How many connections each address has. Never larger than the number of connections.
#[derive(Debug, Default)]
pub(super) struct Registry {
    // Protects the counts; held while a few numbers change.
    counts: Mutex<HashMap<Net, Count>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    open: u32,
    unnamed: u32,
}

/// What there may be at most; nothing for as many as there are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Most {
    pub(super) open: Option<u32>,
    pub(super) unnamed: Option<u32>,
}

/// What there are too many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    Open,
    Unnamed,
}

/// One open connection, counted with its address until this is dropped.
#[derive(Debug)]
pub struct Place {
    address: IpAddr,
    counted: [Option<Net>; 2],
    unnamed: AtomicBool,
    registry: Arc<Registry>,
}

impl Registry {
    /// A place for a connection, counted under each of these with what it may have.
    pub(super) fn enter(
        self: &Arc<Self>,
        address: IpAddr,
        nets: [Option<(Net, Most)>; 2],
    ) -> Result<Place, Full> {
        let mut counts = self.counts.lock().expect("nobody panics while counting");
        for (net, most) in nets.iter().flatten() {
            let Count { open, unnamed } = counts.get(net).copied().unwrap_or_default();
            if most.open.is_some_and(|most| open >= most) {
                return Err(Full::Open);
            }
            if most.unnamed.is_some_and(|most| unnamed >= most) {
                return Err(Full::Unnamed);
            }
        }
        for (net, _) in nets.iter().flatten() {
            let count = counts.entry(*net).or_default();
            count.open += 1;
            count.unnamed += 1;
        }
        Ok(self.place(address, nets.map(|counted| counted.map(|(net, _)| net))))
    }

    /// A place for a connection that is counted under these already.
    pub(super) fn place(self: &Arc<Self>, address: IpAddr, counted: [Option<Net>; 2]) -> Place {
        Place { address, counted, unnamed: AtomicBool::new(true), registry: Arc::clone(self) }
    }

    /// Addresses that have a connection open.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.counts.lock().unwrap().len()
    }
}

impl Place {
    /// Where the connection comes from.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Somebody has logged in on it.
    pub fn named(&self) {
        if self.unnamed.swap(false, Ordering::Relaxed) {
            self.change(|count| count.unnamed -= 1);
        }
    }

    fn change(&self, change: impl Fn(&mut Count)) {
        let mut counts = self.registry.counts.lock().expect("nobody panics while counting");
        for net in self.counted.iter().flatten() {
            if let Some(count) = counts.get_mut(net) {
                change(count);
                if count.open == 0 {
                    counts.remove(net);
                }
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.named();
        self.change(|count| count.open -= 1);
    }
}

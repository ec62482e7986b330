//! A fault that the floor can be told to make, once, so that a test can show that the checks see it.

use std::str::FromStr;

/// What to do to which delivery, counted over all receivers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    kind: Kind,
    at: u64,
    done: u64,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Drop,
    Repeat,
    /// This line and the next change places; with no next one in the round, the fault waits for one.
    Swap,
}

impl FromStr for Fault {
    type Err = String;

    /// `drop:500`, `repeat:500`, `swap:500`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, at) = text.split_once(':').ok_or("a fault is KIND:DELIVERY")?;
        let kind = match kind {
            "drop" => Kind::Drop,
            "repeat" => Kind::Repeat,
            "swap" => Kind::Swap,
            _ => return Err(format!("no such fault: {kind}")),
        };
        Ok(Self { kind, at: at.parse().map_err(|_| "a delivery is a number")?, done: 0 })
    }
}

impl Fault {
    /// One receiver is about to get `round`; answers what it gets instead, if this is the time.
    pub(super) fn spoil(&mut self, round: &[u8]) -> Option<Vec<u8>> {
        let mut lines: Vec<&[u8]> = round.split_inclusive(|&b| b == b'\n').collect();
        let first = self.done;
        self.done += lines.len() as u64;
        if self.done <= self.at {
            return None;
        }
        let at = usize::try_from(self.at.saturating_sub(first)).ok()?;
        match self.kind {
            Kind::Drop => drop(lines.remove(at)),
            Kind::Repeat => lines.insert(at, lines[at]),
            Kind::Swap if at + 1 < lines.len() => lines.swap(at, at + 1),
            Kind::Swap => return None,
        }
        self.at = u64::MAX;
        Some(lines.concat())
    }
}

//! What the rig's people say: every text different, some long, some secret. Knows no connection.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

/// Begins a canary; what follows are 32 hex digits.
pub(super) const CANARY: &str = "canary-";

/// A message under way.
pub(super) struct Message {
    pub(super) id: Uuid,
    /// The receiver of a direct message.
    pub(super) to: Option<String>,
    pub(super) text: String,
    /// When the attempt under way was sent; `None` when it is to be sent.
    pub(super) invoked: Option<u64>,
}

impl Message {
    /// The line that sends it.
    pub(super) fn line(&self) -> String {
        match &self.to {
            Some(to) => format!("/id {} /msg {to} {}\n", self.id, self.text),
            None => format!("/id {} {}\n", self.id, self.text),
        }
    }

    /// The canary in it.
    pub(super) fn canary(&self) -> Option<&str> {
        canaries(&self.text).next()
    }
}

/// One person's words.
pub(super) struct Words {
    rng: StdRng,
    said: u64,
}

impl Words {
    pub(super) fn new(seed: u64) -> Self {
        Self { rng: StdRng::seed_from_u64(seed), said: 0 }
    }

    /// The next message; `somebody` finds a receiver by a number.
    pub(super) fn next(&mut self, me: &str, somebody: impl FnOnce(usize) -> Option<String>) -> Message {
        self.said += 1;
        let id = Uuid::from_u128(self.rng.random());
        let direct = self.rng.random_ratio(1, 10);
        let to = direct.then(|| somebody(self.rng.random_range(0..1 << 20))).flatten().filter(|to| to != me);
        let (number, secret, padding) = (self.said, self.rng.random::<u128>(), self.padding());
        let text = match &to {
            Some(_) => format!("psst {CANARY}{secret:032x} {number}"),
            None => format!("number {number} {:016x}{padding}", secret as u64),
        };
        Message { id, to, text, invoked: None }
    }

    /// After how many lines to break the connection off; most live until the server is killed.
    pub(super) fn lines_until_cut(&mut self) -> i64 {
        self.rng.random_range(20..3000)
    }

    fn padding(&mut self) -> String {
        match self.rng.random_range(0..20) {
            0 => format!(" {}", "long and longer ".repeat(self.rng.random_range(1..200)).trim_end()),
            1 => " grüße, 你好, 👋🏽".into(),
            2 => " [somebody]: *** looks like a line ***".into(),
            _ => String::new(),
        }
    }
}

/// The canaries in a line.
pub(super) fn canaries(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices(CANARY).filter_map(|(at, _)| line.get(at..at + CANARY.len() + 32))
}

//! What the rig's clients and its driver tell each other: where the server is, what is under way, what was seen.
//! Knows no protocol.

use std::net::SocketAddr;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};

use crate::history::{History, Kind, Line};

/// The one server's name in the history.
pub(super) const NODE: &str = "n1";

/// A server's life, from 1.
pub(super) type Epoch = u32;

pub(super) struct Board {
    began: Instant,
    /// Protects the history alone; nobody waits on it.
    history: Mutex<History>,
    /// Protects the state; each change is told by `changed`.
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    epoch: Epoch,
    address: Option<SocketAddr>,
    /// The last epoch in which connections may break.
    killed: Epoch,
    /// Clients with a connection.
    connected: usize,
    /// Clients that have been let in.
    present: usize,
    in_flight: u64,
    /// Acknowledgements in this epoch.
    acked: u64,
    /// Attempts that this epoch's end left without an answer.
    cut: u64,
    /// Connections broken off by clients.
    cuts: u64,
    /// No new messages.
    quiet: bool,
    /// Senders with nothing unanswered, once it is quiet.
    answered: usize,
    /// When the last word was sent.
    last_word: u64,
    drained: usize,
    over: bool,
    names: Vec<String>,
    failure: Option<String>,
}

impl Board {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            history: Mutex::default(),
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Nanoseconds on the history's clock, which begins at 1.
    pub(super) fn now(&self) -> u64 {
        self.began.elapsed().as_nanos() as u64 + 1
    }

    /// Adds a line; one without an end ends now.
    pub(super) fn note(&self, line: Line<'_>) {
        let returned = line.returned.unwrap_or_else(|| self.now());
        let line = Line { returned: Some(returned), process: "rig".into(), ..line };
        self.history(|history| history.push(&line));
    }

    pub(super) fn history<T>(&self, work: impl FnOnce(&mut History) -> T) -> T {
        work(&mut self.history.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.state());
        self.changed.notify_all();
        result
    }

    /// Waits until something is so.
    fn until(
        &self,
        patience: Duration,
        so: impl Fn(&State) -> bool,
    ) -> anyhow::Result<MutexGuard<'_, State>> {
        let not_yet = |state: &mut State| !so(state) && state.failure.is_none();
        let waited = self.changed.wait_timeout_while(self.state(), patience, not_yet);
        let (state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if let Some(failure) = &state.failure {
            bail!("{failure}");
        }
        ensure!(
            !timeout.timed_out(),
            "not in {patience:?}: {} connected, {} present, {} in flight, {} acknowledged, {} answered, {} drained",
            state.connected,
            state.present,
            state.in_flight,
            state.acked,
            state.answered,
            state.drained
        );
        Ok(state)
    }

    pub(super) fn fail(&self, why: String) {
        self.change(|state| {
            state.failure.get_or_insert(why);
        });
    }

    pub(super) fn failure(&self) -> anyhow::Result<()> {
        match &self.state().failure {
            Some(failure) => bail!("{failure}"),
            None => Ok(()),
        }
    }
}

/// For the driver.
impl Board {
    pub(super) fn open(&self, address: SocketAddr) {
        self.change(|state| {
            state.epoch += 1;
            state.address = Some(address);
            (state.acked, state.cut) = (0, 0);
        });
    }

    pub(super) fn wait_for_traffic(
        &self,
        acks: u64,
        in_flight: u64,
        patience: Duration,
    ) -> anyhow::Result<()> {
        self.until(patience, |state| state.acked >= acks && state.in_flight >= in_flight).map(drop)
    }

    pub(super) fn kill_begins(&self) {
        self.change(|state| {
            state.killed = state.epoch;
            state.address = None;
        });
    }

    /// How many attempts were left without an answer.
    pub(super) fn wait_for_everybody_cut(&self, patience: Duration) -> anyhow::Result<u64> {
        self.until(patience, |state| state.connected == 0).map(|state| state.cut)
    }

    pub(super) fn quiet(&self) {
        self.change(|state| state.quiet = true);
    }

    pub(super) fn wait_for_answers(&self, senders: usize, patience: Duration) -> anyhow::Result<()> {
        self.until(patience, |state| state.answered == senders).map(drop)
    }

    pub(super) fn wait_for_people(&self, people: usize, patience: Duration) -> anyhow::Result<()> {
        self.until(patience, |state| state.present == people).map(drop)
    }

    pub(super) fn last_word_begins(&self) -> u64 {
        let now = self.now();
        self.change(|state| state.last_word = now);
        now
    }

    pub(super) fn wait_for_drained(&self, people: usize, patience: Duration) -> anyhow::Result<()> {
        self.until(patience, |state| state.drained == people).map(drop)
    }

    /// Sends everybody home.
    pub(super) fn leave(&self) {
        self.change(|state| state.over = true);
    }
}

/// For the clients.
impl Board {
    /// Waits for a server of a later life than this; `None` when it is time to go home.
    pub(super) fn wait_for_server(&self, after: Epoch) -> Option<(Epoch, SocketAddr)> {
        let nothing = |state: &mut State| !(state.over || state.epoch > after && state.address.is_some());
        let state = self.changed.wait_while(self.state(), nothing).unwrap_or_else(PoisonError::into_inner);
        state.address.filter(|_| !state.over).map(|address| (state.epoch, address))
    }

    pub(super) fn connected(&self) {
        self.change(|state| state.connected += 1);
    }

    /// The connection is gone with so many unanswered; whether a kill was under way, or all is over.
    pub(super) fn disconnected(&self, epoch: Epoch, was_present: bool, unanswered: u64) -> bool {
        self.change(|state| {
            let killed = state.killed >= epoch;
            state.connected -= 1;
            state.present -= usize::from(was_present);
            state.in_flight -= unanswered;
            state.cut += if killed { unanswered } else { 0 };
            killed || state.over
        })
    }

    /// A client broke its connection off.
    pub(super) fn cut_by_client(&self) {
        let (op, invoked, name) = (Kind::Fault, self.now(), "cut".into());
        self.note(Line { op, invoked, name, node: NODE.into(), ..Line::default() });
        self.change(|state| state.cuts += 1);
    }

    /// How many connections clients broke off.
    pub(super) fn cuts(&self) -> u64 {
        self.state().cuts
    }

    pub(super) fn present(&self, name: &str) {
        self.change(|state| {
            state.present += 1;
            if !state.names.iter().any(|known| known == name) {
                state.names.push(name.into());
            }
        });
    }

    pub(super) fn sent(&self, count: u64) {
        self.change(|state| state.in_flight += count);
    }

    pub(super) fn answered(&self, acknowledged: bool) {
        self.change(|state| {
            state.in_flight -= 1;
            state.acked += u64::from(acknowledged);
        });
    }

    /// Whether to say nothing new.
    pub(super) fn is_quiet(&self) -> bool {
        self.state().quiet
    }

    pub(super) fn all_answered(&self) {
        self.change(|state| state.answered += 1);
    }

    pub(super) fn drained(&self) -> u64 {
        self.change(|state| {
            state.drained += 1;
            state.last_word
        })
    }

    /// Somebody known, by a number at random.
    pub(super) fn somebody(&self, number: usize) -> Option<String> {
        let state = self.state();
        state.names.get(number % state.names.len().max(1)).cloned()
    }
}

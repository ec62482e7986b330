//! One run of the load: everybody starts at one line, senders send at their pace, everybody is checked, and all end at
//! one line. Knows the time and the crowd, and not what is measured.

use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use hdrhistogram::Histogram;

use super::answers::Answers;
use super::crowd::{Crowd, Follow, STALL};
use super::line::Names;
use super::stream::Stream;

/// Senders wait while any receiver is this many bytes behind: the generator keeps what not all have seen.
const FURTHEST_BEHIND: u64 = 64 << 20;
/// A sender at a fixed rate has at most this many messages unanswered; then it waits, and is late.
const RATE_WINDOW: u64 = 10_000;
/// A reader that reads on has what it missed by then, or never.
const CATCH_UP: Duration = Duration::from_secs(60);
/// How many turns pass between two looks for the slowest receiver.
const TURNS_A_LOOK: u32 = 32;

/// When senders send.
#[derive(Clone, Copy)]
pub(super) enum Pace {
    /// Each keeps this many messages unanswered.
    Window(u64),
    /// All together send one message each so often, in turn.
    Every(Duration),
}

/// Whose deliveries are timed. Acknowledgements (a sender's own line coming back) always are.
#[derive(Clone, Copy)]
pub(super) enum Watch {
    All,
    /// One in so many, where timing each would cost more than reading it.
    OneIn(usize),
}

/// What to send.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    /// So many connections send, evenly spread over all: those who talk are not the first to be served.
    pub(super) senders: usize,
    pub(super) pace: Pace,
    pub(super) body: usize,
    pub(super) watch: Watch,
    pub(super) others_may_talk: bool,
}

/// Times in nanoseconds.
pub(super) struct Times {
    pub(super) acknowledged: Histogram<u64>,
    pub(super) delivered: Histogram<u64>,
}

/// A run under way.
pub(super) struct Load {
    crowd: Crowd,
    names: Names,
    plan: Plan,
    /// Messages sent, by sender, and which connection each sender is.
    sent: Vec<u64>,
    seats: Vec<usize>,
    next_due: Instant,
    turn: usize,
    turns: u32,
    slowest: u64,
    seen: Seen,
    /// How late a paced message was sent, at most.
    pub(super) latest: Duration,
}

/// What all have seen so far.
struct Seen {
    stream: Stream,
    epoch: Instant,
    receivers: Vec<Receiver>,
    answers: Answers,
    times: Times,
}

struct Receiver {
    position: u64,
    /// Its number among the senders, if it is one.
    sender: Option<usize>,
    /// The number of the next message to be timed, of those who are watched.
    watched: Option<u64>,
}

impl Times {
    fn new() -> Self {
        Self { acknowledged: nanoseconds(), delivered: nanoseconds() }
    }
}

/// Times from 1 µs to 5 minutes with three digits; what is outside counts as the nearest of these.
pub(super) fn nanoseconds() -> Histogram<u64> {
    Histogram::new_with_bounds(1_000, 300_000_000_000, 3).expect("the bounds are valid")
}

impl Load {
    /// Lets everybody of `crowd` see the START line.
    pub(super) fn start(mut crowd: Crowd, names: Names, plan: Plan) -> Result<Self> {
        let epoch = Instant::now();
        let seats: Vec<usize> = (0..plan.senders).map(|sender| sender * crowd.len() / plan.senders).collect();
        let receiver = |index| Receiver {
            position: 0,
            sender: seats.binary_search(&index).ok(),
            watched: is_watched(index, &plan).then_some(0),
        };
        let receivers = (0..crowd.len()).map(receiver).collect();
        let mut seen = Seen {
            stream: Stream::new(names.clone(), seats.clone(), plan.body, plan.others_may_talk),
            epoch,
            receivers,
            answers: Answers::new(plan.senders, names.are_answered()),
            times: Times::new(),
        };
        crowd.say(0, b"START")?;
        let mut last_gain = Instant::now();
        let mut before = 0;
        while before < crowd.len() {
            crowd.turn(Duration::from_millis(100), &mut seen)?;
            let now = crowd.following();
            if now > before {
                (before, last_gain) = (now, Instant::now());
            }
            ensure!(last_gain.elapsed() < STALL, "only {now} of {} saw the first line", crowd.len());
        }
        let (sent, next_due, latest) = (vec![0; plan.senders], Instant::now(), Duration::ZERO);
        Ok(Self { crowd, names, plan, sent, seats, next_due, turn: 0, turns: 0, slowest: 0, seen, latest })
    }

    /// Sends for `length`, or until `messages` have been sent, whichever is first.
    pub(super) fn go_on(&mut self, length: Duration, messages: Option<u64>) -> Result<()> {
        let until = Instant::now() + length;
        self.next_due = Instant::now();
        let mut progress = Progress::new();
        while Instant::now() < until {
            let left = messages.map_or(u64::MAX, |all| all - self.sent().min(all));
            if left == 0 {
                break;
            }
            self.send(left)?;
            self.step(self.wake(until))?;
            progress.check(self.seen.stream.end(), || self.laggards())?;
        }
        Ok(())
    }

    /// `index` stops reading, and is no longer timed.
    pub(super) fn pause(&mut self, index: usize) {
        self.seen.receivers[index].watched = None;
        self.crowd.pause(index);
    }

    /// `index` reads on; answers how far behind the others it was, in bytes, and how long it took to catch up while
    /// the senders went on.
    pub(super) fn resume(&mut self, index: usize) -> Result<(u64, Duration)> {
        let behind = self.seen.stream.end() - self.seen.receivers[index].position;
        let begun = Instant::now();
        self.next_due = begun;
        let goal = self.seen.stream.end();
        self.crowd.resume(index, &mut self.seen)?;
        let mut progress = Progress::new();
        while self.seen.receivers[index].position < goal {
            self.send(u64::MAX)?;
            self.step(self.wake(Instant::now() + Duration::from_millis(100)))?;
            progress.check(self.seen.receivers[index].position, || self.laggards())?;
            let missing = goal.saturating_sub(self.seen.receivers[index].position);
            ensure!(
                begun.elapsed() < CATCH_UP,
                "{missing} of {behind} bytes were not caught up in {CATCH_UP:?}"
            );
        }
        Ok((behind, begun.elapsed()))
    }

    /// Sends nothing more, waits until everybody has everything, and says the last line: after it nothing may come.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.drain(|load| load.seen.stream.messages() == load.sent())?;
        self.crowd.say(0, b"END")?;
        let answered = |load: &Self| load.seen.answers.are(&load.sent);
        self.drain(|load| load.seen.stream.ended() && load.all_at_end() && answered(load))?;
        for (index, &sent) in self.sent.iter().enumerate() {
            let came = self.seen.stream.from(index);
            ensure!(came == sent, "sender {index} sent {sent} messages, {came} came");
        }
        Ok(())
    }

    /// Messages sent so far.
    pub(super) fn sent(&self) -> u64 {
        self.sent.iter().sum()
    }

    /// Deliveries so far that were checked, every sender's own lines among them; exact once the load is finished.
    pub(super) fn deliveries(&self) -> u64 {
        self.seen.stream.messages() * self.crowd.len() as u64
    }

    /// The times since the last call.
    pub(super) fn take_times(&mut self) -> Times {
        std::mem::replace(&mut self.seen.times, Times::new())
    }

    fn drain(&mut self, done: impl Fn(&Self) -> bool) -> Result<()> {
        let mut progress = Progress::new();
        while !done(self) {
            self.step(Instant::now() + Duration::from_millis(100))?;
            let seen = self.seen.receivers.iter().map(|receiver| receiver.position).sum();
            progress.check(seen, || self.laggards())?;
        }
        Ok(())
    }

    /// When to look again if nothing arrives.
    fn wake(&self, until: Instant) -> Instant {
        match self.plan.pace {
            Pace::Every(_) => until.min(self.next_due),
            Pace::Window(_) => until,
        }
    }

    fn step(&mut self, until: Instant) -> Result<()> {
        self.crowd.turn(until.saturating_duration_since(Instant::now()), &mut self.seen)?;
        self.turns += 1;
        if self.turns.is_multiple_of(TURNS_A_LOOK) {
            self.slowest =
                self.seen.receivers.iter().map(|receiver| receiver.position).min().unwrap_or_default();
            self.seen.stream.forget(self.slowest);
        }
        Ok(())
    }

    fn send(&mut self, left: u64) -> Result<()> {
        if self.seen.stream.end() - self.slowest > FURTHEST_BEHIND {
            return Ok(());
        }
        match self.plan.pace {
            Pace::Window(window) => self.fill_windows(window, left),
            Pace::Every(period) => self.send_due(period, left),
        }
    }

    fn fill_windows(&mut self, window: u64, mut left: u64) -> Result<()> {
        let mut lines = Vec::new();
        for index in 0..self.sent.len() {
            let unanswered = self.sent[index] - self.seen.answers.of(index);
            let count = (window - unanswered.min(window)).min(left);
            if count == 0 || !self.crowd.is_clear(self.seats[index]) {
                continue;
            }
            left -= count;
            let at = self.seen.now();
            lines.clear();
            for _ in 0..count {
                self.names.write_load(&mut lines, self.seats[index], self.sent[index], at, self.plan.body);
                self.sent[index] += 1;
            }
            self.crowd.write(self.seats[index], &lines)?;
        }
        Ok(())
    }

    fn send_due(&mut self, period: Duration, mut left: u64) -> Result<()> {
        while left > 0 && self.next_due <= Instant::now() {
            let index = self.turn % self.sent.len();
            if self.sent[index] - self.seen.answers.of(index) >= RATE_WINDOW {
                return Ok(());
            }
            self.latest = self.latest.max(self.next_due.elapsed());
            let mut line = Vec::with_capacity(self.plan.body + 1);
            self.names.write_load(
                &mut line,
                self.seats[index],
                self.sent[index],
                self.seen.now(),
                self.plan.body,
            );
            self.sent[index] += 1;
            self.crowd.write(self.seats[index], &line)?;
            self.turn += 1;
            self.next_due += period;
            left -= 1;
        }
        Ok(())
    }

    fn all_at_end(&self) -> bool {
        let end = self.seen.stream.end();
        self.seen.receivers.iter().all(|receiver| receiver.position == end)
    }

    /// Says who lacks what, for a run that does not go on.
    fn laggards(&self) -> String {
        let end = self.seen.stream.end();
        let behind = self.seen.receivers.iter().filter(|receiver| receiver.position < end).count();
        let missing = self.sent() - self.seen.stream.messages();
        format!(
            "nothing came for {STALL:?}: {missing} of {} messages reached nobody, {behind} of {} connections are behind",
            self.sent(),
            self.crowd.len()
        )
    }
}

impl Seen {
    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_nanos()).expect("a run is shorter than centuries")
    }
}

impl Follow for Seen {
    fn follow(&mut self, index: usize, bytes: &[u8]) -> Result<()> {
        let position = self.receivers[index].position;
        self.stream.take(position, bytes)?;
        let receiver = &mut self.receivers[index];
        receiver.position += bytes.len() as u64;
        let position = receiver.position;
        if receiver.sender.is_none() && receiver.watched.is_none() {
            return Ok(());
        }
        let now = u64::try_from(self.epoch.elapsed().as_nanos()).expect("a run is shorter than centuries");
        if let Some(next) = receiver.watched {
            let times = &mut self.times.delivered;
            let next =
                self.stream.delivered(next, position, |at| times.saturating_record(now.saturating_sub(at)));
            receiver.watched = Some(next);
        }
        if let Some(sender) = receiver.sender {
            let (times, answers) = (&mut self.times.acknowledged, &mut self.answers);
            self.stream.acknowledge(sender, position, |at| {
                times.saturating_record(now.saturating_sub(at));
                answers.hears(sender);
            });
        }
        Ok(())
    }

    fn answered(&mut self, index: usize) {
        if let Some(sender) = self.receivers[index].sender {
            self.answers.come(sender);
        }
    }
}

/// Ends a phase in which nothing goes forward.
struct Progress {
    at: u64,
    since: Instant,
}

impl Progress {
    fn new() -> Self {
        Self { at: 0, since: Instant::now() }
    }

    fn check(&mut self, at: u64, what: impl FnOnce() -> String) -> Result<()> {
        if at > self.at {
            *self = Self { at, since: Instant::now() };
        } else if self.since.elapsed() > STALL {
            bail!("{}", what());
        }
        Ok(())
    }
}

fn is_watched(index: usize, plan: &Plan) -> bool {
    match plan.watch {
        Watch::All => true,
        Watch::OneIn(many) => index.is_multiple_of(many),
    }
}

//! Decides what the client does next: when to connect, what to send, what to show, and what to send again after a cut.
//! Knows no socket, file, terminal or clock: time and randomness are arguments, so a test can play any course of events.

mod back;
mod backoff;
mod door;
mod outbox;
mod place;
mod recent;
mod room;
mod steps;
#[cfg(test)]
mod tests;
mod typed;

use crate::tokens::{Credential, name_key};
pub(crate) use steps::{Do, Ending, InputFrom, Settings, Tally};

use backoff::Backoff;
use chatroom_wire::line::heard::Heard;
use outbox::{Answer, Id, Outbox, Waiting};
use place::Place;
use rand::rngs::StdRng;
use recent::{Message, Seen};
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Time the server has to ask for the name, and again to answer it.
const DOOR_TIME: Duration = Duration::from_secs(15);
/// Time after the end of the input that a lost connection may take to return while lines still wait.
const OFFLINE_PATIENCE: Duration = Duration::from_secs(30);
/// Time the server has to close after `/quit`.
const LEAVING_TIME: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Without connection until a name is given.
    NeedsName,
    Waiting {
        until: Instant,
    },
    Connecting,
    Door(door::Stage),
    Settling(room::Settling),
    Open,
    Leaving {
        until: Instant,
    },
    Ended,
}

/// The client's side of one conversation, over as many connections as it takes.
#[derive(Debug)]
pub(crate) struct Resume {
    input: InputFrom,
    name: Option<String>,
    /// The name we are in the room under, as the server writes it.
    me: String,
    tokens: HashMap<String, Credential>,
    /// Whether the name was made up by the server: its token is not worth keeping on disk.
    guest: bool,
    phase: Phase,
    /// Whether we were in the room before: what follows is then a return.
    been_in: bool,
    link: Link,
    place: Place,
    outbox: Outbox,
    seen: Seen,
    backoff: Backoff,
    /// The user has left, or the input has ended: leave when nothing waits any more.
    finishing: bool,
    give_up_at: Option<Instant>,
    told_offline: bool,
    tally: Tally,
    rng: StdRng,
    steps: VecDeque<Do>,
}

/// What is known of the present connection.
#[derive(Debug, Default)]
struct Link {
    /// It speaks `/id`: a repeated line is harmless.
    ours: bool,
    /// The token was good, so what was missed is given.
    resumed: bool,
    bad_token: bool,
    refusal: Option<door::Refusal>,
    /// A password was asked for.
    password_asked: bool,
    /// The last messages on entering, each with its line.
    recent: Vec<(Message, String)>,
    /// The server reads our lines no faster than we may write.
    slowed: bool,
    /// The room that the server said we are in; none is the first.
    here: Option<String>,
    /// We were in before, on another connection.
    returned: bool,
    /// We have asked for the room we were in, and wait until then for the answer.
    returning: Option<Instant>,
    /// The answer is being given.
    introduced: bool,
    /// What was missed, while it is still being given.
    missed: Option<Vec<String>>,
}

impl Resume {
    pub(crate) fn new(settings: Settings, rng: StdRng) -> Self {
        let mut resume = Self {
            input: settings.input,
            name: None,
            me: String::new(),
            tokens: settings.tokens,
            guest: false,
            phase: Phase::Connecting,
            been_in: false,
            link: Link::default(),
            place: Place::default(),
            outbox: Outbox::default(),
            seen: Seen::default(),
            backoff: Backoff::default(),
            finishing: false,
            give_up_at: None,
            told_offline: false,
            tally: Tally::default(),
            rng,
            steps: VecDeque::from([Do::Connect]),
        };
        if let Some(name) = settings.name {
            resume.take_name(&name);
        }
        resume
    }

    /// The next thing to do; `None` until something happens.
    pub(crate) fn next(&mut self) -> Option<Do> {
        self.steps.pop_front()
    }

    /// When `tick` is to be called, if nothing happens before.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let phase = match self.phase {
            Phase::Waiting { until } | Phase::Leaving { until } => Some(until),
            Phase::Door(stage) => stage.until(),
            Phase::Settling(settling) => Some(settling.until()),
            Phase::Open => self.link.returning.or_else(|| self.outbox.deadline()),
            Phase::NeedsName | Phase::Connecting | Phase::Ended => None,
        };
        phase.into_iter().chain(self.give_up_at).min()
    }

    /// Whether another line of input may be given: a pipe waits while too much is on its way. Somebody at a keyboard
    /// never does; he is told instead.
    pub(crate) fn wants_input(&self) -> bool {
        self.input == InputFrom::Person || !self.outbox.is_full()
    }

    /// What became of the lines, as far as is known.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Who writes the lines.
    pub(crate) fn input(&self) -> InputFrom {
        self.input
    }

    /// The connection stands.
    pub(crate) fn connected(&mut self, now: Instant) {
        self.link = Link::default();
        self.phase = Phase::Door(door::Stage::Prompt { until: now + DOOR_TIME });
        if !self.been_in {
            self.note("Connected to chat server");
            self.note("Welcome to the chat server!");
        }
    }

    /// The connection could not be made.
    pub(crate) fn unreachable(&mut self, reason: &str, now: Instant) {
        if self.phase != Phase::Connecting {
            return;
        }
        if self.been_in {
            self.wait("Still no connection", now);
        } else {
            self.end(Ending::Unreachable(reason.to_owned()));
        }
    }

    /// The connection is gone.
    pub(crate) fn lost(&mut self, now: Instant) {
        self.outbox.connection_lost();
        self.place.lost();
        match self.phase {
            Phase::Door(stage) => self.lost_at_door(stage, now),
            Phase::Leaving { .. } => self.left(),
            Phase::Settling(_) | Phase::Open => self.wait("Connection lost", now),
            Phase::NeedsName | Phase::Waiting { .. } | Phase::Connecting | Phase::Ended => {}
        }
    }

    /// A line came from the server; `heard` is what it is.
    pub(crate) fn heard(&mut self, line: &str, heard: &Heard<'_>, now: Instant) {
        match self.phase {
            Phase::Door(stage) => self.heard_at_door(stage, line, heard, now),
            Phase::Settling(settling) => self.heard_settling(settling, line, heard, now),
            Phase::Open | Phase::Leaving { .. } => self.heard_in_room(line, heard, now),
            Phase::NeedsName | Phase::Waiting { .. } | Phase::Connecting | Phase::Ended => {}
        }
        self.go_on(now);
    }

    /// No more input will come: what waits is sent, then we leave.
    pub(crate) fn input_ended(&mut self, now: Instant) {
        self.finishing = true;
        self.go_on(now);
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, now: Instant) {
        if self.give_up_at.is_some_and(|at| at <= now) {
            self.steps.push_back(Do::HangUp);
            if self.phase == Phase::Open {
                return self.left();
            }
            return self.end(Ending::Unreachable("the connection did not return".to_owned()));
        }
        match self.phase {
            Phase::Waiting { until } if until <= now => self.connect(),
            Phase::Door(stage) if stage.until().is_some_and(|until| until <= now) => {
                self.steps.push_back(Do::HangUp);
                self.lost(now);
            }
            Phase::Settling(settling) if settling.until() <= now => self.settle(now),
            Phase::Leaving { until } if until <= now => {
                self.steps.push_back(Do::HangUp);
                self.left();
            }
            Phase::Open => {
                self.return_is_overdue(now);
                self.mind_the_late(now);
            }
            _ => {}
        }
        self.go_on(now);
    }

    /// Does what has become possible: sends what waits, or leaves when all is done.
    fn go_on(&mut self, now: Instant) {
        self.flush(now);
        if !self.finishing {
            return;
        }
        let without = matches!(self.phase, Phase::Waiting { .. } | Phase::Connecting | Phase::Door(_));
        if self.phase == Phase::Open {
            if self.outbox.is_empty() {
                self.give_up_at = None;
                self.steps.push_back(Do::Send("/quit".to_owned()));
                self.phase = Phase::Leaving { until: now + LEAVING_TIME };
            } else if self.input == InputFrom::Person {
                self.give_up_at.get_or_insert(now + LEAVING_TIME);
            } else {
                self.give_up_at = None;
            }
        } else if self.phase == Phase::NeedsName || without && self.nothing_to_wait_for() {
            self.end(Ending::Left);
        } else if without && self.give_up_at.is_none() {
            self.give_up_at = Some(now + OFFLINE_PATIENCE);
        }
    }

    /// Whether somebody who is leaving without a connection can just as well go now.
    fn nothing_to_wait_for(&self) -> bool {
        let asked = matches!(self.phase, Phase::Door(door::Stage::Name));
        asked || self.input == InputFrom::Person || self.been_in && self.outbox.is_empty()
    }

    fn connect(&mut self) {
        self.phase = Phase::Connecting;
        self.steps.push_back(Do::Connect);
    }

    fn wait(&mut self, what: &str, now: Instant) {
        let wait = self.backoff.next_wait(&mut self.rng);
        self.phase = Phase::Waiting { until: now + wait };
        if !(self.finishing && self.nothing_to_wait_for()) {
            self.note(&format!("{what}. Reconnecting in {} s…", wait.as_secs_f64().ceil()));
        }
        self.go_on(now);
    }

    fn left(&mut self) {
        self.end(Ending::Left);
    }

    fn end(&mut self, ending: Ending) {
        if self.phase == Phase::Ended {
            return;
        }
        let unsent = self.outbox.len();
        if unsent > 0 {
            self.tally.unconfirmed += unsent;
            self.note(&format!(
                "{unsent} {} not confirmed.",
                if unsent == 1 { "line was" } else { "lines were" }
            ));
        }
        if self.been_in {
            self.note("Disconnected from server.");
        }
        self.phase = Phase::Ended;
        self.give_up_at = None;
        self.steps.push_back(Do::End(ending));
    }

    fn refuse(&mut self, line: &str, reason: &str) {
        self.tally.refuse(reason);
        self.note(&format!("Not sent: {reason}: {}", excerpt(line)));
    }

    fn unconfirmed(&mut self, waiting: &Waiting) {
        // The original gives no sign of what it dropped, so its silence proves nothing.
        self.tally.unconfirmed += usize::from(self.link.ours);
        self.note(&format!("Not confirmed: {}", excerpt(&waiting.line)));
    }

    fn show(&mut self, line: &str) {
        self.steps.push_back(Do::Show(line.to_owned()));
    }

    fn note(&mut self, words: &str) {
        self.steps.push_back(Do::Note(words.to_owned()));
    }
}

/// Enough of a line to know it again.
fn excerpt(line: &str) -> String {
    let mut excerpt: String = line.chars().take(60).collect();
    if excerpt.len() < line.len() {
        excerpt.push('…');
    }
    excerpt
}

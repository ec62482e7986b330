//! A small chat on paper: people, two nodes, cuts, crashes, retries and redactions in made-up time, which writes the
//! history that a test of the real thing would. Knows the bugs, and nothing of the checker.

mod faults;

use std::collections::HashMap;

use chatroom_testkit::history::{BodyHash, ClientId, History, Kind, Line, Outcome};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::bugs::Bug;

const LOBBY: &str = "#lobby";
const PEOPLE: usize = 6;
const STEPS: usize = 900;

/// What a run leaves.
pub(crate) struct Run {
    pub(crate) history: History,
    /// How often the bug struck.
    pub(crate) planted: u32,
}

/// Runs the chat under one seed, with at most one bug.
pub(crate) fn run(seed: u64, bug: Option<Bug>) -> Run {
    let mut sim = Sim::new(seed, bug);
    sim.begin();
    for _ in 0..STEPS {
        sim.step();
    }
    sim.end();
    Run { history: sim.history, planted: sim.planted }
}

#[derive(Clone)]
struct Said {
    room: String,
    id: ClientId,
    author: String,
    text: String,
}

struct Stored {
    said: Said,
    seq: u64,
    position: u64,
    time: u64,
    redacted: bool,
    /// When its sender knew.
    acked: u64,
}

struct Person {
    name: String,
    node: &'static str,
    /// Whether it speaks the line protocol, whose lines carry no numbers.
    line: bool,
    connected: bool,
    /// How much of the log it has been given.
    given: usize,
    /// The number it saw last in the lobby.
    last: u64,
    /// The first number it was given since it came in, came back or was told of a gap; 0 if none.
    since: u64,
    out: bool,
    unconfirmed: Vec<Said>,
}

struct Sim {
    rng: StdRng,
    bug: Option<Bug>,
    planted: u32,
    now: u64,
    history: History,
    people: Vec<Person>,
    log: Vec<Stored>,
    position: u64,
    seq: u64,
    words: u64,
    crashes: u64,
    cuts: u64,
}

impl Sim {
    fn new(seed: u64, bug: Option<Bug>) -> Self {
        let people = (0..PEOPLE).map(|number| Person {
            name: format!("user{number}"),
            node: if number % 3 == 0 { "n2" } else { "n1" },
            line: number % 2 == 1,
            connected: true,
            given: 0,
            last: 0,
            since: 0,
            out: false,
            unconfirmed: Vec::new(),
        });
        Self {
            rng: StdRng::seed_from_u64(seed),
            bug,
            planted: 0,
            now: 1,
            history: History::default(),
            people: people.collect(),
            log: Vec::new(),
            position: 0,
            seq: 0,
            words: 0,
            crashes: 0,
            cuts: 0,
        }
    }

    /// Whether this bug is in the system and strikes now.
    fn strikes(&mut self, bug: Bug) -> bool {
        let strikes = self.bug == Some(bug) && (self.planted == 0 || self.chance(20));
        self.planted += u32::from(strikes);
        strikes
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_ratio(percent, 100)
    }

    fn tick(&mut self) -> u64 {
        self.now += self.rng.random_range(1..1000_u64);
        self.now
    }

    fn write(&mut self, line: Line<'_>) {
        let returned = line.returned.unwrap_or(self.now);
        self.history.push(&Line { returned: Some(returned), process: "sim".into(), ..line });
    }

    /// A line of one person, at the present moment.
    fn note(&mut self, who: usize, line: Line<'_>) {
        let now = self.tick();
        let person = &self.people[who];
        let (name, node) = (person.name.clone(), person.node);
        let protocol = if person.line { "line" } else { "irc" };
        let invoked = if line.invoked == 0 { now } else { line.invoked };
        let line = Line { invoked, node: node.into(), protocol: protocol.into(), ..line };
        self.write(Line { session: name.as_str().into(), user: name.as_str().into(), ..line });
    }

    fn begin(&mut self) {
        for (name, value) in [("tasks", 12), ("memory", 40 << 20)] {
            self.sample(name, value);
        }
        for who in 0..PEOPLE {
            self.note(who, Line { op: Kind::Connect, ..Line::default() });
        }
    }

    fn sample(&mut self, name: &str, value: u64) {
        let invoked = self.tick();
        let name = name.into();
        self.write(Line { op: Kind::Sample, invoked, node: "n1".into(), name, value, ..Line::default() });
    }

    fn step(&mut self) {
        let who = self.rng.random_range(0..PEOPLE);
        if !self.people[who].connected {
            return self.resume(who);
        }
        match self.rng.random_range(0..100) {
            0..35 => self.talk(who),
            35..80 => self.deliver(who),
            80..88 => self.cut_connection(who),
            88..90 => self.crash(),
            90..94 => self.read(who),
            94..96 => self.redact(),
            96..98 if who == 5 || who == 2 => self.kick_or_return(who),
            _ => self.deliver(who),
        }
    }

    /// Says a few things at once; some are refused, and the connection may break before the answers.
    fn talk(&mut self, who: usize) {
        let count = self.rng.random_range(1..4);
        let breaks = self.chance(15);
        let stored = if breaks { self.rng.random_range(0..=count) } else { count };
        let answered = if breaks { self.rng.random_range(0..=stored) } else { count };
        let begun: Vec<(Said, u64)> = (0..count).map(|_| (self.words(who), self.tick())).collect();
        let before = self.log.len();
        for (number, (said, invoked)) in begun.into_iter().enumerate() {
            if self.people[who].out && said.room == LOBBY || self.chance(5) {
                if self.strikes(Bug::StoresRefused) {
                    self.store(said.clone());
                }
                self.attempt(who, &said, invoked, Outcome::Refused);
                continue;
            }
            if number < answered && self.strikes(Bug::AcknowledgesBeforeCommit) {
                self.attempt(who, &said, invoked, Outcome::Ok);
                continue;
            }
            if number < stored {
                self.store(said.clone());
                self.exchange_with_older(invoked);
            }
            if number < answered {
                self.attempt(who, &said, invoked, Outcome::Ok);
                let now = self.now;
                if let Some(stored) = self.log.iter_mut().rev().find(|stored| stored.said.id == said.id) {
                    stored.acked = now;
                }
            } else {
                self.attempt(who, &said, invoked, Outcome::Unknown);
                self.people[who].unconfirmed.push(said);
            }
        }
        if self.bug == Some(Bug::ReordersSender) {
            self.swap_last(before, Bug::ReordersSender);
        }
        if breaks {
            self.people[who].connected = false;
            self.note(who, Line { op: Kind::Disconnect, ..Line::default() });
        }
    }

    /// Exchanges two messages that one sender just said in the lobby.
    fn swap_last(&mut self, from: usize, bug: Bug) {
        let lobby: Vec<usize> = (from..self.log.len()).filter(|&at| self.log[at].seq != 0).collect();
        let [.., a, b] = lobby[..] else { return };
        if self.strikes(bug) {
            self.exchange(a, b);
        }
    }

    /// Exchanges the message just stored with one acknowledged before that was even sent.
    fn exchange_with_older(&mut self, invoked: u64) {
        let new = self.log.len() - 1;
        let known = |stored: &Stored| stored.seq != 0 && stored.acked < invoked;
        let Some(old) = self.log.iter().rposition(known) else { return };
        if self.log[new].seq != 0 && self.strikes(Bug::IgnoresRealTime) {
            self.exchange(old, new);
        }
    }

    fn exchange(&mut self, a: usize, b: usize) {
        let other = self.log[a].said.clone();
        self.log[a].said = std::mem::replace(&mut self.log[b].said, other);
        let acked = self.log[a].acked;
        self.log[a].acked = std::mem::replace(&mut self.log[b].acked, acked);
    }

    fn words(&mut self, who: usize) -> Said {
        self.words += 1;
        let author = self.people[who].name.clone();
        let id = ClientId(self.rng.random_range(1..u64::MAX), self.words);
        if !self.chance(15) {
            return Said { room: LOBBY.into(), id, author, text: format!("word {}", self.words) };
        }
        let other = (who + self.rng.random_range(1..PEOPLE)) % PEOPLE;
        let mut pair = [author.as_str(), self.people[other].name.as_str()];
        pair.sort_unstable();
        let room = format!("@{},{}", pair[0], pair[1]);
        let text = format!("secret {}", self.words);
        let (op, invoked, body) = (Kind::Canary, self.now, BodyHash::of_canary(&text));
        self.write(Line { op, invoked, room: room.as_str().into(), body, ..Line::default() });
        Said { room, id, author, text }
    }

    fn attempt(&mut self, who: usize, said: &Said, invoked: u64, outcome: Outcome) {
        let body = BodyHash::of(&said.author, &said.text);
        let room = said.room.as_str().into();
        self.note(who, Line { op: Kind::Send, invoked, outcome, room, id: said.id, body, ..Line::default() });
        if self.strikes(Bug::NeverAnswers) {
            let last = self.history.ops.last_mut().expect("a line was just written");
            last.returned = chatroom_testkit::history::Op::NEVER;
        }
    }

    fn store(&mut self, said: Said) {
        self.position += self.rng.random_range(1..3_u64);
        let lobby = said.room == LOBBY;
        self.seq += u64::from(lobby);
        if lobby && self.log.len() > 3 && self.strikes(Bug::NumbersWithHoles) {
            self.seq += 1;
        }
        let seq = if lobby { self.seq } else { 0 };
        let back = if self.log.len() > 3 && self.strikes(Bug::RunsBackwards) { 5000 } else { 0 };
        let time = 1_000_000 + self.now - back.min(self.now);
        let (position, redacted, acked) = (self.position, false, u64::MAX);
        self.log.push(Stored { said, seq, position, time, redacted, acked });
        if self.strikes(Bug::InventsMessages) {
            let ghost = Said {
                room: LOBBY.into(),
                id: ClientId::default(),
                author: "ghost".into(),
                text: "boo".into(),
            };
            self.store(ghost);
        }
    }

    /// Gives a session a few of the next entries.
    fn deliver(&mut self, who: usize) {
        let until = self.log.len().min(self.people[who].given + self.rng.random_range(1..40));
        self.deliver_until(who, until);
    }

    fn deliver_until(&mut self, who: usize, until: usize) {
        while self.people[who].given < until {
            let at = self.people[who].given;
            let next = at + 1;
            let lobby = |at: usize| self.log[at].seq != 0 && !self.log[at].redacted;
            let in_lobby = !self.people[who].out;
            if next < until && in_lobby && lobby(at) && lobby(next) && self.strikes(Bug::ReordersOneReceiver)
            {
                self.give(who, next);
                self.give(who, at);
                self.people[who].given += 2;
                continue;
            }
            self.people[who].given += 1;
            if next < until && in_lobby && lobby_at(&self.log, at) && self.people[who].last != 0 {
                let follows = (next..until).any(|at| lobby_at(&self.log, at));
                if follows && self.strikes(Bug::HidesGap) {
                    continue;
                }
            }
            self.give(who, at);
        }
    }

    /// Gives a session one entry, if it may see it.
    fn give(&mut self, who: usize, at: usize) {
        let person = &self.people[who];
        let stored = &self.log[at];
        let (line, name, out) = (person.line, person.name.clone(), person.out);
        let (said, redacted) = (stored.said.clone(), stored.redacted);
        let (seq, position) = if line { (0, 0) } else { (stored.seq, stored.position) };
        let lobby_seq = stored.seq;
        let lobby = said.room == LOBBY;
        if lobby && out && !(said.author != name && self.strikes(Bug::KeepsShowingAfterCut)) {
            return;
        }
        let part_of_it = said.room.trim_start_matches('@').split(',').any(|person| person == name);
        if !lobby {
            if !part_of_it && self.strikes(Bug::LeaksBytes) {
                self.sight(who, &said);
            }
            if (!part_of_it && !self.strikes(Bug::LeaksDirect)) || said.author == name {
                return;
            }
            if self.strikes(Bug::LosesDirect) {
                return;
            }
            self.sight(who, &said);
        }
        let mut body = BodyHash::of(&said.author, &said.text);
        if redacted {
            if line {
                return; // "(deleted)" is all that such a session is shown.
            }
            body = BodyHash::default();
        } else if self.strikes(Bug::AltersBodies) {
            body = BodyHash::of(&said.author, "something else");
        }
        if lobby {
            let person = &mut self.people[who];
            person.last = lobby_seq;
            person.since = if person.since == 0 { lobby_seq } else { person.since.min(lobby_seq) };
        }
        let times = 1 + u32::from(!lobby && self.strikes(Bug::RepeatsDirect));
        for _ in 0..times {
            let room = said.room.as_str().into();
            self.note(who, Line { op: Kind::Receive, room, seq, position, body, ..Line::default() });
        }
    }

    fn sight(&mut self, who: usize, said: &Said) {
        if self.bug == Some(Bug::NeverSearches) {
            self.planted += 1;
            return;
        }
        let body = BodyHash::of_canary(&said.text);
        self.note(who, Line { op: Kind::Sighting, body, ..Line::default() });
    }
}

fn lobby_at(log: &[Stored], at: usize) -> bool {
    log[at].seq != 0 && !log[at].redacted
}

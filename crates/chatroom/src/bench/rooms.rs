//! Many rooms at once: everybody talks in one of them, visitors come and go, and every room's stream is checked like
//! the one of a single room. Knows the time and the crowd, and not what is measured.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use hdrhistogram::Histogram;

use super::answers::Answers;
use super::crowd::{Crowd, Follow, STALL};
use super::line::Names;
use super::stream::Stream;
use super::visitor::Visitor;

/// Between two looks at whether all is done.
const TURN: Duration = Duration::from_millis(100);

/// What to put on the rooms.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    pub(super) rooms: usize,
    pub(super) members: usize,
    pub(super) visitors: usize,
    /// Messages a member may have unanswered.
    pub(super) window: u64,
    pub(super) body: usize,
}

/// A run under way.
pub(super) struct Rooms {
    crowd: Crowd,
    names: Names,
    plan: Plan,
    seen: Seen,
}

/// What all have seen so far.
struct Seen {
    epoch: Instant,
    members: usize,
    streams: Vec<Stream>,
    /// Where each member is in its room's stream.
    positions: Vec<u64>,
    sent: Vec<u64>,
    answers: Answers,
    /// Members who have been answered since they sent last.
    ready: Vec<usize>,
    visitors: Vec<Visitor>,
    /// Visitors who have something to ask for.
    asking: Vec<usize>,
    times: Histogram<u64>,
}

impl Plan {
    /// Connections, visitors among them.
    pub(super) fn people(&self) -> usize {
        self.talkers() + self.visitors
    }

    fn talkers(&self) -> usize {
        self.rooms * self.members
    }
}

impl Rooms {
    /// Makes the rooms, lets everybody in and lets every room see its START line.
    pub(super) fn start(mut crowd: Crowd, names: &Names, plan: Plan) -> Result<Self> {
        let owners = || (0..plan.talkers()).step_by(plan.members);
        let mut nobody = Seen::new(names, plan);
        for index in owners() {
            crowd.write(index, &names.enter(index / plan.members, true))?;
        }
        wait(&mut crowd, &mut nobody, plan.rooms, Crowd::settled)?;
        for index in (0..plan.talkers()).filter(|index| !index.is_multiple_of(plan.members)) {
            crowd.write(index, &names.enter(index / plan.members, false))?;
        }
        wait(&mut crowd, &mut nobody, plan.talkers(), Crowd::settled)?;
        let mut seen = nobody;
        (plan.talkers()..plan.people()).for_each(|index| crowd.follow_now(index));
        for index in owners() {
            crowd.say(index, b"START")?;
        }
        wait(&mut crowd, &mut seen, plan.people(), Crowd::following)?;
        seen.epoch = Instant::now();
        Ok(Self { crowd, names: names.clone(), plan, seen })
    }

    /// Talks for `length`, or until `messages` have been said, whichever is first.
    pub(super) fn go_on(&mut self, length: Duration, messages: Option<u64>) -> Result<()> {
        let until = Instant::now() + length;
        self.seen.ready = (0..self.plan.talkers()).collect();
        self.seen.asking = (0..self.plan.visitors).collect();
        let mut left = messages.unwrap_or(u64::MAX);
        while left > 0 && Instant::now() < until {
            self.say(&mut left)?;
            self.visit()?;
            let something = self.crowd.turn(STALL, &mut self.seen)?;
            ensure!(something, "{}", self.laggards());
        }
        Ok(())
    }

    /// Says nothing more, lets the visitors leave, waits until everybody has everything, and says each room's last line:
    /// after it nothing may come.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.drain(true, |rooms| rooms.seen.visitors.iter().all(Visitor::is_out))?;
        self.drain(false, |rooms| rooms.messages() == rooms.sent() && rooms.all_at_end())?;
        for room in 0..self.plan.rooms {
            self.crowd.say(room * self.plan.members, b"END")?;
        }
        let ended = |rooms: &Self| rooms.seen.streams.iter().all(Stream::ended) && rooms.all_at_end();
        self.drain(false, |rooms| ended(rooms) && rooms.seen.answers.are(&rooms.seen.sent))?;
        for (index, &sent) in self.seen.sent.iter().enumerate() {
            let stream = &self.seen.streams[index / self.plan.members];
            let came = stream.from(index % self.plan.members);
            ensure!(came == sent, "member {index} sent {sent} messages, {came} came");
        }
        Ok(())
    }

    /// Messages said so far.
    pub(super) fn sent(&self) -> u64 {
        self.seen.sent.iter().sum()
    }

    /// Lines delivered and checked: what was said, who came and who went, to everybody in the room.
    pub(super) fn deliveries(&self) -> u64 {
        let lines: u64 = self.seen.streams.iter().map(|stream| stream.messages() + stream.comings()).sum();
        let seen: u64 = self.seen.visitors.iter().map(Visitor::seen).sum();
        lines * self.plan.members as u64 + seen
    }

    /// How often somebody came into a room or left it.
    pub(super) fn comings(&self) -> u64 {
        self.seen.streams.iter().map(Stream::comings).sum()
    }

    /// The times of acknowledgements since the last call, in nanoseconds.
    pub(super) fn take_times(&mut self) -> Histogram<u64> {
        let empty = Histogram::new_from(&self.seen.times);
        std::mem::replace(&mut self.seen.times, empty)
    }

    fn say(&mut self, left: &mut u64) -> Result<()> {
        let mut lines = Vec::new();
        let mut later = Vec::new();
        for index in std::mem::take(&mut self.seen.ready) {
            if !self.crowd.is_clear(index) {
                later.push(index);
                continue;
            }
            let unanswered = self.seen.sent[index] - self.seen.answers.of(index);
            let count = self.plan.window.saturating_sub(unanswered).min(*left);
            *left -= count;
            let at = self.seen.now();
            lines.clear();
            for _ in 0..count {
                self.names.write_load(&mut lines, index, self.seen.sent[index], at, self.plan.body);
                self.seen.sent[index] += 1;
            }
            self.crowd.write(index, &lines)?;
        }
        self.seen.ready.extend(later);
        Ok(())
    }

    fn visit(&mut self) -> Result<()> {
        for number in std::mem::take(&mut self.seen.asking) {
            let asked = self.seen.visitors[number].ask(self.plan.rooms);
            self.crowd.write(self.plan.talkers() + number, asked.as_bytes())?;
        }
        Ok(())
    }

    /// Goes on until `done`; visitors who are in a room leave it, and go into no other.
    fn drain(&mut self, visitors_leave: bool, done: impl Fn(&Self) -> bool) -> Result<()> {
        let (mut before, mut last_gain) = (0, Instant::now());
        while !done(self) {
            if visitors_leave {
                let visitors = &self.seen.visitors;
                self.seen.asking.retain(|number| !visitors[*number].is_out());
                self.visit()?;
            }
            self.crowd.turn(TURN, &mut self.seen)?;
            let now = self.seen.positions.iter().sum::<u64>() + self.deliveries();
            if now > before {
                (before, last_gain) = (now, Instant::now());
            }
            ensure!(last_gain.elapsed() < STALL, "{}", self.laggards());
        }
        Ok(())
    }

    fn messages(&self) -> u64 {
        self.seen.streams.iter().map(Stream::messages).sum()
    }

    fn all_at_end(&self) -> bool {
        let end = |index: usize| self.seen.streams[index / self.plan.members].end();
        self.seen.positions.iter().enumerate().all(|(index, position)| *position == end(index))
    }

    /// Says who lacks what, for a run that does not go on.
    fn laggards(&self) -> String {
        let missing = self.sent() - self.messages();
        let inside = self.seen.visitors.iter().filter(|visitor| !visitor.is_out()).count();
        format!(
            "nothing came for {STALL:?}: {missing} of {} messages reached nobody, {inside} visitors are inside",
            self.sent()
        )
    }
}

impl Seen {
    fn new(names: &Names, plan: Plan) -> Self {
        let seats = |room: usize| (room * plan.members..(room + 1) * plan.members).collect();
        let stream = |room| Stream::of_one_room(names.clone(), seats(room), plan.body);
        let visitor = |number: usize| {
            let name = names.of(plan.talkers() + number);
            Visitor::new(names.clone(), name, plan.members, plan.body, number * plan.rooms / plan.visitors)
        };
        Self {
            epoch: Instant::now(),
            members: plan.members,
            streams: (0..plan.rooms).map(stream).collect(),
            positions: vec![0; plan.talkers()],
            sent: vec![0; plan.talkers()],
            answers: Answers::new(plan.talkers(), names.are_answered()),
            ready: Vec::new(),
            visitors: (0..plan.visitors).map(visitor).collect(),
            asking: Vec::new(),
            times: Histogram::new_with_bounds(1_000, 300_000_000_000, 3).expect("the bounds are valid"),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_nanos()).expect("a run is shorter than centuries")
    }
}

impl Follow for Seen {
    fn follow(&mut self, index: usize, bytes: &[u8]) -> Result<()> {
        if let Some(number) = index.checked_sub(self.positions.len()) {
            let visitor = &mut self.visitors[number];
            if visitor.hear(bytes).with_context(|| format!("visitor {number}"))? {
                self.asking.push(number);
            }
            return Ok(());
        }
        let room = index / self.members;
        let stream = &mut self.streams[room];
        let position = self.positions[index];
        stream.take(position, bytes)?;
        let position = position + bytes.len() as u64;
        self.positions[index] = position;
        let now = u64::try_from(self.epoch.elapsed().as_nanos()).expect("a run is shorter than centuries");
        let (times, answers) = (&mut self.times, &mut self.answers);
        let before = answers.of(index);
        stream.acknowledge(index % self.members, position, |at| {
            times.saturating_record(now.saturating_sub(at));
            answers.hears(index);
        });
        if answers.of(index) > before {
            self.ready.push(index);
        }
        if stream.is_long() {
            let all = &self.positions[room * self.members..(room + 1) * self.members];
            let slowest = all.iter().min().copied().unwrap_or_default();
            self.streams[room].forget(slowest);
        }
        Ok(())
    }

    fn answered(&mut self, index: usize) {
        let before = self.answers.of(index);
        self.answers.come(index);
        if self.answers.of(index) > before {
            self.ready.push(index);
        }
    }
}

/// Turns until so many are so far.
fn wait(crowd: &mut Crowd, follow: &mut Seen, goal: usize, count: fn(&Crowd) -> usize) -> Result<()> {
    let (mut before, mut last_gain) = (0, Instant::now());
    while before < goal {
        crowd.turn(TURN, follow)?;
        let now = count(crowd);
        if now > before {
            (before, last_gain) = (now, Instant::now());
        } else if last_gain.elapsed() > STALL {
            bail!("only {now} of {goal} are in their rooms and have seen the first line");
        }
    }
    Ok(())
}

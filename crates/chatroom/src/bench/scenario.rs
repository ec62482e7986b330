//! The scenarios: what each puts on a server, and which figures and goals it has. Starts and ends no server.

mod crowds;
mod pages;
mod recovery;
mod rooms;
mod slow;
mod talk;

use std::time::Duration;

use anyhow::Result;

use super::args::{Connect, Idle, Latency, Pages, Recovery, Rooms, Side, SlowReader, Talk};
use super::figure::{Bound, Figure, Goal};
use super::line::Names;
use super::load::Times;
use super::pages::CALLERS;
use super::target::Target;

/// Registrations under way at a time where their rate is not the question.
const JOIN_AT_ONCE: usize = 128;

/// One way to load a server.
pub(super) struct Scenario {
    load: Load,
    goals: Vec<Goal>,
}

enum Load {
    Fanout(Talk),
    Pipeline(Talk),
    Latency(Latency),
    SlowReader(SlowReader),
    Idle(Idle),
    Connect(Connect),
    Rooms(Rooms),
    Pages(Pages),
    Recovery(Recovery),
}

/// What the project has promised itself, on the reference machine (two cores, loopback, a real disk).
pub(super) fn figures_of_record() -> Vec<Scenario> {
    let talk = Talk { receivers: 1000, senders: 10, window: 100, seconds: 5, messages: None, body: 100 };
    let cost = |bound| Goal { figure: "server CPU a delivery", bound };
    vec![
        Scenario::fanout(talk).with([cost(Bound::Most(0.35)), cost(Bound::FloorTimes(3.0))]),
        Scenario::fanout(Talk { receivers: 5000, ..talk }).with([cost(Bound::Most(0.45))]),
        Scenario::latency(Latency { receivers: 200, senders: 10, rate: 100, seconds: 10, body: 100 })
            .with([cost(Bound::Most(10.0)), Goal { figure: "delivered p99", bound: Bound::Most(15.0) }]),
        Scenario::pipeline(Talk { receivers: 0, senders: 64, ..talk })
            .with([Goal { figure: "acknowledged messages", bound: Bound::Least(30_000.0) }]),
        Scenario::idle(Idle { connections: 10_000, seconds: 5 }).with([
            Goal { figure: "resident a connection", bound: Bound::Most(4096.0) },
            Goal { figure: "server CPU while idle", bound: Bound::Most(100.0) },
        ]),
        Scenario::connect(Connect { connections: 5000, at_once: 128 }).with([
            Goal { figure: "registrations", bound: Bound::Least(5000.0) },
            Goal { figure: "ready after start", bound: Bound::Most(50.0) },
        ]),
        Scenario::rooms(Rooms {
            rooms: 1000,
            members: 10,
            visitors: 100,
            window: 10,
            seconds: 5,
            messages: None,
            body: 100,
        })
        .with([cost(Bound::Most(10.0))]),
        Scenario::pages(Pages {
            messages: 100_000,
            pages: 500,
            talk: Latency { receivers: 1000, senders: 10, rate: 100, seconds: 10, body: 100 },
        })
        .with([Goal { figure: "page p99", bound: Bound::Most(10.0) }]),
        Scenario::slow_reader(SlowReader { receivers: 100, senders: 10, rate: 4000, seconds: 5, body: 1000 }),
        Scenario::recovery(Recovery { messages: 1_000_000, body: 100 })
            .with([Goal { figure: "ready after a kill", bound: Bound::Most(1000.0) }]),
    ]
}

impl Scenario {
    pub(super) fn fanout(talk: Talk) -> Self {
        Self::of(Load::Fanout(talk))
    }

    pub(super) fn pipeline(talk: Talk) -> Self {
        Self::of(Load::Pipeline(talk))
    }

    pub(super) fn latency(latency: Latency) -> Self {
        Self::of(Load::Latency(latency))
    }

    pub(super) fn slow_reader(slow: SlowReader) -> Self {
        Self::of(Load::SlowReader(slow))
    }

    pub(super) fn idle(idle: Idle) -> Self {
        Self::of(Load::Idle(idle))
    }

    pub(super) fn connect(connect: Connect) -> Self {
        Self::of(Load::Connect(connect))
    }

    pub(super) fn rooms(rooms: Rooms) -> Self {
        Self::of(Load::Rooms(rooms))
    }

    pub(super) fn pages(pages: Pages) -> Self {
        Self::of(Load::Pages(pages))
    }

    pub(super) fn recovery(recovery: Recovery) -> Self {
        Self::of(Load::Recovery(recovery))
    }

    fn of(load: Load) -> Self {
        Self { load, goals: Vec::new() }
    }

    fn with<const N: usize>(self, goals: [Goal; N]) -> Self {
        Self { goals: goals.into(), ..self }
    }

    pub(super) fn goals(&self) -> Vec<Goal> {
        self.goals.clone()
    }

    pub(super) fn name(&self) -> &'static str {
        match self.load {
            Load::Fanout(_) => "fanout",
            Load::Pipeline(_) => "pipeline",
            Load::Latency(_) => "latency",
            Load::SlowReader(_) => "slow-reader",
            Load::Idle(_) => "idle",
            Load::Connect(_) => "connect",
            Load::Rooms(_) => "rooms",
            Load::Pages(_) => "pages",
            Load::Recovery(_) => "recovery",
        }
    }

    /// Whether it can be measured in other protocols than the line protocol.
    pub(super) fn speaks_all(&self) -> bool {
        match &self.load {
            Load::Rooms(rooms) => rooms.visitors == 0,
            Load::Recovery(_) | Load::SlowReader(_) => false,
            Load::Fanout(_)
            | Load::Pipeline(_)
            | Load::Latency(_)
            | Load::Pages(_)
            | Load::Idle(_)
            | Load::Connect(_) => true,
        }
    }

    /// Who takes part, in this order.
    pub(super) fn sides(&self) -> &'static [Side] {
        match self.load {
            Load::Recovery(_) | Load::Pages(_) => &[Side::Server],
            _ => &[Side::Floor, Side::Server],
        }
    }

    /// Connections that are open at once.
    pub(super) fn connections(&self) -> usize {
        match &self.load {
            Load::Fanout(talk) | Load::Pipeline(talk) => talk.connections(),
            Load::Latency(latency) => (latency.receivers + latency.senders) as usize,
            Load::SlowReader(slow) => (slow.receivers + slow.senders) as usize,
            Load::Idle(idle) => idle.connections as usize,
            Load::Connect(connect) => connect.connections as usize,
            Load::Rooms(rooms) => (rooms.rooms * rooms.members + rooms.visitors) as usize,
            Load::Pages(pages) => {
                recovery::SENDERS.max((pages.talk.receivers + pages.talk.senders + CALLERS + 1) as usize)
            }
            Load::Recovery(_) => recovery::SENDERS,
        }
    }

    /// The settings in words.
    pub(super) fn settings(&self) -> String {
        match &self.load {
            Load::Fanout(t) | Load::Pipeline(t) => format!(
                "{} receivers, {} senders, window {}, {} bytes",
                t.receivers, t.senders, t.window, t.body
            ),
            Load::Latency(l) => steady(l),
            Load::Pages(p) => {
                format!("{} pages/s of {} messages beside {}", p.pages, p.messages, steady(&p.talk))
            }
            Load::SlowReader(s) => format!(
                "one of {} receivers stops for {} s at {} messages/s, {} bytes",
                s.receivers, s.seconds, s.rate, s.body
            ),
            Load::Idle(i) => format!("{} connections, {} s", i.connections, i.seconds),
            Load::Connect(c) => format!("{} connections, {} at once", c.connections, c.at_once),
            Load::Rooms(r) => format!(
                "{} rooms of {} members, {} visitors, window {}, {} bytes",
                r.rooms, r.members, r.visitors, r.window, r.body
            ),
            Load::Recovery(r) => format!("{} messages of {} bytes", r.messages, r.body),
        }
    }

    /// Loads `target` and measures it; an error when anything was lost, repeated or out of order.
    pub(super) fn measure(&self, target: &mut Target, names: Names) -> Result<Vec<Figure>> {
        match &self.load {
            Load::Fanout(talk) => talk::fanout(talk, target, names),
            Load::Pipeline(talk) => talk::pipeline(talk, target, names),
            Load::Latency(latency) => talk::latency(latency, target, names),
            Load::SlowReader(reader) => slow::slow_reader(reader, target, names),
            Load::Idle(idle) => crowds::idle(idle, target, names),
            Load::Connect(connect) => crowds::connect(connect, target, names),
            Load::Rooms(load) => rooms::rooms(load, target, names),
            Load::Pages(load) => pages::pages(load, target, names),
            Load::Recovery(recovery) => recovery::recovery(recovery, target, names),
        }
    }
}

fn steady(l: &Latency) -> String {
    format!(
        "{} messages/s, {} receivers, {} senders, {} bytes, {} s",
        l.rate, l.receivers, l.senders, l.body, l.seconds
    )
}

fn figure(name: &'static str, unit: &'static str, value: f64) -> Figure {
    Figure { name, unit, value }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Percentiles of deliveries in milliseconds.
fn delivered(times: &Times) -> [Figure; 3] {
    let ms = |quantile| times.delivered.value_at_quantile(quantile) as f64 / 1e6;
    [
        figure("delivered p50", "ms", ms(0.5)),
        figure("delivered p99", "ms", ms(0.99)),
        figure("delivered p99.9", "ms", ms(0.999)),
    ]
}

/// Percentiles of acknowledgements in milliseconds.
fn acknowledged(times: &Times) -> [Figure; 3] {
    let ms = |quantile| times.acknowledged.value_at_quantile(quantile) as f64 / 1e6;
    [
        figure("acknowledged p50", "ms", ms(0.5)),
        figure("acknowledged p99", "ms", ms(0.99)),
        figure("acknowledged p99.9", "ms", ms(0.999)),
    ]
}

//! Everybody listens and some send: fan-out, pipelining and latency. Knows no server from a floor.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::super::args::{Latency, Talk};
use super::super::crowd::Crowd;
use super::super::figure::Figure;
use super::super::line::Names;
use super::super::load::{Load, Pace, Plan, Times, Watch};
use super::super::process;
use super::super::target::Target;
use super::{JOIN_AT_ONCE, acknowledged, delivered, figure, micros};

/// What one load has cost.
struct Bill {
    messages: f64,
    deliveries: f64,
    seconds: f64,
    server: Duration,
    generator: Duration,
    resident: u64,
    latest: Duration,
    times: Times,
}

pub(super) fn fanout(talk: &Talk, target: &Target, names: Names) -> Result<Vec<Figure>> {
    let bill = talked(talk, target, names)?;
    let mut figures = vec![
        figure("deliveries", "/s", bill.deliveries / bill.seconds),
        figure("server CPU a delivery", "µs", micros(bill.server) / bill.deliveries),
        figure("acknowledged messages", "/s", bill.messages / bill.seconds),
    ];
    figures.extend(acknowledged(&bill.times));
    figures.extend(delivered(&bill.times));
    figures.extend(bill.side_figures());
    Ok(figures)
}

pub(super) fn pipeline(talk: &Talk, target: &Target, names: Names) -> Result<Vec<Figure>> {
    let bill = talked(talk, target, names)?;
    let mut figures = vec![
        figure("acknowledged messages", "/s", bill.messages / bill.seconds),
        figure("server CPU a message", "µs", micros(bill.server) / bill.messages),
        figure("server CPU a delivery", "µs", micros(bill.server) / bill.deliveries),
    ];
    figures.extend(acknowledged(&bill.times));
    figures.extend(bill.side_figures());
    Ok(figures)
}

pub(super) fn latency(latency: &Latency, target: &Target, names: Names) -> Result<Vec<Figure>> {
    steadily(latency, target, names, |send| send())
}

/// The same, with something else done while it is sent.
pub(super) fn steadily(
    latency: &Latency,
    target: &Target,
    names: Names,
    beside: impl FnOnce(&mut dyn FnMut() -> Result<()>) -> Result<()>,
) -> Result<Vec<Figure>> {
    let plan = Plan {
        senders: latency.senders as usize,
        pace: Pace::Every(Duration::from_secs(1) / latency.rate),
        body: latency.body as usize,
        watch: Watch::All,
        others_may_talk: target.shared,
    };
    let people = (latency.receivers + latency.senders) as usize;
    let length = Duration::from_secs(latency.seconds.into());
    let bill = Bill::of(target, names, people, plan, |load| beside(&mut || load.go_on(length, None)))?;
    let mut figures = delivered(&bill.times).to_vec();
    figures.push(figure("server CPU a delivery", "µs", micros(bill.server) / bill.deliveries));
    figures.extend(acknowledged(&bill.times));
    figures.push(figure("latest sent after its time", "ms", bill.latest.as_secs_f64() * 1e3));
    figures.extend(bill.side_figures());
    Ok(figures)
}

fn talked(talk: &Talk, target: &Target, names: Names) -> Result<Bill> {
    let plan = Plan {
        senders: talk.senders as usize,
        pace: Pace::Window(talk.window),
        body: talk.body as usize,
        watch: Watch::OneIn(64),
        others_may_talk: target.shared,
    };
    let length = Duration::from_secs(talk.seconds.into());
    Bill::of(target, names, talk.connections(), plan, |load| load.go_on(length, talk.messages))
}

impl Bill {
    /// From the moment everybody has seen the first line until everybody has seen the last: nothing is cut off.
    fn of(
        target: &Target,
        names: Names,
        people: usize,
        plan: Plan,
        send: impl FnOnce(&mut Load) -> Result<()>,
    ) -> Result<Self> {
        let mut crowd = Crowd::new(target.address, names.clone())?;
        crowd.join(people, JOIN_AT_ONCE)?;
        let mut load = Load::start(crowd, names, plan)?;
        let (begun, server, generator) = (Instant::now(), target.cpu()?, process::cpu(std::process::id())?);
        send(&mut load)?;
        load.finish()?;
        Ok(Self {
            messages: load.sent() as f64,
            deliveries: load.deliveries() as f64,
            seconds: begun.elapsed().as_secs_f64(),
            server: target.cpu()? - server,
            generator: process::cpu(std::process::id())? - generator,
            resident: target.resident()?,
            latest: load.latest,
            times: load.take_times(),
        })
    }

    fn side_figures(&self) -> [Figure; 4] {
        [
            figure("server CPU", "cores", self.server.as_secs_f64() / self.seconds),
            figure("generator CPU", "cores", self.generator.as_secs_f64() / self.seconds),
            figure("server memory", "MiB", self.resident as f64 / f64::from(1 << 20)),
            figure("deliveries checked", "", self.deliveries),
        ]
    }
}

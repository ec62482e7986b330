//! One reader stops while the others go on, then reads on: it must get everything, and the others must not notice.

use std::time::Duration;

use anyhow::Result;

use super::super::args::SlowReader;
use super::super::crowd::Crowd;
use super::super::figure::Figure;
use super::super::line::Names;
use super::super::load::{Load, Pace, Plan, Watch};
use super::super::target::Target;
use super::{JOIN_AT_ONCE, delivered, figure};

/// How long all read before one stops, to compare with.
const BEFORE: Duration = Duration::from_secs(2);

pub(super) fn slow_reader(slow: &SlowReader, target: &Target, names: Names) -> Result<Vec<Figure>> {
    let people = (slow.receivers + slow.senders) as usize;
    let plan = Plan {
        senders: slow.senders as usize,
        pace: Pace::Every(Duration::from_secs(1) / slow.rate),
        body: slow.body as usize,
        watch: Watch::All,
        others_may_talk: target.shared,
    };
    let mut crowd = Crowd::new(target.address, names.clone())?;
    crowd.join(people, JOIN_AT_ONCE)?;
    let memory = target.resident()?;
    let mut load = Load::start(crowd, names, plan)?;
    load.go_on(BEFORE, None)?;
    let before = load.take_times();
    load.pause(people - 1);
    load.go_on(Duration::from_secs(slow.seconds.into()), None)?;
    let during = load.take_times();
    let grown = target.resident()?.saturating_sub(memory);
    let (behind, caught_up_in) = load.resume(people - 1)?;
    load.finish()?;

    let mut figures = delivered(&during).to_vec();
    let p99_before = before.delivered.value_at_quantile(0.99) as f64 / 1e6;
    figures.extend([
        figure("delivered p99 before the stop", "ms", p99_before),
        figure("slow reader was behind", "MB", behind as f64 / 1e6),
        figure("slow reader caught up in", "ms", caught_up_in.as_secs_f64() * 1e3),
        figure("server memory grew by", "MiB", grown as f64 / f64::from(1 << 20)),
        figure("deliveries checked", "", load.deliveries() as f64),
    ]);
    Ok(figures)
}

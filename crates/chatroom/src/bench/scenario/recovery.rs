//! A server with a long history is killed and started again: how long until it accepts, and what history costs in
//! memory. The floor has no history and no part in this.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::super::args::Recovery;
use super::super::crowd::Crowd;
use super::super::figure::Figure;
use super::super::line::Names;
use super::super::load::{Load, Pace, Plan, Watch};
use super::super::target::Target;
use super::{JOIN_AT_ONCE, figure};

/// So many senders fill the log, as fast as it goes.
pub(super) const SENDERS: usize = 64;
/// Messages each of them may have unanswered: few enough that nobody has to read on from the disk.
const WINDOW: u64 = 20;
/// A log that is not full by then will not be.
const FILLED: Duration = Duration::from_secs(1800);

pub(super) fn recovery(recovery: &Recovery, target: &mut Target, names: Names) -> Result<Vec<Figure>> {
    ensure!(!target.shared, "a server that others use is not killed; leave out --connect");
    let mut load = filling(target, names, recovery.body)?;
    let (before, begun) = (target.resident()?, Instant::now());
    fill(&mut load, recovery.messages)?;
    let (after, seconds) = (target.resident()?, begun.elapsed().as_secs_f64());
    let ready = target.kill_and_restart()?;
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    Ok(vec![
        figure("ready after a kill", "ms", ready.as_secs_f64() * 1e3),
        figure("messages in the log", "", load.sent() as f64),
        figure("messages stored", "/s", load.sent() as f64 / seconds),
        figure("memory before", "MiB", mib(before)),
        figure("memory after", "MiB", mib(after)),
        figure("memory after the restart", "MiB", mib(target.resident()?)),
    ])
}

/// Many senders, ready to fill the log.
pub(super) fn filling(target: &Target, names: Names, body: u32) -> Result<Load> {
    let plan = Plan {
        senders: SENDERS,
        pace: Pace::Window(WINDOW),
        body: body as usize,
        watch: Watch::OneIn(64),
        others_may_talk: target.shared,
    };
    let mut crowd = Crowd::new(target.address, names.clone())?;
    crowd.join(SENDERS, JOIN_AT_ONCE)?;
    Load::start(crowd, names, plan)
}

/// Says so many messages, as fast as it goes; everybody has seen the last of them.
pub(super) fn fill(load: &mut Load, messages: u64) -> Result<()> {
    load.go_on(FILLED, Some(messages))?;
    ensure!(load.sent() == messages, "only {} of {messages} messages were said in {FILLED:?}", load.sent());
    load.finish()
}

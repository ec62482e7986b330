//! Many connections and no talk: what one costs to hold and to let in.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::super::args::{Connect, Idle};
use super::super::crowd::{Crowd, Nobody};
use super::super::figure::Figure;
use super::super::line::Names;
use super::super::process;
use super::super::target::Target;
use super::{JOIN_AT_ONCE, figure, micros};

/// For so long nothing must have come, and hardly anything been done, before idling is measured.
const QUIET: Duration = Duration::from_millis(500);
/// Who is not idle by then is measured as it is.
const SETTLED: Duration = Duration::from_secs(20);

pub(super) fn idle(idle: &Idle, target: &Target, names: Names) -> Result<Vec<Figure>> {
    let empty = target.resident()?;
    let mut crowd = Crowd::new(target.address, names.outside())?;
    crowd.join(idle.connections as usize, JOIN_AT_ONCE)?;
    settle(&mut crowd, target)?;
    let full = target.resident()?;
    let (begun, server) = (Instant::now(), target.cpu()?);
    let length = Duration::from_secs(idle.seconds.into());
    while begun.elapsed() < length {
        crowd.turn(length.saturating_sub(begun.elapsed()), &mut Nobody)?;
    }
    let spent = target.cpu()? - server;
    Ok(vec![
        figure("resident a connection", "bytes", full.saturating_sub(empty) as f64 / crowd.len() as f64),
        figure("server CPU while idle", "µs/s", micros(spent) / begun.elapsed().as_secs_f64()),
        figure("server memory", "MiB", full as f64 / f64::from(1 << 20)),
        figure("server memory before", "MiB", empty as f64 / f64::from(1 << 20)),
    ])
}

/// Waits until what the newcomers caused is done.
fn settle(crowd: &mut Crowd, target: &Target) -> Result<()> {
    let begun = Instant::now();
    let mut spent = target.cpu()?;
    while begun.elapsed() < SETTLED {
        let came = crowd.turn(QUIET, &mut Nobody)?;
        let now = target.cpu()?;
        if !came && now - spent < QUIET / 100 {
            break;
        }
        spent = now;
    }
    Ok(())
}

pub(super) fn connect(connect: &Connect, target: &Target, names: Names) -> Result<Vec<Figure>> {
    let mut crowd = Crowd::new(target.address, names.outside())?;
    let (begun, server, generator) = (Instant::now(), target.cpu()?, process::cpu(std::process::id())?);
    crowd.join(connect.connections as usize, connect.at_once as usize)?;
    let seconds = begun.elapsed().as_secs_f64();
    let people = crowd.len() as f64;
    let mut figures = vec![
        figure("registrations", "/s", people / seconds),
        figure("server CPU a registration", "µs", micros(target.cpu()? - server) / people),
        figure(
            "generator CPU a registration",
            "µs",
            micros(process::cpu(std::process::id())? - generator) / people,
        ),
    ];
    if let Some(time) = target.started_in {
        figures.push(figure("ready after start", "ms", time.as_secs_f64() * 1e3));
    }
    Ok(figures)
}

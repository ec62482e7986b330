//! `chatroom bench`: loads a server and says what it holds, beside what this machine can do at all (the floor). A run
//! in which any receiver lacks a line, has one twice or in another order is no run. Never knows the server's insides:
//! it talks to its port and reads the kernel's books.

mod answers;
mod args;
mod crowd;
mod fault;
mod figure;
mod floor;
mod frames;
mod interrupt;
mod line;
mod load;
mod pages;
mod process;
mod rooms;
mod scenario;
mod stream;
mod target;
mod visitor;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

pub(crate) use args::BenchArgs;
use args::{How, Side, Speech, What};
use figure::Report;
use line::Names;
use scenario::Scenario;
use target::Target;

/// Runs what was asked and prints a table or JSON on standard output; an error when any check fails.
pub(crate) fn run(args: BenchArgs) -> Result<()> {
    let scenarios = match args.what {
        What::FloorServer { fault } => return floor::serve(fault),
        What::All => scenario::figures_of_record(),
        What::Fanout(talk) => vec![Scenario::fanout(talk)],
        What::Pipeline(talk) => vec![Scenario::pipeline(talk)],
        What::Latency(latency) => vec![Scenario::latency(latency)],
        What::SlowReader(slow) => vec![Scenario::slow_reader(slow)],
        What::Idle(idle) => vec![Scenario::idle(idle)],
        What::Rooms(rooms) => vec![Scenario::rooms(rooms)],
        What::Recovery(recovery) => vec![Scenario::recovery(recovery)],
        What::Connect(connect) => vec![Scenario::connect(connect)],
        What::Pages(pages) => vec![Scenario::pages(pages)],
    };
    if args.how.protocol != Speech::Line && scenarios.iter().any(|scenario| !scenario.speaks_all()) {
        bail!(
            "in other protocols than lines there are fanout, pipeline, latency, pages, idle, connect, and rooms without visitors"
        );
    }
    interrupt::watch()?;
    let most = process::raise_descriptor_limit()?;
    let mut failed = Vec::new();
    for scenario in &scenarios {
        let needed = scenario.connections() as u64 + 50;
        if needed > most {
            bail!("{} needs {needed} open files and may have {most}", scenario.name());
        }
        match measure(scenario, &args.how) {
            Ok(report) => report.print(args.how.json)?,
            // The others are worth having all the same.
            Err(error) => {
                note(&format!("{error:#}"));
                failed.push(scenario.name());
            }
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// All runs of one scenario, floor and server in turn, each on a fresh process and data folder.
fn measure(scenario: &Scenario, how: &How) -> Result<Report> {
    let (mut server, mut floor) = (Vec::new(), Vec::new());
    for run in 1..=how.runs {
        for &side in scenario.sides() {
            let unspoken = how.protocol != Speech::Line && side == Side::Floor;
            if unspoken || how.only.is_some_and(|only| only != side) {
                continue;
            }
            let figures = if side == Side::Floor { &mut floor } else { &mut server };
            let what = format!("{}, {side:?}, run {run} of {}", scenario.name(), how.runs);
            note(&what);
            figures.push(once(scenario, how, side).context(what)?);
        }
    }
    let goals = scenario.goals();
    Ok(Report { scenario: scenario.name(), settings: scenario.settings(), server, floor, goals })
}

fn once(scenario: &Scenario, how: &How, side: Side) -> Result<Vec<figure::Figure>> {
    let mut target = start(how, side)?;
    let figures = match scenario.measure(&mut target, Names::new(rand::random()).speaking(how.protocol)) {
        Ok(figures) => figures,
        Err(error) => bail!("{error:#}{}", target.last_words()),
    };
    target.stop()?;
    Ok(figures)
}

fn start(how: &How, side: Side) -> Result<Target> {
    let own = || std::env::current_exe().context("cannot find this program");
    match (side, how.connect, how.pid) {
        (Side::Floor, ..) => Target::floor(&own()?, how.floor_fault.as_deref()),
        (Side::Server, Some(address), Some(pid)) => Ok(Target::running(address, pid)),
        (Side::Server, ..) => {
            let program = how.program.clone().map_or_else(own, Ok)?;
            let folder = how.data.clone().unwrap_or_else(|| PathBuf::from("."));
            Target::server(&program, &folder)
        }
    }
}

/// Says on standard error what is going on; the figures alone go to standard output.
fn note(what: &str) {
    use std::io::Write as _;
    // Talk that cannot be written is no reason to lose a measurement.
    let _ = writeln!(std::io::stderr(), "{what}");
}

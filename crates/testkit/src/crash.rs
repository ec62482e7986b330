//! The crash rig: the real program under load from many connections, killed at random moments again and again, and
//! everything that anybody was promised or shown in the meantime judged. Knows the program only from outside.

mod board;
mod person;
mod talk;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::checker::{Verdict, judge};
use crate::export::add_export;
use crate::history::{Kind, Line};
use crate::process::{Launch, Server};
use board::{Board, NODE};
use person::Person;

/// Messages that must be unanswered for a kill to be worth it.
const IN_FLIGHT: u64 = 8;
/// Nothing of a run may take longer than this without progress.
const PATIENCE: Duration = Duration::from_secs(30);

/// What to do to the program.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program.
    pub bin: PathBuf,
    /// Kills that must have struck with traffic in flight.
    pub kills: u64,
    /// The whole run, judging not included, must be over in this time.
    pub within: Duration,
    /// Decides the moments and the words.
    pub seed: u64,
    /// People who talk.
    pub senders: usize,
    /// People who only read.
    pub readers: usize,
    /// Messages a sender has unanswered at a time.
    pub window: usize,
    /// Acknowledgements after which, at the latest, the next kill comes.
    pub acks: u64,
}

impl Options {
    /// What CI does; the seed is new each time and printed.
    pub fn new(bin: impl Into<PathBuf>) -> Self {
        Self {
            bin: bin.into(),
            kills: 200,
            within: Duration::from_secs(240),
            seed: rand::random(),
            senders: 24,
            readers: 8,
            window: 4,
            acks: 150,
        }
    }
}

/// What happened in a run that kept every promise.
#[derive(Clone, Debug)]
pub struct Report {
    /// Kills that struck with traffic in flight.
    pub kills: u64,
    /// Kills that struck nothing, which do not count.
    pub idle_kills: u64,
    /// Attempts whose answer the kills cut off.
    pub cut: u64,
    /// Connections that clients broke off while the server lived.
    pub client_cuts: u64,
    /// Sessions that came back.
    pub resumed: usize,
    /// Messages acknowledged.
    pub acknowledged: usize,
    /// Attempts with no answer.
    pub unknown: usize,
    /// Messages refused.
    pub refused: usize,
    /// Messages read.
    pub received: usize,
    /// Messages in the log at the end.
    pub stored: u64,
    /// The longest that a start took until it accepted.
    pub slowest_start: Duration,
    /// Driving the program.
    pub ran: Duration,
    /// Judging what it did.
    pub judged: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kills, idle_kills, cut, client_cuts, resumed, acknowledged, unknown, refused, .. } = self;
        let Self { received, stored, slowest_start, ran, judged, .. } = self;
        write!(
            f,
            "{kills} kills (and {idle_kills} that struck nothing) in {ran:.1?}: {cut} attempts cut off, \
             {client_cuts} connections broken off, {resumed} sessions resumed\n{acknowledged} acknowledged, {unknown} unknown, {refused} refused, \
             {received} received, {stored} stored; slowest start {slowest_start:.1?}; judged in {judged:.1?}"
        )
    }
}

/// Drives the program through all kills and judges the run; an error says what was broken, and where the history is.
pub fn crash_rig(options: &Options) -> anyhow::Result<Report> {
    eprintln!("crash rig: seed {}", options.seed);
    let folder = tempfile::tempdir().context("making a data folder")?;
    let mut launch = Launch::new(&options.bin, folder.path().join("chatdata"));
    // Lives are short here: what clients have been given is noted so often that kills fall between two notes.
    launch.args.extend(["--timeouts-mark".into(), "100ms".into()]);
    let board = Arc::new(Board::new());
    let mut rng = StdRng::seed_from_u64(options.seed);
    let people = sit_down(options, &board, &mut rng)?;
    let began = Instant::now();
    let driven = drive(options, &board, launch, &mut rng);
    if let Err(error) = &driven {
        board.fail(format!("{error:#}"));
    }
    board.leave();
    for person in people {
        person.join().map_err(|_| anyhow::anyhow!("a client of the rig panicked"))?;
    }
    let ran = began.elapsed();
    let judging = Instant::now();
    let judged = driven.and_then(|driven| {
        board.failure()?;
        let verdict = board.history(|history| judge(history));
        ensure!(verdict.holds(), "{verdict}");
        Ok((driven, verdict))
    });
    let (driven, verdict) = match judged {
        Ok(judged) => judged,
        Err(error) => {
            let kept = folder.keep();
            let file = std::fs::File::create(kept.join("history.jsonl"))?;
            board.history(|history| history.write(std::io::BufWriter::new(file)))?;
            bail!("{error:#}\nseed {}; history and data folder kept in {}", options.seed, kept.display());
        }
    };
    ensure!(ran <= options.within, "it took {ran:?}, and had {:?}", options.within);
    Ok(report(&verdict, &driven, ran, judging.elapsed()))
}

/// What the driver counted.
#[derive(Default)]
struct Driven {
    kills: u64,
    idle: u64,
    cut: u64,
    client_cuts: u64,
    stored: u64,
    slowest: Duration,
}

fn report(verdict: &Verdict, driven: &Driven, ran: Duration, judged: Duration) -> Report {
    Report {
        kills: driven.kills,
        idle_kills: driven.idle,
        cut: driven.cut,
        client_cuts: driven.client_cuts,
        resumed: verdict.resumed,
        acknowledged: verdict.acknowledged,
        unknown: verdict.unknown,
        refused: verdict.refused,
        received: verdict.received,
        stored: driven.stored,
        slowest_start: driven.slowest,
        ran,
        judged,
    }
}

fn sit_down(
    options: &Options,
    board: &Arc<Board>,
    rng: &mut StdRng,
) -> anyhow::Result<Vec<std::thread::JoinHandle<()>>> {
    let names = (0..options.senders)
        .map(|number| (format!("sender{number}"), options.window))
        .chain((0..options.readers).map(|number| (format!("reader{number}"), 0)));
    names
        .map(|(name, window)| {
            let person = Person::new(name.clone(), window, Arc::clone(board), rng.random());
            let thread = std::thread::Builder::new().name(name).stack_size(256 << 10);
            thread.spawn(move || person.live()).context("starting a client")
        })
        .collect()
}

fn drive(options: &Options, board: &Board, mut launch: Launch, rng: &mut StdRng) -> anyhow::Result<Driven> {
    let mut driven = Driven::default();
    while driven.kills < options.kills {
        let server = launch.start()?;
        driven.slowest = driven.slowest.max(server.ready_after);
        // Often at once, while people are still coming back.
        let acks = if rng.random_ratio(1, 4) { 0 } else { rng.random_range(0..=options.acks) };
        board.open(server.address);
        wait(&server, "traffic", || board.wait_for_traffic(acks, IN_FLIGHT, PATIENCE))?;
        board.kill_begins();
        let invoked = board.now();
        launch = server.kill()?;
        let cut = board.wait_for_everybody_cut(PATIENCE)?;
        let (name, value) = ("kill".into(), cut);
        board.note(Line { op: Kind::Fault, invoked, name, value, node: NODE.into(), ..Line::default() });
        driven.cut += cut;
        driven.kills += u64::from(cut > 0);
        driven.idle += u64::from(cut == 0);
    }
    let server = launch.start()?;
    driven.slowest = driven.slowest.max(server.ready_after);
    board.open(server.address);
    board.quiet();
    wait(&server, "the last answers", || board.wait_for_answers(options.senders, PATIENCE))?;
    let everybody = options.senders + options.readers;
    wait(&server, "everybody to be back", || board.wait_for_people(everybody, PATIENCE))?;
    person::say_the_last_word(board, server.address)?;
    wait(&server, "the last word to reach everybody", || board.wait_for_drained(everybody, PATIENCE))?;
    board.kill_begins();
    launch = server.kill()?;
    driven.client_cuts = board.cuts();
    for (name, value) in [("kill", driven.kills), ("resume", driven.kills), ("cut", driven.kills / 10)] {
        board.note(Line {
            op: Kind::Expect,
            invoked: board.now(),
            name: name.into(),
            value,
            ..Line::default()
        });
    }
    driven.stored = read_back(board, &launch)?;
    Ok(driven)
}

/// Waits for something of the server, whose talk explains when it does not come.
fn wait<T>(server: &Server, what: &str, wait: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    wait().with_context(|| format!("waiting for {what}; the server says: {}", server.talk()))
}

/// What is on the disk now: whole, by its own account, and every message of it.
fn read_back(board: &Board, launch: &Launch) -> anyhow::Result<u64> {
    let verified = launch.run(&["verify"])?;
    ensure!(verified.status.success(), "verify found: {}", String::from_utf8_lossy(&verified.stderr));
    let now = board.now();
    let exported = launch.run(&["export", "--format", "jsonl", "--direct"])?;
    ensure!(exported.status.success(), "export failed: {}", String::from_utf8_lossy(&exported.stderr));
    let text = String::from_utf8(exported.stdout).context("the export is not UTF-8")?;
    board.history(|history| add_export(history, NODE, &text, now))
}

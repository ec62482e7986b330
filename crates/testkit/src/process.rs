//! The real program as a child: started on a folder, waited for, killed, told to stop, started again. Knows its command
//! line and the line it prints when it is ready, nothing else of it.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

/// Within this a server must be ready, and must have stopped when told to.
const DEADLINE: Duration = Duration::from_secs(20);
/// Bytes of talk kept; what a broken server says beyond is read and thrown away.
const TALK_MAX: usize = 256 << 10;

/// What the environment of every server has, unless a launch says otherwise: our rigs are floods, and make many
/// passwords' hashes. Variables and no flags: an older program that knows no limits ignores them.
const RIG: [(&str, &str); 3] = [
    ("CHATROOM_LIMITS_ENABLED", "off"),
    ("CHATROOM_PASSWORDS_MEMORY_KIB", "8"),
    ("CHATROOM_PASSWORDS_PASSES", "1"),
];

/// How to start the program.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The program.
    pub bin: PathBuf,
    /// Its data folder.
    pub data: PathBuf,
    /// Further arguments of `server`.
    pub args: Vec<String>,
    /// Further environment.
    pub env: Vec<(String, String)>,
}

impl Launch {
    /// The plain server on a free port.
    pub fn new(bin: impl Into<PathBuf>, data: impl Into<PathBuf>) -> Self {
        Self { bin: bin.into(), data: data.into(), args: Vec::new(), env: Vec::new() }
    }

    /// Starts it and waits until it accepts.
    pub fn start(&self) -> anyhow::Result<Server> {
        Server::start(self.clone())
    }

    /// Runs another verb on the same folder to its end: `verify`, `export` …
    pub fn run(&self, verb: &[&str]) -> anyhow::Result<Output> {
        let mut command = Command::new(&self.bin);
        command.args(verb).arg("--data").arg(&self.data).stdin(Stdio::null());
        command.output().with_context(|| format!("running chatroom {}", verb.join(" ")))
    }
}

/// A running server; dropping it kills it.
pub struct Server {
    launch: Launch,
    child: Child,
    /// Where it accepts.
    pub address: SocketAddr,
    /// From start to ready.
    pub ready_after: Duration,
    lines: Receiver<String>,
    talk: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Server {
    fn start(launch: Launch) -> anyhow::Result<Self> {
        let began = Instant::now();
        let mut child = Command::new(&launch.bin)
            .args(["server", "--listen", "127.0.0.1:0", "--ready-json", "--data"])
            .arg(&launch.data)
            .args(&launch.args)
            .envs(RIG)
            .envs(launch.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", launch.bin.display()))?;
        let talk = Arc::new(Mutex::new(String::new()));
        let (sender, lines) = sync_channel(64);
        let stdout = child.stdout.take().expect("standard output is piped");
        let stderr = child.stderr.take().expect("standard error is piped");
        let readers = vec![
            // Only the first lines matter; when nobody takes them they go, and the pipe stays empty.
            std::thread::spawn(move || each_line(stdout, |line| drop(sender.try_send(line)))),
            std::thread::spawn({
                let talk = Arc::clone(&talk);
                move || each_line(stderr, |line| keep(&talk, &line))
            }),
        ];
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let ready_after = Duration::ZERO;
        let mut server = Self { launch, child, address, ready_after, lines, talk, readers };
        server.address = server.wait_until_ready(began)?;
        server.ready_after = began.elapsed();
        Ok(server)
    }

    fn wait_until_ready(&mut self, began: Instant) -> anyhow::Result<SocketAddr> {
        loop {
            let left = DEADLINE.saturating_sub(began.elapsed());
            match self.lines.recv_timeout(left) {
                Ok(line) if line.starts_with('{') => return address(&line),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => bail!("not ready in {DEADLINE:?}: {}", self.talk()),
                Err(RecvTimeoutError::Disconnected) => {
                    let status = self.child.wait()?;
                    bail!("ended before it was ready, {status}: {}", self.talk());
                }
            }
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its data folder.
    pub fn data(&self) -> &Path {
        &self.launch.data
    }

    /// What it has said on standard error until now.
    pub fn talk(&self) -> String {
        self.talk.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// SIGKILL, and waits until it is gone.
    pub fn kill(mut self) -> anyhow::Result<Launch> {
        let early = self.child.try_wait()?;
        ensure!(early.is_none(), "it had ended by itself, {early:?}: {}", self.talk());
        self.child.kill().context("killing the server")?;
        self.child.wait().context("waiting for the killed server")?;
        Ok(self.launch.clone())
    }

    /// SIGTERM, and waits until it has ended; the talk is what it said until the end.
    pub fn stop(mut self) -> anyhow::Result<(ExitStatus, String)> {
        self.signal(rustix::process::Signal::TERM)?;
        let status = self.wait()?;
        Ok((status, self.talk()))
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: rustix::process::Signal) -> anyhow::Result<()> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).context("signalling the server")
    }

    /// Waits until it ends by itself.
    pub fn wait(&mut self) -> anyhow::Result<ExitStatus> {
        let began = Instant::now();
        loop {
            // Its standard output ends when it does.
            match self.lines.recv_timeout(DEADLINE.saturating_sub(began.elapsed())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => bail!("not ended in {DEADLINE:?}: {}", self.talk()),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let status = self.child.wait()?;
        for reader in self.readers.drain(..) {
            reader.join().expect("a reader only copies lines");
        }
        Ok(status)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
    }
}

/// The address in `{"listen":["127.0.0.1:43121"], …}`.
fn address(ready: &str) -> anyhow::Result<SocketAddr> {
    let ready: serde_json::Value =
        serde_json::from_str(ready).with_context(|| format!("the line {ready:?}"))?;
    let address = ready["listen"][0].as_str().with_context(|| format!("no address in {ready}"))?;
    address.parse().with_context(|| format!("the address {address}"))
}

fn each_line(from: impl Read, mut take: impl FnMut(String)) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while from.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
        take(String::from_utf8_lossy(&line).trim_end().to_owned());
        line.clear();
    }
}

fn keep(talk: &Mutex<String>, line: &str) {
    let mut talk = talk.lock().unwrap_or_else(PoisonError::into_inner);
    if talk.len() < TALK_MAX {
        talk.push_str(line);
        talk.push('\n');
    }
}

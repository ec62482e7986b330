//! What is measured: a server or a floor of its own in a child process, or a server that runs already. Owns the child
//! and its data folder, and ends both.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use super::{interrupt, process};

/// How long a child may take to accept, and to stop.
const PATIENCE: Duration = Duration::from_secs(20);

/// A process to load, and where it listens.
pub(super) struct Target {
    pub(super) address: SocketAddr,
    pub(super) pid: u32,
    /// Others may talk in the rooms of a server that was running before.
    pub(super) shared: bool,
    /// From start to ready; nothing for a server that ran already.
    pub(super) started_in: Option<Duration>,
    child: Option<Child>,
    /// What a server of our own is and where its data are; a floor has none.
    own: Option<Own>,
}

struct Own {
    program: PathBuf,
    scratch: tempfile::TempDir,
}

impl Target {
    /// A server that runs already.
    pub(super) fn running(address: SocketAddr, pid: u32) -> Self {
        Self { address, pid, shared: true, started_in: None, child: None, own: None }
    }

    /// A server of our own, on a fresh data folder inside `folder`.
    pub(super) fn server(program: &Path, folder: &Path) -> Result<Self> {
        let scratch = tempfile::Builder::new()
            .prefix("chatroom-bench-")
            .tempdir_in(folder)
            .with_context(|| format!("cannot make a data folder in {}", folder.display()))?;
        let own = Own { program: program.to_owned(), scratch };
        Self::start(own.command(), Some(own))
    }

    /// The floor: what this machine can do at all.
    pub(super) fn floor(program: &Path, fault: Option<&str>) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(["bench", "floor-server"]);
        if let Some(fault) = fault {
            command.args(["--fault", fault]);
        }
        Self::start(command, None)
    }

    /// CPU time so far.
    pub(super) fn cpu(&self) -> Result<Duration> {
        process::cpu(self.pid)
    }

    /// Resident memory now, in bytes.
    pub(super) fn resident(&self) -> Result<u64> {
        process::resident(self.pid)
    }

    /// Asks a server to stop and waits until it has; an error if it has to be killed or fails. A floor has nothing to
    /// put in order and is killed.
    pub(super) fn stop(mut self) -> Result<()> {
        if self.own.is_none() {
            return Ok(());
        }
        let Some(mut child) = self.child.take() else { return Ok(()) };
        signal(&child, rustix::process::Signal::TERM);
        let (done, ended) = mpsc::sync_channel(1);
        let pid = child.id();
        let waiter = std::thread::spawn(move || {
            let status = child.wait();
            // Nobody listens any more only when the wait below has given up; then there is nobody to tell.
            let _ = done.send(status);
            child
        });
        let told = ended.recv_timeout(PATIENCE);
        if told.is_err() {
            interrupt::kill(pid);
        }
        waiter.join().map_err(|_| anyhow!("waiting for process {pid} failed"))?;
        match told {
            Ok(status) => match status.context("cannot wait for the child")? {
                status if status.success() => Ok(()),
                status => bail!("it ended with {status} after SIGTERM{}", self.last_words()),
            },
            Err(_) => bail!("it did not stop within {PATIENCE:?} of SIGTERM and was killed"),
        }
    }

    /// What the child said last on its standard error, for a message about a failure.
    pub(super) fn last_words(&self) -> String {
        let Some(own) = &self.own else { return String::new() };
        let text = tail(&own.scratch.path().join("stderr")).unwrap_or_default();
        if text.trim().is_empty() { String::new() } else { format!("; it said:\n{}", text.trim_end()) }
    }

    /// Kills the server as a power cut would, starts it again on the same data, and answers how long until it accepts.
    pub(super) fn kill_and_restart(&mut self) -> Result<Duration> {
        let own = self.own.take().context("only a server of our own can be killed")?;
        if let Some(child) = &mut self.child {
            child.kill().context("cannot kill the server")?;
            child.wait().context("cannot wait for the killed server")?;
        }
        self.child = None;
        *self = Self::start(own.command(), Some(own))?;
        self.started_in.context("it has just been started")
    }

    fn start(mut command: Command, own: Option<Own>) -> Result<Self> {
        let begun = Instant::now();
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        if let Some(own) = &own {
            let log = File::options().create(true).append(true).open(own.scratch.path().join("stderr"));
            command.stderr(log.context("cannot keep its log")?);
        }
        let folder = own.as_ref().map(|own| own.scratch.path().to_owned());
        let child = interrupt::start(&mut command, folder)
            .with_context(|| format!("cannot start {:?}", command.get_program()))?;
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let pid = child.id();
        let mut target = Self { address: any, pid, shared: false, started_in: None, child: Some(child), own };
        target.address = target.ready().map_err(|error| anyhow!("{error:#}{}", target.last_words()))?;
        target.started_in = Some(begun.elapsed());
        Ok(target)
    }

    /// Waits for the line that says where the child listens.
    fn ready(&mut self) -> Result<SocketAddr> {
        let stdout =
            self.child.as_mut().and_then(|child| child.stdout.take()).context("no standard output")?;
        let (said, line) = mpsc::sync_channel(1);
        // The thread reads on for as long as the child lives, so that the child never writes into a closed pipe.
        std::thread::spawn(move || {
            let mut lines = BufReader::new(stdout).lines();
            let _ = said.send(lines.next());
            lines.for_each(drop);
        });
        let line = line.recv_timeout(PATIENCE).context("it did not say that it is ready")?;
        let line = line.context("it ended before it was ready")?.context("cannot read its ready line")?;
        let ready: serde_json::Value =
            serde_json::from_str(&line).with_context(|| format!("not JSON: {line}"))?;
        let address = ready["listen"][0].as_str().with_context(|| format!("no address in {line}"))?;
        address.parse().with_context(|| format!("not an address: {address}"))
    }
}

impl Own {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["server", "--listen", "127.0.0.1:0", "--ready-json", "--data"]);
        command.arg(self.scratch.path().join("data"));
        // A variable and no flag: an older program that knows no limits ignores it.
        command.env("CHATROOM_LIMITS_ENABLED", "off");
        command
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // A floor, or the way out of a failure: a server's orderly end is `stop`.
            let _ = child.kill();
            let _ = child.wait();
        }
        interrupt::forget();
    }
}

fn signal(child: &Child, signal: rustix::process::Signal) {
    // An unreaped child's id cannot have been given away; a child that has ended already is what we want.
    let _ = rustix::process::kill_process(rustix::process::Pid::from_child(child), signal);
}

fn tail(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(2000)))?;
    let mut bytes = Vec::new();
    file.take(2000).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

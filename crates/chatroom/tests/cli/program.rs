//! Runs the program: once to its end, or as a server. Knows no verb's meaning.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A folder of a test's own: the program runs in it, and nothing of the machine's configuration reaches it.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("chatdata")
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chatroom"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CHATROOM_") {
                command.env_remove(name);
            }
        }
        command.env("XDG_STATE_HOME", self.path().join("state")).current_dir(self.path()).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    pub(crate) fn feed(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        // It may end without having read: then it is judged by what it says.
        let fed = child.stdin.take().unwrap().write_all(input.as_bytes());
        assert!(fed.is_ok() || fed.is_err_and(|why| why.kind() == std::io::ErrorKind::BrokenPipe));
        Ended::of(child.wait_with_output().unwrap())
    }

    pub(crate) fn server(&self, arguments: &[&str]) -> Server {
        let ready = ["server", "--listen", "127.0.0.1:0", "--ready-json"];
        let began = Instant::now();
        let mut child = self.command(&[&ready, arguments].concat()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready_in = began.elapsed();
        let Ok(ready) = serde_json::from_str::<Value>(&line) else {
            panic!("not ready: {line:?} {:?}", Ended::of(child.wait_with_output().unwrap()));
        };
        let address = ready["listen"][0].as_str().unwrap().parse().unwrap();
        let talk = BufReader::new(child.stderr.take().unwrap());
        Server { child, address, ready, ready_in, talk }
    }
}

/// What a run left: all of it is text.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) talk: String,
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), talk: text(output.stderr) }
    }

    /// The standard output of a run that has to succeed.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}", self.talk);
        self.out
    }

    /// The talk of a run that has to fail so; a failure is one sentence and no backtrace.
    #[track_caller]
    pub(crate) fn fails(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(!self.talk.contains("panicked") && !self.talk.contains("backtrace"), "{}", self.talk);
        self.talk
    }

    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }
}

/// A server that runs; dropping it kills it.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) ready: Value,
    pub(crate) ready_in: Duration,
    talk: BufReader<ChildStderr>,
}

impl Server {
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Reads its log until a line has all these words.
    pub(crate) fn says(&mut self, words: &[&str]) -> String {
        let mut line = String::new();
        while self.talk.read_line(&mut line).unwrap() > 0 {
            if words.iter().all(|word| line.contains(word)) {
                return line;
            }
            line.clear();
        }
        panic!("the log ended without {words:?}");
    }

    pub(crate) fn wait(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Stops it, and how long that took.
    pub(crate) fn stop(self) -> Duration {
        let began = Instant::now();
        self.signal(Signal::TERM);
        assert_eq!(self.wait().code(), Some(0));
        began.elapsed()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

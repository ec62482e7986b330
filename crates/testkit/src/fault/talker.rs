//! One person at a plain socket who waits for lines, never for time. Everything has a deadline.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use chatroom_wire::line::words;
use uuid::Uuid;

/// Within this every line must come.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// A client of the line protocol.
#[derive(Debug)]
pub struct Talker {
    /// Its name.
    pub name: String,
    /// Its reconnect token.
    pub token: String,
    /// The connection, for those who want to be rude.
    pub stream: TcpStream,
    /// How long it waits for a line.
    pub patience: Duration,
    buffer: Vec<u8>,
    taken: usize,
}

/// What became of something said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is stored.
    Stored,
    /// It never happened, and why.
    NotSent(String),
    /// Nobody knows, and why.
    NotConfirmed(String),
}

impl Talker {
    /// Connects and says nothing.
    pub fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, DEADLINE).context("connecting")?;
        stream.set_nodelay(true)?;
        let (name, token) = (String::new(), String::new());
        Ok(Self { name, token, stream, patience: DEADLINE, buffer: Vec::new(), taken: 0 })
    }

    /// Connects and comes in under a name; the next line it has not seen is what came after its own joining.
    pub fn join(address: SocketAddr, name: &str) -> anyhow::Result<Self> {
        let mut talker = Self::connect(address)?;
        talker.send(name)?;
        talker.enter(name)?;
        Ok(talker)
    }

    /// Waits until it is in, after its name was sent.
    pub fn enter(&mut self, name: &str) -> anyhow::Result<()> {
        self.name = name.into();
        let joined = format!("*** {name} joined the chat ***");
        loop {
            let line = self.line()?.with_context(|| format!("{name} was not let in"))?;
            if let Some(token) = line.strip_prefix(words::YOUR_TOKEN) {
                self.token = token.into();
            }
            ensure!(!line.starts_with(words::CLOSING), "{name} was not let in: {line}");
            if line == joined {
                return Ok(());
            }
        }
    }

    /// Comes back with the token; what was missed follows.
    pub fn come_back(address: SocketAddr, name: &str, token: &str) -> anyhow::Result<Self> {
        let mut talker = Self::connect(address)?;
        talker.name = name.into();
        talker.token = token.into();
        talker.send(&format!("reconnect:{name}:{token}"))?;
        talker.until("being welcomed back", |line| line.starts_with(words::WELCOME_BACK))?;
        Ok(talker)
    }

    /// Sends a line.
    pub fn send(&mut self, line: &str) -> anyhow::Result<()> {
        self.stream
            .write_all(format!("{line}\n").as_bytes())
            .with_context(|| format!("{} sending", self.name))
    }

    /// Says something under an id and waits for what became of it.
    pub fn say(&mut self, id: Uuid, text: &str) -> anyhow::Result<Answer> {
        self.send(&format!("/id {id} {text}"))?;
        let own = format!("[{}]: {text}", self.name);
        let (not_sent, not_confirmed) = (format!("Not sent {id}: "), format!("Not confirmed {id}: "));
        loop {
            let line = self.line()?.with_context(|| format!("{} was cut off", self.name))?;
            if line == own {
                return Ok(Answer::Stored);
            }
            if let Some(why) = line.strip_prefix(&not_sent) {
                return Ok(Answer::NotSent(why.into()));
            }
            if let Some(why) = line.strip_prefix(&not_confirmed) {
                return Ok(Answer::NotConfirmed(why.into()));
            }
        }
    }

    /// The next line without its end; none when the server has closed the connection.
    pub fn line(&mut self) -> anyhow::Result<Option<String>> {
        let until = Instant::now() + self.patience;
        loop {
            if let Some(end) = self.buffer[self.taken..].iter().position(|byte| *byte == b'\n') {
                let line = self.buffer[self.taken..self.taken + end].to_vec();
                self.taken += end + 1;
                return Ok(Some(String::from_utf8(line).context("a line that is not UTF-8")?));
            }
            self.buffer.drain(..self.taken);
            self.taken = 0;
            let left = until.saturating_duration_since(Instant::now());
            ensure!(!left.is_zero(), "{} heard nothing for {:?}", self.name, self.patience);
            self.stream.set_read_timeout(Some(left))?;
            let mut chunk = [0; 64 << 10];
            match self.stream.read(&mut chunk) {
                Ok(0) => return Ok(None),
                Ok(count) => self.buffer.extend_from_slice(&chunk[..count]),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Ok(None),
                Err(error) => bail!("{} reading: {error}", self.name),
            }
        }
    }

    /// The lines up to and with the first that fits.
    pub fn until(&mut self, what: &str, fits: impl Fn(&str) -> bool) -> anyhow::Result<Vec<String>> {
        let mut lines = Vec::new();
        loop {
            let next = self.line().with_context(|| format!("waiting for {what}, after {lines:?}"))?;
            let line = next.with_context(|| format!("closed while waiting for {what}, after {lines:?}"))?;
            let found = fits(&line);
            lines.push(line);
            if found {
                return Ok(lines);
            }
        }
    }

    /// Everything up to the end of the connection.
    pub fn rest(&mut self) -> anyhow::Result<Vec<String>> {
        let mut lines = Vec::new();
        while let Some(line) = self.line()? {
            lines.push(line);
        }
        if self.taken < self.buffer.len() {
            lines.push(String::from_utf8_lossy(&self.buffer[self.taken..]).into_owned());
        }
        Ok(lines)
    }

    /// Asks who is there.
    pub fn users(&mut self) -> anyhow::Result<Vec<String>> {
        self.send("/users")?;
        let lines = self.until("the end of /users", |line| line.starts_with("Uptime: "))?;
        Ok(lines
            .iter()
            .filter_map(|line| line.strip_prefix("  - "))
            .map(|name| name.replace(" (idle)", ""))
            .collect())
    }

    /// Waits until somebody is told to have left.
    pub fn sees_leave(&mut self, name: &str) -> anyhow::Result<()> {
        let left = format!("*** {name} left the chat ***");
        self.until(&left, |line| line == left).map(drop)
    }
}

/// The prompt, as a connection without a word must be given it.
pub fn prompt_of(talker: &mut Talker) -> anyhow::Result<()> {
    let line = talker.line()?.context("closed before the prompt")?;
    ensure!(line == words::PROMPT, "not the prompt: {line:?}");
    Ok(())
}

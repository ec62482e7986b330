//! The connections of a run: opens them, gives each its name, reads and writes them, all on one thread. Never knows
//! what the lines mean after the welcome.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use super::frames::{OTHER, Part, Sieve};
use super::line::Names;
use super::stream::shown;

/// Nothing at all happening for this long is a failure, in every phase.
pub(super) const STALL: Duration = Duration::from_secs(30);
/// Nobody waits longer for a crowd to be let in, even if it goes on.
const LET_IN: Duration = Duration::from_secs(300);
/// One read takes at most this much; a connection that has more is read again.
const READ: usize = 256 << 10;
/// The longest line a server may send before the START line; more without an end is a failure.
const LONGEST_LINE: usize = 16 << 10;

/// Everybody in a run, by index.
pub(super) struct Crowd {
    poll: Poll,
    events: Events,
    buffer: Vec<u8>,
    names: Names,
    address: SocketAddr,
    members: Vec<Member>,
    welcomed: usize,
    settled: usize,
    following: usize,
}

/// One connection.
struct Member {
    socket: TcpStream,
    stage: Stage,
    /// The beginning of a line or frame whose end has not come yet; empty and without storage once the stream is followed.
    partial: Vec<u8>,
    /// Takes out what is said to it alone, where that stands among the rest.
    sieve: Sieve,
    /// What the socket did not take yet.
    unsent: Vec<u8>,
    /// Reads nothing while this is set, as somebody does whose terminal is stopped.
    paused: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Stage {
    Connecting,
    Joining,
    /// What it asked for by HTTP is being answered by frames.
    Opening,
    /// From here on they are frames.
    Opened,
    /// Welcomed; waits for the START line.
    In,
    /// Has come into a room of its own, and waits for its START line.
    Settled,
    Following,
}

/// Gets what a following connection has read.
pub(super) trait Follow {
    fn follow(&mut self, index: usize, bytes: &[u8]) -> Result<()>;

    /// A message it said was answered, where that is done.
    fn answered(&mut self, _index: usize) {}
}

/// For runs in which nobody follows anything.
pub(super) struct Nobody;

impl Follow for Nobody {
    fn follow(&mut self, index: usize, bytes: &[u8]) -> Result<()> {
        bail!("connection {index} got `{}` out of turn", shown(bytes))
    }
}

impl Crowd {
    pub(super) fn new(address: SocketAddr, names: Names) -> Result<Self> {
        Ok(Self {
            poll: Poll::new().context("cannot poll")?,
            events: Events::with_capacity(1024),
            buffer: vec![0; READ],
            names,
            address,
            members: Vec::new(),
            welcomed: 0,
            settled: 0,
            following: 0,
        })
    }

    /// Opens `count` connections, at most `at_once` of them under way at a time, until each has been welcomed.
    pub(super) fn join(&mut self, count: usize, at_once: usize) -> Result<()> {
        let goal = self.members.len() + count;
        let begun = Instant::now();
        let (mut before, mut last_gain) = (self.welcomed, begun);
        while self.welcomed < goal {
            while self.members.len() < goal && self.members.len() - self.welcomed < at_once {
                self.connect().with_context(|| format!("connection {}", self.members.len()))?;
            }
            self.turn(Duration::from_millis(100), &mut Nobody)?;
            if self.welcomed > before {
                (before, last_gain) = (self.welcomed, Instant::now());
            }
            let late = last_gain.elapsed() > STALL || begun.elapsed() > LET_IN;
            ensure!(!late, "only {before} of {goal} connections were welcomed");
        }
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.members.len()
    }

    /// How many have been told that they are in a room of their own, or have seen the START line.
    pub(super) fn settled(&self) -> usize {
        self.settled
    }

    /// `index` is followed from here on, and waits for no START line.
    pub(super) fn follow_now(&mut self, index: usize) {
        self.settled += usize::from(self.members[index].stage < Stage::Settled);
        self.following += usize::from(self.members[index].stage < Stage::Following);
        self.members[index].stage = Stage::Following;
    }

    /// How many have seen the START line.
    pub(super) fn following(&self) -> usize {
        self.following
    }

    /// Whether all that was given to `index` to write is on its way.
    pub(super) fn is_clear(&self, index: usize) -> bool {
        self.members[index].unsent.is_empty()
    }

    /// Writes `bytes` as `index`; what the socket does not take now goes out later.
    pub(super) fn write(&mut self, index: usize, bytes: &[u8]) -> Result<()> {
        let member = &mut self.members[index];
        member.unsent.extend_from_slice(bytes);
        member.flush().with_context(|| format!("connection {index}"))
    }

    /// Says a text as `index`, in its room.
    pub(super) fn say(&mut self, index: usize, text: &[u8]) -> Result<()> {
        let mut line = Vec::new();
        self.names.write(&mut line, index, OTHER, text);
        self.write(index, &line)
    }

    /// `index` stops reading. Its socket keeps its size: one that is shrunk and grown again reads slowly for ever after.
    pub(super) fn pause(&mut self, index: usize) {
        self.members[index].paused = true;
    }

    /// `index` reads on, at once what has waited.
    pub(super) fn resume(&mut self, index: usize, follow: &mut impl Follow) -> Result<()> {
        let member = &mut self.members[index];
        member.paused = false;
        member.read(index, &mut self.buffer, &self.names, false, follow)
    }

    /// Waits at most `patience` for anything to happen and handles all that has; answers whether anything did.
    pub(super) fn turn(&mut self, patience: Duration, follow: &mut impl Follow) -> Result<bool> {
        match self.poll.poll(&mut self.events, Some(patience)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(false),
            other => other.context("cannot poll")?,
        }
        for event in &self.events {
            let Token(index) = event.token();
            let member = &mut self.members[index];
            let before = member.stage;
            if event.is_writable() {
                member.writable(&self.names.hello(index)).with_context(|| format!("connection {index}"))?;
            }
            if event.is_readable() && !member.paused && member.stage != Stage::Connecting {
                member.read(index, &mut self.buffer, &self.names, event.is_read_closed(), follow)?;
            }
            self.welcomed += usize::from(before < Stage::In && member.stage >= Stage::In);
            self.settled += usize::from(before < Stage::Settled && member.stage >= Stage::Settled);
            self.following += usize::from(before < Stage::Following && member.stage == Stage::Following);
        }
        Ok(!self.events.is_empty())
    }

    fn connect(&mut self) -> Result<()> {
        let mut socket = TcpStream::connect(self.address).context("cannot connect")?;
        let both = Interest::READABLE | Interest::WRITABLE;
        self.poll.registry().register(&mut socket, Token(self.members.len()), both)?;
        let (stage, partial, unsent) = (Stage::Connecting, Vec::new(), Vec::new());
        let sieve = Sieve::default();
        self.members.push(Member { socket, stage, partial, sieve, unsent, paused: false });
        Ok(())
    }
}

impl Member {
    fn writable(&mut self, hello: &str) -> Result<()> {
        if self.stage == Stage::Connecting {
            if let Some(error) = self.socket.take_error()? {
                return Err(error).context("cannot connect");
            }
            self.socket.set_nodelay(true)?;
            self.stage = Stage::Joining;
            self.unsent.extend_from_slice(hello.as_bytes());
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<()> {
        while !self.unsent.is_empty() {
            match self.socket.write(&self.unsent) {
                Ok(taken) => drop(self.unsent.drain(..taken)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("cannot write"),
            }
        }
        self.unsent = Vec::new();
        Ok(())
    }

    /// Reads until the socket has no more. A short read means that it had no more, and spares the call that says so.
    fn read(
        &mut self,
        index: usize,
        buffer: &mut [u8],
        names: &Names,
        to_the_end: bool,
        follow: &mut impl Follow,
    ) -> Result<()> {
        loop {
            match self.socket.read(buffer) {
                Ok(0) => {
                    bail!("connection {index} was closed by the server after `{}`", shown(&self.partial))
                }
                Ok(got) => {
                    self.hear(index, &buffer[..got], names, follow)
                        .with_context(|| format!("connection {index}"))?;
                    if got < buffer.len() && !to_the_end {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).with_context(|| format!("connection {index} cannot read")),
            }
        }
    }

    fn hear(&mut self, index: usize, bytes: &[u8], names: &Names, follow: &mut impl Follow) -> Result<()> {
        let rest = self.listen(bytes, names)?;
        if rest.is_empty() {
            return Ok(());
        }
        if !names.are_answered() {
            return follow.follow(index, rest);
        }
        self.sieve.sift(rest, &mut |part| {
            match part {
                Part::All(bytes) => return follow.follow(index, bytes),
                Part::Answer(OTHER) => {}
                Part::Answer(_) => follow.answered(index),
            }
            Ok(())
        })
    }

    /// Hears the lines up to the START line; answers the bytes after it.
    fn listen<'a>(&mut self, mut bytes: &'a [u8], names: &Names) -> Result<&'a [u8]> {
        while self.stage != Stage::Following {
            let framed = names.are_answered() && self.stage >= Stage::Opened;
            let Some(end) = names.end(framed, &self.partial, bytes) else {
                self.partial.extend_from_slice(bytes);
                ensure!(self.partial.len() <= LONGEST_LINE, "a line without end: `{}`", shown(&self.partial));
                return Ok(&[]);
            };
            self.partial.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end..];
            let whole = std::mem::take(&mut self.partial);
            let line = names.inside(framed, &whole);
            if let Some(asked) = names.open(line).filter(|_| self.stage == Stage::Joining) {
                self.unsent.extend_from_slice(asked.as_bytes());
                self.flush()?;
            }
            self.stage = next_stage(self.stage, line, names)?;
        }
        Ok(bytes)
    }
}

fn next_stage(stage: Stage, line: &[u8], names: &Names) -> Result<Stage> {
    if names.is_refusal(line) {
        bail!("the server refused: `{}`", shown(line));
    }
    Ok(match stage {
        Stage::Joining if names.is_opening(line) => Stage::Opening,
        Stage::Opening if line == b"\r" => Stage::Opened,
        Stage::Joining | Stage::Opened if names.is_welcome(line) => Stage::In,
        Stage::In | Stage::Settled if names.is_start(line) => Stage::Following,
        Stage::In if names.is_in_room(line) => Stage::Settled,
        other => other,
    })
}

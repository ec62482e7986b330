//! The floor: a broadcaster that parses nothing, stores nothing and promises nothing. What it costs is what this machine
//! takes for the same bytes whoever sends them. Knows just enough of the line protocol to let a name in.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::rc::Rc;

use anyhow::{Context, Result};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use super::fault::Fault;

/// A connection that leaves this much unread is closed; the floor has no disk to read on from.
const MOST_WAITING: usize = 256 << 20;
/// A longer line closes its connection.
const LONGEST_LINE: usize = 8 << 10;
const LISTENER: Token = Token(usize::MAX);

/// Serves on a free loopback port until it is killed.
pub(super) fn serve(fault: Option<Fault>) -> Result<()> {
    let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let mut listener = TcpListener::bind(any).context("cannot listen")?;
    let poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let ready = serde_json::json!({"listen": [listener.local_addr()?.to_string()], "admin": null});
    writeln!(io::stdout(), "{ready}")?;
    let mut floor = Floor { poll, members: Vec::new(), free: Vec::new(), round: Vec::new(), fault };
    let mut events = Events::with_capacity(1024);
    let mut buffer = vec![0; 256 << 10];
    loop {
        match floor.poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        }
        for event in &events {
            match event.token() {
                LISTENER => floor.accept(&listener)?,
                Token(index) if event.is_readable() => floor.read(index, &mut buffer),
                Token(index) => floor.flush(index),
            }
        }
        floor.broadcast();
    }
}

struct Floor {
    poll: Poll,
    members: Vec<Option<Member>>,
    free: Vec<usize>,
    /// What everybody gets at the end of this round.
    round: Vec<u8>,
    fault: Option<Fault>,
}

struct Member {
    socket: TcpStream,
    /// `[name]: `, or nothing before the name has come.
    prefix: Box<[u8]>,
    partial: Vec<u8>,
    /// What the socket did not take: whole rounds shared by all, and how much of the first is gone.
    waiting: VecDeque<Rc<[u8]>>,
    gone: usize,
}

impl Floor {
    fn accept(&mut self, listener: &TcpListener) -> Result<()> {
        loop {
            let mut socket = match listener.accept() {
                Ok((socket, _)) => socket,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("cannot accept"),
            };
            let index = self.free.pop().unwrap_or(self.members.len());
            socket.set_nodelay(true)?;
            self.poll.registry().register(
                &mut socket,
                Token(index),
                Interest::READABLE | Interest::WRITABLE,
            )?;
            let (prefix, partial, waiting) = (Box::default(), Vec::new(), VecDeque::new());
            let member = Some(Member { socket, prefix, partial, waiting, gone: 0 });
            match self.members.get_mut(index) {
                Some(place) => *place = member,
                None => self.members.push(member),
            }
            self.give(index, b"Enter username (or 'reconnect:<username>:<token>' to reconnect): \n");
        }
    }

    fn read(&mut self, index: usize, buffer: &mut [u8]) {
        while let Some(member) = &mut self.members[index] {
            let got = match member.socket.read(buffer) {
                Ok(got) if got > 0 => got,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                _ => return self.close(index),
            };
            self.take(index, &buffer[..got]);
            if got < buffer.len() {
                break;
            }
        }
        self.flush(index);
    }

    fn take(&mut self, index: usize, mut bytes: &[u8]) {
        let Some(member) = &mut self.members[index] else { return };
        let mut welcome = None;
        while let Some(end) = bytes.iter().position(|&b| b == b'\n') {
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            bytes = rest;
            if member.prefix.is_empty() {
                member.partial.extend_from_slice(line);
                member.prefix = [b"[", &*member.partial, b"]: "].concat().into();
                welcome = Some([b"Welcome, ", &*member.partial, b"!\n"].concat());
            } else {
                self.round.extend_from_slice(&member.prefix);
                self.round.extend_from_slice(&member.partial);
                self.round.extend_from_slice(line);
                self.round.push(b'\n');
            }
            member.partial = Vec::new();
        }
        member.partial.extend_from_slice(bytes);
        if member.partial.len() > LONGEST_LINE {
            return self.close(index);
        }
        if let Some(welcome) = welcome {
            self.give(index, &welcome);
        }
    }

    fn broadcast(&mut self) {
        if self.round.is_empty() {
            return;
        }
        let mut shared = None;
        for index in 0..self.members.len() {
            if self.members[index].is_none() {
                continue;
            }
            let spoiled = self.fault.as_mut().and_then(|fault| fault.spoil(&self.round));
            match spoiled {
                Some(bytes) => self.give_shared(index, &bytes, &mut None),
                None => {
                    let round = std::mem::take(&mut self.round);
                    self.give_shared(index, &round, &mut shared);
                    self.round = round;
                }
            }
        }
        self.round.clear();
    }

    fn give(&mut self, index: usize, bytes: &[u8]) {
        self.give_shared(index, bytes, &mut None);
    }

    /// Writes `bytes`; what does not go out now is kept in `shared`, once for all.
    fn give_shared(&mut self, index: usize, bytes: &[u8], shared: &mut Option<Rc<[u8]>>) {
        let Some(member) = &mut self.members[index] else { return };
        let mut taken = 0;
        if member.waiting.is_empty() {
            taken = match member.socket.write(bytes) {
                Ok(taken) if taken == bytes.len() => return,
                Ok(taken) => taken,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => 0,
                Err(_) => return self.close(index),
            };
            member.gone = taken;
        }
        debug_assert!(taken < bytes.len());
        member.waiting.push_back(Rc::clone(shared.get_or_insert_with(|| bytes.into())));
        if member.waiting.iter().map(|round| round.len()).sum::<usize>() > MOST_WAITING {
            return self.close(index);
        }
        // The socket may have room again already, and would not say so twice.
        self.flush(index);
    }

    fn flush(&mut self, index: usize) {
        let Some(member) = &mut self.members[index] else { return };
        while let Some(first) = member.waiting.front() {
            match member.socket.write(&first[member.gone..]) {
                Ok(taken) if member.gone + taken == first.len() => {
                    member.waiting.pop_front();
                    member.gone = 0;
                }
                Ok(taken) => member.gone += taken,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.close(index),
            }
        }
        member.waiting = VecDeque::new();
    }

    fn close(&mut self, index: usize) {
        // Dropping the socket closes it, which takes it out of the poll as well.
        if self.members[index].take().is_some() {
            self.free.push(index);
        }
    }
}

//! The floor: a broadcaster that parses nothing, stores nothing and promises nothing. What it costs is what this machine
//! takes for the same bytes whoever sends them. Knows just enough of the line protocol to let a name in.

use std::collections::{HashMap, VecDeque};
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
    let lobby = Room::default();
    let (rooms, named) = (vec![lobby], HashMap::new());
    let (members, free, told) = (Vec::new(), Vec::new(), Vec::new());
    let mut floor = Floor { poll, members, free, rooms, named, told, fault };
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
    /// The lobby, and after it the rooms that somebody asked for; a member is in one of them.
    rooms: Vec<Room>,
    named: HashMap<Vec<u8>, usize>,
    /// Rooms of which a round has something to tell.
    told: Vec<usize>,
    fault: Option<Fault>,
}

/// Who is there, and what everybody there gets at the end of this round.
#[derive(Default)]
struct Room {
    label: Vec<u8>,
    inside: Vec<usize>,
    round: Vec<u8>,
}

struct Member {
    socket: TcpStream,
    /// `[name]: `, or nothing before the name has come.
    prefix: Box<[u8]>,
    partial: Vec<u8>,
    room: usize,
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
            let member = Some(Member { socket, prefix, partial, room: 0, waiting, gone: 0 });
            self.rooms[0].inside.push(index);
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
        while let Some(end) = bytes.iter().position(|&b| b == b'\n') {
            let Some(member) = &mut self.members[index] else { return };
            let mut line = std::mem::take(&mut member.partial);
            line.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            self.line(index, &line);
        }
        let Some(member) = &mut self.members[index] else { return };
        member.partial.extend_from_slice(bytes);
        if member.partial.len() > LONGEST_LINE {
            self.close(index);
        }
    }

    fn line(&mut self, index: usize, line: &[u8]) {
        let Some(member) = &mut self.members[index] else { return };
        if member.prefix.is_empty() {
            member.prefix = [b"[", line, b"]: "].concat().into();
            return self.give(index, &[b"Welcome, ", line, b"!\n"].concat());
        }
        if let Some(label) = line.strip_prefix(b"/join ").or(line.strip_prefix(b"/create ")) {
            let last = self.rooms.len();
            let room = *self.named.entry(label.to_vec()).or_insert(last);
            if room == last {
                self.rooms.push(Room { label: label.to_vec(), ..Room::default() });
            }
            return self.go(index, room, b" joined ");
        }
        if line == b"/leave" {
            return self.go(index, 0, b" left ");
        }
        let room = member.room;
        let Room { label, round, .. } = &mut self.rooms[room];
        if round.is_empty() {
            self.told.push(room);
        }
        let space: &[u8] = if label.is_empty() { b"" } else { b" " };
        for part in [label, space, &member.prefix, line, b"\n"] {
            round.extend_from_slice(part);
        }
    }

    /// From one room to another: the one that is not the lobby is told of it.
    fn go(&mut self, index: usize, to: usize, how: &[u8]) {
        self.broadcast(); // What was said before is for those who were there.
        let Some(member) = &mut self.members[index] else { return };
        let from = std::mem::replace(&mut member.room, to);
        let name = member.prefix.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]: "));
        let room = if to == 0 { from } else { to };
        let words: [&[u8]; 5] = [b"*** ", name.unwrap_or_default(), how, &self.rooms[room].label, b" ***\n"];
        self.rooms[room].round = words.concat();
        self.told.push(room);
        self.broadcast();
        self.rooms[from].inside.retain(|&other| other != index);
        self.rooms[to].inside.push(index);
        let label: &[u8] = if to == 0 { b"#lobby" } else { &self.rooms[to].label };
        let now_in = [b"Now in ", label, b".\n"].concat();
        self.give(index, &now_in);
    }

    fn broadcast(&mut self) {
        while let Some(room) = self.told.pop() {
            let round = std::mem::take(&mut self.rooms[room].round);
            // Whoever is closed meanwhile is taken out of the room itself, not of this list.
            let inside = std::mem::take(&mut self.rooms[room].inside);
            let mut shared = None;
            for &index in &inside {
                let spoiled = self.fault.as_mut().and_then(|fault| fault.spoil(&round));
                match spoiled {
                    Some(bytes) => self.give_shared(index, &bytes, &mut None),
                    None => self.give_shared(index, &round, &mut shared),
                }
            }
            self.rooms[room].inside = inside;
            self.rooms[room].inside.retain(|&index| self.members[index].is_some());
        }
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
        if let Some(member) = self.members[index].take() {
            self.rooms[member.room].inside.retain(|&other| other != index);
            self.free.push(index);
        }
    }
}

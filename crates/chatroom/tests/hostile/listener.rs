//! Somebody on a WebSocket, byte for byte as a test wants it: comes in by HTTP, opens the stream, and may be rude.

use anyhow::{Context, bail, ensure};
use chatroom_testkit::fault::DEADLINE;
use chatroom_wire::websocket::{masked, sent};
use socket2::{Domain, Socket, Type};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// The first byte of a text that is whole.
pub(super) const TEXT: u8 = 0x81;
/// The first byte of a ping.
pub(super) const PING: u8 = 0x89;

/// What a server sends: its first byte, and what it carries.
pub(super) type Frame = (u8, Vec<u8>);

/// A connection with the stream on it.
pub(super) struct Listener {
    pub(super) socket: TcpStream,
    heard: Vec<u8>,
    taken: usize,
}

/// A key for somebody who comes in as a guest.
pub(super) fn key_of(address: SocketAddr, name: &str) -> anyhow::Result<String> {
    let body = format!(r#"{{"name":"{name}"}}"#);
    let mut socket = connect(address, MUCH)?;
    write!(
        socket,
        "POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer)?;
    let (_, rest) = answer.split_once(r#""key":""#).with_context(|| format!("no key in {answer:?}"))?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

/// What opens the stream.
pub(super) fn opening(key: &str) -> String {
    format!(
        "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
         Authorization: Bearer {key}\r\n\r\n"
    )
}

/// Bytes its kernel holds for somebody who does not read: so few that the rest is soon the server's matter …
pub(super) const LITTLE: usize = 8 * 1024;
/// … or what is said in a while.
pub(super) const MUCH: usize = 1024 * 1024;

fn connect(address: SocketAddr, holds: usize) -> anyhow::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // Before it connects: the other side is told of it then.
    socket.set_recv_buffer_size(holds)?;
    socket.set_send_buffer_size(32 * 1024)?;
    socket.connect_timeout(&address.into(), DEADLINE)?;
    let socket = TcpStream::from(socket);
    socket.set_read_timeout(Some(DEADLINE))?;
    socket.set_nodelay(true)?;
    Ok(socket)
}

impl Listener {
    /// Comes in, and is there when it has been greeted.
    pub(super) fn join(address: SocketAddr, name: &str) -> anyhow::Result<Self> {
        Self::open(address, &key_of(address, name)?, LITTLE)
    }

    /// Opens the stream by a key; its kernel holds so many bytes.
    pub(super) fn open(address: SocketAddr, key: &str, holds: usize) -> anyhow::Result<Self> {
        let mut listener = Self { socket: connect(address, holds)?, heard: Vec::new(), taken: 0 };
        listener.socket.write_all(opening(key).as_bytes())?;
        listener.opened()?;
        Ok(listener)
    }

    /// Waits until the server has agreed and greeted it.
    fn opened(&mut self) -> anyhow::Result<()> {
        let end = loop {
            match self.heard.windows(4).position(|four| four == b"\r\n\r\n") {
                Some(end) => break end + 4,
                None => ensure!(self.read()?, "closed before it was opened"),
            }
        };
        ensure!(self.heard.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&self.heard));
        self.taken = end;
        let (_, hello) = self.frame()?.context("closed before it was greeted")?;
        ensure!(hello.starts_with(br#"{"type":"hello","#), "{}", String::from_utf8_lossy(&hello));
        Ok(())
    }

    /// Sends a frame.
    pub(super) fn send(&mut self, first: u8, bytes: &[u8]) -> anyhow::Result<()> {
        let mut out = Vec::new();
        masked(&mut out, first, rand::random(), bytes);
        Ok(self.socket.write_all(&out)?)
    }

    /// Asks the API for something.
    pub(super) fn ask(&mut self, id: usize, method: &str, path: &str, body: &str) -> anyhow::Result<()> {
        self.send(TEXT, asking(id, method, path, body).as_bytes())
    }

    /// The next frame; none when the server has ended the connection.
    pub(super) fn frame(&mut self) -> anyhow::Result<Option<Frame>> {
        loop {
            let rest = &self.heard[self.taken..];
            let frame = sent(rest).filter(|frame| rest.len() >= frame.head + frame.bytes);
            if let Some(frame) = frame {
                let bytes = rest[frame.head..frame.head + frame.bytes].to_vec();
                self.taken += frame.head + frame.bytes;
                return Ok(Some((frame.first, bytes)));
            }
            if !self.read()? {
                return Ok(None);
            }
        }
    }

    /// The next text that holds something.
    pub(super) fn until(&mut self, holds: &str) -> anyhow::Result<String> {
        loop {
            let (_, bytes) = self.frame()?.with_context(|| format!("closed before {holds}"))?;
            let text = String::from_utf8_lossy(&bytes);
            if text.contains(holds) {
                return Ok(text.into_owned());
            }
        }
    }

    /// The code by which the server ends the connection, and then does.
    pub(super) fn closed(&mut self) -> anyhow::Result<u16> {
        loop {
            let (first, bytes) = self.frame()?.context("it was ended without a word")?;
            if first == 0x88 {
                while self.read()? {}
                return Ok(u16::from_be_bytes(*bytes.first_chunk().context("no code")?));
            }
        }
    }

    fn read(&mut self) -> anyhow::Result<bool> {
        self.heard.drain(..self.taken);
        self.taken = 0;
        let mut chunk = vec![0; 64 << 10];
        match self.socket.read(&mut chunk) {
            Ok(count) => {
                self.heard.extend_from_slice(&chunk[..count]);
                Ok(count > 0)
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(false),
            Err(error) => bail!("heard nothing: {error}"),
        }
    }
}

/// A request as a text.
pub(super) fn asking(id: usize, method: &str, path: &str, body: &str) -> String {
    format!(r#"{{"id":{id},"method":"{method}","path":"{path}","body":{body}}}"#)
}

/// Those who write without an end and read nothing, by turns, each the same frames again and again.
pub(super) struct Flood {
    all: Vec<(Listener, Vec<u8>, usize)>,
    /// Bytes written by each of them.
    pub(super) written: Vec<usize>,
    last: Instant,
}

impl Flood {
    /// Each says its frames over and over; what is read of them is nothing.
    pub(super) fn new(all: Vec<Listener>, frames: impl Fn(usize) -> Vec<u8>) -> anyhow::Result<Self> {
        let begin = |(n, listener): (usize, Listener)| {
            listener.socket.set_nonblocking(true)?;
            anyhow::Ok((listener, frames(n), 0))
        };
        let all: Vec<_> = all.into_iter().enumerate().map(begin).collect::<Result<_, _>>()?;
        Ok(Self { written: vec![0; all.len()], all, last: Instant::now() })
    }

    /// Writes what the sockets take; how long none has taken anything.
    pub(super) fn write(&mut self) -> anyhow::Result<Duration> {
        for ((listener, bytes, at), written) in self.all.iter_mut().zip(&mut self.written) {
            match listener.socket.write(&bytes[*at..]) {
                Ok(count) => {
                    *at = (*at + count) % bytes.len();
                    *written += count;
                    self.last = Instant::now();
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => bail!("it was cut: {error}"),
            }
        }
        Ok(self.last.elapsed())
    }

    /// One of them, who reads from now on.
    pub(super) fn reader(self) -> anyhow::Result<Listener> {
        let (listener, ..) = self.all.into_iter().next().context("somebody")?;
        listener.socket.set_nonblocking(false)?;
        Ok(listener)
    }
}

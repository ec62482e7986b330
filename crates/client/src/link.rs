//! One TCP connection: bytes in and lines out. Knows no meaning and never waits for one direction only.

use chatroom_wire::framing::{Framed, LineSplitter};
use rustix::net::sockopt;
use std::future::pending;
use std::io;
use std::time::Duration;
use tokio::io::Interest;
use tokio::net::TcpStream;

/// Bytes read at a time.
const CHUNK: usize = 16 * 1024;
/// Time a connection attempt may take.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// Silence after which the system asks whether the other side still lives.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// Time after which a server that acknowledges no bytes counts as gone.
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Link {
    stream: TcpStream,
    splitter: LineSplitter,
    incoming: Box<[u8]>,
    outgoing: Vec<u8>,
    /// The other side takes no more; what it still said is read to its end.
    deaf: bool,
}

impl Link {
    /// Connects to `HOST:PORT`, trying each address that the host has.
    pub(crate) async fn open(address: String) -> io::Result<Self> {
        let connecting = tokio::time::timeout(CONNECT_TIME, TcpStream::connect(&address));
        let stream = connecting.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        stream.set_nodelay(true)?;
        sockopt::set_socket_keepalive(&stream, true)?;
        sockopt::set_tcp_keepidle(&stream, KEEPALIVE)?;
        sockopt::set_tcp_keepintvl(&stream, KEEPALIVE / 3)?;
        sockopt::set_tcp_user_timeout(&stream, UNACKNOWLEDGED.as_millis() as u32)?;
        let incoming = vec![0; CHUNK].into_boxed_slice();
        Ok(Self { stream, splitter: LineSplitter::default(), incoming, outgoing: Vec::new(), deaf: false })
    }

    /// Puts a line into what is to be written. The caller bounds how much that becomes: it sends no more than a window
    /// of lines without an answer.
    pub(crate) fn send(&mut self, line: &str) {
        if !self.deaf {
            self.outgoing.extend_from_slice(line.as_bytes());
            self.outgoing.push(b'\n');
        }
    }

    /// Writes what there is to write until something was read; how many bytes, 0 at the end. Reads only if it may.
    /// Nothing is lost when the future is dropped.
    pub(crate) async fn read(&mut self, may_read: bool) -> io::Result<usize> {
        loop {
            let interest = match (may_read, self.outgoing.is_empty()) {
                (true, true) => Interest::READABLE,
                (true, false) => Interest::READABLE | Interest::WRITABLE,
                (false, false) => Interest::WRITABLE,
                (false, true) => pending().await,
            };
            let ready = self.stream.ready(interest).await?;
            if ready.is_writable() && !self.outgoing.is_empty() {
                self.write();
            }
            if may_read && ready.is_readable() {
                match self.stream.try_read(&mut self.incoming) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    read => return read,
                }
            }
        }
    }

    fn write(&mut self) {
        match self.stream.try_write(&self.outgoing) {
            Ok(written) => drop(self.outgoing.drain(..written)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => {
                self.deaf = true;
                self.outgoing.clear();
            }
        }
    }

    /// Gives each line of the `count` bytes that were read last.
    pub(crate) fn lines(&mut self, count: usize, mut each: impl FnMut(Framed<'_>)) {
        let mut rest = &self.incoming[..count];
        while let Some(framed) = self.splitter.next_line(&mut rest) {
            each(framed);
        }
    }
}

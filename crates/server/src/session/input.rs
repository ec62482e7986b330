//! What a client has sent and nobody has looked at yet. Holds no storage between lines.

use chatroom_wire::framing::{Framed, LineSplitter};
use std::cell::RefCell;
use std::io;
use tokio::net::TcpStream;

/// Bytes on their way to becoming lines.
#[derive(Debug, Default)]
pub(super) struct Input {
    splitter: LineSplitter,
    chunk: Vec<u8>,
    taken: usize,
    // The last read filled the whole buffer: there is probably more.
    flooded: bool,
}

impl Input {
    /// What was read already.
    pub(super) fn of(chunk: Vec<u8>) -> Self {
        Self { chunk, ..Self::default() }
    }

    /// Reads what is there, after the shard's others have had their turn; `Ok(false)` when nothing is. An end of the
    /// stream is an error.
    pub(super) async fn read(&mut self, socket: &TcpStream, buffer: &RefCell<Box<[u8]>>) -> io::Result<bool> {
        // A socket that is always readable never makes its task wait: without this one flood would stop the shard.
        if self.flooded {
            tokio::task::yield_now().await;
        } else {
            tokio::task::consume_budget().await;
        }
        let mut buffer = buffer.borrow_mut();
        match socket.try_read(&mut buffer) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                self.flooded = n == buffer.len();
                self.chunk.drain(..self.taken);
                self.taken = 0;
                self.chunk.extend_from_slice(&buffer[..n]);
                Ok(true)
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// What no line was made of yet.
    pub(super) fn unread(&self) -> &[u8] {
        &self.chunk[self.taken..]
    }

    /// Takes so many bytes that are no line.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.taken = (self.taken + bytes).min(self.chunk.len());
    }

    /// Lets something take what it can of what is unread. Storage goes when all is taken.
    pub(super) fn take<T>(&mut self, take: impl FnOnce(&mut &[u8]) -> T) -> T {
        let mut rest = &self.chunk[self.taken..];
        let all = self.chunk.len();
        let taken = take(&mut rest);
        self.taken = all - rest.len();
        if self.taken == all {
            (self.chunk, self.taken) = (Vec::new(), 0);
        }
        taken
    }

    /// The next line; `None` when more must be read first.
    pub(super) fn next_line(&mut self) -> Option<Framed<'_>> {
        if self.taken == self.chunk.len() {
            self.chunk = Vec::new();
            self.taken = 0;
            return None;
        }
        let mut rest = &self.chunk[self.taken..];
        let all = self.chunk.len();
        let line = self.splitter.next_line(&mut rest);
        self.taken = all - rest.len();
        line
    }
}

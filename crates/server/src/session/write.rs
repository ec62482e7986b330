//! What a session is given: events that all share, and what is said to it alone. Never waits for the socket.

use super::{Session, Side, irc, stream};
use crate::batch::{Answer, What};
use crate::people::People;
use bytes::Bytes;
use chatroom_model::Position;
use chatroom_store::Cursor;
use chatroom_wire::line::{render, words};
use std::io::IoSlice;
use tokio::time::Instant;

impl Session {
    /// Gives events to a live session in one write; false when it has fallen behind.
    pub(crate) fn give(&self, pieces: &[(Bytes, Position)], messages: u64) -> bool {
        const GATHER: usize = 64;
        if !self.idle() || self.held.get() || pieces.len() > GATHER {
            let kept = pieces.iter().all(|(bytes, last)| self.queue(bytes, *last, 0));
            self.received.set(self.received.get() + messages);
            self.flush();
            return kept;
        }
        let Some((_, last)) = pieces.last() else { return true };
        let mut slices = [IoSlice::new(&[]); GATHER];
        for (slice, (bytes, _)) in slices.iter_mut().zip(pieces) {
            *slice = IoSlice::new(bytes);
        }
        self.received.set(self.received.get() + messages);
        let total: usize = pieces.iter().map(|(bytes, _)| bytes.len()).sum();
        let mut wrote = match self.socket.try_write_vectored(&slices[..pieces.len()]) {
            Ok(n) => n,
            Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => 0,
            Err(_) => return self.lost(),
        };
        self.unsettled.set(true);
        if wrote == total {
            self.written.set(*last);
            return true;
        }
        self.progress.set(Instant::now());
        self.wake.notify_one();
        for (bytes, last) in pieces {
            if wrote >= bytes.len() {
                wrote -= bytes.len();
                self.written.set(*last);
            } else {
                let rest = bytes.slice(wrote..);
                let begun = wrote > 0;
                wrote = 0;
                if begun {
                    self.outbox.borrow_mut().push_rest(rest, *last);
                } else if !self.queue(&rest, *last, 0) {
                    return false;
                }
            }
        }
        true
    }

    /// Adds an event's bytes to what waits; false when it has fallen behind: then it reads on from the store.
    pub(crate) fn queue(&self, bytes: &Bytes, last: Position, messages: u64) -> bool {
        let mut outbox = self.outbox.borrow_mut();
        if self.behind.get() {
            return false;
        }
        if !outbox.has_room(bytes.len()) {
            let kept = outbox.drop_events().unwrap_or(self.written.get());
            self.cursor.set(Cursor::after(kept));
            self.behind.set(true);
            return false;
        }
        self.received.set(self.received.get() + messages);
        if outbox.is_empty() {
            self.progress.set(Instant::now());
        }
        outbox.push(bytes.clone(), Some(last));
        true
    }

    /// Says something to this client alone.
    pub(super) fn tell(&self, text: impl Into<Bytes>) {
        let mut outbox = self.outbox.borrow_mut();
        if outbox.is_empty() {
            self.progress.set(Instant::now());
        }
        outbox.push(text.into(), None);
        drop(outbox);
        self.flush();
    }

    /// Says a sentence to this client alone, in its protocol.
    pub(super) fn mention(&self, text: &str) {
        match self.side() {
            Side::Irc(irc) => irc::notice(self, irc, text),
            Side::Json(frames) => self.tell(frames.one(&stream::notice(text))),
            Side::Line => self.tell(format!("{text}\n")),
        }
    }

    /// Shows this client alone something with messages in it.
    pub(super) fn show(&self, text: impl Into<Bytes>) {
        let mut outbox = self.outbox.borrow_mut();
        if outbox.is_empty() {
            self.progress.set(Instant::now());
        }
        outbox.push_shown(text.into());
        drop(outbox);
        self.flush();
    }

    pub(crate) fn answer(&self, answer: &Answer, known: &People) {
        if let Some(irc) = &self.irc {
            let text = irc.answered(answer, self, known);
            if !text.is_empty() {
                self.tell(text);
            }
            return self.settled();
        }
        let id = answer.client_id.map(|id| id.to_string());
        let mut line = String::new();
        match &answer.what {
            What::Refused(refusal) if answer.deed => render::refused(&mut line, refusal),
            What::Refused(refusal) => render::refusal(&mut line, refusal, id.as_deref()),
            // Its own event is its answer.
            What::Said(_) => {}
            What::Done { quiet } => {
                if *quiet {
                    line.extend([words::DONE, "\n"]);
                }
            }
            What::Again(stored) => render::event(&mut line, stored, self.user.get()),
            What::NotStored(why) => render::not(&mut line, words::NOT_SENT, id.as_deref(), why),
            What::NotConfirmed(why) => render::not(&mut line, words::NOT_CONFIRMED, id.as_deref(), why),
        }
        if !line.is_empty() {
            self.tell(line);
        }
        self.settled();
    }

    /// Writes what the socket takes without waiting.
    pub(crate) fn flush(&self) {
        let mut outbox = self.outbox.borrow_mut();
        if outbox.is_empty() || self.held.get() {
            return;
        }
        match outbox.flush(&self.socket) {
            Ok(wrote) => {
                if let Some(upto) = wrote.upto {
                    self.unsettled.set(true);
                    self.wrote(upto);
                }
                if wrote.bytes > 0 {
                    self.progress.set(Instant::now());
                }
                if !outbox.is_empty() {
                    self.wake.notify_one();
                }
            }
            Err(_) => {
                drop(outbox);
                self.lost();
            }
        }
    }

    /// Whether so much of its own waits to be written that it may say no more for now.
    pub(super) fn is_full(&self) -> bool {
        let Some(irc) = self.irc.as_ref().filter(|irc| irc.is_full()) else { return false };
        // Its own that has no look for it is behind the last bytes: whoever is live and waits for nothing has all of it.
        if self.live.get().is_some() && self.idle() {
            irc.heard(Position(u64::MAX));
        }
        irc.is_full()
    }

    /// It has been given everything up to there.
    pub(super) fn wrote(&self, upto: Position) {
        self.written.set(upto);
        if let Some(irc) = &self.irc {
            irc.heard(upto);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Irc;
    use chatroom_model::{Incarnation, Name, SessionId};
    use chatroom_wire::irc::caps::Caps;
    use chatroom_wire::irc::refusal::Asked;
    use std::io::Read;
    use std::net::Ipv4Addr;

    #[test]
    fn who_has_read_all_that_waited_may_speak_on() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let door = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let mut client = std::net::TcpStream::connect(door.local_addr().unwrap()).unwrap();
            let (socket, _) = door.accept().unwrap();
            socket.set_nonblocking(true).unwrap();
            let socket = tokio::net::TcpStream::from_std(socket).unwrap();
            let irc = Irc::new("chatroom".into(), Name::parse("ann").unwrap(), Caps::default());
            let (id, address) = (SessionId::new(Incarnation(1), 1), Ipv4Addr::LOCALHOST.into());
            let session = Session::new(id, socket, address, Some(Box::new(irc)), None);
            session.goes_live(0);
            session.held.set(false);
            // Somebody else speaks until the kernel takes no more …
            let (said, mut at) = (Bytes::from(vec![b'x'; 4096]), Position(0));
            while session.idle() {
                session.socket.writable().await.unwrap();
                at = Position(at.0 + 1);
                assert!(session.give(&[(said.clone(), at)], 1));
            }
            // … and then this client, who sees nothing of what it says itself.
            let irc = session.irc.as_ref().unwrap();
            let mut own = at;
            while !session.is_full() {
                own = Position(own.0 + 1);
                irc.says(Asked::new("PRIVMSG", "#tea"), None, false);
                irc.decided(own, false);
            }
            session.flush();
            assert!(session.is_full(), "nothing was read yet");
            client.set_nonblocking(true).unwrap();
            let mut buffer = vec![0; 1 << 20];
            while !session.idle() {
                while client.read(&mut buffer).is_ok() {}
                session.socket.writable().await.unwrap();
                session.flush();
            }
            assert_eq!(session.written.get(), at);
            assert!(!session.is_full(), "nothing more comes of which it would hear");
        });
    }
}

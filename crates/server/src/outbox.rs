//! What waits to be written to one socket. Bounded; holds no storage when nothing waits.

use bytes::Bytes;
use chatroom_model::Position;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use tokio::net::TcpStream;

/// Bytes of events a session may have waiting; past this they are dropped and it catches up from disk. They are shared
/// with all who wait for the same, so they cost memory once.
pub(crate) const OUTBOX_BYTES: usize = 1024 * 1024;
/// Pieces of events a session may have waiting.
pub(crate) const OUTBOX_PIECES: usize = 256;
/// Pieces given to the kernel in one write.
const GATHER: usize = 64;

/// Bytes of an answer that shows messages, after which it is cut at the end of a line.
const SHOWN: usize = 4 * 1024;
/// Stands for what was asked for and can no longer be shown as it was read.
const ASK_AGAIN: &[u8] = b"Something of this was taken back meanwhile: ask again.\n";

/// Bytes to be written, in order.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pieces: VecDeque<Piece>,
    bytes: usize,
    // Bytes of the first piece that are written already.
    begun: usize,
    // Whether the first piece is the rest of one: then it must be ended, whatever else is dropped.
    rest: bool,
}

#[derive(Debug)]
struct Piece {
    bytes: Bytes,
    what: What,
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Events: the position a client has been given with it.
    Upto(Position),
    /// Said to this client alone.
    Alone,
    /// Said to this client alone, and shows messages.
    Shows,
}

impl What {
    fn upto(self) -> Option<Position> {
        if let Self::Upto(position) = self { Some(position) } else { None }
    }
}

/// What a write came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrote {
    /// Bytes the kernel took.
    pub(crate) bytes: usize,
    /// The last position that is wholly written.
    pub(crate) upto: Option<Position>,
}

impl Outbox {
    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// Whether another event's bytes may wait.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.pieces.is_empty() || (self.bytes + bytes <= OUTBOX_BYTES && self.pieces.len() < OUTBOX_PIECES)
    }

    pub(crate) fn push(&mut self, bytes: Bytes, upto: Option<Position>) {
        self.put(bytes, upto.map_or(What::Alone, What::Upto));
    }

    /// Adds an answer that shows messages, in pieces of whole lines.
    pub(crate) fn push_shown(&mut self, mut bytes: Bytes) {
        while bytes.len() > SHOWN {
            let cut = bytes
                .iter()
                .skip(SHOWN)
                .position(|byte| *byte == b'\n')
                .map_or(bytes.len(), |n| SHOWN + n + 1);
            let piece = bytes.split_to(cut);
            self.put(piece, What::Shows);
        }
        if !bytes.is_empty() {
            self.put(bytes, What::Shows);
        }
    }

    fn put(&mut self, bytes: Bytes, what: What) {
        self.bytes += bytes.len();
        self.pieces.push_back(Piece { bytes, what });
    }

    /// A greeting and the messages it shows go before everything that waits, of which nothing is written yet.
    pub(crate) fn push_first(&mut self, greeting: Bytes, shown: Bytes) {
        let rest = std::mem::take(&mut self.pieces);
        self.bytes += greeting.len();
        self.pieces.push_back(Piece { bytes: greeting, what: What::Alone });
        self.push_shown(shown);
        self.pieces.extend(rest);
    }

    /// What shows messages and is not begun is dropped: a sentence stands for it. Something of it may have been taken back.
    pub(crate) fn drop_shown(&mut self) {
        let begun = self.begun > 0 || self.rest;
        let mut first = true;
        let mut told = false;
        for piece in &mut self.pieces {
            let keep = piece.what != What::Shows || (first && begun);
            first = false;
            if !keep {
                piece.bytes = if told { Bytes::new() } else { Bytes::from_static(ASK_AGAIN) };
                piece.what = What::Alone;
                told = true;
            }
        }
        self.pieces.retain(|piece| !piece.bytes.is_empty());
        self.count();
    }

    fn count(&mut self) {
        self.bytes = self.pieces.iter().map(|piece| piece.bytes.len()).sum::<usize>() - self.begun;
    }

    /// The rest of an event of which the kernel has taken the beginning; nothing else waits.
    pub(crate) fn push_rest(&mut self, bytes: Bytes, upto: Position) {
        self.rest = true;
        self.push(bytes, Some(upto));
    }

    /// Drops the events that are not begun; what is said to this session alone stays. The answer is the position
    /// up to which events stay, where any do.
    pub(crate) fn drop_events(&mut self) -> Option<Position> {
        let begun = self.begun > 0 || self.rest;
        let mut first = true;
        let mut kept = None;
        self.pieces.retain(|piece| {
            let keep = piece.what.upto().is_none() || (first && begun);
            first = false;
            if keep {
                kept = piece.what.upto().or(kept);
            }
            keep
        });
        self.count();
        kept
    }

    /// Writes as much as the socket takes without waiting.
    pub(crate) fn flush(&mut self, socket: &TcpStream) -> io::Result<Wrote> {
        let mut wrote = Wrote { bytes: 0, upto: None };
        while !self.pieces.is_empty() {
            let mut slices = [IoSlice::new(&[]); GATHER];
            let mut count = 0;
            for (slice, piece) in slices.iter_mut().zip(&self.pieces) {
                let from = if count == 0 { self.begun } else { 0 };
                *slice = IoSlice::new(&piece.bytes[from..]);
                count += 1;
            }
            match socket.try_write_vectored(&slices[..count]) {
                Ok(n) => {
                    wrote.bytes += n;
                    wrote.upto = self.advance(n).or(wrote.upto);
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(wrote),
                Err(e) => return Err(e),
            }
        }
        self.pieces = VecDeque::new();
        Ok(wrote)
    }

    /// Takes written bytes off the front.
    fn advance(&mut self, mut n: usize) -> Option<Position> {
        let mut upto = None;
        self.bytes -= n;
        while let Some(piece) = self.pieces.front() {
            let left = piece.bytes.len() - self.begun;
            if n < left {
                self.begun += n;
                break;
            }
            n -= left;
            self.begun = 0;
            self.rest = false;
            upto = piece.what.upto().or(upto);
            self.pieces.pop_front();
        }
        upto
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    #[test]
    fn written_bytes_come_off_the_front_and_positions_count_when_whole() {
        let mut outbox = Outbox::default();
        outbox.push(piece("one\n"), Some(Position(1)));
        outbox.push(piece("alone\n"), None);
        outbox.push(piece("two\n"), Some(Position(2)));
        assert_eq!(outbox.advance(3), None);
        assert_eq!(outbox.advance(2), Some(Position(1)));
        assert_eq!(outbox.bytes(), 9);
        assert_eq!(outbox.advance(9), Some(Position(2)));
        assert!(outbox.is_empty());
    }

    #[test]
    fn only_events_that_are_not_begun_are_dropped() {
        let mut outbox = Outbox::default();
        outbox.push(piece("one\n"), Some(Position(1)));
        outbox.push(piece("two\n"), Some(Position(2)));
        outbox.push(piece("alone\n"), None);
        outbox.advance(1);
        assert_eq!(outbox.drop_events(), Some(Position(1)));
        assert_eq!(outbox.bytes(), 3 + 6);
        let mut rest = Outbox::default();
        rest.push_rest(piece("ne\n"), Position(1));
        rest.push(piece("two\n"), Some(Position(2)));
        assert_eq!(rest.drop_events(), Some(Position(1)));
        assert_eq!(rest.bytes(), 3);
        let mut fresh = Outbox::default();
        fresh.push(piece("one\n"), Some(Position(1)));
        assert_eq!(fresh.drop_events(), None);
        assert!(fresh.is_empty());
    }

    #[test]
    fn what_shows_messages_and_is_not_begun_is_taken_back() {
        let mut outbox = Outbox::default();
        let line = "x".repeat(SHOWN - 1) + "\n";
        outbox.push(piece("alone\n"), None);
        outbox.push_shown(Bytes::from(line.repeat(3)));
        outbox.push(piece("event\n"), Some(Position(7)));
        assert_eq!(outbox.pieces(), 1 + 2 + 1, "a piece ends with the line that makes it long enough");
        outbox.advance("alone\n".len() + 1);
        outbox.drop_shown();
        assert_eq!(outbox.pieces(), 3);
        assert_eq!(outbox.bytes(), 2 * SHOWN - 1 + ASK_AGAIN.len() + "event\n".len());
        let left = outbox.bytes();
        assert_eq!(outbox.advance(left), Some(Position(7)));
        assert!(outbox.is_empty());
    }

    #[test]
    fn there_is_no_room_at_limit_plus_one() {
        let mut outbox = Outbox::default();
        assert!(outbox.has_room(OUTBOX_BYTES + 1), "one piece always fits, or nothing would ever be sent");
        outbox.push(Bytes::from(vec![b'x'; OUTBOX_BYTES - 1]), Some(Position(1)));
        assert!(outbox.has_room(1));
        assert!(!outbox.has_room(2));
        let mut many = Outbox::default();
        for n in 0..OUTBOX_PIECES as u64 {
            assert!(many.has_room(1));
            many.push(piece("x"), Some(Position(n)));
        }
        assert!(!many.has_room(1));
    }
}

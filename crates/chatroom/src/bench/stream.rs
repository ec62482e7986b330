//! The one stream of bytes that every receiver must see: whoever is first extends it, and it is read line by line
//! then; all others are compared to it byte by byte, so that millions of deliveries a second can be checked on one
//! core. Never knows a socket or the time.

use std::collections::VecDeque;

use anyhow::{Result, bail, ensure};

use super::line::{Names, Said};

/// Behind this many bytes that everybody has seen, the window moves on.
const TRIM: usize = 1 << 20;
/// The same for one of many rooms.
const TRIM_OF_ROOM: usize = 8 << 10;

/// The room's stream since the START line.
pub(super) struct Stream {
    names: Names,
    body: usize,
    /// Lines of people outside the run are counted, not refused (a server that others use, too).
    strangers: Option<u64>,
    /// Where in the stream `bytes` begins.
    base: u64,
    bytes: Vec<u8>,
    /// How much of `bytes` has been read as lines.
    read: usize,
    /// Which connections send, in rising order, and what came from each.
    seats: Vec<usize>,
    senders: Vec<Sender>,
    /// The messages of the window, oldest first, and the number of the first of them.
    marks: VecDeque<Mark>,
    first_mark: u64,
    messages: u64,
    /// Lines that say who came into a room or left it.
    comings: u64,
    trim: usize,
    ended: bool,
}

/// Where a message ends in the stream and when it was sent.
#[derive(Clone, Copy)]
struct Mark {
    end: u64,
    at: u64,
}

#[derive(Default)]
struct Sender {
    next: u64,
    /// Its messages that stand in the stream and that it has not seen itself.
    unseen: VecDeque<Mark>,
}

impl Stream {
    pub(super) fn new(names: Names, seats: Vec<usize>, body: usize, others_may_talk: bool) -> Self {
        Self {
            names,
            body,
            strangers: others_may_talk.then_some(0),
            base: 0,
            bytes: Vec::new(),
            read: 0,
            senders: seats.iter().map(|_| Sender::default()).collect(),
            seats,
            marks: VecDeque::new(),
            first_mark: 0,
            messages: 0,
            comings: 0,
            trim: TRIM,
            ended: false,
        }
    }

    /// The same where so many streams are followed that each may keep little.
    pub(super) fn of_one_room(names: Names, seats: Vec<usize>, body: usize) -> Self {
        Self { trim: TRIM_OF_ROOM, ..Self::new(names, seats, body, false) }
    }

    /// Lines that say who came into the room or left it.
    pub(super) fn comings(&self) -> u64 {
        self.comings
    }

    /// Whether enough stands here that `forget` is worth asking for.
    pub(super) fn is_long(&self) -> bool {
        self.bytes.len() > 2 * self.trim
    }

    /// The position after the last byte that anybody has seen.
    pub(super) fn end(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    /// Whether the END line has been seen by anybody, and nothing stands after it.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Messages that stand in the stream.
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    /// Messages of `sender` that stand in the stream.
    pub(super) fn from(&self, sender: usize) -> u64 {
        self.senders[sender].next
    }

    /// A receiver that stood at `position` got `bytes`: the same as all others, or an error saying what differs.
    pub(super) fn take(&mut self, position: u64, bytes: &[u8]) -> Result<()> {
        let from = usize::try_from(position - self.base).expect("the window fits memory");
        let known = &self.bytes[from..];
        let common = known.len().min(bytes.len());
        if known[..common] != bytes[..common] {
            bail!("{}", difference(position, &known[..common], &bytes[..common]));
        }
        if common == bytes.len() {
            return Ok(());
        }
        ensure!(!self.ended, "after the last line came `{}`", shown(&bytes[common..]));
        self.bytes.extend_from_slice(&bytes[common..]);
        self.read_lines()
    }

    /// Tells the send times of all of `sender`'s messages that it has newly seen itself, now at `position`.
    pub(super) fn acknowledge(&mut self, sender: usize, position: u64, mut told: impl FnMut(u64)) {
        let unseen = &mut self.senders[sender].unseen;
        while unseen.front().is_some_and(|mark| mark.end <= position) {
            let mark = unseen.pop_front().expect("it has just been looked at");
            told(mark.at);
        }
    }

    /// Tells the send times of all messages from number `next` on up to `position`; answers the next number.
    pub(super) fn delivered(&self, mut next: u64, position: u64, mut told: impl FnMut(u64)) -> u64 {
        let skip = usize::try_from(next - self.first_mark).expect("the window fits memory");
        for mark in self.marks.range(skip..).take_while(|mark| mark.end <= position) {
            told(mark.at);
            next += 1;
        }
        next
    }

    /// Forgets what stands before `slowest`, where the last receiver is.
    pub(super) fn forget(&mut self, slowest: u64) {
        let passed = usize::try_from(slowest - self.base).expect("the window fits memory").min(self.read);
        if passed < self.trim.max(self.bytes.len() / 2) {
            return;
        }
        self.bytes.drain(..passed);
        self.base += passed as u64;
        self.read -= passed;
        while self.marks.front().is_some_and(|mark| mark.end <= self.base) {
            self.marks.pop_front();
            self.first_mark += 1;
        }
    }

    fn read_lines(&mut self) -> Result<()> {
        while let Some((line, length)) = self.names.first(&self.bytes[self.read..]) {
            self.read += length;
            let said = self.names.read(line, self.body);
            match said.map(|(who, said)| (self.seats.binary_search(&who).ok(), said)) {
                Some((Some(sender), Said::Load { number, at })) => {
                    let expected = self.senders[sender].next;
                    ensure!(
                        number == expected,
                        "sender {sender}'s message {number} came where {expected} was due"
                    );
                    let mark = Mark { end: self.base + self.read as u64, at };
                    self.senders[sender].next += 1;
                    self.senders[sender].unseen.push_back(mark);
                    self.marks.push_back(mark);
                    self.messages += 1;
                }
                Some((Some(0), Said::End)) => {
                    let after = &self.bytes[self.read..];
                    ensure!(after.is_empty(), "after the last line came `{}`", shown(after));
                    self.ended = true;
                }
                _ if self.names.is_coming_or_going(line) => self.comings += 1,
                _ => match &mut self.strangers {
                    Some(count) => *count += 1,
                    None => bail!("a line that nobody sent: `{}`", shown(line)),
                },
            }
        }
        Ok(())
    }
}

fn difference(position: u64, known: &[u8], got: &[u8]) -> String {
    let at = known.iter().zip(got).position(|(a, b)| a != b).expect("the two differ");
    let line = known[..at].iter().rposition(|&b| b == b'\n').map_or(at.saturating_sub(40), |end| end + 1);
    format!(
        "at byte {} after the start others got `{}` and this one `{}`",
        position + at as u64,
        shown(&known[line..]),
        shown(&got[line..])
    )
}

/// The first line of `bytes`, short enough for a message.
pub(super) fn shown(bytes: &[u8]) -> String {
    let line = bytes.split(|&b| b == b'\n').next().unwrap_or_default();
    line[..line.len().min(60)].escape_ascii().to_string()
}

#[cfg(test)]
mod tests {
    use super::super::line::write_load;
    use super::*;

    fn lines(names: &Names, of: &[(usize, u64)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for &(sender, number) in of {
            bytes.extend_from_slice(format!("[{}]: ", names.of(sender)).as_bytes());
            write_load(&mut bytes, number, 1000 + number, 40);
        }
        bytes
    }

    fn complaint(first: &[(usize, u64)], second: &[(usize, u64)]) -> String {
        let names = Names::new(1);
        let mut stream = Stream::new(names.clone(), vec![0, 1], 40, false);
        let told =
            stream.take(0, &lines(&names, first)).and_then(|()| stream.take(0, &lines(&names, second)));
        told.expect_err("a fault must be seen").to_string()
    }

    #[test]
    fn loss_repetition_and_disorder_are_seen_by_the_first_and_by_the_others() {
        let good = [(0, 0), (1, 0), (0, 1)];
        assert!(complaint(&[(0, 0), (0, 2)], &good).contains("message 2 came where 1 was due"));
        assert!(complaint(&[(0, 0), (0, 0)], &good).contains("message 0 came where 1 was due"));
        assert!(complaint(&good, &[(1, 0), (0, 0), (0, 1)]).contains("others got"));
        assert!(complaint(&good, &[(0, 0), (0, 1)]).contains("others got"));
        assert!(complaint(&good, &[(0, 0), (0, 0)]).contains("others got"));
    }

    #[test]
    fn times_are_told_once_each_and_the_window_moves() {
        let names = Names::new(1);
        let mut stream = Stream::new(names.clone(), vec![0, 1], 40, false);
        let (mut position, mut next, mut told) = (0, 0, Vec::new());
        for number in 0..50_000 {
            let bytes = lines(&names, &[(0, number), (1, number)]);
            // The first receiver sees it in two pieces, the second lags by nothing.
            stream.take(position, &bytes[..30]).unwrap();
            stream.take(position + 30, &bytes[30..]).unwrap();
            stream.take(position, &bytes).unwrap();
            position += bytes.len() as u64;
            next = stream.delivered(next, position, |at| told.push(at));
            stream.forget(position);
        }
        assert_eq!(told.len(), 100_000);
        assert_eq!(stream.from(1), 50_000);
        assert!(stream.bytes.len() < 2 * TRIM, "{} bytes kept", stream.bytes.len());
        let mut own = 0;
        stream.acknowledge(1, position, |_| own += 1);
        stream.acknowledge(1, position, |_| own += 1);
        assert_eq!(own, 50_000);
    }
}

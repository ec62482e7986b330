//! Somebody who goes into one room after another and out again: what is heard must be of that room alone, and without
//! a gap from the first line to the last. Knows no socket and no time.

use anyhow::{Result, bail, ensure};

use super::line::{Names, Said};
use super::stream::shown;

/// The longest line a visitor is told.
const LONGEST_LINE: usize = 16 << 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// In no room of the run.
    Out,
    Joining,
    In,
    Leaving,
}

/// One visitor.
pub(super) struct Visitor {
    names: Names,
    name: String,
    body: usize,
    room: usize,
    stage: Stage,
    /// The next number of each member's messages, once one was heard.
    next: Vec<Option<u64>>,
    partial: Vec<u8>,
    seen: u64,
}

impl Visitor {
    /// A visitor of rooms of so many members, whose first room is this one.
    pub(super) fn new(names: Names, name: String, members: usize, body: usize, room: usize) -> Self {
        let next = vec![None; members];
        Self { names, name, body, room, stage: Stage::Out, next, partial: Vec::new(), seen: 0 }
    }

    /// Whether it is in no room and asks for none.
    pub(super) fn is_out(&self) -> bool {
        self.stage == Stage::Out
    }

    /// Lines of rooms it was given.
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// What it asks for next: the way in, or the way out.
    pub(super) fn ask(&mut self, rooms: usize) -> String {
        match self.stage {
            Stage::Out => {
                self.room = (self.room + 1) % rooms;
                self.stage = Stage::Joining;
                self.next.fill(None);
                format!("/join {}\n", self.names.room(self.room))
            }
            Stage::In => {
                self.stage = Stage::Leaving;
                "/leave\n".to_owned()
            }
            Stage::Joining | Stage::Leaving => String::new(),
        }
    }

    /// Hears what came; the answer is whether it has something to ask for.
    pub(super) fn hear(&mut self, mut bytes: &[u8]) -> Result<bool> {
        let mut asks = false;
        while let Some(end) = bytes.iter().position(|&b| b == b'\n') {
            self.partial.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            let line = std::mem::take(&mut self.partial);
            asks |= self.line(&line)?;
        }
        self.partial.extend_from_slice(bytes);
        ensure!(self.partial.len() <= LONGEST_LINE, "a line without end: `{}`", shown(&self.partial));
        Ok(asks)
    }

    fn line(&mut self, line: &[u8]) -> Result<bool> {
        if let Some((room, _)) = self.names.label(line) {
            return self.said(room, line).map(|()| false);
        }
        if line.starts_with(b"No: ") {
            bail!("the server refused: `{}`", shown(line));
        }
        let room = self.names.room(self.room);
        if self.stage == Stage::Joining && line == format!("Now in {room}.").as_bytes() {
            self.stage = Stage::In;
            return Ok(true);
        }
        if self.stage == Stage::Leaving && line == format!("*** {} left {room} ***", self.name).as_bytes() {
            self.seen += 1;
            self.stage = Stage::Out;
            return Ok(false);
        }
        // Out, and told where it is now: only then the server has done all it had been asked for.
        Ok(self.stage == Stage::Out && line.starts_with(b"Now in "))
    }

    fn said(&mut self, room: usize, line: &[u8]) -> Result<()> {
        let here = room == self.room && self.stage != Stage::Out;
        ensure!(here, "a line of a room it is not in: `{}`", shown(line));
        self.seen += 1;
        let members = self.next.len();
        match self.names.read(line, self.body) {
            Some((who, Said::Load { number, .. })) => {
                let next = &mut self.next[who % members];
                let due = next.unwrap_or(number);
                ensure!(number == due, "member {who}'s message {number} came where {due} was due");
                *next = Some(number + 1);
                Ok(())
            }
            Some((_, Said::Start | Said::End)) => Ok(()),
            None => bail!("a line that nobody sent: `{}`", shown(line)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::write_load;
    use super::*;

    fn load(names: &Names, room: usize, who: usize, number: u64) -> Vec<u8> {
        let mut line = format!("{} [{}]: ", names.room(room), names.of(who)).into_bytes();
        write_load(&mut line, number, 1, 40);
        line
    }

    #[test]
    fn a_visit_has_no_gaps_and_nothing_of_other_rooms() {
        let names = Names::new(1).in_rooms_of(2);
        let visitor = || Visitor::new(names.clone(), names.of(9), 2, 40, 0);
        let mut good = visitor();
        assert_eq!(good.ask(3), format!("/join {}\n", names.room(1)));
        good.hear(&load(&names, 1, 2, 5)).unwrap();
        assert!(good.hear(format!("Now in {}.\n", names.room(1)).as_bytes()).unwrap());
        good.hear(&load(&names, 1, 2, 6)).unwrap();
        good.hear(&load(&names, 1, 3, 0)).unwrap();
        assert_eq!(good.ask(3), "/leave\n");
        good.hear(format!("*** {} left {} ***\n", names.of(9), names.room(1)).as_bytes()).unwrap();
        assert!(good.is_out() && good.hear(b"Now in #lobby.\n").unwrap());
        assert_eq!(good.seen(), 4);
        good.hear(&load(&names, 1, 2, 7)).expect_err("it has left");
        let mut gap = visitor();
        gap.ask(3);
        gap.hear(&load(&names, 1, 2, 5)).unwrap();
        gap.hear(&load(&names, 1, 2, 7)).expect_err("a message is missing");
        let mut other = visitor();
        other.ask(3);
        other.hear(&load(&names, 2, 4, 0)).expect_err("of another room");
    }
}

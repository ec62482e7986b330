//! The lines of the load: who sends them, and how one is made and read back. Never knows a socket.

use std::io::Write as _;

/// A body carries a number and a time: ten digits, a space, sixteen hex digits, a space.
pub(super) const SMALLEST_BODY: usize = 28;
/// The most a body may hold on the line protocol.
pub(super) const LARGEST_BODY: usize = 4096;

/// The names of one run's connections. The run's own number in them keeps old history from passing for new lines.
#[derive(Clone)]
pub(super) struct Names {
    run: String,
    /// So many connections in a row share a room; nothing when all talk in the lobby.
    members: Option<usize>,
}

/// What a line of the load says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// From here on everybody's bytes must be the same.
    Start,
    /// The last line of a run.
    End,
    /// Message `number` of this sender, sent at `at` nanoseconds of the generator's clock.
    Load { number: u64, at: u64 },
}

impl Names {
    pub(super) fn new(run: u32) -> Self {
        Self { run: format!("b{run:08x}x"), members: None }
    }

    /// The same names where every `members` connections in a row talk in a room of their own.
    pub(super) fn in_rooms_of(self, members: usize) -> Self {
        Self { members: Some(members), ..self }
    }

    /// The name of a room.
    pub(super) fn room(&self, number: usize) -> String {
        format!("#{}r{number:05}", self.run)
    }

    pub(super) fn of(&self, index: usize) -> String {
        format!("{}{index:05}", self.run)
    }

    /// Whether `line` is this run's START line.
    pub(super) fn is_start(&self, line: &[u8]) -> bool {
        // The length first: this looks at every line that anybody gets before the start.
        if !line.ends_with(b"]: START") {
            return false;
        }
        let first = |who: usize| self.members.map_or(who == 0, |members| who.is_multiple_of(members));
        matches!(self.read(line, SMALLEST_BODY), Some((who, Said::Start)) if first(who))
    }

    /// Whether `line` says that one of ours came into a room or left it.
    pub(super) fn is_coming_or_going(&self, line: &[u8]) -> bool {
        let told = || {
            let rest = line.strip_prefix(b"*** ")?.strip_prefix(self.run.as_bytes())?;
            let (_, rest) = rest.split_at_checked(5)?;
            let rest = rest.strip_prefix(b" joined ").or(rest.strip_prefix(b" left "))?;
            rest.strip_prefix(b"#")?.strip_prefix(self.run.as_bytes())?.strip_suffix(b" ***")
        };
        self.members.is_some() && told().is_some()
    }

    /// Who says what in `line` (without its end), if it is one of ours, whole and unaltered.
    pub(super) fn read(&self, line: &[u8], body: usize) -> Option<(usize, Said)> {
        let (room, line) = match self.members {
            Some(members) => {
                let (room, rest) = self.label(line)?;
                (Some((room, members)), rest)
            }
            None => (None, line),
        };
        let rest = line.strip_prefix(b"[")?.strip_prefix(self.run.as_bytes())?;
        let (who, rest) = rest.split_at_checked(5)?;
        let text = rest.strip_prefix(b"]: ")?;
        let who = usize::try_from(decimal(who)?).ok()?;
        if room.is_some_and(|(room, members)| who / members != room) {
            return None;
        }
        let said = match text {
            b"START" => Said::Start,
            b"END" => Said::End,
            _ => load(text, body)?,
        };
        Some((who, said))
    }

    /// The number of the room a line is from, and the rest of the line.
    pub(super) fn label<'a>(&self, line: &'a [u8]) -> Option<(usize, &'a [u8])> {
        let rest = line.strip_prefix(b"#")?.strip_prefix(self.run.as_bytes())?.strip_prefix(b"r")?;
        let (room, rest) = rest.split_at_checked(5)?;
        Some((usize::try_from(decimal(room)?).ok()?, rest.strip_prefix(b" ")?))
    }
}

/// Appends what a sender writes for its message `number`.
pub(super) fn write_load(out: &mut Vec<u8>, number: u64, at: u64, body: usize) {
    write!(out, "{number:010} {at:016x} ").expect("a vector takes every byte");
    out.resize(out.len() + body - SMALLEST_BODY, b'x');
    out.push(b'\n');
}

fn load(text: &[u8], body: usize) -> Option<Said> {
    let (number, rest) = text.split_at_checked(10)?;
    let (at, rest) = rest.strip_prefix(b" ")?.split_at_checked(16)?;
    let padding = rest.strip_prefix(b" ")?;
    let whole = text.len() == body && padding.iter().all(|&b| b == b'x');
    let at = u64::from_str_radix(std::str::from_utf8(at).ok()?, 16).ok()?;
    whole.then_some(Said::Load { number: decimal(number)?, at })
}

fn decimal(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0u64, |sum, b| b.is_ascii_digit().then(|| sum * 10 + u64::from(b - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_nothing_else_is() {
        let names = Names::new(7);
        let mut line = format!("[{}]: ", names.of(42)).into_bytes();
        write_load(&mut line, 12, 0xabc, 100);
        assert_eq!(line.pop(), Some(b'\n'));
        assert_eq!(names.read(&line, 100), Some((42, Said::Load { number: 12, at: 0xabc })));
        assert_eq!(names.read(&line, 99), None, "a body of another length is altered");
        *line.last_mut().unwrap() = b'y';
        assert_eq!(names.read(&line, 100), None, "an altered body is not ours");
        let other = format!("[{}]: START", Names::new(8).of(1));
        assert_eq!(names.read(other.as_bytes(), 100), None, "another run's line is not ours");
    }

    #[test]
    fn in_rooms_a_line_is_its_rooms() {
        let names = Names::new(7).in_rooms_of(10);
        let line = |room, who| format!("{} [{}]: START", names.room(room), names.of(who)).into_bytes();
        assert_eq!(names.read(&line(4, 42), 100), Some((42, Said::Start)));
        assert_eq!(names.read(&line(5, 42), 100), None, "nobody of that room said it");
        assert!(names.is_start(&line(4, 40)) && !names.is_start(&line(4, 42)));
        let came = format!("*** {} joined {} ***", names.of(99), names.room(4));
        assert!(names.is_coming_or_going(came.as_bytes()));
        assert!(!names.is_coming_or_going(b"*** somebody joined #tea ***"));
    }
}

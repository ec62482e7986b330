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
        Self { run: format!("b{run:08x}x") }
    }

    pub(super) fn of(&self, index: usize) -> String {
        format!("{}{index:05}", self.run)
    }

    /// Whether `line` is this run's START line.
    pub(super) fn is_start(&self, line: &[u8]) -> bool {
        // The length first: this looks at every line that anybody gets before the start.
        line.ends_with(b"]: START") && matches!(self.read(line, SMALLEST_BODY), Some((0, Said::Start)))
    }

    /// Who says what in `line` (without its end), if it is one of ours, whole and unaltered.
    pub(super) fn read(&self, line: &[u8], body: usize) -> Option<(usize, Said)> {
        let rest = line.strip_prefix(b"[")?.strip_prefix(self.run.as_bytes())?;
        let (who, rest) = rest.split_at_checked(5)?;
        let text = rest.strip_prefix(b"]: ")?;
        let who = usize::try_from(decimal(who)?).ok()?;
        let said = match text {
            b"START" => Said::Start,
            b"END" => Said::End,
            _ => load(text, body)?,
        };
        Some((who, said))
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
}

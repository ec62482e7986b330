//! The lines of the load: who sends them, and how one is made and read back. Never knows a socket.

use super::args::Speech;
use super::frames;
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
    speech: Speech,
    /// Whether IRC clients go into the lobby when they come.
    enters: bool,
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
        Self { run: format!("b{run:08x}x"), members: None, speech: Speech::Line, enters: true }
    }

    /// The same names where every `members` connections in a row talk in a room of their own.
    pub(super) fn in_rooms_of(self, members: usize) -> Self {
        Self { members: Some(members), enters: false, ..self }
    }

    /// The same names, spoken in this protocol.
    pub(super) fn speaking(self, speech: Speech) -> Self {
        Self { speech, ..self }
    }

    /// The same names, of people who only come.
    pub(super) fn outside(self) -> Self {
        Self { enters: false, ..self }
    }

    /// What a connection says first.
    pub(super) fn hello(&self, index: usize) -> String {
        let name = self.of(index);
        match (self.speech, self.enters) {
            // The name goes ahead of the prompt: a first line that is no other protocol's means this one.
            (Speech::Line, _) => format!("{name}\n"),
            (Speech::Irc, enters) => {
                let join = if enters { "JOIN #lobby\r\n" } else { "" };
                format!("CAP REQ :echo-message\r\nNICK {name}\r\nUSER u 0 * :r\r\nCAP END\r\n{join}")
            }
            (Speech::Ws, _) => frames::hello(&name),
        }
    }

    /// What a connection says to a line of the answer, before it is in.
    pub(super) fn open(&self, line: &[u8]) -> Option<String> {
        if self.are_answered() { frames::open(line) } else { None }
    }

    /// Whether requests are answered beside what all are told, and all of it comes in frames.
    pub(super) fn are_answered(&self) -> bool {
        self.speech == Speech::Ws
    }

    /// How many of `bytes` end the line or frame that begins with `begun`.
    pub(super) fn end(&self, framed: bool, begun: &[u8], bytes: &[u8]) -> Option<usize> {
        if framed {
            frames::end(begun, bytes)
        } else {
            bytes.iter().position(|&b| b == b'\n').map(|at| at + 1)
        }
    }

    /// A line without its end, or what a frame has.
    pub(super) fn inside<'a>(&self, framed: bool, whole: &'a [u8]) -> &'a [u8] {
        let line = || whole.strip_suffix(b"\n").unwrap_or(whole);
        if framed { frames::first(whole).map_or(&[], |(text, _)| text) } else { line() }
    }

    /// The first line or frame of what all are told, and how many bytes it takes.
    pub(super) fn first<'a>(&self, bytes: &'a [u8]) -> Option<(&'a [u8], usize)> {
        if self.are_answered() {
            return frames::first(bytes);
        }
        let end = bytes.iter().position(|&b| b == b'\n')?;
        Some((&bytes[..end], end + 1))
    }

    /// Whether `line` says that a connection goes no further.
    pub(super) fn is_refusal(&self, line: &[u8]) -> bool {
        const REFUSALS: [&[u8]; 6] =
            [b"ERROR ", b"Username ", b"Invalid ", b"Closing: ", b"Server is ", b"No: "];
        match self.speech {
            Speech::Line | Speech::Irc => REFUSALS.iter().any(|refusal| line.starts_with(refusal)),
            Speech::Ws => frames::is_refusal(line),
        }
    }

    /// Whether `line` says that frames come after the next empty one.
    pub(super) fn is_opening(&self, line: &[u8]) -> bool {
        self.are_answered() && line.starts_with(b"HTTP/1.1 101 ")
    }

    /// Whether `line` says that a connection is in.
    pub(super) fn is_welcome(&self, line: &[u8]) -> bool {
        let numeric = |code: &[u8]| line.splitn(3, |b| *b == b' ').nth(1) == Some(code);
        match (self.speech, self.enters) {
            (Speech::Line, _) => line.starts_with(b"Welcome, "),
            (Speech::Irc, true) => numeric(b"366"),
            (Speech::Irc, false) => numeric(b"376"),
            (Speech::Ws, _) => line.starts_with(br#"{"type":"hello","#),
        }
    }

    /// What brings a connection into its room.
    pub(super) fn enter(&self, number: usize, make: bool) -> Vec<u8> {
        let room = self.room(number);
        match self.speech {
            Speech::Line if make => format!("/create {room}\n").into(),
            Speech::Line => format!("/join {room}\n").into(),
            Speech::Irc => format!("JOIN {room}\r\n").into(),
            Speech::Ws => {
                let (path, body) =
                    (format!("/rooms/{}/membership", &room[1..]), format!(r#"{{"name":"{room}"}}"#));
                let (method, path, body) =
                    if make { ("POST", "/rooms", &*body) } else { ("PUT", &*path, "{}") };
                let mut out = Vec::new();
                frames::ask(&mut out, frames::OTHER, method, path, body.as_bytes());
                out
            }
        }
    }

    /// Whether `line` says that a connection is in its room.
    pub(super) fn is_in_room(&self, line: &[u8]) -> bool {
        match self.speech {
            Speech::Line => line.starts_with(b"Now in "),
            Speech::Irc => line.splitn(3, |b| *b == b' ').nth(1) == Some(b"366"),
            Speech::Ws => frames::is_done(line),
        }
    }

    /// Adds what a connection writes to say a text in its room, as its request of this number.
    pub(super) fn write(&self, out: &mut Vec<u8>, index: usize, id: u64, text: &[u8]) {
        let room = self.members.map(|members| self.room(index / members));
        match self.speech {
            Speech::Line => {
                out.extend_from_slice(text);
                out.push(b'\n');
            }
            Speech::Irc => {
                write!(out, "PRIVMSG {} :", room.as_deref().unwrap_or("#lobby"))
                    .expect("a vector takes every byte");
                out.extend_from_slice(text);
                out.extend_from_slice(b"\r\n");
            }
            Speech::Ws => frames::say(out, id, room.as_ref().map_or("1", |room| &room[1..]), text),
        }
    }

    /// Adds what a sender writes for its message `number`.
    pub(super) fn write_load(&self, out: &mut Vec<u8>, index: usize, number: u64, at: u64, body: usize) {
        let mut text = Vec::with_capacity(body);
        write!(text, "{number:010} {at:016x} ").expect("a vector takes every byte");
        text.resize(body, b'x');
        self.write(out, index, number, &text);
    }

    /// Who says what where in a line of IRC: the sender, the room and the text.
    fn parts<'a>(&self, line: &'a [u8]) -> Option<(&'a [u8], &'a [u8], &'a [u8])> {
        let rest = line.strip_prefix(b":")?.strip_prefix(self.run.as_bytes())?.strip_suffix(b"\r")?;
        let (who, rest) = rest.split_at_checked(5)?;
        let at = rest.strip_prefix(b"!")?.iter().position(|b| *b == b' ')?;
        let rest = rest.get(at + 2..)?.strip_prefix(b"PRIVMSG ")?;
        let end = rest.iter().position(|b| *b == b' ')?;
        Some((who, &rest[..end], rest.get(end + 1..)?.strip_prefix(b":")?))
    }

    fn read_parts(&self, line: &[u8], body: usize) -> Option<(usize, Said)> {
        let (who, room, text) =
            if self.speech == Speech::Ws { frames::parts(line, &self.run)? } else { self.parts(line)? };
        let who = usize::try_from(decimal(who)?).ok()?;
        let expected = self.members.map_or_else(|| "#lobby".to_owned(), |members| self.room(who / members));
        if room != expected.as_bytes() {
            return None;
        }
        let said = match text {
            b"START" => Said::Start,
            b"END" => Said::End,
            _ => load(text, body)?,
        };
        Some((who, said))
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
        // What is quickly seen first: this looks at every line that anybody gets before the start.
        let may_be = match self.speech {
            Speech::Line => line.ends_with(b"]: START"),
            Speech::Irc => line.ends_with(b" :START\r"),
            Speech::Ws => frames::is_message(line),
        };
        if !may_be {
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
        if self.speech != Speech::Line {
            return self.read_parts(line, body);
        }
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

/// Appends what a sender of the line protocol writes for its message `number`.
#[cfg(test)]
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
    fn over_irc_a_line_is_read_as_it_is_written() {
        let names = Names::new(7).speaking(Speech::Irc).in_rooms_of(10);
        let mut out = Vec::new();
        names.write_load(&mut out, 42, 12, 0xabc, 100);
        let said = String::from_utf8(out).unwrap();
        let line = format!(":{}!~u@u43 {}", names.of(42), said.trim_end_matches('\n'));
        assert_eq!(names.read(line.as_bytes(), 100), Some((42, Said::Load { number: 12, at: 0xabc })));
        assert_eq!(names.read(line.as_bytes(), 99), None, "a body of another length is altered");
        let elsewhere = line.replace(&names.room(4), &names.room(5));
        assert_eq!(names.read(elsewhere.as_bytes(), 100), None, "nobody of that room said it");
        assert!(
            names.is_start(format!(":{}!~u@u1 PRIVMSG {} :START\r", names.of(40), names.room(4)).as_bytes())
        );
    }

    #[test]
    fn over_a_websocket_a_message_is_found_in_its_event() {
        let names = Names::new(7).speaking(Speech::Ws).in_rooms_of(10);
        let text = format!("{:010} {:016x} {}", 12, 0xabc, "x".repeat(72));
        let event = |text: &str, room: usize| {
            let (author, room) = (names.of(42), names.room(room));
            format!(
                r#"{{"type":"event","event":"message","position":9,"time":1,"message":{{"room":2,"seq":3,"position":9,"time":1,"author":{{"id":5,"name":"{author}"}},"kind":"said","text":"{text}"}},"name":"{room}"}}"#
            )
        };
        let read = |text: &str, room| names.read(event(text, room).as_bytes(), 100);
        assert_eq!(read(&text, 4), Some((42, Said::Load { number: 12, at: 0xabc })));
        assert_eq!(read(&text[1..], 4), None, "a body of another length is altered");
        assert_eq!(read(&text, 5), None, "nobody of that room said it");
        assert_eq!(read("END", 4), Some((42, Said::End)));
        assert!(!names.is_start(event("START", 4).as_bytes()), "it is another who says so");
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

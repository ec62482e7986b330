//! A line from somebody who is in the chat, as a small enum that borrows from it. Decides nothing.

use super::ask::Ask;
use super::command::{self, Command};
use super::id;

/// Messages that `/history` shows when it is not told how many.
pub const HISTORY_DEFAULT: usize = 20;
/// Messages that `/history` shows at most.
pub const HISTORY_MAX: usize = 100;

/// What a line asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input<'a> {
    /// Nothing.
    Empty,
    /// To say this to everyone.
    Text(&'a str),
    /// To list who is here.
    Users,
    /// To show so many of the last messages, 1 to [`HISTORY_MAX`].
    History(usize),
    /// To say this to one user.
    Msg {
        /// The receiver, not judged yet.
        to: &'a str,
        /// What to say; not empty.
        text: &'a str,
    },
    /// To see one's token.
    Token,
    /// To see one's counters.
    Stats,
    /// To be cut off without a goodbye.
    SimulateCrash,
    /// To leave.
    Quit,
    /// To be told about all commands, or this one.
    Help(Option<&'a str>),
    /// To do or to see something else.
    Ask(Ask<'a>),
    /// To send something under an id of the sender's own.
    WithId {
        /// The id.
        id: [u8; 16],
        /// What is sent.
        inner: Sendable<'a>,
    },
    /// A slash and a word that is no command. Never sent as text.
    Unknown(&'a str),
    /// A command with arguments it cannot have; this line says which it can.
    Usage(&'static str),
}

/// What can be sent under an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sendable<'a> {
    /// Text to everyone.
    Text(&'a str),
    /// Text to one user.
    Msg {
        /// The receiver, not judged yet.
        to: &'a str,
        /// What to say; not empty.
        text: &'a str,
    },
    /// Text to the room somebody talks in, as what they do.
    Me(&'a str),
    /// Text to a room, not judged yet.
    In(&'a str, &'a str),
    /// Text that answers a message of that number.
    Reply(u64, &'a str),
}

impl<'a> Input<'a> {
    /// Reads a line. Every line is some input.
    pub fn parse(line: &'a str) -> Self {
        match Shape::of(line) {
            Shape::Empty => Self::Empty,
            Shape::Text(text) => Self::Text(text),
            Shape::Slash { word, arguments } => match command::find(word) {
                Some(Command { parse, usage, .. }) => parse(arguments).unwrap_or(Self::Usage(usage)),
                None => Self::Unknown(word),
            },
        }
    }
}

/// A line before any command is looked up.
enum Shape<'a> {
    Empty,
    Text(&'a str),
    Slash { word: &'a str, arguments: &'a str },
}

impl<'a> Shape<'a> {
    fn of(line: &'a str) -> Self {
        let line = line.trim_end();
        // A blank before the slash is a slip of the finger: `/msg` after it must not go to everyone.
        match line.trim_start().strip_prefix('/') {
            None if line.is_empty() => Self::Empty,
            None => Self::Text(line),
            Some(escaped) if escaped.starts_with('/') => Self::Text(escaped),
            Some(command) => {
                let (word, arguments) = first_word(command);
                Self::Slash { word, arguments }
            }
        }
    }
}

/// The first word and what follows the blank after it.
fn first_word(text: &str) -> (&str, &str) {
    text.split_once(char::is_whitespace).unwrap_or((text, ""))
}

pub(super) fn history(arguments: &str) -> Option<Input<'_>> {
    let (count, _) = first_word(arguments.trim_start());
    if count.is_empty() {
        return Some(Input::History(HISTORY_DEFAULT));
    }
    if !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Only digits: what does not fit is more than the most.
    let count = count.parse().unwrap_or(HISTORY_MAX).min(HISTORY_MAX);
    (count > 0).then_some(Input::History(count))
}

pub(super) fn msg(arguments: &str) -> Option<(&str, &str)> {
    let (to, text) = first_word(arguments.trim_start());
    let text = text.trim();
    (!to.is_empty() && !text.is_empty()).then_some((to, text))
}

pub(super) fn simulate(arguments: &str) -> Option<Input<'_>> {
    arguments.trim().eq_ignore_ascii_case("crash").then_some(Input::SimulateCrash)
}

pub(super) fn help(arguments: &str) -> Option<Input<'_>> {
    let (word, _) = first_word(arguments.trim_start());
    let word = word.strip_prefix('/').unwrap_or(word);
    Some(Input::Help((!word.is_empty()).then_some(word)))
}

pub(super) fn with_id(arguments: &str) -> Option<Input<'_>> {
    let (id, line) = first_word(arguments.trim_start());
    let id = id::parse_uuid(id)?;
    let inner = match Shape::of(line) {
        Shape::Text(text) => Sendable::Text(text),
        Shape::Slash { word, arguments } if word.eq_ignore_ascii_case("msg") => {
            let (to, text) = msg(arguments)?;
            Sendable::Msg { to, text }
        }
        Shape::Slash { word, arguments } => match command::find(word).and_then(|c| (c.parse)(arguments))? {
            Input::Ask(Ask::Me(text)) => Sendable::Me(text),
            Input::Ask(Ask::In { room, text }) => Sendable::In(room, text),
            Input::Ask(Ask::Reply { number, text }) => Sendable::Reply(number, text),
            _ => return None,
        },
        Shape::Empty => return None,
    };
    Some(Input::WithId { id, inner })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_what_they_ask_for() {
        let msg = Input::Msg { to: "bob", text: "hi  there" };
        for (line, expected) in [
            ("", Input::Empty),
            ("   ", Input::Empty),
            ("hello ", Input::Text("hello")),
            ("    indented: /code", Input::Text("    indented: /code")),
            ("//usr/bin", Input::Text("/usr/bin")),
            ("//", Input::Text("/")),
            ("/users", Input::Users),
            ("/USERS please", Input::Users),
            ("/history", Input::History(20)),
            ("/history 5", Input::History(5)),
            ("/history 100", Input::History(100)),
            ("/history 101", Input::History(100)),
            ("/history 99999999999999999999999", Input::History(100)),
            ("/history 0", Input::Usage("Usage: /history [N]")),
            ("/history -1", Input::Usage("Usage: /history [N]")),
            ("/history all", Input::Usage("Usage: /history [N]")),
            ("/msg bob hi  there ", msg),
            ("/msg   bob   hi  there", msg),
            (" /msg bob hi  there", msg),
            ("/msg bob", Input::Usage("Usage: /msg <username> <message>")),
            ("/msg", Input::Usage("Usage: /msg <username> <message>")),
            ("/token", Input::Token),
            ("/stats", Input::Stats),
            ("/simulate crash", Input::SimulateCrash),
            ("/simulate", Input::Usage("Usage: /simulate crash")),
            ("/quit", Input::Quit),
            ("/help", Input::Help(None)),
            ("/help msg", Input::Help(Some("msg"))),
            ("/help /msg", Input::Help(Some("msg"))),
            ("/frobnicate now", Input::Unknown("frobnicate")),
            ("/", Input::Unknown("")),
            ("/ users", Input::Unknown("")),
        ] {
            assert_eq!(Input::parse(line), expected, "{line:?}");
        }
    }

    #[test]
    fn an_id_goes_with_text_and_direct_messages_only() {
        let id = [0xab; 16];
        let text = id::Uuid(id);
        let parse = |rest: &str| match Input::parse(&format!("/id {text} {rest}")) {
            Input::WithId { id: parsed, inner } => {
                assert_eq!(parsed, id);
                format!("{inner:?}")
            }
            other => format!("{other:?}"),
        };
        assert_eq!(parse("hello"), r#"Text("hello")"#);
        assert_eq!(parse("  hello"), r#"Text("  hello")"#);
        assert_eq!(parse("//hello"), r#"Text("/hello")"#);
        assert_eq!(parse("/msg bob hi"), r#"Msg { to: "bob", text: "hi" }"#);
        for refused in ["", "/msg bob", "/users", "/nonsense", &format!("/id {text} hello")] {
            assert!(parse(refused).starts_with("Usage("), "{refused}");
        }
        assert!(matches!(Input::parse("/id 12 hello"), Input::Usage(_)));
    }
}

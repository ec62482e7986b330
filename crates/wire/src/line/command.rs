//! The one table of the line protocol's commands. Parser, help, completion and manual are read off it; none of
//! them knows a command of its own.

use super::input::{self, Input};

/// A command: a row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// The word after the slash, in lower case.
    pub word: &'static str,
    /// What may follow, as in the list of commands; may be empty.
    pub arguments: &'static str,
    /// What it does, in a few words, as in the list of commands.
    pub summary: &'static str,
    /// The line that answers wrong arguments.
    pub usage: &'static str,
    /// What else is to be known, in sentences.
    pub about: &'static str,
    /// Whether it stands in the list that greets a user.
    pub greets: bool,
    /// What each argument is; the last holds for all that follow it.
    pub completes: &'static [Argument],
    /// Reads the arguments; `None` is answered with `usage`.
    pub(super) parse: for<'a> fn(&'a str) -> Option<Input<'a>>,
}

/// What stands at an argument's place, for completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// Nothing that could be completed.
    Free,
    /// A user's name.
    User,
    /// A command's word.
    Command,
    /// Text to people: names inside it can be completed once they are begun.
    Text,
    /// One of these.
    Among(&'static [&'static str]),
}

/// The table, in the order of the list of commands.
pub const COMMANDS: &[Command] = &[
    Command {
        word: "users",
        arguments: "",
        summary: "List all users",
        usage: "Usage: /users",
        about: "Shows who is online, who has been idle for a minute, how many messages there are, and how long the \
                server has been up.",
        greets: true,
        completes: &[],
        parse: |_| Some(Input::Users),
    },
    Command {
        word: "history",
        arguments: "[N]",
        summary: "Show last N messages",
        usage: "Usage: /history [N]",
        about: "N is 20 if it is not given, and at most 100.",
        greets: true,
        completes: &[Argument::Free],
        parse: input::history,
    },
    Command {
        word: "msg",
        arguments: "<user> <msg>",
        summary: "Private message",
        usage: "Usage: /msg <username> <message>",
        about: "Only that user and you will see it. If the user is away it is kept and delivered on return.",
        greets: true,
        completes: &[Argument::User, Argument::Text],
        parse: |arguments| input::msg(arguments).map(|(to, text)| Input::Msg { to, text }),
    },
    Command {
        word: "token",
        arguments: "",
        summary: "Show your reconnect token",
        usage: "Usage: /token",
        about: "Keep it to yourself: with it, anyone can take your place.",
        greets: true,
        completes: &[],
        parse: |_| Some(Input::Token),
    },
    Command {
        word: "stats",
        arguments: "",
        summary: "Show your stats",
        usage: "Usage: /stats",
        about: "Shows how many messages you have sent and received, and when you were last active.",
        greets: true,
        completes: &[],
        parse: |_| Some(Input::Stats),
    },
    Command {
        word: "simulate",
        arguments: "crash",
        summary: "Test crash handling",
        usage: "Usage: /simulate crash",
        about: "Cuts your connection without a goodbye, to see what the others see and what reconnecting restores.",
        greets: true,
        completes: &[Argument::Among(&["crash"])],
        parse: input::simulate,
    },
    Command {
        word: "quit",
        arguments: "",
        summary: "Leave",
        usage: "Usage: /quit",
        about: "Says goodbye and closes the connection.",
        greets: true,
        completes: &[],
        parse: |_| Some(Input::Quit),
    },
    Command {
        word: "help",
        arguments: "[command]",
        summary: "Say more about a command",
        usage: "Usage: /help [command]",
        about: "Without a command it lists them all.",
        greets: true,
        completes: &[Argument::Command],
        parse: input::help,
    },
    Command {
        word: "id",
        arguments: "<uuid> <line>",
        summary: "Send a line under an id of your own",
        usage: "Usage: /id <uuid> <text>, or /id <uuid> /msg <username> <message>",
        about: "For programs. The same id is the same message for ever: sent again after a broken connection, it is \
                acknowledged again and shown to nobody twice.",
        greets: false,
        completes: &[Argument::Free, Argument::Text],
        parse: input::with_id,
    },
];

/// The command of that word, in whatever case.
pub fn find(word: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.word.eq_ignore_ascii_case(word))
}

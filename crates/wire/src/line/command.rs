//! The one table of the line protocol's commands. Parser, help, completion and manual are read off it; none of
//! them knows a command of its own.

mod keep;
mod original;
mod talk;

use super::input::Input;

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
    /// A room's name.
    Room,
    /// A command's word.
    Command,
    /// Text to people: names inside it can be completed once they are begun.
    Text,
    /// One of these.
    Among(&'static [&'static str]),
}

/// The table, in the order of the list of commands: a part a file.
const TABLE: [&[Command]; 3] = [original::ORIGINAL, talk::TALK, keep::KEEP];

/// All commands, in the order of the list.
pub fn commands() -> impl Iterator<Item = &'static Command> + Clone {
    TABLE.iter().flat_map(|part| part.iter())
}

/// The command of that word, in whatever case.
pub fn find(word: &str) -> Option<&'static Command> {
    commands().find(|command| command.word.eq_ignore_ascii_case(word))
}

//! What Tab offers: commands and their arguments from the table, names from whoever asks. Knows no terminal.

use super::command::{self, Argument, find};

/// What could replace the end of what has been typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Byte offset at which the replacement starts.
    pub start: usize,
    /// The replacements, in the order of the table and of the names.
    pub candidates: Vec<String>,
}

/// Completes what stands before the cursor. `names` are those of people and, with their `#`, of rooms; they come best
/// first, and are matched in whatever case.
pub fn complete<S: AsRef<str>>(before_cursor: &str, names: &[S]) -> Completion {
    let (typed, place) = place(before_cursor);
    let candidates = match place {
        Place::Word => commands(typed).map(|word| format!("/{word}")).collect(),
        Place::Argument(Argument::Command) => commands(typed).map(String::from).collect(),
        Place::Argument(Argument::Among(choices)) => choices
            .iter()
            .filter(|choice| begins(choice, typed))
            .map(|choice| String::from(*choice))
            .collect(),
        Place::Argument(Argument::User) => users(typed, names),
        Place::Argument(Argument::Text) if !typed.is_empty() => users(typed, names),
        Place::Argument(Argument::Room) => rooms(typed, names),
        Place::Argument(Argument::Text | Argument::Free) => Vec::new(),
    };
    let slash = usize::from(place == Place::Word);
    Completion { start: before_cursor.len() - typed.len() - slash, candidates }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The command's word, after the slash.
    Word,
    Argument(Argument),
}

/// What has been typed of the last word, and what should stand there.
fn place(before_cursor: &str) -> (&str, Place) {
    let typed = before_cursor.rsplit(char::is_whitespace).next().unwrap_or_default();
    let line = before_cursor.trim_start();
    let Some(command) = line.strip_prefix('/').filter(|rest| !rest.starts_with('/')) else {
        return (typed, Place::Argument(Argument::Text));
    };
    if !command.contains(char::is_whitespace) {
        return (command, Place::Word);
    }
    // The words that are complete stand before the typed one; the first of them is the command.
    let complete = command.get(..command.len() - typed.len()).unwrap_or_default();
    let mut words = complete.split_whitespace();
    let arguments = words.next().and_then(find).map_or(&[][..], |command| command.completes);
    let argument = arguments.get(words.count()).or(arguments.last());
    (typed, Place::Argument(argument.copied().unwrap_or(Argument::Free)))
}

fn commands(typed: &str) -> impl Iterator<Item = &'static str> {
    command::commands().map(|command| command.word).filter(move |word| begins(word, typed))
}

fn users<S: AsRef<str>>(typed: &str, names: &[S]) -> Vec<String> {
    // Who has typed nothing yet means people.
    let meant = |name: &&str| begins(name, typed) && (!name.starts_with('#') || typed.starts_with('#'));
    names.iter().map(AsRef::as_ref).filter(meant).map(String::from).collect()
}

fn rooms<S: AsRef<str>>(typed: &str, names: &[S]) -> Vec<String> {
    let typed = typed.strip_prefix('#').unwrap_or(typed);
    let meant = |name: &&str| name.strip_prefix('#').is_some_and(|room| begins(room, typed));
    names.iter().map(AsRef::as_ref).filter(meant).map(String::from).collect()
}

fn begins(word: &str, typed: &str) -> bool {
    let mut word = word.chars().flat_map(char::to_lowercase);
    typed.chars().flat_map(char::to_lowercase).all(|typed| word.next() == Some(typed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tab_offers_what_the_table_and_the_names_allow() {
        let names = ["bob", "Bea", "Ärzte", "alice", "#tea", "#Tennis"];
        for (typed, start, expected) in [
            ("/st", 0, &["/stats"][..]),
            ("  /qu", 2, &["/quit"]),
            ("/simulate ", 10, &["crash"]),
            ("/simulate x", 10, &[]),
            ("/help h", 6, &["history", "help"]),
            ("/msg B", 5, &["bob", "Bea"]),
            ("/msg ", 5, &["bob", "Bea", "Ärzte", "alice"]),
            ("/msg bob ask al", 13, &["alice"]),
            ("/msg bob ", 9, &[]),
            ("/history 1", 9, &[]),
            ("/users b", 7, &[]),
            ("hello är", 6, &["Ärzte"]),
            ("al", 0, &["alice"]),
            ("hello ", 6, &[]),
            ("/join #te", 6, &["#tea", "#Tennis"]),
            ("/join TEN", 6, &["#Tennis"]),
            ("/leave ", 7, &["#tea", "#Tennis"]),
            ("come to #te", 8, &["#tea", "#Tennis"]),
            ("//s", 0, &[]),
            ("/nonsense b", 10, &[]),
            ("", 0, &[]),
        ] {
            let candidates = expected.iter().map(|text| String::from(*text)).collect();
            assert_eq!(complete(typed, &names), Completion { start, candidates }, "{typed:?}");
        }
    }
}

//! The table of commands as people read it. Every sentence comes from the table.

use super::command::{Command, commands, find};
use super::words;

/// Adds the list that greets a user, a line each, its heading first.
pub fn greeting(out: &mut String) {
    list(out, |command| command.greets);
}

/// Adds the answer to `/help`, about all commands or one.
pub fn help(topic: Option<&str>, out: &mut String) {
    match topic.map(|word| find(word).ok_or(word)) {
        None => {
            list(out, |_| true);
            push(out, &["  //text - Send a text that begins with a slash\n"]);
        }
        Some(Ok(command)) => {
            entry(out, command);
            push(out, &["  ", command.about, "\n"]);
        }
        Some(Err(word)) => push(out, &[words::UNKNOWN, word, "\n"]),
    }
}

/// The commands as a Markdown table, for the manual.
pub fn markdown() -> String {
    let mut out = String::from("| command | what it does |\n|---|---|\n");
    for command in commands() {
        let (gap, arguments) = spaced(command);
        // A bar would end the cell.
        let arguments = &arguments.replace('|', "\\|");
        push(
            &mut out,
            &["| `/", command.word, gap, arguments, "` | ", command.summary, ". ", command.about, " |\n"],
        );
    }
    out
}

fn list(out: &mut String, shown: impl Fn(&Command) -> bool) {
    push(out, &[words::COMMANDS, "\n"]);
    for command in commands().filter(|command| shown(command)) {
        entry(out, command);
    }
}

fn entry(out: &mut String, command: &Command) {
    let (gap, arguments) = spaced(command);
    push(out, &["  /", command.word, gap, arguments, " - ", command.summary, "\n"]);
}

fn spaced(command: &Command) -> (&'static str, &'static str) {
    (if command.arguments.is_empty() { "" } else { " " }, command.arguments)
}

fn push(out: &mut String, parts: &[&str]) {
    out.extend(parts.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_is_the_originals_with_help_after_it() {
        let mut shown = String::new();
        greeting(&mut shown);
        assert_eq!(
            shown,
            "Commands:\n  /users - List all users\n  /history [N] - Show last N messages\n  /msg <user> <msg> - \
             Private message\n  /token - Show your reconnect token\n  /stats - Show your stats\n  /simulate crash \
             - Test crash handling\n  /quit - Leave\n  /help [command] - Say more about a command\n"
        );
    }

    #[test]
    fn help_tells_of_each_command_and_of_none() {
        let ask = |topic| {
            let mut shown = String::new();
            help(topic, &mut shown);
            shown
        };
        for command in commands() {
            assert!(ask(None).contains(&format!("  /{}", command.word)));
            assert!(ask(Some(command.word)).contains(command.about));
            assert!(markdown().contains(command.about));
        }
        assert_eq!(ask(Some("quit")), "  /quit - Leave\n  Says goodbye and closes the connection.\n");
        assert_eq!(ask(Some("nonsense")), "Unknown: /nonsense\n");
    }
}

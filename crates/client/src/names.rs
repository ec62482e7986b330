//! The names that Tab offers: people and rooms heard of, and of the people those who spoke last first. Knows no terminal.

use chatroom_wire::line::heard::Heard;
use std::collections::VecDeque;

/// Names remembered; past this the one not heard of for the longest time is forgotten.
const REMEMBERED: usize = 1000;

/// Names, the best guess first.
#[derive(Debug, Default)]
pub(crate) struct Names {
    names: VecDeque<String>,
}

impl Names {
    /// Takes the names out of a line from the server.
    pub(crate) fn heard(&mut self, line: &str, heard: &Heard<'_>) {
        match heard {
            // The original repeats its announcements under this name.
            Heard::Recent { from: "system", .. } => {}
            Heard::Said { from, .. } | Heard::Recent { from, .. } | Heard::From { sender: from, .. } => {
                self.spoke(from)
            }
            Heard::SaidIn(said) | Heard::RecentIn(said) => {
                self.spoke(said.from);
                said.room.into_iter().for_each(|room| self.is_here(room));
            }
            Heard::Edited { from, .. } => self.spoke(from),
            Heard::NowIn { room } => self.is_here(room),
            Heard::Joined { user } => self.is_here(user),
            Heard::Other => {
                // `*** bob joined #tea ***`, and a row of the list of rooms: `  * #tea (3)`
                let room = line.split(' ').nth(3).filter(|room| {
                    room.starts_with('#')
                        && ["*** ", "  * ", "  @ ", "  - "].iter().any(|row| line.starts_with(row))
                });
                room.into_iter().for_each(|room| self.is_here(room));
                if room.is_some() {
                    return;
                }
                if let Some(entry) = line.strip_prefix("  - ") {
                    self.is_here(entry.strip_suffix(" (idle)").unwrap_or(entry));
                }
            }
            _ => {}
        }
    }

    /// All of them, those who spoke last first.
    pub(crate) fn best_first(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }

    fn spoke(&mut self, name: &str) {
        let known =
            self.names.iter().position(|known| known == name).and_then(|index| self.names.remove(index));
        self.names.push_front(known.unwrap_or_else(|| name.to_owned()));
        self.names.truncate(REMEMBERED);
    }

    fn is_here(&mut self, name: &str) {
        if self.names.len() < REMEMBERED && !self.names.iter().any(|known| known == name) {
            self.names.push_back(name.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(lines: &[&str]) -> Vec<String> {
        let mut names = Names::default();
        for line in lines {
            names.heard(line, &Heard::parse(line));
        }
        names.best_first().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn those_who_spoke_last_come_first() {
        let heard = after(&[
            "*** ann joined the chat ***",
            "Users online:",
            "  - ann",
            "  - bob (idle)",
            "[cid]: hello",
            "[From bob]: psst",
            " [dan]: long ago",
            "  /users - List all users",
            "[cid]: again",
        ]);
        assert_eq!(heard, ["cid", "dan", "bob", "ann"]);
    }

    #[test]
    fn rooms_are_heard_of_too() {
        let heard = after(&[
            "#tea [bob]: hi",
            "Now in #tea.",
            "Rooms:",
            "  * #lobby (3)",
            "  - #coffee (1, private)",
            "*** cid joined #milk ***",
            "* dan waves",
        ]);
        assert_eq!(heard, ["dan", "bob", "#tea", "#lobby", "#coffee", "#milk"]);
    }

    #[test]
    fn memory_is_bounded() {
        let lines: Vec<String> = (0..2 * REMEMBERED).map(|number| format!("[u{number}]: x")).collect();
        let heard = after(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(heard.len(), REMEMBERED);
        assert_eq!(heard[0], format!("u{}", 2 * REMEMBERED - 1));
    }
}

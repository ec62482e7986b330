//! What the messages given to somebody who comes back tell him: which of them are new, and which of his own lines had
//! arrived. Compares texts only, for the line protocol has no numbers.

use chatroom_wire::line::heard::Said;
use std::collections::VecDeque;

/// Messages remembered as seen; more than any server repeats on entering.
const REMEMBERED: usize = 100;
/// Messages in a row that must be the same to be taken for the same messages.
const PROOF: usize = 3;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// The room, unless it is the first.
    pub(super) room: Option<String>,
    pub(super) from: String,
    pub(super) text: String,
}

impl Message {
    pub(super) fn of(said: &Said<'_>) -> Self {
        Self { room: said.room.map(str::to_owned), from: said.from.to_owned(), text: said.text.to_owned() }
    }
}

/// The newest messages this client has seen, oldest first.
#[derive(Debug, Default)]
pub(super) struct Seen {
    messages: VecDeque<Message>,
}

impl Seen {
    pub(super) fn push(&mut self, message: Message) {
        if self.messages.len() == REMEMBERED {
            self.messages.pop_front();
        }
        self.messages.push_back(message);
    }

    /// Whether a message like this one has been seen.
    pub(super) fn has(&self, message: &Message) -> bool {
        self.messages.contains(message)
    }

    /// The part of `recent`, the first room's, that comes after everything seen there: past the longest overlap of our
    /// end with its beginning.
    pub(super) fn unseen<'m>(&self, recent: &'m [Message]) -> &'m [Message] {
        let seen: Vec<&Message> = self.in_first_room().collect();
        let longest = recent.len().min(seen.len());
        let overlaps = |count: &usize| seen[seen.len() - count..].iter().copied().eq(&recent[..*count]);
        let overlap = (0..=longest).rev().find(overlaps).unwrap_or(0);
        &recent[overlap..]
    }

    /// How many messages at the beginning of `missed` were seen before: as many as end with what was seen last.
    ///
    /// Fewer than three alike are no proof: somebody may say the same again, and hiding it would be worse.
    pub(super) fn repeated(&self, missed: &[Message]) -> usize {
        let ends_as_seen = |end: &usize| {
            let alike = (*end).min(self.messages.len());
            alike >= PROOF
                && self.messages.iter().rev().take(alike).eq(missed[..*end].iter().rev().take(alike))
        };
        (PROOF..=missed.len()).rev().find(ends_as_seen).unwrap_or(0)
    }

    /// How many of `unknown`, lines by `me` with an unknown outcome in the order they were sent, stand in `recent`.
    ///
    /// Of two possible answers it gives the smaller: a line that then comes twice is better than one that is lost.
    pub(super) fn arrived(&self, me: &str, unknown: &[&str], recent: &[Message]) -> usize {
        let own = |message: &&Message| message.from == me;
        let recent: Vec<&str> = recent.iter().filter(own).map(|message| message.text.trim()).collect();
        let mut sent: Vec<&str> =
            self.in_first_room().filter(own).map(|message| message.text.trim()).collect();
        for count in 0..=unknown.len() {
            if sent.ends_with(&recent) {
                return count;
            }
            sent.extend(unknown.get(count).map(|text| text.trim()));
        }
        0
    }

    fn in_first_room(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(|message| message.room.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chatroom_wire::line::heard::Manner;

    fn said<'a>(from: &'a str, text: &'a str) -> Said<'a> {
        Said { room: None, from, manner: Manner::Plain, text }
    }

    fn messages(lines: &[(&str, &str)]) -> Vec<Message> {
        let message = |(from, text): &(&str, &str)| Message::of(&said(from, text));
        lines.iter().map(message).collect()
    }

    fn seen(lines: &[(&str, &str)]) -> Seen {
        Seen { messages: messages(lines).into() }
    }

    #[test]
    fn only_what_is_new_is_left() {
        let before = seen(&[("ann", "one"), ("bob", "two"), ("ann", "three")]);
        let recent = messages(&[("bob", "two"), ("ann", "three"), ("bob", "four")]);
        assert_eq!(before.unseen(&recent), &messages(&[("bob", "four")])[..]);
        let all_new = messages(&[("cid", "x")]);
        assert_eq!(before.unseen(&all_new), &all_new[..]);
        assert!(before.unseen(&recent[..2]).is_empty());
        let mut elsewhere = before;
        elsewhere.push(Message { room: Some("#tea".into()), from: "ann".into(), text: "hm".into() });
        assert_eq!(elsewhere.unseen(&recent), &messages(&[("bob", "four")])[..], "other rooms are others");
        assert_eq!(Seen::default().unseen(&recent), &recent[..]);
    }

    #[test]
    fn what_is_given_again_is_found_wherever_it_begins() {
        let before = seen(&[("ann", "1"), ("bob", "2"), ("ann", "3"), ("bob", "4")]);
        let check = |missed: &[(&str, &str)]| before.repeated(&messages(missed));
        let (one, two, three, four, five) =
            (("ann", "1"), ("bob", "2"), ("ann", "3"), ("bob", "4"), ("cid", "5"));
        assert_eq!(check(&[("ann", "0"), one, two, three, four, five]), 5);
        assert_eq!(check(&[two, three, four, five]), 3);
        assert_eq!(check(&[one, two, three, four]), 4);
        assert_eq!(check(&[five]), 0);
        assert_eq!(check(&[four, five]), 0, "one alike is no proof");
        assert_eq!(check(&[two, three]), 0, "the end of what was seen is not there");
        assert_eq!(Seen::default().repeated(&messages(&[one, two, three])), 0);
    }

    #[test]
    fn own_lines_are_found_and_equal_texts_are_not_mistaken() {
        let before = seen(&[("me", "ok"), ("ann", "hm")]);
        let check =
            |unknown: &[&str], recent: &[(&str, &str)]| before.arrived("me", unknown, &messages(recent));
        assert_eq!(check(&["b", "c"], &[("me", "ok"), ("ann", "hm"), ("me", "b")]), 1);
        assert_eq!(check(&["b", "c"], &[("me", "b"), ("ann", "hm"), ("me", "c")]), 2);
        assert_eq!(
            check(&["ok"], &[("me", "ok"), ("ann", "hm")]),
            0,
            "the one that was seen before is not the new one"
        );
        assert_eq!(check(&["ok"], &[("me", "ok"), ("ann", "hm"), ("me", "ok")]), 1);
        assert_eq!(check(&["b"], &[("ann", "hm")]), 0);
        assert_eq!(check(&["b"], &[("me", "never said here")]), 0);
    }

    #[test]
    fn memory_is_bounded() {
        let mut seen = Seen::default();
        for number in 0..3 * REMEMBERED {
            seen.push(Message::of(&said("ann", &number.to_string())));
        }
        assert_eq!(seen.messages.len(), REMEMBERED);
    }
}

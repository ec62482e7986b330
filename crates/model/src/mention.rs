//! Finds whom a message mentions. Knows nothing of who exists or who is there.

use crate::Name;
use compact_str::CompactString;

/// Names a message may mention; the rest of them is text.
pub const MENTIONS_MAX: usize = 32;

/// Whom a message mentions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// The keys of the names, in order, each once, at most [`MENTIONS_MAX`].
    pub keys: Vec<CompactString>,
    /// Whether everybody in the room is meant, by `@room`.
    pub room: bool,
}

/// The mentions of a text: `@name` as a whole word, outside of what stands between two backticks.
#[must_use]
pub fn mentions(text: &str) -> Mentions {
    let mut found = Mentions::default();
    let mut rest = text;
    while let Some((outside, after)) = rest.split_once('`') {
        outside_code(outside, &mut found);
        // A backtick without a second one is text.
        rest = after.split_once('`').map_or(after, |(_, more)| more);
    }
    outside_code(rest, &mut found);
    found
}

fn outside_code(text: &str, found: &mut Mentions) {
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        let whole =
            character == '@' && !before.is_alphanumeric() && !matches!(before, '_' | '/' | '@' | '\\');
        before = character;
        let Some(rest) = text.get(at + 1..).filter(|_| whole) else { continue };
        let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.')));
        let word = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default().trim_end_matches(['.', '-']);
        if word.eq_ignore_ascii_case("room") {
            found.room = true;
        } else if found.keys.len() < MENTIONS_MAX
            && let Ok(name) = Name::parse(word)
            && !found.keys.iter().any(|key| key == name.key())
        {
            found.keys.push(name.key().into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_words_outside_of_code_are_mentions() {
        for (text, keys, room) in [
            ("hi @Bob, @оля and @bob.", &["bob", "оля"][..], false),
            ("a@b.c `@eve` @room", &[], true),
            ("one ` @bob", &["bob"], false),
        ] {
            let found = mentions(text);
            assert_eq!(
                (found.keys, found.room),
                (keys.iter().map(|&key| key.into()).collect(), room),
                "{text:?}"
            );
        }
    }

    #[test]
    fn at_most_so_many_are_mentioned() {
        let text = |count: usize| (0..count).map(|n| format!("@u{n} ")).collect::<String>();
        assert_eq!(mentions(&text(MENTIONS_MAX)).keys.len(), MENTIONS_MAX);
        assert_eq!(mentions(&text(MENTIONS_MAX + 1)).keys.len(), MENTIONS_MAX);
    }

    proptest! {
        #[test]
        fn any_text_has_bounded_mentions_each_once(text in r"([@` a-c]|\PC){0,200}") {
            let mut keys = mentions(&text).keys;
            let count = keys.len();
            keys.sort();
            keys.dedup();
            prop_assert!(count == keys.len() && count <= MENTIONS_MAX);
        }
    }
}

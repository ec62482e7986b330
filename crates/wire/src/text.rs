//! What reaches a terminal never acts: takes out of people's text whatever would. Knows no terminal.
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

use std::borrow::Cow;

/// The text without anything that acts on a terminal, a log or another protocol's lines.
///
/// Tabs and everything that ends a line become a space. Other control characters (C0, DEL, C1) and the marks
/// that override or isolate the direction of what follows are removed. What remains of a text that was nothing
/// else is empty. Text that needs nothing is lent, not copied.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let Some((safe, rest)) = text.find(acts).and_then(|first| text.split_at_checked(first)) else {
        return Cow::Borrowed(text);
    };
    let mut cleaned = String::with_capacity(text.len());
    cleaned.push_str(safe);
    cleaned.extend(rest.chars().filter_map(harmless));
    Cow::Owned(cleaned)
}

/// Whether a character acts instead of being shown.
pub fn acts(character: char) -> bool {
    harmless(character) != Some(character)
}

/// What to show in the place of a character, if anything.
fn harmless(character: char) -> Option<char> {
    match character {
        '\t' | '\n' | '\x0b' | '\x0c' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        other if other.is_control() => None,
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_lent() {
        for text in ["", "hello", "grüß dich, 世界 👩‍👩‍👧", "שלום \u{200f}", "~ tilde ~"]
        {
            assert!(matches!(clean(text), Cow::Borrowed(same) if same == text), "{text:?}");
        }
    }

    #[test]
    fn what_acts_is_taken_out() {
        for (text, shown) in [
            ("a\tb", "a b"),
            ("red \x1b[31mtext", "red [31mtext"),
            ("title \x1b]0;x\x07", "title ]0;x"),
            ("eight bit \u{9b}31m csi", "eight bit 31m csi"),
            ("ctcp \x01VERSION\x01", "ctcp VERSION"),
            ("over\rwrite", "over write"),
            ("two\r\nlines", "two  lines"),
            ("next\u{85}line", "next line"),
            ("para\u{2029}graph\u{2028}", "para graph "),
            ("exe.\u{202e}gpj\u{202c}", "exe.gpj"),
            ("iso\u{2066}late\u{2069}", "isolate"),
            ("rub\x7fout", "rubout"),
            ("\x00\x1b", ""),
        ] {
            assert_eq!(clean(text), shown, "{text:?}");
        }
    }
}

//! What the index is given of a text, and whether a text really says what is searched for. Knows no database.

use super::fold::{Unit, units};
use chatroom_model::{Name, Query, RoomId, Term, UserId};
use std::fmt::Write as _;
use std::ops::Range;

/// Bytes of a word that reach the index: longer ones are told apart by the matcher only.
const WORD_BYTES: usize = 64;

// Private-use characters begin what is no word: they are not letters, so no message can have such a token.
const ROOM: char = '\u{e000}';
const AUTHOR: char = '\u{e001}';
const NAME: char = '\u{e002}';
/// ASCII signs of a name, which the index would cut at, are moved here.
const SIGNS: u32 = 0xe100;

/// The token of a room.
pub(super) fn room(room: RoomId) -> String {
    format!("{ROOM}{room}")
}

/// The token of an author.
pub(super) fn author(user: UserId) -> String {
    format!("{AUTHOR}{user}")
}

/// The token of an author's name, by which imported lines and guests of long ago are found.
pub(super) fn name(name: &str) -> String {
    let mut token = String::from(NAME);
    for c in Name::kept(name).key().chars() {
        match c {
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => {
                token.extend(char::from_u32(SIGNS + u32::from(c)));
            }
            c => token.push(c),
        }
    }
    token
}

/// The tokens of a message, each once, with spaces between.
pub(super) fn document(text: &str, of: &[String]) -> String {
    let units = units(text);
    let mut tokens: Vec<(&str, &str)> = Vec::with_capacity(units.len() + of.len());
    tokens.extend(of.iter().map(|token| (token.as_str(), "")));
    let mut before: Option<&Unit> = None;
    for unit in &units {
        tokens.push((cut(&unit.text), ""));
        if let Some(before) = before.filter(|before| pair(before, unit)) {
            tokens.push((&before.text, &unit.text));
        }
        before = Some(unit);
    }
    tokens.sort_unstable();
    tokens.dedup();
    let mut document = String::with_capacity(text.len() + 64);
    for (first, second) in tokens {
        let _ = write!(document, "{first}{second} ");
    }
    document
}

/// Two dense characters with nothing between are one token, so that a search for both does not look at all that has
/// either.
fn pair(before: &Unit, unit: &Unit) -> bool {
    before.dense && unit.dense && unit.joined
}

fn cut(word: &str) -> &str {
    word.get(..word.floor_char_boundary(WORD_BYTES)).unwrap_or(word)
}

/// What a text must say: each term as units that stand one after the other.
#[derive(Debug)]
pub(super) struct Wanted(Vec<Vec<Unit>>);

impl Wanted {
    pub(super) fn of(query: &Query) -> Self {
        let cut = query.terms.iter().map(|(Term::Word(text) | Term::Phrase(text))| units(text));
        Self(cut.filter(|units| !units.is_empty()).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tokens a message must have to say it, each once; that it has them does not mean that it says it.
    pub(super) fn tokens(&self) -> Vec<String> {
        let mut tokens = Vec::new();
        for term in &self.0 {
            for (i, unit) in term.iter().enumerate() {
                let before = i.checked_sub(1).and_then(|i| term.get(i)).filter(|before| pair(before, unit));
                let paired_next = term.get(i + 1).is_some_and(|next| pair(unit, next));
                match before {
                    Some(before) => tokens.push(format!("{}{}", before.text, unit.text)),
                    None if paired_next => {}
                    None => tokens.push(cut(&unit.text).to_owned()),
                }
            }
        }
        tokens.sort_unstable();
        tokens.dedup();
        tokens
    }

    /// Where a text says what is searched for, in bytes, in order and apart; `None` when it does not say all of it.
    pub(super) fn marks(&self, text: &str) -> Option<Vec<Range<usize>>> {
        let units = units(text);
        let mut marks: Vec<Range<usize>> = Vec::new();
        for term in &self.0 {
            let found = marks.len();
            marks.extend(units.windows(term.len()).filter(|here| says(here, term)).filter_map(around));
            if marks.len() == found {
                return None;
            }
        }
        Some(merged(marks))
    }
}

fn says(here: &[Unit], term: &[Unit]) -> bool {
    here.iter().zip(term).enumerate().all(|(i, (unit, wanted))| {
        unit.text == wanted.text && (i == 0 || !wanted.dense || !wanted.joined || unit.joined)
    })
}

fn around(units: &[Unit]) -> Option<Range<usize>> {
    Some(units.first()?.range.start..units.last()?.range.end)
}

fn merged(mut marks: Vec<Range<usize>>) -> Vec<Range<usize>> {
    marks.sort_unstable_by_key(|mark| (mark.start, mark.end));
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(marks.len());
    for mark in marks {
        match apart.last_mut().filter(|last| mark.start < last.end) {
            Some(last) => last.end = last.end.max(mark.end),
            None => apart.push(mark),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;
    use chatroom_model::Millis;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn wanted(query: &str) -> Wanted {
        Wanted::of(&Query::parse(query, Millis(0)).unwrap())
    }

    fn marked(query: &str, text: &str) -> Option<String> {
        let marks = wanted(query).marks(text)?;
        let mut shown = String::new();
        let mut at = 0;
        for mark in marks {
            shown += &format!("{}[{}]", &text[at..mark.start], &text[mark.clone()]);
            at = mark.end;
        }
        Some(shown + &text[at..])
    }

    #[test]
    fn a_text_says_it_or_not() {
        for (query, text, expected) in [
            ("disk full", "The disk is FULL.", Some("The [disk] is [FULL].")),
            ("\"disk full\"", "The disk is full.", None),
            ("\"disk is\"", "disk? Disk, is", Some("disk? [Disk, is]")),
            ("disk", "disks", None),
            ("cafe", "Café au lait", Some("[Café] au lait")),
            ("bar", "foo_bar::baz", Some("foo_[bar]::baz")),
            ("foo_bar::baz", "use foo_bar::baz;", Some("use [foo_bar::baz];")),
            ("a.b", "b.a", None),
            ("京都", "東京都", Some("東[京都]")),
            ("京", "東京都", Some("東[京]都")),
            ("都京", "東京都", None),
            ("本日", "日本。日曜", None),
            ("\"本 日\"", "日本。日曜", Some("日[本。日]曜")),
            ("テスト", "これはﾃｽﾄです", Some("これは[ﾃｽﾄ]です")),
            ("세요", "안녕하세요!", Some("안녕하[세요]!")),
            ("привет", "Привет, мир", Some("[Привет], мир")),
            ("👍", "good 👍🏽!", Some("good [👍🏽]!")),
            ("a", "a a", Some("[a] [a]")),
            ("\"a b a\"", "a b a b a", Some("[a b a b a]")),
        ] {
            assert_eq!(marked(query, text).as_deref(), expected, "{query} in {text}");
        }
    }

    #[test]
    fn what_the_index_is_given() {
        assert_eq!(document("B b 東京 a", &[]), "a b 京 東 東京 ");
        assert_eq!(wanted("東京都 京 x").tokens(), ["x", "京", "京都", "東京"]);
        assert_eq!(name("Bob-1"), name("bob-1"));
        assert_eq!(name("b-1"), "\u{e002}b\u{e12d}1");
        let long = "x".repeat(WORD_BYTES + 1);
        assert_eq!(document(&long, &[]).trim(), &long[1..]);
        assert_eq!(wanted(&long).tokens(), [&long[1..]]);
        assert_eq!(marked(&long, &long[1..]), None, "the matcher sees the whole word");
    }

    proptest! {
        #[test]
        fn what_a_text_says_has_all_tokens_in_the_index(
            text in "[a-c東京都 。é_]{0,20}", from in 0..20usize, len in 1..8usize, quoted: bool
        ) {
            let part: String = text.chars().skip(from).take(len).collect();
            let query = if quoted { format!("\"{part}\"") } else { part };
            if let Ok(query) = Query::parse(&query, Millis(0)) {
                let wanted = Wanted::of(&query);
                if wanted.marks(&text).is_some() {
                    let document = document(&text, &[]);
                    let tokens: BTreeSet<&str> = document.split(' ').collect();
                    for token in wanted.tokens() {
                        prop_assert!(tokens.contains(token.as_str()), "{token:?} of {query:?} in {document:?}");
                    }
                }
            }
        }

        #[test]
        fn marks_are_whole_characters_in_order_and_apart(text in ".{0,40}", query in ".{1,10}") {
            if let Ok(query) = Query::parse(&query, Millis(0))
                && let Some(marks) = Wanted::of(&query).marks(&text)
            {
                let mut last = 0;
                for mark in marks {
                    prop_assert!(mark.start >= last && text.get(mark.clone()).is_some());
                    last = mark.end;
                }
            }
        }
    }
}

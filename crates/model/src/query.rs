//! What somebody searches for: words, phrases, whose, where and when. Knows neither the log nor who is asking.

mod moment;

use crate::Millis;
use compact_str::CompactString;

/// Bytes of UTF-8 a search may have.
pub const QUERY_MAX: usize = 256;
/// Words and phrases a search may have; each costs the index a list to walk.
pub const TERMS_MAX: usize = 16;

/// A search that has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// All of them must stand in a message.
    pub terms: Vec<Term>,
    /// Only what this name wrote.
    pub from: Option<CompactString>,
    /// Only what was written in this room; the name begins with `#`.
    pub room: Option<CompactString>,
    /// Only what was written at this moment or later.
    pub after: Option<Millis>,
    /// Only what was written before this moment.
    pub before: Option<Millis>,
}

/// What a message must say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// A word; with signs inside, its parts one after the other.
    Word(CompactString),
    /// Words one after the other.
    Phrase(CompactString),
}

/// Why a text is not a search.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadQuery {
    /// More than [`QUERY_MAX`] bytes.
    #[error("a search has at most {QUERY_MAX} bytes")]
    TooLong,
    /// More than [`TERMS_MAX`] words and phrases.
    #[error("a search has at most {TERMS_MAX} words and phrases")]
    TooMany,
    /// No word, phrase, name or room.
    #[error("say what to search for: a word, a \"phrase\", from:NAME or in:#ROOM")]
    Nothing,
    /// A key with nothing behind it.
    #[error("{0} needs something behind it, without a space")]
    Empty(&'static str),
    /// A key that stands twice.
    #[error("{0} may stand once")]
    Twice(&'static str),
    /// A moment that is none.
    #[error("'{0}' is not a date: write 2024-12-31, 2024-12-31T18:30, or 2h, 3d, 1w for so long ago")]
    Date(CompactString),
}

/// Whether a character can be searched for: letters and digits of any script, and pictures. What has none is a sign
/// between words.
#[must_use]
pub fn searchable(c: char) -> bool {
    c.is_alphanumeric() || pictured(c)
}

/// Whether a character is a picture that means something by itself, as an emoji does.
#[must_use]
pub fn pictured(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}')
}

impl Query {
    /// Reads a search. Relative moments count back from `now`.
    pub fn parse(text: &str, now: Millis) -> Result<Self, BadQuery> {
        if text.len() > QUERY_MAX {
            return Err(BadQuery::TooLong);
        }
        let mut query = Self::default();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            rest = match rest.strip_prefix('"') {
                Some(quoted) => query.phrase(quoted)?,
                None => query.word(rest, now)?,
            }
            .trim_start();
        }
        if query.terms.is_empty() && query.from.is_none() && query.room.is_none() {
            return Err(BadQuery::Nothing);
        }
        Ok(query)
    }

    /// A phrase ends at its quote, or with the search: who is still typing has not closed it yet.
    fn phrase<'a>(&mut self, quoted: &'a str) -> Result<&'a str, BadQuery> {
        let (inside, rest) = quoted.split_once('"').unwrap_or((quoted, ""));
        self.term(inside, Term::Phrase)?;
        Ok(rest)
    }

    fn word<'a>(&mut self, text: &'a str, now: Millis) -> Result<&'a str, BadQuery> {
        let end = text.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(text.len());
        let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        match word.split_once(':') {
            Some(("from", name)) => once(&mut self.from, "from:", name, |name| Ok(name.into()))?,
            Some(("in", room)) => once(&mut self.room, "in:", room.trim_start_matches('#'), |room| {
                let mut name = CompactString::const_new("#");
                name.push_str(room);
                Ok(name)
            })?,
            Some(("before", date)) => once(&mut self.before, "before:", date, |date| moment(date, now))?,
            Some(("after", date)) => once(&mut self.after, "after:", date, |date| moment(date, now))?,
            _ => self.term(word, Term::Word)?,
        }
        Ok(rest)
    }

    /// Signs alone are passed over: nobody can find them, and they must not keep the rest from being found.
    fn term(&mut self, text: &str, kind: impl Fn(CompactString) -> Term) -> Result<(), BadQuery> {
        if !text.chars().any(searchable) {
            return Ok(());
        }
        if self.terms.len() == TERMS_MAX {
            return Err(BadQuery::TooMany);
        }
        self.terms.push(kind(text.into()));
        Ok(())
    }
}

fn once<T>(
    place: &mut Option<T>,
    key: &'static str,
    value: &str,
    read: impl Fn(&str) -> Result<T, BadQuery>,
) -> Result<(), BadQuery> {
    if value.is_empty() {
        return Err(BadQuery::Empty(key));
    }
    if place.is_some() {
        return Err(BadQuery::Twice(key));
    }
    *place = Some(read(value)?);
    Ok(())
}

fn moment(text: &str, now: Millis) -> Result<Millis, BadQuery> {
    moment::parse(text, now).ok_or_else(|| BadQuery::Date(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Millis = Millis(1_700_000_000_000);

    fn parse(text: &str) -> Result<Query, BadQuery> {
        Query::parse(text, NOW)
    }

    fn word(text: &str) -> Term {
        Term::Word(text.into())
    }

    #[test]
    fn words_phrases_and_keys_are_told_apart() {
        let query =
            parse("disk  \"is full\" from:Оля in:#tea foo:bar after:2023-11-01 before:1d \"in:here").unwrap();
        assert_eq!(
            query,
            Query {
                terms: vec![
                    word("disk"),
                    Term::Phrase("is full".into()),
                    word("foo:bar"),
                    Term::Phrase("in:here".into())
                ],
                from: Some("Оля".into()),
                room: Some("#tea".into()),
                after: Some(Millis(1_698_796_800_000)),
                before: Some(NOW.plus(-86_400_000)),
            }
        );
        assert_eq!(parse("in:tea").unwrap(), parse("in:#tea").unwrap());
        assert_eq!(parse("a\"b\"").unwrap().terms, [word("a"), Term::Phrase("b".into())]);
        assert_eq!(parse("++ c++ ☕").unwrap().terms, [word("c++"), word("☕")]);
    }

    #[test]
    fn what_is_no_search_is_told_in_a_sentence() {
        for (text, why) in [
            ("", BadQuery::Nothing),
            ("  \"\" -- \"...\"", BadQuery::Nothing),
            ("after:2023-11-01", BadQuery::Nothing),
            ("a from:", BadQuery::Empty("from:")),
            ("in:#", BadQuery::Empty("in:")),
            ("from:a from:a", BadQuery::Twice("from:")),
            ("a before:yesterday", BadQuery::Date("yesterday".into())),
            ("a after:2023-02-29", BadQuery::Date("2023-02-29".into())),
        ] {
            assert_eq!(parse(text).unwrap_err(), why, "{text:?}");
        }
    }

    #[test]
    fn a_search_is_refused_at_limit_plus_one() {
        assert!(parse(&"x".repeat(QUERY_MAX)).is_ok());
        assert_eq!(parse(&"x".repeat(QUERY_MAX + 1)), Err(BadQuery::TooLong));
        assert_eq!(parse(&"x ".repeat(TERMS_MAX)).unwrap().terms.len(), TERMS_MAX);
        assert_eq!(parse(&"x ".repeat(TERMS_MAX + 1)), Err(BadQuery::TooMany));
    }

    proptest! {
        #[test]
        fn any_text_is_a_search_or_a_refusal(text in ".{0,300}", now: i64) {
            if let Ok(query) = Query::parse(&text, Millis(now)) {
                prop_assert!(query.terms.len() <= TERMS_MAX);
                prop_assert!(!query.terms.is_empty() || query.from.is_some() || query.room.is_some());
            }
        }

        #[test]
        fn texts_made_of_what_it_looks_for_do_no_harm(
            parts in prop::collection::vec(
                prop::sample::select(vec!["\"", " ", "from:", "in:", "#", "before:", "after:", "a", "東", "2h",
                    "9999999999w", "2024-02-29", "-", ":", "T", "99:99", "\u{0}", "é"]), 0..40),
            now: i64,
        ) {
            let text: String = parts.concat();
            if let Ok(query) = Query::parse(&text, Millis(now)) {
                for term in &query.terms {
                    let (Term::Word(text) | Term::Phrase(text)) = term;
                    prop_assert!(text.chars().any(searchable) && !text.contains('"'));
                }
            }
        }

        #[test]
        fn words_come_back_as_they_were_given(words in prop::collection::vec("[a-zа-я0-9]{1,6}", 1..=TERMS_MAX)) {
            let query = parse(&words.join(" ")).unwrap();
            let expected: Vec<Term> = words.iter().map(|text| word(text)).collect();
            prop_assert_eq!(query.terms, expected);
        }
    }
}

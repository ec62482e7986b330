//! Cuts a text into units that compare: folded words, and single characters of scripts that have no spaces.
//!
//! Folding is compatibility form and lower case; accents go from Latin and Greek letters (café is cafe), points from
//! Arabic and Hebrew ones, and ё is е, but й stays й: it is a letter of its own. The index and the matcher both use what
//! is cut here and nothing else, so they cannot disagree.

use chatroom_model::{pictured, searchable};
use compact_str::CompactString;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What compares as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    /// Folded; a word, or one character when it is dense.
    pub(super) text: CompactString,
    /// Where it stands, in bytes of the text.
    pub(super) range: Range<usize>,
    /// One character of a script without spaces, or a picture.
    pub(super) dense: bool,
    /// It follows the unit before with nothing between.
    pub(super) joined: bool,
}

/// All units of a text, in order.
pub(super) fn units(text: &str) -> Vec<Unit> {
    let mut cut = Cut { units: Vec::with_capacity(text.len() / 6 + 1), word: None, touching: false };
    let mut rest = text.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        if c.is_ascii() {
            cut.ascii(start, c);
            continue;
        }
        let mut end = start + c.len_utf8();
        // Conjoining Hangul is composed with what follows; everything else takes its marks along.
        while let Some((at, next)) = rest.next_if(|(_, next)| continues(*next)) {
            end = at + next.len_utf8();
        }
        cut.cluster(c, text.get(start..end).unwrap_or_default(), start..end);
    }
    cut.finish();
    cut.units
}

/// What belongs to the character before it: marks, vowels and endings of conjoining Hangul, and what is not seen.
fn continues(c: char) -> bool {
    !c.is_ascii()
        && (is_combining_mark(c)
            || matches!(c, '\u{1160}'..='\u{11ff}' | '\u{ff9e}' | '\u{ff9f}')
            || unseen(c))
}

fn unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{1f3fb}'..='\u{1f3ff}')
}

struct Cut {
    units: Vec<Unit>,
    word: Option<(CompactString, Range<usize>)>,
    /// Nothing stood between the last unit and here.
    touching: bool,
}

impl Cut {
    fn ascii(&mut self, start: usize, c: char) {
        if c.is_ascii_alphanumeric() {
            self.letters(start..start + 1, |word| word.push(c.to_ascii_lowercase()));
        } else {
            self.gap();
        }
    }

    fn cluster(&mut self, first: char, cluster: &str, range: Range<usize>) {
        if unseen(first) || is_combining_mark(first) {
            // A mark after an ASCII letter, or after nothing: an accent of the letter before.
            match &mut self.word {
                Some((word, whole)) => {
                    whole.end = range.end;
                    accented(word, cluster);
                }
                None if unseen(first) => {}
                None => self.gap(),
            }
        } else if !searchable(first) {
            self.gap();
        } else if pictured(first) {
            self.dense(std::iter::once(first).collect(), range);
        } else {
            for text in folded(cluster) {
                if text.chars().next().is_some_and(spaceless) {
                    self.dense(text, range.clone());
                } else {
                    self.letters(range.clone(), |word| word.push_str(&text));
                }
            }
        }
    }

    fn letters(&mut self, range: Range<usize>, push: impl FnOnce(&mut CompactString)) {
        let (word, whole) = self.word.get_or_insert_with(|| (CompactString::default(), range.clone()));
        whole.end = range.end;
        push(word);
    }

    fn dense(&mut self, text: CompactString, range: Range<usize>) {
        self.finish();
        self.units.push(Unit { text, range, dense: true, joined: self.touching });
        self.touching = true;
    }

    fn gap(&mut self) {
        self.finish();
        self.touching = false;
    }

    fn finish(&mut self) {
        if let Some((text, range)) = self.word.take() {
            self.units.push(Unit { text, range, dense: false, joined: self.touching });
            self.touching = true;
        }
    }
}

/// Scripts written without spaces between words, or, like Hangul, with endings that stick to the word.
fn spaceless(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}'        // Thai, Lao
        | '\u{1000}'..='\u{109f}'      // Myanmar
        | '\u{1100}'..='\u{11ff}'      // Hangul, conjoining
        | '\u{1780}'..='\u{17ff}'      // Khmer
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{31ff}'      // Kana, Bopomofo, Hangul
        | '\u{3400}'..='\u{4dbf}'      // Han
        | '\u{4e00}'..='\u{9fff}'
        | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}'      // Hangul
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// One character and its marks, folded; more than one text when the compatibility form has several dense characters.
fn folded(cluster: &str) -> Vec<CompactString> {
    let mut texts: Vec<CompactString> = Vec::with_capacity(1);
    for c in cluster.nfkc().filter(|c| !unseen(*c)) {
        if spaceless(c) && !is_combining_mark(c) {
            texts.push(std::iter::once(c).collect());
            continue;
        }
        let kept = searchable(c) || is_combining_mark(c);
        let after_dense = texts.last().and_then(|text| text.chars().next()).is_some_and(spaceless);
        if texts.is_empty() || after_dense && searchable(c) && !is_combining_mark(c) {
            texts.push(CompactString::default());
        }
        if let Some(text) = texts.last_mut().filter(|_| kept) {
            lower(text, c);
        }
    }
    texts.retain(|text| !text.is_empty());
    texts
}

fn lower(text: &mut CompactString, c: char) {
    for c in c.to_lowercase() {
        match c {
            'ß' => text.push_str("ss"),
            'ς' => text.push('σ'),
            'ё' => text.push('е'),
            'æ' => text.push_str("ae"),
            'œ' => text.push_str("oe"),
            'ø' => text.push('o'),
            'ł' => text.push('l'),
            'đ' => text.push('d'),
            'ı' => text.push('i'),
            c if is_combining_mark(c) && pointless(text, c) => {}
            c if c.is_ascii() => text.push(c),
            c => bare(text, c),
        }
    }
}

/// A letter without its accents, where they are accents and not another letter.
fn bare(text: &mut CompactString, c: char) {
    let mut parts = std::iter::once(c).nfd();
    match parts.next() {
        Some(base) if accents_go(base) => text.push(if base == 'ς' { 'σ' } else { base }),
        _ => text.push(c),
    }
}

fn accents_go(base: char) -> bool {
    base.is_ascii_alphabetic() || matches!(base, 'α'..='ω')
}

/// Whether a mark after this text is dropped.
fn pointless(text: &str, mark: char) -> bool {
    match mark {
        '\u{300}'..='\u{36f}' => text.chars().next_back().is_none_or(accents_go),
        '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{670}' => true,
        _ => false,
    }
}

/// Marks that follow a letter already in the word.
fn accented(word: &mut CompactString, marks: &str) {
    for mark in marks.nfkc().filter(|c| is_combining_mark(*c) && !unseen(*c)) {
        if !pointless(word, mark) {
            word.push(mark);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(text: &str) -> Vec<String> {
        let show = |unit: Unit| format!("{}{}", if unit.joined { "+" } else { "" }, unit.text);
        units(text).into_iter().map(show).collect()
    }

    #[test]
    fn words_fold_by_case_and_accent() {
        for (text, expected) in [
            ("Hello, World!", vec!["hello", "world"]),
            ("foo_bar::baz a.b don't", vec!["foo", "bar", "baz", "a", "b", "don", "t"]),
            ("Café CAFE\u{301} naïve Ångström", vec!["cafe", "cafe", "naive", "angstrom"]),
            ("Straße ŁÓDŹ", vec!["strasse", "lodz"]),
            ("ЁЖ й и\u{306} Й", vec!["еж", "й", "й", "й"]),
            ("ΟΔΟΣ οδός", vec!["οδοσ", "οδοσ"]),
            ("İstanbul", vec!["istanbul"]),
            ("ﬁne Ｗｉｄｅ x²", vec!["fine", "wide", "x2"]),
            ("שָׁלוֹם مُحَمَّد", vec!["שלום", "محمد"]),
            ("हिन्दी", vec!["हिन्दी"]),
            ("soft\u{ad}hyphen", vec!["softhyphen"]),
            ("", vec![]),
            ("-- … ¿", vec![]),
        ] {
            assert_eq!(cut(text), expected, "{text}");
        }
    }

    #[test]
    fn scripts_without_spaces_are_cut_by_character() {
        for (text, expected) in [
            ("東京。AI研究", vec!["東", "+京", "ai", "+研", "+究"]),
            ("ｶﾞガか\u{3099}", vec!["ガ", "+ガ", "+が"]),
            ("안녕 \u{1112}\u{1161}\u{11ab}", vec!["안", "+녕", "한"]),
            ("good👍🏽☕\u{fe0f}!", vec!["good", "+👍", "+☕"]),
            ("ที่นี่", vec!["ที่", "+นี่"]),
        ] {
            assert_eq!(cut(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn units_stand_in_order_on_whole_characters(text in ".{0,60}") {
            let mut last = 0;
            for unit in units(&text) {
                prop_assert!(!unit.text.is_empty());
                prop_assert!(text.get(unit.range.clone()).is_some_and(|part| !part.is_empty()));
                prop_assert!(unit.range.start >= last);
                last = unit.range.start;
                prop_assert!(unit.text.chars().all(|c| c.is_ascii_alphanumeric() || !c.is_ascii()), "{:?}", unit);
            }
        }

        #[test]
        fn folding_twice_changes_nothing(text in ".{0,30}") {
            for unit in units(&text) {
                let again = units(&unit.text);
                prop_assert_eq!(again.iter().map(|unit| unit.text.as_str()).collect::<String>(), unit.text.as_str());
            }
        }
    }
}

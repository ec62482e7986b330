//! Texts as small numbers, so that an operation is compact and comparing names is comparing numbers. Forgets nothing.

use std::collections::HashMap;

/// A text of a history; the default is the empty one, which means absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(u32);

impl Name {
    /// No text.
    pub const NONE: Self = Self(0);

    /// Whether there is no text.
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }
}

/// All texts of one history.
pub struct Names {
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, Name>,
}

impl Default for Names {
    fn default() -> Self {
        let mut names = Self { texts: Vec::new(), numbers: HashMap::new() };
        names.add("");
        names
    }
}

impl Names {
    /// The number of a text, new if it was not known.
    pub fn add(&mut self, text: &str) -> Name {
        if text.is_empty() && !self.texts.is_empty() {
            return Name::default();
        }
        if let Some(&name) = self.numbers.get(text) {
            return name;
        }
        let name = Name(u32::try_from(self.texts.len()).expect("a history has fewer than 2^32 names"));
        self.texts.push(text.into());
        self.numbers.insert(text.into(), name);
        name
    }

    /// The same for a text that is likely this one again, as most are from line to line.
    pub fn again(&mut self, likely: Name, text: &str) -> Name {
        if self.text(likely) == text { likely } else { self.add(text) }
    }

    /// The text of a number given by [`Names::add`].
    pub fn text(&self, name: Name) -> &str {
        &self.texts[name.0 as usize]
    }

    /// The number of a text that is known.
    pub fn find(&self, text: &str) -> Option<Name> {
        self.numbers.get(text).copied()
    }
}

//! What programs know and say beside what people do: IRC's user name and real name, and its client-only tags. Bounded.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Bytes of a user name.
pub const IDENT_USER: usize = 20;
/// Bytes of a real name.
pub const IDENT_REAL: usize = 150;
/// Bytes of the client-only tags of one message (IRCv3 message-tags: 4094 with the marks around them).
pub const TAGS_MAX: usize = 4094;

/// How an IRC client introduces its user: the second word and the last parameter of `USER` (RFC 2812, section 3.1.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ident {
    /// One word of letters, digits and a few marks.
    pub user: CompactString,
    /// One line.
    pub real: CompactString,
    /// What it says of its user by letters, each once, in their order: see [`IDENT_MODES`].
    #[serde(default, skip_serializing_if = "CompactString::is_empty")]
    pub modes: CompactString,
}

/// Letters an IRC client may say of its user: a program (`B`, IRCv3 bot mode), who hears nothing from those who are not
/// registered (`R`), whose program is asked nothing by programs (`T`), who is not shown to strangers (`i`).
pub const IDENT_MODES: [char; 4] = ['B', 'R', 'T', 'i'];

impl Ident {
    /// Makes one of what a client said: what does not belong is left out, what is too long is cut at a whole character.
    #[must_use]
    pub fn of(user: &str, real: &str) -> Self {
        let word = |c: char| {
            c.is_ascii_alphanumeric()
                || matches!(c, '-' | '_' | '.' | '[' | ']' | '\\' | '^' | '{' | '}' | '|' | '`' | '~')
        };
        let mut user: CompactString = user.chars().filter(|c| word(*c)).take(IDENT_USER).collect();
        if user.is_empty() {
            user.push('u');
        }
        Self { user, real: cut(real, IDENT_REAL), modes: CompactString::default() }
    }

    /// Whether it is one that [`Ident::of`] makes.
    #[must_use]
    pub fn is_proper(&self) -> bool {
        let modes: CompactString = IDENT_MODES.into_iter().filter(|letter| self.is(*letter)).collect();
        *self == Self { modes, ..Self::of(&self.user, &self.real) }
    }

    /// Whether it says something of its user.
    #[must_use]
    pub fn is(&self, letter: char) -> bool {
        self.modes.contains(letter)
    }

    /// The same with a letter, or without it.
    #[must_use]
    pub fn with(&self, letter: char, on: bool) -> Self {
        let is = |other: &char| if *other == letter { on } else { self.is(*other) };
        Self { modes: IDENT_MODES.into_iter().filter(is).collect(), ..self.clone() }
    }
}

/// The beginning of a line, without control characters, of so many bytes at most.
fn cut(text: &str, most: usize) -> CompactString {
    let mut out = CompactString::default();
    for c in text.chars().filter(|c| !c.is_control()) {
        if out.len() + c.len_utf8() > most {
            break;
        }
        out.push(c);
    }
    out
}

/// Client-only tags as they travel, `+name=value;+name`, escaped (IRCv3 message-tags); mostly there are none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tags(Option<Box<str>>);

impl Tags {
    /// Checks a text: at most [`TAGS_MAX`] bytes, every tag begins with `+`, nothing that ends the tags.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self(None));
        }
        let ends = |c: char| c.is_control() || c == ' ';
        let named = |tag: &str| tag.len() > 1 && tag.starts_with('+') && !tag.starts_with("+=");
        let proper = text.len() <= TAGS_MAX && !text.contains(ends) && text.split(';').all(named);
        proper.then(|| Self(Some(text.into())))
    }

    /// The text; empty when there are none.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

/// Hides the text: what programs say to programs may be what people say.
impl fmt::Debug for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tags({} bytes)", self.as_str().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_refused_at_limit_plus_one_and_when_they_could_end_the_tags() {
        let most = format!("+{}", "a".repeat(TAGS_MAX - 1));
        assert_eq!(Tags::parse(&most).expect("as many as there may be").as_str(), most);
        for bad in [&format!("{most}a"), "+a b", "a=b", "+", "+=b", "+a;", "+a\r"] {
            assert_eq!(Tags::parse(bad), None, "{bad}");
        }
        assert_eq!(Tags::parse("+a=b;+draft/c").expect("two tags").as_str(), "+a=b;+draft/c");
        assert!(Tags::parse("").expect("none").is_empty());
    }

    #[test]
    fn an_ident_is_cut_and_cleaned() {
        let ident = Ident::of(&"a!@ b".repeat(20), &"é\u{7}".repeat(200));
        assert_eq!((ident.user.len(), ident.real.len()), (IDENT_USER, IDENT_REAL));
        assert!(ident.is_proper() && !ident.real.contains('\u{7}'));
        assert_eq!(Ident::of("!!", "").user, "u");
        let bot = ident.with('i', true).with('B', true).with('B', true);
        assert_eq!((&*bot.modes, &*bot.with('i', false).modes), ("Bi", "B"));
        assert!(bot.is_proper());
        for modes in ["iB", "BB", "x"] {
            assert!(!Ident { modes: modes.into(), ..ident.clone() }.is_proper(), "{modes}");
        }
    }
}

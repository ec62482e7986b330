//! Message tags: how they are told apart and escaped (IRCv3 message-tags). Knows nothing of what they mean.

use std::borrow::Cow;

/// One tag; its value is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Its name, with the `+` of a client-only one.
    pub name: &'a str,
    /// Its value; empty is the same as none.
    pub value: &'a str,
}

/// The tags of a text as it stands between `@` and the space.
pub fn of(text: &str) -> impl Iterator<Item = Tag<'_>> {
    text.split(';').filter(|tag| !tag.is_empty()).map(|tag| {
        let (name, value) = tag.split_once('=').unwrap_or((tag, ""));
        Tag { name, value }
    })
}

/// A value as it was meant.
#[must_use]
pub fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return value.into();
    }
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(':') => out.push(';'),
            Some('s') => out.push(' '),
            Some('r') => out.push('\r'),
            Some('n') => out.push('\n'),
            Some(other) => out.push(other),
            None => {}
        }
    }
    out.into()
}

/// Adds a value as it may stand in tags.
pub fn escape(out: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            ';' => out.push_str("\\:"),
            ' ' => out.push_str("\\s"),
            '\\' => out.push_str("\\\\"),
            '\r' => out.push_str("\\r"),
            '\n' => out.push_str("\\n"),
            '\0' => {}
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_escaped_reads_back(text in "[^\0]{0,40}") {
            let mut escaped = String::new();
            escape(&mut escaped, &text);
            prop_assert!(!escaped.contains([' ', ';', '\r', '\n']));
            prop_assert_eq!(unescape(&escaped), text);
        }
    }

    #[test]
    fn escapes_that_are_none_lose_the_mark() {
        assert_eq!(unescape("a\\bc\\"), "abc");
    }
}

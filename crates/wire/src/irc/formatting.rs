//! IRC's formatting codes, which mean nothing elsewhere: taken out of what crosses into other protocols.

use std::borrow::Cow;

/// The text without bold, italic, colours and the like, and without the digits that belong to colours.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(['\x02', '\x03', '\x04', '\x0f', '\x11', '\x16', '\x1d', '\x1e', '\x1f']) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\x02' | '\x0f' | '\x11' | '\x16' | '\x1d' | '\x1e' | '\x1f' => {}
            '\x03' => colours(&mut rest, 2, |c| c.is_ascii_digit()),
            '\x04' => colours(&mut rest, 6, |c| c.is_ascii_hexdigit()),
            other => out.push(other),
        }
    }
    out.into()
}

/// Passes over one colour, and a second after a comma.
fn colours(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, most: usize, is: impl Fn(&char) -> bool) {
    let digits = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| {
        let mut found = 0;
        while found < most && rest.peek().is_some_and(&is) {
            rest.next();
            found += 1;
        }
        found > 0
    };
    if digits(rest) {
        let mut ahead = rest.clone();
        if ahead.next() == Some(',') && ahead.peek().is_some_and(&is) {
            rest.next();
            digits(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_go_and_their_digits_with_them() {
        for (text, left) in [
            ("plain", "plain"),
            ("\x02bold\x02 \x1ditalic\x0f", "bold italic"),
            ("\x0304red\x03", "red"),
            ("\x034,12both, or", "both, or"),
            ("\x03123", "3"),
            ("\x031,x", ",x"),
            ("\x03,1", ",1"),
            ("\x04ff0000,00ff00hex", "hex"),
            ("\x03", ""),
        ] {
            assert_eq!(plain(text), left, "{text:?}");
        }
    }
}

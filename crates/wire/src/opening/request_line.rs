//! Recognises an HTTP request line (RFC 9112, section 3) that may not be complete yet. Takes nothing from it.

use super::Match;

/// Matches `method SP target SP HTTP/digit`.
pub(super) fn request_line(bytes: &[u8]) -> Match {
    after_word(bytes, is_token)
        .and_then(|rest| after_word(rest, |byte| byte > b' ' && byte != 0x7f))
        .map_or_else(|not_whole| not_whole, version)
}

/// What stands after one word and its space, or how the match ended.
fn after_word(bytes: &[u8], allowed: impl Fn(u8) -> bool) -> Result<&[u8], Match> {
    let length = bytes.iter().position(|byte| !allowed(*byte)).ok_or(Match::Part)?;
    match bytes.split_at_checked(length) {
        Some(([_, ..], [b' ', rest @ ..])) => Ok(rest),
        _ => Err(Match::No),
    }
}

fn version(bytes: &[u8]) -> Match {
    match super::begins(bytes, b"HTTP/", false) {
        Match::Whole => match bytes.get(5) {
            Some(b'0'..=b'9') => Match::Whole,
            Some(_) => Match::No,
            None => Match::Part,
        },
        not_whole => not_whole,
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

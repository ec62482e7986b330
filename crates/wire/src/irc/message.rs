//! One line from an IRC client, taken apart (RFC 1459, section 2.3.1, and IRCv3 message-tags). Lends from the line; bounded.
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

use super::tags::{self, Tag};
use std::borrow::Cow;

/// Bytes a message may have without its tags and line end: 512 with CR and LF (RFC 1459).
pub const BODY_BYTES: usize = 510;
/// Bytes a client's tags may have between `@` and the space (IRCv3 message-tags: 4096 with both).
pub const TAGS_BYTES: usize = 4094;
/// Parameters of one message; what follows the 14th is the 15th, whatever is in it.
pub const PARAMS_MAX: usize = 15;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// The tags, escaped as they came.
    pub tags: &'a str,
    /// The command, as it came.
    pub command: &'a str,
    /// Its parameters.
    pub params: Vec<&'a str>,
}

/// Why a line is no message that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMessage {
    /// There is nothing in it.
    #[error("an empty line")]
    Empty,
    /// More than [`BODY_BYTES`] or [`TAGS_BYTES`].
    #[error("Input line was too long")]
    TooLong,
    /// What stands where a command does is none.
    #[error("not a command")]
    NoCommand,
}

impl<'a> Message<'a> {
    /// Takes a line apart.
    pub fn parse(line: &'a str) -> Result<Self, BadMessage> {
        let (tags, rest) = match line.strip_prefix('@') {
            Some(tagged) => tagged.split_once(' ').unwrap_or((tagged, "")),
            None => ("", line),
        };
        if tags.len() > TAGS_BYTES {
            return Err(BadMessage::TooLong);
        }
        let rest = rest.trim_start_matches(' ');
        if rest.len() > BODY_BYTES {
            return Err(BadMessage::TooLong);
        }
        // What a client says of where it comes from is not listened to.
        let rest = match rest.strip_prefix(':') {
            Some(sourced) => sourced.split_once(' ').map_or("", |(_, rest)| rest).trim_start_matches(' '),
            None => rest,
        };
        let (command, mut rest) = rest.split_once(' ').unwrap_or((rest, ""));
        if command.is_empty() {
            return Err(BadMessage::Empty);
        }
        if !command.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            return Err(BadMessage::NoCommand);
        }
        let mut params = Vec::new();
        loop {
            rest = rest.trim_start_matches(' ');
            if rest.is_empty() {
                break;
            }
            if let Some(trailing) = rest.strip_prefix(':') {
                params.push(trailing);
                break;
            }
            if params.len() == PARAMS_MAX - 1 {
                params.push(rest);
                break;
            }
            let (param, after) = rest.split_once(' ').unwrap_or((rest, ""));
            params.push(param);
            rest = after;
        }
        Ok(Self { tags, command, params })
    }

    /// A parameter; an empty text where there is none.
    #[must_use]
    pub fn param(&self, n: usize) -> &'a str {
        self.params.get(n).copied().unwrap_or_default()
    }

    /// A tag's value, unescaped; of two of the same name the last counts.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<Cow<'a, str>> {
        tags::of(self.tags).filter(|tag| tag.name == name).last().map(|tag| tags::unescape(tag.value))
    }

    /// The client-only tags as they may be passed on: names that begin with `+`, each once.
    #[must_use]
    pub fn client_tags(&self) -> String {
        let mut kept: Vec<Tag<'_>> = Vec::new();
        for tag in tags::of(self.tags).filter(|tag| tag.name.starts_with('+') && tag.name.len() > 1) {
            kept.retain(|other| other.name != tag.name);
            kept.push(tag);
        }
        let mut out = String::new();
        for tag in kept {
            if !out.is_empty() {
                out.push(';');
            }
            out.push_str(tag.name);
            if !tag.value.is_empty() {
                out.push('=');
                out.push_str(tag.value);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_taken_apart() {
        let message = Message::parse("@a=b\\s;+c :ann!u@h  PRIVMSG #tea  :hi : there").unwrap();
        assert_eq!((message.command, &message.params[..]), ("PRIVMSG", &["#tea", "hi : there"][..]));
        assert_eq!(message.tag("a").as_deref(), Some("b "));
        assert_eq!((message.tag("+c").as_deref(), message.tag("d")), (Some(""), None));
        assert_eq!(message.client_tags(), "+c");
        assert_eq!(Message::parse("@+a=1;+b;+a=2 X").unwrap().client_tags(), "+b;+a=2");
        assert_eq!(Message::parse("PART #tea :").unwrap().params, ["#tea", ""]);
        let many = Message::parse("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 :17").unwrap();
        assert_eq!((many.params.len(), many.params[14]), (PARAMS_MAX, "15 16 :17"));
        for (bad, why) in [
            ("", BadMessage::Empty),
            ("   ", BadMessage::Empty),
            ("@a", BadMessage::Empty),
            (":ann", BadMessage::Empty),
            ("P\u{fffd}", BadMessage::NoCommand),
            ("/join", BadMessage::NoCommand),
        ] {
            assert_eq!(Message::parse(bad), Err(why), "{bad:?}");
        }
    }

    #[test]
    fn a_message_is_refused_at_limit_plus_one() {
        let body = |n: usize| format!("PRIVMSG {}", "x".repeat(n - 8));
        assert!(Message::parse(&body(BODY_BYTES)).is_ok());
        assert_eq!(Message::parse(&body(BODY_BYTES + 1)), Err(BadMessage::TooLong));
        let tagged = |n: usize| format!("@{} {}", "x".repeat(n), body(BODY_BYTES));
        assert!(Message::parse(&tagged(TAGS_BYTES)).is_ok());
        assert_eq!(Message::parse(&tagged(TAGS_BYTES + 1)), Err(BadMessage::TooLong));
    }
}

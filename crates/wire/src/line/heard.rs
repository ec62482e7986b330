//! What a line from the server says, for a client. Understands the original's server too, and keeps no state.
//!
//! People's text cannot pass for anything else: the server puts `[<name>]: ` before it, and a name has no colon.
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

use super::{id, words};

/// What a server's line says. What a client need not understand is [`Heard::Other`], to be shown as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are named for what stands there on the line")]
pub enum Heard<'a> {
    /// A name is asked for.
    Prompt,
    /// The token of who has just come.
    YourToken { token: [u8; 16] },
    /// Name and token, as one would type them to reconnect.
    TokenLine { user: &'a str, token: [u8; 16] },
    /// The token was good.
    WelcomeBack { user: &'a str },
    /// In.
    Welcome { user: &'a str },
    /// The token was wrong or has expired.
    BadToken,
    /// `reconnect:` was not followed by a name and a token.
    MalformedReconnect,
    /// The name is connected.
    NameInUse,
    /// The name's owner is away and may come back.
    NameHeld,
    /// It cannot be a name.
    BadName { reason: &'a str },
    /// The last messages follow.
    RecentFollow,
    /// What was missed follows, as live lines.
    MissedFollow,
    /// Somebody said this now; for one's own line, it is stored.
    Said { from: &'a str, text: &'a str },
    /// Somebody said this before.
    Recent { from: &'a str, text: &'a str },
    /// A direct message.
    From { sender: &'a str, text: &'a str },
    /// A direct message of one's own is stored.
    SentTo { user: &'a str, away: bool },
    /// A direct message's receiver does not exist.
    NoSuchUser { user: &'a str },
    /// A direct message was to oneself.
    NotYourself,
    /// Somebody came.
    Joined { user: &'a str },
    /// Somebody left.
    Left { user: &'a str },
    /// It never happened.
    NotSent { id: Option<[u8; 16]>, reason: &'a str },
    /// It may have happened: to be sent again under the same id.
    NotConfirmed { id: Option<[u8; 16]>, reason: &'a str },
    /// A line was too long and has been discarded.
    LineTooLong,
    /// No such command here.
    Unknown { word: &'a str },
    /// The connection is being closed.
    Closing { reason: &'a str },
    /// The server is going.
    ShuttingDown,
    /// The answer to `/quit`.
    Goodbye,
    /// Anything else.
    Other,
}

impl<'a> Heard<'a> {
    /// Reads a line; its end may still be there.
    pub fn parse(line: &'a str) -> Self {
        let line = line.trim_end_matches(['\r', '\n']);
        let heard = match line.as_bytes().first() {
            Some(b'[') => bracketed(line).map(said_or_direct),
            Some(b' ') => indented(line),
            Some(b'*') => announcement(line),
            _ => sentence(line),
        };
        heard.unwrap_or(Self::Other)
    }
}

/// `[<name>]: <text>`
fn bracketed(line: &str) -> Option<(&str, &str)> {
    let (name, text) = line.strip_prefix('[')?.split_once("]:")?;
    (!name.is_empty()).then_some((name, text.strip_prefix(' ').unwrap_or(text)))
}

fn said_or_direct<'a>((from, text): (&'a str, &'a str)) -> Heard<'a> {
    // Names have no spaces, so no name begins with `From `.
    match from.strip_prefix(words::FROM) {
        Some(sender) => Heard::From { sender, text },
        None => Heard::Said { from, text },
    }
}

fn indented(line: &str) -> Option<Heard<'_>> {
    if let Some((from, text)) = line.strip_prefix(' ').and_then(bracketed) {
        return Some(Heard::Recent { from, text });
    }
    let line =
        line.strip_prefix(words::SAVE_THIS).or(line.strip_prefix(words::TO_RECONNECT_LATER)).unwrap_or(line);
    let (user, token) = line.trim().strip_prefix(words::RECONNECT)?.rsplit_once(':')?;
    Some(Heard::TokenLine { user, token: id::parse_hex(token)? })
}

fn announcement(line: &str) -> Option<Heard<'_>> {
    let inner = line.strip_prefix(words::STARS)?.trim_end().strip_suffix(words::STARS)?.strip_prefix(' ')?;
    if let Some(user) = inner.strip_suffix(words::JOINED) {
        return Some(Heard::Joined { user });
    }
    inner.strip_suffix(words::LEFT).map(|user| Heard::Left { user })
}

fn sentence(line: &str) -> Option<Heard<'_>> {
    let line = line.trim_end();
    fixed(line)
        .or_else(|| greeting(line))
        .or_else(|| about_message(line))
        .or_else(|| line.strip_prefix(words::CLOSING).map(|reason| Heard::Closing { reason }))
        .or_else(|| line.strip_prefix(words::UNKNOWN).map(|word| Heard::Unknown { word }))
        .or_else(|| line.strip_prefix(words::BAD_NAME).map(|reason| Heard::BadName { reason }))
}

/// The sentences without anything of their own in them.
fn fixed(line: &str) -> Option<Heard<'static>> {
    const FIXED: &[(&str, Heard<'static>)] = &[
        (words::PROMPT, Heard::Prompt),
        (words::RECENT, Heard::RecentFollow),
        (words::MISSED, Heard::MissedFollow),
        (words::BAD_TOKEN, Heard::BadToken),
        (words::MALFORMED_RECONNECT, Heard::MalformedReconnect),
        (words::NAME_IN_USE, Heard::NameInUse),
        (words::NAME_HELD, Heard::NameHeld),
        (words::NOT_YOURSELF, Heard::NotYourself),
        (words::TOO_LONG, Heard::LineTooLong),
        (words::SHUTTING_DOWN, Heard::ShuttingDown),
        (words::GOODBYE, Heard::Goodbye),
    ];
    FIXED.iter().find(|(sentence, _)| sentence.trim_end() == line).map(|(_, heard)| *heard)
}

fn greeting(line: &str) -> Option<Heard<'_>> {
    if let Some(token) = line.strip_prefix(words::YOUR_TOKEN).or(line.strip_prefix(words::TIP_TOKEN)) {
        return id::parse_hex(token).map(|token| Heard::YourToken { token });
    }
    if let Some(user) = line.strip_prefix(words::WELCOME_BACK) {
        return user.strip_suffix('!').map(|user| Heard::WelcomeBack { user });
    }
    line.strip_prefix(words::WELCOME)?.strip_suffix('!').map(|user| Heard::Welcome { user })
}

fn about_message(line: &str) -> Option<Heard<'_>> {
    if let Some(user) = line.strip_prefix(words::SENT_TO) {
        return Some(match user.strip_suffix(words::AWAY) {
            Some(user) => Heard::SentTo { user, away: true },
            None => Heard::SentTo { user, away: false },
        });
    }
    if let Some(user) =
        line.strip_prefix(words::USER_QUOTE).and_then(|rest| rest.strip_suffix(words::NOT_FOUND))
    {
        return Some(Heard::NoSuchUser { user });
    }
    if let Some((id, reason)) = line.strip_prefix(words::NOT_SENT).and_then(id_and_reason) {
        return Some(Heard::NotSent { id, reason });
    }
    let (id, reason) = line.strip_prefix(words::NOT_CONFIRMED).and_then(id_and_reason)?;
    Some(Heard::NotConfirmed { id, reason })
}

/// `: <reason>` or ` <uuid>: <reason>`
fn id_and_reason(rest: &str) -> Option<(Option<[u8; 16]>, &str)> {
    let (id, reason) = rest.split_once(':')?;
    let id = match id.strip_prefix(' ') {
        Some(id) => Some(id::parse_uuid(id)?),
        None if id.is_empty() => None,
        None => return None,
    };
    Some((id, reason.trim_start()))
}

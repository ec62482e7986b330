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
    /// The name is registered, and its password is asked for.
    PasswordAsked,
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
    /// Somebody said this now, in another room than the first, or as what they do, or as an answer.
    SaidIn(Said<'a>),
    /// The same, before.
    RecentIn(Said<'a>),
    /// A message says something else now.
    Edited { room: Option<&'a str>, from: &'a str, number: u64, text: &'a str },
    /// Plain lines are said there from now on.
    NowIn { room: &'a str },
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
    /// Something else than a message was refused.
    No { reason: &'a str },
    /// Something was done of which nothing else tells.
    Done,
    /// Our lines are read no faster than we may write; none is lost.
    SlowedDown { reason: &'a str },
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

/// What somebody said, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said<'a> {
    /// The room, unless it is the first.
    pub room: Option<&'a str>,
    /// Who.
    pub from: &'a str,
    /// In which way.
    pub manner: Manner,
    /// What.
    pub text: &'a str,
}

/// In which way something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Plainly.
    Plain,
    /// As what somebody does.
    Action,
    /// As an answer to the message of this number.
    Reply(u64),
}

impl<'a> Heard<'a> {
    /// Reads a line; its end may still be there.
    pub fn parse(line: &'a str) -> Self {
        let line = line.trim_end_matches(['\r', '\n']);
        let heard = match line.as_bytes().first() {
            Some(b'[' | b'#') => message(line),
            Some(b' ') => indented(line),
            Some(b'*') => announcement(line).or_else(|| message(line)),
            _ => sentence(line),
        };
        heard.unwrap_or(Self::Other)
    }

    /// What was said now to everybody in a room, however it was said.
    pub fn said(&self) -> Option<Said<'a>> {
        match *self {
            Self::Said { from, text } => Some(Said { room: None, from, manner: Manner::Plain, text }),
            Self::SaidIn(said) => Some(said),
            _ => None,
        }
    }

    /// What was said before to everybody in a room, however it was said.
    pub fn recent(&self) -> Option<Said<'a>> {
        match *self {
            Self::Recent { from, text } => Some(Said { room: None, from, manner: Manner::Plain, text }),
            Self::RecentIn(said) => Some(said),
            _ => None,
        }
    }
}

/// A message, perhaps after the room it is from.
fn message(line: &str) -> Option<Heard<'_>> {
    let (room, line) = match line.split_once(' ') {
        Some((room, rest)) if room.starts_with('#') => (Some(room), rest),
        _ => (None, line),
    };
    let (from, manner, text) = if let Some(acted) = line.strip_prefix("* ") {
        // Names have no spaces, so no name begins with `From `.
        let acted = acted.strip_prefix(words::FROM).map_or((false, acted), |acted| (true, acted));
        let (from, text) = acted.1.split_once(' ')?;
        if acted.0 {
            return Some(Heard::From { sender: from, text });
        }
        (from, Manner::Action, text)
    } else {
        let (head, text) = bracketed(line)?;
        if let Some((from, number)) = head.rsplit_once(words::EDITED)
            && let Ok(number) = number.parse()
        {
            return Some(Heard::Edited { room, from, number, text });
        }
        let answered =
            head.rsplit_once(words::RE).and_then(|(from, number)| Some((from, number.parse().ok()?)));
        let (from, manner) =
            answered.map_or((head, Manner::Plain), |(from, number)| (from, Manner::Reply(number)));
        if let Some(sender) = from.strip_prefix(words::FROM) {
            return Some(Heard::From { sender, text });
        }
        (from, manner, text)
    };
    Some(match (room, manner) {
        (None, Manner::Plain) => Heard::Said { from, text },
        _ => Heard::SaidIn(Said { room, from, manner, text }),
    })
}

/// `[<name>]: <text>`
fn bracketed(line: &str) -> Option<(&str, &str)> {
    let (name, text) = line.strip_prefix('[')?.split_once("]:")?;
    (!name.is_empty()).then_some((name, text.strip_prefix(' ').unwrap_or(text)))
}

fn indented(line: &str) -> Option<Heard<'_>> {
    match line.strip_prefix(' ').and_then(message) {
        Some(Heard::Said { from, text }) => return Some(Heard::Recent { from, text }),
        Some(Heard::From { sender, text }) => {
            let (room, manner) = (None, Manner::Plain);
            return Some(Heard::RecentIn(Said { room, from: sender, manner, text }));
        }
        Some(Heard::SaidIn(said)) => return Some(Heard::RecentIn(said)),
        _ => {}
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
        .or_else(|| line.strip_prefix(words::SLOWED).map(|reason| Heard::SlowedDown { reason }))
        .or_else(|| line.strip_prefix(words::NO).map(|reason| Heard::No { reason }))
        .or_else(|| {
            let room = line.strip_prefix(words::NOW_IN)?.strip_suffix('.')?;
            room.starts_with('#').then_some(Heard::NowIn { room })
        })
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
        (words::PASSWORD, Heard::PasswordAsked),
        (words::DONE, Heard::Done),
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

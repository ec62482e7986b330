//! The commands that the original has not, as a small enum that borrows from the line. Judges no name and decides nothing.

use chatroom_model::{Access, Role, RoomName};

/// The longest time that can be written: a hundred years, in milliseconds.
const LONGEST: i64 = 100 * 366 * 24 * 60 * 60 * 1000;
/// Messages shown when it is not said how many.
const SHOWN: usize = 20;
/// Messages shown at most.
const SHOWN_MAX: usize = 100;

/// What a command asks for. Numbers are those of messages in the room somebody talks in; times are milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the command of its name, and its fields are what the command takes")]
pub enum Ask<'a> {
    Join { room: &'a str, password: Option<&'a str> },
    Leave(Option<&'a str>),
    Create { room: &'a str, access: Access },
    Rooms,
    Unread,
    Read(Option<u64>),
    In { room: &'a str, text: &'a str },
    Who(Option<&'a str>),
    Whois(&'a str),
    Me(&'a str),
    Ids(usize),
    Around(u64),
    Before(u64),
    Since(i64),
    Search(&'a str),
    Reply { number: u64, text: &'a str },
    Edit { number: u64, text: &'a str },
    Delete { number: u64, reason: &'a str },
    React { number: u64, emoji: &'a str, on: bool },
    Pin { number: u64, on: bool },
    Pins,
    Topic(Option<&'a str>),
    Invite(&'a str),
    Kick { user: &'a str, reason: &'a str },
    Ban { who: &'a str, time: Option<i64>, reason: &'a str },
    Unban(&'a str),
    Bans,
    Mute { who: &'a str, time: Option<i64>, reason: &'a str },
    Unmute(&'a str),
    Role { user: &'a str, role: Role },
    Set(Set<'a>),
    Destroy(&'a str),
    Purge { user: &'a str, time: Option<i64>, yes: bool },
    Unpurge(u64),
    Audit(usize),
    Nick(&'a str),
    Register(Hidden<'a>),
    Login { user: &'a str, password: Hidden<'a> },
    Password(Hidden<'a>),
    Away(&'a str),
    Back,
    Profile(&'a str),
    Ignore(Option<&'a str>),
    Unignore(&'a str),
    Operator(Hidden<'a>),
}

/// What can be set about a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is what its name says; none takes it away")]
pub enum Set<'a> {
    Access(Access),
    Password(Option<Hidden<'a>>),
    Slow(u32),
    Limit(Option<u32>),
    Moderated(bool),
    Keep(Option<u64>),
    KeepFor(Option<i64>),
    Archived(bool),
    Outside(bool),
    OpenTopic(bool),
    RegisteredSpeak(bool),
    RegisteredJoin(bool),
    Ctcp(bool),
    /// Another name; it may be one.
    Name(&'a str),
}

/// A secret, which no log shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hidden<'a>(pub &'a str);

impl std::fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// The first word and the rest, without the blanks around them; nothing where there is no word.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (!word.is_empty()).then_some((word, rest.trim_start()))
}

/// One word and nothing after it.
fn only(text: &str) -> Option<&str> {
    word(text).filter(|(_, rest)| rest.is_empty()).map(|(word, _)| word)
}

/// A word, or nothing at all.
fn maybe(text: &str) -> Option<Option<&str>> {
    if text.trim().is_empty() { Some(None) } else { only(text).map(Some) }
}

/// A word and a text that is not empty.
fn and_text(text: &str) -> Option<(&str, &str)> {
    word(text).filter(|(_, rest)| !rest.is_empty())
}

fn number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|number| *number > 0 && *number < u64::MAX >> 2)
}

fn count(text: &str) -> Option<usize> {
    match maybe(text)? {
        None => Some(SHOWN),
        Some(word) => number(word).map(|count| usize::try_from(count).unwrap_or(SHOWN_MAX).min(SHOWN_MAX)),
    }
}

/// A time such as `30m`, in milliseconds.
#[must_use]
pub fn time(text: &str) -> Option<i64> {
    let unit = text.chars().last()?;
    let count = text.strip_suffix(unit)?;
    let unit: i64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        'w' => 7 * 24 * 60 * 60,
        _ => return None,
    };
    let count = i64::try_from(number(count)?).ok()?;
    count.checked_mul(unit * 1000).filter(|time| *time <= LONGEST)
}

/// What `-` says: nothing.
fn unless_dash<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if text == "-" { Some(None) } else { read(text).map(Some) }
}

fn on_off(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

pub(super) fn join(text: &str) -> Option<Ask<'_>> {
    let (room, rest) = word(text)?;
    Some(Ask::Join { room, password: maybe(rest)? })
}

pub(super) fn leave(text: &str) -> Option<Ask<'_>> {
    maybe(text).map(Ask::Leave)
}

pub(super) fn create(text: &str) -> Option<Ask<'_>> {
    let (room, rest) = word(text)?;
    let access = maybe(rest)?.map_or(Some(Access::Public), Access::read)?;
    Some(Ask::Create { room, access })
}

pub(super) fn read(text: &str) -> Option<Ask<'_>> {
    maybe(text)?.map_or(Some(Ask::Read(None)), |word| number(word).map(|n| Ask::Read(Some(n))))
}

pub(super) fn within(text: &str) -> Option<Ask<'_>> {
    and_text(text).map(|(room, text)| Ask::In { room, text })
}

pub(super) fn who(text: &str) -> Option<Ask<'_>> {
    maybe(text).map(Ask::Who)
}

pub(super) fn whois(text: &str) -> Option<Ask<'_>> {
    only(text).map(Ask::Whois)
}

pub(super) fn me(text: &str) -> Option<Ask<'_>> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(Ask::Me)
}

pub(super) fn ids(text: &str) -> Option<Ask<'_>> {
    count(text).map(Ask::Ids)
}

pub(super) fn around(text: &str) -> Option<Ask<'_>> {
    only(text).and_then(number).map(Ask::Around)
}

pub(super) fn before(text: &str) -> Option<Ask<'_>> {
    only(text).and_then(number).map(Ask::Before)
}

pub(super) fn since(text: &str) -> Option<Ask<'_>> {
    only(text).and_then(time).map(Ask::Since)
}

pub(super) fn search(text: &str) -> Option<Ask<'_>> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(Ask::Search)
}

pub(super) fn reply(text: &str) -> Option<Ask<'_>> {
    let (word, text) = and_text(text)?;
    Some(Ask::Reply { number: number(word)?, text })
}

pub(super) fn edit(text: &str) -> Option<Ask<'_>> {
    let (word, text) = and_text(text)?;
    Some(Ask::Edit { number: number(word)?, text })
}

pub(super) fn delete(text: &str) -> Option<Ask<'_>> {
    let (word, reason) = word(text)?;
    Some(Ask::Delete { number: number(word)?, reason })
}

pub(super) fn react(text: &str) -> Option<Ask<'_>> {
    let (word, emoji) = and_text(text)?;
    Some(Ask::React { number: number(word)?, emoji: only(emoji)?, on: true })
}

pub(super) fn unreact(text: &str) -> Option<Ask<'_>> {
    let (word, emoji) = and_text(text)?;
    Some(Ask::React { number: number(word)?, emoji: only(emoji)?, on: false })
}

pub(super) fn pin(text: &str) -> Option<Ask<'_>> {
    only(text).and_then(number).map(|number| Ask::Pin { number, on: true })
}

pub(super) fn unpin(text: &str) -> Option<Ask<'_>> {
    only(text).and_then(number).map(|number| Ask::Pin { number, on: false })
}

pub(super) fn topic(text: &str) -> Option<Ask<'_>> {
    let text = text.trim();
    Some(Ask::Topic((!text.is_empty()).then_some(text)))
}

pub(super) fn invite(text: &str) -> Option<Ask<'_>> {
    only(text).map(Ask::Invite)
}

pub(super) fn kick(text: &str) -> Option<Ask<'_>> {
    word(text).map(|(user, reason)| Ask::Kick { user, reason })
}

/// Whom, for how long, why.
fn sanction(text: &str) -> Option<(&str, Option<i64>, &str)> {
    let (who, rest) = word(text)?;
    match word(rest).and_then(|(first, rest)| time(first).map(|time| (time, rest))) {
        Some((time, reason)) => Some((who, Some(time), reason)),
        None => Some((who, None, rest)),
    }
}

pub(super) fn ban(text: &str) -> Option<Ask<'_>> {
    sanction(text).map(|(who, time, reason)| Ask::Ban { who, time, reason })
}

pub(super) fn unban(text: &str) -> Option<Ask<'_>> {
    only(text).map(Ask::Unban)
}

pub(super) fn mute(text: &str) -> Option<Ask<'_>> {
    sanction(text).map(|(who, time, reason)| Ask::Mute { who, time, reason })
}

pub(super) fn unmute(text: &str) -> Option<Ask<'_>> {
    only(text).map(Ask::Unmute)
}

pub(super) fn role(text: &str) -> Option<Ask<'_>> {
    let (user, role) = and_text(text)?;
    Some(Ask::Role { user, role: Role::read(only(role)?)? })
}

pub(super) fn set(text: &str) -> Option<Ask<'_>> {
    let (what, value) = and_text(text)?;
    let value = value.trim();
    let small = |text: &str| number(text).and_then(|n| u32::try_from(n).ok());
    let set = match what {
        "access" => Set::Access(Access::read(value)?),
        "password" => Set::Password(only(value).map(|word| (word != "-").then_some(Hidden(word)))?),
        "slow" if value == "0" || value == "-" => Set::Slow(0),
        "slow" => Set::Slow(small(value)?),
        "limit" => Set::Limit(unless_dash(value, small)?),
        "moderated" => Set::Moderated(on_off(value)?),
        "keep" => Set::Keep(unless_dash(value, number)?),
        "keep-for" => Set::KeepFor(unless_dash(value, time)?),
        "archived" => Set::Archived(on_off(value)?),
        "outside" => Set::Outside(on_off(value)?),
        "open-topic" => Set::OpenTopic(on_off(value)?),
        "registered-speak" => Set::RegisteredSpeak(on_off(value)?),
        "registered-join" => Set::RegisteredJoin(on_off(value)?),
        "ctcp" => Set::Ctcp(on_off(value)?),
        "name" => Set::Name(only(value).filter(|name| RoomName::parse(name).is_ok())?),
        _ => return None,
    };
    Some(Ask::Set(set))
}

pub(super) fn destroy(text: &str) -> Option<Ask<'_>> {
    only(text).map(Ask::Destroy)
}

pub(super) fn purge(text: &str) -> Option<Ask<'_>> {
    let (user, rest) = word(text)?;
    let (mut time_back, mut yes) = (None, false);
    for word in rest.split_whitespace() {
        match word {
            "yes" if !yes => yes = true,
            other if time_back.is_none() && !yes => time_back = Some(time(other)?),
            _ => return None,
        }
    }
    Some(Ask::Purge { user, time: time_back, yes })
}

pub(super) fn unpurge(text: &str) -> Option<Ask<'_>> {
    only(text).and_then(number).map(Ask::Unpurge)
}

pub(super) fn audit(text: &str) -> Option<Ask<'_>> {
    count(text).map(Ask::Audit)
}

pub(super) fn nick(text: &str) -> Option<Ask<'_>> {
    only(text).map(Ask::Nick)
}

pub(super) fn register(text: &str) -> Option<Ask<'_>> {
    only(text).map(|password| Ask::Register(Hidden(password)))
}

pub(super) fn login(text: &str) -> Option<Ask<'_>> {
    let (user, password) = and_text(text)?;
    Some(Ask::Login { user, password: Hidden(only(password)?) })
}

pub(super) fn password(text: &str) -> Option<Ask<'_>> {
    only(text).map(|password| Ask::Password(Hidden(password)))
}

pub(super) fn away(text: &str) -> Option<Ask<'_>> {
    Some(Ask::Away(text.trim()))
}

pub(super) fn profile(text: &str) -> Option<Ask<'_>> {
    Some(text.trim()).filter(|text| !text.is_empty()).map(Ask::Profile)
}

pub(super) fn ignore(text: &str) -> Option<Ask<'_>> {
    maybe(text).map(Ask::Ignore)
}

pub(super) fn operator(text: &str) -> Option<Ask<'_>> {
    only(text).map(|token| Ask::Operator(Hidden(token)))
}

pub(super) fn unignore(text: &str) -> Option<Ask<'_>> {
    only(text).map(Ask::Unignore)
}

#[cfg(test)]
mod tests;

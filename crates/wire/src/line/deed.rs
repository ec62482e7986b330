//! Commands that do something, as the deeds they ask for. Judges what can be judged without the log: names, masks, numbers.

use super::ask::{Ask, Set};
use crate::text;
use chatroom_model::{
    Deed, Mask, Millis, Name, Refusal, Retention, Room, RoomId, RoomName, Seq, Setting, Where, room_password,
};

/// How long a purge can be undone: a day.
pub const UNDO: i64 = 24 * 60 * 60 * 1000;

/// Why a command cannot be a deed.
#[derive(Debug)]
pub enum Not {
    /// The log would say this.
    Refused(Refusal),
    /// In a sentence.
    Because(String),
}

impl From<Refusal> for Not {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A name, cleaned and checked. One that cannot be held is nobody's.
pub fn name(text: &str) -> Result<Name, Not> {
    let text = text::clean(text);
    Name::parse(&text).map_err(|_| Not::Because(format!("nobody is called {text}")))
}

/// A room by a name, or by `@` and somebody's name the conversation with them. One that cannot be is nowhere.
pub fn place(text: &str) -> Result<Where, Not> {
    let text = text::clean(text);
    let place = match text.strip_prefix('@') {
        Some(name) => Name::parse(name).ok().map(Where::With),
        None => RoomName::parse(&text).ok().map(Where::Name),
    };
    place.ok_or(Not::Refused(Refusal::NoSuchRoom))
}

fn line(text: &str) -> String {
    text::clean(text).into_owned()
}

/// The deed a command asks for, done in `here` where it names no room; nothing for commands that are no deeds.
pub fn deed(ask: &Ask<'_>, here: RoomId, now: Millis) -> Result<Option<Deed>, Not> {
    let room = Where::Id(here);
    let until = |time: &Option<i64>| time.map(|time| now.plus(time));
    let mask = |text: &str| {
        Mask::parse(&text::clean(text)).map_err(|why| Not::Because(format!("{} is {why}", text::clean(text))))
    };
    Ok(Some(match ask {
        Ask::Leave(Some(text)) => Deed::Leave { room: place(text)?, reason: String::new() },
        Ask::Leave(None) => Deed::Leave { room, reason: String::new() },
        Ask::Edit { number, text } => {
            Deed::Edit { room, seq: Seq(*number), body: line(text), client_id: None }
        }
        Ask::Delete { number, reason } => Deed::Redact { room, seq: Seq(*number), reason: line(reason) },
        Ask::React { number, emoji, on } => {
            Deed::React { room, seq: Seq(*number), emoji: line(emoji), on: *on }
        }
        Ask::Pin { number, on } => Deed::Pin { room, seq: Seq(*number), on: *on },
        Ask::Topic(Some(text)) => {
            let text = if *text == "-" { String::new() } else { line(text) };
            Deed::Set { room, setting: Setting::Topic(text) }
        }
        Ask::Invite(user) => Deed::Invite { room, user: name(user)? },
        Ask::Kick { user, reason } => Deed::Kick { room, user: name(user)?, reason: line(reason) },
        Ask::Ban { who, time, reason } => {
            Deed::Ban { room, mask: mask(who)?, reason: line(reason), until: until(time) }
        }
        Ask::Mute { who, time, reason } => {
            Deed::Mute { room, mask: mask(who)?, reason: line(reason), until: until(time) }
        }
        Ask::Unban(who) => Deed::Unban { room, mask: mask(who)? },
        Ask::Unmute(who) => Deed::Unmute { room, mask: mask(who)? },
        Ask::Role { user, role } => Deed::Role { room, user: name(user)?, role: *role, voiced: false },
        Ask::Set(Set::Keep(_) | Set::KeepFor(_)) => return Ok(None),
        Ask::Set(set) => Deed::Set { room, setting: setting(set) },
        Ask::Unpurge(purge) => Deed::Unpurge { room, purge: *purge },
        Ask::Away(text) => {
            let text = line(text);
            Deed::Away { text: Some(if text.is_empty() { "away".into() } else { text }) }
        }
        Ask::Back => Deed::Away { text: None },
        Ask::Profile(text) => Deed::Profile { text: if *text == "-" { String::new() } else { line(text) } },
        Ask::Ignore(Some(user)) => Deed::Ignore { user: name(user)?, on: true },
        Ask::Unignore(user) => Deed::Ignore { user: name(user)?, on: false },
        Ask::Destroy(text) => Deed::Delete { room: place(text)? },
        Ask::Nick(text) => {
            let text = text::clean(text);
            let name =
                Name::parse(&text).map_err(|why| Not::Because(format!("{text} cannot be a name: {why}")))?;
            Deed::Nick { name }
        }
        Ask::Join { .. }
        | Ask::Create { .. }
        | Ask::Rooms
        | Ask::Unread
        | Ask::Read(_)
        | Ask::In { .. }
        | Ask::Who(_)
        | Ask::Whois(_)
        | Ask::Me(_)
        | Ask::Ids(_)
        | Ask::Around(_)
        | Ask::Before(_)
        | Ask::Since(_)
        | Ask::Search(_)
        | Ask::Reply { .. }
        | Ask::Pins
        | Ask::Topic(None)
        | Ask::Bans
        | Ask::Purge { .. }
        | Ask::Audit(_)
        | Ask::Register(_)
        | Ask::Login { .. }
        | Ask::Password(_)
        | Ask::Operator(_)
        | Ask::Ignore(None) => return Ok(None),
    }))
}

fn setting(set: &Set<'_>) -> Setting {
    match set {
        Set::Access(access) => Setting::Access(*access),
        Set::Password(word) => Setting::Password(word.map(|word| room_password(word.0))),
        Set::Slow(seconds) => Setting::Slow(*seconds),
        Set::Limit(most) => Setting::Limit(*most),
        Set::Moderated(on) => Setting::Moderated(*on),
        Set::Archived(on) => Setting::Archived(*on),
        Set::Outside(on) => Setting::Outside(*on),
        Set::OpenTopic(on) => Setting::OpenTopic(*on),
        Set::RegisteredSpeak(on) => Setting::RegisteredSpeak(*on),
        Set::RegisteredJoin(on) => Setting::RegisteredJoin(*on),
        Set::Ctcp(on) => Setting::NoCtcp(!*on),
        Set::Name(name) => Setting::Name { name: RoomName::kept(name), reason: String::new() },
        Set::Keep(number) => Setting::Retention(Retention { age: None, number: *number }),
        Set::KeepFor(age) => Setting::Retention(Retention { age: *age, number: None }),
    }
}

/// One half of a room's retention is set, the other stays.
#[must_use]
pub fn retention(room: &Room, set: &Set<'_>) -> Setting {
    Setting::Retention(match set {
        Set::Keep(number) => Retention { number: *number, ..room.retention },
        Set::KeepFor(age) => Retention { age: *age, ..room.retention },
        _ => room.retention,
    })
}

//! Lists: who is in a room, and which rooms there are.

use super::rooms::room_name;
use super::{Irc, irc, numeric};
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::commands::read;
use crate::session::talk::Talk;
use chatroom_model::{Act, Millis, Role, RoomName, Where};
use chatroom_store::{Look, Person};
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::isupport::TARGETS_MAX;
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::reply::numeric::*;
use chatroom_wire::irc::{known, mask};

/// The marks of somebody in a room: all of them for clients with multi-prefix, else the highest.
pub(super) fn marks(caps: Caps, role: Role, voiced: bool) -> &'static str {
    match role {
        Role::Owner | Role::Moderator if voiced && caps.has(Caps::MULTI_PREFIX) => "@+",
        Role::Owner | Role::Moderator => "@",
        Role::Voice => "+",
        Role::Member => "",
    }
}

/// Who is in a room: those online, since the others cannot be spoken to at once.
pub(super) fn names(out: &mut String, irc: &Irc, room: &str, look: &Look, people: &[Person]) {
    listed(out, irc, room, look, people);
    irc.numeric(out, RPL_ENDOFNAMES, &[room, "End of /NAMES list"]);
}

fn listed(out: &mut String, irc: &Irc, room: &str, look: &Look, people: &[Person]) {
    let caps = irc.caps.get();
    let sign = if !look.room.access.shown() { "@" } else { "=" };
    let mut text = String::new();
    for person in people.iter().filter(|person| person.online) {
        let mut word = marks(caps, person.role, person.voiced).to_owned();
        word.push_str(&person.name);
        if caps.has(Caps::USERHOST_IN_NAMES) {
            word.push_str(&userhost(person));
        }
        if !text.is_empty() && text.len() + word.len() > 380 {
            irc.numeric(out, RPL_NAMREPLY, &[sign, room, &text]);
            text.clear();
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word);
    }
    if !text.is_empty() {
        // One name is a list too.
        let begun = out.len();
        irc.numeric(out, RPL_NAMREPLY, &[sign, room, &text]);
        if !text.contains(' ') {
            let at = begun + out[begun..].rfind(&*text).unwrap_or(0);
            out.insert(at, ':');
        }
    }
}

/// `!user@host` of somebody.
pub(super) fn userhost(person: &Person) -> String {
    format!("!{}@{}", user_name(person), mask::host(person.user))
}

/// The user name of somebody.
pub(super) fn user_name(person: &Person) -> String {
    person.ident.as_ref().map_or_else(|| known::USER.to_owned(), |ident| format!("~{}", ident.user))
}

/// The real name of somebody.
pub(super) fn real_name(person: &Person) -> String {
    match person.ident.as_ref().filter(|ident| !ident.real.is_empty()) {
        Some(ident) => ident.real.to_string(),
        None => person.name.clone(),
    }
}

/// Who is in some rooms; of those this client may not ask of it is as if nobody were in them.
pub(super) async fn names_of<S: Sequencer>(talk: &mut Talk<'_, S>, rooms: &[&str]) -> Result<(), End> {
    super::sync(talk).await?;
    let mut out = String::new();
    let user = talk.session.user.get();
    for room in rooms.iter().filter_map(|room| RoomName::parse(room).ok()) {
        let place = Where::Name(room);
        if let Some(Ok(look)) = read(talk, move |reader| reader.look(user, &place, Act::Members)).await {
            let id = look.id;
            if let Some(people) = read(talk, move |reader| reader.members(id)).await {
                listed(&mut out, irc(talk), room_name(&look), &look, &people);
            }
        }
    }
    irc(talk).answer_with(&out);
    numeric(talk, RPL_ENDOFNAMES, &[&rooms.join(","), "End of /NAMES list"]);
    Ok(())
}

/// Who is in the rooms this client may ask of, its own first.
pub(super) async fn all_names<S: Sequencer>(talk: &mut Talk<'_, S>) -> Result<(), End> {
    const ROOMS: usize = 50;
    super::sync(talk).await?;
    let user = talk.session.user.get();
    let found = read(talk, move |reader| {
        let mut found = Vec::new();
        for room in reader.rooms(user, true)?.into_iter().filter(|room| !room.direct && room.members > 0) {
            let Ok(name) = RoomName::parse(&room.name) else { continue };
            if let Ok(look) = reader.look(user, &Where::Name(name), Act::Members)? {
                let people = reader.members(look.id)?;
                found.push((look, people));
            }
            if found.len() == ROOMS {
                break;
            }
        }
        Ok(found)
    })
    .await
    .unwrap_or_default();
    let mut out = String::new();
    for (look, people) in &found {
        listed(&mut out, irc(talk), room_name(look), look, people);
    }
    irc(talk).answer_with(&out);
    numeric(talk, RPL_ENDOFNAMES, &["*", "End of /NAMES list"]);
    Ok(())
}

/// A condition on rooms (ELIST).
enum Condition {
    Mask(String),
    NotMask(String),
    More(usize),
    Fewer(usize),
    /// Made before a time, or after it.
    Made(bool, Millis),
    /// With a topic set before a time, or after it.
    Topic(bool, Millis),
}

/// `>60`: more than 60 minutes ago; `<60`: less.
fn age(text: &str) -> Option<(bool, Millis)> {
    let (sign, minutes) = text.split_at_checked(1)?;
    let minutes: u32 = minutes.parse().ok()?;
    let at = crate::now().plus(-60_000 * i64::from(minutes));
    match sign {
        ">" => Some((true, at)),
        "<" => Some((false, at)),
        _ => None,
    }
}

/// LIST: the rooms this client may know of, as far as they meet its conditions.
pub(super) async fn list<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    super::sync(talk).await?;
    let conditions: Vec<Condition> = message
        .param(0)
        .split(',')
        .filter(|word| !word.is_empty())
        .take(TARGETS_MAX)
        .filter_map(|word| match word.split_at_checked(1) {
            Some((">", n)) => n.parse().ok().map(Condition::More),
            Some(("<", n)) => n.parse().ok().map(Condition::Fewer),
            Some(("!", mask)) => Some(Condition::NotMask(mask.to_owned())),
            Some(("C", ages)) => age(ages).map(|(before, at)| Condition::Made(before, at)),
            Some(("T", ages)) => age(ages).map(|(before, at)| Condition::Topic(before, at)),
            _ => Some(Condition::Mask(word.to_owned())),
        })
        .collect();
    let user = talk.session.user.get();
    let rooms = read(talk, move |reader| reader.rooms(user, true)).await.unwrap_or_default();
    let mut out = String::new();
    irc(talk).numeric(&mut out, RPL_LISTSTART, &["Channel", "Users  Name"]);
    let masks: Vec<&String> = conditions
        .iter()
        .filter_map(|c| if let Condition::Mask(mask) = c { Some(mask) } else { None })
        .collect();
    for room in rooms.iter().filter(|room| !room.direct) {
        let named = masks.is_empty() || masks.iter().any(|mask| mask::glob(mask, &room.name));
        let met = conditions.iter().all(|condition| match condition {
            Condition::Mask(_) => true,
            Condition::NotMask(mask) => !mask::glob(mask, &room.name),
            Condition::More(n) => room.members > *n,
            Condition::Fewer(n) => room.members < *n,
            Condition::Made(before, at) => (room.made < *at) == *before,
            Condition::Topic(before, at) => room.topic_at.is_some_and(|set| (set < *at) == *before),
        });
        // The lobby is there even while nobody is.
        if named && met && (room.members > 0 || room.role.is_some()) {
            irc(talk).numeric(&mut out, RPL_LIST, &[&room.name, &room.members.to_string(), &room.topic]);
        }
    }
    irc(talk).numeric(&mut out, RPL_LISTEND, &["End of /LIST"]);
    irc(talk).answer_with(&out);
    Ok(())
}

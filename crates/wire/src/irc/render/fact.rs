//! What happens to rooms, people and messages, as IRC lines. What IRC has no word for is a notice that says it.

use super::super::caps::Caps;
use super::super::known::{self, Known};
use super::super::time::Stamp;
use super::super::{mask, reply};
use super::{Said, View, head, joins, message_id, room_of, speak, target_of};
use crate::line::render::sentence;
use chatroom_model::{
    Access, Body, By, Fact, How, Kind, Marked, Mask, Name, Record, Role, Seq, Setting, UserId, Way,
};
use reply::line;

/// Adds the lines a fact makes.
pub(super) fn fact<K: Known>(out: &mut String, record: &Record, fact: &Fact, view: &View<'_, K>) {
    match fact {
        Fact::Joined { at, user, name, .. } => joins(out, record, view, *user, name, room_of(at, view)),
        Fact::Left { at, user, name, way, .. } => match way {
            Way::Left => does(out, record, view, (*user, name), "PART", &[room_of(at, view)]),
            Way::Parted { reason } => {
                does(out, record, view, (*user, name), "PART", &[room_of(at, view), reason]);
            }
            Way::Kicked { by, reason } => {
                let why = if reason.is_empty() { by.name.as_str() } else { reason };
                does(
                    out,
                    record,
                    view,
                    (by.user, &by.name),
                    "KICK",
                    &[room_of(at, view), name.as_str(), why],
                );
            }
        },
        Fact::RoleSet { at, name, role, by, was, voiced, was_voiced, .. } => {
            let letters = roles((was.unwrap_or_default(), *was_voiced), (*role, *voiced));
            if !letters.is_empty() {
                let names = letters.bytes().filter(u8::is_ascii_alphabetic).map(|_| name.as_str());
                let params: Vec<&str> = [room_of(at, view), &letters].into_iter().chain(names).collect();
                does(out, record, view, (by.user, &by.name), "MODE", &params);
            }
        }
        Fact::RoomSet { at, setting, by, was } => {
            set(out, record, view, room_of(at, view), setting, *was, by)
        }
        Fact::RoomDeleted { at, by } => {
            if let Some(viewer) = view.viewer {
                let words = [room_of(at, view), viewer.name.as_str(), "This room is no more"];
                does(out, record, view, (by.user, &by.name), "KICK", &words);
            }
        }
        Fact::Invited { at, name, by, .. } => {
            does(out, record, view, (by.user, &by.name), "INVITE", &[name.as_str(), room_of(at, view)]);
        }
        Fact::Sanctioned { at, sort, sanction, lifted } => {
            let letter = match (sort, lifted) {
                (Kind::Ban | Kind::Mute, false) => "+b",
                (Kind::Ban | Kind::Mute, true) => "-b",
                (Kind::Exempt, false) => "+e",
                (Kind::Exempt, true) => "-e",
                (Kind::Welcome, false) => "+I",
                (Kind::Welcome, true) => "-I",
            };
            // Where people connect from is for those who keep order.
            let met = if matches!(sanction.mask, Mask::Address { .. }) {
                "*!*@address.hidden".into()
            } else {
                mask::show(&sanction.mask)
            };
            let met = if *sort == Kind::Mute { format!("{}{met}", mask::MUTE) } else { met };
            let by = Name::kept(&sanction.by);
            head_by_name(out, record, view, &by);
            line(out, "", "MODE", &[room_of(at, view), letter, &met]);
        }
        Fact::Edited { at, seq, author, name, body, .. } if !body.is_redacted() => {
            let text = format!("* {}", body.as_str());
            let body = Body::parse(&text).unwrap_or_else(|_| body.clone());
            let said = Said {
                how: How::Said,
                target: target_of(at, *author, view),
                body: &body,
                id: None,
                reply: Some((at.room, *seq)),
                tags: "",
            };
            speak(out, record, view, Some((*author, name)), &said);
        }
        Fact::Redacted { at, seq, by, reason, .. } => {
            if view.caps.has(Caps::MESSAGE_REDACTION) {
                let id = message_id(at.room, *seq);
                let mut params = vec![target_of(at, by.user, view), &id];
                if !reason.is_empty() {
                    params.push(reason);
                }
                does(out, record, view, (by.user, &by.name), "REDACT", &params);
            } else {
                notice(out, record, view, target_of(at, by.user, view), &sentence(fact));
            }
        }
        Fact::Reacted { at, seq, user, name, emoji, on } => {
            if view.caps.has(Caps::MESSAGE_TAGS) {
                reacts(
                    out,
                    record,
                    view,
                    (*user, name),
                    target_of(at, *user, view),
                    (at.room, *seq),
                    emoji,
                    *on,
                );
            } else {
                notice(out, record, view, target_of(at, *user, view), &sentence(fact));
            }
        }
        Fact::Pinned { at, .. } | Fact::Purged { at, .. } | Fact::PurgeUndone { at, .. } => {
            notice(out, record, view, room_of(at, view), &sentence(fact));
        }
        Fact::Renamed { user, from, to, .. } => {
            does(out, record, view, (*user, from), "NICK", &[to.as_str()])
        }
        Fact::AwaySet { user, name, text, .. } => {
            if view.caps.has(Caps::AWAY_NOTIFY) {
                let text: Vec<&str> = text.iter().map(String::as_str).collect();
                does(out, record, view, (*user, name), "AWAY", &text);
            }
        }
        Fact::ReadUpTo { room, marker: Some(marker), .. } if view.caps.has(Caps::READ_MARKER) => {
            let target = match &marker.of {
                Marked::With { name, .. } => name.as_str(),
                Marked::Room(name) => {
                    room.and_then(|room| view.known.room(room)).unwrap_or_else(|| name.as_str())
                }
            };
            head(out, record, view, None, None);
            line(out, "", "MARKREAD", &[target, &format!("timestamp={}", Stamp(marker.at))]);
        }
        Fact::IdentSet { user, name, ident, was, .. } => {
            let was = was.as_ref();
            if view.caps.has(Caps::CHGHOST) && was.is_some_and(|was| was.user != ident.user) {
                let (new, host) = (format!("~{}", ident.user), mask::host(*user));
                does(out, record, view, (*user, name), "CHGHOST", &[&new, &host]);
            }
            if view.caps.has(Caps::SETNAME) && was.is_some_and(|was| was.real != ident.real) {
                does(out, record, view, (*user, name), "SETNAME", &[&ident.real]);
            }
        }
        Fact::MetadataSet { room, name, key, value, .. } => {
            let target = room.as_ref().map_or(name.as_str(), |at| room_of(at, view));
            super::metadata(out, view, target, key, value.as_deref());
        }
        Fact::AccountTold { user, name, called, was, .. } => {
            let nick = called.as_ref().unwrap_or(name);
            if view.caps.has(Caps::ACCOUNT_NOTIFY) {
                let before = was.unwrap_or(*user);
                does(out, record, view, (before, nick), "ACCOUNT", &[name.as_str()]);
            }
            if let (Some(was), true) = (was, view.caps.has(Caps::CHGHOST)) {
                let mut source = String::new();
                known::prefix(&mut source, view.known, *user, nick);
                let (user, host) =
                    source.split_once('!').and_then(|(_, rest)| rest.split_once('@')).unwrap_or_default();
                does(out, record, view, (*was, nick), "CHGHOST", &[user, host]);
            }
        }
        Fact::InviteTold { at, name, by } => {
            if view.caps.has(Caps::INVITE_NOTIFY) {
                does(out, record, view, (by.user, &by.name), "INVITE", &[name.as_str(), room_of(at, view)]);
            }
        }
        Fact::RoomCreated { .. }
        | Fact::ReadUpTo { .. }
        | Fact::Edited { .. }
        | Fact::Banned { .. }
        | Fact::Registered { .. }
        | Fact::PasswordSet { .. }
        | Fact::ProfileSet { .. }
        | Fact::Ignored { .. }
        | Fact::OperatorSet { .. }
        | Fact::BotMade { .. }
        | Fact::KeyGiven { .. }
        | Fact::KeyRevoked { .. }
        | Fact::KeyUsed { .. }
        | Fact::HookAdded { .. }
        | Fact::HookEnded { .. }
        | Fact::TicketGiven { .. }
        | Fact::PurgeDone { .. }
        | Fact::Dropped { .. } => {}
    }
}

/// Somebody does something.
fn does<K: Known>(
    out: &mut String,
    record: &Record,
    view: &View<'_, K>,
    from: (UserId, &Name),
    command: &str,
    params: &[&str],
) {
    head(out, record, view, Some(from), None);
    line(out, "", command, params);
}

fn head_by_name<K: Known>(out: &mut String, record: &Record, view: &View<'_, K>, by: &Name) {
    super::tags_of(out, record, view, None, None, true);
    let at_the_machine = matches!(by.as_str(), "operator" | "server");
    out.extend([":", if at_the_machine { view.server } else { by.as_str() }, " "]);
}

/// The server says something in a room.
fn notice<K: Known>(out: &mut String, record: &Record, view: &View<'_, K>, room: &str, text: &str) {
    head(out, record, view, None, None);
    line(out, "", "NOTICE", &[room, text]);
}

/// `+draft/react` or `+draft/unreact`, on a message of tags alone.
#[allow(clippy::too_many_arguments, reason = "what a reaction is made of")]
fn reacts<K: Known>(
    out: &mut String,
    record: &Record,
    view: &View<'_, K>,
    from: (UserId, &Name),
    room: &str,
    to: (chatroom_model::RoomId, Seq),
    emoji: &str,
    on: bool,
) {
    let mut tags = String::from(if on { "+draft/react=" } else { "+draft/unreact=" });
    super::tags::escape(&mut tags, emoji);
    let nothing = Body::redacted();
    let said = Said { how: How::Said, target: room, body: &nothing, id: None, reply: Some(to), tags: &tags };
    head(out, record, view, Some(from), Some(&said));
    line(out, "", "TAGMSG", &[room]);
}

/// The change of modes that a change of role is: owner and moderator are `o`, a voice is `v`, also beside it.
fn roles(was: (Role, bool), now: (Role, bool)) -> String {
    let marks = |(role, voiced)| [role >= Role::Moderator, role == Role::Voice || voiced];
    let changed = |on: bool| {
        let both = "ov".chars().zip(marks(was).into_iter().zip(marks(now)));
        both.filter(|(_, (had, has))| had != has && *has == on).map(|(letter, _)| letter).collect::<String>()
    };
    let mut letters = String::new();
    for (sign, changed) in [("-", changed(false)), ("+", changed(true))] {
        if !changed.is_empty() {
            letters.extend([sign, &changed]);
        }
    }
    letters
}

fn set<K: Known>(
    out: &mut String,
    record: &Record,
    view: &View<'_, K>,
    room: &str,
    setting: &Setting,
    was: Option<Access>,
    by: &By,
) {
    match setting {
        Setting::Name { name, reason } => {
            return renames(out, record, view, (room, name.as_str()), reason, by);
        }
        Setting::Topic(text) => return does(out, record, view, (by.user, &by.name), "TOPIC", &[room, text]),
        Setting::Retention(_) | Setting::Archived(_) => {
            let fact = match &record.event {
                chatroom_model::Event::Fact(fact) => sentence(fact),
                _ => String::new(),
            };
            return notice(out, record, view, room, &fact);
        }
        _ => {}
    }
    let (mut letters, mut params) = (String::new(), Vec::new());
    let mut sign = None;
    for (on, letter, param) in setting.each().iter().flat_map(|one| modes(one, was)) {
        if sign != Some(on) {
            letters.push(if on { '+' } else { '-' });
            sign = Some(on);
        }
        letters.push(letter);
        params.extend(param);
    }
    let all: Vec<&str> = [room, &letters].into_iter().chain(params.iter().map(String::as_str)).collect();
    does(out, record, view, (by.user, &by.name), "MODE", &all);
}

/// The modes that a setting is: each set or not, its letter, and its parameter where it has one.
fn modes(setting: &Setting, was: Option<Access>) -> Vec<(bool, char, Option<String>)> {
    match setting {
        Setting::Access(access) => {
            let was = was.unwrap_or_default();
            let sides = [('i', !was.open(), !access.open()), ('s', !was.shown(), !access.shown())];
            let changed = sides.into_iter().filter(|(_, had, has)| had != has);
            changed.map(|(letter, _, has)| (has, letter, None)).collect()
        }
        // The word itself is not kept anywhere.
        Setting::Password(word) => vec![(word.is_some(), 'k', Some("*".into()))],
        Setting::Limit(most) => vec![(most.is_some(), 'l', most.map(|most| most.to_string()))],
        Setting::Moderated(on) => vec![(*on, 'm', None)],
        Setting::Slow(0) => vec![(false, 'S', None)],
        Setting::Slow(seconds) => vec![(true, 'S', Some(seconds.to_string()))],
        Setting::Outside(on) => vec![(!*on, 'n', None)],
        Setting::OpenTopic(on) => vec![(!*on, 't', None)],
        Setting::RegisteredSpeak(on) => vec![(*on, 'M', None)],
        Setting::RegisteredJoin(on) => vec![(*on, 'R', None)],
        Setting::NoCtcp(on) => vec![(*on, 'C', None)],
        Setting::Topic(_)
        | Setting::Retention(_)
        | Setting::Archived(_)
        | Setting::Several(_)
        | Setting::Name { .. } => Vec::new(),
    }
}

/// A room has another name (IRCv3 channel-rename); to who does not understand that, one goes out of the one and into the other.
fn renames<K: Known>(
    out: &mut String,
    record: &Record,
    view: &View<'_, K>,
    (old, new): (&str, &str),
    reason: &str,
    by: &By,
) {
    if view.caps.has(Caps::CHANNEL_RENAME) {
        return does(out, record, view, (by.user, &by.name), "RENAME", &[old, new, reason]);
    }
    let Some(viewer) = view.viewer else { return };
    let mut why = String::from("The room has another name");
    if !reason.is_empty() {
        why.extend([": ", reason]);
    }
    does(out, record, view, (viewer.user, viewer.name), "PART", &[old, &why]);
    joins(out, record, view, viewer.user, viewer.name, new);
}

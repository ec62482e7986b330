//! What happens to rooms, people and messages, as JSON.

use super::super::message::Words;
use super::super::{User, some};
use super::name_of;
use super::told::{Set, Value, What};
use crate::irc::known::Known;
use chatroom_model::{At, Fact, Kind, Mask, Retention, Role, Sanction, Setting, Way};

/// The name of the event and what it tells; none where it is nobody's news.
pub(super) fn fact<'a, K: Known>(fact: &'a Fact, known: &'a K) -> Option<(&'static str, What<'a>)> {
    Some(match fact {
        Fact::RoomCreated { at, by, access } => {
            let (name, by) = (label(at, known), User::numbered(known, *by));
            ("room_created", What::RoomCreated { room: at.room, name, access: *access, by })
        }
        Fact::Joined { at, user, name, role, told: _ } => {
            let user = User::of(known, *user, name);
            let role = Some(*role).filter(|role| *role != Role::Member);
            ("joined", What::Joined { room: at.room, name: label(at, known), user, role })
        }
        Fact::Left { at, user, name, way, told: _ } => {
            let (by, reason) = match way {
                Way::Left => (None, ""),
                Way::Parted { reason } => (None, reason.as_str()),
                Way::Kicked { by, reason } => (Some(User::by(known, by)), reason.as_str()),
            };
            let user = User::of(known, *user, name);
            ("left", What::Left { room: at.room, user, by, reason: some(reason) })
        }
        Fact::RoleSet { at, user, name, role, by, voiced, was: _, was_voiced: _ } => {
            let (user, by) = (User::of(known, *user, name), User::by(known, by));
            ("role_set", What::RoleSet { room: at.room, user, role: *role, voiced: *voiced, by })
        }
        Fact::RoomSet { at, setting, by, was: _ } => {
            ("room_set", What::RoomSet { room: at.room, set: set(setting), by: User::by(known, by) })
        }
        Fact::RoomDeleted { at, by } => {
            ("room_deleted", What::RoomDeleted { room: at.room, by: User::by(known, by) })
        }
        Fact::Invited { at, user, name, by, word: _ } => {
            let (user, by) = (User::of(known, *user, name), User::by(known, by));
            ("invited", What::Invited { room: at.room, name: label(at, known), user, by })
        }
        Fact::InviteTold { at, name, by } => {
            let (user, by) = (User::named(name.as_str()), User::by(known, by));
            ("invited", What::Invited { room: at.room, name: label(at, known), user, by })
        }
        Fact::Sanctioned { at, sort, sanction, lifted } => {
            ("sanctioned", sanctioned(at, *sort, sanction, *lifted))
        }
        Fact::Edited { at, seq, author, name, body, session: _, client_id: _ } => {
            let user = User::of(known, *author, name);
            ("edited", What::Edited { room: at.room, seq: *seq, user, words: Words::of(body) })
        }
        Fact::Redacted { at, seq, by, reason, author: _ } => {
            let (by, reason) = (User::by(known, by), some(reason));
            ("redacted", What::Redacted { room: at.room, seq: *seq, by, reason })
        }
        Fact::Reacted { at, seq, user, name, emoji, on } => {
            let user = User::of(known, *user, name);
            ("reacted", What::Reacted { room: at.room, seq: *seq, user, emoji, on: *on })
        }
        Fact::Pinned { at, seq, by, on } => {
            ("pinned", What::Pinned { room: at.room, seq: *seq, by: User::by(known, by), on: *on })
        }
        Fact::ReadUpTo { room: Some(room), seq, user: _, marker: _ } => {
            ("read", What::Read { room: *room, seq: *seq })
        }
        Fact::Renamed { user, from, to, rooms: _, keeps: _, away: _ } => {
            ("renamed", What::Renamed { user: User::of(known, *user, to), from: from.as_str() })
        }
        Fact::Registered { user, phc: _ } => {
            ("account", What::Account { user: User::numbered(known, *user), was: None })
        }
        Fact::AccountTold { user, name, called, was, rooms: _ } => {
            let called = called.as_ref().unwrap_or(name);
            let user = User { account: Some(name.as_str()), ..User::of(known, *user, called) };
            ("account", What::Account { user, was: *was })
        }
        Fact::AwaySet { user, name, text, rooms: _ } => {
            ("away", What::Says { user: User::of(known, *user, name), text: text.as_deref() })
        }
        Fact::ProfileSet { user, text } => {
            ("profile_set", What::Says { user: User::numbered(known, *user), text: Some(text) })
        }
        Fact::Ignored { other, on, user: _ } => ("ignored", What::Ignored { user: *other, on: *on }),
        Fact::MetadataSet { room, user, name, key, value, rooms: _ } => {
            let (room, user) = (room.as_ref().map(|at| at.room), User::of(known, *user, name));
            ("metadata", What::Metadata { room, user, key, value: value.as_deref() })
        }
        Fact::Purged { at, purge, user, name, since, upto, by, until: _ } => {
            let (user, by) = (Some(User::of(known, *user, name)), Some(User::by(known, by)));
            let (since, upto) = (Some(*since), Some(*upto));
            ("purged", What::Purge { room: at.room, purge: *purge, user, by, since, upto })
        }
        Fact::PurgeUndone { at, purge, by } => {
            let by = Some(User::by(known, by));
            (
                "purge_undone",
                What::Purge { room: at.room, purge: *purge, user: None, by, since: None, upto: None },
            )
        }
        Fact::PurgeDone { at, purge, user, since, upto } => {
            let (user, since, upto) = (Some(User::numbered(known, *user)), Some(*since), Some(*upto));
            ("purge_done", What::Purge { room: at.room, purge: *purge, user, by: None, since, upto })
        }
        Fact::Dropped { at, upto } => ("dropped", What::Dropped { room: at.room, upto: *upto }),
        Fact::ReadUpTo { room: None, .. }
        | Fact::Banned { .. }
        | Fact::PasswordSet { .. }
        | Fact::OperatorSet { .. }
        | Fact::IdentSet { .. }
        | Fact::BotMade { .. }
        | Fact::KeyGiven { .. }
        | Fact::KeyRevoked { .. }
        | Fact::KeyUsed { .. }
        | Fact::HookAdded { .. }
        | Fact::HookEnded { .. }
        | Fact::TicketGiven { .. } => return None,
    })
}

/// How a room is called.
fn label<'a, K: Known>(at: &'a At, known: &'a K) -> &'a str {
    at.label.as_deref().unwrap_or_else(|| name_of(at.room, known))
}

/// A ban, a mute and the like, as far as everybody in the room is shown it.
fn sanctioned<'a>(at: &'a At, kind: Kind, sanction: &'a Sanction, lifted: bool) -> What<'a> {
    // Where people connect from is for those who keep order, and they ask for it.
    let mask = match &sanction.mask {
        Mask::Address { .. } => None,
        mask @ (Mask::Name(_) | Mask::Account(_) | Mask::Registered(_) | Mask::Client(_)) => {
            Some(mask.to_string())
        }
    };
    // For how long and why it held is no longer news, and were somebody else's words.
    let (reason, until) = if lifted { (None, None) } else { (some(&sanction.reason), sanction.until) };
    What::Sanctioned { room: at.room, kind, mask, by: User::named(&sanction.by), reason, until, lifted }
}

fn set(setting: &Setting) -> Set<'_> {
    let (setting, value) = match setting {
        Setting::Topic(text) => ("topic", Value::Text(text)),
        Setting::Access(access) => ("access", Value::Access(*access)),
        // Its hash is nobody's business: only whether there is one.
        Setting::Password(word) => ("password", Value::Is(word.is_some())),
        Setting::Slow(seconds) => ("slow", Value::Number(Some(*seconds))),
        Setting::Limit(most) => ("limit", Value::Number(*most)),
        Setting::Moderated(is) => ("moderated", Value::Is(*is)),
        Setting::Retention(Retention { age, number }) => {
            ("keep", Value::Keep { messages: *number, ms: *age })
        }
        Setting::Archived(is) => ("archived", Value::Is(*is)),
        Setting::Outside(is) => ("outside", Value::Is(*is)),
        Setting::OpenTopic(is) => ("open_topic", Value::Is(*is)),
        Setting::RegisteredSpeak(is) => ("registered_speak", Value::Is(*is)),
        Setting::RegisteredJoin(is) => ("registered_join", Value::Is(*is)),
        Setting::NoCtcp(is) => ("no_ctcp", Value::Is(*is)),
        Setting::Name { name, reason } => {
            return Set { setting: "name", value: Value::Text(name.as_str()), reason: some(reason) };
        }
        Setting::Several(all) => ("several", Value::Several(all.iter().map(set).collect())),
    };
    Set { setting, value, reason: None }
}

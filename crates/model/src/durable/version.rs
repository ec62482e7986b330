//! Which form an event is kept in: the earliest that can say it. Knows no JSON.

use crate::{Access, CloseReason, Event, Fact, How, LOBBY, RoomId, Setting, Way};

/// The last form there is.
pub(super) const LATEST: u16 = 3;

/// The form an event needs: 1 says all that the first builds had, so that they read what they would have written.
pub(super) fn version(event: &Event) -> u16 {
    let latest = match event {
        Event::Message { tags, .. } => !tags.is_empty(),
        Event::GuestCreated { visitor, .. } => visitor.is_some(),
        Event::WentOffline { why, .. } => !why.is_empty(),
        Event::CameOnline { instead, .. } => instead.is_some(),
        Event::SessionClosed { reason, .. } => matches!(reason, CloseReason::Killed | CloseReason::Revoked),
        Event::Fact(
            Fact::IdentSet { .. }
            | Fact::MetadataSet { .. }
            | Fact::AccountTold { .. }
            | Fact::InviteTold { .. }
            | Fact::BotMade { .. }
            | Fact::KeyGiven { .. }
            | Fact::KeyRevoked { .. }
            | Fact::KeyUsed { .. }
            | Fact::HookAdded { .. }
            | Fact::HookEnded { .. },
        ) => true,
        Event::Fact(Fact::Left { way: Way::Parted { .. }, .. } | Fact::ReadUpTo { marker: Some(_), .. }) => {
            true
        }
        Event::Fact(Fact::RoleSet { voiced, was_voiced, .. }) => *voiced || *was_voiced,
        Event::Fact(Fact::Renamed { keeps, away, .. }) => *keeps || *away,
        Event::Fact(Fact::Sanctioned { sanction, .. } | Fact::Banned { sanction, .. }) => {
            sanction.since.is_some()
        }
        Event::Fact(Fact::RoomCreated { access: Access::Hidden, .. } | Fact::Invited { word: true, .. }) => {
            true
        }
        Event::Fact(Fact::RoomSet { was, setting, .. }) => was.is_some() || is_latest(setting),
        Event::Fact(fact) => fact.at().is_some_and(|at| at.names.is_some()),
        _ => false,
    };
    // A body of several lines could not be read before.
    if latest || event.body().is_some_and(|body| body.as_str().contains('\n')) {
        return LATEST;
    }
    let plain = match event {
        Event::Message { label: None, how: How::Said, reply: None, mentions, .. } => mentions.is_empty(),
        Event::Message { .. } | Event::Fact(_) => false,
        Event::CameOnline { rooms, .. } | Event::WentOffline { rooms, .. } => told(rooms).is_some(),
        Event::SessionClosed { reason, .. } => !matches!(reason, CloseReason::Banned | CloseReason::Password),
        _ => true,
    };
    if plain { 1 } else { 2 }
}

/// Whether a setting is one that rooms did not have before form 3.
pub(super) fn is_latest(setting: &Setting) -> bool {
    matches!(
        setting,
        Setting::Outside(_)
            | Setting::OpenTopic(_)
            | Setting::RegisteredSpeak(_)
            | Setting::RegisteredJoin(_)
            | Setting::NoCtcp(_)
            | Setting::Several(_)
            | Setting::Name { .. }
            | Setting::Access(Access::Hidden)
    )
}

/// Who is told, as form 1 has it: those in the lobby, or nobody.
pub(super) fn told(rooms: &[RoomId]) -> Option<bool> {
    match rooms {
        [] => Some(false),
        [LOBBY] => Some(true),
        _ => None,
    }
}

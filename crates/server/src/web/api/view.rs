//! How people and rooms look as JSON. Knows no route.

use super::schema::{AccessWord, RoleWord, ScopeWord};
use chatroom_model::{Access, Millis, Role, UserId};
use chatroom_store::{Held, Look, Person, Profile, Room};
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct UserView {
    pub(super) id: u64,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) operator: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) bot: bool,
}

/// Somebody in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PersonView {
    #[serde(flatten)]
    user: UserView,
    online: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    away: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<RoleWord>)]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    voiced: bool,
}

/// What somebody says of themselves, and when they were there.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProfileView {
    #[serde(flatten)]
    pub(super) user: UserView,
    online: bool,
    profile: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    away: Option<String>,
    last_seen: i64,
    last_active: i64,
}

/// A room, as somebody stands to it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoomView {
    id: u64,
    name: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    direct: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<UserView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<AccessWord>)]
    access: Option<&'static str>,
    topic: String,
    members: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<RoleWord>)]
    role: Option<&'static str>,
    unread: u64,
    mentions: u64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    archived: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<u64>,
    #[serde(skip_serializing_if = "is_zero")]
    slow: u32,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    moderated: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    muted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_days: Option<i64>,
}

/// A key, without what it is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyView {
    id: u64,
    label: String,
    #[schema(value_type = Vec<ScopeWord>)]
    scopes: Vec<&'static str>,
    made: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    current: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl From<&Profile> for UserView {
    fn from(of: &Profile) -> Self {
        Self {
            id: of.user.0,
            name: of.name.clone(),
            account: of.account.clone(),
            operator: of.operator,
            bot: of.ident.as_ref().is_some_and(|ident| ident.is('B')),
        }
    }
}

impl PersonView {
    /// Somebody in a room, or anywhere: then of no role.
    pub(super) fn of(person: Person, in_room: bool) -> Self {
        let bot = person.ident.as_ref().is_some_and(|ident| ident.is('B'));
        let Person { user, name, account, operator, online, away, role, voiced, .. } = person;
        let user = UserView { id: user.0, name, account, operator, bot };
        Self { user, online, away, role: in_room.then(|| role.word()), voiced: in_room && voiced }
    }
}

impl From<Profile> for PersonView {
    fn from(of: Profile) -> Self {
        Self { user: (&of).into(), online: of.sessions > 0, away: of.away, role: None, voiced: false }
    }
}

impl From<Profile> for ProfileView {
    fn from(of: Profile) -> Self {
        Self {
            user: (&of).into(),
            online: of.sessions > 0,
            profile: of.profile,
            away: of.away,
            last_seen: of.last_seen.0,
            last_active: of.last_active.0,
        }
    }
}

impl RoomView {
    /// A room in a list; `with` is the other one of a conversation of two.
    pub(super) fn listed(room: Room, with: Option<UserView>) -> Self {
        let inside = room.role.is_some() || room.direct;
        Self {
            id: room.id.0,
            name: room.name,
            direct: room.direct,
            with,
            access: (!room.direct).then(|| room.access.word()),
            topic: room.topic,
            members: room.members,
            role: room.role.filter(|_| !room.direct).map(Role::word),
            unread: room.unread,
            mentions: room.mentions,
            archived: room.archived,
            read: inside.then_some(room.read.0),
            last: inside.then_some(room.last.0),
            slow: 0,
            moderated: false,
            muted: false,
            limit: None,
            keep: None,
            keep_days: None,
        }
    }

    /// A room that was looked at, with what is unread there.
    pub(super) fn looked(
        look: &Look,
        user: UserId,
        (name, with): (String, Option<UserView>),
        (unread, mentions): (u64, u64),
        members: usize,
    ) -> Self {
        let (room, member) = (&look.room, look.room.members.get(&user));
        let direct = room.direct.is_some();
        Self {
            id: look.id.0,
            name,
            direct,
            with,
            access: (!direct).then(|| room.access.word()),
            topic: room.topic.clone(),
            members,
            role: member.filter(|_| !direct).map(|member| member.role.word()),
            unread,
            mentions,
            archived: room.archived,
            read: member.map(|member| member.read.0),
            last: member.map(|_| room.last.0),
            slow: room.slow,
            moderated: room.moderated,
            muted: look.object.muted,
            limit: room.limit,
            keep: room.retention.number,
            keep_days: room.retention.age.map(|age| (age - 1) / DAY + 1),
        }
    }
}

impl KeyView {
    pub(super) fn of(held: Held, current: bool) -> Self {
        Self {
            id: held.id.0,
            label: held.label,
            scopes: held.scopes.words().collect(),
            made: held.made.0,
            until: held.until.map(|until| until.0),
            current,
        }
    }
}

/// Who gets into a new room, where nothing is said of it.
pub(super) const ACCESS: Access = Access::Public;

/// In ms.
pub(super) const DAY: i64 = 24 * 60 * 60 * 1000;

/// So many days from now.
pub(super) fn days(days: u32) -> Millis {
    crate::now().plus(i64::from(days) * DAY)
}

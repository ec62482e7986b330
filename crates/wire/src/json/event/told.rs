//! What each kind of event tells, in the words of the API: only what stands here can be told.

use super::super::message::Words;
use super::super::{Message, User};
use chatroom_model::{Access, Kind, Millis, Role, RoomId, Seq, UserId};
use serde::Serialize;

/// What an event tells beside when it happened.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum What<'a> {
    Message {
        message: Message<'a>,
        name: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        with: Option<User<'a>>,
    },
    Edited {
        room: RoomId,
        seq: Seq,
        user: User<'a>,
        #[serde(flatten)]
        words: Words<'a>,
    },
    Redacted {
        room: RoomId,
        seq: Seq,
        by: User<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
    },
    Reacted {
        room: RoomId,
        seq: Seq,
        user: User<'a>,
        emoji: &'a str,
        on: bool,
    },
    Pinned {
        room: RoomId,
        seq: Seq,
        by: User<'a>,
        on: bool,
    },
    Joined {
        room: RoomId,
        name: &'a str,
        user: User<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        role: Option<Role>,
    },
    Left {
        room: RoomId,
        user: User<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<User<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
    },
    RoleSet {
        room: RoomId,
        user: User<'a>,
        role: Role,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        voiced: bool,
        by: User<'a>,
    },
    RoomCreated {
        room: RoomId,
        name: &'a str,
        access: Access,
        by: User<'a>,
    },
    RoomSet {
        room: RoomId,
        #[serde(flatten)]
        set: Set<'a>,
        by: User<'a>,
    },
    RoomDeleted {
        room: RoomId,
        by: User<'a>,
    },
    Invited {
        room: RoomId,
        name: &'a str,
        user: User<'a>,
        by: User<'a>,
    },
    Sanctioned {
        room: RoomId,
        kind: Kind,
        #[serde(skip_serializing_if = "Option::is_none")]
        mask: Option<String>,
        by: User<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Millis>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        lifted: bool,
    },
    Purge {
        room: RoomId,
        purge: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        user: Option<User<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<User<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        since: Option<Millis>,
        #[serde(skip_serializing_if = "Option::is_none")]
        upto: Option<Seq>,
    },
    Dropped {
        room: RoomId,
        upto: Seq,
    },
    Renamed {
        user: User<'a>,
        from: &'a str,
    },
    Somebody {
        user: User<'a>,
    },
    Says {
        user: User<'a>,
        /// What they say; none is told as null.
        text: Option<&'a str>,
    },
    Account {
        user: User<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        was: Option<UserId>,
    },
    Read {
        room: RoomId,
        seq: Seq,
    },
    Ignored {
        user: UserId,
        on: bool,
    },
    Metadata {
        #[serde(skip_serializing_if = "Option::is_none")]
        room: Option<RoomId>,
        user: User<'a>,
        key: &'a str,
        value: Option<&'a str>,
    },
}

/// Something set about a room.
#[derive(Serialize)]
pub(super) struct Set<'a> {
    pub(super) setting: &'static str,
    pub(super) value: Value<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<&'a str>,
}

/// What it was set to.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Value<'a> {
    Text(&'a str),
    Number(Option<u32>),
    Is(bool),
    Access(Access),
    Keep {
        #[serde(skip_serializing_if = "Option::is_none")]
        messages: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        ms: Option<i64>,
    },
    Several(Vec<Set<'a>>),
}

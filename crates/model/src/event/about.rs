//! What a fact is about: its word, its room, and what was written in it. Knows nothing of how it is kept.

use super::at::At;
use super::fact::Fact;
use crate::Body;

/// The room a fact happened in, lent or lent to be changed.
macro_rules! room_of {
    ($fact:expr, $lend:ident) => {
        match $fact {
            Self::RoomCreated { at, .. }
            | Self::Joined { at, .. }
            | Self::Left { at, .. }
            | Self::RoleSet { at, .. }
            | Self::RoomSet { at, .. }
            | Self::RoomDeleted { at, .. }
            | Self::Invited { at, .. }
            | Self::InviteTold { at, .. }
            | Self::Sanctioned { at, .. }
            | Self::Edited { at, .. }
            | Self::Redacted { at, .. }
            | Self::Reacted { at, .. }
            | Self::Pinned { at, .. }
            | Self::HookAdded { at, .. }
            | Self::HookEnded { at, .. }
            | Self::Purged { at, .. }
            | Self::PurgeUndone { at, .. }
            | Self::PurgeDone { at, .. }
            | Self::Dropped { at, .. } => Some(at),
            Self::MetadataSet { room, .. } => room.$lend(),
            Self::Banned { .. }
            | Self::ReadUpTo { .. }
            | Self::Renamed { .. }
            | Self::Registered { .. }
            | Self::PasswordSet { .. }
            | Self::AwaySet { .. }
            | Self::ProfileSet { .. }
            | Self::Ignored { .. }
            | Self::OperatorSet { .. }
            | Self::IdentSet { .. }
            | Self::AccountTold { .. }
            | Self::BotMade { .. }
            | Self::KeyGiven { .. }
            | Self::KeyRevoked { .. }
            | Self::KeyUsed { .. }
            | Self::TicketGiven { .. } => None,
        }
    };
}

impl Fact {
    /// What was written, where something was.
    #[must_use]
    pub fn body(&self) -> Option<&Body> {
        if let Self::Edited { body, .. } = self { Some(body) } else { None }
    }

    /// The room it happened in, where it is of one room.
    #[must_use]
    pub fn at(&self) -> Option<&At> {
        room_of!(self, as_ref)
    }

    /// The same, to be called otherwise.
    pub fn at_mut(&mut self) -> Option<&mut At> {
        room_of!(self, as_mut)
    }

    /// The one word for it, as the store has it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::RoomCreated { .. } => "room_created",
            Self::Joined { .. } => "joined",
            Self::Left { .. } => "left",
            Self::RoleSet { .. } => "role_set",
            Self::RoomSet { .. } => "room_set",
            Self::RoomDeleted { .. } => "room_deleted",
            Self::Invited { .. } => "invited",
            Self::Sanctioned { .. } => "sanctioned",
            Self::Banned { .. } => "banned",
            Self::Edited { .. } => "edited",
            Self::Redacted { .. } => "redacted",
            Self::Reacted { .. } => "reacted",
            Self::Pinned { .. } => "pinned",
            Self::ReadUpTo { .. } => "read_up_to",
            Self::Renamed { .. } => "renamed",
            Self::Registered { .. } => "registered",
            Self::PasswordSet { .. } => "password_set",
            Self::AwaySet { .. } => "away_set",
            Self::ProfileSet { .. } => "profile_set",
            Self::Ignored { .. } => "ignored",
            Self::OperatorSet { .. } => "operator_set",
            Self::IdentSet { .. } => "ident_set",
            Self::MetadataSet { .. } => "metadata_set",
            Self::AccountTold { .. } => "account_told",
            Self::InviteTold { .. } => "invite_told",
            Self::TicketGiven { .. } => "ticket_given",
            Self::BotMade { .. } => "bot_made",
            Self::KeyGiven { .. } => "key_given",
            Self::KeyRevoked { .. } => "key_revoked",
            Self::KeyUsed { .. } => "key_used",
            Self::HookAdded { .. } => "hook_added",
            Self::HookEnded { .. } => "hook_ended",
            Self::Purged { .. } => "purged",
            Self::PurgeUndone { .. } => "purge_undone",
            Self::PurgeDone { .. } => "purge_done",
            Self::Dropped { .. } => "dropped",
        }
    }
}

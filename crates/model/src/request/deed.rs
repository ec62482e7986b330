//! What somebody may do besides speaking, in the form in which it travels. Knows nothing of whether they may.

use crate::event::is_false;
use crate::place::{Access, Mask, Role, Setting, Where};
use crate::{Act, ClientId, Ending, HookId, Ident, KeyId, Kind, Millis, Name, NewHook, NewKey, Scopes, Seq};
use serde::{Deserialize, Serialize};

/// One thing to do. Golden files hold every form of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
#[allow(missing_docs, reason = "`room`, `user`, `seq`, `on` and `reason` are what their names say")]
pub enum Deed {
    /// Make a room.
    Create { room: crate::RoomName, access: Access },
    /// Come into a room, with the hash of a password where one is given.
    Join { room: Where, password: Option<String> },
    /// Go out of a room.
    Leave {
        room: Where,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Set something about a room.
    Set { room: Where, setting: Setting },
    /// End a room.
    Delete { room: Where },
    /// Ask somebody in.
    Invite { room: Where, user: Name },
    /// Put somebody out.
    Kick { room: Where, user: Name, reason: String },
    /// Keep somebody out, until then.
    Ban { room: Where, mask: Mask, reason: String, until: Option<Millis> },
    /// Keep somebody out no longer.
    Unban { room: Where, mask: Mask },
    /// Keep somebody from speaking, until then.
    Mute { room: Where, mask: Mask, reason: String, until: Option<Millis> },
    /// Let somebody speak again.
    Unmute { room: Where, mask: Mask },
    /// Let somebody in, or speak, whatever else is said of them; or no longer. For [`Kind::Exempt`] and [`Kind::Welcome`].
    Exempt { room: Where, sort: Kind, mask: Mask, on: bool },
    /// Give somebody a role.
    Role {
        room: Where,
        user: Name,
        role: Role,
        /// Whether they have a voice beside it, where it is more than one.
        #[serde(default, skip_serializing_if = "is_false")]
        voiced: bool,
    },
    /// Let a message say something else.
    Edit { room: Where, seq: Seq, body: String, client_id: Option<ClientId> },
    /// Take a message away.
    Redact { room: Where, seq: Seq, reason: String },
    /// React to a message, or take it back.
    React { room: Where, seq: Seq, emoji: String, on: bool },
    /// Put a message up, or take it down.
    Pin { room: Where, seq: Seq, on: bool },
    /// Mark a room as read.
    Read {
        room: Where,
        seq: Seq,
        /// The time up to which it is read, where a program says it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Millis>,
    },
    /// Hide what somebody wrote in a room from then on; can be undone until `until`.
    Purge { room: Where, user: Name, since: Millis, until: Millis },
    /// Bring back what a purge hid.
    Unpurge { room: Where, purge: u64 },
    /// Have what is said in a room sent somewhere.
    AddHook { room: Where, hook: NewHook },
    /// Have it sent there no longer.
    EndHook { room: Where, hook: HookId, why: Ending },
    /// Have another name.
    Nick { name: Name },
    /// Keep the name for good, by a password.
    Register { phc: String },
    /// Have another password.
    Password { phc: String },
    /// Be away, or back.
    Away { text: Option<String> },
    /// Say something about oneself.
    Profile { text: String },
    /// Hear nothing of somebody, or again.
    Ignore { user: Name, on: bool },
    /// Keep somebody out of the whole server, until then.
    BanHere { mask: Mask, reason: String, until: Option<Millis> },
    /// Keep somebody out of the whole server no longer.
    UnbanHere { mask: Mask },
    /// Give somebody another password.
    ResetPassword { user: Name, phc: String },
    /// Let somebody run the server, or no longer.
    Operator { user: Name, on: bool },
    /// Make an account for a name that nobody has; it begins in the lobby, or in no room where `ident` says how programs know it.
    CreateAccount {
        name: Name,
        phc: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ident: Option<Ident>,
    },
    /// Come in as a guest who holds the name by a key, or, with a password's hash, for good.
    Come {
        name: Name,
        key: NewKey,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        phc: Option<String>,
    },
    /// Have a key by a password that was checked against this hash.
    LogIn { name: Name, phc: String, key: NewKey },
    /// Have another key.
    GiveKey { key: NewKey },
    /// Have a bot: a user of one's own, registered without a password, that acts by keys.
    MakeBot { name: Name, key: NewKey },
    /// Have another key for a bot of one's own.
    BotKey { bot: Name, key: NewKey },
    /// Have no key for a bot of one's own any more: it does nothing from then on.
    EndBot { bot: Name },
    /// Have a key no longer.
    RevokeKey { key: KeyId },
    /// Put somebody off the server; they may come back.
    Disconnect { user: Name, reason: String },
    /// Be known to programs by that.
    Ident { ident: Ident },
    /// Note something for programs: of a room, or of oneself.
    Metadata {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<Where>,
        key: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
}

/// Who may do a deed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// What the table says of this act, in the room the deed names.
    Act(Act),
    /// Anybody, for themselves.
    Anybody,
    /// Whoever runs the server.
    Operator,
}

impl Deed {
    /// Who may do it. The compiler asks of every new deed what it needs.
    #[must_use]
    pub fn needs(&self) -> Needs {
        match self {
            Self::Join { .. } => Needs::Act(Act::Enter),
            Self::Leave { .. } => Needs::Act(Act::Leave),
            Self::Set { setting, .. } => Needs::Act(match setting {
                Setting::Topic(_) => Act::Topic,
                Setting::Archived(_) => Act::Archive,
                Setting::Access(_)
                | Setting::Password(_)
                | Setting::Slow(_)
                | Setting::Limit(_)
                | Setting::Moderated(_)
                | Setting::Outside(_)
                | Setting::OpenTopic(_)
                | Setting::RegisteredSpeak(_)
                | Setting::RegisteredJoin(_)
                | Setting::NoCtcp(_)
                | Setting::Several(_)
                | Setting::Name { .. }
                | Setting::Retention(_) => Act::Set,
            }),
            Self::Delete { .. } => Needs::Act(Act::Delete),
            Self::Invite { .. } => Needs::Act(Act::Invite),
            Self::Kick { .. } => Needs::Act(Act::Kick),
            Self::Ban { .. } | Self::Unban { .. } | Self::Exempt { .. } => Needs::Act(Act::Ban),
            Self::Mute { .. } | Self::Unmute { .. } => Needs::Act(Act::Mute),
            Self::Role { .. } => Needs::Act(Act::Role),
            Self::Edit { .. } => Needs::Act(Act::Edit),
            Self::Redact { .. } => Needs::Act(Act::Redact),
            Self::React { .. } => Needs::Act(Act::Speak),
            Self::Pin { .. } => Needs::Act(Act::Pin),
            Self::Read { .. } => Needs::Act(Act::Read),
            Self::Purge { .. } | Self::Unpurge { .. } => Needs::Act(Act::Purge),
            Self::Create { .. }
            | Self::Nick { .. }
            | Self::Register { .. }
            | Self::Password { .. }
            | Self::Away { .. }
            | Self::Profile { .. }
            | Self::Ident { .. }
            | Self::Metadata { room: None, .. }
            | Self::Come { .. }
            | Self::LogIn { .. }
            | Self::GiveKey { .. }
            | Self::MakeBot { .. }
            | Self::BotKey { .. }
            | Self::EndBot { .. }
            | Self::RevokeKey { .. }
            | Self::Ignore { .. } => Needs::Anybody,
            Self::Metadata { room: Some(_), .. } | Self::AddHook { .. } | Self::EndHook { .. } => {
                Needs::Act(Act::Set)
            }
            Self::BanHere { .. }
            | Self::UnbanHere { .. }
            | Self::ResetPassword { .. }
            | Self::CreateAccount { .. }
            | Self::Disconnect { .. }
            | Self::Operator { .. } => Needs::Operator,
        }
    }

    /// What a key must be for, to do it.
    #[must_use]
    pub fn scope(&self) -> Scopes {
        match self {
            Self::Set { .. }
            | Self::Delete { .. }
            | Self::Kick { .. }
            | Self::Ban { .. }
            | Self::Unban { .. }
            | Self::Mute { .. }
            | Self::Unmute { .. }
            | Self::Exempt { .. }
            | Self::Role { .. }
            | Self::Purge { .. }
            | Self::Unpurge { .. }
            | Self::BanHere { .. }
            | Self::UnbanHere { .. }
            | Self::Disconnect { .. }
            | Self::AddHook { .. }
            | Self::EndHook { .. }
            | Self::Metadata { room: Some(_), .. } => Scopes::MODERATE,
            Self::Nick { .. }
            | Self::Register { .. }
            | Self::Password { .. }
            | Self::Profile { .. }
            | Self::Ident { .. }
            | Self::Metadata { room: None, .. }
            | Self::GiveKey { .. }
            | Self::MakeBot { .. }
            | Self::BotKey { .. }
            | Self::EndBot { .. }
            | Self::RevokeKey { .. }
            | Self::ResetPassword { .. }
            | Self::Operator { .. }
            | Self::CreateAccount { .. }
            | Self::Come { .. }
            | Self::LogIn { .. } => Scopes::MANAGE,
            Self::Create { .. }
            | Self::Join { .. }
            | Self::Leave { .. }
            | Self::Invite { .. }
            | Self::Edit { .. }
            | Self::Redact { .. }
            | Self::React { .. }
            | Self::Pin { .. }
            | Self::Read { .. }
            | Self::Away { .. }
            | Self::Ignore { .. } => Scopes::WRITE,
        }
    }

    /// The room it is done in, where it is done in one.
    #[must_use]
    pub fn room(&self) -> Option<&Where> {
        match self {
            Self::Join { room, .. }
            | Self::Leave { room, .. }
            | Self::Set { room, .. }
            | Self::Delete { room }
            | Self::Invite { room, .. }
            | Self::Kick { room, .. }
            | Self::Ban { room, .. }
            | Self::Unban { room, .. }
            | Self::Mute { room, .. }
            | Self::Unmute { room, .. }
            | Self::Exempt { room, .. }
            | Self::Role { room, .. }
            | Self::Edit { room, .. }
            | Self::Redact { room, .. }
            | Self::React { room, .. }
            | Self::Pin { room, .. }
            | Self::Read { room, .. }
            | Self::Purge { room, .. }
            | Self::Unpurge { room, .. }
            | Self::AddHook { room, .. }
            | Self::EndHook { room, .. } => Some(room),
            Self::Metadata { room, .. } => room.as_ref(),
            Self::Create { .. }
            | Self::Nick { .. }
            | Self::Register { .. }
            | Self::Password { .. }
            | Self::Away { .. }
            | Self::Profile { .. }
            | Self::Ignore { .. }
            | Self::BanHere { .. }
            | Self::UnbanHere { .. }
            | Self::ResetPassword { .. }
            | Self::CreateAccount { .. }
            | Self::Disconnect { .. }
            | Self::Ident { .. }
            | Self::Come { .. }
            | Self::LogIn { .. }
            | Self::GiveKey { .. }
            | Self::MakeBot { .. }
            | Self::BotKey { .. }
            | Self::EndBot { .. }
            | Self::RevokeKey { .. }
            | Self::Operator { .. } => None,
        }
    }
}

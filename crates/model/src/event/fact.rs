//! What happens to rooms, people and messages, in the form in which it is kept. Golden files hold every line of it:
//! what stands here was written to disks, so it only ever grows.

use super::at::{At, By, Kind, Marker, Way, is_false};
use crate::place::{Access, Role, Sanction, Setting};
use crate::{
    Body, ClientId, Ending, HookId, Ident, KeyId, Millis, Name, NewHook, NewKey, RoomId, Seq, SessionId,
    TokenHash, UserId,
};
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// There is a new room; who made it is in it, as its owner.
    RoomCreated {
        /// Where.
        at: At,
        /// Who made it; 0 is the operator at the machine.
        by: UserId,
        /// Who gets in.
        access: Access,
    },
    /// Somebody came into a room.
    Joined {
        /// Where.
        at: At,
        /// Who.
        user: UserId,
        /// The name.
        name: Name,
        /// What they are there.
        role: Role,
        /// Whether the others are told: in a crowd they are only counted.
        told: bool,
    },
    /// Somebody went out of a room.
    Left {
        /// Where.
        at: At,
        /// Who.
        user: UserId,
        /// The name.
        name: Name,
        /// How.
        way: Way,
        /// Whether the others are told.
        told: bool,
    },
    /// Somebody is something else in a room.
    RoleSet {
        /// Where.
        at: At,
        /// Who.
        user: UserId,
        /// The name.
        name: Name,
        /// What they are from now on.
        role: Role,
        /// Who said so.
        by: By,
        /// What they were; from rules 3 on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<Role>,
        /// Whether they have a voice beside it; from rules 3 on.
        #[serde(default, skip_serializing_if = "is_false")]
        voiced: bool,
        /// Whether they had one beside what they were; from rules 3 on.
        #[serde(default, skip_serializing_if = "is_false")]
        was_voiced: bool,
    },
    /// Something about a room was set.
    RoomSet {
        /// Where.
        at: At,
        /// What.
        setting: Setting,
        /// Who said so.
        by: By,
        /// Who got in before, where that was set; from rules 3 on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<Access>,
    },
    /// A room is no more.
    RoomDeleted {
        /// Which.
        at: At,
        /// Who said so.
        by: By,
    },
    /// Somebody may come into a room.
    Invited {
        /// Where.
        at: At,
        /// Who.
        user: UserId,
        /// The name.
        name: Name,
        /// Who asked them in.
        by: By,
        /// Whether it is only told, and opens no door: a member's invitation into a room that is open. From rules 3 on.
        #[serde(default, skip_serializing_if = "is_false")]
        word: bool,
    },
    /// A ban or a mute was laid, or lifted.
    Sanctioned {
        /// Where.
        at: At,
        /// Which.
        sort: Kind,
        /// On whom, by whom, why, until when.
        sanction: Sanction,
        /// Whether it was lifted.
        lifted: bool,
    },
    /// A ban from the whole server was laid, or lifted.
    Banned {
        /// On whom, by whom, why, until when.
        sanction: Sanction,
        /// Whether it was lifted.
        lifted: bool,
    },
    /// A message says something else from now on.
    Edited {
        /// Where.
        at: At,
        /// Which.
        seq: Seq,
        /// Whose; nobody else can edit.
        author: UserId,
        /// The author's name.
        name: Name,
        /// The session that did it.
        session: SessionId,
        /// The author's own id for the edit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
        /// What it says now; kept beside, so that it can be redacted.
        #[serde(skip, default = "Body::redacted")]
        body: Body,
    },
    /// A message, with all its earlier wordings, is gone for good.
    Redacted {
        /// Where.
        at: At,
        /// Which.
        seq: Seq,
        /// Whose.
        author: UserId,
        /// Who said so.
        by: By,
        /// Why.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Somebody reacted to a message, or takes it back.
    Reacted {
        /// Where.
        at: At,
        /// To which.
        seq: Seq,
        /// Who.
        user: UserId,
        /// The name.
        name: Name,
        /// With what.
        emoji: String,
        /// Whether it is there from now on.
        on: bool,
    },
    /// A message was put up, or taken down.
    Pinned {
        /// Where.
        at: At,
        /// Which.
        seq: Seq,
        /// Who said so.
        by: By,
        /// Whether it is up from now on.
        on: bool,
    },
    /// Somebody has read a room up to there.
    ReadUpTo {
        /// Where; none where two have said nothing to each other yet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<RoomId>,
        /// Who.
        user: UserId,
        /// Up to which message.
        seq: Seq,
        /// Up to which time, where a program says it; from rules 3 on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        marker: Option<Marker>,
    },
    /// Somebody has another name.
    Renamed {
        /// Who.
        user: UserId,
        /// The old one.
        from: Name,
        /// The new one.
        to: Name,
        /// Where it is told.
        rooms: Vec<RoomId>,
        /// Whether the name of their account stays what it is; from rules 3 on.
        #[serde(default, skip_serializing_if = "is_false")]
        keeps: bool,
        /// Whether they are not there: they come back under that name; from rules 3 on.
        #[serde(default, skip_serializing_if = "is_false")]
        away: bool,
    },
    /// A guest's name is theirs for good, by a password.
    Registered {
        /// Who.
        user: UserId,
        /// The password's hash, in the PHC string format.
        phc: String,
    },
    /// A password is another one.
    PasswordSet {
        /// Whose.
        user: UserId,
        /// Its hash, in the PHC string format.
        phc: String,
    },
    /// Somebody is away, or back.
    AwaySet {
        /// Who.
        user: UserId,
        /// The name.
        name: Name,
        /// What they say about it; none is back.
        text: Option<String>,
        /// Where it is told.
        rooms: Vec<RoomId>,
    },
    /// Somebody says something about themselves.
    ProfileSet {
        /// Who.
        user: UserId,
        /// What.
        text: String,
    },
    /// Somebody wants to hear nothing of somebody else, or again.
    Ignored {
        /// Who.
        user: UserId,
        /// Of whom.
        other: UserId,
        /// Whether from now on.
        on: bool,
    },
    /// Somebody runs the server, or no longer.
    OperatorSet {
        /// Who.
        user: UserId,
        /// Whether from now on.
        on: bool,
    },
    /// Programs know somebody by something else from now on.
    IdentSet {
        /// Who.
        user: UserId,
        /// The name.
        name: Name,
        /// By what.
        ident: Ident,
        /// By what before, where it was something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<Ident>,
        /// Where it is told.
        rooms: Vec<RoomId>,
    },
    /// Something is noted for programs: of a room, or of somebody.
    MetadataSet {
        /// Which room; none where it is of whoever noted it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        room: Option<At>,
        /// Who noted it.
        user: UserId,
        /// The name.
        name: Name,
        /// Under which key.
        key: String,
        /// What; none where it is no longer so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
        /// Where it is told, where it is of somebody.
        rooms: Vec<RoomId>,
    },
    /// Somebody is registered or has logged in, as others are told.
    AccountTold {
        /// Who.
        user: UserId,
        /// The name of the account.
        name: Name,
        /// What they are called, where that is something else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        called: Option<Name>,
        /// The visitor they were until then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<UserId>,
        /// Where it is told.
        rooms: Vec<RoomId>,
    },
    /// Those in a room are told whom somebody asked in.
    InviteTold {
        /// Where.
        at: At,
        /// The name of who was asked.
        name: Name,
        /// Who asked.
        by: By,
    },
    /// A session can be taken up again by a token.
    TicketGiven {
        /// Whose.
        user: UserId,
        /// Which session.
        session: SessionId,
        /// The token's hash.
        token: TokenHash,
    },
    /// Somebody has a key from now on.
    KeyGiven {
        /// Whose.
        user: UserId,
        /// Which; the position where this stands.
        id: KeyId,
        /// The key.
        key: NewKey,
    },
    /// Somebody has a bot, which is registered from the start.
    BotMade {
        /// The bot.
        user: UserId,
        /// Its name.
        name: Name,
        /// Whose it is.
        owner: UserId,
    },
    /// A key is no longer good.
    KeyRevoked {
        /// Whose.
        user: UserId,
        /// Which.
        id: KeyId,
    },
    /// A session comes in by a key.
    KeyUsed {
        /// Whose.
        user: UserId,
        /// Which.
        id: KeyId,
        /// The session.
        session: SessionId,
    },
    /// What is said in a room is sent somewhere from now on.
    HookAdded {
        /// Where.
        at: At,
        /// Which; the position where this stands.
        id: HookId,
        /// The hook.
        hook: Box<NewHook>,
        /// Who said so.
        by: By,
    },
    /// It is sent there no longer.
    HookEnded {
        /// Where.
        at: At,
        /// Which.
        id: HookId,
        /// To whom it was sent: scheme, host and port.
        origin: String,
        /// Who said so.
        by: By,
        /// Why.
        why: Ending,
    },
    /// What somebody wrote in a room is hidden, until it is brought back or redacted.
    Purged {
        /// Where.
        at: At,
        /// Its number, the position where it happened.
        purge: u64,
        /// Whose messages.
        user: UserId,
        /// The name.
        name: Name,
        /// From then on …
        since: Millis,
        /// … up to this message.
        upto: Seq,
        /// Who said so.
        by: By,
        /// When it can no longer be undone.
        until: Millis,
    },
    /// What was hidden is back.
    PurgeUndone {
        /// Where.
        at: At,
        /// Which.
        purge: u64,
        /// Who said so.
        by: By,
    },
    /// What was hidden is redacted: its time to be undone is over.
    PurgeDone {
        /// Where.
        at: At,
        /// Which.
        purge: u64,
        /// Whose messages.
        user: UserId,
        /// From then on …
        since: Millis,
        /// … up to this message.
        upto: Seq,
    },
    /// A room's oldest messages are gone, as its retention says.
    Dropped {
        /// Where.
        at: At,
        /// Up to this message.
        upto: Seq,
    },
}

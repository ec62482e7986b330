//! Who may do and see what. The one table and the one function that say so: every decision, delivery, history, search,
//! list and export asks here. Knows nothing of how a protocol says no.

mod audience;

pub use audience::{Audience, Viewer, audience};

use crate::{Access, Refusal, Role};

/// Everything that somebody may be allowed or not, in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Act {
    /// Learn that it exists: lists, topic, number of members, errors that name it.
    See,
    /// Read what is said there: live, history, search, resume, export.
    Read,
    /// See who is in it.
    Members,
    /// Come in.
    Enter,
    /// Go out.
    Leave,
    /// Write a message, reply or react.
    Speak,
    /// Call everybody who is in it by `@room`.
    CallAll,
    /// Change one's own message.
    Edit,
    /// Take a message away.
    Redact,
    /// Put a message up, or take it down.
    Pin,
    /// Say what it is about.
    Topic,
    /// Ask somebody in.
    Invite,
    /// Put somebody out.
    Kick,
    /// Keep somebody out, or no longer; see who is kept out.
    Ban,
    /// Keep somebody from speaking, or no longer.
    Mute,
    /// Hide what somebody wrote, and bring it back.
    Purge,
    /// Give or take a role below one's own.
    Role,
    /// Access, password, slow mode, limit, moderation, retention.
    Set,
    /// Keep it as it is, or open it again.
    Archive,
    /// End it.
    Delete,
    /// Read the record of what moderators did there.
    Audit,
    /// Speak for somebody of another network.
    Relay,
}

impl Act {
    /// All of them, the rows of [`TABLE`].
    pub const ALL: [Self; 22] = [
        Self::See,
        Self::Read,
        Self::Members,
        Self::Enter,
        Self::Leave,
        Self::Speak,
        Self::CallAll,
        Self::Edit,
        Self::Redact,
        Self::Pin,
        Self::Topic,
        Self::Invite,
        Self::Kick,
        Self::Ban,
        Self::Mute,
        Self::Purge,
        Self::Role,
        Self::Set,
        Self::Archive,
        Self::Delete,
        Self::Audit,
        Self::Relay,
    ];
}

/// What somebody is to a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// Not in it.
    Outsider,
    /// In it.
    Member,
    /// In it, and may speak where it is moderated.
    Voice,
    /// Keeps order in it.
    Moderator,
    /// Decides what it is.
    Owner,
    /// Runs the server: may administer every room, and reads only those it is in.
    Operator,
}

impl From<Role> for Standing {
    fn from(role: Role) -> Self {
        match role {
            Role::Member => Self::Member,
            Role::Voice => Self::Voice,
            Role::Moderator => Self::Moderator,
            Role::Owner => Self::Owner,
        }
    }
}

impl Standing {
    /// All of them, the columns of [`TABLE`].
    pub const ALL: [Self; 6] =
        [Self::Outsider, Self::Member, Self::Voice, Self::Moderator, Self::Owner, Self::Operator];
}

/// What stands in one cell of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Always.
    Yes,
    /// Never.
    No,
    /// Unless the room is hidden or private.
    Shown,
    /// If it is public.
    Public,
    /// If the door is open: not banned, not full, and public, invited or with the right password.
    Door,
    /// Like `Door`, but no door is closed to this one.
    Open,
    /// Unless muted, or archived, or moderated without a voice.
    Voice,
    /// As `Voice` says, if the room hears those outside.
    Outside,
    /// Unless archived.
    Alive,
    /// Unless archived, if the room lets all who are in it.
    AliveIfTopic,
    /// Unless archived, if anybody may come in anyway.
    AliveIfOpen,
    /// One's own message, unless muted or archived.
    Own,
    /// Against those of a lower standing, unless archived.
    Below,
    /// If in it.
    Inside,
    /// If in it, as `Voice` says.
    InsideVoice,
    /// One's own message, if in it.
    InsideOwn,
}

use Cell::{
    Alive, AliveIfOpen, AliveIfTopic, Below, Door, Inside, InsideOwn, InsideVoice, No, Open, Outside, Own,
    Public, Shown, Voice, Yes,
};

/// The table: what each standing may. A row an act, in the order of [`Standing::ALL`].
pub const TABLE: [(Act, [Cell; 6]); Act::ALL.len()] = [
    //              outsider member voice  moder. owner  operator
    (Act::See, [Shown, Yes, Yes, Yes, Yes, Yes]),
    (Act::Read, [No, Yes, Yes, Yes, Yes, Inside]),
    (Act::Members, [Public, Yes, Yes, Yes, Yes, Yes]),
    (Act::Enter, [Door, Yes, Yes, Yes, Yes, Open]),
    (Act::Leave, [No, Yes, Yes, Yes, Yes, Inside]),
    (Act::Speak, [Outside, Voice, Voice, Voice, Voice, InsideVoice]),
    (Act::CallAll, [No, No, No, Voice, Voice, InsideVoice]),
    (Act::Edit, [No, Own, Own, Own, Own, InsideOwn]),
    (Act::Redact, [No, Own, Own, Yes, Yes, Yes]),
    (Act::Pin, [No, No, No, Alive, Alive, Alive]),
    (Act::Topic, [No, AliveIfTopic, AliveIfTopic, Alive, Alive, Alive]),
    (Act::Invite, [No, AliveIfOpen, AliveIfOpen, Alive, Alive, Alive]),
    (Act::Kick, [No, No, No, Below, Below, Below]),
    (Act::Ban, [No, No, No, Yes, Yes, Yes]),
    (Act::Mute, [No, No, No, Yes, Yes, Yes]),
    (Act::Purge, [No, No, No, Yes, Yes, Yes]),
    (Act::Role, [No, No, No, Below, Below, Below]),
    (Act::Set, [No, No, No, No, Yes, Yes]),
    (Act::Archive, [No, No, No, No, Yes, Yes]),
    (Act::Delete, [No, No, No, No, Yes, Yes]),
    (Act::Audit, [No, No, No, Yes, Yes, Yes]),
    (Act::Relay, [No, No, No, Voice, Voice, InsideVoice]),
];

/// What is known of the room, and of what in it is acted upon.
#[derive(Clone, Copy, Debug, Default)]
pub struct Object {
    /// Who gets in.
    pub access: Access,
    /// The actor is a member: tells of an operator only.
    pub inside: bool,
    /// It is a conversation of two, in which nobody stands above the other.
    pub direct: bool,
    /// Nothing more is said in it.
    pub archived: bool,
    /// Only those with a voice speak.
    pub moderated: bool,
    /// Those who are not in it may speak into it.
    pub outside: bool,
    /// All who are in it may say what it is about.
    pub open_topic: bool,
    /// Only those who are registered speak, and the actor is not.
    pub silent: bool,
    /// Only those who are registered come in, and the actor is not.
    pub kept_out: bool,
    /// The actor has a voice: tells of an operator only.
    pub voiced: bool,
    /// The actor is muted.
    pub muted: bool,
    /// The actor is kept out.
    pub banned: bool,
    /// It has as many members as it may.
    pub full: bool,
    /// The actor was asked in.
    pub invited: bool,
    /// Whether there is a password, and whether the actor gave the right one.
    pub password: Option<bool>,
    /// The message is the actor's own.
    pub own: bool,
    /// Whom it is done to stands lower than the actor, before and after.
    pub below: bool,
}

/// Whether somebody may do something; if not, the answer says no more than they may know.
pub fn can(standing: Standing, act: Act, object: &Object) -> Result<(), Refusal> {
    let row = TABLE.iter().find(|(row, _)| *row == act).expect("every act has its row, or a test fails");
    let column = Standing::ALL.iter().position(|one| *one == standing).expect("all standings are columns");
    let outside = || match (standing, object.access, object.direct) {
        (Standing::Outsider, access, _) if !access.shown() => Refusal::NoSuchRoom,
        (Standing::Outsider, _, true) => Refusal::NoSuchRoom,
        _ => Refusal::NotAMember,
    };
    let alive = || if object.archived { Err(Refusal::Archived) } else { Ok(()) };
    let voice = |voiced: bool| {
        alive()?;
        if object.muted {
            return Err(Refusal::Muted);
        }
        match voiced {
            true => Ok(()),
            false if object.moderated => Err(Refusal::Moderated),
            false if object.silent => Err(Refusal::RegisterFirst),
            false => Ok(()),
        }
    };
    let own = || if object.own { voice(true) } else { Err(Refusal::NotYours) };
    let inside = || if object.inside { Ok(()) } else { Err(Refusal::NotAMember) };
    match row.1[column] {
        Yes => Ok(()),
        No if standing == Standing::Outsider => Err(outside()),
        No => Err(Refusal::NotAllowed),
        Shown if !object.access.shown() || object.direct => Err(Refusal::NoSuchRoom),
        Shown => Ok(()),
        Public if object.access == Access::Public && !object.direct => Ok(()),
        Public => Err(outside()),
        Door => door(object),
        Open if object.direct => Err(Refusal::NoSuchRoom),
        Open => Ok(()),
        Voice => voice(standing >= Standing::Voice),
        Outside if object.outside && !object.direct => voice(false),
        Outside => Err(outside()),
        Alive => alive(),
        AliveIfTopic if object.open_topic => alive(),
        AliveIfOpen if object.access.open() && !object.direct => alive(),
        AliveIfTopic | AliveIfOpen => Err(Refusal::NotAllowed),
        Own => own(),
        Below => alive().and(if object.below { Ok(()) } else { Err(Refusal::NotAllowed) }),
        Inside => inside(),
        InsideVoice => inside().and_then(|()| voice(object.voiced)),
        InsideOwn => inside().and_then(|()| own()),
    }
}

/// The door of a room. Of a private one nothing is said that an absent one would not say too.
fn door(object: &Object) -> Result<(), Refusal> {
    let key = object.invited || object.password == Some(true);
    let refused = if object.direct {
        Some(Refusal::NoSuchRoom)
    } else if object.banned {
        Some(Refusal::Banned)
    } else if !object.access.open() && !key {
        Some(Refusal::InviteOnly)
    } else if object.password == Some(false) && !object.invited {
        Some(Refusal::WrongPassword)
    } else if object.kept_out && !object.invited {
        Some(Refusal::RegisterFirst)
    } else if object.full && !object.invited {
        Some(Refusal::Full)
    } else {
        None
    };
    match refused {
        None => Ok(()),
        // Who holds a key knows that it is there; who holds none must not learn it.
        Some(Refusal::Full) => Err(Refusal::Full),
        Some(_) if object.access == Access::Private => Err(Refusal::NoSuchRoom),
        Some(refusal) => Err(refusal),
    }
}

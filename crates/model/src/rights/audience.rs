//! Who is told of an event, at the place where it happened. Knows no state: the event says it all.

use crate::event::Fact;
use crate::{Event, RoomId, SessionId, UserId};

/// Who may see an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience<'a> {
    /// Whoever is in this room at that place, the one who comes or goes with it too.
    Room(RoomId),
    /// Whoever is in this room, and this user, who spoke into it.
    RoomAnd(RoomId, UserId),
    /// Whoever is in one of these rooms.
    Rooms(&'a [RoomId]),
    /// These two, and nobody else.
    Two(UserId, UserId),
    /// One user, on whatever session.
    User(UserId),
    /// One client only.
    Session(SessionId),
    /// It is the server's own business.
    Nobody,
}

/// Who somebody is, to whom an event may be shown: what they are in at that place is the asker's to know.
pub trait Viewer {
    /// The user.
    fn user(&self) -> UserId;
    /// The session.
    fn session(&self) -> SessionId;
    /// Whether the user was in a room at the place of the event.
    fn inside(&self, room: RoomId) -> bool;
}

impl Audience<'_> {
    /// Whether somebody is in it.
    #[must_use]
    pub fn includes(&self, who: &impl Viewer) -> bool {
        match *self {
            Self::Room(room) => who.inside(room),
            Self::RoomAnd(room, user) => who.inside(room) || who.user() == user,
            Self::Rooms(rooms) => rooms.iter().any(|room| who.inside(*room)),
            Self::Two(a, b) => who.user() == a || who.user() == b,
            Self::User(user) => who.user() == user,
            Self::Session(session) => who.session() == session,
            Self::Nobody => false,
        }
    }

    /// Whether anybody is given it when reading on.
    #[must_use]
    pub fn reads_on(&self) -> bool {
        !matches!(self, Self::Session(_) | Self::Nobody | Self::Rooms([]))
    }
}

/// Who may see an event, at the place where it happened.
#[must_use]
pub fn audience(event: &Event) -> Audience<'_> {
    match event {
        Event::Message { author, to: Some(to), .. } => Audience::Two(*author, to.user),
        Event::Message { room, author, to: None, .. } => Audience::RoomAnd(*room, *author),
        Event::Imported { room, .. } => Audience::Room(*room),
        Event::CameOnline { rooms, .. } | Event::WentOffline { rooms, .. } => Audience::Rooms(rooms),
        Event::SessionOpened { session, .. } | Event::SessionClosed { session, .. } => {
            Audience::Session(*session)
        }
        Event::NodeStarted { .. }
        | Event::GuestCreated { .. }
        | Event::GuestForgotten { .. }
        | Event::DirectCreated { .. }
        | Event::SeenMarked { .. } => Audience::Nobody,
        Event::Fact(fact) => of_fact(fact),
    }
}

fn of_fact(fact: &Fact) -> Audience<'_> {
    match fact {
        Fact::Edited { at, .. }
        | Fact::Redacted { at, .. }
        | Fact::Reacted { at, .. }
        | Fact::Pinned { at, .. } => match at.two {
            Some((a, b)) => Audience::Two(a, b),
            None => Audience::Room(at.room),
        },
        Fact::Joined { told: true, at, .. } | Fact::Left { told: true, at, .. } => Audience::Room(at.room),
        // In a crowd nobody is told, but whom it concerns.
        Fact::Joined { user, .. } | Fact::Left { user, .. } => Audience::User(*user),
        Fact::RoleSet { at, .. }
        | Fact::MetadataSet { room: Some(at), .. }
        | Fact::RoomSet { at, .. }
        | Fact::RoomDeleted { at, .. }
        | Fact::Sanctioned { at, .. }
        | Fact::InviteTold { at, .. }
        | Fact::Dropped { at, .. } => Audience::Room(at.room),
        Fact::Purged { at, .. } | Fact::PurgeUndone { at, .. } => Audience::Room(at.room),
        Fact::Renamed { rooms, .. }
        | Fact::AwaySet { rooms, .. }
        | Fact::IdentSet { rooms, .. }
        | Fact::MetadataSet { room: None, rooms, .. }
        | Fact::AccountTold { rooms, .. } => Audience::Rooms(rooms),
        Fact::Invited { user, .. }
        | Fact::RoomCreated { by: user, .. }
        | Fact::ReadUpTo { user, .. }
        | Fact::Registered { user, .. }
        | Fact::PasswordSet { user, .. }
        | Fact::ProfileSet { user, .. }
        | Fact::Ignored { user, .. }
        | Fact::OperatorSet { user, .. } => Audience::User(*user),
        // Where a room is sent to is for those who keep it, and they ask for it.
        Fact::BotMade { .. }
        | Fact::HookAdded { .. }
        | Fact::HookEnded { .. }
        | Fact::KeyGiven { .. }
        | Fact::KeyRevoked { .. }
        | Fact::KeyUsed { .. }
        | Fact::TicketGiven { .. }
        | Fact::PurgeDone { .. }
        | Fact::Banned { .. } => Audience::Nobody,
    }
}

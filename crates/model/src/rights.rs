//! Who may see what. The one place that says so: delivery, history, search and export all ask here.

use crate::{Event, SessionId, UserId};

/// Who may see an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody in the lobby, which is everybody.
    Everyone,
    /// These two, and nobody else.
    Two(UserId, UserId),
    /// One client only.
    Session(SessionId),
    /// It is the server's own business.
    Nobody,
}

impl Audience {
    /// Whether a user, on this session, is in it.
    #[must_use]
    pub fn includes(self, user: UserId, session: SessionId) -> bool {
        match self {
            Self::Everyone => true,
            Self::Two(a, b) => user == a || user == b,
            Self::Session(only) => session == only,
            Self::Nobody => false,
        }
    }
}

/// Who may see an event, at the place where it happened.
#[must_use]
pub fn audience(event: &Event) -> Audience {
    match event {
        Event::Message { author, to: Some(to), .. } => Audience::Two(*author, to.user),
        Event::Message { to: None, .. } | Event::Imported { .. } => Audience::Everyone,
        Event::CameOnline { told, .. } | Event::WentOffline { told, .. } if *told => Audience::Everyone,
        Event::SessionOpened { session, .. } | Event::SessionClosed { session, .. } => {
            Audience::Session(*session)
        }
        Event::CameOnline { .. }
        | Event::WentOffline { .. }
        | Event::NodeStarted { .. }
        | Event::GuestCreated { .. }
        | Event::GuestForgotten { .. }
        | Event::DirectCreated { .. }
        | Event::SeenMarked { .. } => Audience::Nobody,
    }
}

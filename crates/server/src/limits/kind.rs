//! What somebody does, and which limits that meets. Knows no numbers and no state.

use super::numbers::Which;

/// What somebody does, as far as limits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Any line at all, before it is looked at closely; also pings and what nobody understands.
    Command,
    /// A message, in a room or direct.
    Message,
    /// A message to somebody this user has no conversation with; asked beside [`Kind::Message`].
    NewPerson,
    /// History, a search, a list.
    Read,
    /// Typing and the like.
    Signal,
    /// Telling others that one is away.
    Presence,
    /// Making a room.
    Create,
    /// Joining a room.
    Join,
    /// Inviting somebody.
    Invite,
    /// A reaction.
    React,
    /// A name, a topic, a profile, an edit, a redaction of one's own.
    Change,
    /// A kick, a ban, a mute, a role.
    Moderate,
    /// Coming in without a password: a guest's name or a token. With one it is [`Limits::attempt`](super::Limits::attempt).
    Login,
    /// A new account.
    Register,
}

impl Kind {
    /// The limits it meets: those come first that stop one client alone.
    pub(super) fn limits(self) -> &'static [Which] {
        use Which::*;
        match self {
            Self::Command => &[CommandsPerConnection],
            Self::Message => &[MessagesPerConnection, MessagesPerUser, MessagesPerAddress],
            Self::NewPerson => &[NewPeoplePerUser, NewPeoplePerAddress],
            Self::Read => &[ReadsPerConnection, ReadsPerUser, ReadsPerAddress],
            Self::Signal | Self::Presence => &[SignalsPerConnection],
            Self::Create => &[RoomsPerUser, RoomsPerAddress],
            Self::Join => &[JoinsPerUser, JoinsPerAddress],
            Self::Invite => &[InvitesPerUser],
            Self::React => &[ReactionsPerUser],
            Self::Change => &[ChangesPerUser],
            Self::Moderate => &[ModerationPerUser],
            Self::Login => &[LoginsPerAddress, LoginsPerServer],
            Self::Register => &[RegistrationsPerAddress, RegistrationsPerServer],
        }
    }
}

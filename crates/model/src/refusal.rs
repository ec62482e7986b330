//! The ordinary answers that are not "yes". Knows nothing of how a protocol says them.

use crate::{Millis, Name, Position};

/// Why a request did not happen; nothing of it did.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Somebody is online under that name.
    #[error("that name is in use")]
    NameInUse,
    /// Its owner is away and holds it.
    #[error("that name is held for its owner")]
    NameHeld,
    /// It is registered: only its password opens it.
    #[error("that name is registered")]
    NameRegistered,
    /// It could be taken for another name that somebody holds.
    #[error("that name looks like another one")]
    NameConfusing,
    /// No such token, or its hour has passed.
    #[error("invalid token or session expired")]
    BadToken,
    /// The password is another one by now.
    #[error("invalid name or password")]
    BadPassword,
    /// Kept out of the whole server.
    #[error("you are banned from this server")]
    BannedHere,
    /// Nobody of that name.
    #[error("nobody is called {0}")]
    NoSuchUser(Name),
    /// They hear only from those who are registered.
    #[error("they hear only from those who are registered, or whom they wrote to")]
    OnlyRegistered,
    /// The room is for those who are registered.
    #[error("only those who are registered may do that here")]
    RegisterFirst,
    /// A direct message to oneself, or an act against oneself.
    #[error("that is yourself")]
    Yourself,
    /// There is no such key, or it is no longer good.
    #[error("that key is not good, or no longer")]
    NoKey,
    /// There is no such hook in that room.
    #[error("there is no such webhook")]
    NoSuchHook,
    /// A key is for less than that.
    #[error("that key may not be used for this")]
    KeyScope,
    /// The session has ended, or never was.
    #[error("the session has ended")]
    NoSession,
    /// The same user and client id stand there already: what was asked is true.
    #[error("already stored at position {0}")]
    AlreadyStored(Position),
    /// Written under rules this build does not know.
    #[error("written under rules this build does not know")]
    UnknownRules,
    /// There is no such room, as far as the asker may know.
    #[error("there is no such room")]
    NoSuchRoom,
    /// The name of a room that cannot be had, for whatever reason.
    #[error("that room name is not available")]
    RoomNameTaken,
    /// Not in that room.
    #[error("you are not in that room")]
    NotAMember,
    /// The other is not in that room.
    #[error("they are not in that room")]
    TheyAreNotAMember,
    /// In that room already.
    #[error("you are in that room already")]
    AlreadyAMember,
    /// The table says no.
    #[error("you may not do that here")]
    NotAllowed,
    /// Somebody else's message.
    #[error("that is not your message")]
    NotYours,
    /// Kept from speaking there.
    #[error("you are muted here")]
    Muted,
    /// A mute is laid on people.
    #[error("a mute takes a name; an address can be banned")]
    MuteOfAddress,
    /// Only those with a voice speak there.
    #[error("only those with a voice may speak here")]
    Moderated,
    /// Nothing more is said there.
    #[error("this room is archived")]
    Archived,
    /// Kept out.
    #[error("you are banned from this room")]
    Banned,
    /// Only who was asked in.
    #[error("this room is for those who are invited")]
    InviteOnly,
    /// A wrong password, or none.
    #[error("this room has another password")]
    WrongPassword,
    /// As many members as it may have.
    #[error("this room is full")]
    Full,
    /// Slow mode: not before then.
    #[error("slow mode: you may write again in {} s", (wait.0.max(1) + 999) / 1000)]
    Slow {
        /// How much longer.
        wait: Millis,
    },
    /// No such message there, or it is gone.
    #[error("there is no such message")]
    NoSuchMessage,
    /// It is so already.
    #[error("it is so already")]
    AlreadySo,
    /// More than one may have; the words say of what.
    #[error("too many {0}")]
    TooMany(&'static str),
    /// Only for registered users.
    #[error("only for registered users: /register <password>")]
    Guest,
    /// Registered already.
    #[error("you are registered already")]
    Registered,
    /// The last owner must name another first.
    #[error("you are its only owner: make somebody else owner, or delete the room")]
    LastOwner,
    /// The lobby is everybody's.
    #[error("that cannot be done to the lobby")]
    Lobby,
}

//! What an IRC line and JSON say of people beside their names, and of rooms beside their numbers. Decides nothing.

use super::mask;
use chatroom_model::{Ident, Name, RoomId, UserId};
use std::collections::BTreeMap;

/// Somebody who is online, as programs know them.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// User name and real name.
    pub ident: Ident,
    /// What their account is called, where they are registered.
    pub account: Option<Box<str>>,
    /// What they say about being away.
    pub away: Option<Box<str>>,
    /// What is noted of them for programs (IRCv3 metadata).
    pub metadata: BTreeMap<Box<str>, Box<str>>,
}

/// Where a renderer looks people and rooms up.
pub trait Known {
    /// Somebody, as far as there is something to know.
    fn person(&self, user: UserId) -> Option<&Person>;

    /// How a room is called.
    fn room(&self, room: RoomId) -> Option<&str>;

    /// Whether somebody runs the server, where that is known.
    fn operator(&self, _: UserId) -> bool {
        false
    }
}

/// Nobody and nothing is known.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl Known for Nothing {
    fn person(&self, _: UserId) -> Option<&Person> {
        None
    }

    fn room(&self, _: RoomId) -> Option<&str> {
        None
    }
}

/// The user name of those who came by a protocol that has none.
pub const USER: &str = "~u";

/// Adds `nick!user@host`.
pub fn prefix(out: &mut String, known: &impl Known, user: UserId, name: &Name) {
    out.extend([name.as_str(), "!"]);
    match known.person(user).filter(|person| !person.ident.user.is_empty()) {
        Some(person) => out.extend(["~", &person.ident.user]),
        None => out.push_str(USER),
    }
    out.extend(["@", &mask::host(user)]);
}

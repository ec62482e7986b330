//! Somebody, as programs are told of them.

use crate::irc::known::Known;
use chatroom_model::{By, Name, UserId};
use serde::Serialize;

/// Somebody. Where an event keeps only the number there is no name, and where it keeps only the name no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct User<'a> {
    /// The number; 0 is the operator at the machine, and who wrote what was imported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<UserId>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// What their account is called, where they are registered and that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<&'a str>,
    /// Whether they run the server.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub operator: bool,
    /// Whether it is a program.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
}

impl<'a> User<'a> {
    /// Somebody by number and name, and what is known beside.
    #[must_use]
    pub fn of(known: &'a impl Known, user: UserId, name: &'a Name) -> Self {
        Self { name: Some(name.as_str()), ..Self::numbered(known, user) }
    }

    /// Somebody whose name is not at hand.
    #[must_use]
    pub fn numbered(known: &'a impl Known, user: UserId) -> Self {
        let person = known.person(user);
        Self {
            id: Some(user),
            name: None,
            account: person.and_then(|person| person.account.as_deref()),
            operator: known.operator(user),
            bot: person.is_some_and(|person| person.ident.is('B')),
        }
    }

    /// Somebody of whom only the name is kept.
    #[must_use]
    pub fn named(name: &'a str) -> Self {
        Self { id: None, name: Some(name), account: None, operator: false, bot: false }
    }

    /// Who did something.
    #[must_use]
    pub fn by(known: &'a impl Known, by: &'a By) -> Self {
        Self::of(known, by.user, &by.name)
    }
}

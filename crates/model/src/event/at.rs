//! Where something happened, who did it, and how somebody went, in the form in which it is kept.

use crate::{Millis, Name, RoomId, RoomName, UserId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// In which room, and how it is called there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct At {
    /// The room.
    pub room: RoomId,
    /// Its name at that time; none for the lobby and for conversations of two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Arc<str>>,
    /// The two people of a direct conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub two: Option<(UserId, UserId)>,
    /// How the two are called, where a message of theirs is meant; from rules 3 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<Box<(Name, Name)>>,
}

impl At {
    /// In a conversation of two, the name of the one whom somebody there speaks to.
    #[must_use]
    pub fn other(&self, than: UserId) -> Option<&Name> {
        let ((a, _), names) = (self.two?, self.names.as_ref()?);
        Some(if than == a { &names.1 } else { &names.0 })
    }
}

/// Who did something: a user, or the operator at the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// The user; 0 is the operator at the machine.
    pub user: UserId,
    /// The name at that time.
    pub name: Name,
}

/// How somebody went out of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// By themselves.
    Left,
    /// By themselves, saying why.
    Parted {
        /// What they said.
        reason: String,
    },
    /// They were put out.
    Kicked {
        /// By whom.
        by: By,
        /// Why.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
}

/// Up to which time somebody has read, as a program says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// Up to then.
    pub at: Millis,
    /// What: a time says something also of what has not begun yet.
    pub of: Marked,
}

/// What a marker is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Marked {
    /// What is said in the room of this name.
    Room(RoomName),
    /// What is said with somebody.
    With {
        /// Who.
        user: UserId,
        /// The name.
        name: Name,
    },
}

/// What a sanction keeps somebody from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Being there.
    Ban,
    /// Speaking there.
    Mute,
    /// Nothing: they are there and speak whatever else is said of them. From rules 3 on.
    Exempt,
    /// Nothing: they come in where others have to be asked. From rules 3 on.
    Welcome,
}

/// Whether a mark is not set, and so need not be written.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
pub(crate) fn is_false(mark: &bool) -> bool {
    !mark
}

//! A place where messages stand in order, and who is what in it. It does not grow with what has been said.

use crate::place::{Access, Member, Retention, Sanction};
use crate::rights::{Object, Standing};
use crate::{Kind, Millis, Role, RoomName, Seq, UserId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A place where messages stand in order.
#[derive(Clone, Debug, Default)]
pub struct Room {
    /// The two people of a direct conversation; none for a room with a name.
    pub direct: Option<(UserId, UserId)>,
    /// The number of its last message.
    pub last: Seq,
    /// Its name; none for a direct conversation.
    pub name: Option<RoomName>,
    /// The name as events carry it; none for the lobby, which needs none.
    pub label: Option<Arc<str>>,
    /// Who gets in.
    pub access: Access,
    /// What it is about.
    pub topic: String,
    /// The hash of the word that opens it.
    pub password: Option<String>,
    /// Seconds a member waits between two messages.
    pub slow: u32,
    /// Members it may have.
    pub limit: Option<u32>,
    /// Whether only those with a voice may speak.
    pub moderated: bool,
    /// Whether it is kept as it is.
    pub archived: bool,
    /// Whether those who are not in it may speak into it.
    pub outside: bool,
    /// Whether all who are in it may say what it is about.
    pub open_topic: bool,
    /// Whether only those who are registered, or have a voice, may speak.
    pub registered_speak: bool,
    /// Whether only those who are registered, or were asked in, may come in.
    pub registered_join: bool,
    /// Whether programs ask each other nothing here.
    pub no_ctcp: bool,
    /// When it was made; the lobby never was.
    pub made: Millis,
    /// Who said last what it is about, and when.
    pub topic_by: Option<(String, Millis)>,
    /// How long messages stay.
    pub retention: Retention,
    /// The last message that retention took away.
    pub dropped: Seq,
    /// Who is in it.
    pub members: BTreeMap<UserId, Member>,
    /// How many of them are online.
    pub online: usize,
    /// Who was asked in and has not come yet.
    pub invited: BTreeSet<UserId>,
    /// Who is kept out, and who from speaking.
    pub sanctions: Vec<(Kind, Sanction)>,
    /// The messages that are up, in the order in which they were put there.
    pub pins: Vec<Seq>,
    /// What is hidden and may still come back.
    pub purges: Vec<Purge>,
}

/// What somebody wrote, hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purge {
    /// Its number.
    pub id: u64,
    /// Whose messages.
    pub user: UserId,
    /// From then on …
    pub since: Millis,
    /// … up to this one.
    pub upto: Seq,
    /// When it can no longer be undone.
    pub until: Millis,
}

impl Room {
    /// The room that exists from the start.
    #[must_use]
    pub fn lobby() -> Self {
        Self { name: Some(RoomName::kept(crate::LOBBY_NAME)), ..Self::default() }
    }

    /// What somebody is to it.
    #[must_use]
    pub fn standing(&self, user: UserId, operator: bool) -> Standing {
        if let Some((a, b)) = self.direct {
            return if user == a || user == b { Standing::Member } else { Standing::Outsider };
        }
        match self.members.get(&user) {
            _ if operator => Standing::Operator,
            Some(member) => member.role.into(),
            None => Standing::Outsider,
        }
    }

    /// What the table must know of it, for somebody.
    #[must_use]
    pub fn object(&self, user: UserId) -> Object {
        let member = self.members.get(&user);
        Object {
            access: self.access,
            inside: member.is_some(),
            direct: self.direct.is_some(),
            archived: self.archived,
            moderated: self.moderated,
            outside: self.outside,
            open_topic: self.open_topic,
            voiced: member.is_some_and(|member| member.role >= Role::Voice),
            full: self.limit.is_some_and(|most| self.members.len() >= most as usize),
            invited: self.invited.contains(&user),
            ..Object::default()
        }
    }

    /// Whether a message is hidden by a purge.
    #[must_use]
    pub fn hides(&self, author: UserId, seq: Seq, time: Millis) -> bool {
        self.purges.iter().any(|purge| purge.hides(author, seq, time))
    }

    /// How many owners it has.
    #[must_use]
    pub fn owners(&self) -> usize {
        self.members.values().filter(|member| member.role == Role::Owner).count()
    }
}

impl Purge {
    /// Whether it hides a message.
    #[must_use]
    pub fn hides(&self, author: UserId, seq: Seq, time: Millis) -> bool {
        author == self.user && seq <= self.upto && time >= self.since
    }
}

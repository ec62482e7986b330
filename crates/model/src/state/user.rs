//! A user whose name is held. Knows nothing of rooms.

use crate::{Ident, Millis, Name, Position, SessionId, TokenHash, UserId, Whom};
use std::collections::BTreeSet;

/// Sessions of one user that can be taken up again by a token; past this the oldest can no longer be.
pub const TICKETS_MAX: usize = 8;
/// Sessions one user may have at once.
pub const SESSIONS_MAX: usize = 20;

/// A user whose name is held: by a token as a guest, by a password when registered.
#[derive(Clone, Debug)]
pub struct User {
    /// The name.
    pub name: Name,
    /// The tokens by which sessions are taken up again; a guest has one.
    pub tickets: Vec<Ticket>,
    /// What a registered user has; none for a guest.
    pub account: Option<Box<Account>>,
    /// Whether they run the server.
    pub operator: bool,
    /// Whether they are there only while connected: nobody holds the name for them.
    pub visitor: bool,
    /// How programs know them, where one said.
    pub ident: Option<Box<Ident>>,
    /// What they say about being away; none when they are not.
    pub away: Option<String>,
    /// What they say about themselves.
    pub profile: String,
    /// Of whom they want to hear nothing.
    pub ignores: BTreeSet<UserId>,
    /// The open sessions, by id.
    pub sessions: Vec<SessionId>,
    /// When the last session closed, while there is none.
    pub last_seen: Millis,
    /// When something was last said, or a session opened.
    pub last_active: Millis,
    /// Messages sent.
    pub sent: u64,
    /// The last position that has certainly been given.
    pub seen: Position,
}

/// A token, and the session it takes up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The token's hash.
    pub token: TokenHash,
    /// The session.
    pub session: SessionId,
    /// What that session had been given when it closed.
    pub seen: Position,
}

/// What makes a user a registered one.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The password's hash, in the PHC string format.
    pub phc: String,
    /// The name under which it was made: theirs for good, whatever they are called now.
    pub name: Name,
    /// Whose bot it is, if it is one: it has no password, and acts by keys alone.
    pub owner: Option<UserId>,
}

impl Account {
    /// Whether a password that was right for this hash opens it; a bot has none.
    #[must_use]
    pub fn opens(&self, phc: &str) -> bool {
        self.owner.is_none() && self.phc == phc
    }
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({:?})", self.owner)
    }
}

impl User {
    /// What a mask may meet of them; where they are connected from is not known here.
    #[must_use]
    pub fn whom(&self, id: UserId) -> Whom<'_> {
        let (account, ident) = (self.account.as_ref().map(|account| &account.name), self.ident.as_deref());
        Whom { name: &self.name, user: Some(id), account, ident, address: None }
    }

    /// A guest who has just come.
    #[must_use]
    pub fn guest(name: Name, token: TokenHash, now: Millis, seen: Position) -> Self {
        Self {
            name,
            tickets: vec![Ticket { token, session: SessionId(0), seen: Position(0) }],
            account: None,
            operator: false,
            visitor: false,
            ident: None,
            away: None,
            profile: String::new(),
            ignores: BTreeSet::new(),
            sessions: Vec::new(),
            last_seen: now,
            last_active: now,
            sent: 0,
            seen,
        }
    }

    /// The names that are held for them: what they are called, and what their account is.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        let other = self.account.as_ref().map(|account| &account.name);
        std::iter::once(&self.name).chain(other.filter(|name| name.key() != self.name.key()))
    }

    /// The ticket of a token.
    #[must_use]
    pub fn ticket(&self, token: &TokenHash) -> Option<Ticket> {
        self.tickets.iter().copied().find(|ticket| ticket.token == *token)
    }

    /// From now on a token takes up this session.
    pub(crate) fn give(&mut self, token: TokenHash, session: SessionId, seen: Position) {
        self.tickets.retain(|ticket| ticket.token != token);
        if self.tickets.len() >= TICKETS_MAX {
            self.tickets.remove(0);
        }
        self.tickets.push(Ticket { token, session, seen });
    }
}

//! What is so at one position: users, sessions, rooms. It does not grow with what has been said.

use crate::{Incarnation, Millis, Name, NodeId, Position, RoomId, Seq, SessionId, TokenHash, UserId};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The room that exists from the start and where everybody starts.
pub const LOBBY: RoomId = RoomId(1);
/// Its name.
pub const LOBBY_NAME: &str = "#lobby";
/// Milliseconds a guest's name and token are good for after the guest was last seen: one hour.
pub const TOKEN_HOLD: i64 = 60 * 60 * 1000;

/// What is so at [`State::position`]. Changed by `apply` alone.
#[derive(Clone, Debug)]
pub struct State {
    /// The last entry that was decided, refused or not.
    pub position: Position,
    /// The time of that entry.
    pub time: Millis,
    /// The next new user's id.
    pub next_user: UserId,
    /// The next new room's id.
    pub next_room: RoomId,
    /// The number of the last run of any node.
    pub incarnation: Incarnation,
    users: BTreeMap<UserId, User>,
    sessions: BTreeMap<SessionId, Session>,
    rooms: BTreeMap<RoomId, Room>,
    nodes: BTreeMap<NodeId, Run>,
    // What follows is derived from what stands above.
    names: HashMap<Box<str>, UserId>,
    directs: BTreeMap<(UserId, UserId), RoomId>,
    away: BTreeSet<(Millis, UserId)>,
    online: usize,
}

/// A user whose name is held.
#[derive(Clone, Debug)]
pub struct User {
    /// The name.
    pub name: Name,
    /// The hash of the token by which it is held.
    pub token: TokenHash,
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

/// A connected client.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose.
    pub user: UserId,
    /// Where it opened: a mark from before says nothing of it.
    pub opened: Position,
    /// What it had been given when it opened.
    pub from: Position,
    /// What it has been given, while it lags behind its node's mark.
    pub lag: Option<Position>,
}

/// One run of a node.
#[derive(Clone, Copy, Debug, Default)]
pub struct Run {
    /// Its number.
    pub incarnation: Incarnation,
    /// What all its sessions that do not lag have certainly been given.
    pub given: Position,
}

/// A place where messages stand in order.
#[derive(Clone, Debug)]
pub struct Room {
    /// The two people of a direct conversation; none for the lobby.
    pub direct: Option<(UserId, UserId)>,
    /// The number of its last message.
    pub last: Seq,
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// The state before the first entry: an empty lobby.
    #[must_use]
    pub fn new() -> Self {
        let mut state = Self {
            position: Position(0),
            time: Millis(0),
            next_user: UserId(1),
            next_room: RoomId(2),
            incarnation: Incarnation(0),
            users: BTreeMap::new(),
            sessions: BTreeMap::new(),
            rooms: BTreeMap::new(),
            nodes: BTreeMap::new(),
            names: HashMap::new(),
            directs: BTreeMap::new(),
            away: BTreeSet::new(),
            online: 0,
        };
        state.put_room(LOBBY, Room { direct: None, last: Seq(0) });
        state
    }

    /// A user, by id.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id)
    }

    /// Who holds a name.
    #[must_use]
    pub fn holder(&self, name: &Name) -> Option<(UserId, &User)> {
        let id = *self.names.get(name.key())?;
        Some((id, self.users.get(&id).expect("a held name has its user")))
    }

    /// A session, by id.
    #[must_use]
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.get(&id)
    }

    /// All open sessions of one run.
    pub fn sessions_of(&self, run: Incarnation) -> impl Iterator<Item = (SessionId, &Session)> {
        self.sessions.range(SessionId::new(run, 0)..=SessionId::new(run, u32::MAX)).map(|(id, s)| (*id, s))
    }

    /// A room, by id.
    #[must_use]
    pub fn room(&self, id: RoomId) -> Option<&Room> {
        self.rooms.get(&id)
    }

    /// The room of two people.
    #[must_use]
    pub fn direct(&self, a: UserId, b: UserId) -> Option<RoomId> {
        self.directs.get(&(a, b)).copied()
    }

    /// The rooms in which one user writes to one other.
    pub fn directs_of(&self, user: UserId) -> impl Iterator<Item = (UserId, RoomId)> {
        self.directs.range((user, UserId(0))..=(user, UserId(u64::MAX))).map(|((_, b), room)| (*b, *room))
    }

    /// The current run of a node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Option<Run> {
        self.nodes.get(&id).copied()
    }

    /// The last position a session has certainly been given.
    #[must_use]
    pub fn given(&self, id: SessionId) -> Position {
        let Some(session) = self.sessions.get(&id) else { return Position(0) };
        let run = self.nodes.values().find(|run| run.incarnation == id.incarnation());
        let marked = run.map(|run| run.given).filter(|given| *given >= session.opened);
        session.lag.or(marked).unwrap_or(session.from)
    }

    /// How many users are online.
    #[must_use]
    pub fn online(&self) -> usize {
        self.online
    }

    /// The guests who have been away longest, and since when.
    pub fn longest_away(&self) -> impl Iterator<Item = (Millis, UserId)> {
        self.away.iter().copied()
    }

    /// Puts a user in place, new or changed.
    pub fn put_user(&mut self, id: UserId, user: User) {
        self.drop_user(id);
        self.names.insert(user.name.key().into(), id);
        if user.sessions.is_empty() {
            self.away.insert((user.last_seen, id));
        } else {
            self.online += 1;
        }
        self.users.insert(id, user);
    }

    /// Takes a user out, and the direct rooms with it: the messages stay in the log.
    pub fn forget_user(&mut self, id: UserId) {
        self.drop_user(id);
        let rooms: Vec<_> = self.directs_of(id).collect();
        for (other, room) in rooms {
            self.directs.remove(&(id, other));
            self.directs.remove(&(other, id));
            self.rooms.remove(&room);
        }
    }

    fn drop_user(&mut self, id: UserId) {
        let Some(old) = self.users.remove(&id) else { return };
        self.names.remove(old.name.key());
        if old.sessions.is_empty() {
            self.away.remove(&(old.last_seen, id));
        } else {
            self.online -= 1;
        }
    }

    /// Changes what is not indexed of a user: activity, counts, what it has been given.
    pub(crate) fn touch_user(&mut self, id: UserId) -> &mut User {
        self.users.get_mut(&id).expect("an event names a user that is known")
    }

    /// Puts a session in place; its user lists it already.
    pub fn put_session(&mut self, id: SessionId, session: Session) {
        self.sessions.insert(id, session);
    }

    pub(crate) fn take_session(&mut self, id: SessionId) -> Option<Session> {
        self.sessions.remove(&id)
    }

    pub(crate) fn session_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        self.sessions.get_mut(&id)
    }

    pub(crate) fn run_mut(&mut self, incarnation: Incarnation) -> Option<&mut Run> {
        self.nodes.values_mut().find(|run| run.incarnation == incarnation)
    }

    /// Puts a room in place.
    pub fn put_room(&mut self, id: RoomId, room: Room) {
        if let Some((a, b)) = room.direct {
            self.directs.insert((a, b), id);
            self.directs.insert((b, a), id);
        }
        self.rooms.insert(id, room);
    }

    pub(crate) fn room_mut(&mut self, id: RoomId) -> &mut Room {
        self.rooms.get_mut(&id).expect("an event names a room that is known")
    }

    /// Puts a node's current run in place.
    pub fn put_node(&mut self, node: NodeId, run: Run) {
        self.nodes.insert(node, run);
    }

    /// All nodes and their current runs.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, Run)> {
        self.nodes.iter().map(|(n, i)| (*n, *i))
    }

    /// A fingerprint of everything in it: equal on all nodes at the same position.
    #[must_use]
    pub fn hash(&self) -> blake3::Hash {
        let mut hash = blake3::Hasher::new();
        let mut number = |n: u64| {
            hash.update(&n.to_le_bytes());
        };
        for n in [self.position.0, self.time.0 as u64, self.next_user.0, self.next_room.0, self.incarnation.0]
        {
            number(n);
        }
        for (id, room) in &self.rooms {
            let (a, b) = room.direct.unwrap_or_default();
            for n in [id.0, a.0, b.0, room.last.0] {
                number(n);
            }
        }
        for (node, run) in &self.nodes {
            for n in [node.0, run.incarnation.0, run.given.0] {
                number(n);
            }
        }
        for (id, session) in &self.sessions {
            let lag = session.lag.map_or(0, |lag| lag.0 + 1);
            for n in [id.0, session.user.0, session.opened.0, session.from.0, lag] {
                number(n);
            }
        }
        for (id, user) in &self.users {
            for n in [id.0, user.last_seen.0 as u64, user.last_active.0 as u64, user.sent, user.seen.0] {
                hash.update(&n.to_le_bytes());
            }
            hash.update(&(user.name.as_str().len() as u64).to_le_bytes());
            hash.update(user.name.as_str().as_bytes());
            hash.update(&user.token.0);
            for session in &user.sessions {
                hash.update(&session.0.to_le_bytes());
            }
        }
        hash.finalize()
    }
}

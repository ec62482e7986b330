//! What is so at one position: users, sessions, rooms. It does not grow with what has been said.

mod fingerprint;
mod hooks;
mod keys;
mod room;
mod user;

pub use room::{Purge, Room};
pub use user::{Account, SESSIONS_MAX, TICKETS_MAX, Ticket, User};

use crate::place::Sanction;
use crate::{
    At, Hook, HookId, Incarnation, Key, KeyId, Millis, Name, NodeId, Position, RoomId, RoomName, SessionId,
    UserId,
};
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
    // In boxes, because the tree's nodes are only half full.
    users: BTreeMap<UserId, Box<User>>,
    sessions: BTreeMap<SessionId, Session>,
    rooms: BTreeMap<RoomId, Room>,
    nodes: BTreeMap<NodeId, Run>,
    bans: Vec<Sanction>,
    keys: BTreeMap<(UserId, KeyId), Key>,
    hooks: BTreeMap<(RoomId, HookId), Hook>,
    // What follows is derived from what stands above.
    names: HashMap<Box<str>, UserId>,
    // Of a log of rules 1, several may look alike.
    looks: BTreeSet<(Box<str>, UserId)>,
    room_names: HashMap<Box<str>, RoomId>,
    room_looks: HashMap<Box<str>, RoomId>,
    // In order of their ids; most people are in one.
    inside: BTreeMap<UserId, Vec<RoomId>>,
    due: BTreeSet<(Millis, RoomId, u64)>,
    directs: BTreeMap<(UserId, UserId), RoomId>,
    away: BTreeSet<(Millis, UserId)>,
    online: usize,
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
            bans: Vec::new(),
            keys: BTreeMap::new(),
            hooks: BTreeMap::new(),
            looks: BTreeSet::new(),
            room_names: HashMap::new(),
            room_looks: HashMap::new(),
            inside: BTreeMap::new(),
            due: BTreeSet::new(),
            names: HashMap::new(),
            directs: BTreeMap::new(),
            away: BTreeSet::new(),
            online: 0,
        };
        state.put_room(LOBBY, Room::lobby());
        state
    }

    /// A user, by id.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(&id).map(Box::as_ref)
    }

    /// Who holds a name.
    #[must_use]
    pub fn holder(&self, name: &Name) -> Option<(UserId, &User)> {
        let id = *self.names.get(name.key())?;
        Some((id, self.users.get(&id).expect("a held name has its user")))
    }

    /// Who holds the name of a key.
    #[must_use]
    pub fn holder_of(&self, key: &str) -> Option<UserId> {
        self.names.get(key).copied()
    }

    /// Who holds a name that could be taken for this one.
    #[must_use]
    pub fn lookalike(&self, name: &Name) -> Option<UserId> {
        self.lookalikes(name).next()
    }

    /// All who hold a name that could be taken for this one, by id.
    pub fn lookalikes(&self, name: &Name) -> impl Iterator<Item = UserId> {
        let look: Box<str> = (&*name.skeleton()).into();
        self.looks.range((look.clone(), UserId(0))..=(look, UserId(u64::MAX))).map(|(_, id)| *id)
    }

    /// All users whose names are held, by id.
    pub fn users(&self) -> impl Iterator<Item = (UserId, &User)> {
        self.users.iter().map(|(id, user)| (*id, &**user))
    }

    /// A room, by name.
    #[must_use]
    pub fn room_named(&self, name: &RoomName) -> Option<RoomId> {
        self.room_names.get(name.key()).copied()
    }

    /// A room whose name could be taken for this one.
    #[must_use]
    pub fn room_lookalike(&self, name: &RoomName) -> Option<RoomId> {
        self.room_looks.get(&*name.skeleton()).copied()
    }

    /// The rooms a user is in, direct conversations left out.
    pub fn rooms_of(&self, user: UserId) -> impl Iterator<Item = RoomId> {
        self.inside.get(&user).into_iter().flatten().copied()
    }

    /// All rooms, by id.
    pub fn rooms(&self) -> impl Iterator<Item = (RoomId, &Room)> {
        self.rooms.iter().map(|(id, room)| (*id, room))
    }

    /// The rooms that are told of what a user does: those they are in that are no crowd.
    #[must_use]
    pub fn told_of(&self, user: UserId) -> Vec<RoomId> {
        self.rooms_of(user).filter(|id| self.rooms[id].online <= crate::ONLINE_TOLD).collect()
    }

    /// Where something in a room happens.
    #[must_use]
    pub fn at(&self, id: RoomId) -> At {
        let room = self.rooms.get(&id);
        At {
            room: id,
            label: room.and_then(|room| room.label.clone()),
            two: room.and_then(|room| room.direct),
            names: None,
        }
    }

    /// The bans from the whole server.
    #[must_use]
    pub fn bans(&self) -> &[Sanction] {
        &self.bans
    }

    pub(crate) fn bans_mut(&mut self) -> &mut Vec<Sanction> {
        &mut self.bans
    }

    /// Puts a ban from the whole server in place.
    pub fn put_ban(&mut self, ban: Sanction) {
        self.bans.push(ban);
    }

    /// The purges whose time to be undone is over, oldest first.
    pub fn due(&self, now: Millis) -> impl Iterator<Item = (RoomId, u64)> {
        self.due.range(..=(now, RoomId(u64::MAX), u64::MAX)).map(|(_, room, purge)| (*room, *purge))
    }

    /// When the next purge is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Millis> {
        self.due.first().map(|(when, ..)| *when)
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
        let words = |name: &Name| name.as_str().to_owned();
        let named = self.users.get(&id).is_some_and(|old| old.names().map(words).eq(user.names().map(words)));
        if named {
            self.uncount_user(id);
        } else {
            self.drop_user(id);
            for name in user.names() {
                self.names.insert(name.key().into(), id);
                self.looks.insert(((&*name.skeleton()).into(), id));
            }
        }
        if !user.sessions.is_empty() {
            self.online += 1;
            self.count_online(id, true);
        } else if user.account.is_none() {
            self.away.insert((user.last_seen, id));
        }
        self.users.insert(id, Box::new(user));
    }

    /// Takes a user out of everything, and the direct rooms with it: the messages stay in the log.
    pub fn forget_user(&mut self, id: UserId) {
        self.drop_user(id);
        self.take_keys(id);
        for room in self.inside.remove(&id).into_iter().flatten() {
            if let Some(room) = self.rooms.get_mut(&room) {
                room.members.remove(&id);
            }
        }
        let rooms: Vec<_> = self.directs_of(id).collect();
        for (other, room) in rooms {
            self.directs.remove(&(id, other));
            self.directs.remove(&(other, id));
            self.rooms.remove(&room);
        }
    }

    fn drop_user(&mut self, id: UserId) {
        self.uncount_user(id);
        let Some(old) = self.users.remove(&id) else { return };
        for name in old.names() {
            self.names.remove(name.key());
            self.looks.remove(&((&*name.skeleton()).into(), id));
        }
    }

    /// Takes a user out of what is counted and timed.
    fn uncount_user(&mut self, id: UserId) {
        let Some(old) = self.users.get(&id) else { return };
        if !old.sessions.is_empty() {
            self.online -= 1;
            self.count_online(id, false);
        } else if old.account.is_none() {
            self.away.remove(&(old.last_seen, id));
        }
    }

    fn count_online(&mut self, id: UserId, more: bool) {
        for room in self.inside.get(&id).into_iter().flatten() {
            if let Some(room) = self.rooms.get_mut(room) {
                room.online = if more { room.online + 1 } else { room.online.saturating_sub(1) };
            }
        }
    }

    /// Puts somebody into a room, or in another role there.
    pub fn put_member(&mut self, room: RoomId, user: UserId, member: crate::place::Member) {
        let here = self.users.get(&user).is_some_and(|user| !user.sessions.is_empty());
        let Some(place) = self.rooms.get_mut(&room) else { return };
        // The two people of a direct conversation are not told of each other by it.
        if place.members.insert(user, member).is_none() && place.direct.is_none() {
            place.online += usize::from(here);
            let rooms = self.inside.entry(user).or_insert_with(|| Vec::with_capacity(1));
            if let Err(place) = rooms.binary_search(&room) {
                rooms.insert(place, room);
            }
        }
    }

    pub(crate) fn take_member(&mut self, room: RoomId, user: UserId) {
        let here = self.users.get(&user).is_some_and(|user| !user.sessions.is_empty());
        if let Some(place) = self.rooms.get_mut(&room)
            && place.members.remove(&user).is_some()
        {
            place.online -= usize::from(here && place.online > 0);
            if let Some(rooms) = self.inside.get_mut(&user) {
                rooms.retain(|other| *other != room);
                if rooms.is_empty() {
                    self.inside.remove(&user);
                }
            }
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

    /// Puts a new room in place; its members follow one by one.
    pub fn put_room(&mut self, id: RoomId, room: Room) {
        if let Some((a, b)) = room.direct {
            self.directs.insert((a, b), id);
            self.directs.insert((b, a), id);
        }
        if let Some(name) = &room.name {
            self.room_names.insert(name.key().into(), id);
            self.room_looks.insert((&*name.skeleton()).into(), id);
        }
        for purge in &room.purges {
            self.due.insert((purge.until, id, purge.id));
        }
        self.rooms.insert(id, room);
    }

    pub(crate) fn rename_room(&mut self, id: RoomId, name: RoomName) {
        let room = self.rooms.get_mut(&id).expect("an event names a room that is known");
        room.label = Some(name.as_str().into());
        if let Some(old) = room.name.replace(name.clone()) {
            self.room_names.remove(old.key());
            self.room_looks.remove(&*old.skeleton());
        }
        self.room_names.insert(name.key().into(), id);
        self.room_looks.insert((&*name.skeleton()).into(), id);
    }

    /// Takes a room out, with everybody in it: the messages stay in the log.
    pub(crate) fn take_room(&mut self, id: RoomId) {
        let Some(room) = self.rooms.remove(&id) else { return };
        self.take_hooks(id);
        for user in room.members.keys() {
            if let Some(rooms) = self.inside.get_mut(user) {
                rooms.retain(|other| *other != id);
            }
        }
        if let Some(name) = &room.name {
            self.room_names.remove(name.key());
            self.room_looks.remove(&*name.skeleton());
        }
        for purge in &room.purges {
            self.due.remove(&(purge.until, id, purge.id));
        }
    }

    pub(crate) fn put_purge(&mut self, id: RoomId, purge: Purge) {
        self.due.insert((purge.until, id, purge.id));
        self.room_mut(id).purges.push(purge);
    }

    pub(crate) fn take_purge(&mut self, id: RoomId, purge: u64) {
        if let Some(room) = self.rooms.get_mut(&id)
            && let Some(place) = room.purges.iter().position(|one| one.id == purge)
        {
            let gone = room.purges.remove(place);
            self.due.remove(&(gone.until, id, purge));
        }
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
}

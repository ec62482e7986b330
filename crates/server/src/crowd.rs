//! Who of a shard's sessions is in which room, at the place up to which the shard has delivered. Knows no socket.

use crate::batch::To;
use crate::session::Session;
use chatroom_model::{Position, RoomId, UserId};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::rc::Rc;

/// The sessions of a shard by user and by room.
#[derive(Debug, Default)]
pub(crate) struct Crowd {
    users: RefCell<HashMap<UserId, Vec<Rc<Session>>>>,
    rooms: RefCell<HashMap<RoomId, Vec<Rc<Session>>>>,
    // Sessions in a room that do not want to hear everybody, and so are not given what is the same for all.
    choosy: RefCell<HashMap<RoomId, usize>>,
}

impl Crowd {
    /// A session is in, and in these rooms.
    pub(crate) fn come(&self, session: &Rc<Session>, rooms: &[RoomId], ignores: &[UserId]) {
        // Most have one session, and are in one room: no more is held ready for them.
        let one = || Vec::with_capacity(1);
        self.users.borrow_mut().entry(session.user.get()).or_insert_with(one).push(Rc::clone(session));
        let ignored: BTreeSet<UserId> = ignores.iter().copied().collect();
        session.ignored.replace((!ignored.is_empty()).then(|| Box::new(ignored)));
        for room in rooms {
            self.put(*room, session);
        }
    }

    /// A session is gone.
    pub(crate) fn go(&self, session: &Rc<Session>) {
        let rooms: Vec<RoomId> = session.rooms.borrow().iter().map(|(room, _)| *room).collect();
        for room in rooms {
            self.take(room, session);
        }
        let mut users = self.users.borrow_mut();
        if let Some(sessions) = users.get_mut(&session.user.get()) {
            sessions.retain(|other| other.id != session.id);
            if sessions.is_empty() {
                users.remove(&session.user.get());
            }
        }
    }

    /// A user is in a room from here on.
    pub(crate) fn enter(&self, room: RoomId, user: UserId, at: Position) {
        let sessions = self.users.borrow().get(&user).cloned().unwrap_or_default();
        for session in sessions {
            session.moved.set(at);
            if !session.rooms.borrow().iter().any(|(other, _)| *other == room) {
                self.put(room, &session);
            }
        }
    }

    /// A user is no longer in a room.
    pub(crate) fn exit(&self, room: RoomId, user: UserId, at: Position) {
        let sessions = self.users.borrow().get(&user).cloned().unwrap_or_default();
        for session in sessions {
            session.moved.set(at);
            self.take(room, &session);
        }
    }

    /// Nobody is in a room any more.
    pub(crate) fn end(&self, room: RoomId, at: Position) {
        let sessions = self.rooms.borrow().get(&room).cloned().unwrap_or_default();
        for session in sessions {
            session.moved.set(at);
            self.take(room, &session);
        }
    }

    /// A user wants to hear nothing of another, or again.
    pub(crate) fn ignore(&self, user: UserId, other: UserId, on: bool) {
        let sessions = self.users.borrow().get(&user).cloned().unwrap_or_default();
        for session in sessions {
            let rooms: Vec<RoomId> = session.rooms.borrow().iter().map(|(room, _)| *room).collect();
            let before = session.ignores();
            let mut ignored = session.ignored.take().unwrap_or_default();
            if on {
                ignored.insert(other);
            } else {
                ignored.remove(&other);
            }
            session.ignored.replace((!ignored.is_empty()).then_some(ignored));
            if before != session.ignores() {
                rooms.iter().for_each(|room| self.count_choosy(*room, session.ignores()));
            }
        }
    }

    fn put(&self, room: RoomId, session: &Rc<Session>) {
        let mut rooms = self.rooms.borrow_mut();
        let inside = rooms.entry(room).or_default();
        let mut own = session.rooms.borrow_mut();
        if own.is_empty() {
            own.reserve_exact(1);
        }
        own.push((room, inside.len()));
        drop(own);
        inside.push(Rc::clone(session));
        if session.ignores() {
            self.count_choosy(room, true);
        }
    }

    fn take(&self, room: RoomId, session: &Rc<Session>) {
        let mut own = session.rooms.borrow_mut();
        let Some(n) = own.iter().position(|(other, _)| *other == room) else { return };
        let (_, place) = own.swap_remove(n);
        drop(own);
        let mut rooms = self.rooms.borrow_mut();
        let Some(inside) = rooms.get_mut(&room) else { return };
        inside.swap_remove(place);
        if let Some(moved) = inside.get(place) {
            for (other, at) in moved.rooms.borrow_mut().iter_mut().filter(|(other, _)| *other == room) {
                debug_assert_eq!(*other, room);
                *at = place;
            }
        }
        if inside.is_empty() {
            rooms.remove(&room);
        }
        if session.ignores() {
            self.count_choosy(room, false);
        }
    }

    fn count_choosy(&self, room: RoomId, more: bool) {
        let mut choosy = self.choosy.borrow_mut();
        let count = choosy.entry(room).or_default();
        *count = if more { *count + 1 } else { count.saturating_sub(1) };
        if *count == 0 {
            choosy.remove(&room);
        }
    }

    /// Whether somebody in a room does not want to hear everybody.
    pub(crate) fn ignores_in(&self, room: RoomId) -> bool {
        self.choosy.borrow().contains_key(&room)
    }

    /// Whether a session is among those who may see a run.
    pub(crate) fn includes(&self, to: &To, session: &Session) -> bool {
        let inside = |room: &RoomId| session.rooms.borrow().iter().any(|(other, _)| other == room);
        match to {
            To::Room(room) => inside(room),
            To::Rooms(rooms) => rooms.iter().any(inside),
            To::Two(a, b) => session.user.get() == *a || session.user.get() == *b,
            To::User(user) => session.user.get() == *user,
        }
    }

    /// From where the clients of somebody are connected.
    pub(crate) fn addresses(&self, user: UserId) -> Vec<IpAddr> {
        let users = self.users.borrow();
        let there = users.get(&user).into_iter().flatten().filter(|session| !session.is_over());
        there.map(|session| session.address).collect()
    }

    /// Every session in a room.
    pub(crate) fn each_in(&self, room: RoomId, mut then: impl FnMut(&Rc<Session>)) {
        if let Some(inside) = self.rooms.borrow().get(&room) {
            inside.iter().for_each(&mut then);
        }
    }

    /// Every session that may see a run, once.
    pub(crate) fn each(&self, to: &To, mut then: impl FnMut(&Rc<Session>)) {
        let mut of_user = |user: &UserId| {
            if let Some(sessions) = self.users.borrow().get(user) {
                sessions.iter().for_each(&mut then);
            }
        };
        match to {
            To::Room(room) => self.each_in(*room, then),
            To::Two(a, b) if a == b => of_user(a),
            To::Two(a, b) => [a, b].into_iter().for_each(of_user),
            To::User(user) => of_user(user),
            To::Rooms(rooms) => {
                for (n, room) in rooms.iter().enumerate() {
                    self.each_in(*room, |session| {
                        let earlier = rooms.iter().take(n);
                        let told = |room: &RoomId| session.rooms.borrow().iter().any(|(at, _)| at == room);
                        if !earlier.into_iter().any(told) {
                            then(session);
                        }
                    });
                }
            }
        }
    }
}

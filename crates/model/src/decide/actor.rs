//! Who does something, and in which room: looked up once, the same for everything that is done. Asks the one table.

use crate::apply::fact::of;
use crate::event::Kind;
use crate::place::{Mask, Where, Whom};
use crate::{
    Act, By, Doer, KeyId, Millis, Name, Object, RULES, Refusal, Room, RoomId, Scopes, SessionId, Standing,
    State, User, UserId, can,
};
use std::net::IpAddr;

/// Somebody who does something.
pub(super) struct Actor<'a> {
    pub(super) state: &'a State,
    pub(super) now: Millis,
    pub(super) by: By,
    /// The user and the session; none for the operator at the machine.
    pub(super) user: Option<(UserId, &'a User)>,
    pub(super) session: SessionId,
    /// The rules by which it is decided.
    pub(super) rules: u16,
    operator: bool,
    address: Option<IpAddr>,
    /// What the key is for, by which it is done; anything where it is done by none.
    scopes: Scopes,
    /// The one room in which it may speak, if the key is for that.
    pub(super) only: Option<RoomId>,
    /// That key.
    pub(super) key: Option<KeyId>,
}

/// A room, and what the actor is to it.
pub(super) struct Scene<'a> {
    pub(super) id: RoomId,
    pub(super) room: &'a Room,
    pub(super) standing: Standing,
    pub(super) object: Object,
}

impl<'a> Actor<'a> {
    pub(super) fn new(state: &'a State, now: Millis, doer: Doer) -> Result<Self, Refusal> {
        let (mut scopes, mut by_key, mut only) = (Scopes::ALL, None, None);
        let (user, session, address) = match doer {
            Doer::Operator(_) => (None, SessionId(0), None),
            Doer::Session { session, address } => {
                let id = state.session(session).ok_or(Refusal::NoSession)?.user;
                (Some((id, state.user(id).expect("a session has its user"))), session, address)
            }
            Doer::Key { key: id, user, address, .. } => {
                let key = super::key::good(state, now, user, id)?;
                let who = state.user(user).expect("a key has its user");
                if super::key::banned(state, now, &Whom { address, ..who.whom(user) }) {
                    return Err(Refusal::BannedHere);
                }
                (scopes, by_key, only) = (key.scopes, Some(id), key.room);
                (Some((user, who)), SessionId(0), address)
            }
            Doer::Newcomer { .. } => return Err(Refusal::NotAllowed),
        };
        let (by, operator) = match user {
            None => (By { user: UserId(0), name: Name::kept("operator") }, true),
            Some((id, user)) => (By { user: id, name: user.name.clone() }, user.operator),
        };
        Ok(Self { state, now, by, user, session, rules: RULES, operator, address, scopes, only, key: by_key })
    }

    /// The user; the operator at the machine is none.
    pub(super) fn person(&self) -> Result<(UserId, &'a User), Refusal> {
        self.user.ok_or(Refusal::NotAllowed)
    }

    /// Whether the key by which it is done is for that.
    pub(super) fn scoped(&self, scopes: Scopes) -> Result<(), Refusal> {
        if self.scopes.has(scopes) { Ok(()) } else { Err(Refusal::KeyScope) }
    }

    pub(super) fn is_operator(&self) -> bool {
        self.operator
    }

    /// Finds a room.
    pub(super) fn find(&self, place: &Where) -> Result<Scene<'a>, Refusal> {
        let id = match place {
            Where::Id(id) => *id,
            Where::Name(name) => self.state.room_named(name).ok_or(Refusal::NoSuchRoom)?,
            Where::With(name) => {
                let (me, _) = self.person()?;
                let (other, _) = self.state.holder(name).ok_or_else(|| Refusal::NoSuchUser(name.clone()))?;
                self.state.direct(me, other).ok_or(Refusal::NoSuchRoom)?
            }
        };
        let room = self.state.room(id).ok_or(Refusal::NoSuchRoom)?;
        let me = self.by.user;
        // A conversation of two is nobody else's, not even the operator's.
        let standing = room.standing(me, self.operator && room.direct.is_none());
        let mut object = room.object(me);
        if let Some((id, user)) = self.user {
            let whom = Whom { address: self.address, ..user.whom(id) };
            // Who has a voice or more keeps it where everybody is to be silent.
            let keeps = self.rules >= 3 && standing > Standing::Member;
            let meets = |sort| {
                of(room, sort).any(|one| {
                    one.meets(self.now, &whom) && !(keeps && sort == Kind::Mute && one.mask.is_wide())
                })
            };
            let exempt = meets(Kind::Exempt);
            object.muted = !exempt && meets(Kind::Mute);
            object.banned = !exempt && meets(Kind::Ban);
            object.invited |= meets(Kind::Welcome);
            object.silent = room.registered_speak && user.account.is_none();
            object.kept_out = room.registered_join && user.account.is_none();
        }
        Ok(Scene { id, room, standing, object })
    }

    /// Finds a room in which the actor may do something.
    pub(super) fn enter(&self, place: &Where, act: Act) -> Result<Scene<'a>, Refusal> {
        let scene = self.find(place)?;
        can(scene.standing, act, &scene.object)?;
        Ok(scene)
    }

    /// A room, and in a conversation of two how they are called.
    pub(super) fn at(&self, id: RoomId) -> crate::At {
        let mut at = self.state.at(id);
        let name = |user| self.state.user(user).map(|user| user.name.clone());
        if self.rules >= 3 {
            at.names = at.two.and_then(|(a, b)| Some(Box::new((name(a)?, name(b)?))));
        }
        at
    }

    /// Who has the name that a mask is, if it is one.
    pub(super) fn holder(&self, mask: &Mask) -> Option<UserId> {
        let Mask::Name(key) = mask else { return None };
        self.state.holder_of(key)
    }

    /// Finds somebody by name.
    pub(super) fn other(&self, name: &Name) -> Result<(UserId, &'a User), Refusal> {
        self.state.holder(name).ok_or_else(|| Refusal::NoSuchUser(name.clone()))
    }
}

impl Scene<'_> {
    /// Whether the actor stands above somebody of a role: an owner beside other owners stands above nobody of them.
    pub(super) fn above(&self, role: crate::Role) -> bool {
        self.standing == Standing::Operator || self.standing > Standing::from(role)
    }

    /// Whether the actor stands above a member. Who is there only while connected has no rank that lasts, and so none
    /// against those who keep order.
    pub(super) fn above_member(&self, user: &User, role: crate::Role) -> bool {
        self.above(role) || (user.visitor && self.standing >= Standing::Moderator)
    }
}

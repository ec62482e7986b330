//! Whose keys there are. Apart from users, so that whoever has none takes no place for them.

use super::State;
use crate::{Key, KeyId, SessionId, UserId};

impl State {
    /// A key of somebody.
    #[must_use]
    pub fn key(&self, user: UserId, id: KeyId) -> Option<&Key> {
        self.keys.get(&(user, id))
    }

    /// The keys of somebody, the oldest first.
    pub fn keys_of(&self, user: UserId) -> impl Iterator<Item = (KeyId, &Key)> {
        self.keys.range((user, KeyId(0))..=(user, KeyId(u64::MAX))).map(|((_, id), key)| (*id, key))
    }

    /// Puts a key in place.
    pub fn put_key(&mut self, user: UserId, id: KeyId, key: Key) {
        self.keys.insert((user, id), key);
    }

    /// A session came in by a key.
    pub fn put_keyed(&mut self, user: UserId, id: KeyId, session: SessionId) {
        if let Some(key) = self.keys.get_mut(&(user, id)) {
            key.sessions.push(session);
        }
    }

    pub(crate) fn take_key(&mut self, user: UserId, id: KeyId) {
        self.keys.remove(&(user, id));
    }

    pub(crate) fn take_keys(&mut self, user: UserId) {
        let all: Vec<KeyId> = self.keys_of(user).map(|(id, _)| id).collect();
        all.into_iter().for_each(|id| self.take_key(user, id));
    }

    /// A session that came in by a key, or not, has ended.
    pub(crate) fn take_keyed(&mut self, user: UserId, session: SessionId) {
        for (_, key) in self.keys.range_mut((user, KeyId(0))..=(user, KeyId(u64::MAX))) {
            key.sessions.retain(|open| *open != session);
        }
    }
}

//! Which hooks there are. Apart from rooms, so that those without any take no place for them.

use super::State;
use crate::{Ending, Hook, HookId, HookSecret, Millis, RoomId};

impl State {
    /// A hook of a room.
    #[must_use]
    pub fn hook(&self, room: RoomId, id: HookId) -> Option<&Hook> {
        self.hooks.get(&(room, id))
    }

    /// The hooks of a room, the oldest first.
    pub fn hooks_of(&self, room: RoomId) -> impl Iterator<Item = (HookId, &Hook)> {
        self.hooks.range((room, HookId(0))..=(room, HookId(u64::MAX))).map(|((_, id), hook)| (*id, hook))
    }

    /// All hooks there are.
    pub fn hooks(&self) -> impl Iterator<Item = (RoomId, HookId, &Hook)> {
        self.hooks.iter().map(|((room, id), hook)| (*room, *id, hook))
    }

    /// Puts a hook in place.
    pub fn put_hook(&mut self, room: RoomId, id: HookId, hook: Hook) {
        self.hooks.insert((room, id), hook);
    }

    pub(crate) fn end_hook(&mut self, room: RoomId, id: HookId, now: Millis, why: Ending) {
        if why == Ending::Removed {
            self.hooks.remove(&(room, id));
        } else if let Some(hook) = self.hooks.get_mut(&(room, id)) {
            hook.ended = Some((now, why));
            // Nothing is signed by it any more.
            hook.secret = HookSecret([0; 32]);
        }
    }

    pub(crate) fn take_hooks(&mut self, room: RoomId) {
        let all: Vec<HookId> = self.hooks_of(room).map(|(id, _)| id).collect();
        for id in all {
            self.hooks.remove(&(room, id));
        }
    }
}

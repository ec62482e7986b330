//! A fingerprint of everything that is so: equal on all nodes at the same position. Changes nothing.

use super::State;
use std::fmt::Write;

impl State {
    /// A fingerprint of everything in it: equal on all nodes at the same position.
    #[must_use]
    pub fn hash(&self) -> blake3::Hash {
        let mut text = String::new();
        let mut hash = blake3::Hasher::new();
        let mut put = |part: std::fmt::Arguments<'_>| {
            text.clear();
            let _ = text.write_fmt(part);
            hash.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        };
        let Self { position, time, next_user, next_room, incarnation, .. } = self;
        put(format_args!("{position} {} {next_user} {next_room} {incarnation}", time.0));
        for (id, room) in &self.rooms {
            put(format_args!("{id} {room:?}"));
        }
        for (node, run) in &self.nodes {
            put(format_args!("{node} {run:?}"));
        }
        for (id, session) in &self.sessions {
            put(format_args!("{id} {session:?}"));
        }
        for (id, user) in &self.users {
            put(format_args!("{id} {user:?}"));
            for ticket in &user.tickets {
                put(format_args!("{}", crate::durable::hex(&ticket.token.0)));
            }
            put(format_args!("{}", user.account.as_ref().map_or("", |account| &account.phc)));
        }
        for ((user, id), key) in &self.keys {
            put(format_args!("{user} {id} {key:?} {}", crate::durable::hex(&key.hash.0)));
        }
        for ((room, id), hook) in &self.hooks {
            let (url, label, secret) = (&hook.url, &hook.label, crate::durable::hex(&hook.secret.0));
            put(format_args!("{room} {id} {hook:?} {url} {label} {} {secret}", hook.made.0));
        }
        put(format_args!("{:?}", self.bans));
        hash.finalize()
    }
}

//! What delivery asks of a session because an IRC client may be on it: how it is spoken to, and in whose words.

use crate::session::Session;
use bytes::Bytes;
use chatroom_model::{Name, Position, UserId};
use chatroom_wire::irc::known::Known;
use chatroom_wire::irc::reply::line;

impl Session {
    /// Whether it wants to hear what programs note.
    pub(crate) fn has_subs(&self) -> bool {
        self.irc.as_ref().is_some_and(|irc| irc.subs.borrow().is_some())
    }

    /// Whether an IRC client is on it.
    pub(crate) fn is_irc(&self) -> bool {
        self.irc.is_some()
    }

    /// Whether something between two positions is its own, and shown to it in another way than to others.
    pub(crate) fn has_own(&self, from: Position, upto: Position) -> bool {
        let Some(irc) = &self.irc else { return false };
        irc.has_matched(from, upto)
    }

    /// Its user has another name. `alone`: nobody else is told, and so it is not told with the others.
    pub(crate) fn renamed(&self, from: &Name, to: &Name, alone: bool, known: &impl Known) {
        let Some(irc) = &self.irc else { return };
        irc.nick.replace(to.clone());
        if alone {
            let (mut source, mut out) = (String::new(), String::new());
            if let Some(label) = irc.label_of_deed() {
                out.extend(["@label=", &label, " "]);
            }
            chatroom_wire::irc::known::prefix(&mut source, known, self.user.get(), from);
            line(&mut out, &source, "NICK", &[to.as_str()]);
            self.tell(out);
        }
    }

    /// Whether its user wants to hear nothing of somebody.
    pub(crate) fn ignoring(&self, user: UserId) -> bool {
        self.ignored.borrow().as_ref().is_some_and(|ignored| ignored.contains(&user))
    }

    /// Gives it something that is passed on and not kept; who reads too slowly for it does without.
    pub(crate) fn pass(&self, text: impl Into<Bytes>) {
        const MOST: usize = 64 * 1024;
        let text = text.into();
        if !text.is_empty() && self.outbox.borrow().bytes() < MOST {
            self.tell(text);
        }
    }
}

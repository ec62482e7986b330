//! What is passed on and not kept: it has no place in the order, and may be lost. Knows no session.

use chatroom_model::{Millis, RoomId, SessionId, Tags, UserId};
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::known::Known;
use chatroom_wire::irc::reply::line;
use chatroom_wire::irc::tags;
use chatroom_wire::irc::time::Stamp;
use chatroom_wire::json;
use std::fmt::Write;

/// Who hears a signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum To {
    /// Whoever is in a room.
    Room(RoomId),
    /// Those of these users who are in a room; in the order of their ids.
    Among(RoomId, Vec<UserId>),
    /// One user, on whatever session.
    User(UserId),
    /// Whoever wants to hear what operators say to all.
    Listeners,
}

/// One signal, from a program to programs.
#[derive(Clone, Debug)]
pub(crate) struct Signal {
    /// Who hears it.
    pub(crate) to: To,
    /// Who sent it.
    pub(crate) from: UserId,
    /// The conversation in which it is sent, where it is for one user and that is known.
    pub(crate) room: Option<RoomId>,
    /// On which session, which has heard it already.
    pub(crate) session: SessionId,
    /// `nick!user@host` of the sender.
    pub(crate) source: String,
    /// `TAGMSG`, `PRIVMSG`, `NOTICE`, `WALLOPS`, or the numeric of a knock.
    pub(crate) command: &'static str,
    /// The room or the nick; empty where there is none.
    pub(crate) target: Box<str>,
    /// What is said.
    pub(crate) text: Option<Box<str>>,
    /// Words between the target and the text.
    pub(crate) middle: Vec<Box<str>>,
    /// What programs say beside it.
    pub(crate) tags: Tags,
    /// When.
    pub(crate) at: Millis,
}

impl Signal {
    /// The user it is for; 0 where it is for several.
    pub(crate) fn addressee(&self) -> UserId {
        if let To::User(user) = self.to { user } else { UserId(0) }
    }

    /// Adds what it is in JSON; nothing where that has no word for it.
    pub(crate) fn tell(&self, out: &mut String, known: &impl Known) {
        let room = match &self.to {
            To::Room(room) | To::Among(room, _) => Some(*room),
            To::User(_) => self.room,
            To::Listeners => None,
        };
        let mut tags = self.tags.as_str().split(';');
        let state = tags.find_map(|tag| json::Typing::read(tag.strip_prefix("+typing=")?));
        let (Some(room), Some(state)) = (room, state) else { return };
        let Some((name, _)) = self.source.split_once('!') else { return };
        let user = json::User { name: Some(name), ..json::User::numbered(known, self.from) };
        json::typing(out, room, &user, state);
    }

    /// Adds the line it makes; nothing for who would not understand it.
    pub(crate) fn show(&self, out: &mut String, caps: Caps, known: &impl Known) {
        if self.text.is_none() && !caps.has(Caps::MESSAGE_TAGS) {
            return;
        }
        let mut all = String::new();
        if caps.has(Caps::SERVER_TIME) {
            let _ = write!(all, "time={};", Stamp(self.at));
        }
        if caps.has(Caps::ACCOUNT_TAG)
            && let Some(account) = known.person(self.from).and_then(|person| person.account.as_deref())
        {
            all.push_str("account=");
            tags::escape(&mut all, account);
            all.push(';');
        }
        if caps.has(Caps::MESSAGE_TAGS) {
            // It is kept nowhere, so its id is of this moment.
            let _ = write!(all, "msgid=s{}-{};", self.session.0, self.at.0);
            if known.person(self.from).is_some_and(|person| person.ident.is('B')) {
                all.extend([chatroom_wire::irc::render::BOT, ";"]);
            }
            all.push_str(self.tags.as_str());
        }
        let all = all.trim_end_matches(';');
        if !all.is_empty() {
            out.extend(["@", all, " "]);
        }
        let mut params: Vec<&str> = Vec::new();
        params.extend((!self.target.is_empty()).then_some(&*self.target));
        params.extend(self.middle.iter().map(|word| &**word));
        params.extend(self.text.as_deref());
        line(out, &self.source, self.command, &params);
    }
}

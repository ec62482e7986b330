//! MONITOR: who is told when somebody comes and goes (IRCv3 monitor). Bounded; knows no room.

use super::numeric;
use crate::sequencer::Sequencer;
use crate::session::talk::Talk;
use crate::session::{End, Session};
use chatroom_model::{Event, Fact, Name, Record, RoomId, SessionId};
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::isupport::MONITOR_MAX;
use chatroom_wire::irc::known::{Known, prefix};
use chatroom_wire::irc::mask;
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::reply::numeric::*;
use std::collections::HashMap;
use std::rc::Rc;

/// Whom a shard's sessions watch.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    by_name: HashMap<Box<str>, Vec<Rc<Session>>>,
    by_session: HashMap<SessionId, Vec<Name>>,
}

impl Watch {
    /// A session watches a name; whether it may watch one more.
    fn add(&mut self, session: &Rc<Session>, name: &Name) -> bool {
        let own = self.by_session.entry(session.id).or_default();
        if own.contains(name) {
            return true;
        }
        if own.len() >= MONITOR_MAX {
            return false;
        }
        own.push(name.clone());
        self.by_name.entry(name.key().into()).or_default().push(Rc::clone(session));
        true
    }

    fn remove(&mut self, session: SessionId, name: &Name) {
        if let Some(own) = self.by_session.get_mut(&session) {
            own.retain(|other| other != name);
        }
        if let Some(sessions) = self.by_name.get_mut(name.key()) {
            sessions.retain(|other| other.id != session);
            if sessions.is_empty() {
                self.by_name.remove(name.key());
            }
        }
    }

    /// A session watches nobody any more.
    pub(crate) fn forget(&mut self, session: SessionId) {
        for name in self.by_session.remove(&session).unwrap_or_default() {
            self.remove(session, &name);
        }
    }

    /// Another session watches what one did until now.
    pub(super) fn hand_on(&mut self, from: SessionId, to: &Rc<Session>) {
        for name in self.of(from) {
            self.add(to, &name);
        }
        self.forget(from);
    }

    fn of(&self, session: SessionId) -> Vec<Name> {
        self.by_session.get(&session).cloned().unwrap_or_default()
    }

    /// Tells those who watch of who came and went.
    pub(crate) fn tell(&self, record: &Record, known: &impl Known) {
        if self.by_name.is_empty() {
            return;
        }
        match &record.event {
            Event::CameOnline { user, name, instead: None, .. } => self.online(*user, name, known),
            Event::WentOffline { name, .. } => self.offline(name),
            Event::Fact(Fact::Renamed { user, from, to, away: false, .. }) if from != to => {
                self.offline(from);
                self.online(*user, to, known);
            }
            Event::Fact(
                Fact::AwaySet { name, rooms, .. }
                | Fact::IdentSet { name, rooms, .. }
                | Fact::AccountTold { name, called: None, rooms, .. }
                | Fact::AccountTold { called: Some(name), rooms, .. },
            ) => self.more(record, name, rooms, known),
            _ => {}
        }
    }

    /// What those who watch are told beside coming and going, unless they see it in a room anyway (IRCv3 extended-monitor).
    fn more(&self, record: &Record, name: &Name, rooms: &[RoomId], known: &impl Known) {
        for session in self.by_name.get(name.key()).into_iter().flatten() {
            let wants = session.irc.as_ref().is_some_and(|irc| {
                let caps = irc.caps.get();
                caps.has(Caps::EXTENDED_MONITOR) || caps.has(Caps::EXTENDED_MONITOR_DRAFT)
            });
            if !wants || rooms.iter().any(|room| session.inside(*room)) {
                continue;
            }
            let text = session.own_words(std::iter::once(record), known);
            session.pass(text);
        }
    }

    fn online(&self, user: chatroom_model::UserId, name: &Name, known: &impl Known) {
        let mut address = String::new();
        prefix(&mut address, known, user, name);
        self.each(name, RPL_MONONLINE, &address);
    }

    fn offline(&self, name: &Name) {
        self.each(name, RPL_MONOFFLINE, name.as_str());
    }

    fn each(&self, name: &Name, code: u16, word: &str) {
        for session in self.by_name.get(name.key()).into_iter().flatten() {
            let Some(irc) = &session.irc else { continue };
            let mut out = String::new();
            irc.numeric(&mut out, code, &[word]);
            session.pass(out);
        }
    }
}

/// MONITOR.
pub(super) async fn monitor<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    super::sync(talk).await?;
    let names: Vec<&str> =
        message.param(1).split(',').filter(|name| !name.is_empty()).take(MONITOR_MAX + 1).collect();
    match message.param(0).to_ascii_uppercase().as_str() {
        "+" => {
            let mut added = Vec::new();
            for (n, nick) in names.iter().enumerate() {
                let Some(name) = mask::name(nick) else { continue };
                if !talk.shard.watch.borrow_mut().add(&talk.session, &name) {
                    let rest = names[n..].join(",");
                    let most = MONITOR_MAX.to_string();
                    status(talk, &added).await;
                    numeric(talk, ERR_MONLISTFULL, &[&most, &rest, "Monitor list is full."]);
                    return Ok(());
                }
                added.push(name);
            }
            status(talk, &added).await;
        }
        "-" => {
            for name in names.iter().filter_map(|nick| mask::name(nick)) {
                talk.shard.watch.borrow_mut().remove(talk.session.id, &name);
            }
        }
        "C" => talk.shard.watch.borrow_mut().forget(talk.session.id),
        "L" => {
            let own = talk.shard.watch.borrow().of(talk.session.id);
            for chunk in own.chunks(10) {
                numeric(talk, RPL_MONLIST, &[&join(chunk)]);
            }
            numeric(talk, RPL_ENDOFMONLIST, &["End of MONITOR list"]);
        }
        "S" => {
            let own = talk.shard.watch.borrow().of(talk.session.id);
            status(talk, &own).await;
        }
        _ => {}
    }
    Ok(())
}

fn join(names: &[Name]) -> String {
    names.iter().map(Name::as_str).collect::<Vec<_>>().join(",")
}

/// Says who of them is there and who is not.
async fn status<S: Sequencer>(talk: &mut Talk<'_, S>, names: &[Name]) {
    let mut there = Vec::new();
    let mut gone = Vec::new();
    for name in names {
        match super::people::profile(talk, name.as_str()).await.filter(|found| found.sessions > 0) {
            Some(found) => {
                let mut address = String::new();
                prefix(&mut address, &*talk.shard.people.borrow(), found.user, &Name::kept(&found.name));
                there.push(address);
            }
            None => gone.push(name.to_string()),
        }
    }
    for chunk in there.chunks(5) {
        numeric(talk, RPL_MONONLINE, &[&chunk.join(",")]);
    }
    for chunk in gone.chunks(10) {
        numeric(talk, RPL_MONOFFLINE, &[&chunk.join(",")]);
    }
}

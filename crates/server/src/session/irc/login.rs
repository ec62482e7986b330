//! Logging in after connecting: whoever is here goes on as somebody registered, on the same connection and in the same rooms.

use super::door::{SASL_DONE, logged_in};
use super::{Irc, irc, mind, numeric, rooms, sasl};
use crate::passwords::Secret;
use crate::sequencer::Sequencer;
use crate::session::door::{self, Entered};
use crate::session::talk::Talk;
use crate::session::{End, Session, prove};
use crate::shard::Shard;
use bytes::Bytes;
use chatroom_model::{Deed, Doer, Ident, Name, Request, RoomId};
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::known::{Known, prefix};
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::reply::line;
use chatroom_wire::irc::reply::numeric::*;
use std::rc::Rc;

/// What has come of a login.
pub(super) enum LoggedIn {
    /// Whoever it is, is that user by now; what is left to do is this.
    As(Result<(), End>),
    /// It is not so, and this is why.
    Not(String),
}

/// AUTHENTICATE after coming in.
pub(super) async fn authenticate<S: Sequencer>(
    talk: &mut Talk<'_, S>,
    message: &Message<'_>,
) -> Result<(), End> {
    if !irc(talk).caps.get().has(Caps::SASL) {
        numeric(talk, ERR_SASLFAIL, &["SASL authentication failed: ask for the capability first"]);
        return Ok(());
    }
    let (nick, mut out) = (irc(talk).nick.borrow().to_string(), String::new());
    let mut state = std::mem::take(&mut mind(talk).sasl);
    let said = (&mut out, irc(talk).server(), &*nick);
    let proven = sasl::go_on(talk.shard, talk.session.address, &mut state, said, message.param(0)).await;
    mind(talk).sasl = state;
    irc(talk).answer_with(&out);
    let Some((name, phc)) = proven else { return Ok(()) };
    let address = super::address(talk);
    match log_in(talk, name.clone(), phc).await? {
        LoggedIn::As(rest) => {
            let mut out = String::new();
            logged_in(&mut out, irc(talk).server(), (&nick, &address), &name);
            irc(talk).answer_with(&out);
            numeric(talk, RPL_SASLSUCCESS, &[SASL_DONE]);
            rest
        }
        LoggedIn::Not(why) => {
            numeric(talk, ERR_SASLFAIL, &[&format!("SASL authentication failed: {why}")]);
            Ok(())
        }
    }
}

/// Logs in by a password, as NickServ's IDENTIFY does.
pub(super) async fn identify<S: Sequencer>(
    talk: &mut Talk<'_, S>,
    name: Name,
    word: &str,
) -> Result<LoggedIn, End> {
    talk.settled().await?;
    let secret = Secret::new(word.to_owned());
    match prove::prove(&talk.shard.shared, talk.session.address, &name, secret).await {
        Ok(phc) => log_in(talk, name, phc).await,
        Err(why) => Ok(LoggedIn::Not(why.to_string())),
    }
}

/// Goes on as somebody whose password was right.
async fn log_in<S: Sequencer>(talk: &mut Talk<'_, S>, name: Name, phc: String) -> Result<LoggedIn, End> {
    talk.settled().await?;
    let (account, ident) = known(talk.shard, &talk.session);
    if account.is_some_and(|account| account.key() == name.key()) {
        return Ok(LoggedIn::As(Ok(())));
    }
    // The other session writes to the same socket: what this one has begun is written first.
    while !talk.session.idle() {
        talk.happen(false).await?;
    }
    let side = Some(Box::new(irc(talk).again()));
    mind(talk).was = Some(super::address(talk));
    let opened = tokio::select! {
        opened = door::open_over(talk.shard, &talk.session, side, (name, phc)) => opened,
        () = talk.shard.shared.stop.cancelled() => return Err(End::Stopping),
    };
    let entered = match opened {
        Ok(entered) => entered,
        Err(why) => return Ok(LoggedIn::Not(why)),
    };
    if entered.resumed {
        introduce(talk.shard, &entered.session, ident).await;
    }
    talk.next = Some(Box::new(entered));
    Ok(LoggedIn::As(Err(End::Moved)))
}

/// The account on which a session is, and how its user is known to programs.
fn known<S>(shard: &Shard<S>, session: &Session) -> (Option<Name>, Ident) {
    let people = shard.people.borrow();
    let person = people.person(session.user.get());
    let account = person.and_then(|person| person.account.as_deref()).map(Name::kept);
    (account, person.map(|person| person.ident.clone()).unwrap_or_default())
}

/// Whoever was away is known to programs by what this client said of its user.
async fn introduce<S: Sequencer>(shard: &Shard<S>, session: &Session, said: Ident) {
    let (_, before) = known(shard, session);
    let ident = Ident { modes: before.modes.clone(), ..said };
    if ident != before
        && let Some(irc) = &session.irc
    {
        // Nobody waits for it.
        irc.does(true);
        session.in_flight.set(session.in_flight.get() + 1);
        let doer = Doer::Session { session: session.id, address: None };
        let _ = shard.shared.sequencer.submit(Request::Do { doer, deed: Deed::Ident { ident }.into() }).await;
    }
}

/// Who was on a session with whose connection another one goes on.
pub(in crate::session) struct Was {
    source: String,
    rooms: Vec<RoomId>,
}

/// What one session of a client had beside its connection goes to the next; what is left to say of the one is given back.
pub(in crate::session) fn hand_on<S>(talk: &mut Talk<'_, S>, before: &Session, entered: &Entered) -> Was {
    talk.shard.watch.borrow_mut().hand_on(before.id, &entered.session);
    let source = super::mind(talk).was.take().unwrap_or_default();
    Was { source, rooms: rooms_of(before) }
}

/// Tells a client as whom it goes on, and what it is in now.
pub(in crate::session) async fn moved<S: Sequencer>(shard: &Rc<Shard<S>>, was: &Was, entered: &Entered) {
    let session = &entered.session;
    let Some(irc) = &session.irc else { return };
    let nick = irc.nick.borrow().clone();
    let is_in = rooms_of(session);
    let mut out = String::new();
    if !was.source.starts_with(&format!("{nick}!")) {
        line(&mut out, &was.source, "NICK", &[nick.as_str()]);
    }
    let mut source = String::new();
    prefix(&mut source, &*shard.people.borrow(), session.user.get(), &nick);
    for room in was.rooms.iter().filter(|room| !is_in.contains(room)) {
        if let Some(room) = shard.people.borrow().room(*room) {
            line(&mut out, &source, "PART", &[room, "Logged in as somebody else"]);
        }
    }
    rooms::arrive(&mut out, shard, session, &was.rooms).await;
    session.greet(Bytes::from(out), Bytes::new());
}

fn rooms_of(session: &Session) -> Vec<RoomId> {
    session.rooms.borrow().iter().map(|(room, _)| *room).collect()
}

impl Irc {
    /// The same client's side of another session.
    fn again(&self) -> Self {
        let side = Self::new(self.server.clone(), self.nick.borrow().clone(), self.caps.get());
        side.wallops.set(self.wallops.get());
        side.subs.replace(self.subs.borrow().clone());
        side
    }
}

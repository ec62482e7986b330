//! A client that speaks IRC: its commands in, answers out. What is said and done goes the way of every request.

mod account;
mod cap;
mod chanserv;
mod door;
mod history;
mod lists;
mod login;
mod metadata;
mod modes;
mod monitor;
mod multiline;
mod operator;
mod own;
mod people;
mod rank;
mod rooms;
mod sasl;
mod say;
mod search;
mod services;
mod side;
mod who;
mod words;

pub(super) use door::enter;
pub(super) use login::{hand_on, moved};
pub(crate) use monitor::Watch;
pub(super) use rooms::arrived;
pub(crate) use side::Irc;

use super::talk::{self, Talk};
use super::{End, Session};
use crate::limits::Kind;
use crate::sequencer::Sequencer;
use chatroom_model::{Deed, Doer, Event, Fact, Request, UserId};
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::known::prefix;
use chatroom_wire::irc::message::{BadMessage, Message};
use chatroom_wire::irc::refusal::{Asked, refused};
use chatroom_wire::irc::reply::line;
use chatroom_wire::irc::reply::numeric::{
    ERR_ALREADYREGISTERED, ERR_INPUTTOOLONG, ERR_INVALIDCAPCMD, ERR_NEEDMOREPARAMS, ERR_NOORIGIN,
    ERR_UNKNOWNCOMMAND, ERR_UNKNOWNERROR,
};
use chatroom_wire::irc::tags;
use side::Outcome;
use std::collections::HashMap;

/// What an IRC client's task keeps for itself.
#[derive(Debug, Default)]
pub(super) struct Mind {
    /// Messages of several lines that have begun, by their reference.
    batches: HashMap<String, multiline::Lines>,
    /// A login that has begun.
    sasl: sasl::Sasl,
    /// Who this client was until it logged in.
    was: Option<String>,
}

/// Whose words an event carries.
pub(super) fn author(event: &Event) -> Option<UserId> {
    match event {
        Event::Message { author, .. } | Event::Fact(Fact::Edited { author, .. }) => Some(*author),
        Event::Fact(Fact::Reacted { user, .. }) => Some(*user),
        _ => None,
    }
}

/// The server says a sentence to a client.
pub(super) fn notice(session: &Session, irc: &Irc, text: &str) {
    let mut out = String::new();
    line(&mut out, irc.server(), "NOTICE", &[irc.nick.borrow().as_str(), text]);
    session.tell(out);
}

/// A line was longer than any may be.
pub(super) fn too_long<S: Sequencer>(talk: &Talk<'_, S>) {
    numeric(talk, ERR_INPUTTOOLONG, &["Input line was too long"]);
    flush(talk);
}

/// Does what a line asks.
pub(super) async fn heard<S: Sequencer>(talk: &mut Talk<'_, S>, text: &str) -> Result<(), End> {
    let message = match Message::parse(text) {
        Ok(message) => message,
        Err(BadMessage::Empty) => return Ok(()),
        Err(BadMessage::TooLong) => {
            too_long(talk);
            return Ok(());
        }
        Err(BadMessage::NoCommand) => {
            let word = text.split(' ').find(|word| !word.is_empty()).unwrap_or("*");
            numeric(talk, ERR_UNKNOWNCOMMAND, &[word, "Unknown command"]);
            flush(talk);
            return Ok(());
        }
    };
    let irc = irc(talk);
    let labels = irc.caps.get().has(Caps::LABELED_RESPONSE | Caps::BATCH);
    let label = message.tag("label").filter(|label| labels && !label.is_empty() && label.len() <= 64);
    let mut escaped = String::new();
    if let Some(label) = &label {
        tags::escape(&mut escaped, label);
    }
    irc.begin(label.is_some().then_some(escaped.as_str()));
    // What is not UTF-8 was repaired with a sign that nobody types.
    if text.contains('\u{fffd}') {
        let command = message.command.to_ascii_uppercase();
        fail(talk, &[&command, "INVALID_UTF8", "Message rejected: this server takes UTF-8 only"]);
        flush(talk);
        return Ok(());
    }
    let done = Box::pin(command(talk, &message)).await;
    flush(talk);
    done
}

/// Says what there is to say of the command that has been answered.
fn flush<S: Sequencer>(talk: &Talk<'_, S>) {
    let text = irc(talk).end();
    if !text.is_empty() {
        talk.session.show(text);
    }
}

/// Commands that only ask, and how much they cost.
fn kind(command: &str) -> Option<Kind> {
    Some(match command {
        "PRIVMSG" | "NOTICE" | "RELAYMSG" => return None,
        "TAGMSG" => Kind::Signal,
        "NAMES" | "LIST" | "WHO" | "WHOIS" | "WHOWAS" | "CHATHISTORY" | "SEARCH" | "LUSERS" | "MOTD" => {
            Kind::Read
        }
        "JOIN" => Kind::Join,
        "INVITE" | "KNOCK" => Kind::Invite,
        "KICK" | "KILL" | "OPER" => Kind::Moderate,
        "NICK" | "TOPIC" | "SETNAME" | "REDACT" | "RENAME" => Kind::Change,
        "AWAY" => Kind::Presence,
        _ => Kind::Command,
    })
}

async fn command<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    let name = message.command.to_ascii_uppercase();
    if matches!(&*name, "PONG" | "QUIT") {
        return words::simple(talk, &name, message).await;
    }
    for kind in [Some(Kind::Command), kind(&name).filter(|kind| *kind != Kind::Command)].into_iter().flatten()
    {
        if matches!(&*name, "PRIVMSG" | "NOTICE" | "RELAYMSG" | "BATCH") {
            break;
        }
        if let Some(limited) = talk.wait_for(kind).await? {
            numeric(talk, ERR_UNKNOWNERROR, &[&name, &limited.to_string()]);
            return Ok(());
        }
    }
    // What a command needs at least.
    let least = match &*name {
        "JOIN" | "PART" | "TOPIC" | "MODE" | "KNOCK" | "ISON" | "USERHOST" | "MONITOR" | "SETNAME"
        | "CAP" | "AUTHENTICATE" | "WALLOPS" => 1,
        "KICK" | "REDACT" | "RENAME" => 2,
        "RELAYMSG" => 3,
        "KILL" | "OPER" => 1,
        _ => 0,
    };
    if message.params.len() < least || (least > 0 && message.param(0).is_empty() && !matches!(&*name, "CAP"))
    {
        numeric(talk, ERR_NEEDMOREPARAMS, &[&name, "Not enough parameters"]);
        return Ok(());
    }
    match &*name {
        "PRIVMSG" | "NOTICE" | "TAGMSG" | "RELAYMSG" | "REDACT" => say::say(talk, &name, message).await,
        "BATCH" => multiline::batch(talk, message).await,
        "JOIN" | "PART" | "TOPIC" | "NAMES" | "LIST" | "INVITE" | "KICK" | "KNOCK" | "RENAME" => {
            rooms::rooms(talk, &name, message).await
        }
        "MODE" => modes::mode(talk, message).await,
        "NICK" | "AWAY" | "SETNAME" | "ISON" | "USERHOST" | "WHOWAS" => {
            people::people(talk, &name, message).await
        }
        "METADATA" => metadata::metadata(talk, message).await,
        "MONITOR" => monitor::monitor(talk, message).await,
        "WHO" => who::who(talk, message).await,
        "WHOIS" => people::whois(talk, message).await,
        "CHATHISTORY" => history::history(talk, message).await,
        "SEARCH" => search::search(talk, message).await,
        "MARKREAD" => history::mark_read(talk, message).await,
        "OPER" | "KILL" | "REHASH" | "WALLOPS" => operator::operator(talk, &name, message).await,
        "NICKSERV" | "NS" | "CHANSERV" | "CS" | "REGISTER" | "VERIFY" => {
            services::command(talk, &name, message).await
        }
        "CAP" => {
            cap(talk, message);
            Ok(())
        }
        "AUTHENTICATE" => login::authenticate(talk, message).await,
        "USER" | "PASS" => {
            numeric(talk, ERR_ALREADYREGISTERED, &["You may not reregister"]);
            Ok(())
        }
        "PING" if message.params.is_empty() => {
            numeric(talk, ERR_NOORIGIN, &["No origin specified"]);
            Ok(())
        }
        "PING" => {
            sync(talk).await?;
            let irc = irc(talk);
            let mut out = String::new();
            line(&mut out, irc.server(), "PONG", &[irc.server(), message.param(0)]);
            irc.answer_with(&out);
            Ok(())
        }
        "MOTD" | "LUSERS" | "VERSION" | "ISUPPORT" | "TIME" | "INFO" | "ADMIN" | "HELP" | "HELPOP"
        | "LINKS" | "STATS" | "ERROR" => words::simple(talk, &name, message).await,
        _ => {
            numeric(talk, ERR_UNKNOWNCOMMAND, &[message.command, "Unknown command"]);
            Ok(())
        }
    }
}

/// Waits until everything this client asked for has taken effect, and everything anybody asked for by now that concerns it
/// has been given to it.
pub(super) async fn sync<S: Sequencer>(talk: &mut Talk<'_, S>) -> Result<(), End> {
    talk.settled().await?;
    let mark = talk.shard.mark();
    while !talk.shard.reached(mark, &talk.session) {
        talk.happen(false).await?;
    }
    if talk.shard.ask_passed(&talk.session) {
        while !talk.session.passed.get() {
            talk.happen(false).await?;
        }
    }
    if irc(talk).has_arrived() {
        Box::pin(rooms::arrived(talk)).await;
    }
    Ok(())
}

/// What only an IRC client's session has.
fn irc<'a, S>(talk: &'a Talk<'_, S>) -> &'a Irc {
    talk.session.irc.as_deref().expect("an IRC client's session has its side")
}

fn mind<'a, S>(talk: &'a mut Talk<'_, S>) -> &'a mut Mind {
    if !matches!(talk.mind, Some(talk::Mind::Irc(_))) {
        talk.mind = Some(talk::Mind::Irc(Box::default()));
    }
    let Some(talk::Mind::Irc(mind)) = &mut talk.mind else { unreachable!("it has just been put there") };
    mind
}

/// Adds a numeric to the answer.
fn numeric<S: Sequencer>(talk: &Talk<'_, S>, code: u16, params: &[&str]) {
    let irc = irc(talk);
    let mut out = String::new();
    irc.numeric(&mut out, code, params);
    irc.answer_with(&out);
}

/// Adds a standard reply to the answer (IRCv3 standard-replies); a notice for who does not understand it.
fn fail<S: Sequencer>(talk: &Talk<'_, S>, params: &[&str]) {
    let irc = irc(talk);
    let mut out = String::new();
    line(&mut out, irc.server(), "FAIL", params);
    irc.answer_with(&out);
}

/// Adds a line of this client's own to the answer: `nick!user@host COMMAND …`.
fn own<S: Sequencer>(talk: &Talk<'_, S>, command: &str, params: &[&str]) {
    let irc = irc(talk);
    let mut out = String::new();
    line(&mut out, &address(talk), command, params);
    irc.answer_with(&out);
}

/// `nick!user@host` of this client.
fn address<S: Sequencer>(talk: &Talk<'_, S>) -> String {
    let mut out = String::new();
    prefix(&mut out, &*talk.shard.people.borrow(), talk.session.user.get(), &irc(talk).nick.borrow());
    out
}

/// Does a deed and waits for what comes of it, which is one of several answers.
async fn act<S: Sequencer>(talk: &mut Talk<'_, S>, deed: Deed) -> Result<Outcome, End> {
    does(talk, deed, true).await
}

/// Does a deed and waits for what comes of it, which is the whole answer.
async fn act_alone<S: Sequencer>(talk: &mut Talk<'_, S>, deed: Deed) -> Result<Outcome, End> {
    does(talk, deed, false).await
}

async fn does<S: Sequencer>(talk: &mut Talk<'_, S>, deed: Deed, together: bool) -> Result<Outcome, End> {
    talk.settled().await?;
    // What was answered of it before stands before what comes of it.
    let before = irc(talk).so_far();
    if !before.is_empty() {
        talk.session.show(before);
    }
    irc(talk).does(together);
    let doer = Doer::Session { session: talk.session.id, address: Some(talk.session.address) };
    talk.submit(Request::Do { doer, deed: deed.into() }).await?;
    loop {
        if let Some(outcome) = irc(talk).outcome() {
            talk.settled().await?;
            return Ok(outcome);
        }
        talk.happen(false).await?;
    }
}

/// Does a deed; whether it is done. What keeps it from being done has been said.
async fn done<S: Sequencer>(talk: &mut Talk<'_, S>, asked: &Asked, deed: Deed) -> Result<bool, End> {
    let outcome = act(talk, deed).await?;
    Ok(is_done(talk, asked, outcome))
}

/// Whether a deed is done. What keeps it from being done is said.
fn is_done<S: Sequencer>(talk: &Talk<'_, S>, asked: &Asked, outcome: Outcome) -> bool {
    match outcome {
        Outcome::Done { .. } => true,
        Outcome::Refused(refusal) => {
            no(talk, asked, &refusal);
            false
        }
        Outcome::Failed(why) => {
            numeric(talk, ERR_UNKNOWNERROR, &[asked.command, &why]);
            false
        }
    }
}

/// Says a refusal.
fn no<S: Sequencer>(talk: &Talk<'_, S>, asked: &Asked, refusal: &chatroom_model::Refusal) {
    let irc = irc(talk);
    let mut out = String::new();
    refused(&mut out, irc.server(), irc.nick.borrow().as_str(), asked, refusal);
    irc.answer_with(&out);
}

/// CAP after coming in.
fn cap<S: Sequencer>(talk: &Talk<'_, S>, message: &Message<'_>) {
    let irc = irc(talk);
    let mut out = String::new();
    let nick = irc.nick.borrow();
    let (have, early) = (irc.caps.get(), talk.shard.shared.settings.irc.registers_early());
    match cap::negotiate(&mut out, irc.server(), nick.as_str(), have, message, early) {
        Some(caps) => irc.caps.set(caps),
        None => irc.numeric(&mut out, ERR_INVALIDCAPCMD, &[message.param(0), "Invalid CAP command"]),
    }
    drop(nick);
    irc.answer_with(&out);
}

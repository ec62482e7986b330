//! What those who run the server do from IRC.

use super::rooms::person;
use super::side::Outcome;
use super::{address, fail, irc, numeric};
use crate::batch::What;
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::talk::Talk;
use crate::signal::{Signal, To};
use chatroom_model::{Deed, LINE_MAX, Refusal};
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::reply::numeric::*;
use chatroom_wire::irc::reply::whole;
use chatroom_wire::text::clean;
use subtle::ConstantTimeEq;

/// Does what a command asks of whoever runs the server.
pub(super) async fn operator<S: Sequencer>(
    talk: &mut Talk<'_, S>,
    name: &str,
    message: &Message<'_>,
) -> Result<(), End> {
    if name == "OPER" {
        return oper(talk, message).await;
    }
    super::sync(talk).await?;
    let own = irc(talk).nick.borrow().to_string();
    if !super::people::runs_it(talk).await {
        numeric(talk, ERR_NOPRIVILEGES, &["Permission Denied- You're not an IRC operator"]);
        return Ok(());
    }
    match name {
        "KILL" => {
            let nick = message.param(0);
            let Some(user) = person(talk, nick) else { return Ok(()) };
            let reason = clean(message.param(1));
            let reason = if reason.is_empty() { "Killed".into() } else { reason };
            let reason = format!("Killed ({own} ({}))", &reason[..whole(&reason, LINE_MAX - 60)]);
            match super::act(talk, Deed::Disconnect { user, reason }).await? {
                Outcome::Done { .. } => {}
                Outcome::Refused(Refusal::NoSuchUser(_)) => {
                    numeric(talk, ERR_NOSUCHNICK, &[nick, "No such nick"]);
                }
                Outcome::Refused(refusal) => numeric(talk, ERR_UNKNOWNERROR, &["KILL", &refusal.to_string()]),
                Outcome::Failed(why) => numeric(talk, ERR_UNKNOWNERROR, &["KILL", &why]),
            }
        }
        "REHASH" => {
            talk.shard.shared.reload.notify_one();
            numeric(talk, RPL_REHASHING, &["chatroom.toml", "Rehashing"]);
        }
        _ => {
            let signal = Signal {
                to: To::Listeners,
                from: talk.session.user.get(),
                room: None,
                session: talk.session.id,
                source: address(talk),
                command: "WALLOPS",
                target: "".into(),
                text: Some(clean(message.param(0)).into()),
                middle: Vec::new(),
                tags: Default::default(),
                at: crate::now(),
            };
            talk.shard.shared.spread(signal);
        }
    }
    Ok(())
}

async fn oper<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    talk.settled().await?;
    let (name, word) = (message.param(0), message.param(1));
    let shared = &talk.shard.shared;
    let account = format!("OPER {}", name.to_ascii_lowercase());
    if let Err(limited) = shared.limits.attempt(talk.session.address, &account, std::time::Instant::now()) {
        numeric(talk, ERR_NOOPERHOST, &[&format!("No such operator here: {limited}")]);
        return Ok(());
    }
    let right = shared
        .settings
        .irc
        .operators
        .iter()
        .any(|(other, password)| other == name && bool::from(password.as_bytes().ct_eq(word.as_bytes())));
    if !right {
        // Which of the two it is is not said.
        numeric(talk, ERR_NOOPERHOST, &["No such operator here, or the password is another"]);
        return Ok(());
    }
    shared.limits.succeeded(talk.session.address, &account);
    if set(talk, true).await? {
        numeric(talk, RPL_YOUREOPER, &["You are now an IRC operator"]);
        let nick = irc(talk).nick.borrow().to_string();
        super::own(talk, "MODE", &[&nick, "+o"]);
    }
    Ok(())
}

/// Gives up running the server.
pub(super) async fn give_up<S: Sequencer>(talk: &mut Talk<'_, S>) -> Result<(), End> {
    if set(talk, false).await? {
        let nick = irc(talk).nick.borrow().to_string();
        super::own(talk, "MODE", &[&nick, "-o"]);
    }
    Ok(())
}

/// Lets this client's user run the server, or no longer, as the operator at the machine would; whether it is so.
async fn set<S: Sequencer>(talk: &mut Talk<'_, S>, on: bool) -> Result<bool, End> {
    let user = irc(talk).nick.borrow().clone();
    let shared = &talk.shard.shared;
    let done = tokio::select! {
        done = shared.calls.act(&*shared.sequencer, Deed::Operator { user, on }) => done,
        () = shared.stop.cancelled() => return Err(End::Stopping),
    };
    let why = match done {
        Ok(What::Done { .. } | What::Again(_) | What::Said(_) | What::Refused(Refusal::AlreadySo)) => {
            return Ok(true);
        }
        Ok(What::Refused(refusal)) => refusal.to_string(),
        Ok(What::NotStored(why) | What::NotConfirmed(why)) => why,
        Err(why) => why.to_string(),
    };
    fail(talk, &["OPER", "UNKNOWN_ERROR", &why]);
    Ok(false)
}

//! People, as IRC names, finds and describes them.

use super::lists::marks;
use super::rooms::person;
use super::side::Outcome;
use super::{done, irc, no, numeric};
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::commands::read;
use crate::session::talk::Talk;
use chatroom_model::{Deed, Ident, LINE_MAX, Name, Refusal, UserId};
use chatroom_store::Profile;
use chatroom_wire::irc::known;
use chatroom_wire::irc::mask;
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::refusal::Asked;
use chatroom_wire::irc::reply::numeric::*;
use chatroom_wire::irc::reply::whole;
use chatroom_wire::text::clean;
use std::net::IpAddr;

/// Does what a command asks of people.
pub(super) async fn people<S: Sequencer>(
    talk: &mut Talk<'_, S>,
    name: &str,
    message: &Message<'_>,
) -> Result<(), End> {
    match name {
        "NICK" => nick(talk, message).await,
        "AWAY" => {
            let text = clean(message.param(0));
            let text = text[..whole(&text, LINE_MAX)].to_owned();
            let text = (!text.is_empty()).then_some(text);
            let (code, said) = match text {
                Some(_) => (RPL_NOWAWAY, "You have been marked as being away"),
                None => (RPL_UNAWAY, "You are no longer marked as being away"),
            };
            if done(talk, &Asked::new("AWAY", ""), Deed::Away { text }).await? {
                numeric(talk, code, &[said]);
            } else if irc(talk).so_far_is_empty() {
                // It was so already.
                numeric(talk, code, &[said]);
            }
            Ok(())
        }
        "SETNAME" => {
            let real = clean(message.param(0)).into_owned();
            if real.len() > chatroom_model::IDENT_REAL {
                super::fail(talk, &["SETNAME", "INVALID_REALNAME", "Realname is not valid"]);
                return Ok(());
            }
            let was = super::modes::own_ident(talk);
            let ident = Ident { modes: was.modes.clone(), ..Ident::of(&was.user, &real) };
            match super::act_alone(talk, Deed::Ident { ident }).await? {
                // Where others are told, so is this client.
                Outcome::Done { quiet: false } => {}
                Outcome::Done { quiet: true } | Outcome::Refused(Refusal::AlreadySo) => {
                    super::own(talk, "SETNAME", &[&real]);
                }
                Outcome::Refused(refusal) => no(talk, &Asked::new("SETNAME", ""), &refusal),
                Outcome::Failed(why) => numeric(talk, ERR_UNKNOWNERROR, &["SETNAME", &why]),
            }
            Ok(())
        }
        "ISON" => {
            super::sync(talk).await?;
            let mut there = Vec::new();
            for nick in message
                .params
                .iter()
                .flat_map(|param| param.split(' '))
                .filter(|nick| !nick.is_empty())
                .take(50)
            {
                if let Some(found) = profile(talk, nick).await.filter(|found| found.sessions > 0) {
                    there.push(found.name);
                }
            }
            numeric(talk, RPL_ISON, &[&there.join(" ")]);
            Ok(())
        }
        "USERHOST" => {
            super::sync(talk).await?;
            let mut found = Vec::new();
            for nick in message.params.iter().take(5) {
                if let Some(one) = profile(talk, nick).await.filter(|one| one.sessions > 0) {
                    let (star, sign) =
                        (if one.operator { "*" } else { "" }, if one.away.is_some() { '-' } else { '+' });
                    found.push(format!(
                        "{}{star}={sign}{}@{}",
                        one.name,
                        user_name(&one),
                        mask::host(one.user)
                    ));
                }
            }
            numeric(talk, RPL_USERHOST, &[&found.join(" ")]);
            Ok(())
        }
        _ => {
            let nick = message.param(0);
            if nick.is_empty() {
                numeric(talk, ERR_NONICKNAMEGIVEN, &["No nickname given"]);
                return Ok(());
            }
            super::sync(talk).await?;
            let most = message.param(1).parse::<usize>().ok().filter(|n| *n > 0).unwrap_or(usize::MAX);
            let found: Vec<_> = talk.shard.people.borrow().gone(nick).take(most).cloned().collect();
            if found.is_empty() {
                numeric(talk, ERR_WASNOSUCHNICK, &[nick, "There was no such nickname"]);
            }
            let server = irc(talk).server().to_owned();
            for gone in found {
                let (user, host) = (format!("~{}", gone.ident.user), mask::host(gone.user));
                let real = if gone.ident.real.is_empty() { gone.name.as_str() } else { &gone.ident.real };
                numeric(talk, RPL_WHOWASUSER, &[gone.name.as_str(), &user, &host, "*", real]);
                let at = chatroom_wire::irc::time::Stamp(gone.at).to_string();
                numeric(talk, RPL_WHOISSERVER, &[gone.name.as_str(), &server, &at]);
            }
            numeric(talk, RPL_ENDOFWHOWAS, &[nick, "End of WHOWAS"]);
            Ok(())
        }
    }
}

async fn nick<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    let nick = message.param(0);
    if nick.is_empty() {
        numeric(talk, ERR_NONICKNAMEGIVEN, &["No nickname given"]);
        return Ok(());
    }
    let name = match Name::parse(nick) {
        Ok(name) => name,
        Err(why) => {
            numeric(talk, ERR_ERRONEUSNICKNAME, &[nick, &format!("Erroneous nickname: {why}")]);
            return Ok(());
        }
    };
    match super::act_alone(talk, Deed::Nick { name }).await? {
        Outcome::Done { .. } | Outcome::Refused(Refusal::AlreadySo) => Ok(()),
        Outcome::Refused(refusal) => {
            no(talk, &Asked::new("NICK", nick), &refusal);
            Ok(())
        }
        Outcome::Failed(why) => {
            numeric(talk, ERR_UNKNOWNERROR, &["NICK", &why]);
            Ok(())
        }
    }
}

/// What is known of somebody, whoever may be meant.
pub(super) async fn profile<S: Sequencer>(talk: &Talk<'_, S>, nick: &str) -> Option<Profile> {
    let name = mask::name(nick)?;
    read(talk, move |reader| reader.profile(&name)).await.flatten()
}

fn user_name(found: &Profile) -> String {
    found.ident.as_ref().map_or_else(|| known::USER.to_owned(), |ident| format!("~{}", ident.user))
}

/// WHOIS.
pub(super) async fn whois<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    let nick = message.params.get(1).or(message.params.first()).copied().unwrap_or_default();
    let nick = nick.split(',').next().unwrap_or_default();
    if nick.is_empty() {
        numeric(talk, ERR_NONICKNAMEGIVEN, &["No nickname given"]);
        return Ok(());
    }
    super::sync(talk).await?;
    let Some(found) = profile(talk, nick).await else {
        if person(talk, nick).is_some() {
            numeric(talk, ERR_NOSUCHNICK, &[nick, "No such nick"]);
        }
        numeric(talk, RPL_ENDOFWHOIS, &[nick, "End of /WHOIS list."]);
        return Ok(());
    };
    let name = found.name.clone();
    let real = found.ident.as_ref().map(|ident| ident.real.to_string()).filter(|real| !real.is_empty());
    let host = mask::host(found.user);
    numeric(talk, RPL_WHOISUSER, &[&name, &user_name(&found), &host, "*", real.as_deref().unwrap_or(&name)]);
    let (me, them) = (talk.session.user.get(), found.user);
    let hides = found.ident.as_ref().is_some_and(|ident| ident.is('i'));
    let rooms = read(talk, move |reader| reader.seen_in(me, them, !hides)).await.unwrap_or_default();
    let caps = irc(talk).caps.get();
    let list: Vec<String> =
        rooms.iter().map(|(room, role, voiced)| format!("{}{room}", marks(caps, *role, *voiced))).collect();
    for chunk in list.chunks(8) {
        numeric(talk, RPL_WHOISCHANNELS, &[&name, &chunk.join(" ")]);
    }
    let settings = talk.shard.shared.settings.irc.clone();
    numeric(talk, RPL_WHOISSERVER, &[&name, &settings.name, &settings.description]);
    if let Some(text) = &found.away {
        numeric(talk, RPL_AWAY, &[&name, text]);
    } else if found.sessions == 0 {
        numeric(talk, RPL_AWAY, &[&name, "is not connected"]);
    }
    if found.operator {
        numeric(talk, RPL_WHOISOPERATOR, &[&name, "is an IRC operator"]);
    }
    if them == me || runs_it(talk).await {
        for address in addresses(talk, them).await? {
            numeric(talk, RPL_WHOISACTUALLY, &[&name, &shown(address), "is actually using host"]);
        }
    }
    if found.ident.as_ref().is_some_and(|ident| ident.is('B')) {
        numeric(talk, RPL_WHOISBOT, &[&name, "is a bot"]);
    }
    if let Some(account) = &found.account {
        numeric(talk, RPL_WHOISACCOUNT, &[&name, account, "is logged in as"]);
    }
    if !found.profile.is_empty() {
        numeric(talk, RPL_WHOISSPECIAL, &[&name, &found.profile]);
    }
    let idle = ((crate::now().0 - found.last_active.0).max(0) / 1000).to_string();
    let since = (found.last_active.0 / 1000).to_string();
    numeric(talk, RPL_WHOISIDLE, &[&name, &idle, &since, "seconds idle, signon time"]);
    numeric(talk, RPL_ENDOFWHOIS, &[nick, "End of /WHOIS list."]);
    Ok(())
}

/// Whether this client's user runs the server.
pub(super) async fn runs_it<S: Sequencer>(talk: &Talk<'_, S>) -> bool {
    let own = irc(talk).nick.borrow().to_string();
    profile(talk, &own).await.is_some_and(|found| found.operator)
}

/// From where the clients of somebody are connected.
async fn addresses<S: Sequencer>(talk: &Talk<'_, S>, user: UserId) -> Result<Vec<IpAddr>, End> {
    let shared = &talk.shard.shared;
    tokio::select! {
        addresses = shared.addresses(user) => Ok(addresses),
        () = shared.stop.cancelled() => Err(End::Stopping),
    }
}

/// An address as it may stand within a line: what begins with a colon would be the end of it.
fn shown(address: IpAddr) -> String {
    let text = address.to_string();
    if text.starts_with(':') { format!("0{text}") } else { text }
}

//! Where clients expect services: NickServ's commands, and REGISTER (IRCv3 account-registration).

use super::account::{self, No};
use super::chanserv::{self, CHANSERV};
use super::login::{self, LoggedIn};
use super::side::Outcome;
use super::{act, fail, irc};
use crate::limits::Kind;
use crate::passwords::Secret;
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::talk::Talk;
use chatroom_model::{Deed, Name, Refusal};
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::reply::line;
use chatroom_wire::irc::reply::numeric::RPL_LOGGEDIN;

/// Who answers for people.
const NICKSERV: &str = "NickServ";

/// Whether a target is one of the services.
pub(super) fn is_one(target: &str) -> bool {
    target.eq_ignore_ascii_case(NICKSERV) || target.eq_ignore_ascii_case(CHANSERV)
}

/// What came of registering.
enum Registered {
    Done,
    No(&'static str, String),
}

/// REGISTER, VERIFY, and the services' commands as commands of their own.
pub(super) async fn command<S: Sequencer>(
    talk: &mut Talk<'_, S>,
    name: &str,
    message: &Message<'_>,
) -> Result<(), End> {
    match name {
        "REGISTER" => {
            let (account, password) = (message.param(0), message.param(2));
            let nick = irc(talk).nick.borrow().to_string();
            if message.params.len() < 3 {
                fail(talk, &["REGISTER", "NEED_MORE_PARAMS", "Not enough parameters"]);
                return Ok(());
            }
            if account != "*" && !account.eq_ignore_ascii_case(&nick) {
                let why = "An account is called as its user is: take that name first";
                fail(talk, &["REGISTER", "ACCOUNT_NAME_MUST_BE_NICK", account, why]);
                return Ok(());
            }
            match register(talk, password).await? {
                Registered::Done => {
                    let mut out = String::new();
                    line(&mut out, irc(talk).server(), "REGISTER", &["SUCCESS", &nick, "Account created"]);
                    irc(talk).answer_with(&out);
                    logged_in(talk, &nick);
                }
                Registered::No(code, why) => fail(talk, &["REGISTER", code, account, &why]),
            }
            Ok(())
        }
        "VERIFY" => {
            let account = if message.param(0).is_empty() { "*" } else { message.param(0) };
            fail(talk, &["VERIFY", "INVALID_CODE", account, "Nothing waits to be verified"]);
            Ok(())
        }
        "CHANSERV" | "CS" => chanserv::say(talk, &message.params.join(" ")).await,
        _ => say(talk, NICKSERV, &message.params.join(" ")).await,
    }
}

/// Somebody speaks to a service.
pub(super) async fn say<S: Sequencer>(talk: &mut Talk<'_, S>, service: &str, text: &str) -> Result<(), End> {
    if service.eq_ignore_ascii_case(CHANSERV) {
        return chanserv::say(talk, text).await;
    }
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    let command = words.next().unwrap_or_default().to_ascii_uppercase();
    let answers: Vec<String> = match &*command {
        "REGISTER" => {
            let Some(password) = words.next() else {
                return tell(talk, NICKSERV, &["Say REGISTER <password>".into()]);
            };
            let nick = irc(talk).nick.borrow().to_string();
            match register(talk, password).await? {
                Registered::Done => {
                    let yours = format!("{nick} is yours from now on, by that password.");
                    tell(talk, NICKSERV, &["Account created".into(), yours])?;
                    logged_in(talk, &nick);
                    return Ok(());
                }
                Registered::No(_, why) => vec![why],
            }
        }
        "SAREGISTER" => vec![register_other(talk, words.next(), words.next()).await?],
        "IDENTIFY" | "LOGIN" => return identify(talk, &words.collect::<Vec<_>>()).await,
        "HELP" | "" => vec![
            "REGISTER <password> keeps your name for good.".into(),
            "IDENTIFY [<account>] <password> logs in to it: you go on in the rooms you are in, and are in its rooms.".into(),
            "With SASL, or the server password name:password, you come in logged in.".into(),
            "SAREGISTER <name> <password> makes an account for somebody else, where you run the server.".into(),
        ],
        _ => vec!["I know REGISTER, IDENTIFY, SAREGISTER and HELP.".into()],
    };
    tell(talk, NICKSERV, &answers)
}

/// `IDENTIFY [<account>] <password>`.
async fn identify<S: Sequencer>(talk: &mut Talk<'_, S>, words: &[&str]) -> Result<(), End> {
    let nick = irc(talk).nick.borrow().to_string();
    let (account, word) = match words {
        [word] => (&*nick, *word),
        [account, word, ..] => (*account, *word),
        [] => return tell(talk, NICKSERV, &["Say IDENTIFY <account> <password>".into()]),
    };
    let Ok(name) = Name::parse(account) else {
        return tell(talk, NICKSERV, &[format!("{account} can be nobody's account")]);
    };
    let address = super::address(talk);
    match login::identify(talk, name.clone(), word).await? {
        LoggedIn::As(rest) => {
            let text = format!("You are now logged in as {name}");
            super::numeric(talk, RPL_LOGGEDIN, &[&address, name.as_str(), &text]);
            tell(talk, NICKSERV, &[text])?;
            rest
        }
        LoggedIn::Not(why) => tell(talk, NICKSERV, &[why]),
    }
}

fn logged_in<S: Sequencer>(talk: &Talk<'_, S>, account: &str) {
    let text = format!("You are now logged in as {account}");
    super::numeric(talk, RPL_LOGGEDIN, &[&super::address(talk), account, &text]);
}

/// A service answers.
pub(super) fn tell<S: Sequencer>(talk: &Talk<'_, S>, service: &str, answers: &[String]) -> Result<(), End> {
    let side = irc(talk);
    let source = format!("{service}!{service}@services");
    let mut out = String::new();
    for text in answers {
        line(&mut out, &source, "NOTICE", &[side.nick.borrow().as_str(), text]);
    }
    side.answer_with(&out);
    Ok(())
}

/// Whoever runs the server makes an account for somebody else; what there is to say of it.
async fn register_other<S: Sequencer>(
    talk: &mut Talk<'_, S>,
    name: Option<&str>,
    word: Option<&str>,
) -> Result<String, End> {
    super::sync(talk).await?;
    let own = irc(talk).nick.borrow().to_string();
    if !super::people::profile(talk, &own).await.is_some_and(|found| found.operator) {
        return Ok("Only whoever runs the server may say SAREGISTER".into());
    }
    let (Some(name), Some(word)) = (name, word) else { return Ok("Say SAREGISTER <name> <password>".into()) };
    let name = match Name::parse(name) {
        Ok(name) => name,
        Err(why) => return Ok(why.to_string()),
    };
    if let Some(limited) = talk.wait_for(Kind::Register).await? {
        return Ok(limited.to_string());
    }
    Ok(match account::make(talk.shard, &name, word).await {
        Ok(_) => format!("Successfully registered account {name}"),
        Err(No { why, .. }) => why,
    })
}

async fn register<S: Sequencer>(talk: &mut Talk<'_, S>, word: &str) -> Result<Registered, End> {
    if let Some(limited) = talk.wait_for(Kind::Register).await? {
        return Ok(Registered::No("TEMPORARILY_UNAVAILABLE", limited.to_string()));
    }
    talk.settled().await?;
    let name: Name = irc(talk).nick.borrow().clone();
    let secret = Secret::new(word.to_owned());
    if let Err(why) = secret.check(name.as_str(), talk.shard.shared.settings.password_min) {
        return Ok(Registered::No("WEAK_PASSWORD", why.to_string()));
    }
    let phc = match talk.shard.shared.passwords.hash(secret).await {
        Ok(phc) => phc.as_str().to_owned(),
        Err(busy) => return Ok(Registered::No("TEMPORARILY_UNAVAILABLE", busy.to_string())),
    };
    Ok(match act(talk, Deed::Register { phc }).await? {
        Outcome::Done { .. } => Registered::Done,
        Outcome::Refused(Refusal::Registered) => {
            Registered::No("ALREADY_AUTHENTICATED", "You are registered already".into())
        }
        Outcome::Refused(refusal) => Registered::No("UNKNOWN_ERROR", refusal.to_string()),
        Outcome::Failed(why) => Registered::No("TEMPORARILY_UNAVAILABLE", why),
    })
}

//! What the server says of itself: welcome, message of the day, numbers of people, help. Decides nothing.

use super::rooms;
use super::{irc, numeric};
use crate::sequencer::Sequencer;
use crate::session::commands::read;
use crate::session::door::Entered;
use crate::session::talk::Talk;
use crate::session::{End, Session};
use crate::shard::Shard;
use bytes::Bytes;
use chatroom_model::{Deed, Doer, Ident, Request};
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::isupport;
use chatroom_wire::irc::known::{Known, prefix};
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::render::{self, View};
use chatroom_wire::irc::reply::numeric::*;
use chatroom_wire::irc::reply::{line, numeric as add, pieces};
use chatroom_wire::irc::time::Stamp;
use chatroom_wire::text::clean;
use std::rc::Rc;
use std::sync::atomic::Ordering;

/// What this is, with its version.
const VERSION: &str = concat!("chatroom-", env!("CARGO_PKG_VERSION"));

/// What a client said of its user before it was in.
pub(super) struct First {
    pub(super) away: Option<String>,
    pub(super) metadata: Vec<(String, String)>,
}

/// Greets a client that is in, and tells it where its user is already.
pub(super) async fn greet<S: Sequencer>(shard: &Rc<Shard<S>>, entered: &Entered, ident: &Ident, said: First) {
    let session = &entered.session;
    let doer = Doer::Session { session: session.id, address: None };
    let known = shard.people.borrow().person(session.user.get()).map(|person| person.ident.clone());
    let mut first = Vec::new();
    // What a client said of its user before stays so.
    let modes = known.as_ref().map(|known| known.modes.clone()).unwrap_or_default();
    let ident = Ident { modes, ..ident.clone() };
    if known.is_none_or(|known| known != ident) {
        first.push(Deed::Ident { ident });
    }
    first.extend(said.away.map(|text| Deed::Away { text: Some(clean(&text).into_owned()) }));
    first.extend(said.metadata.iter().map(|(key, value)| Deed::Metadata {
        room: None,
        key: key.clone(),
        value: Some(value.clone()),
    }));
    for deed in first {
        // Nobody waits for it: it is known before anything this client does.
        if let Some(irc) = &session.irc {
            irc.does(true);
        }
        session.in_flight.set(session.in_flight.get() + 1);
        let _ = shard.shared.sequencer.submit(Request::Do { doer, deed: deed.into() }).await;
    }
    let mut out = String::new();
    welcome(&mut out, shard, session);
    noted(&mut out, shard, session, said.metadata);
    let mut rooms = String::new();
    rooms::arrive(&mut rooms, shard, session, &[]).await;
    out.push_str(&rooms);
    session.greet(Bytes::from(out), Bytes::new());
}

fn welcome<S: Sequencer>(out: &mut String, shard: &Shard<S>, session: &Session) {
    let Some(irc) = &session.irc else { return };
    let settings = &shard.shared.settings.irc;
    let mut address = String::new();
    prefix(&mut address, &*shard.people.borrow(), session.user.get(), &irc.nick.borrow());
    let add = |out: &mut String, code, params: &[&str]| irc.numeric(out, code, params);
    add(out, RPL_WELCOME, &[&format!("Welcome to the {} Network, {address}", settings.network)]);
    add(out, RPL_YOURHOST, &[&format!("Your host is {}, running version {VERSION}", settings.name)]);
    let started = crate::now().plus(-i64::try_from(shard.shared.started.elapsed().as_millis()).unwrap_or(0));
    add(out, RPL_CREATED, &[&format!("This server was started {}", Stamp(started))]);
    add(out, RPL_MYINFO, &[&settings.name, VERSION, "BRTiow", "CIMORSbeiklmnoqstv", "IObeklqov"]);
    supports(out, shard, session);
    let account = shard.people.borrow().person(session.user.get()).and_then(|person| person.account.clone());
    if let Some(account) = account {
        add(out, RPL_LOGGEDIN, &[&address, &account, &format!("You are now logged in as {account}")]);
    }
    lusers(out, shard, session, None);
    motd(out, shard, session);
}

/// Shows a client what is noted of its own user (IRCv3 metadata).
fn noted<S: Sequencer>(out: &mut String, shard: &Shard<S>, session: &Session, new: Vec<(String, String)>) {
    let Some(irc) = session.irc.as_ref().filter(|irc| irc.caps.get().has(Caps::METADATA | Caps::BATCH))
    else {
        return;
    };
    let people = shard.people.borrow();
    let mut all = people.person(session.user.get()).map(|person| person.metadata.clone()).unwrap_or_default();
    all.extend(new.into_iter().map(|(key, value)| (Box::from(key), Box::from(value))));
    if all.is_empty() {
        return;
    }
    let nick = irc.nick.borrow();
    let view =
        View { server: irc.server(), caps: irc.caps.get(), known: &*people, viewer: None, tag: "batch=d0" };
    line(out, irc.server(), "BATCH", &["+d0", "metadata", nick.as_str()]);
    for (key, value) in &all {
        render::metadata(out, &view, nick.as_str(), key, Some(value));
    }
    line(out, irc.server(), "BATCH", &["-d0"]);
}

fn supports<S: Sequencer>(out: &mut String, shard: &Shard<S>, session: &Session) {
    let Some(irc) = &session.irc else { return };
    let settings = &shard.shared.settings.irc;
    supported(out, &settings.name, irc.nick.borrow().as_str(), &settings.network, "");
}

/// RPL_ISUPPORT, each line behind `tag`.
fn supported(out: &mut String, server: &str, nick: &str, network: &str, tag: &str) {
    for tokens in isupport::lines(network) {
        let mut params: Vec<&str> = tokens.iter().map(String::as_str).collect();
        params.push("are supported by this server");
        out.push_str(tag);
        add(out, server, RPL_ISUPPORT, nick, &params);
    }
}

/// ISUPPORT: what is supported, in a batch where those are understood (IRCv3 extended-isupport).
pub(super) fn extended(out: &mut String, server: &str, nick: &str, network: &str, batched: bool) {
    if batched {
        line(out, server, "BATCH", &["+i0", "draft/isupport"]);
    }
    supported(out, server, nick, network, if batched { "@batch=i0 " } else { "" });
    if batched {
        line(out, server, "BATCH", &["-i0"]);
    }
}

fn motd<S: Sequencer>(out: &mut String, shard: &Shard<S>, session: &Session) {
    let Some(irc) = &session.irc else { return };
    let settings = &shard.shared.settings.irc;
    if settings.motd.is_empty() {
        return irc.numeric(out, ERR_NOMOTD, &["MOTD File is missing"]);
    }
    irc.numeric(out, RPL_MOTDSTART, &[&format!("- {} Message of the day - ", settings.name)]);
    for text in settings.motd.iter().flat_map(|text| pieces(text, 400)) {
        irc.numeric(out, RPL_MOTD, &[&format!("- {text}")]);
    }
    irc.numeric(out, RPL_ENDOFMOTD, &["End of /MOTD command."]);
}

/// How many are there: operators and rooms as far as they have been counted.
fn lusers<S: Sequencer>(
    out: &mut String,
    shard: &Shard<S>,
    session: &Session,
    counted: Option<(usize, usize)>,
) {
    let Some(irc) = &session.irc else { return };
    let connections: usize = shard.shared.connections.iter().map(|shard| shard.load(Ordering::Relaxed)).sum();
    let (users, most, invisible, sessions) = {
        let people = shard.people.borrow();
        (people.online, people.most, people.invisible(), people.sessions)
    };
    let add = |out: &mut String, code, params: &[&str]| irc.numeric(out, code, params);
    let visible = users - invisible;
    add(
        out,
        RPL_LUSERCLIENT,
        &[&format!("There are {visible} users and {invisible} invisible on 1 servers")],
    );
    if let Some((operators, rooms)) = counted {
        add(out, RPL_LUSEROP, &[&operators.to_string(), "IRC Operators online"]);
        let unknown = connections.saturating_sub(sessions);
        add(out, RPL_LUSERUNKNOWN, &[&unknown.to_string(), "unregistered connections"]);
        add(out, RPL_LUSERCHANNELS, &[&rooms.to_string(), "channels formed"]);
    }
    add(out, RPL_LUSERME, &[&format!("I have {users} clients and 0 servers")]);
    let (users, most) = (users.to_string(), most.to_string());
    add(out, RPL_LOCALUSERS, &[&users, &most, &format!("Current local users {users}, max {most}")]);
    add(out, RPL_GLOBALUSERS, &[&users, &most, &format!("Current global users {users}, max {most}")]);
}

/// Commands that ask the server about itself, and the two that say something of the connection.
pub(super) async fn simple<S: Sequencer>(
    talk: &mut Talk<'_, S>,
    name: &str,
    message: &Message<'_>,
) -> Result<(), End> {
    let own = |server: &str, talk: &Talk<'_, S>| {
        server.is_empty()
            || chatroom_wire::irc::mask::glob(server, irc(talk).server())
            || server.eq_ignore_ascii_case(irc(talk).nick.borrow().as_str())
    };
    let target =
        if matches!(name, "MOTD" | "VERSION" | "TIME" | "INFO" | "ADMIN") { message.param(0) } else { "" };
    if !own(target, talk) {
        numeric(talk, ERR_NOSUCHSERVER, &[target, "No such server"]);
        return Ok(());
    }
    let settings = talk.shard.shared.settings.irc.clone();
    let mut out = String::new();
    match name {
        "PONG" | "ERROR" => {}
        "QUIT" => {
            let why: String = clean(message.param(0)).chars().take(300).collect();
            irc(talk).farewell.replace(why.into());
            // What it said before takes effect before it goes.
            talk.settled().await?;
            return Err(End::Quit);
        }
        "MOTD" => motd(&mut out, talk.shard, &talk.session),
        "LUSERS" => {
            super::sync(talk).await?;
            let user = talk.session.user.get();
            let counted = read(talk, move |reader| {
                let (_, operators) = reader.online()?;
                let rooms = reader.rooms(user, true)?.iter().filter(|room| !room.direct).count();
                Ok((operators, rooms))
            })
            .await;
            lusers(&mut out, talk.shard, &talk.session, counted);
        }
        "VERSION" => {
            irc(talk).numeric(&mut out, RPL_VERSION, &[VERSION, &settings.name, "a room for all protocols"]);
            supports(&mut out, talk.shard, &talk.session);
        }
        "ISUPPORT" => {
            let side = irc(talk);
            let batched = side.caps.get().has(Caps::BATCH);
            extended(&mut out, side.server(), side.nick.borrow().as_str(), &settings.network, batched);
        }
        "TIME" => {
            let now = crate::now();
            let seconds = (now.0 / 1000).to_string();
            let text = Stamp(now).to_string();
            irc(talk).numeric(&mut out, RPL_TIME, &[&settings.name, &seconds, "0", &text]);
        }
        "INFO" => {
            for text in
                [VERSION, "One room for nc, IRC, browsers and programs; what it acknowledges it keeps."]
            {
                irc(talk).numeric(&mut out, RPL_INFO, &[text]);
            }
            irc(talk).numeric(&mut out, RPL_ENDOFINFO, &["End of /INFO list."]);
        }
        "ADMIN" => {
            irc(talk).numeric(&mut out, RPL_ADMINME, &[&settings.name, "Administrative info"]);
            irc(talk).numeric(&mut out, RPL_ADMINLOC1, &[&format!("The {} network", settings.network)]);
            irc(talk).numeric(&mut out, RPL_ADMINLOC2, &["Ask whoever runs the machine"]);
            irc(talk).numeric(&mut out, RPL_ADMINEMAIL, &["Ask in #lobby"]);
        }
        "LINKS" => {
            irc(talk).numeric(
                &mut out,
                RPL_LINKS,
                &[&settings.name, &settings.name, &format!("0 {}", settings.description)],
            );
            irc(talk).numeric(&mut out, RPL_ENDOFLINKS, &["*", "End of /LINKS list."]);
        }
        "STATS" => stats(talk, &mut out, message.param(0)),
        "HELP" | "HELPOP" => help(talk, &mut out, message.param(0)),
        _ => {}
    }
    irc(talk).answer_with(&out);
    Ok(())
}

fn stats<S: Sequencer>(talk: &Talk<'_, S>, out: &mut String, letter: &str) {
    if letter == "u" {
        let up = talk.shard.shared.started.elapsed().as_secs();
        let (days, rest) = (up / 86_400, up % 86_400);
        let text = format!("Server Up {days} days {}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
        irc(talk).numeric(out, RPL_STATSUPTIME, &[&text]);
    }
    let letter = if letter.is_empty() { "*" } else { letter };
    irc(talk).numeric(out, RPL_ENDOFSTATS, &[letter, "End of /STATS report"]);
}

/// What there is help about.
const HELP: &[(&str, &str)] = &[
    (
        "index",
        "JOIN PART NAMES LIST TOPIC INVITE KICK MODE PRIVMSG NOTICE WHO WHOIS NICK AWAY CHATHISTORY REGISTER QUIT",
    ),
    ("join", "JOIN <#room>{,<#room>} [<key>{,<key>}] enters rooms; one that is not there is made"),
    ("part", "PART <#room>{,<#room>} [<reason>] leaves rooms"),
    ("names", "NAMES <#room> lists who is in a room"),
    ("list", "LIST [<mask>|<conditions>] lists rooms"),
    ("topic", "TOPIC <#room> [<topic>] shows or sets what a room is about"),
    ("invite", "INVITE <nick> <#room> asks somebody in"),
    ("kick", "KICK <#room> <nick>{,<nick>} [<reason>] puts somebody out"),
    ("mode", "MODE <#room> [+-bikOlmoqsSv [<parameter>…]] shows or sets what a room is"),
    ("privmsg", "PRIVMSG <target>{,<target>} <text> says something"),
    ("notice", "NOTICE <target>{,<target>} <text> says something that wants no answer"),
    ("who", "WHO <mask> lists people"),
    ("whois", "WHOIS <nick> tells of somebody"),
    ("nick", "NICK <name> takes another name"),
    ("away", "AWAY [<text>] says that you are away, or back"),
    ("chathistory", "CHATHISTORY LATEST|BEFORE|AFTER|AROUND|BETWEEN <target> … shows what was said"),
    ("register", "REGISTER * * <password> keeps your name for good"),
    ("quit", "QUIT [<reason>] leaves"),
];

fn help<S: Sequencer>(talk: &Talk<'_, S>, out: &mut String, subject: &str) {
    let asked = if subject.is_empty() { "index" } else { subject };
    match HELP.iter().find(|(word, _)| word.eq_ignore_ascii_case(asked)) {
        Some((word, text)) => {
            irc(talk).numeric(out, RPL_HELPSTART, &[word, &format!("Help about {word}")]);
            irc(talk).numeric(out, RPL_HELPTXT, &[word, text]);
            irc(talk).numeric(out, RPL_ENDOFHELP, &[word, "End of /HELP."]);
        }
        None => irc(talk).numeric(out, ERR_HELPNOTFOUND, &[asked, "Help not found"]),
    }
}

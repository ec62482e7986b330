//! From an IRC client's first line to its welcome: names, capabilities, logging in. Bounded in bytes and in time.

use super::account::{self, No};
use super::cap::negotiate;
use super::sasl::{self, Sasl};
use super::side::Irc;
use super::{metadata, words};
use crate::limits::{self, ConnectionBuckets, Kind, Place};
use crate::passwords::Secret;
use crate::sequencer::Sequencer;
use crate::session::Input;
use crate::session::door::{self, Entered, Failed};
use crate::session::prove;
use crate::shard::Shard;
use chatroom_model::{Ident, Name, Proof, Refusal};
use chatroom_wire::framing::Framed;
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::message::{BadMessage, Message};
use chatroom_wire::irc::reply::{line, numeric as add, numeric::*};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::rc::Rc;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// What is said to whoever has logged in.
pub(super) const SASL_DONE: &str = "SASL authentication successful";

/// What a client has said of itself so far.
#[derive(Default)]
struct Hello {
    nick: Option<Name>,
    user: Option<Ident>,
    caps: Caps,
    negotiating: bool,
    password: Option<String>,
    sasl: Sasl,
    account: Option<(Name, String)>,
    away: Option<String>,
    /// What it noted of its user, and what it wants to hear of.
    metadata: Vec<(String, String)>,
    subs: BTreeSet<Box<str>>,
}

impl Hello {
    fn nick(&self) -> &str {
        self.nick.as_ref().map_or("*", Name::as_str)
    }
}

/// Lets an IRC client in; nothing for one that is not, which has been told why. `first` is a line that was read already.
pub(in crate::session) async fn enter<S: Sequencer>(
    shard: &Rc<Shard<S>>,
    socket: TcpStream,
    input: &mut Input,
    place: &Place,
    mut first: Option<String>,
) -> Option<Entered> {
    let server = shard.shared.settings.irc.name.clone();
    let until = Instant::now() + shard.shared.settings.login;
    let address = place.address();
    let who = limits::Caller { address, user: None };
    let mut buckets = ConnectionBuckets::default();
    let admitted = shard.shared.limits.admit(&who, &mut buckets, Kind::Login, std::time::Instant::now());
    if let Err(limited) = admitted {
        door::refuse(&socket, format!("ERROR :Closing Link: {limited}\r\n").as_bytes()).await;
        return None;
    }
    let mut hello = Hello::default();
    let mut socket = Some(socket);
    let mut lines = 0u32;
    loop {
        let of = socket.as_ref()?;
        let mut out = String::new();
        let text = match first.take() {
            Some(line) => Ok(line),
            None => match timeout_at(until, next(shard, of, input)).await {
                Ok(line) => line.ok_or(()),
                Err(_) => {
                    door::refuse(of, b"ERROR :Closing Link: no name was given in time\r\n").await;
                    return None;
                }
            },
        };
        let Ok(text) = text else { return None };
        // Nobody needs so many lines to say who they are.
        lines += 1;
        if lines > 500 {
            door::refuse(of, b"ERROR :Closing Link: too many lines before registration\r\n").await;
            return None;
        }
        match hear(shard, address, &mut hello, &text, &mut out).await {
            Heard::On => {}
            Heard::Quit(why) => {
                out.extend(["ERROR :Closing Link: ", &why, "\r\n"]);
                door::refuse(of, out.as_bytes()).await;
                return None;
            }
        }
        if !out.is_empty() {
            door::send(of, out.as_bytes()).await?;
        }
        if hello.negotiating || hello.nick.is_none() || hello.user.is_none() {
            continue;
        }
        let password = &shard.shared.settings.irc.password;
        if !password.is_empty() && hello.password.as_deref() != Some(password) && hello.account.is_none() {
            let mut out = String::new();
            add(&mut out, &server, ERR_PASSWDMISMATCH, hello.nick(), &["Password incorrect"]);
            out.push_str("ERROR :Closing Link: password incorrect\r\n");
            door::refuse(of, out.as_bytes()).await;
            return None;
        }
        match open(shard, socket.take()?, address, &mut hello).await {
            Ok(entered) => {
                if let Some(irc) = entered.session.irc.as_ref().filter(|_| !hello.subs.is_empty()) {
                    irc.subs.replace(Some(hello.subs));
                }
                let first = words::First { away: hello.away, metadata: hello.metadata };
                words::greet(shard, &entered, &hello.user.unwrap_or_default(), first).await;
                return Some(entered);
            }
            Err((back, refusal)) => {
                let mut out = String::new();
                let refused = hello.nick.take();
                let nick = refused.as_ref().map_or("*", Name::as_str);
                match refusal {
                    Failed::Refused(Refusal::BannedHere) => {
                        add(
                            &mut out,
                            &server,
                            ERR_YOUREBANNEDCREEP,
                            nick,
                            &["You are banned from this server"],
                        );
                        out.push_str("ERROR :Closing Link: you are banned from this server\r\n");
                        door::refuse(&back, out.as_bytes()).await;
                        return None;
                    }
                    Failed::Refused(Refusal::BadPassword) => {
                        hello.account = None;
                        add(&mut out, &server, ERR_PASSWDMISMATCH, nick, &["Password incorrect"]);
                    }
                    Failed::Refused(refusal) => {
                        let why = match refusal {
                            Refusal::NameRegistered => {
                                "Nickname is registered: log in with SASL or /QUOTE PASS name:password"
                            }
                            Refusal::NameHeld => "Nickname is held for its owner",
                            Refusal::NameConfusing => "Nickname looks like another one",
                            _ => "Nickname is already in use",
                        };
                        add(&mut out, &server, ERR_NICKNAMEINUSE, "*", &[nick, why]);
                    }
                    Failed::Closed(why) => {
                        door::refuse(&back, format!("ERROR :Closing Link: {why}\r\n").as_bytes()).await;
                        return None;
                    }
                }
                door::send(&back, out.as_bytes()).await?;
                socket = Some(back);
            }
        }
    }
}

async fn open<S: Sequencer>(
    shard: &Rc<Shard<S>>,
    socket: TcpStream,
    address: IpAddr,
    hello: &mut Hello,
) -> Result<Entered, (TcpStream, Failed)> {
    let nick = hello.nick.clone().unwrap_or_else(|| Name::kept("*"));
    let (name, proof, token) = match &hello.account {
        Some((name, phc)) => {
            let token: [u8; 16] = rand::random();
            let token_hash = chatroom_model::TokenHash::of(&token);
            let called = hello.nick.clone().map(Box::new);
            (name.clone(), Proof::Password { phc: phc.clone(), token: token_hash, called, over: None }, token)
        }
        None => (nick, Proof::Visitor(hello.user.clone().unwrap_or_default().into()), [0; 16]),
    };
    let side = Irc::new(Rc::clone(&shard.server), name.clone(), hello.caps);
    door::open_as(shard, socket, Some(Box::new(side)), address, name, token, proof).await
}

enum Heard {
    On,
    Quit(String),
}

/// Takes in one line before the client is in.
async fn hear<S: Sequencer>(
    shard: &Rc<Shard<S>>,
    address: IpAddr,
    hello: &mut Hello,
    text: &str,
    out: &mut String,
) -> Heard {
    let (server, irc) = (&*shard.shared.settings.irc.name, &shard.shared.settings.irc);
    let message = match Message::parse(text) {
        Ok(message) => message,
        Err(BadMessage::Empty) => return Heard::On,
        Err(BadMessage::TooLong) => {
            add(out, server, ERR_INPUTTOOLONG, hello.nick(), &["Input line was too long"]);
            return Heard::On;
        }
        Err(BadMessage::NoCommand) => {
            add(out, server, ERR_UNKNOWNCOMMAND, hello.nick(), &["*", "Unknown command"]);
            return Heard::On;
        }
    };
    let command = message.command.to_ascii_uppercase();
    let least = match &*command {
        "USER" => 4,
        "PASS" | "AUTHENTICATE" | "CAP" => 1,
        _ => 0,
    };
    let nothing = command == "USER" && (message.param(0).is_empty() || message.param(3).is_empty());
    if message.params.len() < least || nothing {
        add(out, server, ERR_NEEDMOREPARAMS, hello.nick(), &[&command, "Not enough parameters"]);
        return Heard::On;
    }
    if text.contains('\u{fffd}') && command != "PASS" {
        line(
            out,
            server,
            "FAIL",
            &[&command, "INVALID_UTF8", "Message rejected: this server takes UTF-8 only"],
        );
        return Heard::On;
    }
    match &*command {
        "CAP" => {
            let sub = message.param(0).to_ascii_uppercase();
            match negotiate(out, server, hello.nick(), hello.caps, &message, irc.registers_early()) {
                Some(caps) => hello.caps = caps,
                None => {
                    let sub = if message.param(0).is_empty() { "*" } else { message.param(0) };
                    add(out, server, ERR_INVALIDCAPCMD, hello.nick(), &[sub, "Invalid CAP command"]);
                }
            }
            match &*sub {
                "LS" | "REQ" => hello.negotiating = true,
                "END" => hello.negotiating = false,
                _ => {}
            }
        }
        "PASS" => {
            // A registered name may log in by it: `name:password`, as bouncers have it.
            hello.password = Some(message.param(0).to_owned());
            if let Some((name, password)) = message.param(0).split_once(':')
                && let Ok(name) = Name::parse(name)
                && hello.account.is_none()
            {
                let secret = Secret::new(password.to_owned());
                if let Ok(phc) = prove::prove(&shard.shared, address, &name, secret).await {
                    hello.account = Some((name, phc));
                }
            }
        }
        "NICK" => match message.params.first().filter(|nick| !nick.is_empty()) {
            None => add(out, server, ERR_NONICKNAMEGIVEN, hello.nick(), &["No nickname given"]),
            Some(nick) => match Name::parse(nick) {
                Ok(name) => hello.nick = Some(name),
                Err(why) => {
                    let why = format!("Erroneous nickname: {why}");
                    add(out, server, ERR_ERRONEUSNICKNAME, hello.nick(), &[nick, &why]);
                }
            },
        },
        "USER" => hello.user = Some(Ident::of(message.param(0), message.param(3))),
        "AUTHENTICATE" => {
            if !hello.caps.has(Caps::SASL) {
                add(
                    out,
                    server,
                    ERR_SASLFAIL,
                    hello.nick(),
                    &["SASL authentication failed: ask for the capability first"],
                );
                return Heard::On;
            }
            if hello.account.is_some() {
                add(out, server, ERR_SASLALREADY, hello.nick(), &["You have already authenticated"]);
                return Heard::On;
            }
            let nick = hello.nick().to_owned();
            let said = sasl::go_on(shard, address, &mut hello.sasl, (out, server, &nick), message.param(0));
            if let Some((name, phc)) = said.await {
                logged_in(out, server, (&nick, &format!("{nick}!*@*")), &name);
                add(out, server, RPL_SASLSUCCESS, &nick, &[SASL_DONE]);
                hello.account = Some((name, phc));
            }
        }
        "AWAY" => {
            hello.away = message.params.first().filter(|text| !text.is_empty()).map(ToString::to_string)
        }
        "ISUPPORT" if hello.caps.has(Caps::EXTENDED_ISUPPORT) => {
            let network = &shard.shared.settings.irc.network;
            words::extended(out, server, hello.nick(), network, hello.caps.has(Caps::BATCH));
        }
        "METADATA" if hello.caps.has(Caps::METADATA) => {
            let nick = hello.nick().to_owned();
            metadata::before(out, server, &nick, &mut hello.metadata, &mut hello.subs, &message);
        }
        "PING" => {
            if message.params.is_empty() {
                add(out, server, ERR_NOORIGIN, hello.nick(), &["No origin specified"]);
            } else {
                line(out, server, "PONG", &[server, message.param(0)]);
            }
        }
        "PONG" => {}
        "REGISTER" if irc.registers_early() && message.params.len() < 3 => {
            line(out, server, "FAIL", &["REGISTER", "NEED_MORE_PARAMS", "Not enough parameters"]);
        }
        "REGISTER" if irc.registers_early() => {
            match Box::pin(register(shard, address, hello, &message)).await {
                Ok((name, phc)) => {
                    line(out, server, "REGISTER", &["SUCCESS", name.as_str(), "Account created"]);
                    let nick = hello.nick();
                    logged_in(out, server, (nick, &format!("{nick}!*@*")), &name);
                    hello.account = Some((name, phc));
                }
                Err((account, No { code, why })) => {
                    line(out, server, "FAIL", &["REGISTER", code, account, &why])
                }
            }
        }
        "VERIFY" if irc.registers_early() => {
            let account = if message.param(0).is_empty() { "*" } else { message.param(0) };
            let why = "Nothing waits to be verified";
            line(out, server, "FAIL", &["VERIFY", "INVALID_CODE", account, why]);
        }
        "REGISTER" | "VERIFY" => {
            let account = if message.param(0).is_empty() { "*" } else { message.param(0) };
            let why = "Come in first, and register then";
            line(out, server, "FAIL", &[&command, "COMPLETE_CONNECTION_REQUIRED", account, why]);
        }
        "QUIT" => {
            let why = if message.param(0).is_empty() { "Client Quit" } else { message.param(0) };
            return Heard::Quit(format!("Quit: {}", chatroom_wire::text::clean(why)));
        }
        _ => add(out, server, ERR_NOTREGISTERED, hello.nick(), &["You have not registered"]),
    }
    Heard::On
}

/// REGISTER of somebody who connects: their account with the hash of its password, or whose there is none and why.
async fn register<'a, S: Sequencer>(
    shard: &Shard<S>,
    address: IpAddr,
    hello: &'a Hello,
    message: &Message<'a>,
) -> Result<(Name, String), (&'a str, No)> {
    let (account, word) = (message.param(0), message.param(2));
    let Some(nick) = &hello.nick else { return Err(("*", No::new("NEED_NICK", "Say NICK first"))) };
    if let Some((account, _)) = &hello.account {
        return Err((account.as_str(), No::new("ALREADY_AUTHENTICATED", "You are logged in already")));
    }
    if account != "*" && !account.eq_ignore_ascii_case(nick.as_str()) {
        let why = "An account is called as its user is: take that name first";
        return Err((account, No::new("ACCOUNT_NAME_MUST_BE_NICK", why)));
    }
    let (who, mut buckets) = (limits::Caller { address, user: None }, ConnectionBuckets::default());
    let now = std::time::Instant::now();
    let admitted = shard.shared.limits.admit(&who, &mut buckets, Kind::Register, now);
    admitted.map_err(|limited| (nick.as_str(), No::now(limited)))?;
    match account::make(shard, nick, word).await {
        Ok(phc) => Ok((nick.clone(), phc)),
        Err(no) => Err((nick.as_str(), no)),
    }
}

/// Says who somebody has logged in as.
pub(super) fn logged_in(out: &mut String, server: &str, (nick, mask): (&str, &str), name: &Name) {
    let text = format!("You are now logged in as {name}");
    add(out, server, RPL_LOGGEDIN, nick, &[mask, name.as_str(), &text]);
}

/// The next line of a client that is not in yet; nothing when it is gone.
async fn next<S: Sequencer>(shard: &Shard<S>, socket: &TcpStream, input: &mut Input) -> Option<String> {
    loop {
        match input.next_line() {
            Some(Framed::Line(line)) => return Some(line.to_owned()),
            Some(Framed::TooLong) => return Some("X".repeat(chatroom_wire::irc::message::BODY_BYTES + 1)),
            None => {
                socket.readable().await.ok()?;
                input.read(socket, &shard.buffer).await.ok()?;
            }
        }
    }
}

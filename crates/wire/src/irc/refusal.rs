//! Refusals as IRC says them: one table. Knows nothing of how the client asked, but for what it named.

use super::reply::line;
use super::reply::numeric as add;
use super::reply::numeric::{
    ERR_ALREADYREGISTERED, ERR_BADCHANNELKEY, ERR_BANLISTFULL, ERR_BANNEDFROMCHAN, ERR_CANNOTSENDTOCHAN,
    ERR_CHANNELISFULL, ERR_CHANOPRIVSNEEDED, ERR_INVITEONLYCHAN, ERR_NEEDREGGEDNICK, ERR_NICKNAMEINUSE,
    ERR_NOPRIVILEGES, ERR_NOSUCHCHANNEL, ERR_NOSUCHNICK, ERR_NOTONCHANNEL, ERR_PASSWDMISMATCH,
    ERR_TOOMANYCHANNELS, ERR_UNKNOWNERROR, ERR_USERNOTINCHANNEL, ERR_USERONCHANNEL, ERR_YOUREBANNEDCREEP,
};
use chatroom_model::Refusal;

/// What the client named when it asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The command.
    pub command: &'static str,
    /// A room or a person; may be empty.
    pub target: Box<str>,
    /// A second person; may be empty.
    pub other: Box<str>,
    /// Whether something was to be said.
    pub speaks: bool,
}

impl Asked {
    /// A command with what it names.
    #[must_use]
    pub fn new(command: &'static str, target: &str) -> Self {
        Self { command, target: target.into(), other: "".into(), speaks: false }
    }
}

/// Adds the numeric that says a refusal.
pub fn refused(out: &mut String, server: &str, nick: &str, asked: &Asked, refusal: &Refusal) {
    let text = refusal.to_string();
    let target: &str = if asked.target.is_empty() { "*" } else { &asked.target };
    let other: &str = if asked.other.is_empty() { "*" } else { &asked.other };
    let room = |out: &mut String, code, text: &str| add(out, server, code, nick, &[target, text]);
    match refusal {
        Refusal::NotAllowed if asked.command == "RELAYMSG" => {
            let why = "Only those who keep order there speak for others";
            line(out, server, "FAIL", &["RELAYMSG", "PRIVS_NEEDED", why]);
        }
        Refusal::NameInUse | Refusal::NameHeld | Refusal::NameRegistered | Refusal::NameConfusing => {
            room(out, ERR_NICKNAMEINUSE, "Nickname is already in use");
        }
        Refusal::NoSuchUser(_) => {
            let whom = if asked.other.is_empty() { target } else { other };
            add(out, server, ERR_NOSUCHNICK, nick, &[whom, "No such nick"]);
        }
        Refusal::RegisterFirst if asked.speaks => {
            room(out, ERR_CANNOTSENDTOCHAN, "Cannot send to channel (+M): register first");
        }
        Refusal::RegisterFirst => {
            room(out, ERR_NEEDREGGEDNICK, "Cannot join channel (+R): register first");
        }
        Refusal::OnlyRegistered => {
            room(out, ERR_NEEDREGGEDNICK, "They hear only from those who are registered")
        }
        Refusal::NoSuchRoom => room(out, ERR_NOSUCHCHANNEL, "No such channel"),
        Refusal::RoomNameTaken => room(out, ERR_NOSUCHCHANNEL, "That room name is not available"),
        Refusal::NotAMember if asked.speaks => {
            room(out, ERR_CANNOTSENDTOCHAN, "Cannot send to channel: you are not in it");
        }
        Refusal::NotAMember => room(out, ERR_NOTONCHANNEL, "You're not on that channel"),
        Refusal::TheyAreNotAMember => {
            add(out, server, ERR_USERNOTINCHANNEL, nick, &[other, target, "They aren't on that channel"]);
        }
        Refusal::AlreadyAMember => {
            add(out, server, ERR_USERONCHANNEL, nick, &[other, target, "is already on channel"]);
        }
        Refusal::AlreadySo if asked.command == "INVITE" => {
            add(out, server, ERR_USERONCHANNEL, nick, &[other, target, "is already on channel"]);
        }
        // What is so already needs no answer on IRC.
        Refusal::AlreadySo | Refusal::AlreadyStored(_) => {}
        Refusal::NotAllowed | Refusal::NotYours | Refusal::LastOwner | Refusal::Lobby
            if target.starts_with('#') =>
        {
            room(out, ERR_CHANOPRIVSNEEDED, &format!("You're not channel operator: {text}"));
        }
        Refusal::NotAllowed => {
            add(out, server, ERR_NOPRIVILEGES, nick, &["Permission Denied: you may not do that"])
        }
        Refusal::Muted | Refusal::Moderated | Refusal::Archived | Refusal::Slow { .. } => {
            room(out, ERR_CANNOTSENDTOCHAN, &format!("Cannot send to channel: {text}"));
        }
        Refusal::Banned => room(out, ERR_BANNEDFROMCHAN, "Cannot join channel (+b)"),
        Refusal::InviteOnly => room(out, ERR_INVITEONLYCHAN, "Cannot join channel (+i)"),
        Refusal::WrongPassword => room(out, ERR_BADCHANNELKEY, "Cannot join channel (+k)"),
        Refusal::Full => room(out, ERR_CHANNELISFULL, "Cannot join channel (+l)"),
        Refusal::TooMany("rooms" | "rooms of your own") => {
            room(out, ERR_TOOMANYCHANNELS, "You have joined too many channels");
        }
        Refusal::TooMany("bans and mutes") => room(out, ERR_BANLISTFULL, "Channel list is full"),
        Refusal::BannedHere => {
            add(out, server, ERR_YOUREBANNEDCREEP, nick, &["You are banned from this server"])
        }
        Refusal::BadPassword
        | Refusal::BadToken
        | Refusal::NoKey
        | Refusal::NoSuchHook
        | Refusal::KeyScope => {
            add(out, server, ERR_PASSWDMISMATCH, nick, &["Password incorrect"]);
        }
        Refusal::Registered => add(out, server, ERR_ALREADYREGISTERED, nick, &["You are registered already"]),
        Refusal::Yourself
        | Refusal::NoSession
        | Refusal::UnknownRules
        | Refusal::NotYours
        | Refusal::LastOwner
        | Refusal::Lobby
        | Refusal::MuteOfAddress
        | Refusal::NoSuchMessage
        | Refusal::TooMany(_)
        | Refusal::Guest => add(out, server, ERR_UNKNOWNERROR, nick, &[asked.command, &text]),
    }
}

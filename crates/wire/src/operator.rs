//! What the operator's socket speaks: a JSON call a line, a JSON reply a line. Knows no socket and no rights.
#![cfg_attr(not(test), warn(clippy::indexing_slicing))]

use crate::text;

use chatroom_model::{Deed, Ending, LINE_MAX, Mask, Name, RoomName, Setting, Where};
use serde::{Deserialize, Serialize};

/// The socket's file name in the data folder.
pub const SOCKET: &str = "operator.sock";
/// Bytes a call may have, without its line end.
pub const CALL_MAX: usize = 16 * 1024;

/// What the operator asks of a server that runs. What the log holds is read from the log, not asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Call {
    /// Do this.
    Deed(Deed),
    /// Tell something that only the server knows.
    Ask(Question),
}

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// How it is.
    Status,
}

/// The answer to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It is done and stored.
    Done,
    /// It did not happen, for this reason.
    Refused(String),
    /// It did not happen: the server could not store it.
    NotStored(String),
    /// Whether it happened is not known.
    NotConfirmed(String),
    /// The call is none, or cannot be taken now.
    Error(String),
    /// How the server is.
    Status(Status),
}

/// How a server is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Its version.
    pub version: String,
    /// Seconds since it started.
    pub uptime: u64,
    /// Where it listens.
    pub listen: Vec<String>,
    /// Connections, of people who are in and who are at the door.
    pub connections: usize,
    /// The last position that was delivered.
    pub position: u64,
    /// How full the queue of requests is, in thousandths.
    pub queue: u16,
}

impl Call {
    /// Reads a line; the error is a sentence.
    pub fn read(line: &str) -> Result<Self, String> {
        if line.len() > CALL_MAX {
            return Err(format!("a call has at most {CALL_MAX} bytes"));
        }
        match serde_json::from_str(line).map_err(|error| format!("not a call: {error}"))? {
            Self::Deed(deed) => checked(deed).map(Self::Deed),
            ask => Ok(ask),
        }
    }

    /// As a line, without its end.
    #[must_use]
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("plain data always has a JSON form")
    }
}

impl Reply {
    /// Reads a line; the error is a sentence.
    pub fn read(line: &str) -> Result<Self, String> {
        serde_json::from_str(line).map_err(|error| format!("not a reply: {error}"))
    }

    /// As a line, without its end.
    #[must_use]
    pub fn line(&self) -> String {
        serde_json::to_string(self).expect("plain data always has a JSON form")
    }
}

/// A deed as the log may have it: the form in which it travels trusts whoever wrote it, and here that is somebody's script.
fn checked(deed: Deed) -> Result<Deed, String> {
    if let Some(room) = deed.room() {
        place(room)?;
    }
    Ok(match deed {
        Deed::Create { room, access } => {
            let room = RoomName::parse(room.as_str()).map_err(|why| why.to_string())?;
            Deed::Create { room, access }
        }
        Deed::Set { room, setting } => Deed::Set { room, setting: set(setting)? },
        Deed::Invite { room, user } => Deed::Invite { room, user: name(&user)? },
        Deed::Kick { room, user, reason } => Deed::Kick { room, user: name(&user)?, reason: line(&reason)? },
        Deed::Ban { room, mask, reason, until } => {
            Deed::Ban { room, mask: met(mask)?, reason: line(&reason)?, until }
        }
        Deed::Mute { room, mask, reason, until } => {
            Deed::Mute { room, mask: met(mask)?, reason: line(&reason)?, until }
        }
        Deed::Exempt { room, sort, mask, on } => Deed::Exempt { room, sort, mask: met(mask)?, on },
        Deed::Role { room, user, role, voiced } => Deed::Role { room, user: name(&user)?, role, voiced },
        Deed::Redact { room, seq, reason } => Deed::Redact { room, seq, reason: line(&reason)? },
        Deed::Purge { room, user, since, until } => Deed::Purge { room, user: name(&user)?, since, until },
        Deed::BanHere { mask, reason, until } => {
            Deed::BanHere { mask: met(mask)?, reason: line(&reason)?, until }
        }
        Deed::ResetPassword { user, phc } => Deed::ResetPassword { user: name(&user)?, phc },
        Deed::Operator { user, on } => Deed::Operator { user: name(&user)?, on },
        Deed::CreateAccount { name: called, phc, ident } => {
            Deed::CreateAccount { name: name(&called)?, phc, ident }
        }
        Deed::Disconnect { user, reason } => Deed::Disconnect { user: name(&user)?, reason: line(&reason)? },
        Deed::EndHook { why: Ending::Removed, .. }
        | Deed::Delete { .. }
        | Deed::Unban { .. }
        | Deed::Unmute { .. }
        | Deed::Pin { .. }
        | Deed::Unpurge { .. }
        | Deed::UnbanHere { .. } => deed,
        Deed::Join { .. }
        | Deed::Leave { .. }
        | Deed::Edit { .. }
        | Deed::React { .. }
        | Deed::Read { .. }
        | Deed::Nick { .. }
        | Deed::Register { .. }
        | Deed::Password { .. }
        | Deed::Away { .. }
        | Deed::Profile { .. }
        | Deed::Ident { .. }
        | Deed::Metadata { .. }
        | Deed::Come { .. }
        | Deed::LogIn { .. }
        | Deed::GiveKey { .. }
        | Deed::MakeBot { .. }
        | Deed::BotKey { .. }
        | Deed::EndBot { .. }
        | Deed::RevokeKey { .. }
        | Deed::AddHook { .. }
        | Deed::EndHook { .. }
        | Deed::Ignore { .. } => return Err("only a user can do that, not the operator".into()),
    })
}

fn place(room: &Where) -> Result<(), String> {
    match room {
        Where::Id(_) => Ok(()),
        Where::Name(name) => RoomName::parse(name.as_str()).map(drop).map_err(|why| why.to_string()),
        Where::With(_) => Err("a conversation of two is nobody else's".into()),
    }
}

fn name(name: &Name) -> Result<Name, String> {
    Name::parse(name.as_str()).map_err(|why| why.to_string())
}

fn met(mask: Mask) -> Result<Mask, String> {
    match mask {
        Mask::Name(pattern) => Mask::parse(&pattern).map_err(|why| why.to_string()),
        Mask::Address { net, bits } => Mask::parse(&format!("{net}/{bits}")).map_err(|why| why.to_string()),
        account @ Mask::Account(_) => Ok(account),
        said @ (Mask::Registered(_) | Mask::Client(_)) => {
            Mask::parse(&said.to_string()).map_err(|why| why.to_string())
        }
    }
}

fn line(words: &str) -> Result<String, String> {
    if words.len() > LINE_MAX {
        return Err(format!("a reason or a topic has at most {LINE_MAX} bytes"));
    }
    Ok(text::clean(words).into_owned())
}

fn set(setting: Setting) -> Result<Setting, String> {
    match setting {
        Setting::Topic(topic) => line(&topic).map(Setting::Topic),
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chatroom_model::{Access, RoomId};

    #[test]
    fn calls_and_replies_are_lines_of_json() {
        let room = RoomName::parse("#tea").unwrap();
        let call = Call::Deed(Deed::Create { room, access: Access::Private });
        assert_eq!(call.line(), r##"{"deed":{"do":"create","room":"#tea","access":"private"}}"##);
        assert_eq!(Call::read(&call.line()), Ok(call));
        assert_eq!(Call::read(r#"{"ask":"status"}"#), Ok(Call::Ask(Question::Status)));
        assert_eq!(Reply::Done.line(), r#""done""#);
        let refused = Reply::Refused("no".into());
        assert_eq!(refused.line(), r#"{"refused":"no"}"#);
        assert_eq!(Reply::read(&refused.line()), Ok(refused));
    }

    #[test]
    fn what_is_no_call_is_said_to_be_none() {
        for bad in [
            "",
            "{}",
            "[]",
            r#"{"deed":{"do":"nothing"}}"#,
            r#"{"ask":"secrets"}"#,
            r#"{"deed":{"do":"nick","name":"x"}}"#,
            r#"{"deed":{"do":"kick","room":{"name":"tea"},"user":"bob","reason":""}}"#,
            r#"{"deed":{"do":"kick","room":{"with":"tea"},"user":"bob","reason":""}}"#,
            r##"{"deed":{"do":"kick","room":{"name":"#tea"},"user":"b b\u001b","reason":""}}"##,
            r#"{"deed":{"do":"ban_here","mask":{"name":"a b"},"reason":""}}"#,
        ] {
            assert!(Call::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn texts_are_cleaned_and_bounded() {
        let kick = |reason: &str| {
            let (room, user) = (Where::Id(RoomId(1)), Name::parse("bob").unwrap());
            Call::read(&Call::Deed(Deed::Kick { room, user, reason: reason.into() }).line())
        };
        let Ok(Call::Deed(Deed::Kick { reason, .. })) = kick("a\u{1b}[31mb") else { panic!() };
        assert_eq!(reason, "a[31mb");
        assert!(kick(&"x".repeat(LINE_MAX)).is_ok());
        assert!(kick(&"x".repeat(LINE_MAX + 1)).is_err());
        let ask = r#"{"ask":"status"}"#;
        assert!(Call::read(&format!("{ask:CALL_MAX$}")).is_ok());
        assert!(Call::read(&format!("{ask:0$}", CALL_MAX + 1)).is_err());
    }
}

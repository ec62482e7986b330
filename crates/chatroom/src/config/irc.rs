//! The keys of IRC: what its clients are told, and who becomes an operator by a password of the configuration.

use super::keys::{Key, Shape};
use super::values::{one, whole};
use chatroom_server::Register;

/// Bytes a name of the server or the network may have: it stands before many lines.
const NAME_MAX: usize = 63;
/// Bytes of what the server says it is.
const DESCRIPTION_MAX: usize = 200;
/// Lines a message of the day may have.
const MOTD_MAX: usize = 100;

fn word(text: &str) -> Result<String, String> {
    let proper = !text.is_empty()
        && text.len() <= NAME_MAX
        && !text.starts_with(':')
        && text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '!' | '@' | ','));
    if proper {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is not one word of at most {NAME_MAX} bytes"))
    }
}

/// The server's name.
pub(super) const NAME: Key = Key {
    name: "irc.name",
    flag: "irc-name",
    shape: Shape::Text,
    hint: "NAME",
    help: "The server's name, as it stands before its lines to IRC clients",
    live: false,
    set: |values, said| word(one(said)?).map(|name| values.irc.name = name),
    show: |values| vec![values.irc.name.clone()],
};

/// The network's name.
pub(super) const NETWORK: Key = Key {
    name: "irc.network",
    flag: "irc-network",
    shape: Shape::Text,
    hint: "NAME",
    help: "The network's name, which IRC clients show",
    live: false,
    set: |values, said| word(one(said)?).map(|name| values.irc.network = name),
    show: |values| vec![values.irc.network.clone()],
};

/// What the server is.
pub(super) const DESCRIPTION: Key = Key {
    name: "irc.description",
    flag: "irc-description",
    shape: Shape::Text,
    hint: "TEXT",
    help: "What the server is, as LINKS and WHOIS tell IRC clients",
    live: false,
    set: |values, said| {
        let text = one(said)?;
        if text.is_empty() || text.len() > DESCRIPTION_MAX || text.chars().any(char::is_control) {
            return Err(format!("a line of at most {DESCRIPTION_MAX} bytes"));
        }
        values.irc.description = text.to_owned();
        Ok(())
    },
    show: |values| vec![values.irc.description.clone()],
};

/// The message of the day.
pub(super) const MOTD: Key = Key {
    name: "irc.motd",
    flag: "irc-motd",
    shape: Shape::List,
    hint: "LINES",
    help: "The message of the day for IRC clients, a line each; \"none\": there is none",
    live: false,
    set: |values, said| {
        if said.len() > MOTD_MAX || said.iter().any(|line| line.chars().any(char::is_control)) {
            return Err(format!("at most {MOTD_MAX} lines without control characters"));
        }
        let none = matches!(said, [only] if only == "none");
        values.irc.motd = if none { Vec::new() } else { said.to_vec() };
        Ok(())
    },
    show: |values| if values.irc.motd.is_empty() { vec!["none".into()] } else { values.irc.motd.clone() },
};

/// Who may become an operator.
pub(super) const OPERATORS: Key = Key {
    name: "irc.operators",
    flag: "irc-operators",
    shape: Shape::List,
    hint: "NAME:PASSWORD",
    help: "Who may run the server by OPER, each as name:password; \"none\": nobody",
    live: false,
    set: |values, said| {
        let none = matches!(said, [only] if only == "none");
        let read = |text: &String| match text.split_once(':') {
            Some((name, password)) if !name.is_empty() && password.len() >= 8 => {
                Ok((name.to_owned(), password.to_owned()))
            }
            _ => Err("an operator is name:password, with at least 8 characters of password".to_owned()),
        };
        values.irc.operators = said[usize::from(none)..].iter().map(read).collect::<Result<_, _>>()?;
        Ok(())
    },
    show: |values| {
        let all: Vec<_> =
            values.irc.operators.iter().map(|(name, password)| format!("{name}:{password}")).collect();
        if all.is_empty() { vec!["none".into()] } else { all }
    },
};

/// The password of the server.
pub(super) const PASSWORD: Key = Key {
    name: "irc.password",
    flag: "irc-password",
    shape: Shape::Text,
    hint: "PASSWORD",
    help: "What IRC clients must give by PASS, unless they log in; empty: nothing",
    live: false,
    set: |values, said| {
        values.irc.password = one(said)?.to_owned();
        Ok(())
    },
    show: |values| vec![values.irc.password.clone()],
};

/// How much history whoever joins is shown.
pub(super) const HISTORY: Key = Key {
    name: "irc.history",
    flag: "irc-history",
    shape: Shape::Number,
    hint: "NUMBER",
    help: "Messages shown to whoever joins a room by an IRC client that cannot ask for them; 0: none",
    live: false,
    set: |values, said| whole(one(said)?, 0, 100).map(|n| values.irc.history = n),
    show: |values| vec![values.irc.history.to_string()],
};

/// From when on a client may register.
pub(super) const REGISTER: Key = Key {
    name: "irc.register",
    flag: "irc-register",
    shape: Shape::Text,
    hint: "CONNECTING|CONNECTED",
    help: "From when on IRC clients may register: while they connect, unless there is a password of the server, or once they are in",
    live: false,
    set: |values, said| {
        values.irc.register = match one(said)? {
            "connecting" => Register::Connecting,
            "connected" => Register::Connected,
            other => return Err(format!("{other:?} is not connecting or connected")),
        };
        Ok(())
    },
    show: |values| {
        let word = match values.irc.register {
            Register::Connecting => "connecting",
            Register::Connected => "connected",
        };
        vec![word.into()]
    },
};

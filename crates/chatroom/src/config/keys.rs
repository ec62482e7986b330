//! The one table of what can be configured. Everything else about configuration follows from it.

use super::limits::{ENABLED, EXEMPT, limit, ranges};
use super::values::{Auto, LogFormat, Values, level, one, path, whole};
use super::{duration, irc, web};
use chatroom_server::passwords::{MEMORY_KIB_MAX, MEMORY_KIB_MIN, PASSES_MAX, ROUNDS_MAX, ROUNDS_MIN};

/// One key.
#[derive(Debug)]
pub(crate) struct Key {
    /// As the file has it, with its table: `snapshots.every`.
    pub(crate) name: &'static str,
    /// Its flag, without the dashes.
    pub(crate) flag: &'static str,
    /// What the file has for it.
    pub(crate) shape: Shape,
    /// What stands for its value in the help.
    pub(crate) hint: &'static str,
    /// One sentence.
    pub(crate) help: &'static str,
    /// A running server takes it over at SIGHUP.
    pub(crate) live: bool,
    /// Takes what was said, or says why not.
    pub(crate) set: fn(&mut Values, &[String]) -> Result<(), String>,
    /// The value, in the words that `set` takes.
    pub(crate) show: fn(&Values) -> Vec<String>,
}

/// What a file has for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A string.
    Text,
    /// An array of strings, or one string.
    List,
    /// A whole number.
    Number,
    /// A whole number or `"auto"`.
    NumberOrAuto,
}

/// The longest a duration may be: ten years, within every clock's range.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(3650 * 24 * 60 * 60);

/// All keys, in the order of the sample: those without a table first.
pub(crate) const KEYS: &[Key] = &[
    Key {
        name: "listen",
        flag: "listen",
        shape: Shape::List,
        hint: "ADDRESS",
        help: "Addresses to listen on; port 0 takes a free one, 0.0.0.0:9000 opens it to the network; \
               0.0.0.0:6667=irc for one protocol (line, irc, web) only",
        live: false,
        set: |values, said| {
            values.listen = said.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
            if values.listen.is_empty() { Err("at least one address is needed".into()) } else { Ok(()) }
        },
        show: |values| values.listen.iter().map(ToString::to_string).collect(),
    },
    web::ADMIN,
    Key {
        name: "proxies",
        flag: "proxies",
        shape: Shape::List,
        hint: "ADDRESSES",
        help: "Proxies in front: where they say a connection comes from (PROXY protocol 1 and 2) is believed; \"none\": nobody",
        live: false,
        set: |values, said| ranges(said).map(|proxies| values.proxies = proxies),
        show: |values| values.proxies.iter().map(ToString::to_string).collect(),
    },
    Key {
        name: "data",
        flag: "data",
        shape: Shape::Text,
        hint: "DIR",
        help: "The data folder; made when it is missing",
        live: false,
        set: |values, said| path(one(said)?).map(|path| values.data = path),
        show: |values| vec![values.data.to_string_lossy().into_owned()],
    },
    Key {
        name: "connections",
        flag: "connections",
        shape: Shape::NumberOrAuto,
        hint: "NUMBER",
        help: "Connections taken at once; auto: as many files as the process may open, less 64",
        live: false,
        set: |values, said| Auto::read(one(said)?, 1, 10_000_000).map(|n| values.connections = n),
        show: |values| vec![values.connections.to_string()],
    },
    Key {
        name: "shards",
        flag: "shards",
        shape: Shape::NumberOrAuto,
        hint: "NUMBER",
        help: "Threads that deliver; auto: one for each processor, at most 8",
        live: false,
        set: |values, said| Auto::read(one(said)?, 1, 256).map(|n| values.shards = n),
        show: |values| vec![values.shards.to_string()],
    },
    Key {
        name: "timeouts.detect",
        flag: "timeouts-detect",
        shape: Shape::Text,
        hint: "DURATION",
        help: "How long a new connection may be silent before the line protocol speaks first; twelve times as long where a browser came from the same address at that moment",
        live: false,
        set: |values, said| duration::within(one(said)?, LONGEST).map(|d| values.detect = d),
        show: |values| vec![duration::show(values.detect)],
    },
    Key {
        name: "timeouts.login",
        flag: "timeouts-login",
        shape: Shape::Text,
        hint: "DURATION",
        help: "How long a client may take to say who it is",
        live: false,
        set: |values, said| duration::within(one(said)?, LONGEST).map(|d| values.login = d),
        show: |values| vec![duration::show(values.login)],
    },
    Key {
        name: "timeouts.stall",
        flag: "timeouts-stall",
        shape: Shape::Text,
        hint: "DURATION",
        help: "How long a client may take nothing of what waits for it before it is closed",
        live: false,
        set: |values, said| duration::within(one(said)?, LONGEST).map(|d| values.stall = d),
        show: |values| vec![duration::show(values.stall)],
    },
    Key {
        name: "timeouts.mark",
        flag: "timeouts-mark",
        shape: Shape::Text,
        hint: "DURATION",
        help: "How often it is noted what clients have been given: what a crash may repeat to those who come back",
        live: false,
        set: |values, said| duration::within(one(said)?, LONGEST).map(|d| values.mark = d),
        show: |values| vec![duration::show(values.mark)],
    },
    Key {
        name: "snapshots.every",
        flag: "snapshots-every",
        shape: Shape::Text,
        hint: "DURATION",
        help: "How often a snapshot is taken while there is something new",
        live: false,
        set: |values, said| duration::within(one(said)?, LONGEST).map(|d| values.snapshot_every = d),
        show: |values| vec![duration::show(values.snapshot_every)],
    },
    Key {
        name: "snapshots.keep",
        flag: "snapshots-keep",
        shape: Shape::Number,
        hint: "NUMBER",
        help: "How many snapshots stay",
        live: false,
        set: |values, said| whole(one(said)?, 1, 100_000).map(|n| values.keep = n),
        show: |values| vec![values.keep.to_string()],
    },
    Key {
        name: "snapshots.keep_for",
        flag: "snapshots-keep-for",
        shape: Shape::Text,
        hint: "DURATION",
        help: "How long a snapshot stays; the newest always does",
        live: false,
        set: |values, said| duration::within(one(said)?, LONGEST).map(|d| values.keep_for = d),
        show: |values| vec![duration::show(values.keep_for)],
    },
    ENABLED,
    EXEMPT,
    limit::<0>("limits-messages-per-connection"),
    limit::<1>("limits-reads-per-connection"),
    limit::<2>("limits-commands-per-connection"),
    limit::<3>("limits-signals-per-connection"),
    limit::<4>("limits-messages-per-user"),
    limit::<5>("limits-reads-per-user"),
    limit::<6>("limits-rooms-per-user"),
    limit::<7>("limits-joins-per-user"),
    limit::<8>("limits-invites-per-user"),
    limit::<9>("limits-new-people-per-user"),
    limit::<10>("limits-reactions-per-user"),
    limit::<11>("limits-changes-per-user"),
    limit::<12>("limits-moderation-per-user"),
    limit::<13>("limits-connects-per-address"),
    limit::<14>("limits-open-per-address"),
    limit::<15>("limits-unnamed-per-address"),
    limit::<16>("limits-logins-per-address"),
    limit::<17>("limits-registrations-per-address"),
    limit::<18>("limits-messages-per-address"),
    limit::<19>("limits-reads-per-address"),
    limit::<20>("limits-rooms-per-address"),
    limit::<21>("limits-joins-per-address"),
    limit::<22>("limits-new-people-per-address"),
    limit::<23>("limits-attempts-per-account-and-address"),
    limit::<24>("limits-attempts-per-account"),
    limit::<25>("limits-logins-per-server"),
    limit::<26>("limits-registrations-per-server"),
    Key {
        name: "passwords.memory_kib",
        flag: "passwords-memory-kib",
        shape: Shape::Number,
        hint: "NUMBER",
        help: "Memory that one password hash takes, in KiB, of those made from now on",
        live: false,
        set: |values, said| {
            let bounds = (MEMORY_KIB_MIN as usize, MEMORY_KIB_MAX as usize);
            whole(one(said)?, bounds.0, bounds.1).map(|n| values.passwords.memory_kib = n as u32)
        },
        show: |values| vec![values.passwords.memory_kib.to_string()],
    },
    Key {
        name: "passwords.passes",
        flag: "passwords-passes",
        shape: Shape::Number,
        hint: "NUMBER",
        help: "Passes over that memory",
        live: false,
        set: |values, said| {
            whole(one(said)?, 1, PASSES_MAX as usize).map(|n| values.passwords.passes = n as u32)
        },
        show: |values| vec![values.passwords.passes.to_string()],
    },
    Key {
        name: "passwords.shortest",
        flag: "passwords-shortest",
        shape: Shape::Number,
        hint: "BYTES",
        help: "How long a password must be",
        live: false,
        set: |values, said| whole(one(said)?, 1, 64).map(|n| values.password_min = n),
        show: |values| vec![values.password_min.to_string()],
    },
    Key {
        name: "passwords.scram_rounds",
        flag: "passwords-scram-rounds",
        shape: Shape::Number,
        hint: "NUMBER",
        help: "Rounds of what is kept of a password for SCRAM-SHA-256, for passwords set from now on; 0 keeps nothing",
        live: false,
        set: |values, said| {
            let rounds = whole(one(said)?, 0, ROUNDS_MAX as usize)?;
            if rounds != 0 && rounds < ROUNDS_MIN as usize {
                return Err(format!("a number of {ROUNDS_MIN} or more, or 0"));
            }
            values.passwords.scram = rounds as u32;
            Ok(())
        },
        show: |values| vec![values.passwords.scram.to_string()],
    },
    irc::NAME,
    irc::NETWORK,
    irc::DESCRIPTION,
    irc::MOTD,
    irc::OPERATORS,
    irc::PASSWORD,
    irc::HISTORY,
    irc::REGISTER,
    web::NAMES,
    web::HOOKS_TO,
    web::HOOKS_AUTHORITIES,
    Key {
        name: "log.format",
        flag: "log-format",
        shape: Shape::Text,
        hint: "FORMAT",
        help: "text or json; auto: text on a terminal, JSON otherwise",
        live: false,
        set: |values, said| LogFormat::read(one(said)?).map(|format| values.log_format = format),
        show: |values| vec![values.log_format.to_string()],
    },
    Key {
        name: "log.level",
        flag: "log-level",
        shape: Shape::Text,
        hint: "LEVEL",
        help: "off, error, warn, info, debug or trace; also by part: info,chatroom_server=debug",
        live: true,
        set: |values, said| level(one(said)?).map(|level| values.log_level = level),
        show: |values| vec![values.log_level.clone()],
    },
];

impl Key {
    /// Its table in the file, if it stands in one, and its name there.
    pub(crate) fn split(&self) -> (Option<&'static str>, &'static str) {
        match self.name.split_once('.') {
            Some((table, leaf)) => (Some(table), leaf),
            None => (None, self.name),
        }
    }

    /// Its variable: `CHATROOM_SNAPSHOTS_EVERY`.
    pub(crate) fn variable(&self) -> String {
        format!("CHATROOM_{}", self.name.replace('.', "_").to_ascii_uppercase())
    }
}

/// The key of a name.
pub(crate) fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// A key's place in [`KEYS`].
pub(super) fn number(key: &Key) -> usize {
    KEYS.iter().position(|other| other.name == key.name).expect("every key stands in the table")
}

/// The key somebody may have meant.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    let leaf = name.rsplit('.').next().unwrap_or(name);
    let distance = |key: &Key| {
        // The right word in the wrong table counts as nearly right.
        let whole = strsim::damerau_levenshtein(name, key.name);
        whole.min(strsim::damerau_levenshtein(leaf, key.split().1) + 1)
    };
    let near = |(far, _): &(usize, &str)| *far <= (leaf.chars().count() / 3).max(2);
    KEYS.iter().map(|key| (distance(key), key.name)).min().filter(near).map(|(_, name)| name)
}

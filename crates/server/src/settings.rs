//! What can be set about a server, with the numbers it has when nobody sets them.

use crate::limits;
use crate::passwords::{Cost, PASSWORD_MIN};
use crate::web;
use chatroom_store::{Folder, Keep};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// A server's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens; port 0 takes a free one.
    pub listen: Vec<Listen>,
    /// Proxies: what they say of where a connection comes from is believed.
    pub proxies: Vec<limits::Range>,
    /// Its data folder.
    pub folder: Folder,
    /// Parts delivery is split into; by default one a core.
    pub shards: usize,
    /// How long a new connection may be silent before the line protocol speaks first.
    pub detect: Duration,
    /// How long a client may take to say who it is.
    pub login: Duration,
    /// How long a client may take nothing of what waits for it.
    pub stall: Duration,
    /// Connections taken at once; by default what the process may hold open, less what it needs itself.
    pub connections: usize,
    /// How often it is noted in the log what clients have been given: what a crash may repeat to those who come back.
    pub mark: Duration,
    /// How often it is looked whether purges are final and messages old enough to be taken away.
    pub sweep: Duration,
    /// How often a snapshot is taken while there is something new.
    pub snapshot_every: Duration,
    /// Which snapshots stay.
    pub keep: Keep,
    /// What clients may do how often; by default anything, which is for servers inside a test.
    pub limits: limits::Settings,
    /// What one password hash costs.
    pub passwords: Cost,
    /// Bytes a password must have.
    pub password_min: usize,
    /// What IRC clients are told, and who may become an operator by a password of the configuration.
    pub irc: Irc,
    /// What the web side answers to, and how long it waits.
    pub web: web::Settings,
    /// Where whoever runs the server reads what is counted; nowhere unless somebody says so.
    pub admin: Option<SocketAddr>,
}

/// Where a server listens, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// The address; port 0 takes a free one.
    pub address: SocketAddr,
    /// What may be spoken there.
    pub speaks: Speaks,
}

/// Which protocols may be spoken at an address; a byte, since each connection keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speaks(u8);

impl Speaks {
    /// The line protocol.
    pub const LINE: Self = Self(1);
    /// IRC.
    pub const IRC: Self = Self(2);
    /// HTTP: what a browser asks for.
    pub const WEB: Self = Self(4);
    /// Whatever the first bytes say.
    pub const ALL: Self = Self(7);
    /// Each with the word by which it is configured.
    const WORDS: [(&'static str, Self); 3] = [("line", Self::LINE), ("irc", Self::IRC), ("web", Self::WEB)];

    /// Whether all of some may be spoken.
    #[must_use]
    pub fn has(self, some: Self) -> bool {
        self.0 & some.0 == some.0
    }
}

impl From<SocketAddr> for Listen {
    fn from(address: SocketAddr) -> Self {
        Self { address, speaks: Speaks::ALL }
    }
}

impl std::fmt::Display for Listen {
    /// `127.0.0.1:9000`, or `127.0.0.1:6667=irc` where not everything may be spoken.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.address.fmt(f)?;
        if self.speaks == Speaks::ALL {
            return Ok(());
        }
        let spoken = Speaks::WORDS.iter().filter(|(_, one)| self.speaks.has(*one));
        let words: Vec<_> = spoken.map(|(word, _)| *word).collect();
        write!(f, "={}", words.join("+"))
    }
}

impl std::str::FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, words) =
            text.split_once('=').map_or((text, None), |(address, words)| (address, Some(words)));
        let bad = |_| format!("{address:?} is not an address with a port, such as 127.0.0.1:9000");
        let address = address.parse().map_err(bad)?;
        let Some(words) = words else { return Ok(Self { address, speaks: Speaks::ALL }) };
        let mut speaks = Speaks(0);
        for word in words.split('+') {
            let known = Speaks::WORDS.iter().find(|(known, _)| *known == word);
            let (_, one) = known.ok_or_else(|| format!("{word:?} is not a protocol: line, irc or web"))?;
            speaks.0 |= one.0;
        }
        Ok(Self { address, speaks })
    }
}

/// What is set about IRC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Irc {
    /// The server's name, as it stands before its lines.
    pub name: String,
    /// The network's name.
    pub network: String,
    /// What the server is, in a line.
    pub description: String,
    /// The message of the day, a line each.
    pub motd: Vec<String>,
    /// Who may become an operator: a name and a password each.
    pub operators: Vec<(String, String)>,
    /// The password every IRC client must give; none when empty.
    pub password: String,
    /// Messages shown to whoever joins a room, where their client cannot ask for them.
    pub history: usize,
    /// From when on a client may register.
    pub register: Register,
}

/// From when on an IRC client may register a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// Also before it is in.
    Connecting,
    /// Once it is in.
    Connected,
}

impl Irc {
    /// Whether a client may register before it is in: not where it would come in so without the server's password.
    #[must_use]
    pub fn registers_early(&self) -> bool {
        self.register == Register::Connecting && self.password.is_empty()
    }
}

impl Default for Irc {
    fn default() -> Self {
        Self {
            name: "chatroom".into(),
            network: "Chatroom".into(),
            description: "A room for all protocols".into(),
            motd: vec!["Everybody meets in #lobby: /join #lobby".into()],
            operators: Vec::new(),
            password: String::new(),
            history: 10,
            register: Register::Connecting,
        }
    }
}

impl Settings {
    /// The defaults, for a data folder.
    #[must_use]
    pub fn new(folder: Folder) -> Self {
        Self {
            listen: vec![SocketAddr::from(([127, 0, 0, 1], 9000)).into()],
            proxies: Vec::new(),
            folder,
            shards: std::thread::available_parallelism().map_or(1, |n| n.get().min(8)),
            detect: Duration::from_millis(250),
            login: Duration::from_secs(30),
            stall: Duration::from_secs(120),
            connections: usize::MAX,
            mark: Duration::from_secs(5),
            sweep: Duration::from_secs(10),
            snapshot_every: Duration::from_secs(60 * 60),
            keep: Keep { number: 5, age: Duration::from_secs(14 * 24 * 60 * 60) },
            limits: limits::Settings::off(),
            passwords: Cost::default(),
            password_min: PASSWORD_MIN,
            irc: Irc::default(),
            web: web::Settings::default(),
            admin: None,
        }
    }

    /// Whether whoever connects from there may say for whom.
    pub(crate) fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|range| range.contains(address))
    }
}

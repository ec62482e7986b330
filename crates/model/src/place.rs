//! What a room is made of: who gets in, who may do what there, what is forbidden to whom. Decides nothing.

use crate::{IDENT_USER, Ident, Kind, Millis, Name, Position, RoomId, Seq, UserId};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Rooms a user may be a member of.
pub const ROOMS_MAX: usize = 200;
/// Rooms a user may own.
pub const OWNED_MAX: usize = 20;
/// Bans a room may have; also mutes and invitations.
pub const MASKS_MAX: usize = 500;
/// Messages a room may have pinned.
pub const PINS_MAX: usize = 50;
/// Bytes of UTF-8 a topic, an away text or a profile line may have.
pub const LINE_MAX: usize = 400;
/// Different reactions one message may have.
pub const REACTIONS_MAX: u32 = 50;
/// Bytes of UTF-8 a reaction may have: an emoji of several code points fits.
pub const REACTION_BYTES: usize = 32;
/// Users one user may ignore.
pub const IGNORES_MAX: usize = 200;
/// The longest slow mode, in seconds: six hours.
pub const SLOW_MAX: u32 = 6 * 60 * 60;

/// Which room is meant: as its number, by its name, or as the conversation with somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Where {
    /// By number.
    Id(RoomId),
    /// By name.
    Name(crate::RoomName),
    /// The direct conversation with whoever has this name.
    With(Name),
}

/// Who may see and enter a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Everybody sees it and may enter.
    #[default]
    Public,
    /// Everybody sees it; only who was invited may enter.
    Invite,
    /// Nobody outside is shown it; who knows its name may enter. From rules 3 on.
    Hidden,
    /// To those outside it does not exist.
    Private,
}

/// What somebody is in a room; each may what the one before may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// In it.
    #[default]
    Member,
    /// May speak where it is moderated.
    Voice,
    /// Keeps order.
    Moderator,
    /// Decides what the room is.
    Owner,
}

/// Somebody's place in a room.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// What they are there.
    pub role: Role,
    /// Whether they were given a voice beside being more: it stays when they are no longer that.
    pub voiced: bool,
    /// Where they came in.
    pub since: Position,
    /// The last message they have marked as read.
    pub read: Seq,
    /// When they last spoke, as far as slow mode asks.
    pub spoke: Millis,
}

/// Whom a ban or a mute meets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// Whoever has a name that matches, with `*` for anything; kept case-mapped.
    Name(String),
    /// A user, whatever the name.
    Account(UserId),
    /// Whoever is logged in to the account of this name; kept case-mapped. From rules 3 on.
    Registered(String),
    /// Whose client gives a user name that matches (IRC), with `*` for anything; kept in lower case. From rules 3 on.
    Client(String),
    /// Whoever comes from these addresses.
    Address {
        /// The network.
        net: IpAddr,
        /// Its leading bits.
        bits: u8,
    },
}

/// A ban or a mute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sanction {
    /// Whom it meets.
    pub mask: Mask,
    /// Who had the name it is laid on: it follows them to other names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<UserId>,
    /// Who said so, at that time.
    pub by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
    /// When it was laid; from rules 3 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Millis>,
}

/// How long messages stay; nothing set keeps them for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<i64>,
    /// Messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
}

/// One thing that can be set about a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// What it is about; empty takes it away.
    Topic(String),
    /// Who gets in.
    Access(Access),
    /// The hash of the word that opens it; none takes it away.
    Password(Option<String>),
    /// Seconds a member waits between two messages; 0 is off.
    Slow(u32),
    /// Members it may have; none is without limit.
    Limit(Option<u32>),
    /// Whether only those with a voice may speak.
    Moderated(bool),
    /// How long messages stay.
    Retention(Retention),
    /// Whether it is kept as it is: readable, and nothing more is said.
    Archived(bool),
    /// Whether those who are not in it may speak into it. From rules 3 on.
    Outside(bool),
    /// Whether all who are in it may say what it is about. From rules 3 on.
    OpenTopic(bool),
    /// Whether only those who are registered, or have a voice, may speak. From rules 3 on.
    RegisteredSpeak(bool),
    /// Whether only those who are registered, or were asked in, may come in. From rules 3 on.
    RegisteredJoin(bool),
    /// Whether programs ask each other nothing there (CTCP on IRC, which is the one protocol that has it). From rules 3 on.
    NoCtcp(bool),
    /// How it is called. From rules 3 on.
    Name {
        /// So.
        name: crate::RoomName,
        /// Why.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        reason: String,
    },
    /// Several of these at once, each another, none of them a name, a topic, archiving or retention; at most [`SEVERAL_MAX`]. From
    /// rules 3 on.
    Several(Vec<Self>),
}

/// Settings that may be changed at once.
pub const SEVERAL_MAX: usize = 20;

impl Setting {
    /// What it sets, one by one.
    #[must_use]
    pub fn each(&self) -> &[Self] {
        if let Self::Several(all) = self { all } else { std::slice::from_ref(self) }
    }

    /// Whether it may be one of several.
    fn is_among(&self) -> bool {
        !matches!(
            self,
            Self::Name { .. } | Self::Topic(_) | Self::Archived(_) | Self::Retention(_) | Self::Several(_)
        )
    }

    /// Whether it is one, or several that may be set at once.
    #[must_use]
    pub fn is_proper(&self) -> bool {
        match self {
            Self::Several(all) => {
                let kinds: std::collections::HashSet<_> = all.iter().map(std::mem::discriminant).collect();
                (2..=SEVERAL_MAX).contains(&all.len())
                    && kinds.len() == all.len()
                    && all.iter().all(Self::is_among)
            }
            _ => true,
        }
    }
}

/// The hash of a room's password: enough to compare, not enough to use elsewhere. It is a word many know, not a secret of
/// one's own; those are hashed with Argon2id.
#[must_use]
pub fn room_password(word: &str) -> String {
    let mut hash = blake3::Hasher::new_derive_key("chatroom room password 1");
    hash.update(word.as_bytes()).finalize().to_hex().to_string()
}

impl Sanction {
    /// Whether it still holds.
    #[must_use]
    pub fn holds(&self, now: Millis) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Whether it meets somebody now.
    #[must_use]
    pub fn meets(&self, now: Millis, who: &Whom<'_>) -> bool {
        self.holds(now) && (self.mask.meets(who) || (self.holder.is_some() && self.holder == who.user))
    }
}

/// Before the name of an account.
const ACCOUNT: &str = "account:";
/// Before the user name that a client gives.
const CLIENT: &str = "client:";

/// What is known of somebody whom a mask may meet.
#[derive(Clone, Copy, Debug)]
pub struct Whom<'a> {
    /// The name.
    pub name: &'a Name,
    /// The user, unless they are only about to be one.
    pub user: Option<UserId>,
    /// What their account is called, where they are registered.
    pub account: Option<&'a Name>,
    /// How their client introduced them.
    pub ident: Option<&'a Ident>,
    /// Where the client is connected from, as far as that is known at this place.
    pub address: Option<IpAddr>,
}

impl Mask {
    /// Whether it meets somebody.
    #[must_use]
    pub fn meets(&self, who: &Whom<'_>) -> bool {
        match self {
            Self::Name(pattern) => glob(pattern.as_bytes(), who.name.key().as_bytes()),
            Self::Account(user) => who.user == Some(*user),
            Self::Registered(account) => who.account.is_some_and(|name| name.key() == account),
            Self::Client(pattern) => {
                let user = who.ident.map_or("u", |ident| ident.user.as_str());
                glob(pattern.as_bytes(), user.to_ascii_lowercase().as_bytes())
            }
            Self::Address { net, bits } => who.address.is_some_and(|from| within(from, *net, *bits)),
        }
    }

    /// Whether it may meet many, rather than somebody.
    #[must_use]
    pub fn is_wide(&self) -> bool {
        match self {
            Self::Name(pattern) => pattern.contains('*'),
            Self::Account(_) | Self::Registered(_) => false,
            Self::Client(_) | Self::Address { .. } => true,
        }
    }
}

/// Whether a text is what a pattern with `*` says; linear in both but for one step back, so nothing can make it slow.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            back = Some((p, t));
            p += 1;
        } else if pattern.get(p) == text.get(t) {
            (p, t) = (p + 1, t + 1);
        } else if let Some((star, from)) = back {
            back = Some((star, from + 1));
            (p, t) = (star + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern.iter().skip(p).all(|c| *c == b'*')
}

/// Whether an address lies in a network; an IPv4 address mapped into IPv6 is the IPv4 address.
fn within(address: IpAddr, net: IpAddr, bits: u8) -> bool {
    let same = |a: &[u8], b: &[u8], bits: u8| {
        let whole = usize::from(bits / 8);
        let rest = bits % 8;
        let mask = if rest == 0 { 0 } else { !(0xffu8 >> rest) };
        a.iter().zip(b).take(whole).all(|(a, b)| a == b)
            && match (a.get(whole), b.get(whole)) {
                (Some(a), Some(b)) => a & mask == b & mask,
                _ => true,
            }
    };
    let bits = if net.is_ipv6() && net.to_canonical().is_ipv4() { bits.saturating_sub(96) } else { bits };
    let same = |a: &[u8], b: &[u8]| same(a, b, bits);
    match (address.to_canonical(), net.to_canonical()) {
        (IpAddr::V4(a), IpAddr::V4(n)) => same(&a.octets(), &n.octets()),
        (IpAddr::V6(a), IpAddr::V6(n)) => same(&a.octets(), &n.octets()),
        _ => false,
    }
}

/// Why a text cannot be a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a name, a name with *, or an address such as 10.0.0.0/8")]
pub struct BadMask;

impl Mask {
    /// Reads a mask as people write it: `bob`, `spam*`, `account:bob`, `client:web*`,
    /// `10.1.2.3`, `10.0.0.0/8`, `2001:db8::/32`.
    pub fn parse(text: &str) -> Result<Self, BadMask> {
        let after = |prefix: &str| {
            let (head, rest) = text.split_at_checked(prefix.len())?;
            head.eq_ignore_ascii_case(prefix).then_some(rest)
        };
        if let Some(account) = after(ACCOUNT) {
            return Name::parse(account)
                .map(|name| Self::Registered(name.key().to_owned()))
                .map_err(|_| BadMask);
        }
        if let Some(user) = after(CLIENT) {
            let word = |c: char| c.is_ascii_graphic() && !matches!(c, '!' | '@' | ':');
            let proper = (1..=IDENT_USER).contains(&user.len()) && user.chars().all(word);
            return if proper { Ok(Self::Client(user.to_ascii_lowercase())) } else { Err(BadMask) };
        }
        let (net, bits) = text.split_once('/').map_or((text, None), |(net, bits)| (net, Some(bits)));
        if let Ok(net) = net.parse::<IpAddr>() {
            let most = if net.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Ok(most), str::parse).map_err(|_| BadMask)?;
            return if bits <= most { Ok(Self::Address { net, bits }) } else { Err(BadMask) };
        }
        if !text.contains('*') {
            return Name::parse(text).map(|name| Self::Name(name.key().to_owned())).map_err(|_| BadMask);
        }
        let pattern = text.to_lowercase();
        // Lower case may be longer: İ becomes two characters.
        // No name has a colon: it stands behind what kind of mask another is.
        let alien = |c: char| c.is_whitespace() || c.is_control() || c == ':';
        if pattern.len() > crate::NAME_BYTES || pattern.chars().any(alien) {
            return Err(BadMask);
        }
        Ok(Self::Name(pattern))
    }
}

impl std::fmt::Display for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(pattern) => f.write_str(pattern),
            Self::Account(user) => write!(f, "account {user}"),
            Self::Registered(account) => write!(f, "{ACCOUNT}{account}"),
            Self::Client(user) => write!(f, "{CLIENT}{user}"),
            Self::Address { net, bits } => write!(f, "{net}/{bits}"),
        }
    }
}

macro_rules! words {
    ($kind:ident: $($variant:ident = $word:literal),+) => {
        impl $kind {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As people write it.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads what [`Self::word`] writes.
            #[must_use]
            pub fn read(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word().eq_ignore_ascii_case(word))
            }
        }
    };
}

words!(Access: Public = "public", Invite = "invite-only", Hidden = "hidden", Private = "private");

impl Access {
    /// Whether those outside are shown that it is there.
    #[must_use]
    pub fn shown(self) -> bool {
        matches!(self, Self::Public | Self::Invite)
    }

    /// Whether anybody may come in who is not kept out.
    #[must_use]
    pub fn open(self) -> bool {
        matches!(self, Self::Public | Self::Hidden)
    }

    /// The one that is both.
    #[must_use]
    pub fn of(shown: bool, open: bool) -> Self {
        match (shown, open) {
            (true, true) => Self::Public,
            (true, false) => Self::Invite,
            (false, true) => Self::Hidden,
            (false, false) => Self::Private,
        }
    }
}
words!(Kind: Ban = "ban", Mute = "mute", Exempt = "exempt", Welcome = "welcome");
words!(Role: Member = "member", Voice = "voice", Moderator = "moderator", Owner = "owner");

#[cfg(test)]
mod tests {
    use super::*;

    fn whom<'a>(name: &'a Name, address: Option<&str>) -> Whom<'a> {
        Whom { name, user: None, account: None, ident: None, address: address.map(|a| a.parse().unwrap()) }
    }

    #[test]
    fn masks_meet_names_accounts_and_networks() {
        let bob = Name::parse("SpamBob").unwrap();
        for (mask, met) in [
            ("spambob", true),
            ("spam*", true),
            ("*bob", true),
            ("*a*b*", true),
            ("spam", false),
            ("*c*", false),
        ] {
            assert_eq!(Mask::parse(mask).unwrap().meets(&whom(&bob, None)), met, "{mask}");
        }
        for (mask, from, met) in [
            ("10.0.0.0/8", "10.9.8.7", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/9", "10.128.0.1", false),
            ("10.0.0.0/9", "::ffff:10.1.0.1", true),
            ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::1", false),
            ("::ffff:10.0.0.0/104", "10.9.8.7", true),
            ("::ffff:10.0.0.0/104", "11.0.0.1", false),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("1.2.3.4", "1.2.3.4", true),
            ("1.2.3.4", "1.2.3.5", false),
        ] {
            assert_eq!(Mask::parse(mask).unwrap().meets(&whom(&bob, Some(from))), met, "{mask} {from}");
        }
        assert!(!Mask::parse("10.0.0.0/8").unwrap().meets(&whom(&bob, None)));
        for bad in ["10.0.0.0/33", "::/129", "a b*", "", "a:b", &"*".repeat(65), &("*".repeat(63) + "İ")] {
            assert!(Mask::parse(bad).is_err(), "{bad}");
        }
        assert!(Mask::parse(&("*".repeat(61) + "İ")).is_ok());
    }

    #[test]
    fn a_pattern_of_many_stars_is_no_trap() {
        let pattern = "*a".repeat(30) + "b";
        assert!(!glob(pattern.as_bytes(), "a".repeat(4000).as_bytes()));
    }

    #[test]
    fn a_sanction_ends_by_itself() {
        let mask = Mask::parse("bob").unwrap();
        let sanction = Sanction {
            mask,
            holder: None,
            by: "ann".into(),
            reason: String::new(),
            until: Some(Millis(5)),
            since: None,
        };
        let bob = Name::parse("Bob").unwrap();
        assert!(
            sanction.meets(Millis(4), &whom(&bob, None)) && !sanction.meets(Millis(5), &whom(&bob, None))
        );
    }
}

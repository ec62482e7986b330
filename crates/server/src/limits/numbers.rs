//! The one table of limits: what each bounds, how much it allows, what a client is told. Knows no clock and no state.
//!
//! The numbers are for people, and for a class of two hundred behind one address: nobody who types meets them, a script
//! that loops does within seconds. What the address may is what many may together, so it is some ten times a person.

use super::amount::Amount;
use super::amount::Per::{Hour, Minute, Second};

/// A limit: one row of the table.
#[derive(Debug)]
pub struct Limit {
    /// Which it is.
    pub which: Which,
    /// Its key in the configuration.
    pub key: &'static str,
    /// Whose bucket it is.
    pub whose: Whose,
    /// What it allows when nobody sets it.
    pub amount: Amount,
    /// What it bounds, for the operator.
    pub bounds: &'static str,
    /// What a client is told that meets it.
    pub told: &'static str,
}

/// Whose doings a limit counts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Those on one connection.
    Connection,
    /// Those of one user, on however many connections.
    User,
    /// Those from one address: an IPv4 address or an IPv6 /64; eight times as much a /48.
    Address,
    /// Attempts at one account.
    Account,
    /// All there are.
    Server,
}

macro_rules! limits {
    ($($(#[doc = $why:literal])+ $which:ident $key:literal $whose:ident [$($amount:tt)+] $bounds:literal $told:literal)+) => {
        /// The name of a limit; its number is its place in [`LIMITS`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Which {
            $($(#[doc = $why])+ $which,)+
            /// No row of the table: the server has more to do than it can, see [`BUSY`].
            Busy,
        }

        /// Every limit.
        pub const LIMITS: &[Limit] = &[$(Limit {
            which: Which::$which,
            key: concat!("limits.", $key),
            whose: Whose::$whose,
            amount: limits!(@ $($amount)+),
            bounds: $bounds,
            told: $told,
        }),+];
    };
    (@ $times:literal / $per:ident burst $burst:literal) => {
        Amount::Rate { times: $times, per: $per, burst: $burst }
    };
    (@ $most:literal at once) => { Amount::AtOnce($most) };
}

// A connection's own stand first: their place here is their place in a connection's buckets.
limits! {
    /// A pasted screen of forty lines goes through; what types for hours is a program.
    MessagesPerConnection "messages_per_connection" Connection [10/Second burst 40]
        "Messages, direct ones too, on one connection" "too many messages"
    /// Each is a read of the store, the dearest thing a client can ask for.
    ReadsPerConnection "reads_per_connection" Connection [5/Second burst 30]
        "History, searches and lists on one connection" "too many requests for history"
    /// Lines of any kind: what costs nothing one by one still costs in thousands. An IRC client's hello is about sixty.
    CommandsPerConnection "commands_per_connection" Connection [50/Second burst 300]
        "Commands of any kind on one connection" "too many commands"
    /// A client sends one every three seconds while somebody types; what is over is not worth a word.
    SignalsPerConnection "signals_per_connection" Connection [2/Second burst 10]
        "Typing and other signals on one connection" "too many signals"

    /// Somewhat more than a connection, so that two devices are one person and ten are not ten.
    MessagesPerUser "messages_per_user" User [15/Second burst 60]
        "Messages of one user" "too many messages"
    /// As with messages.
    ReadsPerUser "reads_per_user" User [8/Second burst 50]
        "History, searches and lists of one user" "too many requests for history"
    /// A teacher makes thirty rooms in a lesson; nobody makes them for ever.
    RoomsPerUser "rooms_per_user" User [6/Minute burst 40]
        "Rooms that one user makes" "too many new rooms"
    /// A client that comes back joins all its rooms at once.
    JoinsPerUser "joins_per_user" User [2/Second burst 100]
        "Rooms that one user joins" "too many joins"
    /// A class of a hundred is invited in one go; strangers are not, one by one.
    InvitesPerUser "invites_per_user" User [10/Minute burst 100]
        "Invitations by one user" "too many invitations"
    /// The way of unwanted mail: answering is free, beginning is not.
    NewPeoplePerUser "new_people_per_user" User [6/Minute burst 30]
        "People one user writes to for the first time" "too many new people written to"
    /// A click each; a room of fifty messages can be gone through quickly.
    ReactionsPerUser "reactions_per_user" User [5/Second burst 50]
        "Reactions of one user" "too many reactions"
    /// Topics, names, profiles, edits and redactions: seen by everybody, so a noise when they flicker.
    ChangesPerUser "changes_per_user" User [1/Second burst 30]
        "Changes of names, topics, profiles and messages by one user" "too many changes"
    /// Somebody who clears a flooded room is in a hurry.
    ModerationPerUser "moderation_per_user" User [10/Second burst 200]
        "Kicks, bans, mutes and roles by one user" "too many moderator's commands"

    /// Two hundred who all come back when the server has restarted.
    ConnectsPerAddress "connects_per_address" Address [20/Second burst 400]
        "Connections an address opens" "too many connections from your address"
    /// Two hundred with two devices each.
    OpenPerAddress "open_per_address" Address [500 at once]
        "Connections an address has open" "too many connections from your address are open"
    /// All of a class may arrive at once; whoever holds connections without a name holds no more than these.
    UnnamedPerAddress "unnamed_per_address" Address [250 at once]
        "Connections of an address on which nobody has logged in" "too many connections from your address have not logged in"
    /// As with connections, of which each is a login.
    LoginsPerAddress "logins_per_address" Address [20/Second burst 400]
        "Logins from an address" "too many logins from your address"
    /// A class registers in its first lesson; each costs a password's hash and a name for ever.
    RegistrationsPerAddress "registrations_per_address" Address [10/Minute burst 200]
        "Registrations from an address" "too many registrations from your address"
    /// Two hundred people who all have something to say.
    MessagesPerAddress "messages_per_address" Address [100/Second burst 1000]
        "Messages from an address" "too many messages from your address"
    /// Two hundred who all scroll back.
    ReadsPerAddress "reads_per_address" Address [50/Second burst 1000]
        "History, searches and lists from an address" "too many requests for history from your address"
    /// A room each for a class, once; a new guest for every room gains nothing.
    RoomsPerAddress "rooms_per_address" Address [30/Minute burst 300]
        "Rooms made from an address" "too many new rooms from your address"
    /// Two hundred who come back into their rooms.
    JoinsPerAddress "joins_per_address" Address [100/Second burst 4000]
        "Rooms joined from an address" "too many joins from your address"
    /// A new guest for every stranger gains nothing.
    NewPeoplePerAddress "new_people_per_address" Address [60/Minute burst 600]
        "People written to for the first time from an address" "too many new people written to from your address"

    /// Somebody who has forgotten their password, from one address: nobody else's attempts count here.
    AttemptsPerAccountAndAddress "attempts_per_account_and_address" Account [6/Minute burst 10]
        "Wrong passwords for an account from one address" "too many wrong passwords for this account"
    /// A guess spread over many addresses. Counts and holds back only those from which nobody has logged in to it before.
    AttemptsPerAccount "attempts_per_account" Account [60/Hour burst 30]
        "Wrong passwords for an account from addresses that are new to it" "too many attempts for this account from new addresses"

    /// Ten thousand who come back take some seconds, and leave the disk its breath.
    LoginsPerServer "logins_per_server" Server [1000/Second burst 10000]
        "Logins in all" "too many people are logging in"
    /// Many addresses together make no more names than this.
    RegistrationsPerServer "registrations_per_server" Server [5/Second burst 500]
        "Registrations in all" "too many people are registering"
}

/// What a client is told while the server has more to do than it can. It has no amount, only the switch.
pub const BUSY: Limit = Limit {
    which: Which::Busy,
    key: "limits.enabled",
    whose: Whose::Server,
    amount: Amount::Off,
    bounds: "What the server does while its queue is nearly full",
    told: "the server is busy",
};

/// How many of them are a connection's own.
pub(super) const OF_CONNECTION: usize = 4;

impl Which {
    /// Its row.
    #[must_use]
    pub fn limit(self) -> &'static Limit {
        LIMITS.get(self as usize).unwrap_or(&BUSY)
    }
}

impl Limit {
    /// Reads what an operator allows.
    pub fn read(&self, text: &str) -> Result<Amount, String> {
        let at_once = matches!(self.amount, Amount::AtOnce(_));
        let fits = |amount: &Amount| *amount == Amount::Off || matches!(amount, Amount::AtOnce(_)) == at_once;
        Amount::parse(text).filter(fits).ok_or_else(|| {
            let form = if at_once {
                "a number such as \"500 at once\""
            } else {
                "a rate such as \"10/s burst 40\" (s, m or h)"
            };
            format!("{text:?} is not {form}, nor \"off\"; each number is from 1 to 1000000")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_stands_where_its_name_says_and_is_well_said() {
        for (n, limit) in LIMITS.iter().enumerate() {
            assert_eq!(limit.which as usize, n);
            assert_eq!(limit.whose == Whose::Connection, n < OF_CONNECTION, "{}", limit.key);
            assert_eq!(limit.read(&limit.amount.to_string()).as_ref(), Ok(&limit.amount));
            assert!(limit.told.starts_with("too many ") && !limit.told.ends_with('.'), "{}", limit.told);
            assert!(limit.bounds.starts_with(char::is_uppercase), "{}", limit.bounds);
            assert!(!LIMITS[..n].iter().any(|other| other.key == limit.key));
        }
    }

    #[test]
    fn a_limit_is_set_in_its_own_form() {
        assert!(Which::OpenPerAddress.limit().read("1/s burst 1").is_err());
        assert!(Which::MessagesPerUser.limit().read("7 at once").is_err());
        assert_eq!(Which::MessagesPerUser.limit().read("off"), Ok(Amount::Off));
    }
}

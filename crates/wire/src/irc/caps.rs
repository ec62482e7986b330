//! The capabilities of IRCv3 that are offered: one table, from which lists, requests and dialects follow.

use std::ops::{BitAnd, BitOr};

/// A set of capabilities, which is how a client wants to be spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Caps(u32);

/// One capability.
#[derive(Clone, Copy, Debug)]
pub struct Cap {
    /// As it is asked for.
    pub name: &'static str,
    /// The set of it alone.
    pub caps: Caps,
    /// What is said beside it to whoever asked with version 302.
    pub value: &'static str,
}

macro_rules! caps {
    ($($(#[$doc:meta])* $name:ident = $bit:literal $text:literal $value:literal),+ $(,)?) => {
        impl Caps {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)+
        }

        /// All that are offered, by name.
        pub const CAPS: &[Cap] = &[$(Cap { name: $text, caps: Caps::$name, value: $value }),+];
    };
}

caps! {
    /// Who changes to which account is told.
    ACCOUNT_NOTIFY = 0 "account-notify" "",
    /// Each line carries its author's account.
    ACCOUNT_TAG = 1 "account-tag" "",
    /// Who is away is told.
    AWAY_NOTIFY = 2 "away-notify" "",
    /// Lines that belong together are marked.
    BATCH = 3 "batch" "",
    /// New capabilities are told.
    CAP_NOTIFY = 4 "cap-notify" "",
    /// Another user or host name is told.
    CHGHOST = 5 "chghost" "",
    /// An account can be made; the value is said where that can be done before coming in.
    ACCOUNT_REGISTRATION = 6 "draft/account-registration" "before-connect",
    /// Another name of a room is told as such.
    CHANNEL_RENAME = 29 "draft/channel-rename" "",
    /// Earlier messages can be asked for.
    CHATHISTORY = 7 "draft/chathistory" "",
    /// Earlier events other than messages come with them.
    EVENT_PLAYBACK = 24 "draft/event-playback" "",
    /// What is supported can be asked for before coming in.
    EXTENDED_ISUPPORT = 27 "draft/extended-isupport" "",
    /// Watching somebody tells of more, by the name that had as a draft.
    EXTENDED_MONITOR_DRAFT = 30 "draft/extended-monitor" "",
    /// Messages taken back are told.
    MESSAGE_REDACTION = 9 "draft/message-redaction" "",
    /// What programs note of people and rooms is told to whoever asks for it.
    METADATA = 26 "draft/metadata-2" "before-connect,max-subs=100,max-keys=32,max-value-bytes=400",
    /// Messages of several lines.
    MULTILINE = 10 "draft/multiline" "max-bytes=4096,max-lines=100",
    /// Nobody is listed to whoever joins.
    NO_IMPLICIT_NAMES = 11 "draft/no-implicit-names" "",
    /// Being away can be said before coming in.
    PRE_AWAY = 12 "draft/pre-away" "",
    /// What is read is the same on all of a user's clients.
    READ_MARKER = 25 "draft/read-marker" "",
    /// Bridges speak for people of other networks; the value is what stands between a name and its network.
    RELAYMSG = 31 "draft/relaymsg" "/",
    /// One's own messages come back, once they are durable.
    ECHO_MESSAGE = 14 "echo-message" "",
    /// Who joins is told with account and real name.
    EXTENDED_JOIN = 15 "extended-join" "",
    /// Watching somebody tells of more than coming and going.
    EXTENDED_MONITOR = 13 "extended-monitor" "",
    /// Whom moderators ask in is told.
    INVITE_NOTIFY = 8 "invite-notify" "",
    /// What is asked comes back with the answer.
    LABELED_RESPONSE = 16 "labeled-response" "",
    /// Tags of clients for clients.
    MESSAGE_TAGS = 17 "message-tags" "",
    /// All of somebody's marks stand before the name.
    MULTI_PREFIX = 18 "multi-prefix" "",
    /// Logging in.
    SASL = 19 "sasl" "PLAIN,SCRAM-SHA-256",
    /// Each line carries its time.
    SERVER_TIME = 20 "server-time" "",
    /// Another real name.
    SETNAME = 21 "setname" "",
    /// What was said can be searched.
    SEARCH = 28 "soju.im/search" "",
    /// Refusals for programs.
    STANDARD_REPLIES = 22 "standard-replies" "",
    /// Lists of names are lists of whole addresses.
    USERHOST_IN_NAMES = 23 "userhost-in-names" "",
}

impl Caps {
    /// None.
    pub const NONE: Self = Self(0);

    /// Whether all of some are among these.
    #[must_use]
    pub fn has(self, some: Self) -> bool {
        self.0 & some.0 == some.0
    }

    /// These and others.
    #[must_use]
    pub fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// These without others.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Those that change how events are shown.
    #[must_use]
    pub fn shown(self) -> Self {
        let tags = Self::SERVER_TIME | Self::ACCOUNT_TAG | Self::MESSAGE_TAGS;
        let multiline =
            if self.has(Self::MULTILINE | Self::BATCH) { Self::MULTILINE | Self::BATCH } else { Self::NONE };
        let told = Self::READ_MARKER
            | Self::ACCOUNT_NOTIFY
            | Self::AWAY_NOTIFY
            | Self::CHGHOST
            | Self::INVITE_NOTIFY
            | Self::SETNAME;
        (self & (tags | told | Self::EXTENDED_JOIN | Self::MESSAGE_REDACTION)) | multiline
    }

    /// Whether tags may stand before a line.
    #[must_use]
    pub fn tagged(self) -> bool {
        let any =
            Self::MESSAGE_TAGS | Self::SERVER_TIME | Self::ACCOUNT_TAG | Self::BATCH | Self::LABELED_RESPONSE;
        self & any != Self::NONE
    }
}

impl BitOr for Caps {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.with(other)
    }
}

impl BitAnd for Caps {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// The capability of a name.
#[must_use]
pub fn cap(name: &str) -> Option<&'static Cap> {
    CAPS.iter().find(|cap| cap.name == name)
}

/// What a list of requests, `-name` among them, makes of a set; nothing when one is not offered, and then nothing of it is done.
#[must_use]
pub fn requested(have: Caps, list: &str) -> Option<Caps> {
    let mut caps = have;
    for word in list.split_ascii_whitespace() {
        caps = match word.strip_prefix('-') {
            Some(name) => caps.without(cap(name)?.caps),
            None => caps.with(cap(word)?.caps),
        };
    }
    Some(caps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_taken_whole_or_not_at_all() {
        let both = requested(Caps::NONE, "batch server-time").unwrap();
        assert!(both.has(Caps::BATCH | Caps::SERVER_TIME) && !both.has(Caps::SASL));
        assert_eq!(requested(both, "-batch"), Some(Caps::SERVER_TIME));
        assert_eq!(requested(both, "sasl wonder"), None);
    }

    #[test]
    fn the_table_is_in_order_and_each_has_a_bit_of_its_own() {
        assert!(CAPS.windows(2).all(|pair| pair[0].name < pair[1].name));
        let all = CAPS.iter().fold(Caps::NONE, |all, cap| all | cap.caps);
        assert_eq!(all.0.count_ones() as usize, CAPS.len());
    }
}

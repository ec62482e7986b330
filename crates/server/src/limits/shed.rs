//! What is given up, in which order, when there is more to do than can be done. Knows no queue: it is told how full one is.

use super::Kind;

/// How full something is that has an end: thousandths.
pub type Fill = u16;

/// From here on signals such as typing are dropped.
pub const TYPING: Fill = 250;
/// From here on nobody is told who is away.
pub const PRESENCE: Fill = 400;
/// From here on history, searches and lists are refused.
pub const HISTORY: Fill = 600;
/// From here on everything that writes is refused, logins too: what has been taken can still be answered in time.
pub const SENDS: Fill = 900;
/// From here on moderators are refused too: nothing more fits.
pub const MODERATION: Fill = 1000;

/// How much is given up; each level with all before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shed {
    /// Nothing.
    Nothing,
    /// Typing and other signals.
    Typing,
    /// Presence.
    Presence,
    /// History, search, lists.
    History,
    /// Messages and everything else that is written.
    Sends,
    /// What moderators do.
    Moderation,
}

impl Shed {
    /// The level at which the engine's queue and the readers are so full. Readers never cost anybody a message.
    #[must_use]
    pub fn level(queue: Fill, reads: Fill) -> Self {
        Self::of(queue).max(Self::of(reads).min(Self::History))
    }

    fn of(fill: Fill) -> Self {
        match fill {
            MODERATION.. => Self::Moderation,
            SENDS.. => Self::Sends,
            HISTORY.. => Self::History,
            PRESENCE.. => Self::Presence,
            TYPING.. => Self::Typing,
            _ => Self::Nothing,
        }
    }

    /// Whether this is given up.
    #[must_use]
    pub fn sheds(self, kind: Kind) -> bool {
        let from = match kind {
            Kind::Signal => Self::Typing,
            Kind::Presence => Self::Presence,
            Kind::Read => Self::History,
            Kind::Message
            | Kind::Login
            | Kind::Register
            | Kind::Create
            | Kind::Join
            | Kind::Invite
            | Kind::NewPerson
            | Kind::React
            | Kind::Change => Self::Sends,
            Kind::Moderate => Self::Moderation,
            // Help and goodbye cost nothing.
            Kind::Command => return false,
        };
        self >= from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: [(Fill, Kind); 5] = [
        (TYPING, Kind::Signal),
        (PRESENCE, Kind::Presence),
        (HISTORY, Kind::Read),
        (SENDS, Kind::Message),
        (MODERATION, Kind::Moderate),
    ];

    #[test]
    fn each_goes_at_its_threshold_and_not_before() {
        for (n, (threshold, kind)) in ORDER.into_iter().enumerate() {
            assert!(!Shed::level(threshold - 1, 0).sheds(kind), "{kind:?}");
            for fill in [threshold, threshold + 1] {
                assert!(Shed::level(fill, 0).sheds(kind), "{kind:?}");
                assert!(ORDER[..n].iter().all(|(_, before)| Shed::level(fill, 0).sheds(*before)));
                let after = &ORDER[n + 1..];
                assert!(
                    !after.iter().any(|(_, after)| fill < MODERATION && Shed::level(fill, 0).sheds(*after))
                );
            }
        }
    }

    #[test]
    fn readers_that_are_full_cost_reads_but_no_message() {
        assert!(Shed::level(0, HISTORY).sheds(Kind::Read) && !Shed::level(0, HISTORY - 1).sheds(Kind::Read));
        for kind in [Kind::Message, Kind::Login, Kind::Moderate, Kind::Command] {
            assert!(!Shed::level(0, Fill::MAX).sheds(kind));
        }
        assert!(!Shed::level(Fill::MAX, Fill::MAX).sheds(Kind::Command));
    }
}

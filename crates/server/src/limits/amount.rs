//! How much a limit allows, and the words an operator says it in. Knows no clock and nobody who is limited.

use std::fmt;
use std::time::Duration;

/// The most that may be said for each number of an amount: their product stays within 64 bits of nanoseconds.
const MOST: u32 = 1_000_000;

/// What a limit allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Anything.
    Off,
    /// So many times in each `per`, after `burst` at once.
    Rate {
        /// How often.
        times: u32,
        /// In what.
        per: Per,
        /// How many at once, by whoever has been quiet for long enough.
        burst: u32,
    },
    /// So many at the same time.
    AtOnce(u32),
}

/// What a rate counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// `/s`
    Second,
    /// `/m`
    Minute,
    /// `/h`
    Hour,
}

impl Per {
    fn letter(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "m",
            Self::Hour => "h",
        }
    }

    fn duration(self) -> Duration {
        Duration::from_secs(match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3600,
        })
    }
}

impl Amount {
    /// Reads `10/s burst 40`, `500 at once` or `off`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| text.parse().ok().filter(|n| (1..=MOST).contains(n));
        let words: Vec<_> = text.split_whitespace().collect();
        match words[..] {
            ["off"] => Some(Self::Off),
            [most, "at", "once"] => number(most).map(Self::AtOnce),
            [rate, "burst", burst] => {
                let (times, per) = rate.split_once('/')?;
                let per = [Per::Second, Per::Minute, Per::Hour].into_iter().find(|p| p.letter() == per)?;
                Some(Self::Rate { times: number(times)?, per, burst: number(burst)? })
            }
            _ => None,
        }
    }

    /// The time in which one more is allowed, and the time that a whole burst stands for; in nanoseconds.
    pub(super) fn rate(self) -> Option<(u64, u64)> {
        let Self::Rate { times, per, burst } = self else { return None };
        let second = per.duration().as_nanos() as u64;
        let each = second / u64::from(times.clamp(1, MOST));
        Some((each, each * u64::from(burst.clamp(1, MOST))))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Rate { times, per, burst } => write!(f, "{times}/{} burst {burst}", per.letter()),
            Self::AtOnce(most) => write!(f, "{most} at once"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_they_are_shown() {
        for text in ["off", "10/s burst 40", "6/m burst 1", "1/h burst 1000000", "500 at once"] {
            assert_eq!(Amount::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "10",
            "10/s",
            "0/s burst 1",
            "1/s burst 0",
            "1/d burst 1",
            "1000001/s burst 1",
            "0 at once",
            "-1 at once",
        ] {
            assert_eq!(Amount::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_largest_amounts_fit() {
        let (each, whole) = Amount::parse("1/h burst 1000000").unwrap().rate().unwrap();
        assert_eq!(whole / 1_000_000, each);
        assert!(Amount::parse("1000000/s burst 1").unwrap().rate().unwrap().0 >= 8);
    }
}

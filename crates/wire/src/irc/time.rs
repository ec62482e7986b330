//! Times as IRCv3 writes them: `2026-11-25T11:20:00.123Z` (server-time, ISO 8601 in UTC).

use chatroom_model::Millis;
use std::fmt::{self, Write};

/// A moment, to be written.
#[derive(Clone, Copy, Debug)]
pub struct Stamp(pub Millis);

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0.0.div_euclid(1000), self.0.0.rem_euclid(1000));
        let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        write!(f, "{year:04}-{month:02}-{day:02}T")?;
        write!(f, "{:02}:{:02}:{:02}.{millis:03}Z", second / 3600, second / 60 % 60, second % 60)
    }
}

/// From days since 1970 to a date, counting years from March (Hinnant, `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// Reads what [`Stamp`] writes, with or without fractions of a second.
#[must_use]
pub fn read(text: &str) -> Option<Millis> {
    let text = text.strip_suffix('Z')?;
    let (date, time) = text.split_once('T')?;
    let mut date = date.splitn(3, '-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut time = time.splitn(3, ':').map(number);
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let fits = (1970..10_000).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !fits || fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut thousandths = String::new();
    let _ = write!(thousandths, "{fraction:0<3.3}");
    let millis = number(&thousandths)?;
    // Days since 1970, counting years from March as above.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(Millis((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + millis))
}

fn number(text: &str) -> Option<i64> {
    if text.is_empty() || text.len() > 4 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_time_reads_back(millis in 0i64..253_402_300_799_999) {
            prop_assert_eq!(read(&Stamp(Millis(millis)).to_string()), Some(Millis(millis)));
        }
    }

    #[test]
    fn known_times() {
        assert_eq!(Stamp(Millis(1_735_669_804_005)).to_string(), "2024-12-31T18:30:04.005Z");
        assert_eq!(read("2024-12-31T18:30:04Z"), Some(Millis(1_735_669_804_000)));
        assert_eq!(read("2024-12-31T18:30:04.5Z"), Some(Millis(1_735_669_804_500)));
        for bad in
            ["", "now", "2024-12-31", "2024-13-31T18:30:04Z", "2024-12-31T18:30:04", "2024-12-31T18:30:Z"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}

//! Reads a moment as people write it into a search: a day, a day and a time, or how long ago. Knows UTC only.

use crate::Millis;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `YYYY-MM-DD`, `YYYY-MM-DDTHH:MM[:SS]`, both UTC, or a number and m, h, d or w for so long before `now`.
pub(super) fn parse(text: &str, now: Millis) -> Option<Millis> {
    match ago(text) {
        Some(ago) => Some(now.plus(-ago)),
        None => match text.split_once('T') {
            Some((day, time)) => Some(Millis(date(day)?.saturating_add(clock(time)?))),
            None => date(text).map(Millis),
        },
    }
}

fn ago(text: &str) -> Option<i64> {
    let unit = match text.chars().next_back()? {
        'm' => MINUTE,
        'h' => HOUR,
        'd' => DAY,
        'w' => 7 * DAY,
        _ => return None,
    };
    let (count, _) = text.split_at_checked(text.len() - 1)?;
    number(count, 1..=9)?.checked_mul(unit)
}

fn date(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = (number(year, 4..=4)?, number(month, 2..=2)?, number(day, 2..=2)?);
    if !(1..=12).contains(&month) || !(1..=month_days(year, month)).contains(&day) {
        return None;
    }
    let days: i64 = (1..month).map(|month| month_days(year, month)).sum();
    Some((days_before(year) - days_before(1970) + days + day - 1) * DAY)
}

fn clock(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hour, minute) = (number(parts.next()?, 2..=2)?, number(parts.next()?, 2..=2)?);
    let second = match parts.next() {
        Some(second) => number(second, 2..=2)?,
        None => 0,
    };
    let fits = hour < 24 && minute < 60 && second < 60 && parts.next().is_none();
    fits.then_some(hour * HOUR + minute * MINUTE + second * SECOND)
}

/// Days from the year 0 to the first day of a year, by the rule of leap years.
fn days_before(year: i64) -> i64 {
    let past = year - 1;
    365 * year + past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400)
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A number of so many digits and nothing else.
fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let all = digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if all { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_moments() {
        let now = Millis(1_000 * DAY);
        for (text, expected) in [
            ("1970-01-01", 0),
            ("1969-12-31", -DAY),
            ("2000-02-29", 951_782_400_000),
            ("2000-03-01", 951_868_800_000),
            ("2024-12-31T18:30", 1_735_669_800_000),
            ("2024-12-31T18:30:05", 1_735_669_805_000),
            ("0000-01-01", -62_167_219_200_000),
            ("9999-12-31", 253_402_214_400_000),
            ("2h", 1_000 * DAY - 2 * HOUR),
            ("30m", 1_000 * DAY - 30 * MINUTE),
            ("3d", 997 * DAY),
            ("1w", 993 * DAY),
        ] {
            assert_eq!(parse(text, now), Some(Millis(expected)), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment() {
        for text in [
            "",
            "d",
            "-1d",
            "1.5h",
            "1y",
            "2023-02-29",
            "1900-02-29",
            "2023-13-01",
            "2023-00-01",
            "2023-01-00",
            "2023-04-31",
            "23-01-01",
            "2023-1-1",
            "2023-01-01-",
            "2023-01-01T",
            "2023-01-01T24:00",
            "2023-01-01T1:00",
            "2023-01-01T12:60",
            "2023-01-01T12:00:60",
            "2023-01-01T12:00:00:00",
            "+023-01-01",
            "2023-01-01Z",
            "2東",
            "9999999999w",
        ] {
            assert_eq!(parse(text, Millis(0)), None, "{text}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_follows_the_one_before() {
        let mut expected = None;
        for year in 1800..2200 {
            for month in 1..=12 {
                for day in 1..=month_days(year, month) {
                    let Some(found) = date(&format!("{year:04}-{month:02}-{day:02}")) else {
                        panic!("{year}")
                    };
                    assert!(expected.is_none_or(|expected| expected == found), "{year}-{month}-{day}");
                    expected = Some(found + DAY);
                }
            }
        }
    }

    #[test]
    fn the_far_past_does_not_overflow() {
        assert_eq!(parse("999999999w", Millis(i64::MIN)), Some(Millis(i64::MIN)));
    }
}

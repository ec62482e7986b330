//! Durations as people write them: `250ms`, `30s`, `2m`, `1h`, `14d`.

use std::time::Duration;

/// The units, largest first, in milliseconds.
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Reads a duration that is neither zero nor longer than `most`.
pub(super) fn within(text: &str, most: Duration) -> Result<Duration, String> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let unit = UNITS.iter().find(|(name, _)| *name == unit.trim_start()).map(|(_, ms)| *ms);
    let ms = unit.zip(number.parse::<u64>().ok()).and_then(|(unit, number)| number.checked_mul(unit));
    match ms.map(Duration::from_millis) {
        None => Err(format!("{text:?} is not a duration such as 250ms, 30s, 2m, 1h or 14d")),
        Some(Duration::ZERO) => Err("it must be longer than nothing".into()),
        Some(long) if long > most => Err(format!("{text:?} is longer than {}", show(most))),
        Some(duration) => Ok(duration),
    }
}

/// Writes a duration in its largest whole unit.
pub(super) fn show(duration: Duration) -> String {
    let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let (name, unit) =
        UNITS.into_iter().find(|(_, unit)| ms.is_multiple_of(*unit)).expect("a millisecond divides all");
    format!("{}{name}", ms / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn durations_read_back() {
        for (text, ms) in
            [("250ms", 250), ("30s", 30_000), ("2m", 120_000), ("1h", 3_600_000), ("90s", 90_000)]
        {
            assert_eq!(within(text, DAY).unwrap(), Duration::from_millis(ms));
            assert_eq!(show(Duration::from_millis(ms)), text);
        }
        assert_eq!(within("1 h", DAY).unwrap(), within("60m", DAY).unwrap());
        assert_eq!(show(within("60m", DAY).unwrap()), "1h");
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for bad in
            ["", "30", "s", "-1s", "1.5s", "1w", "0s", "25h", "99999999999999999999d", "9999999999999999d"]
        {
            assert!(within(bad, DAY).is_err(), "{bad}");
        }
    }
}

//! Two files as one: each in its own order, the two by time. What is damaged comes at once.

use super::original::Found;
use std::io;
use std::iter::Peekable;

/// Both files, the earlier message first.
pub(super) struct Merge<A: Iterator, B: Iterator> {
    first: Peekable<A>,
    second: Peekable<B>,
}

impl<A, B> Merge<A, B>
where
    A: Iterator<Item = io::Result<Found>>,
    B: Iterator<Item = io::Result<Found>>,
{
    pub(super) fn new(first: A, second: B) -> Self {
        Self { first: first.peekable(), second: second.peekable() }
    }
}

impl<A, B> Iterator for Merge<A, B>
where
    A: Iterator<Item = io::Result<Found>>,
    B: Iterator<Item = io::Result<Found>>,
{
    type Item = io::Result<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = |found: &io::Result<Found>| {
            // What has no time waits for nobody.
            found.as_ref().ok().and_then(|found| Some(found.what.as_ref().ok()?.at))
        };
        match (self.first.peek(), self.second.peek()) {
            (Some(first), Some(second)) if at(second) < at(first) => self.second.next(),
            (Some(_), _) => self.first.next(),
            (None, _) => self.second.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::original;
    use super::*;

    fn found(file: &'static str, seconds: &[Option<u8>]) -> Vec<io::Result<Found>> {
        let read = |second: Option<u8>| {
            let timestamp = format!("2026-02-06T04:15:{:02}Z", second.ok_or("damaged")?);
            let raw = serde_json::json!({"id": 0, "from": "a", "content": timestamp, "timestamp": timestamp});
            original::read(raw.to_string().as_bytes())
        };
        seconds.iter().map(|second| Ok(Found { file, line: 1, what: read(*second) })).collect()
    }

    #[test]
    fn the_earlier_comes_first_and_each_file_keeps_its_order() {
        let first = found("s", &[Some(1), Some(5), Some(4), Some(9)]);
        let second = found("w", &[Some(1), None, Some(3), Some(6)]);
        let merged: Vec<_> = Merge::new(first.into_iter(), second.into_iter())
            .map(|found| found.unwrap())
            .map(|found| (found.file, found.what.ok().map(|message| message.at.as_second() % 60)))
            .collect();
        let expected = [
            ("s", Some(1)),
            ("w", Some(1)),
            ("w", None),
            ("w", Some(3)),
            ("s", Some(5)),
            ("s", Some(4)),
            ("w", Some(6)),
            ("s", Some(9)),
        ];
        assert_eq!(merged, expected);
    }
}

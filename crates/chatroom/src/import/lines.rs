//! A file of one object a line, in pieces. Knows nothing of what an object is.

use super::original::{PIECE_MAX, Piece};
use std::io::{self, BufRead, Read};

/// The lines that are not blank.
pub(super) struct Lines<R> {
    from: R,
    line: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, line: 0 }
    }

    fn read(&mut self) -> io::Result<Option<Piece>> {
        loop {
            let mut text = Vec::new();
            (&mut self.from).take(PIECE_MAX as u64 + 1).read_until(b'\n', &mut text)?;
            if text.is_empty() {
                return Ok(None);
            }
            self.line += 1;
            if text.len() > PIECE_MAX {
                if text.last() != Some(&b'\n') {
                    self.from.skip_until(b'\n')?;
                }
                return Ok(Some(Piece { line: self.line, text: Err("longer than a mebibyte") }));
            }
            if !text.trim_ascii().is_empty() {
                return Ok(Some(Piece { line: self.line, text: Ok(text) }));
            }
        }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Piece>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_blank_ones_left_out_and_long_ones_bounded() {
        let text = format!("one\n\n  \ntwo\n{}\nlast", "x".repeat(3 * PIECE_MAX));
        let pieces: Vec<_> = Lines::new(text.as_bytes()).map(Result::unwrap).collect();
        let found: Vec<_> =
            pieces.iter().map(|p| (p.line, p.text.as_ref().map(|t| t.trim_ascii_end()))).collect();
        assert_eq!(
            found,
            [(1, Ok(&b"one"[..])), (4, Ok(b"two")), (5, Err(&"longer than a mebibyte")), (6, Ok(b"last"))]
        );
    }
}

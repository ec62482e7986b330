//! A file of one JSON array of flat objects, in pieces: read as it comes, and one that is damaged takes no other along.

use super::original::{PIECE_MAX, Piece};
use std::io::{self, BufRead, Bytes};

/// The objects of an array.
pub(super) struct Objects<R> {
    from: Bytes<R>,
    line: u64,
    /// The line of an opening brace that was met before the object before it was closed.
    open: Option<u64>,
    /// Inside of something that is no object and was told already.
    told: bool,
}

/// An object that is being read.
struct Object {
    line: u64,
    bytes: Vec<u8>,
    in_string: bool,
    escaped: bool,
}

impl Object {
    fn at(line: u64) -> Self {
        Self { line, bytes: vec![b'{'], in_string: false, escaped: false }
    }

    fn push(&mut self, byte: u8) {
        if self.bytes.len() <= PIECE_MAX {
            self.bytes.push(byte);
        }
        match byte {
            _ if self.escaped => self.escaped = false,
            // JSON has no line end inside a string: the closing quote was lost.
            b'\n' => self.in_string = false,
            b'\\' if self.in_string => self.escaped = true,
            b'"' => self.in_string = !self.in_string,
            _ => {}
        }
    }

    fn done(self) -> Piece {
        let text = if self.bytes.len() > PIECE_MAX { Err("longer than a mebibyte") } else { Ok(self.bytes) };
        Piece { line: self.line, text }
    }

    fn cut(&self) -> Piece {
        Piece { line: self.line, text: Err("it ends in the middle") }
    }
}

impl<R: BufRead> Objects<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from: from.bytes(), line: 1, open: None, told: false }
    }

    fn read(&mut self) -> io::Result<Option<Piece>> {
        let mut object = self.open.take().map(Object::at);
        while let Some(byte) = self.from.next().transpose()? {
            let line = self.line;
            self.line += u64::from(byte == b'\n');
            match &mut object {
                Some(inside) if byte == b'{' && !inside.in_string => {
                    // These objects hold no others: the one before lost its end.
                    self.open = Some(line);
                    return Ok(Some(inside.cut()));
                }
                Some(inside) => {
                    let ends = byte == b'}' && !inside.in_string;
                    inside.push(byte);
                    if ends {
                        return Ok(object.map(Object::done));
                    }
                }
                None => match byte {
                    b'{' => object = Some(Object::at(line)),
                    b'[' | b']' | b',' | b'\n' => self.told = false,
                    b' ' | b'\t' | b'\r' => {}
                    _ if self.told => {}
                    _ => {
                        self.told = true;
                        return Ok(Some(Piece { line, text: Err("not an object") }));
                    }
                },
            }
        }
        Ok(object.map(|cut| cut.cut()))
    }
}

impl<R: BufRead> Iterator for Objects<R> {
    type Item = io::Result<Piece>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<(u64, Result<String, &'static str>)> {
        let piece = |piece: Piece| (piece.line, piece.text.map(|text| String::from_utf8(text).unwrap()));
        Objects::new(text.as_bytes()).map(|found| piece(found.unwrap())).collect()
    }

    fn ok(line: u64, text: &str) -> (u64, Result<String, &'static str>) {
        (line, Ok(text.to_owned()))
    }

    #[test]
    fn objects_are_found_however_they_are_laid_out() {
        assert_eq!(pieces("[]"), []);
        assert_eq!(pieces("[{\"a\":1},{\"b\":2}]"), [ok(1, "{\"a\":1}"), ok(1, "{\"b\":2}")]);
        let braces = "{\"a\":\"} \\\" {\\\\\"}";
        assert_eq!(pieces(&format!("[\n  {braces},\n  {{}}\n]\n")), [ok(2, braces), ok(3, "{}")]);
    }

    #[test]
    fn a_damaged_one_takes_no_other_along() {
        let cut = Err("it ends in the middle");
        assert_eq!(pieces("[\n{\"a\":1,\n{\"b\":2}\n]"), [(2, cut.clone()), ok(3, "{\"b\":2}")]);
        assert_eq!(
            pieces("[\n{\"a\":\"lost\n},\n{\"b\":2}\n]"),
            [ok(2, "{\"a\":\"lost\n}"), ok(4, "{\"b\":2}")]
        );
        assert_eq!(pieces("[{\"a\":1},\n{\"b\":"), [ok(1, "{\"a\":1}"), (2, cut)]);
        let none = Err("not an object");
        assert_eq!(
            pieces("[null, 17,\n {\"a\":1}, oh no]"),
            [(1, none.clone()), (1, none.clone()), ok(2, "{\"a\":1}"), (2, none)]
        );
    }

    #[test]
    fn an_endless_one_is_bounded() {
        let text = format!("[{{\"a\":\"{}\"}},{{}}]", "x".repeat(3 * PIECE_MAX));
        assert_eq!(pieces(&text), [(1, Err("longer than a mebibyte")), ok(1, "{}")]);
    }
}

//! The token by which the first of those who run the server becomes one. In memory only, used once, told to nobody but the
//! machine's operator.

use std::fmt;
use std::fmt::Write as _;
use std::sync::Mutex;

/// Random bytes of a token.
const BYTES: usize = 32;

/// The token of this run, while nobody runs the server.
#[derive(Default)]
pub(crate) struct Setup {
    // Protects the token; held while one is compared.
    token: Mutex<Option<[u8; 2 * BYTES]>>,
}

impl Setup {
    /// A new token, when one is wanted.
    pub(crate) fn new(wanted: bool) -> Self {
        Self { token: Mutex::new(wanted.then(token)) }
    }

    /// The token, for the machine's operator to read.
    pub(crate) fn shown(&self) -> Option<String> {
        let token = self.token.lock().expect("nobody panics while comparing");
        token.as_ref().map(|token| String::from_utf8_lossy(token).into_owned())
    }

    /// Takes the token away if this is it: then nobody else can use it, and whoever has it gives it back if it was for nothing.
    pub(crate) fn take(&self, given: &str) -> Option<Taken> {
        let mut token = self.token.lock().expect("nobody panics while comparing");
        if same((*token).as_ref()?, given.as_bytes()) { token.take().map(Taken) } else { None }
    }

    /// It was used for nothing and may be used again.
    pub(crate) fn give_back(&self, taken: Taken) {
        *self.token.lock().expect("nobody panics while comparing") = Some(taken.0);
    }
}

/// The token, in the hands of whoever uses it.
pub(crate) struct Taken([u8; 2 * BYTES]);

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Setup(…)")
    }
}

fn token() -> [u8; 2 * BYTES] {
    let bytes: [u8; BYTES] = rand::random();
    let mut hex = String::with_capacity(2 * BYTES);
    for byte in bytes {
        let _ = write!(hex, "{byte:02x}");
    }
    hex.as_bytes().try_into().expect("two digits a byte")
}

/// Whether both are the same, after looking at all of it whatever it is.
fn same(token: &[u8; 2 * BYTES], given: &[u8]) -> bool {
    if given.len() != token.len() {
        return false; // How long a token is, is no secret.
    }
    let differ = token.iter().zip(given).fold(0u8, |differ, (a, b)| std::hint::black_box(differ | (a ^ b)));
    differ == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_used_once_and_nothing_else_is_it() {
        let setup = Setup::new(true);
        let token = setup.shown().unwrap();
        assert_eq!(token.len(), 64);
        for wrong in [
            "",
            "x",
            &token[1..],
            &format!("{token}0"),
            &token.replace(['0', '1', '2', '3'], "g"),
            &"0".repeat(64),
        ] {
            assert!(setup.take(wrong).is_none(), "{wrong}");
        }
        let taken = setup.take(&token).unwrap();
        assert!(setup.take(&token).is_none() && setup.shown().is_none());
        setup.give_back(taken);
        assert!(setup.take(&token).is_some());
        assert!(!format!("{setup:?}").contains(&token));
        assert!(Setup::new(false).shown().is_none());
    }
}

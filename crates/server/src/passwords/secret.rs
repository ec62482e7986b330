//! A password in memory: shown to nobody, wiped when it is let go. Knows no hash.

use std::fmt;
use zeroize::Zeroizing;

/// Bytes a password must have, unless the configuration says otherwise.
pub const PASSWORD_MIN: usize = 6;
/// Bytes a password may have.
pub const PASSWORD_MAX: usize = 512;

/// A password.
pub struct Secret(Zeroizing<String>);

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    /// Too short to be a secret.
    #[error("a password has at least {0} bytes")]
    TooShort(usize),
    /// Longer than anybody types.
    #[error("a password has at most {PASSWORD_MAX} bytes")]
    TooLong,
    /// Something that cannot be typed everywhere.
    #[error("a password has no control characters")]
    Control,
    /// What everybody would try first.
    #[error("a password is not the name")]
    IsName,
}

impl Secret {
    /// Takes a password over. Copies made of it before are not wiped.
    #[must_use]
    pub fn new(password: String) -> Self {
        Self(Zeroizing::new(password))
    }

    /// Whether it may be the password of a user of this name; `shortest` is how many bytes it must have.
    pub fn check(&self, name: &str, shortest: usize) -> Result<(), BadPassword> {
        let text = self.0.as_str();
        // Compared letter by letter, so that no copy of it stays behind.
        let folded = |text: &str, other: &str| {
            text.chars().flat_map(char::to_lowercase).eq(other.chars().flat_map(char::to_lowercase))
        };
        match text.len() {
            n if n < shortest => Err(BadPassword::TooShort(shortest)),
            n if n > PASSWORD_MAX => Err(BadPassword::TooLong),
            _ if text.chars().any(char::is_control) => Err(BadPassword::Control),
            _ if folded(text, name) => Err(BadPassword::IsName),
            _ => Ok(()),
        }
    }

    pub(super) fn text(&self) -> &str {
        self.0.as_str()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), BadPassword> {
        Secret::new(password.into()).check("Sebastian", PASSWORD_MIN)
    }

    #[test]
    fn passwords_at_their_limits() {
        assert_eq!(check(&"p".repeat(PASSWORD_MIN - 1)), Err(BadPassword::TooShort(PASSWORD_MIN)));
        assert_eq!(check(&"p".repeat(PASSWORD_MIN)), Ok(()));
        assert_eq!(check(&"p".repeat(PASSWORD_MAX)), Ok(()));
        assert_eq!(check(&"p".repeat(PASSWORD_MAX + 1)), Err(BadPassword::TooLong));
        assert_eq!(check("пароль"), Ok(()), "six letters, twelve bytes");
    }

    #[test]
    fn what_cannot_be_typed_or_stands_on_the_door_is_refused() {
        for bad in ["pass\u{7}word", "pass\nword", "password\u{85}"] {
            assert_eq!(check(bad), Err(BadPassword::Control), "{bad:?}");
        }
        assert_eq!(check("sebaSTIAN"), Err(BadPassword::IsName));
        assert_eq!(check("sebastian1"), Ok(()));
    }

    #[test]
    fn it_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new("hunter42hunter42".into())), "Secret(…)");
    }
}

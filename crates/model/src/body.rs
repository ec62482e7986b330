//! What a message says: bounded text. Knows nothing of who may read it.

use std::fmt;
use std::sync::Arc;

/// Bytes of UTF-8 a message's body may have.
pub const BODY_MAX: usize = 4096;

/// A message's text: not empty, at most [`BODY_MAX`] bytes, of one line or more, without other control characters; or gone
/// for good.
#[derive(Clone, PartialEq, Eq)]
pub struct Body(Option<Arc<str>>);

/// Why a text cannot be a body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBody {
    /// There is nothing in it.
    #[error("an empty message")]
    Empty,
    /// More than [`BODY_MAX`] bytes.
    #[error("a message has at most {BODY_MAX} bytes")]
    TooLong,
    /// A control character, which codecs replace before.
    #[error("control characters are not allowed in a message")]
    Control,
}

impl Body {
    /// Checks a text.
    pub fn parse(text: &str) -> Result<Self, BadBody> {
        if text.is_empty() {
            return Err(BadBody::Empty);
        }
        if text.len() > BODY_MAX {
            return Err(BadBody::TooLong);
        }
        if text.chars().any(|c| c.is_control() && c != '\n') {
            return Err(BadBody::Control);
        }
        Ok(Self(Some(text.into())))
    }

    /// What is left of a text that was redacted.
    #[must_use]
    pub fn redacted() -> Self {
        Self(None)
    }

    /// Whether the text is gone.
    #[must_use]
    pub fn is_redacted(&self) -> bool {
        self.0.is_none()
    }

    /// The text; nothing when it was redacted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

/// Hides the text: bodies never reach a log.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.as_str().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_refused_at_limit_plus_one_and_with_controls() {
        assert!(Body::parse(&"x".repeat(BODY_MAX)).is_ok());
        assert_eq!(Body::parse(&"x".repeat(BODY_MAX + 1)), Err(BadBody::TooLong));
        assert_eq!(Body::parse(""), Err(BadBody::Empty));
        assert_eq!(Body::parse("a\nb").unwrap().as_str(), "a\nb");
        for bad in ["a\rb", "a\u{1b}[2J", "a\0", "a\u{85}"] {
            assert_eq!(Body::parse(bad), Err(BadBody::Control));
        }
    }

    #[test]
    fn debug_hides_the_text() {
        assert_eq!(format!("{:?}", Body::parse("secret").unwrap()), "Body(6 bytes)");
    }
}

//! The answer to the prompt: a name, or a way back to one. Never judges a name.

use super::{id, words};

/// What the first line of a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login<'a> {
    /// An empty line: a made-up name, please.
    Guest,
    /// To be called this. Whether it is a good name is the model's to say.
    Name(&'a str),
    /// To be this user again.
    Reconnect {
        /// The name, not judged yet.
        user: &'a str,
        /// What shall prove it.
        token: [u8; 16],
    },
    /// To be a user again, by something that cannot be a token: answered as a wrong one.
    BadToken,
    /// Begins `reconnect:` and goes on otherwise than `<username>:<token>`.
    MalformedReconnect,
}

/// Reads the answer to the prompt.
pub fn login(line: &str) -> Login<'_> {
    let line = line.trim();
    if line.is_empty() {
        return Login::Guest;
    }
    let Some(claim) = line.strip_prefix(words::RECONNECT) else {
        return Login::Name(line);
    };
    match claim.split_once(':').map(|(user, token)| (user.trim(), token.trim())) {
        None | Some(("", _)) => Login::MalformedReconnect,
        Some((_, token)) if token.contains(':') => Login::MalformedReconnect,
        Some((user, token)) => {
            id::parse_hex(token).map_or(Login::BadToken, |token| Login::Reconnect { user, token })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_to_the_prompt() {
        let token = [0xab; 16];
        let good = format!("reconnect:alice:{}", id::Hex(token));
        for (line, expected) in [
            ("", Login::Guest),
            ("  ", Login::Guest),
            ("alice", Login::Name("alice")),
            (" alice ", Login::Name("alice")),
            ("two words", Login::Name("two words")),
            ("reconnect", Login::Name("reconnect")),
            (&good, Login::Reconnect { user: "alice", token }),
            (
                &good.to_uppercase().replace("RECONNECT", "reconnect"),
                Login::Reconnect { user: "ALICE", token },
            ),
            ("reconnect:alice:nonsense", Login::BadToken),
            ("reconnect:alice:", Login::BadToken),
            ("reconnect:", Login::MalformedReconnect),
            ("reconnect:alice", Login::MalformedReconnect),
            ("reconnect::0", Login::MalformedReconnect),
            (&format!("{good}:more"), Login::MalformedReconnect),
        ] {
            assert_eq!(login(line), expected, "{line:?}");
        }
    }
}

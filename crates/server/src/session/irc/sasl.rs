//! Logging in by SASL, step by step (IRCv3 sasl, RFC 4616). Decides nothing of who may.

use crate::passwords::Secret;
use base64::Engine as _;
use chatroom_model::Name;
use chatroom_wire::irc::reply::{numeric as add, numeric::*};

/// Bytes of base64 one AUTHENTICATE may carry (IRCv3 sasl).
const CHUNK: usize = 400;
/// Bytes of base64 a whole response may have.
const RESPONSE: usize = 4 * CHUNK;

/// Where a login stands.
#[derive(Debug, Default)]
pub(super) struct Sasl {
    plain: bool,
    response: String,
}

/// What a step of a login comes to.
pub(super) enum Step {
    /// More is to come.
    More,
    /// A name and a password.
    Try(Name, Secret),
}

impl Sasl {
    /// Takes what AUTHENTICATE carries; what there is to say is added.
    pub(super) fn take(&mut self, out: &mut String, server: &str, nick: &str, word: &str) -> Step {
        if !self.plain {
            match word.to_ascii_uppercase().as_str() {
                "PLAIN" => {
                    self.plain = true;
                    out.push_str("AUTHENTICATE +\r\n");
                }
                "*" => add(out, server, ERR_SASLABORTED, nick, &["SASL authentication aborted"]),
                _ => {
                    add(out, server, RPL_SASLMECHS, nick, &["PLAIN", "are available SASL mechanisms"]);
                    add(out, server, ERR_SASLFAIL, nick, &["SASL authentication failed"]);
                }
            }
            return Step::More;
        }
        if word == "*" {
            *self = Self::default();
            add(out, server, ERR_SASLABORTED, nick, &["SASL authentication aborted"]);
            return Step::More;
        }
        if word.len() > CHUNK || self.response.len() + word.len() > RESPONSE {
            *self = Self::default();
            add(out, server, ERR_SASLTOOLONG, nick, &["SASL message too long"]);
            return Step::More;
        }
        if word != "+" {
            self.response.push_str(word);
            if word.len() == CHUNK {
                return Step::More;
            }
        }
        let response = std::mem::take(self).response;
        match plain(&response) {
            Some((name, secret)) => Step::Try(name, secret),
            None => {
                add(out, server, ERR_SASLFAIL, nick, &["SASL authentication failed"]);
                Step::More
            }
        }
    }
}

/// The name and password of a PLAIN response (RFC 4616): `authzid NUL authcid NUL passwd`.
fn plain(response: &str) -> Option<(Name, Secret)> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(response).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let mut parts = text.splitn(3, '\0');
    let (authzid, authcid, password) = (parts.next()?, parts.next()?, parts.next()?);
    if !authzid.is_empty() && authzid != authcid {
        return None;
    }
    Some((Name::parse(authcid).ok()?, Secret::new(password.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_refused_at_limit_plus_one() {
        let chunk = "A".repeat(CHUNK);
        for (word, code) in [(chunk.clone() + "A", "905"), ("*".into(), "906"), ("!".into(), "904")] {
            let (mut sasl, mut out) = (Sasl::default(), String::new());
            sasl.take(&mut out, "s", "n", "PLAIN");
            assert_eq!(out, "AUTHENTICATE +\r\n");
            sasl.take(&mut out, "s", "n", &word);
            assert!(out.contains(code), "{out}");
        }
        let (mut sasl, mut out) = (Sasl::default(), String::new());
        sasl.take(&mut out, "s", "n", "PLAIN");
        for _ in 0..RESPONSE / CHUNK {
            sasl.take(&mut out, "s", "n", &chunk);
        }
        assert_eq!(out, "AUTHENTICATE +\r\n", "as long as it may be");
        sasl.take(&mut out, "s", "n", "A");
        assert!(out.contains("905"), "{out}");
    }

    #[test]
    fn a_plain_response_is_a_name_and_a_password() {
        let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        assert!(plain(&encode("\0ann\0secret")).is_some_and(|(name, _)| name.as_str() == "ann"));
        assert!(plain(&encode("ann\0ann\0secret")).is_some());
        for bad in ["", "\0ann", "bob\0ann\0secret", "\0a b\0secret"] {
            assert!(plain(&encode(bad)).is_none(), "{bad:?}");
        }
        assert!(plain("not base64!").is_none());
    }
}

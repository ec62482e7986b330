//! Logging in by SASL, step by step (IRCv3 sasl; PLAIN, RFC 4616, and SCRAM-SHA-256, RFC 7677). Decides nothing of who may.

use crate::passwords::scram::{Challenge, ClientFirst};
use crate::passwords::{Secret, Verifier};
use crate::sequencer::Sequencer;
use crate::session::prove;
use crate::shard::Shard;
use base64::Engine as _;
use chatroom_model::Name;
use chatroom_wire::irc::reply::{numeric as add, numeric::*};
use std::net::IpAddr;

/// Bytes of base64 one AUTHENTICATE may carry (IRCv3 sasl).
const CHUNK: usize = 400;
/// Bytes of base64 a whole response may have.
const RESPONSE: usize = 4 * CHUNK;

/// The ways of logging in that there are.
pub(super) const MECHANISMS: &str = "PLAIN,SCRAM-SHA-256";

/// Where a login stands.
#[derive(Debug, Default)]
pub(super) struct Sasl {
    mechanism: Option<Mechanism>,
    response: String,
}

/// A way of logging in, and how far it has come.
#[derive(Debug)]
enum Mechanism {
    /// A name and a password are due (RFC 4616).
    Plain,
    /// It is due who it is (RFC 5802).
    Scram,
    /// What is kept of the password is being looked up.
    Asked(Name, ClientFirst),
    /// The proof is due; with what the name was found to hold, if anything.
    Challenged(Name, Challenge, Option<String>),
    /// The proof was right, and the client has been told.
    Proven(Name, String),
}

/// What a step of a login comes to.
enum Step {
    /// More is to come.
    More,
    /// A name and a password.
    Try(Name, Secret),
    /// What is kept of this name's password is asked for.
    Find(Name),
    /// The hash that was found for this name is right.
    Proven(Name, String),
}

/// Goes on with a login by what AUTHENTICATE carries, and says what there is to say; whoever is proven, with the hash that the
/// proof is right for.
pub(super) async fn go_on<S: Sequencer>(
    shard: &Shard<S>,
    address: IpAddr,
    sasl: &mut Sasl,
    (out, server, nick): (&mut String, &str, &str),
    word: &str,
) -> Option<(Name, String)> {
    let failed = |out: &mut String, why: String| {
        add(out, server, ERR_SASLFAIL, nick, &[&format!("SASL authentication failed: {why}")]);
        None
    };
    match sasl.take(out, server, nick, word) {
        Step::More => None,
        Step::Try(name, secret) => match prove::prove(&shard.shared, address, &name, secret).await {
            Ok(phc) => Some((name, phc)),
            Err(why) => failed(out, why.to_string()),
        },
        Step::Find(name) => match prove::verifier(&shard.shared, address, &name).await {
            Ok((verifier, phc)) => {
                sasl.found(out, verifier, phc);
                None
            }
            Err(why) => {
                *sasl = Sasl::default();
                failed(out, why.to_string())
            }
        },
        Step::Proven(name, phc) => {
            shard.shared.limits.succeeded(address, name.key());
            Some((name, phc))
        }
    }
}

impl Sasl {
    /// Takes what AUTHENTICATE carries; what there is to say is added.
    fn take(&mut self, out: &mut String, server: &str, nick: &str, word: &str) -> Step {
        if self.mechanism.is_none() {
            self.mechanism = match word.to_ascii_uppercase().as_str() {
                "PLAIN" => Some(Mechanism::Plain),
                "SCRAM-SHA-256" => Some(Mechanism::Scram),
                _ => None,
            };
            if self.mechanism.is_some() {
                out.push_str("AUTHENTICATE +\r\n");
            } else if word == "*" {
                add(out, server, ERR_SASLABORTED, nick, &["SASL authentication aborted"]);
            } else {
                add(out, server, RPL_SASLMECHS, nick, &[MECHANISMS, "are available SASL mechanisms"]);
                add(out, server, ERR_SASLFAIL, nick, &["SASL authentication failed"]);
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
        let whole = std::mem::take(self);
        match self.next(out, whole) {
            Some(step) => step,
            None => {
                *self = Self::default();
                add(out, server, ERR_SASLFAIL, nick, &["SASL authentication failed"]);
                Step::More
            }
        }
    }

    /// What a whole response comes to; nothing where it is none.
    fn next(&mut self, out: &mut String, Self { mechanism, response }: Self) -> Option<Step> {
        match mechanism? {
            Mechanism::Plain => plain(&response).map(|(name, secret)| Step::Try(name, secret)),
            Mechanism::Scram => {
                let first = ClientFirst::parse(&decoded(&response)?)?;
                let name = Name::parse(&first.user).ok()?;
                self.mechanism = Some(Mechanism::Asked(name.clone(), first));
                Some(Step::Find(name))
            }
            Mechanism::Challenged(name, challenge, phc) => {
                let last = challenge.finish(&decoded(&response)?)?;
                self.mechanism = Some(Mechanism::Proven(name, phc?));
                say(out, &last);
                Some(Step::More)
            }
            Mechanism::Proven(name, phc) if response.is_empty() => Some(Step::Proven(name, phc)),
            Mechanism::Proven(..) | Mechanism::Asked(..) => None,
        }
    }

    /// What was asked for was found, or stands for what there is not.
    fn found(&mut self, out: &mut String, verifier: Verifier, phc: Option<String>) {
        let Some(Mechanism::Asked(name, first)) = self.mechanism.take() else { return };
        let (text, challenge) = first.challenge(verifier);
        self.mechanism = Some(Mechanism::Challenged(name, challenge, phc));
        say(out, &text);
    }
}

/// Says something to a client, in as many pieces as it needs.
fn say(out: &mut String, text: &str) {
    let encoded = base64::engine::general_purpose::STANDARD.encode(text);
    for piece in encoded.as_bytes().chunks(CHUNK) {
        out.extend(["AUTHENTICATE ", &String::from_utf8_lossy(piece), "\r\n"]);
    }
    if encoded.len().is_multiple_of(CHUNK) {
        out.push_str("AUTHENTICATE +\r\n");
    }
}

fn decoded(response: &str) -> Option<String> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(response).ok()?;
    String::from_utf8(bytes).ok()
}

/// The name and password of a PLAIN response (RFC 4616): `authzid NUL authcid NUL passwd`.
fn plain(response: &str) -> Option<(Name, Secret)> {
    let text = decoded(response)?;
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

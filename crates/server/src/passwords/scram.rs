//! SCRAM-SHA-256 (RFC 5802, RFC 7677): what is kept of a password for it, and the server's side of a login. Knows no user.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::ConstantTimeEq as _;

/// Fewer rounds than RFC 7677 allows are no defence.
pub const ROUNDS_MIN: u32 = 4096;
/// More would keep a client busy for seconds.
pub const ROUNDS_MAX: u32 = 4_000_000;
/// Bytes of a message of a client; a nonce and a proof have about a hundred.
const MESSAGE_MAX: usize = 1024;
/// Before what is kept.
const NAME: &str = "SCRAM-SHA-256$";

/// What is kept of a password: enough to check a proof, not enough to make one.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    rounds: u32,
    salt: Vec<u8>,
    stored: [u8; 32],
    server: [u8; 32],
}

impl Verifier {
    /// Makes one; this takes as long as the rounds are many.
    #[must_use]
    pub(super) fn make(password: &str, rounds: u32) -> Self {
        let salt: [u8; 16] = rand::random();
        // What cannot be prepared is taken as it is, by clients too (RFC 5802, section 5.1).
        let prepared = stringprep::saslprep(password).unwrap_or(password.into());
        let mut salted = [0; 32];
        pbkdf2::pbkdf2_hmac::<Sha256>(prepared.as_bytes(), &salt, rounds, &mut salted);
        let stored = Sha256::digest(mac(&salted, b"Client Key")).into();
        Self { rounds, salt: salt.into(), stored, server: mac(&salted, b"Server Key") }
    }

    /// One that no password is known for: the same each time for the same name, so that nobody learns who is registered.
    #[must_use]
    pub(super) fn of_nobody(secret: &[u8; 32], name: &str, rounds: u32) -> Self {
        let salt = mac(secret, name.as_bytes())[..16].to_vec();
        Self { rounds, salt, stored: mac(secret, b"stored"), server: mac(secret, b"server") }
    }

    /// Reads what [`fmt::Display`] writes, the form of RFC 5803.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (first, keys) = text.strip_prefix(NAME)?.split_once('$')?;
        let (rounds, salt) = first.split_once(':')?;
        let (stored, server) = keys.split_once(':')?;
        let key = |text: &str| STANDARD.decode(text).ok()?.try_into().ok();
        let rounds = rounds.parse().ok().filter(|rounds| (ROUNDS_MIN..=ROUNDS_MAX).contains(rounds))?;
        let salt = STANDARD.decode(salt).ok().filter(|salt| (8..=64).contains(&salt.len()))?;
        Some(Self { rounds, salt, stored: key(stored)?, server: key(server)? })
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (salt, stored) = (STANDARD.encode(&self.salt), STANDARD.encode(self.stored));
        write!(f, "{NAME}{}:{salt}${stored}:{}", self.rounds, STANDARD.encode(self.server))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(…)")
    }
}

fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// What a client said first: who it is, and its part of the nonce.
#[derive(Debug)]
pub(crate) struct ClientFirst {
    /// The user, as it was sent.
    pub(crate) user: String,
    header: String,
    bare: String,
    nonce: String,
}

impl ClientFirst {
    /// Reads `n,[a=authzid],n=user,r=nonce`; none where channel binding is asked for, or another user is to be acted for.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > MESSAGE_MAX {
            return None;
        }
        let mut parts = text.splitn(3, ',');
        let (binding, authzid, bare) = (parts.next()?, parts.next()?, parts.next()?);
        if !matches!(binding, "n" | "y") {
            return None;
        }
        let mut fields = bare.split(',');
        let user = name(fields.next()?.strip_prefix("n=")?)?;
        let nonce = fields.next()?.strip_prefix("r=")?;
        let printable = |c: char| c.is_ascii_graphic() && c != ',';
        if nonce.is_empty() || !nonce.chars().all(printable) {
            return None;
        }
        if !authzid.is_empty() && authzid.strip_prefix("a=").and_then(name)? != user {
            return None;
        }
        let header = format!("{binding},{authzid},");
        Some(Self { user, header, bare: bare.to_owned(), nonce: nonce.to_owned() })
    }

    /// What the server says to it; the exchange goes on with what was made of it.
    #[must_use]
    pub(crate) fn challenge(self, verifier: Verifier) -> (String, Challenge) {
        let own: [u8; 18] = rand::random();
        let nonce = format!("{}{}", self.nonce, STANDARD.encode(own));
        let first = format!("r={nonce},s={},i={}", STANDARD.encode(&verifier.salt), verifier.rounds);
        let begun = format!("{},{first}", self.bare);
        (first, Challenge { header: self.header, nonce, begun, verifier })
    }
}

/// A user name, in which `=2C` is a comma and `=3D` an equals sign (RFC 5802, section 5.1).
fn name(text: &str) -> Option<String> {
    let read = text.replace("=2C", ",").replace("=3D", "=");
    let escapes = text.matches('=').count();
    let known = text.matches("=2C").count() + text.matches("=3D").count();
    (escapes == known && !text.is_empty()).then_some(read)
}

/// An exchange in which the client's proof is due.
#[derive(Debug)]
pub(crate) struct Challenge {
    header: String,
    nonce: String,
    begun: String,
    verifier: Verifier,
}

impl Challenge {
    /// What the server says to the client's last message, `c=…,r=nonce,p=proof`, where the proof is right.
    #[must_use]
    pub(crate) fn finish(&self, text: &str) -> Option<String> {
        if text.len() > MESSAGE_MAX {
            return None;
        }
        let (without, proof) = text.rsplit_once(",p=")?;
        let mut fields = without.split(',');
        let header = STANDARD.decode(fields.next()?.strip_prefix("c=")?).ok()?;
        if header != self.header.as_bytes() || fields.next()?.strip_prefix("r=")? != self.nonce {
            return None;
        }
        let message = format!("{},{without}", self.begun);
        let signature = mac(&self.verifier.stored, message.as_bytes());
        let proof: [u8; 32] = STANDARD.decode(proof).ok()?.try_into().ok()?;
        let key: Vec<u8> = proof.iter().zip(signature).map(|(a, b)| a ^ b).collect();
        let stored: [u8; 32] = Sha256::digest(&key).into();
        let right = bool::from(stored.ct_eq(&self.verifier.stored));
        right.then(|| format!("v={}", STANDARD.encode(mac(&self.verifier.server, message.as_bytes()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7677, section 3.
    #[test]
    fn the_example_of_the_rfc() {
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let mut salted = [0; 32];
        pbkdf2::pbkdf2_hmac::<Sha256>(b"pencil", &salt, 4096, &mut salted);
        let stored = Sha256::digest(mac(&salted, b"Client Key")).into();
        let verifier = Verifier { rounds: 4096, salt, stored, server: mac(&salted, b"Server Key") };
        let first = ClientFirst::parse("n,,n=user,r=rOprNGfwEbeRWgbNEkqO").unwrap();
        assert_eq!(first.user, "user");
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let server = format!("r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        let begun = format!("{},{server}", first.bare);
        let challenge = Challenge { header: first.header, nonce: nonce.into(), begun, verifier };
        let last = format!("c=biws,r={nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        assert_eq!(challenge.finish(&last).unwrap(), "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
        let wrong = last.replace("p=d", "p=e");
        assert_eq!(challenge.finish(&wrong), None);
        assert_eq!(challenge.finish(&last.replace("biws", "eSws")), None, "another header");
    }

    #[test]
    fn a_verifier_reads_back_and_is_refused_out_of_bounds() {
        let verifier = Verifier::make("secret", ROUNDS_MIN);
        let text = verifier.to_string();
        assert_eq!(Verifier::parse(&text), Some(verifier));
        for bad in [
            text.replace("4096", "4095"),
            text.replace("4096", "4000001"),
            text.replace("SCRAM", "scram"),
            text[..text.len() - 4].to_owned(),
        ] {
            assert_eq!(Verifier::parse(&bad), None, "{bad}");
        }
        let nobody = |name| Verifier::of_nobody(&[7; 32], name, ROUNDS_MIN).to_string();
        assert_eq!(nobody("ann"), nobody("ann"));
        assert_ne!(nobody("ann"), nobody("bob"));
    }

    #[test]
    fn what_a_client_says_first_is_bounded() {
        let long = |n: usize| format!("n,,n=user,r={}", "x".repeat(n - 12));
        assert!(ClientFirst::parse(&long(MESSAGE_MAX)).is_some());
        assert!(ClientFirst::parse(&long(MESSAGE_MAX + 1)).is_none());
        assert_eq!(ClientFirst::parse("y,a=a=2Cb,n=a=2Cb,r=x").unwrap().user, "a,b");
        for bad in [
            "",
            "n,,",
            "p=tls-unique,,n=user,r=x",
            "n,,n=user,r=",
            "n,,n=,r=x",
            "n,,n=a=2,r=x",
            "n,a=bob,n=user,r=x",
            "n,,m=ext,n=user,r=x",
        ] {
            assert!(ClientFirst::parse(bad).is_none(), "{bad}");
        }
    }
}

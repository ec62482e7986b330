//! A password's hash as it is stored: a PHC string, of Argon2id and within bounds, and what SCRAM checks by behind it.
//! Knows no password.

use super::cost::Cost;
use super::scram::Verifier;
use argon2::password_hash::phc::{Output, ParamsString, Salt};
use argon2::{ARGON2ID_IDENT, Params, PasswordHash, Version};
use std::fmt;

/// Bytes of a PHC string; one of ours has about a hundred.
const PHC_MAX: usize = 400;
/// Bytes a hash must have: with fewer a wrong password might be right.
const HASH_MIN: usize = 16;

/// A hash, as `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`, or with ` SCRAM-SHA-256$rounds:salt$stored:server` behind it.
#[derive(Clone, PartialEq, Eq)]
pub struct Phc(Box<str>);

/// A text that is no hash we would check a password against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an Argon2id hash of a cost within bounds")]
pub struct BadPhc;

impl Phc {
    /// Reads a stored hash; one that costs too much to check is refused.
    pub fn parse(text: &str) -> Result<Self, BadPhc> {
        if text.len() > PHC_MAX {
            return Err(BadPhc);
        }
        let (first, verifier) =
            text.split_once(' ').map_or((text, None), |(first, rest)| (first, Some(rest)));
        if verifier.is_some_and(|text| Verifier::parse(text).is_none()) {
            return Err(BadPhc);
        }
        let hash = PasswordHash::new(first).map_err(|_| BadPhc)?;
        let salted = hash.salt.is_some_and(|salt| salt.len() >= argon2::MIN_SALT_LEN);
        let version = hash.version == Some(Version::V0x13.into());
        let whole = hash.hash.is_some_and(|hash| hash.len() >= HASH_MIN);
        let sound = hash.algorithm == ARGON2ID_IDENT && version && salted && whole;
        if sound && cost(&hash).is_some() { Ok(Self(text.into())) } else { Err(BadPhc) }
    }

    /// The string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A hash that no password is known for, at a cost; it is made without paying it.
    pub(super) fn of_nobody(at: Cost) -> Self {
        let params = ParamsString::try_from(&at.params()).expect("a cost is three numbers");
        Self::from(&PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params,
            salt: Some(Salt::new(&rand::random::<[u8; 16]>()).expect("16 bytes are a salt")),
            hash: Some(Output::new(&rand::random::<[u8; 32]>()).expect("32 bytes are a hash")),
        })
    }

    pub(super) fn read(&self) -> PasswordHash {
        let first = self.0.split(' ').next().unwrap_or_default();
        PasswordHash::new(first).expect("what was parsed once can be parsed again")
    }

    /// The same with what SCRAM checks by.
    pub(super) fn with(self, verifier: Option<&Verifier>) -> Self {
        match verifier {
            Some(verifier) => Self(format!("{} {verifier}", self.0).into()),
            None => self,
        }
    }

    /// What SCRAM checks by, where it is kept.
    pub(super) fn verifier(&self) -> Option<Verifier> {
        Verifier::parse(self.0.split_once(' ')?.1)
    }

    pub(super) fn cost(&self) -> Option<Cost> {
        cost(&self.read())
    }
}

fn cost(hash: &PasswordHash) -> Option<Cost> {
    Cost::of(&Params::try_from(hash).ok()?)
}

impl From<&PasswordHash> for Phc {
    fn from(hash: &PasswordHash) -> Self {
        Self(hash.to_string().into())
    }
}

impl fmt::Debug for Phc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phc(…)")
    }
}

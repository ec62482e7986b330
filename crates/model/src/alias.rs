//! A name of somebody elsewhere, for whom a bridge speaks: `smt/discord`. Nobody here can be called so.

use crate::Name;
use crate::name::{BadName, NAME_CHARS};
use compact_str::CompactString;

/// Somebody of another network: who, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias(CompactString);

impl Alias {
    /// Checks a text: two names with a `/` between them, together no longer than a name may be.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let (who, network) = text.split_once('/').ok_or(BadName::Reserved('/'))?;
        if text.chars().count() > NAME_CHARS {
            return Err(BadName::TooLong);
        }
        Name::parse(who)?;
        Name::parse(network)?;
        Ok(Self(text.into()))
    }

    /// One read back from the log: it was checked, under the rules of its day, when it was written.
    #[must_use]
    pub fn kept(text: &str) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it stands before what is said.
    #[must_use]
    pub fn name(&self) -> Name {
        Name::kept(&self.0)
    }

    /// Whether a name is one of somebody elsewhere.
    #[must_use]
    pub fn is_one(name: &Name) -> bool {
        name.as_str().contains('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_two_names_and_no_longer_than_one() {
        let most = format!("{}/net", "a".repeat(NAME_CHARS - 4));
        for good in ["smt/discord", "Анна/матрикс", &most] {
            assert_eq!(Alias::parse(good).expect("two names").as_str(), good);
        }
        for bad in [
            "smt",
            "",
            "/",
            "smt/",
            "/discord",
            "a/b/c",
            "a!b/c",
            "a b/c",
            "#a/b",
            "a/b:c",
            "system/discord",
            &format!("a{most}"),
        ] {
            assert!(Alias::parse(bad).is_err(), "{bad}");
        }
        assert!(Alias::is_one(&Alias::parse("smt/discord").expect("two names").name()));
        assert!(Name::parse("smt/discord").is_err(), "nobody here is called so");
    }
}

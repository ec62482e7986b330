//! Whom a ban meets, as IRC writes it: `nick!user@host`, where the host is the user's number. Decides nothing.

use chatroom_model::{BadMask, Mask, Name, UserId};

/// The host that stands for a user: nobody learns where somebody is connected from, and a mask of it meets that user alone.
#[must_use]
pub fn host(user: UserId) -> String {
    format!("u{}", user.0)
}

/// The user a host stands for.
#[must_use]
pub fn user(host: &str) -> Option<UserId> {
    let digits = host.strip_prefix(['u', 'U'])?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain { digits.parse().ok().map(UserId) } else { None }
}

/// Before the name of an account (IRCv3 account-extban: `ACCOUNTEXTBAN=a`).
const ACCOUNT: &str = "a:";
/// Before a mask that keeps from speaking and not from coming in (`EXTBAN=,m`).
pub const MUTE: &str = "m:";

/// Reads a mask as people write it on IRC: `bob`, `bob!*@*`, `sp*m!*@*`, `a:bob`, `*!*@u17`, `10.0.0.0/8`, `*!*@10.0.0.0/8`.
pub fn parse(text: &str) -> Result<Mask, BadMask> {
    if let Some(account) = text.strip_prefix(ACCOUNT).or_else(|| text.strip_prefix("A:")) {
        return Name::parse(account).map(|name| Mask::Registered(name.key().to_owned())).map_err(|_| BadMask);
    }
    let (nick, rest) = match text.split_once('!') {
        Some((nick, rest)) => (nick, rest),
        // `user@host` without a nick, or a nick alone.
        None if text.contains('@') => ("*", text),
        None => return Mask::parse(text),
    };
    let (word, host) = rest.split_once('@').unwrap_or((rest, "*"));
    match (nick, word, host) {
        (_, _, host) if user(host).is_some() => Ok(Mask::Account(user(host).ok_or(BadMask)?)),
        ("*", _, host) if host != "*" => match Mask::parse(host)? {
            mask @ Mask::Address { .. } => Ok(mask),
            _ => Err(BadMask),
        },
        (nick, "*", "*") => Mask::parse(nick),
        ("*", user, "*") => Mask::parse(&format!("client:{}", user.strip_prefix('~').unwrap_or(user))),
        // One nick is one user, whatever comes after it.
        (nick, _, "*") if !nick.contains('*') => Mask::parse(nick),
        _ => Err(BadMask),
    }
}

/// A mask as IRC writes it.
#[must_use]
pub fn show(mask: &Mask) -> String {
    match mask {
        Mask::Name(pattern) => format!("{pattern}!*@*"),
        Mask::Account(user) => format!("*!*@{}", host(*user)),
        Mask::Registered(account) => format!("{ACCOUNT}{account}"),
        Mask::Client(user) => format!("*!~{user}@*"),
        Mask::Address { .. } => format!("*!*@{mask}"),
    }
}

/// Whether a text is what a pattern with `*` and `?` says, without regard to ASCII case.
#[must_use]
pub fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (
        pattern.chars().map(|c| c.to_ascii_lowercase()).collect(),
        text.chars().map(|c| c.to_ascii_lowercase()).collect(),
    );
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            back = Some((p, t));
            p += 1;
        } else if pattern.get(p).is_some_and(|c| *c == '?' || Some(c) == text.get(t)) {
            (p, t) = (p + 1, t + 1);
        } else if let Some((star, from)) = back {
            back = Some((star, from + 1));
            (p, t) = (star + 1, from + 1);
        } else {
            return false;
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

/// A name that somebody may mean by a nick; none where it cannot be one.
#[must_use]
pub fn name(nick: &str) -> Option<Name> {
    Name::parse(nick).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_read_back_and_a_host_is_its_user() {
        for (text, shown) in [
            ("Bob", "bob!*@*"),
            ("bob!*@*", "bob!*@*"),
            ("sp*m", "sp*m!*@*"),
            ("*!*@u17", "*!*@u17"),
            ("bob!~x@u17", "*!*@u17"),
            ("10.0.0.0/8", "*!*@10.0.0.0/8"),
            ("a:Bob", "a:bob"),
            ("A:bob", "a:bob"),
            ("*!~~web@*", "*!~~web@*"),
            ("*!~Web*@*", "*!~web*@*"),
            ("bob!~web@*", "bob!*@*"),
            ("*@10.0.0.0/8", "*!*@10.0.0.0/8"),
        ] {
            let mask = parse(text).unwrap();
            assert_eq!(show(&mask), shown, "{text}");
            assert_eq!(parse(shown), Ok(mask), "{shown}");
        }
        for bad in ["", "a b", "b*!x@*", "bob!*@example.org", "*!*@u", "a:", "a:b c", "x:*", "a:b*"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn globs() {
        for (pattern, text, met) in [
            ("*", "", true),
            ("a?c*", "ABCdef", true),
            ("a?c", "ac", false),
            ("*b*b", "abab", true),
            ("b*", "abab", false),
        ] {
            assert_eq!(glob(pattern, text), met, "{pattern} {text}");
        }
        assert!(!glob(&("*a".repeat(30) + "b"), &"a".repeat(4000)));
    }
}

//! Who asks: whoever holds the key that a request carries, in a header field or in a cookie.

use super::read;
use crate::limits;
use crate::sequencer::Sequencer;
use crate::shard::Shared;
use crate::web::Peer;
use crate::web::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chatroom_model::{Doer, KeyId, Millis, Refusal, Scopes, TokenHash, UserId};
use std::net::IpAddr;
use std::sync::Arc;

/// What a key begins with, so that people and programs that look for secrets know one.
const MARK: &str = "chatroom_";
/// The cookie a browser has its key in.
pub(super) const COOKIE: &str = "chatroom";
/// Random bytes of a key.
const BYTES: usize = 32;

/// Somebody who asks by a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    /// Whose key it is.
    pub(crate) user: UserId,
    /// Which.
    pub(crate) key: KeyId,
    /// What may be done by it.
    pub(crate) scopes: Scopes,
    /// From where they ask.
    pub(crate) address: IpAddr,
}

impl Caller {
    /// Who does what this call asks for.
    pub(super) fn doer(&self, call: u64) -> Doer {
        Doer::Key { key: self.key, user: self.user, call, address: Some(self.address) }
    }

    /// Whose limits it meets.
    pub(in crate::web) fn limits(&self) -> limits::Caller {
        limits::Caller { address: self.address, user: Some(self.user) }
    }

    /// Whether it may look.
    pub(in crate::web) fn may_read(&self) -> Result<(), Problem> {
        self.may(Scopes::READ)
    }

    /// Whether it is for something; what is decided in the one order is asked there.
    pub(super) fn may(&self, scopes: Scopes) -> Result<(), Problem> {
        if self.scopes.has(scopes) { Ok(()) } else { Err(Refusal::KeyScope.into()) }
    }
}

/// Somebody who only looks: by a key that is for it, and no more often than they may.
pub(super) struct Looks(pub(super) Caller);

impl<S: Sequencer> FromRequestParts<Arc<Shared<S>>> for Looks {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared<S>>) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, shared).await?;
        caller.may_read()?;
        super::admit(shared, caller.limits(), &[limits::Kind::Read])?;
        Ok(Self(caller))
    }
}

/// A new key: as its user has it, and its hash.
pub(super) fn make() -> (String, TokenHash) {
    let bytes: [u8; BYTES] = rand::random();
    (format!("{MARK}{}", URL_SAFE_NO_PAD.encode(bytes)), hash(&bytes))
}

fn hash(bytes: &[u8; BYTES]) -> TokenHash {
    TokenHash::of(bytes)
}

/// The hash of a key that a request carries; none where it carries none that can be one.
fn carried(headers: &HeaderMap) -> Option<TokenHash> {
    let named = headers.get(header::AUTHORIZATION).map(|value| {
        let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
    });
    let key = match named {
        Some(named) => named?,
        None => cookie(headers)?,
    };
    read_key(key)
}

/// The hash of a key as its user has it; none of what can be none.
pub(super) fn read_key(key: &str) -> Option<TokenHash> {
    let bytes = URL_SAFE_NO_PAD.decode(key.strip_prefix(MARK)?).ok()?;
    Some(hash(&bytes.try_into().ok()?))
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    })
}

impl<S: Sequencer> FromRequestParts<Arc<Shared<S>>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared<S>>) -> Result<Self, Problem> {
        // What comes over a stream is asked by whoever opened it.
        if let Some(caller) = parts.extensions.get::<Self>() {
            return Ok(*caller);
        }
        let Peer(address) = *parts.extensions.get().ok_or_else(Problem::unauthenticated)?;
        let hash = carried(&parts.headers).ok_or_else(Problem::unauthenticated)?;
        let held = read(shared, move |reader| reader.key(&hash)).await?;
        let good = |until: Option<Millis>| until.is_none_or(|until| crate::now() < until);
        let held = held.filter(|held| good(held.until)).ok_or_else(Problem::unauthenticated)?;
        Ok(Self { user: held.user, key: held.id, scopes: held.scopes, address })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn carries(field: header::HeaderName, value: &str) -> bool {
        carried(&HeaderMap::from_iter([(field, HeaderValue::from_str(value).unwrap())])).is_some()
    }

    #[test]
    fn a_key_is_carried_in_a_field_or_a_cookie() {
        let (key, kept) = make();
        let read = carried(&HeaderMap::from_iter([(
            header::AUTHORIZATION,
            HeaderValue::from_str(&format!("Bearer {key}")).unwrap(),
        )]));
        assert_eq!(read, Some(kept));
        assert!(carries(header::COOKIE, &format!("a=b; chatroom={key}; c=d")));
        for wrong in [
            format!("Basic {key}"),
            "Bearer".to_owned(),
            format!("Bearer {}", &key[MARK.len()..]),
            format!("Bearer {}", &key[..key.len() - 1]),
            format!("Bearer {key}A"),
            format!("Bearer {MARK}{}", "!".repeat(43)),
        ] {
            assert!(!carries(header::AUTHORIZATION, &wrong), "{wrong}");
        }
        assert!(!carries(header::COOKIE, &format!("xchatroom={key}")));
        assert_ne!(make().0, make().0);
    }
}

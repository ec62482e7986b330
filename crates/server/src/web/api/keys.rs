//! Coming in and going out by keys: guests, passwords, and keys for programs.

use super::path::{At, line, wanted};
use super::reply::{Body, DONE, Reply};
use super::schema::ScopeWord;
use super::view::{KeyView, UserView, days};
use super::whole::Whole;
use super::{Caller, Looks, State, act, admit, ask, caller, read, stranger};
use crate::limits::Kind;
use crate::passwords::Secret;
use crate::sequencer::Sequencer;
use crate::session::prove::{self, NotProven};
use crate::shard::Shared;
use crate::web::Peer;
use crate::web::problem::Problem;
use axum::Extension;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chatroom_model::{Deed, Doer, KeyId, Millis, Name, NewKey, Refusal, Request, Scopes, TokenHash};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use utoipa::ToSchema;

/// Days a browser stays logged in.
const BROWSER_DAYS: u32 = 90;

/// How somebody comes in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Coming {
    #[schema(min_length = 1)]
    name: String,
    password: Option<String>,
    #[serde(default)]
    register: bool,
    #[serde(default)]
    cookie: bool,
    label: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Came {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    id: u64,
    user: UserView,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Keys {
    keys: Vec<KeyView>,
}

/// A key for a program.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    pub(super) label: String,
    #[schema(value_type = Vec<ScopeWord>, min_items = 1)]
    scopes: Vec<String>,
    #[schema(value_type = Option<u32>)]
    days: Option<Whole<u32>>,
}

impl Wanted {
    /// What the key is to be for.
    pub(super) fn scopes(&self) -> Result<Scopes, Problem> {
        let mut scopes = Scopes::default();
        for word in &self.scopes {
            scopes = scopes.and(super::path::word(word, "scope", Scopes::read)?);
        }
        if scopes == Scopes::default() {
            return Err(Problem::bad_request("A key is for something: read, write, moderate or manage"));
        }
        Ok(scopes)
    }

    /// When it is to end by itself.
    pub(super) fn until(&self) -> Option<Millis> {
        self.days.map(|Whole(number)| days(number))
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct NewToken {
    pub(super) key: String,
    pub(super) id: u64,
}

/// Comes in: as a guest, by a password, or as somebody who keeps the name for good.
#[utoipa::path(post, path = "/sessions", security(()), request_body = Coming,
    responses((status = 201, body = Came, headers(("Set-Cookie" = String, description = "Where a cookie is asked for")))))]
pub(super) async fn come<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Extension(Peer(address)): Extension<Peer>,
    Body(coming): Body<Coming>,
) -> Result<Response, Problem> {
    let name = wanted(&coming.name)?;
    let (key, hash) = caller::make();
    let label = line(coming.label.as_deref().unwrap_or("browser"));
    let new = NewKey { hash, label, scopes: Scopes::ALL, until: Some(days(BROWSER_DAYS)), room: None };
    let deed = match (coming.password.map(Secret::new), coming.register) {
        (None, true) => {
            let why = "To register takes a password";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "weak-password", why));
        }
        (None, false) => {
            admit(&shared, stranger(address), &[Kind::Login])?;
            Deed::Come { name, key: new, phc: None }
        }
        (Some(secret), true) => {
            admit(&shared, stranger(address), &[Kind::Register])?;
            let phc = Some(hashed(&shared, &name, secret).await?);
            Deed::Come { name, key: new, phc }
        }
        (Some(secret), false) => {
            let phc = prove::prove(&shared, address, &name, secret).await?;
            Deed::LogIn { name, phc, key: new }
        }
    };
    came(&shared, address, deed, (key, hash), coming.cookie).await
}

async fn came<S: Sequencer>(
    shared: &Shared<S>,
    address: IpAddr,
    deed: Deed,
    (key, hash): (String, TokenHash),
    cookie: bool,
) -> Result<Response, Problem> {
    let doer = |call| Doer::Newcomer { call, address: Some(address) };
    ask(shared, |call| Request::Do { doer: doer(call), deed: deed.into() }).await?;
    let found = read(shared, move |reader| {
        let Some(held) = reader.key(&hash)? else { return Ok(None) };
        let name = reader.name(held.user)?.map(|name| Name::kept(&name));
        Ok(name.map(|name| reader.profile(&name)).transpose()?.flatten().map(|of| (held.id, of)))
    });
    let (id, profile) = found.await?.ok_or_else(Problem::unauthenticated)?;
    let set = cookie.then(|| {
        // Only this site's own requests carry it, and no script sees it.
        let (name, age) = (caller::COOKIE, u64::from(BROWSER_DAYS) * 24 * 60 * 60);
        let text = format!("{name}={key}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}");
        [(header::SET_COOKIE, HeaderValue::from_str(&text).expect("a key is of plain characters"))]
    });
    let key = (!cookie).then_some(key);
    Ok((set, Reply::created(Came { key, id: id.0, user: (&profile).into() })).into_response())
}

/// The hash of a password that somebody is to have.
pub(super) async fn hashed<S>(shared: &Shared<S>, name: &Name, secret: Secret) -> Result<String, Problem> {
    secret
        .check(name.as_str(), shared.settings.password_min)
        .map_err(|why| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "weak-password", why.to_string()))?;
    Ok(shared
        .passwords
        .hash(secret)
        .await
        .map_err(|busy| Problem::busy(busy.to_string()))?
        .as_str()
        .to_owned())
}

impl From<NotProven> for Problem {
    fn from(why: NotProven) -> Self {
        match why {
            NotProven::Wrong => Refusal::BadPassword.into(),
            NotProven::Limited(limited) => limited.into(),
            NotProven::Busy(busy) => Self::busy(busy.to_string()),
        }
    }
}

/// One's own keys.
#[utoipa::path(get, path = "/sessions", responses((status = 200, body = Keys)))]
pub(super) async fn list<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Looks(caller): Looks,
) -> Result<Reply<Keys>, Problem> {
    let keys = read(&shared, move |reader| reader.keys(caller.user)).await?;
    let keys = keys.into_iter().map(|held| {
        let current = held.id == caller.key;
        KeyView::of(held, current)
    });
    Ok(Reply::ok(Keys { keys: keys.collect() }))
}

/// Ends a key: the one that is used, or another one of one's own.
#[utoipa::path(delete, path = "/sessions/{id}", responses((status = 204)))]
pub(super) async fn revoke<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(id): At<String>,
) -> Result<Response, Problem> {
    let current = id == "current";
    let key = match id.parse() {
        _ if current => caller.key,
        Ok(id) => KeyId(id),
        Err(_) => return Err(Problem::no_such_key()),
    };
    let ends = match act(&shared, &caller, Deed::RevokeKey { key }).await {
        Err(problem) if key != caller.key && problem.is("unauthenticated") => {
            return Err(Problem::no_such_key());
        }
        ends => ends,
    };
    ends?;
    let over = (key == caller.key).then(|| {
        let text = format!("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", caller::COOKIE);
        [(header::SET_COOKIE, HeaderValue::from_str(&text).expect("plain characters"))]
    });
    Ok((over, DONE).into_response())
}

/// Gives a key for a program; it is shown this once.
#[utoipa::path(post, path = "/tokens", request_body = Wanted, responses((status = 201, body = NewToken)))]
pub(super) async fn give<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    Body(wanted): Body<Wanted>,
) -> Result<Reply<NewToken>, Problem> {
    let (scopes, (key, hash)) = (wanted.scopes()?, caller::make());
    let new = NewKey { hash, label: line(&wanted.label), scopes, until: wanted.until(), room: None };
    let answer = act(&shared, &caller, Deed::GiveKey { key: new }).await?;
    Ok(Reply::created(NewToken { key, id: answer.at.0 }))
}

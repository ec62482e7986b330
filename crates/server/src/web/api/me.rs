//! Oneself: name, what one says, password, whom one ignores.

use super::keys::hashed;
use super::path::{At, line, name, wanted};
use super::reply::{Body, DONE, Reply};
use super::view::UserView;
use super::{Caller, Looks, State, act, admit, make_so, read};
use crate::limits::Kind;
use crate::passwords::Secret;
use crate::sequencer::Sequencer;
use crate::shard::Shared;
use crate::web::problem::Problem;
use axum::http::StatusCode;
use chatroom_model::{Deed, Name, Scopes};
use chatroom_store::Profile;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    user: UserView,
    profile: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    away: Option<String>,
    position: u64,
}

/// What is to be otherwise; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MeChange {
    name: Option<String>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    away: Option<Option<String>>,
    profile: Option<String>,
}

/// A field that is there, be it null.
pub(super) fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Password {
    password: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Ignored {
    ignored: Vec<IgnoredUser>,
}

#[derive(Serialize, ToSchema)]
struct IgnoredUser {
    id: u64,
    name: String,
}

/// Who somebody is.
async fn own<S: Sequencer>(shared: &Shared<S>, caller: Caller) -> Result<(Profile, u64), Problem> {
    let found = read(shared, move |reader| {
        let name = reader.name(caller.user)?.map(|name| Name::kept(&name));
        let profile = name.map(|name| reader.profile(&name)).transpose()?.flatten();
        Ok(profile.zip(Some(reader.position()?.0)))
    });
    found.await?.ok_or_else(Problem::unauthenticated)
}

/// Oneself.
#[utoipa::path(get, path = "/me", responses((status = 200, body = Me)))]
pub(super) async fn show<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Looks(caller): Looks,
) -> Result<Reply<Me>, Problem> {
    me(&shared, caller).await
}

async fn me<S: Sequencer>(shared: &Shared<S>, caller: Caller) -> Result<Reply<Me>, Problem> {
    let (own, position) = own(shared, caller).await?;
    let user = (&own).into();
    Ok(Reply::ok(Me { user, profile: own.profile, away: own.away, position }))
}

/// Another name, another line about oneself, away or back.
#[utoipa::path(patch, path = "/me", request_body = MeChange, responses((status = 200, body = Me)))]
pub(super) async fn change<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    Body(change): Body<MeChange>,
) -> Result<Reply<Me>, Problem> {
    let mut deeds = Vec::new();
    if let Some(name) = &change.name {
        deeds.push(Deed::Nick { name: wanted(name)? });
    }
    if let Some(text) = &change.profile {
        deeds.push(Deed::Profile { text: line(text) });
    }
    if let Some(text) = change.away {
        deeds.push(Deed::Away { text: text.as_deref().map(line) });
    }
    if deeds.is_empty() {
        caller.may_read()?;
    }
    for deed in deeds {
        match act(&shared, &caller, deed).await {
            // What is so already is as it is to be.
            Err(problem) if problem.is("already-so") => {}
            done => drop(done?),
        }
    }
    me(&shared, caller).await
}

/// Keeps one's name for good by a password, or has another one.
#[utoipa::path(put, path = "/me/password", request_body = Password, responses((status = 204)))]
pub(super) async fn password<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    Body(Password { password }): Body<Password>,
) -> Result<StatusCode, Problem> {
    caller.may(Scopes::MANAGE)?;
    let (own, _) = own(&shared, caller).await?;
    // Before work is done for it.
    let kind = if own.account.is_some() { Kind::Change } else { Kind::Register };
    admit(&shared, caller.limits(), &[kind])?;
    let phc = hashed(&shared, &Name::kept(&own.name), Secret::new(password)).await?;
    let deed = if own.account.is_some() { Deed::Password { phc } } else { Deed::Register { phc } };
    act(&shared, &caller, deed).await?;
    Ok(DONE)
}

/// Of whom one hears nothing.
#[utoipa::path(get, path = "/me/ignored", responses((status = 200, body = Ignored)))]
pub(super) async fn ignored<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Looks(caller): Looks,
) -> Result<Reply<Ignored>, Problem> {
    let ignored = read(&shared, move |reader| reader.ignored(caller.user)).await?;
    let ignored = ignored.into_iter().map(|(id, name)| IgnoredUser { id: id.0, name }).collect();
    Ok(Reply::ok(Ignored { ignored }))
}

/// Hears nothing of somebody from now on.
#[utoipa::path(put, path = "/me/ignored/{name}", responses((status = 204)))]
pub(super) async fn ignore<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(who): At<String>,
) -> Result<StatusCode, Problem> {
    make_so(&shared, caller, Deed::Ignore { user: name(&who)?, on: true }).await
}

/// Hears of somebody again.
#[utoipa::path(delete, path = "/me/ignored/{name}", responses((status = 204)))]
pub(super) async fn hear<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(who): At<String>,
) -> Result<StatusCode, Problem> {
    make_so(&shared, caller, Deed::Ignore { user: name(&who)?, on: false }).await
}

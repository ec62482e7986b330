//! Bots: users of somebody's own that act by keys; and hooks, by which a program speaks in one room and does nothing else.

use super::keys::{NewToken, Wanted};
use super::path::{At, line, lines, name, place, wanted};
use super::reply::{Body, DONE, Reply};
use super::{Caller, Looks, State, act, admit, ask, caller, read};
use crate::limits::{self, Kind};
use crate::sequencer::Sequencer;
use crate::web::Peer;
use crate::web::problem::Problem;
use axum::Extension;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use chatroom_model::{Act, Deed, Doer, NewKey, Request, Say, Scopes, Where};
use chatroom_wire::json;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub(super) struct Bots {
    bots: Vec<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewBot {
    name: String,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewHook {
    label: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Hook {
    url: String,
    id: u64,
}

/// What other programs' hooks are sent (Slack's shape); what else they say is passed over.
#[derive(Deserialize)]
struct Posted<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// One's own bots.
#[utoipa::path(get, path = "/bots", responses((status = 200, body = Bots)))]
pub(super) async fn list<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Looks(caller): Looks,
) -> Result<Reply<Bots>, Problem> {
    let bots = read(&shared, move |reader| reader.bots(caller.user)).await?;
    Ok(Reply::ok(Bots { bots }))
}

/// Makes a bot; its key is shown this once.
#[utoipa::path(post, path = "/bots", request_body = NewBot, responses((status = 201, body = NewToken)))]
pub(super) async fn make<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    Body(new): Body<NewBot>,
) -> Result<Reply<NewToken>, Problem> {
    let (key, hash) = caller::make();
    let scopes = Scopes::READ.and(Scopes::WRITE);
    let new_key = NewKey { hash, label: line(&new.name), scopes, until: None, room: None };
    let answer = act(&shared, &caller, Deed::MakeBot { name: wanted(&new.name)?, key: new_key }).await?;
    Ok(Reply::created(NewToken { key, id: answer.at.0 }))
}

/// Gives a bot of one's own another key.
#[utoipa::path(post, path = "/bots/{name}/keys", request_body = Wanted, responses((status = 201, body = NewToken)))]
pub(super) async fn give<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(bot): At<String>,
    Body(wanted): Body<Wanted>,
) -> Result<Reply<NewToken>, Problem> {
    let (scopes, (key, hash)) = (wanted.scopes()?, caller::make());
    let new = NewKey { hash, label: line(&wanted.label), scopes, until: wanted.until(), room: None };
    let answer = act(&shared, &caller, Deed::BotKey { bot: name(&bot)?, key: new }).await?;
    Ok(Reply::created(NewToken { key, id: answer.at.0 }))
}

/// Ends all keys of a bot of one's own.
#[utoipa::path(delete, path = "/bots/{name}", responses((status = 204)))]
pub(super) async fn end<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(bot): At<String>,
) -> Result<StatusCode, Problem> {
    act(&shared, &caller, Deed::EndBot { bot: name(&bot)? }).await?;
    Ok(DONE)
}

/// Makes a hook into a room; its address is shown this once, and whoever knows it speaks there in one's name.
#[utoipa::path(post, path = "/rooms/{room}/hooks", request_body = NewHook, responses((status = 201, body = Hook)))]
pub(super) async fn hook<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
    Body(new): Body<NewHook>,
) -> Result<Reply<Hook>, Problem> {
    let place = place(&room)?;
    let look = read(&shared, move |reader| reader.look(caller.user, &place, Act::Speak)).await??;
    let (key, hash) = caller::make();
    let label = line(new.label.as_deref().unwrap_or("hook"));
    let new = NewKey { hash, label, scopes: Scopes::WRITE, until: None, room: Some(look.id) };
    let answer = act(&shared, &caller, Deed::GiveKey { key: new }).await?;
    Ok(Reply::created(Hook { url: format!("/hooks/{key}"), id: answer.at.0 }))
}

/// Says in the hook's room what was posted to it: as JSON with a `text`, or as plain text.
pub(in crate::web) async fn post<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Path(secret): Path<String>,
    Extension(Peer(address)): Extension<Peer>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<&'static str, Problem> {
    let none = || Problem::new(StatusCode::NOT_FOUND, "no-such-hook", "There is no such hook, or no longer");
    let hash = caller::read_key(&secret).ok_or_else(none)?;
    let held = read(&shared, move |reader| reader.key(&hash)).await?.ok_or_else(none)?;
    let room = held.room.ok_or_else(none)?;
    let text = posted(&headers, &body)?;
    let body = chatroom_model::Body::parse(&lines(&text))
        .map_err(|why| Problem::bad_request(format!("That is no message: {why}")))?;
    let client_id = super::messages::client_id(&headers)?;
    admit(&shared, limits::Caller { address, user: Some(held.user) }, &[Kind::Message])?;
    let doer = |call| Doer::Key { key: held.id, user: held.user, call, address: Some(address) };
    let said = |call| {
        let said = Say::new(doer(call), Where::Id(room), body);
        Request::Say(Say { client_id, ..said })
    };
    match ask(&shared, said).await {
        Err(problem) if problem.is("unauthenticated") => Err(none()),
        said => said.map(|_| "ok\n"),
    }
}

fn posted<'a>(headers: &HeaderMap, body: &'a [u8]) -> Result<Cow<'a, str>, Problem> {
    let text = std::str::from_utf8(body).map_err(|_| Problem::bad_request("The body is not UTF-8"))?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.trim_start().to_ascii_lowercase().starts_with("text/plain") {
        return Ok(text.into());
    }
    let read = json::read(text).map(|Posted { text }| text);
    read.map_err(|problem| Problem::bad_request(problem.detail))
}

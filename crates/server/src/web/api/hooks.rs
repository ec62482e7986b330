//! Hooks of a room: having what is said sent somewhere, and what became of it. Sends nothing itself but a ping.

use super::path::{At, line, place};
use super::reply::{Body, DONE, Reply};
use super::{Caller, State, act, admit, read};
use crate::hooks::{self, Target};
use crate::limits::Kind;
use crate::sequencer::Sequencer;
use crate::shard::Shared;
use crate::web::problem::Problem;
use axum::http::StatusCode;
use chatroom_model::{Act, Deed, Ending, Hook, HookId, HookSecret, NewHook, Refusal, RoomId, Scopes, Where};
use chatroom_store::{Delivery, Fault, Standing};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedWebhook {
    url: String,
    #[serde(default)]
    label: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Added {
    id: u64,
    secret: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Webhooks {
    webhooks: Vec<HookView>,
}

#[derive(Serialize, ToSchema)]
struct HookView {
    id: u64,
    url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    label: String,
    by: String,
    made: i64,
    /// `ok`, `failing` or `ended`.
    state: &'static str,
    /// Since when it fails, or has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<i64>,
    /// Why it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Deliveries {
    deliveries: Vec<DeliveryView>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct DeliveryView {
    time: i64,
    event: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    ms: u64,
}

impl HookView {
    fn of(id: HookId, hook: Hook, standing: Option<&Standing>) -> Self {
        let failing = standing.and_then(|standing| standing.failing);
        let (state, since, why) = match (hook.ended, failing) {
            (Some((at, why)), _) => ("ended", Some(at), Some(why)),
            (None, Some(since)) => ("failing", Some(since), None),
            (None, None) => ("ok", None, None),
        };
        let Hook { url, label, by, made, .. } = hook;
        let (since, why) = (since.map(|at| at.0), why.map(Ending::word));
        Self { id: id.0, url, label, by: by.name.to_string(), made: made.0, state, since, why }
    }
}

impl From<Delivery> for DeliveryView {
    fn from(of: Delivery) -> Self {
        let Delivery { time, event, seq, attempt, status, error, took } = of;
        Self { time: time.0, event, seq: seq.map(|seq| seq.0), attempt, status, error, ms: took }
    }
}

/// Has what is said in a room sent to an address. The secret is shown this once.
#[utoipa::path(post, path = "/rooms/{room}/webhooks", request_body = WantedWebhook, responses((status = 201, body = Added)))]
pub(super) async fn add<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
    Body(wanted): Body<WantedWebhook>,
) -> Result<Reply<Added>, Problem> {
    let room = place(&room)?;
    Target::parse(&wanted.url, &shared.settings.web.hooks.to)
        .map_err(|why| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad-url", why.to_string()))?;
    let secret = HookSecret(rand::random());
    let hook = NewHook { url: wanted.url, label: line(&wanted.label), secret };
    let answer = act(&shared, &caller, Deed::AddHook { room, hook }).await?;
    Ok(Reply::created(Added { id: answer.at.0, secret: hooks::shown(&secret) }))
}

/// The hooks of a room, for whoever may set it.
async fn kept<S: Sequencer>(
    shared: &Shared<S>,
    caller: Caller,
    place: Where,
) -> Result<(RoomId, Vec<(HookId, Hook)>), Problem> {
    caller.may_read()?;
    admit(shared, caller.limits(), &[Kind::Read])?;
    let found = read(shared, move |reader| match reader.look(caller.user, &place, Act::Set)? {
        Ok(look) => Ok(Ok((look.id, reader.hooks(look.id)?))),
        Err(refusal) => Ok(Err(refusal)),
    });
    Ok(found.await??)
}

async fn one<S: Sequencer>(
    shared: &Shared<S>,
    caller: Caller,
    (room, id): (String, u64),
) -> Result<(RoomId, HookId, Hook), Problem> {
    let (room, hooks) = kept(shared, caller, place(&room)?).await?;
    let found = hooks.into_iter().find(|(other, _)| other.0 == id);
    found.map(|(id, hook)| (room, id, hook)).ok_or_else(|| Refusal::NoSuchHook.into())
}

/// Asks what is noted of deliveries.
async fn noted<S, T: Send + 'static>(
    shared: &Shared<S>,
    ask: impl FnOnce(&hooks::Hooks) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Problem> {
    let hooks = Arc::clone(&shared.hooks);
    let found = tokio::task::spawn_blocking(move || ask(&hooks)).await;
    found.map_err(|_| Problem::unreadable())?.map_err(|fault| {
        tracing::error!(%fault, "deliveries cannot be read");
        Problem::unreadable()
    })
}

/// Which hooks a room has, and how they are.
#[utoipa::path(get, path = "/rooms/{room}/webhooks", responses((status = 200, body = Webhooks)))]
pub(super) async fn list<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
) -> Result<Reply<Webhooks>, Problem> {
    let (_, hooks) = kept(&shared, caller, place(&room)?).await?;
    let ids: Vec<HookId> = hooks.iter().map(|(id, _)| *id).collect();
    let standings = noted(&shared, move |noted| noted.standings(&ids)).await?;
    let view = |(id, hook)| HookView::of(id, hook, standings.get(&id));
    Ok(Reply::ok(Webhooks { webhooks: hooks.into_iter().map(view).collect() }))
}

/// Has nothing more sent there.
#[utoipa::path(delete, path = "/rooms/{room}/webhooks/{id}", responses((status = 204)))]
pub(super) async fn end<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, id)): At<(String, u64)>,
) -> Result<StatusCode, Problem> {
    let (room, hook) = (place(&room)?, HookId(id));
    act(&shared, &caller, Deed::EndHook { room, hook, why: Ending::Removed }).await?;
    Ok(DONE)
}

/// What became of what was sent, the last first.
#[utoipa::path(get, path = "/rooms/{room}/webhooks/{id}/deliveries", responses((status = 200, body = Deliveries)))]
pub(super) async fn deliveries<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(path): At<(String, u64)>,
) -> Result<Reply<Deliveries>, Problem> {
    let (_, id, _) = one(&shared, caller, path).await?;
    let last = noted(&shared, move |noted| noted.last(id)).await?;
    Ok(Reply::ok(Deliveries { deliveries: last.into_iter().map(DeliveryView::from).collect() }))
}

/// Sends something for a try, and says what became of it.
#[utoipa::path(post, path = "/rooms/{room}/webhooks/{id}/ping", responses((status = 200, body = DeliveryView)))]
pub(super) async fn ping<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(path): At<(String, u64)>,
) -> Result<Reply<DeliveryView>, Problem> {
    if !caller.scopes.has(Scopes::MODERATE) {
        return Err(Refusal::KeyScope.into());
    }
    admit(&shared, caller.limits(), &[Kind::Change])?;
    let (room, id, hook) = one(&shared, caller, path).await?;
    if hook.ended.is_some() {
        return Err(Problem::new(StatusCode::CONFLICT, "webhook-ended", "That webhook has ended"));
    }
    let busy = || Problem::busy("Too many pings are on their way: try again in a moment");
    let pinged = tokio::select! {
        pinged = Box::pin(hooks::ping(&shared, room, id, hook)) => pinged.ok_or_else(busy)?,
        () = shared.stop.cancelled() => return Err(Problem::stopping()),
    };
    Ok(Reply::ok(pinged.delivery.into()))
}

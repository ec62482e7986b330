//! Keeping order: roles, kicks, bans and mutes, purges, and the record of all of it.

use super::path::{Asks, At, line, mask, most, name, place, word};
use super::reply::{Body, DONE, Reply};
use super::schema::{RoleWord, SanctionWord};
use super::whole::Whole;
use super::{Caller, Looks, State, act, admit, make_so, read};
use crate::limits::Kind as Limit;
use crate::sequencer::Sequencer;
use crate::web::problem::Problem;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chatroom_model::{Act, Deed, Event, Kind, Mask, Millis, Refusal, Role, Scopes, Where};
use chatroom_wire::line::deed::UNDO;
use chatroom_wire::line::render;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Entries of the record shown where no number is given, and at most.
const AUDITED: (usize, usize) = (50, 200);

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    #[schema(value_type = RoleWord)]
    role: String,
    #[serde(default)]
    voiced: bool,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Why {
    #[serde(default)]
    pub(super) reason: String,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Laid {
    #[serde(default)]
    reason: String,
    #[schema(value_type = Option<u32>)]
    minutes: Option<Whole<u32>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Purge {
    user: String,
    #[schema(value_type = Option<u32>)]
    minutes: Option<Whole<u32>>,
    #[serde(default)]
    count: bool,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Most {
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
struct Counted {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    count: u64,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Sanctions {
    sanctions: Vec<SanctionView>,
}

#[derive(Serialize, ToSchema)]
struct SanctionView {
    #[schema(value_type = SanctionWord)]
    kind: &'static str,
    mask: String,
    by: String,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Record {
    entries: Vec<EntryView>,
}

#[derive(Serialize, ToSchema)]
struct EntryView {
    position: u64,
    time: i64,
    text: String,
}

fn minutes(minutes: u32) -> i64 {
    i64::from(minutes) * 60_000
}

/// Gives somebody a role.
#[utoipa::path(put, path = "/rooms/{room}/members/{name}", request_body = Given, responses((status = 204)))]
pub(super) async fn role<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, who)): At<(String, String)>,
    Body(given): Body<Given>,
) -> Result<StatusCode, Problem> {
    let role = word(&given.role, "role", Role::read)?;
    let deed = Deed::Role { room: place(&room)?, user: name(&who)?, role, voiced: given.voiced };
    make_so(&shared, caller, deed).await
}

/// Puts somebody out.
#[utoipa::path(delete, path = "/rooms/{room}/members/{name}", params(Why), responses((status = 204)))]
pub(super) async fn kick<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, who)): At<(String, String)>,
    Asks(Why { reason }): Asks<Why>,
) -> Result<StatusCode, Problem> {
    let deed = Deed::Kick { room: place(&room)?, user: name(&who)?, reason: line(&reason) };
    act(&shared, &caller, deed).await?;
    Ok(DONE)
}

/// Who is kept out, or from speaking, or let in whatever else is said.
#[utoipa::path(get, path = "/rooms/{room}/sanctions", responses((status = 200, body = Sanctions)))]
pub(super) async fn sanctions<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Looks(caller): Looks,
    At(room): At<String>,
) -> Result<Reply<Sanctions>, Problem> {
    let place = place(&room)?;
    let look = read(&shared, move |reader| reader.look(caller.user, &place, Act::Ban)).await??;
    let now = crate::now();
    let holding = look.room.sanctions.iter().filter(|(_, of)| of.holds(now));
    let sanctions = holding.map(|(kind, of)| SanctionView {
        kind: kind.word(),
        mask: of.mask.to_string(),
        by: of.by.clone(),
        reason: of.reason.clone(),
        until: of.until.map(|until| until.0),
    });
    Ok(Reply::ok(Sanctions { sanctions: sanctions.collect() }))
}

fn laid((room, kind, whom): &(String, String, String)) -> Result<(Where, Kind, Mask), Problem> {
    Ok((place(room)?, word(kind, "kind of sanction", Kind::read)?, mask(whom)?))
}

/// Bans or mutes somebody, or exempts them.
#[utoipa::path(put, path = "/rooms/{room}/sanctions/{kind}/{mask}", request_body = Laid,
    responses((status = 204)))]
pub(super) async fn lay<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(path): At<(String, String, String)>,
    Body(Laid { reason, minutes: time }): Body<Laid>,
) -> Result<StatusCode, Problem> {
    let (room, sort, mask) = laid(&path)?;
    let (reason, until) = (line(&reason), time.map(|time| crate::now().plus(minutes(time.0))));
    let deed = match sort {
        Kind::Ban => Deed::Ban { room, mask, reason, until },
        Kind::Mute => Deed::Mute { room, mask, reason, until },
        Kind::Exempt | Kind::Welcome => Deed::Exempt { room, sort, mask, on: true },
    };
    act(&shared, &caller, deed).await?;
    Ok(DONE)
}

/// Lifts what was laid.
#[utoipa::path(delete, path = "/rooms/{room}/sanctions/{kind}/{mask}", responses((status = 204)))]
pub(super) async fn lift<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(path): At<(String, String, String)>,
) -> Result<StatusCode, Problem> {
    let (room, sort, mask) = laid(&path)?;
    let deed = match sort {
        Kind::Ban => Deed::Unban { room, mask },
        Kind::Mute => Deed::Unmute { room, mask },
        Kind::Exempt | Kind::Welcome => Deed::Exempt { room, sort, mask, on: false },
    };
    act(&shared, &caller, deed).await?;
    Ok(DONE)
}

/// Counts or hides what somebody wrote.
#[utoipa::path(post, path = "/rooms/{room}/purges", request_body = Purge,
    responses((status = 201, body = Counted), (status = 200, body = Counted, description = "Only counted")))]
pub(super) async fn purge<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
    Body(purge): Body<Purge>,
) -> Result<Response, Problem> {
    // Counting tells something too.
    caller.may(Scopes::MODERATE)?;
    admit(&shared, caller.limits(), &[Limit::Read])?;
    let (place, name, now) = (place(&room)?, name(&purge.user)?, crate::now());
    let since = purge.minutes.map_or(Millis(0), |time| now.plus(-minutes(time.0)));
    let (asked, whom) = (place.clone(), name.clone());
    let counted = read(&shared, move |reader| {
        let look = match reader.look(caller.user, &asked, Act::Purge)? {
            Ok(look) => look,
            Err(refusal) => return Ok(Err(refusal)),
        };
        match reader.holder(&whom)? {
            Some((user, _)) => reader.count_by(look.id, user, since).map(Ok),
            None => Ok(Err(Refusal::NoSuchUser(whom))),
        }
    });
    let count = counted.await??;
    if purge.count {
        return Ok(Reply::ok(Counted { id: None, count }).into_response());
    }
    let deed = Deed::Purge { room: place, user: name, since, until: now.plus(UNDO) };
    let id = Some(act(&shared, &caller, deed).await?.at.0);
    Ok(Reply::created(Counted { id, count }).into_response())
}

/// Brings back what was hidden.
#[utoipa::path(delete, path = "/rooms/{room}/purges/{id}", responses((status = 204)))]
pub(super) async fn unpurge<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, purge)): At<(String, u64)>,
) -> Result<StatusCode, Problem> {
    act(&shared, &caller, Deed::Unpurge { room: place(&room)?, purge }).await?;
    Ok(DONE)
}

/// What was done to keep order, the last of it.
#[utoipa::path(get, path = "/rooms/{room}/audit", params(Most), responses((status = 200, body = Record)))]
pub(super) async fn audit<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Looks(caller): Looks,
    At(room): At<String>,
    Asks(Most { limit }): Asks<Most>,
) -> Result<Reply<Record>, Problem> {
    let (place, n) = (place(&room)?, most(limit, AUDITED)?);
    let found = read(&shared, move |reader| match reader.look(caller.user, &place, Act::Audit)? {
        Ok(look) => reader.audit(look.id, n).map(Ok),
        Err(refusal) => Ok(Err(refusal)),
    });
    let entries = found.await??.into_iter().filter_map(|one| {
        let Event::Fact(fact) = &one.record.event else { return None };
        let (position, time) = (one.record.position.0, one.record.time.0);
        Some(EntryView { position, time, text: render::sentence(fact) })
    });
    Ok(Reply::ok(Record { entries: entries.collect() }))
}

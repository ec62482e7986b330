//! The API for programs: people's questions and deeds as JSON over HTTP. Decides nothing: deeds are decided in the one order,
//! questions by the one table.

mod bots;
mod caller;
mod failure;
mod first;
mod hooks;
mod keys;
mod marks;
mod me;
mod messages;
mod order;
mod path;
mod people;
mod reply;
mod rooms;
mod schema;
mod search;
mod view;
mod whole;

use crate::batch::Answer;
use crate::limits::{self, ConnectionBuckets, Kind};
use crate::sequencer::Sequencer;
use crate::shard::Shared;
use crate::web::problem::Problem;
use crate::web::quota;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
pub(crate) use caller::Caller;
use caller::Looks;
use chatroom_model::{Deed, Request};
use chatroom_store::{Fault, Reader};
pub(crate) use people::Authors;
pub(super) use schema::SanctionWord;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Bytes the body of a request may have.
const BODY_BYTES: usize = 64 * 1024;

/// The last number there can be; what is beyond is nothing.
const MOST: u64 = (1 << 53) - 1;

/// What handlers are given.
type State<S> = axum::extract::State<Arc<Shared<S>>>;

/// The routes under `/api/v1`, and what is written down of them: both come from this one table.
pub(super) fn routes<S: Sequencer>() -> OpenApiRouter<Arc<Shared<S>>> {
    OpenApiRouter::default()
        .routes(routes!(keys::list, keys::come))
        .routes(routes!(keys::revoke))
        .routes(routes!(keys::give))
        .routes(routes!(me::show, me::change))
        .routes(routes!(me::password))
        .routes(routes!(first::operator))
        .routes(routes!(me::ignored))
        .routes(routes!(me::ignore, me::hear))
        .routes(routes!(people::list))
        .routes(routes!(people::show))
        .routes(routes!(rooms::list, rooms::create))
        .routes(routes!(rooms::show, rooms::set, rooms::end))
        .routes(routes!(rooms::join, rooms::leave))
        .routes(routes!(rooms::members))
        .routes(routes!(order::role, order::kick))
        .routes(routes!(rooms::invite))
        .routes(routes!(messages::list, messages::say))
        .routes(routes!(messages::show, messages::edit, messages::redact))
        .routes(routes!(marks::react, marks::unreact))
        .routes(routes!(marks::pin, marks::unpin))
        .routes(routes!(marks::pins))
        .routes(routes!(marks::read_up_to))
        .routes(routes!(marks::typing))
        .routes(routes!(order::sanctions))
        .routes(routes!(order::lay, order::lift))
        .routes(routes!(order::purge))
        .routes(routes!(order::unpurge))
        .routes(routes!(order::audit))
        .routes(routes!(bots::list, bots::make))
        .routes(routes!(bots::end))
        .routes(routes!(bots::give))
        .routes(routes!(bots::hook))
        .routes(routes!(hooks::list, hooks::add))
        .routes(routes!(hooks::end))
        .routes(routes!(hooks::deliveries))
        .routes(routes!(hooks::ping))
        .routes(routes!(search::search))
        .routes(routes!(people::commands))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

/// The address to which hooks are posted.
pub(super) fn incoming<S: Sequencer>() -> axum::Router<Arc<Shared<S>>> {
    axum::Router::new()
        .route("/hooks/{secret}", axum::routing::post(bots::post::<S>))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

/// Lets somebody do something, as far as limits go.
pub(super) fn admit<S>(shared: &Shared<S>, who: limits::Caller, kinds: &[Kind]) -> Result<(), Problem> {
    // A program's connection says nothing of it: its limits are its user's and its address's.
    let mut buckets = ConnectionBuckets::default();
    let now = std::time::Instant::now();
    for kind in kinds {
        match shared.limits.admit(&who, &mut buckets, *kind, now) {
            Ok(standing) => quota::note(standing),
            Err(limited) => {
                quota::note(shared.limits.met(&limited));
                return Err(limited.into());
            }
        }
    }
    Ok(())
}

/// Has a deed done, and waits for what became of it; an error where it was refused.
async fn act<S: Sequencer>(shared: &Shared<S>, caller: &Caller, deed: Deed) -> Result<Answer, Problem> {
    admit(shared, caller.limits(), &[kind(&deed)])?;
    let doer = |call| caller.doer(call);
    ask(shared, |call| Request::Do { doer: doer(call), deed: deed.into() }).await
}

/// Does what may be so already.
async fn make_so<S: Sequencer>(
    shared: &Shared<S>,
    caller: Caller,
    deed: Deed,
) -> Result<axum::http::StatusCode, Problem> {
    match act(shared, &caller, deed).await {
        Err(problem) if problem.is("already-so") => Ok(reply::DONE),
        done => done.map(|_| reply::DONE),
    }
}

/// Hands a request in, and waits for what became of it; an error where it was refused, or is not known to be stored.
async fn ask<S: Sequencer>(
    shared: &Shared<S>,
    request: impl FnOnce(u64) -> Request + Send,
) -> Result<Answer, Problem> {
    let answer = tokio::select! {
        answer = shared.calls.ask(&*shared.sequencer, request) => answer?,
        () = shared.stop.cancelled() => return Err(Problem::stopping()),
    };
    failure::of(answer)
}

/// What was not stored, or may not have been, and can be tried again.
fn stopped(code: &'static str, why: String) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, why).retry_after(Duration::from_secs(1))
}

/// Reads from the store, within what may be read at once.
async fn read<S: Sequencer, T: Send + 'static>(
    shared: &Shared<S>,
    read: impl FnOnce(&Reader) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Problem> {
    counted(shared, shared.reads.read(read)).await
}

/// Counts a read with those that are under way until it has found what it looks for.
async fn counted<S, T>(
    shared: &Shared<S>,
    found: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Problem> {
    let _reading = shared.limits.reading();
    found.await.map_err(|fault| {
        tracing::error!(%fault, "a read failed");
        Problem::unreadable()
    })
}

/// Which limit a deed meets.
fn kind(deed: &Deed) -> Kind {
    match deed {
        Deed::Create { .. } | Deed::MakeBot { .. } => Kind::Create,
        Deed::Join { .. } => Kind::Join,
        Deed::Invite { .. } => Kind::Invite,
        Deed::React { .. } => Kind::React,
        Deed::Register { .. } | Deed::Come { phc: Some(_), .. } | Deed::CreateAccount { .. } => {
            Kind::Register
        }
        Deed::Come { phc: None, .. } | Deed::LogIn { .. } => Kind::Login,
        Deed::Away { .. } => Kind::Presence,
        Deed::Set { .. }
        | Deed::Delete { .. }
        | Deed::Kick { .. }
        | Deed::Ban { .. }
        | Deed::Unban { .. }
        | Deed::Mute { .. }
        | Deed::Unmute { .. }
        | Deed::Exempt { .. }
        | Deed::Role { .. }
        | Deed::Purge { .. }
        | Deed::Unpurge { .. }
        | Deed::BanHere { .. }
        | Deed::UnbanHere { .. }
        | Deed::ResetPassword { .. }
        | Deed::Operator { .. }
        | Deed::Disconnect { .. } => Kind::Moderate,
        Deed::Leave { .. }
        | Deed::Edit { .. }
        | Deed::Redact { .. }
        | Deed::Pin { .. }
        | Deed::Read { .. }
        | Deed::Nick { .. }
        | Deed::Password { .. }
        | Deed::Profile { .. }
        | Deed::Ignore { .. }
        | Deed::Ident { .. }
        | Deed::Metadata { .. }
        | Deed::GiveKey { .. }
        | Deed::BotKey { .. }
        | Deed::EndBot { .. }
        | Deed::AddHook { .. }
        | Deed::EndHook { .. }
        | Deed::RevokeKey { .. } => Kind::Change,
    }
}

/// Where somebody is connected from who is nobody yet.
fn stranger(address: IpAddr) -> limits::Caller {
    limits::Caller { address, user: None }
}

//! The API for programs: people's questions and deeds as JSON over HTTP. Decides nothing: deeds are decided in the one order,
//! questions by the one table.

mod caller;
mod failure;
mod hooks;
mod keys;
mod me;
mod messages;
mod order;
mod path;
mod people;
mod reply;
mod rooms;
mod search;
mod view;

use crate::batch::Answer;
use crate::limits::{self, ConnectionBuckets, Kind};
use crate::sequencer::Sequencer;
use crate::shard::Shared;
use crate::web::problem::Problem;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post, put};
pub(crate) use caller::Caller;
use chatroom_model::{Deed, Request};
use chatroom_store::{Fault, Reader};
pub(crate) use people::Authors;
use std::net::IpAddr;
use std::sync::Arc;

/// Bytes the body of a request may have.
const BODY_BYTES: usize = 64 * 1024;

/// What handlers are given.
type State<S> = axum::extract::State<Arc<Shared<S>>>;

/// The routes under `/api/v1`.
pub(super) fn routes<S: Sequencer>() -> Router<Arc<Shared<S>>> {
    Router::new()
        .route("/sessions", get(keys::list::<S>).post(keys::come::<S>))
        .route("/sessions/{id}", delete(keys::revoke::<S>))
        .route("/tokens", post(keys::give::<S>))
        .route("/me", get(me::show::<S>).patch(me::change::<S>))
        .route("/me/password", put(me::password::<S>))
        .route("/me/ignored", get(me::ignored::<S>))
        .route("/me/ignored/{name}", put(me::ignore::<S>).delete(me::hear::<S>))
        .route("/users", get(people::list::<S>))
        .route("/users/{name}", get(people::show::<S>))
        .route("/rooms", get(rooms::list::<S>).post(rooms::create::<S>))
        .route("/rooms/{room}", get(rooms::show::<S>).patch(rooms::set::<S>).delete(rooms::end::<S>))
        .route("/rooms/{room}/membership", put(rooms::join::<S>).delete(rooms::leave::<S>))
        .route("/rooms/{room}/members", get(rooms::members::<S>))
        .route("/rooms/{room}/members/{name}", put(order::role::<S>).delete(order::kick::<S>))
        .route("/rooms/{room}/invites", post(rooms::invite::<S>))
        .route("/rooms/{room}/messages", get(messages::list::<S>).post(messages::say::<S>))
        .route(
            "/rooms/{room}/messages/{seq}",
            get(messages::show::<S>).patch(messages::edit::<S>).delete(messages::redact::<S>),
        )
        .route(
            "/rooms/{room}/messages/{seq}/reactions/{emoji}",
            put(messages::react::<S>).delete(messages::unreact::<S>),
        )
        .route("/rooms/{room}/messages/{seq}/pin", put(messages::pin::<S>).delete(messages::unpin::<S>))
        .route("/rooms/{room}/pins", get(messages::pins::<S>))
        .route("/rooms/{room}/read", put(messages::read_up_to::<S>))
        .route("/rooms/{room}/typing", post(messages::typing::<S>))
        .route("/rooms/{room}/sanctions", get(order::sanctions::<S>))
        .route("/rooms/{room}/sanctions/{kind}/{mask}", put(order::lay::<S>).delete(order::lift::<S>))
        .route("/rooms/{room}/purges", post(order::purge::<S>))
        .route("/rooms/{room}/purges/{id}", delete(order::unpurge::<S>))
        .route("/rooms/{room}/audit", get(order::audit::<S>))
        .route("/rooms/{room}/webhooks", get(hooks::list::<S>).post(hooks::add::<S>))
        .route("/rooms/{room}/webhooks/{id}", delete(hooks::end::<S>))
        .route("/rooms/{room}/webhooks/{id}/deliveries", get(hooks::deliveries::<S>))
        .route("/rooms/{room}/webhooks/{id}/ping", post(hooks::ping::<S>))
        .route("/search", get(search::search::<S>))
        .route("/commands", get(people::commands))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
}

/// Lets somebody do something, as far as limits go.
pub(super) fn admit<S>(shared: &Shared<S>, who: limits::Caller, kinds: &[Kind]) -> Result<(), Problem> {
    // A program's connection says nothing of it: its limits are its user's and its address's.
    let mut buckets = ConnectionBuckets::default();
    let now = std::time::Instant::now();
    kinds
        .iter()
        .try_for_each(|kind| shared.limits.admit(&who, &mut buckets, *kind, now))
        .map_err(Problem::from)
}

/// Has a deed done, and waits for what became of it; an error where it was refused.
async fn act<S: Sequencer>(shared: &Shared<S>, caller: &Caller, deed: Deed) -> Result<Answer, Problem> {
    admit(shared, caller.limits(), &[kind(&deed)])?;
    let doer = |call| caller.doer(call);
    ask(shared, |call| Request::Do { doer: doer(call), deed: deed.into() }).await
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

/// Reads from the store, within what may be read at once.
async fn read<S: Sequencer, T: Send + 'static>(
    shared: &Shared<S>,
    read: impl FnOnce(&Reader) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Problem> {
    let readers = Arc::clone(&shared.readers);
    let _reading = shared.limits.reading();
    let found = tokio::task::spawn_blocking(move || readers.read(read)).await;
    found.map_err(|_| Problem::unreadable())?.map_err(|fault| {
        tracing::error!(%fault, "a read failed");
        Problem::unreadable()
    })
}

/// Which limit a deed meets.
fn kind(deed: &Deed) -> Kind {
    match deed {
        Deed::Create { .. } => Kind::Create,
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
        | Deed::RevokeKey { .. }
        | Deed::AddHook { .. }
        | Deed::EndHook { .. } => Kind::Change,
    }
}

/// Where somebody is connected from who is nobody yet.
fn stranger(address: IpAddr) -> limits::Caller {
    limits::Caller { address, user: None }
}

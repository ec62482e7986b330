//! What is set beside messages: pictures that answer, what is up, how far somebody has read, and that they are typing.

use super::messages::{Shown, number, shown};
use super::path::{At, line, place, word};
use super::reply::{Body, DONE, Reply};
use super::rooms::readable;
use super::schema::{MessageView, TypingWord};
use super::whole::Whole;
use super::{Caller, Looks, State, admit, make_so, read};
use crate::limits::Kind;
use crate::sequencer::Sequencer;
use crate::web::problem::Problem;
use axum::http::StatusCode;
use chatroom_model::{Act, Deed, Millis, Scopes, SessionId, Where};
use chatroom_store::Look;
use chatroom_wire::json::Typing;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub(super) struct Pins {
    #[schema(value_type = Vec<MessageView>)]
    messages: Vec<Shown>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Upto {
    #[schema(value_type = u64)]
    seq: Whole<u64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TypingState {
    #[schema(value_type = TypingWord)]
    state: String,
}

/// Reacts to a message.
#[utoipa::path(put, path = "/rooms/{room}/messages/{seq}/reactions/{emoji}", responses((status = 204)))]
pub(super) async fn react<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, seq, emoji)): At<(String, u64, String)>,
) -> Result<StatusCode, Problem> {
    let (room, seq, emoji) = (place(&room)?, number(seq), line(&emoji));
    make_so(&shared, caller, Deed::React { room, seq, emoji, on: true }).await
}

/// Takes a reaction back.
#[utoipa::path(delete, path = "/rooms/{room}/messages/{seq}/reactions/{emoji}", responses((status = 204)))]
pub(super) async fn unreact<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, seq, emoji)): At<(String, u64, String)>,
) -> Result<StatusCode, Problem> {
    let (room, seq, emoji) = (place(&room)?, number(seq), line(&emoji));
    make_so(&shared, caller, Deed::React { room, seq, emoji, on: false }).await
}

/// Puts a message up.
#[utoipa::path(put, path = "/rooms/{room}/messages/{seq}/pin", responses((status = 204)))]
pub(super) async fn pin<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, seq)): At<(String, u64)>,
) -> Result<StatusCode, Problem> {
    make_so(&shared, caller, Deed::Pin { room: place(&room)?, seq: number(seq), on: true }).await
}

/// Takes a message down.
#[utoipa::path(delete, path = "/rooms/{room}/messages/{seq}/pin", responses((status = 204)))]
pub(super) async fn unpin<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, seq)): At<(String, u64)>,
) -> Result<StatusCode, Problem> {
    make_so(&shared, caller, Deed::Pin { room: place(&room)?, seq: number(seq), on: false }).await
}

/// What is up in a room.
#[utoipa::path(get, path = "/rooms/{room}/pins", responses((status = 200, body = Pins)))]
pub(super) async fn pins<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Looks(caller): Looks,
    At(room): At<String>,
) -> Result<Reply<Pins>, Problem> {
    let place = place(&room)?;
    let found = read(&shared, move |reader| {
        let look: Look = match reader.look(caller.user, &place, Act::Read)? {
            Ok(look) => look,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let upto = reader.position()?;
        let sight = reader.sight(caller.user, SessionId(0), upto)?;
        let pinned = reader.pinned(&look, upto, &sight)?;
        Ok(Ok(shown(reader, caller.user, look.id, pinned)?))
    });
    Ok(Reply::ok(Pins { messages: found.await?? }))
}

/// Marks a room as read up to a message.
#[utoipa::path(put, path = "/rooms/{room}/read", request_body = Upto, responses((status = 204)))]
pub(super) async fn read_up_to<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
    Body(Upto { seq }): Body<Upto>,
) -> Result<StatusCode, Problem> {
    caller.may(Scopes::WRITE)?;
    let room = readable(&shared, caller, place(&room)?).await?;
    let seq = number(seq.0);
    // The time of it, for programs that mark by time (IRC).
    let at: Option<Millis> = read(&shared, move |reader| reader.message_time(room, seq)).await?;
    make_so(&shared, caller, Deed::Read { room: Where::Id(room), seq, at }).await
}

/// Tells those in a room that somebody is typing; kept nowhere.
#[utoipa::path(post, path = "/rooms/{room}/typing", request_body = TypingState, responses((status = 204)))]
pub(super) async fn typing<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
    Body(TypingState { state }): Body<TypingState>,
) -> Result<StatusCode, Problem> {
    caller.may(Scopes::WRITE)?;
    let state = word(&state, "state: active, paused or done", Typing::read)?;
    admit(&shared, caller.limits(), &[Kind::Signal])?;
    super::people::types(&shared, caller, place(&room)?, state).await?;
    Ok(DONE)
}

//! Where a connection is taken over for the stream. Checks who asks and how; what is told is the session's matter.

use super::api::{self, Caller};
use super::problem::Problem;
use crate::limits::Kind;
use crate::sequencer::Sequencer;
use crate::session::{Frames, Taken};
use crate::shard::Shared;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use chatroom_model::Position;
use chatroom_wire::{sse, websocket};
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// Through which a request lays hands on its connection.
#[derive(Debug, Default)]
pub(super) struct Hand {
    // Protects what the connection is taken for; held for an instruction.
    taken: Mutex<Option<Taken>>,
    rung: Notify,
}

impl Hand {
    fn take(&self, taken: Taken) {
        *self.taken.lock().expect("nobody panics while taking") = Some(taken);
        self.rung.notify_one();
    }

    /// Waits until somebody takes the connection over.
    pub(super) async fn taken(&self) -> Taken {
        loop {
            if let Some(taken) = self.taken.lock().expect("nobody panics while taking").take() {
                return taken;
            }
            self.rung.notified().await;
        }
    }
}

#[derive(Deserialize)]
pub(super) struct After {
    after: Option<u64>,
}

/// Takes the connection over for the stream: as a WebSocket, or for Server-Sent Events.
pub(super) async fn take<S: Sequencer>(
    State(shared): State<Arc<Shared<S>>>,
    caller: Caller,
    hand: Option<Extension<Arc<Hand>>>,
    asked: Result<Query<After>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Infallible, Problem> {
    caller.may_read()?;
    let Query(After { after }) =
        asked.map_err(|_| Problem::bad_request("after is a position: a whole number"))?;
    let (frames, accept) = how(&headers)?;
    let Some(Extension(hand)) = hand else {
        let why = "The stream is for HTTP/1.1: one connection is one stream";
        return Err(Problem::new(StatusCode::UPGRADE_REQUIRED, "http-1-only", why));
    };
    api::admit(&shared, caller.limits(), &[Kind::Login])?;
    // What a browser says when it comes again by itself.
    let last = headers.get("last-event-id").and_then(|last| last.to_str().ok()?.parse().ok());
    let after = last.or(after).map(Position);
    hand.take(Taken { caller, after, frames, accept });
    // The connection is not HTTP's any more.
    std::future::pending().await
}

/// As what the stream is asked for, and how a WebSocket's opening is answered (RFC 6455, 4.2).
fn how(headers: &HeaderMap) -> Result<(Frames, Option<String>), Problem> {
    let says = |name: HeaderName, word: &str| {
        let all = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        all.flat_map(|value| value.split(','))
            .any(|one| one.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(word))
    };
    if says(header::UPGRADE, "websocket") {
        let proper = says(header::CONNECTION, "upgrade")
            && headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
        let mut keys = headers.get_all(header::SEC_WEBSOCKET_KEY).iter();
        let key = keys.next().filter(|_| keys.next().is_none()).and_then(|key| key.to_str().ok());
        let accept = key.and_then(websocket::accept).filter(|_| proper);
        let why = "A WebSocket is opened with version 13, Connection: Upgrade, and a key of 16 bytes";
        return accept
            .map(|accept| (Frames::WebSocket, Some(accept)))
            .ok_or_else(|| Problem::bad_request(why));
    }
    if says(header::ACCEPT, sse::MEDIA_TYPE) {
        return Ok((Frames::Events, None));
    }
    let why = "Open a WebSocket here, or say Accept: text/event-stream";
    Err(Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade-required", why))
}

//! Whether the server lives, and whether it can be used: for supervisors and load balancers.

use super::problem::Problem;
use crate::sequencer::Sequencer;
use crate::shard::Shared;
use axum::extract::State;
use axum::http::StatusCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// What is said can be stored, and newcomers are let in.
pub(super) async fn ready<S: Sequencer>(
    State(shared): State<Arc<Shared<S>>>,
) -> Result<&'static str, Problem> {
    let unready = |code, why| Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, why);
    if shared.stop.is_cancelled() {
        return Err(unready("stopping", "The server is stopping"));
    }
    if !shared.stores.load(Ordering::Acquire) {
        let problem = unready("read-only", "What is said cannot be stored now; reading goes on");
        return Err(problem.retry_after(Duration::from_secs(1)));
    }
    Ok("ready\n")
}

//! How much somebody may still ask for, as header fields (draft-ietf-httpapi-ratelimit-headers-10). Knows no limit: it is told.

use crate::limits::Standing;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use std::cell::Cell;
use std::time::Duration;

/// The limit, how often it allows something in how many seconds.
pub(super) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// The limit, how often it still does, and in how many seconds it is as in the beginning.
pub(super) const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

tokio::task_local! {
    /// How whoever is being answered stands with the limit that is nearest.
    static NEAREST: Cell<Option<Standing>>;
}

/// Keeps how somebody stands for the answer; what is asked over a stream is answered without it.
pub(super) fn note(standing: Option<Standing>) {
    // Nobody keeps it where no answer of HTTP is made.
    let _ = NEAREST.try_with(|kept| kept.set(Standing::nearest(kept.get(), standing)));
}

/// An answer that says how whoever asked stands, where anything was counted.
pub(super) async fn told(answer: impl Future<Output = Response>) -> Response {
    let answer = async {
        let response = answer.await;
        (response, NEAREST.with(Cell::get))
    };
    let (mut response, standing) = NEAREST.scope(Cell::default(), answer).await;
    if let Some(standing) = standing {
        put(response.headers_mut(), &standing);
    }
    response
}

fn put(headers: &mut HeaderMap, standing: &Standing) {
    let key = standing.which.limit().key;
    let name = key.rsplit('.').next().unwrap_or(key);
    let policy = format!("\"{name}\";q={};w={}", standing.most, seconds(standing.window).max(1));
    let limit = format!("\"{name}\";r={};t={}", standing.left, seconds(standing.full_in));
    for (field, value) in [(POLICY, policy), (LIMIT, limit)] {
        headers.extend(HeaderValue::try_from(value).ok().map(|value| (field, value)));
    }
}

/// Rounded up: who waits so long is not early.
fn seconds(time: Duration) -> u128 {
    time.as_millis().div_ceil(1000)
}

//! Answers and bodies as JSON. Knows nothing of what they say.

use crate::web::problem::Problem;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chatroom_wire::json;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

/// An answer as JSON.
pub(super) struct Reply<T>(pub(super) StatusCode, pub(super) T);

impl<T> Reply<T> {
    pub(super) fn ok(body: T) -> Self {
        Self(StatusCode::OK, body)
    }

    pub(super) fn created(body: T) -> Self {
        Self(StatusCode::CREATED, body)
    }
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json::line(&self.1))
            .into_response()
            .with_status(self.0)
    }
}

trait WithStatus {
    fn with_status(self, status: StatusCode) -> Self;
}

impl WithStatus for Response {
    fn with_status(mut self, status: StatusCode) -> Self {
        *self.status_mut() = status;
        self
    }
}

/// A list that is asked for again and again: if it is as it was, that is all that is said.
pub(super) fn tagged<T: Serialize>(asked: &HeaderMap, body: &T) -> Response {
    let text = json::line(body);
    let digest = Sha256::digest(text.as_bytes());
    let tag =
        format!("\"{:016x}\"", digest.iter().take(8).fold(0u64, |tag, byte| tag << 8 | u64::from(*byte)));
    let same = asked.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        let all = value.to_str().unwrap_or_default().split(',').map(str::trim);
        all.map(|one| one.strip_prefix("W/").unwrap_or(one)).any(|one| one == tag || one == "*")
    });
    let tag = HeaderValue::from_str(&tag).expect("hexadecimal digits in quotes");
    // It is whoever's key asked; it may be kept where it is asked again.
    let headers =
        [(header::ETAG, tag), (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"))];
    if same {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
}

/// Nothing to say but that it is done.
pub(super) const DONE: StatusCode = StatusCode::NO_CONTENT;

/// The body of a request, as JSON; none at all is an empty object.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|why| match why.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body has at most 64 KiB")
            }
            _ => Problem::bad_request("The body could not be read to its end"),
        })?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Problem::bad_request("The body is not UTF-8"))?;
        let text = if text.trim().is_empty() { "{}" } else { text };
        // A list would be taken for an object whose names are left out.
        if !text.trim_start().starts_with('{') {
            return Err(Problem::bad_request("The body is one JSON object"));
        }
        json::read(text).map(Self).map_err(|problem| Problem::bad_request(problem.detail))
    }
}

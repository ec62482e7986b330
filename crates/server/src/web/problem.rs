//! A problem as an answer: its status and its header fields.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chatroom_wire::json;
use std::borrow::Cow;
use std::time::Duration;

/// Every code there is. They are stable: programs know them.
pub(super) const CODES: [&str; 68] = [
    "already-a-member",
    "already-so",
    "already-stored",
    "archived",
    "bad-mask",
    "bad-name",
    "bad-password",
    "bad-query",
    "bad-request",
    "bad-text",
    "bad-url",
    "banned",
    "banned-here",
    "busy",
    "contradicting",
    "cross-origin",
    "full",
    "guest",
    "http-1-only",
    "internal",
    "invite-only",
    "last-owner",
    "lobby",
    "method-not-allowed",
    "moderated",
    "mute-of-address",
    "muted",
    "name-confusing",
    "name-held",
    "name-in-use",
    "name-registered",
    "no-host",
    "no-such-hook",
    "no-such-key",
    "no-such-message",
    "no-such-room",
    "no-such-user",
    "no-such-webhook",
    "not-a-member",
    "not-allowed",
    "not-confirmed",
    "not-found",
    "not-stored",
    "not-yours",
    "only-registered",
    "read-only",
    "register-first",
    "registered",
    "room-name-taken",
    "scope",
    "slow",
    "stopping",
    "they-are-not-a-member",
    "timeout",
    "too-large",
    "too-many",
    "too-many-requests",
    "unauthenticated",
    "unavailable",
    "unknown-host",
    "unknown-rules",
    "unreadable",
    "upgrade-required",
    "weak-password",
    "webhook-ended",
    "wrong-password",
    "wrong-token",
    "yourself",
];

/// The answer to a request that is not fulfilled.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    retry_after: Option<Duration>,
}

impl Problem {
    /// A problem by its status, its code, and a sentence.
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        debug_assert!(CODES.contains(&code), "{code} is not written down");
        Self { status, code, detail: detail.into(), retry_after: None }
    }

    /// Too much is under way.
    pub(super) fn busy(why: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", why).retry_after(Duration::from_secs(1))
    }

    /// Whether it is the problem of a code.
    pub(super) fn is(&self, code: &str) -> bool {
        self.code == code
    }

    /// It may be tried again after so long.
    pub(super) fn retry_after(self, after: Duration) -> Self {
        Self { retry_after: Some(after), ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, code, detail, retry_after } = self;
        let title = status.canonical_reason().unwrap_or("Problem");
        let body = json::Problem { title, status: status.as_u16(), code, detail }.to_json();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(json::Problem::MEDIA_TYPE));
        if let Some(after) = retry_after {
            headers.insert(header::RETRY_AFTER, after.as_secs().max(1).into());
        }
        response
    }
}

/// A problem as a whole answer, for a connection that HTTP no longer serves.
pub(crate) fn over_http(problem: &Problem) -> String {
    let Problem { status, code, detail, .. } = problem.clone();
    let title = status.canonical_reason().unwrap_or("Problem");
    let body = json::Problem { title, status: status.as_u16(), code, detail }.to_json();
    let mut out =
        format!("HTTP/1.1 {} {title}\r\nContent-Type: {}\r\n", status.as_u16(), json::Problem::MEDIA_TYPE);
    for (name, value) in super::EVERYWHERE {
        out.extend([name.as_str(), ": ", value, "\r\n"]);
    }
    out + &format!("Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

//! Why something was not done, as a problem: one table of codes. The codes are stable; the sentences are for people.

use crate::batch::{Answer, What};
use crate::calls::NoAnswer;
use crate::limits::Limited;
use crate::web::problem::Problem;
use axum::http::StatusCode;
use chatroom_model::Refusal;
use std::time::Duration;

/// An answer that is not "no".
pub(super) fn of(answer: Answer) -> Result<Answer, Problem> {
    let again = |code, why: &str| super::stopped(code, why.to_owned());
    match &answer.what {
        What::Refused(refusal) => Err(refusal.into()),
        What::NotStored(why) => Err(again("not-stored", why)),
        What::NotConfirmed(why) => Err(again("not-confirmed", why)),
        What::Again(_) | What::Said(_) | What::Done { .. } => Ok(answer),
    }
}

impl Problem {
    pub(in crate::web) fn bad_request(why: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", why)
    }

    pub(crate) fn unauthenticated() -> Self {
        let why = "Come in first: POST /api/v1/sessions gives a key, which goes into Authorization: Bearer …";
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", why)
    }

    pub(super) fn no_such_key() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no-such-key", "You have no such key")
    }

    pub(super) fn unreadable() -> Self {
        let why = "That cannot be read now";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "unreadable", why)
    }

    pub(super) fn stopping() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "The server is stopping")
            .retry_after(Duration::from_secs(2))
    }
}

impl From<NoAnswer> for Problem {
    fn from(why: NoAnswer) -> Self {
        match why {
            NoAnswer::TooMany => Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", why.to_string())
                .retry_after(Duration::from_secs(1)),
            NoAnswer::Stopping => Self::stopping(),
        }
    }
}

impl From<Limited> for Problem {
    fn from(limited: Limited) -> Self {
        let (status, code) = match limited.is_busy() {
            true => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            false => (StatusCode::TOO_MANY_REQUESTS, "too-many-requests"),
        };
        Self::new(status, code, limited.to_string()).retry_after(limited.retry_after)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::from(&refusal)
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        const NO: StatusCode = StatusCode::FORBIDDEN;
        const NOWHERE: StatusCode = StatusCode::NOT_FOUND;
        const CLASH: StatusCode = StatusCode::CONFLICT;
        const MANY: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
        let (status, code) = match refusal {
            Refusal::NameInUse => (CLASH, "name-in-use"),
            Refusal::NameHeld => (CLASH, "name-held"),
            Refusal::NameRegistered => (CLASH, "name-registered"),
            Refusal::NameConfusing => (CLASH, "name-confusing"),
            Refusal::BadToken | Refusal::BadPassword => (StatusCode::UNAUTHORIZED, "bad-password"),
            Refusal::NoKey | Refusal::NoSession => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            Refusal::NoSuchHook => (NOWHERE, "no-such-webhook"),
            Refusal::KeyScope => (NO, "scope"),
            Refusal::BannedHere => (NO, "banned-here"),
            Refusal::NoSuchUser(_) => (NOWHERE, "no-such-user"),
            Refusal::OnlyRegistered => (NO, "only-registered"),
            Refusal::RegisterFirst => (NO, "register-first"),
            Refusal::Yourself => (NO, "yourself"),
            Refusal::AlreadyStored(_) => (CLASH, "already-stored"),
            Refusal::UnknownRules => (StatusCode::INTERNAL_SERVER_ERROR, "unknown-rules"),
            Refusal::NoSuchRoom => (NOWHERE, "no-such-room"),
            Refusal::RoomNameTaken => (CLASH, "room-name-taken"),
            Refusal::NotAMember => (NO, "not-a-member"),
            Refusal::TheyAreNotAMember => (NOWHERE, "they-are-not-a-member"),
            Refusal::AlreadyAMember => (CLASH, "already-a-member"),
            Refusal::NotAllowed => (NO, "not-allowed"),
            Refusal::NotYours => (NO, "not-yours"),
            Refusal::Muted => (NO, "muted"),
            Refusal::MuteOfAddress => (MANY, "mute-of-address"),
            Refusal::Moderated => (NO, "moderated"),
            Refusal::Archived => (NO, "archived"),
            Refusal::Banned => (NO, "banned"),
            Refusal::InviteOnly => (NO, "invite-only"),
            Refusal::WrongPassword => (NO, "wrong-password"),
            Refusal::Full => (NO, "full"),
            Refusal::Slow { .. } => (StatusCode::TOO_MANY_REQUESTS, "slow"),
            Refusal::NoSuchMessage => (NOWHERE, "no-such-message"),
            Refusal::AlreadySo => (CLASH, "already-so"),
            Refusal::TooMany(_) => (MANY, "too-many"),
            Refusal::Guest => (NO, "guest"),
            Refusal::Registered => (CLASH, "registered"),
            Refusal::LastOwner => (CLASH, "last-owner"),
            Refusal::Lobby => (NO, "lobby"),
        };
        let problem = Self::new(status, code, refusal.to_string());
        match refusal {
            Refusal::Slow { wait } => {
                problem.retry_after(Duration::from_millis(u64::try_from(wait.0).unwrap_or(0)))
            }
            _ => problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::RETRY_AFTER;
    use axum::response::IntoResponse as _;

    #[test]
    fn what_may_be_tried_again_says_when() {
        for problem in [
            Problem::from(NoAnswer::TooMany),
            Problem::from(NoAnswer::Stopping),
            Problem::busy("Many passwords are being looked at"),
            Problem::from(Limited { which: &crate::limits::BUSY, retry_after: Duration::ZERO }),
        ] {
            let response = problem.into_response();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            let after = response.headers()[RETRY_AFTER].to_str().ok().and_then(|after| after.parse().ok());
            assert!(after.is_some_and(|after: u64| after >= 1));
        }
        // Less than a second is one.
        let slow = Problem::from(Refusal::Slow { wait: chatroom_model::Millis(1) }).into_response();
        assert_eq!(
            (slow.status(), &slow.headers()[RETRY_AFTER]),
            (StatusCode::TOO_MANY_REQUESTS, &"1".parse().unwrap())
        );
    }
}

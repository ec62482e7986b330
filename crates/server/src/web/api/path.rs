//! What stands in an address: rooms, people, numbers, and what is asked of a list.

use crate::web::problem::Problem;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use chatroom_model::{Mask, Name, Refusal, RoomId, Where};
use chatroom_wire::line::deed::{self, Not};
use chatroom_wire::text;
use serde::de::DeserializeOwned;

/// The parts of an address.
pub(super) struct At<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::from_request_parts(parts, state).await;
        path.map(|Path(parts)| Self(parts)).map_err(|why| Problem::bad_request(why.body_text()))
    }
}

/// What is asked after `?`.
pub(super) struct Asks<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asks<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await;
        query.map(|Query(asked)| Self(asked)).map_err(|why| Problem::bad_request(why.body_text()))
    }
}

/// A room by its number, its name, or somebody's name after `@`.
pub(super) fn place(text: &str) -> Result<Where, Problem> {
    if let Ok(id) = text.parse() {
        return Ok(Where::Id(RoomId(id)));
    }
    let named =
        if text.starts_with(['#', '@']) { deed::place(text) } else { deed::place(&format!("#{text}")) };
    named.map_err(|_| Refusal::NoSuchRoom.into())
}

/// Somebody's name. One that cannot be held is nobody's.
pub(super) fn name(text: &str) -> Result<Name, Problem> {
    deed::name(text).map_err(|not| {
        let why = if let Not::Because(why) = not { why } else { Refusal::NotAllowed.to_string() };
        Problem::new(axum::http::StatusCode::NOT_FOUND, "no-such-user", why)
    })
}

/// A name that somebody wants to have.
pub(super) fn wanted(text: &str) -> Result<Name, Problem> {
    Name::parse(&text::clean(text)).map_err(|why| {
        Problem::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, "bad-name", format!("A name {why}"))
    })
}

/// How many are wanted: what is said, or the first of two numbers; the second at most.
pub(super) fn most(said: Option<usize>, (usual, most): (usize, usize)) -> Result<usize, Problem> {
    let n = said.unwrap_or(usual);
    if (1..=most).contains(&n) { Ok(n) } else { Err(Problem::bad_request(format!("1 to {most} at once"))) }
}

/// Whom a ban or a mute meets.
pub(super) fn mask(text: &str) -> Result<Mask, Problem> {
    Mask::parse(&text::clean(text)).map_err(|why| {
        Problem::new(axum::http::StatusCode::UNPROCESSABLE_ENTITY, "bad-mask", format!("That is {why}"))
    })
}

/// A line of text, without what would act somewhere.
pub(super) fn line(text: &str) -> String {
    text::clean(text).into_owned()
}

/// Text of one line or more, each without what would act somewhere.
pub(super) fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let lines: Vec<_> = text.split('\n').map(text::clean).collect();
    lines.join("\n").trim_end_matches('\n').to_owned()
}

/// A word that is one of a few.
pub(super) fn word<T>(text: &str, what: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, Problem> {
    read(text).ok_or_else(|| Problem::bad_request(format!("{} is no {what}", text::clean(text))))
}

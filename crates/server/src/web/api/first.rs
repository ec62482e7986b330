//! How the first of those who run the server becomes one: by the token of this run, which the machine's operator was shown.

use super::reply::{Body, DONE};
use super::{Caller, State, read, stopped};
use crate::batch::What;
use crate::sequencer::Sequencer;
use crate::web::problem::Problem;
use axum::http::StatusCode;
use chatroom_model::{Deed, Name, Refusal, Scopes};
use serde::Deserialize;
use std::time::Instant;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct First {
    token: String,
}

/// What every token is told that is not the one: whether there is one is nobody's business.
fn wrong() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "wrong-token", "That is not the token")
}

/// Runs the server from now on, by the token that was printed at its start.
#[utoipa::path(put, path = "/me/operator", request_body = First, responses((status = 204)))]
pub(super) async fn operator<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    Body(First { token }): Body<First>,
) -> Result<StatusCode, Problem> {
    caller.may(Scopes::MANAGE)?;
    let found = read(&shared, move |reader| Ok((reader.profile_of(caller.user)?, reader.has_operator()?)));
    let (own, has_operator) = found.await?;
    let own = own.ok_or_else(Problem::unauthenticated)?;
    let user = Name::kept(&own.name);
    // Counted apart from this user's logins, and from what others try.
    shared.limits.attempt(caller.address, &format!("/operator {}", user.key()), Instant::now())?;
    if own.account.is_none() {
        return Err(Refusal::Guest.into());
    }
    // Somebody may have been named on the machine since the token was printed; then it opens nothing any more.
    if has_operator {
        return Err(wrong());
    }
    let taken = shared.setup.take(&token).ok_or_else(wrong)?;
    let done = tokio::select! {
        done = shared.calls.act(&*shared.sequencer, Deed::Operator { user, on: true }) => done,
        () = shared.stop.cancelled() => return Err(Problem::stopping()),
    };
    match done {
        Ok(What::Done { .. } | What::Again(_) | What::Said { .. }) => {
            tracing::info!("somebody runs the server now, by the token of this run");
            Ok(DONE)
        }
        // It may have happened; if not, the next run has another token.
        Ok(What::NotConfirmed(why)) => Err(stopped("not-confirmed", why)),
        Ok(What::NotStored(why)) => {
            shared.setup.give_back(taken);
            Err(stopped("not-stored", why))
        }
        Ok(What::Refused(refusal)) => {
            shared.setup.give_back(taken);
            Err(refusal.into())
        }
        Err(why) => {
            shared.setup.give_back(taken);
            Err(why.into())
        }
    }
}

//! How the first of those who run the server becomes one: by the token of this run, which the machine's operator was shown.

use super::Not;
use crate::batch::What;
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::commands::read;
use crate::session::talk::Talk;
use chatroom_model::{Deed, Name, Refusal};
use chatroom_wire::line::words;
use std::time::Instant;

/// What every token is told that is not the one: whether there is one is nobody's business.
const WRONG: &str = "that is not the token";

impl<S: Sequencer> Talk<'_, S> {
    /// Becomes the first to run the server, if the token is the one.
    pub(super) async fn first_operator(&mut self, token: &str) -> Result<(), End> {
        self.settled().await?;
        let user = self.session.user.get();
        let Some(Some(name)) = read(self, move |reader| reader.name(user)).await else { return Ok(()) };
        let name = Name::kept(&name);
        let shared = &self.shard.shared;
        // Counted apart from this user's logins, and from what others try.
        let account = format!("/operator {}", name.key());
        if let Err(limited) = shared.limits.attempt(self.session.address, &account, Instant::now()) {
            return self.limited(&limited).await;
        }
        let asked = name.clone();
        let Some(found) = read(self, move |reader| reader.profile(&asked)).await else { return Ok(()) };
        if found.is_none_or(|found| found.account.is_none()) {
            return self.no(Refusal::Guest.into()).await;
        }
        let Some(taken) = self.shard.shared.setup.take(token) else {
            return self.no(Not::Because(WRONG.into())).await;
        };
        // Somebody may have been named on the machine since the token was printed; then it opens nothing any more.
        match read(self, |reader| reader.has_operator()).await {
            Some(false) => {}
            Some(true) => return self.no(Not::Because(WRONG.into())).await,
            None => {
                self.shard.shared.setup.give_back(taken);
                return Ok(());
            }
        }
        let deed = Deed::Operator { user: name, on: true };
        let shared = &self.shard.shared;
        let done = tokio::select! {
            done = shared.calls.act(&*shared.sequencer, deed) => done,
            () = shared.stop.cancelled() => return Err(End::Stopping),
        };
        match done {
            Ok(What::Done { .. } | What::Again(_) | What::Said(_)) => {
                tracing::info!("somebody runs the server now, by the token of this run");
                self.session.tell(format!("{}\n", words::DONE));
                Ok(())
            }
            Ok(What::Refused(refusal)) => {
                self.shard.shared.setup.give_back(taken);
                self.no(refusal.into()).await
            }
            Ok(What::NotStored(why)) => {
                self.shard.shared.setup.give_back(taken);
                self.no(Not::Because(why)).await
            }
            // It may have happened; if not, the next run has another token.
            Ok(What::NotConfirmed(why)) => self.no(Not::Because(why)).await,
            Err(why) => {
                self.shard.shared.setup.give_back(taken);
                self.no(Not::Because(why.to_string())).await
            }
        }
    }
}

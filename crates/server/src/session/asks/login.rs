//! Going on under a registered name on the same connection: one session opens, and the other one ends with it.

use super::Not;
use crate::passwords::Secret;
use crate::sequencer::Sequencer;
use crate::session::door;
use crate::session::talk::Talk;
use crate::session::{End, irc, leave, prove};
use chatroom_model::{LOBBY, LOBBY_NAME};
use chatroom_wire::line::deed;
use std::rc::Rc;

impl<S: Sequencer> Talk<'_, S> {
    /// Opens a session of that user, if the password is right; what ends it is the one before.
    pub(super) async fn log_in(&mut self, user: &str, word: &str) -> Result<(), End> {
        self.settled().await?;
        let name = match deed::name(user) {
            Ok(name) => name,
            Err(not) => return self.no(not).await,
        };
        let proven =
            prove::prove(&self.shard.shared, self.session.address, &name, Secret::new(word.to_owned())).await;
        let phc = match proven {
            Ok(phc) => phc,
            Err(why) => return self.no(Not::Because(why.to_string())).await,
        };
        // The other session writes to the same socket: what this one has begun is written first.
        while !self.session.idle() {
            self.happen(false).await?;
        }
        let opened = tokio::select! {
            opened = door::open_over(self.shard, &self.session, None, (name, phc)) => opened,
            () = self.shard.shared.stop.cancelled() => return Err(End::Stopping),
        };
        match opened {
            Ok(entered) => {
                self.next = Some(Box::new(entered));
                Err(End::Moved)
            }
            Err(why) => self.no(Not::Because(why.to_string())).await,
        }
    }

    /// The session that was opened takes over, once the one before is over and all it had to say is written.
    pub(in crate::session) async fn move_on(&mut self) -> Result<(), End> {
        let Some(entered) = self.next.take() else { return Err(End::Lost) };
        let before = std::mem::replace(&mut self.session, Rc::clone(&entered.session));
        let was = irc::hand_on(self, &before, &entered);
        if !leave::hand_over(self.shard, &before).await {
            return Err(End::Lost);
        }
        if before.is_irc() {
            irc::moved(self.shard, &was, &entered).await;
        } else {
            door::greet(self.shard, &entered).await;
        }
        (self.token, self.at, self.missed) = (entered.token, entered.at, entered.resumed);
        (self.room, self.room_name) = (LOBBY, LOBBY_NAME.into());
        Ok(())
    }
}

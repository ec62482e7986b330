//! Calls that wait for their answers: the operator's, and those of programs. Knows nothing of who called, or from where.

use crate::batch::{Answer, Asker, What};
use crate::sequencer::Sequencer;
use crate::turns;
use chatroom_model::{Deed, Doer, Request};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

/// Calls of programs that may be on their way at once; past this the next one waits for its turn.
const WAITING_MAX: usize = 1024;
/// Beside those, so that the operator is always heard.
const OPERATOR_MAX: usize = 64;
/// Whose turn does not come in this time is told to come again.
const TURN: Duration = Duration::from_secs(5);

/// The calls on their way.
#[derive(Debug)]
pub(crate) struct Calls {
    // Protects the number of the last call, and who waits for which answer.
    waiting: Mutex<(u64, HashMap<u64, oneshot::Sender<Answer>>)>,
    /// Places for programs and for the operator, taken in the order in which they were asked for.
    programs: Semaphore,
    operator: Semaphore,
}

impl Default for Calls {
    fn default() -> Self {
        let (programs, operator) = (Semaphore::new(WAITING_MAX), Semaphore::new(OPERATOR_MAX));
        Self { waiting: Mutex::default(), programs, operator }
    }
}

/// Why a call has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAnswer {
    /// As many calls as may wait are waiting.
    #[error("too many calls are waiting: try again in a moment")]
    TooMany,
    /// Nothing more is taken.
    #[error("the server is stopping")]
    Stopping,
}

impl Calls {
    /// Has a deed done as the operator at the machine, and waits for what became of it.
    pub(crate) async fn act<S: Sequencer>(&self, sequencer: &S, deed: Deed) -> Result<What, NoAnswer> {
        let request = |call| Request::Do { doer: Doer::Operator(call), deed: deed.into() };
        Ok(self.wait(&self.operator, sequencer, request).await?.what)
    }

    /// Hands in what a program asks, by the number of its call, and waits for what became of it.
    pub(crate) async fn ask<S: Sequencer>(
        &self,
        sequencer: &S,
        request: impl FnOnce(u64) -> Request,
    ) -> Result<Answer, NoAnswer> {
        self.wait(&self.programs, sequencer, request).await
    }

    async fn wait<S: Sequencer>(
        &self,
        places: &Semaphore,
        sequencer: &S,
        request: impl FnOnce(u64) -> Request,
    ) -> Result<Answer, NoAnswer> {
        let _place = place(places).await?;
        let (call, answer) = self.begin();
        // Whoever stops waiting takes no place.
        let _leaves = Leaves { calls: self, call };
        if sequencer.submit(request(call)).await.is_err() {
            return Err(NoAnswer::Stopping);
        }
        turns::handed_in();
        answer.await.map_err(|_| NoAnswer::Stopping)
    }

    /// Gives the calls' answers of a batch to those who wait for them, and leaves the others.
    pub(crate) fn answer(&self, answers: &mut Vec<Answer>) {
        for answer in answers.extract_if(.., |answer| matches!(answer.to, Asker::Call(_))) {
            let Asker::Call(call) = answer.to else { continue };
            if let Some(waiting) = self.take(call) {
                // Whoever called may be gone; what was done stays done.
                let _ = waiting.send(answer);
            }
        }
    }

    fn begin(&self) -> (u64, oneshot::Receiver<Answer>) {
        let mut waiting = self.waiting.lock().expect("nobody panics while noting a call");
        let (last, waiting) = &mut *waiting;
        *last += 1;
        let (answer, answered) = oneshot::channel();
        waiting.insert(*last, answer);
        (*last, answered)
    }

    fn take(&self, call: u64) -> Option<oneshot::Sender<Answer>> {
        self.waiting.lock().expect("nobody panics while noting a call").1.remove(&call)
    }
}

/// A place for a call, once there is one.
async fn place(places: &Semaphore) -> Result<SemaphorePermit<'_>, NoAnswer> {
    if let Ok(place) = places.try_acquire() {
        return Ok(place);
    }
    let place = tokio::time::timeout(TURN, places.acquire()).await;
    place.map_err(|_| NoAnswer::TooMany)?.map_err(|_| NoAnswer::Stopping)
}

/// A call that is on its way.
struct Leaves<'a> {
    calls: &'a Calls,
    call: u64,
}

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.calls.take(self.call);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_more_are_on_their_way_than_may_and_the_next_waits_a_while() {
        let calls = Calls::default();
        let all = calls.programs.acquire_many(WAITING_MAX as u32).await.unwrap();
        assert_eq!(place(&calls.programs).await.unwrap_err(), NoAnswer::TooMany);
        assert!(place(&calls.operator).await.is_ok(), "the operator is heard");
        let later = async { drop(all) };
        let (place, ()) = tokio::join!(place(&calls.programs), later);
        assert!(place.is_ok(), "its turn has come");
    }

    #[test]
    fn each_is_given_its_own_answer() {
        let calls = Calls::default();
        let mut waiting: Vec<_> = (0..3).map(|_| calls.begin()).collect();
        let (call, mut answer) = waiting.pop().unwrap();
        let answered = |to| Answer {
            to,
            at: chatroom_model::Position(0),
            client_id: None,
            door: false,
            deed: true,
            what: What::Done { quiet: true },
        };
        let session = Asker::Session(chatroom_model::SessionId(1));
        let mut answers = vec![answered(session), answered(Asker::Call(call)), answered(Asker::Call(7777))];
        calls.answer(&mut answers);
        assert!(matches!(answer.try_recv(), Ok(Answer { what: What::Done { .. }, .. })));
        assert!(answers.len() == 1 && answers[0].to == session);
        let left = calls.waiting.lock().unwrap().1.len();
        drop(Leaves { calls: &calls, call: 1 });
        assert_eq!(calls.waiting.lock().unwrap().1.len(), left - 1, "who waits no longer takes no place");
    }
}

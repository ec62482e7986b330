//! Calls that wait for their answers: the operator's, and those of programs. Knows nothing of who called, or from where.

use crate::batch::{Answer, Asker, What};
use crate::sequencer::Sequencer;
use chatroom_model::{Deed, Doer, Request};
use std::collections::HashMap;
use std::sync::Mutex;
use tokio::sync::oneshot;

/// Calls of programs that may wait at once; past this a call is told to come again.
const WAITING_MAX: usize = 1024;
/// More than those, so that the operator is always heard.
const OPERATOR_MAX: usize = WAITING_MAX + 64;

/// The calls on their way.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    // Protects the number of the last call, and who waits for which answer.
    waiting: Mutex<(u64, HashMap<u64, oneshot::Sender<Answer>>)>,
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
        Ok(self.wait(OPERATOR_MAX, sequencer, request).await?.what)
    }

    /// Hands in what a program asks, by the number of its call, and waits for what became of it.
    pub(crate) async fn ask<S: Sequencer>(
        &self,
        sequencer: &S,
        request: impl FnOnce(u64) -> Request,
    ) -> Result<Answer, NoAnswer> {
        self.wait(WAITING_MAX, sequencer, request).await
    }

    async fn wait<S: Sequencer>(
        &self,
        most: usize,
        sequencer: &S,
        request: impl FnOnce(u64) -> Request,
    ) -> Result<Answer, NoAnswer> {
        let (call, answer) = self.begin(most)?;
        // Whoever stops waiting takes no place.
        let _leaves = Leaves { calls: self, call };
        if sequencer.submit(request(call)).await.is_err() {
            return Err(NoAnswer::Stopping);
        }
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

    fn begin(&self, most: usize) -> Result<(u64, oneshot::Receiver<Answer>), NoAnswer> {
        let mut waiting = self.waiting.lock().expect("nobody panics while noting a call");
        let (last, waiting) = &mut *waiting;
        if waiting.len() >= most {
            return Err(NoAnswer::TooMany);
        }
        *last += 1;
        let (answer, answered) = oneshot::channel();
        waiting.insert(*last, answer);
        Ok((*last, answered))
    }

    fn take(&self, call: u64) -> Option<oneshot::Sender<Answer>> {
        self.waiting.lock().expect("nobody panics while noting a call").1.remove(&call)
    }
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

    #[test]
    fn each_is_given_its_own_answer_and_no_more_wait_than_may() {
        let calls = Calls::default();
        let mut waiting: Vec<_> = (0..WAITING_MAX).map(|_| calls.begin(WAITING_MAX).unwrap()).collect();
        assert_eq!(calls.begin(WAITING_MAX).unwrap_err(), NoAnswer::TooMany);
        assert!(calls.begin(OPERATOR_MAX).is_ok(), "the operator is heard");
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

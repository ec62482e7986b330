//! Calls of the operator that wait for their answers. Knows nothing of who called, or from where.

use crate::batch::{Answer, Asker, What};
use crate::sequencer::Sequencer;
use chatroom_model::{Deed, Doer, Request};
use std::collections::HashMap;
use std::sync::Mutex;
use tokio::sync::oneshot;

/// Calls that may wait at once; past this a call is told to come again.
const WAITING_MAX: usize = 64;

/// The calls on their way.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    // Protects the number of the last call, and who waits for which answer.
    waiting: Mutex<(u64, HashMap<u64, oneshot::Sender<What>>)>,
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
        let (call, answer) = self.begin()?;
        let request = Request::Do { doer: Doer::Operator(call), deed: deed.into() };
        if sequencer.submit(request).await.is_err() {
            self.take(call);
            return Err(NoAnswer::Stopping);
        }
        answer.await.map_err(|_| NoAnswer::Stopping)
    }

    /// Gives the operator's answers of a batch to those who wait for them, and leaves the others.
    pub(crate) fn answer(&self, answers: &mut Vec<Answer>) {
        for answer in answers.extract_if(.., |answer| matches!(answer.to, Asker::Operator(_))) {
            let Asker::Operator(call) = answer.to else { continue };
            if let Some(waiting) = self.take(call) {
                // Whoever called may be gone; what was done stays done.
                let _ = waiting.send(answer.what);
            }
        }
    }

    fn begin(&self) -> Result<(u64, oneshot::Receiver<What>), NoAnswer> {
        let mut waiting = self.waiting.lock().expect("nobody panics while noting a call");
        let (last, waiting) = &mut *waiting;
        if waiting.len() >= WAITING_MAX {
            return Err(NoAnswer::TooMany);
        }
        *last += 1;
        let (answer, answered) = oneshot::channel();
        waiting.insert(*last, answer);
        Ok((*last, answered))
    }

    fn take(&self, call: u64) -> Option<oneshot::Sender<What>> {
        self.waiting.lock().expect("nobody panics while noting a call").1.remove(&call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_given_its_own_answer_and_no_more_wait_than_may() {
        let calls = Calls::default();
        let mut waiting: Vec<_> = (0..WAITING_MAX).map(|_| calls.begin().unwrap()).collect();
        assert_eq!(calls.begin().unwrap_err(), NoAnswer::TooMany);
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
        let mut answers =
            vec![answered(session), answered(Asker::Operator(call)), answered(Asker::Operator(7777))];
        calls.answer(&mut answers);
        assert!(matches!(answer.try_recv(), Ok(What::Done { .. })));
        assert!(answers.len() == 1 && answers[0].to == session);
        assert!(calls.begin().is_ok());
    }
}

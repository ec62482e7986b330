//! What senders have got back of their messages: each its own among everybody's, and where requests are answered, the answers.

/// Counts, by sender.
pub(super) struct Answers {
    heard: Vec<u64>,
    /// None where hearing oneself is all the answer there is.
    answered: Option<Vec<u64>>,
}

impl Answers {
    pub(super) fn new(senders: usize, are_given: bool) -> Self {
        Self { heard: vec![0; senders], answered: are_given.then(|| vec![0; senders]) }
    }

    /// A sender has heard one more of its own messages.
    pub(super) fn hears(&mut self, sender: usize) {
        self.heard[sender] += 1;
    }

    /// A request of a sender was answered.
    pub(super) fn come(&mut self, sender: usize) {
        if let Some(answered) = &mut self.answered {
            answered[sender] += 1;
        }
    }

    /// Messages of a sender that it both heard and was answered.
    pub(super) fn of(&self, sender: usize) -> u64 {
        let answered = self.answered.as_ref().map_or(u64::MAX, |answered| answered[sender]);
        self.heard[sender].min(answered)
    }

    /// Whether every request was answered, once, of so many messages of each sender.
    pub(super) fn are(&self, sent: &[u64]) -> bool {
        self.answered.as_ref().is_none_or(|answered| answered == sent)
    }
}

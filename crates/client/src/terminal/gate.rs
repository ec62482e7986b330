//! Lets lines onto the terminal only while the prompt stands on it. Between two prompts a line would be printed into
//! what is being typed, and out of order. Knows no terminal.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Where the prompt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Prompt {
    /// Not there: a line has just been entered.
    #[default]
    Away,
    /// It is being prepared.
    Coming,
    /// There: what is printed goes over it.
    Standing,
    /// It will not come again.
    Over,
}

/// Shared by the thread that reads and the thread that prints.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// Protects where the prompt is; held for a look or a change, never while printing.
    prompt: Mutex<Prompt>,
    changed: Condvar,
}

impl Gate {
    /// The prompt is about to be drawn.
    pub(super) fn prompt_comes(&self) {
        self.becomes(Prompt::Coming);
    }

    /// The prompt has been drawn, or drawn again; what is entered is redrawn too, and does not count.
    pub(super) fn drawn(&self) {
        let mut prompt = self.lock();
        if *prompt == Prompt::Coming {
            *prompt = Prompt::Standing;
            self.changed.notify_all();
        }
    }

    /// What was typed is being entered.
    pub(super) fn entered(&self) {
        self.becomes(Prompt::Away);
    }

    /// There will be no prompt any more.
    pub(super) fn over(&self) {
        self.becomes(Prompt::Over);
    }

    pub(super) fn is_over(&self) -> bool {
        *self.lock() == Prompt::Over
    }

    /// Waits until something may be printed.
    pub(super) fn wait(&self) {
        let closed = |prompt: &mut Prompt| matches!(prompt, Prompt::Away | Prompt::Coming);
        drop(self.changed.wait_while(self.lock(), closed).unwrap_or_else(PoisonError::into_inner));
    }

    fn becomes(&self, prompt: Prompt) {
        *self.lock() = prompt;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Prompt> {
        self.prompt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, mpsc};
    use std::thread;

    #[test]
    fn what_is_printed_waits_for_the_prompt() {
        let gate = Arc::new(Gate::default());
        let (passed, passing) = mpsc::channel();
        let printer = gate.clone();
        let printing = thread::spawn(move || {
            printer.wait();
            passed.send(()).unwrap();
        });
        gate.drawn();
        assert_eq!(*gate.lock(), Prompt::Away, "a redraw of what is being entered opens nothing");
        gate.prompt_comes();
        assert!(passing.try_recv().is_err());
        gate.drawn();
        passing.recv().unwrap();
        printing.join().unwrap();
        gate.entered();
        gate.over();
        gate.wait();
    }
}

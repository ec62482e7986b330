//! What was looked at, how it is, and what to do about it. Knows no check.

use serde_json::{Value, json};

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Ok,
    Warn,
    Fail,
}

/// One thing that was looked at.
#[derive(Debug)]
pub(super) struct Finding {
    check: &'static str,
    pub(super) state: State,
    what: String,
    todo: String,
}

/// All that was looked at, in order.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn ok(&mut self, check: &'static str, what: impl Into<String>) {
        self.add(check, State::Ok, what, "");
    }

    pub(super) fn warn(&mut self, check: &'static str, what: impl Into<String>, todo: impl Into<String>) {
        self.add(check, State::Warn, what, todo);
    }

    pub(super) fn fail(&mut self, check: &'static str, what: impl Into<String>, todo: impl Into<String>) {
        self.add(check, State::Fail, what, todo);
    }

    pub(super) fn all(&self) -> &[Finding] {
        &self.0
    }

    fn add(&mut self, check: &'static str, state: State, what: impl Into<String>, todo: impl Into<String>) {
        self.0.push(Finding { check, state, what: what.into(), todo: todo.into() });
    }
}

impl Finding {
    pub(super) fn described(&self) -> Value {
        json!({"check": self.check, "state": self.state.word(), "what": self.what, "do": self.todo})
    }

    pub(super) fn told(&self) -> String {
        let todo = if self.todo.is_empty() { String::new() } else { format!(" -> {}", self.todo) };
        format!("{:4}  {}: {}{todo}", self.state.word(), self.check, self.what)
    }
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

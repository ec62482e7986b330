//! Getting in: the question for the name, the token, and what a refusal means. Knows nothing of messages.

use super::*;
use crate::password::Secret;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The server has not asked yet.
    Prompt { until: Instant },
    /// It has asked, and the user has not answered.
    Name,
    /// It has asked for the password of our name.
    Password,
    /// It has our answer.
    Answered { until: Instant },
}

impl Stage {
    pub(super) fn until(self) -> Option<Instant> {
        match self {
            Stage::Prompt { until } | Stage::Answered { until } => Some(until),
            Stage::Name | Stage::Password => None,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Refusal {
    words: String,
    /// Somebody is in under this name; after a cut that is our own session which the server has not missed yet.
    in_use: bool,
}

impl Resume {
    pub(super) fn heard_at_door(&mut self, stage: Stage, line: &str, heard: &Heard<'_>, now: Instant) {
        match heard {
            Heard::Prompt => return self.asked(line, now),
            Heard::TokenLine { user, token } => self.keep(user, *token),
            Heard::WelcomeBack { .. } => self.link.resumed = true,
            Heard::BadToken => self.token_refused(),
            Heard::NameInUse | Heard::NameHeld | Heard::BadName { .. } | Heard::MalformedReconnect => {
                let in_use = *heard == Heard::NameInUse;
                self.link.refusal = Some(Refusal { words: line.to_owned(), in_use });
                if in_use && self.been_in {
                    return;
                }
            }
            Heard::PasswordAsked if matches!(stage, Stage::Answered { .. }) => {
                self.link.password_asked = true;
                self.phase = Phase::Door(Stage::Password);
                self.show(line);
                self.steps.push_back(Do::AskPassword);
                return;
            }
            Heard::Closing { .. } if self.link.password_asked => {
                self.link.refusal = Some(Refusal { words: line.to_owned(), in_use: false });
            }
            Heard::Welcome { user } if matches!(stage, Stage::Answered { .. }) => self.let_in(user, now),
            _ => {}
        }
        let greeting = matches!(
            heard,
            Heard::TokenLine { .. }
                | Heard::YourToken { .. }
                | Heard::WelcomeBack { .. }
                | Heard::Welcome { .. }
        );
        if !(self.been_in && greeting) {
            self.show(line);
        }
    }

    fn asked(&mut self, line: &str, now: Instant) {
        if self.name.is_some() {
            return self.answer(now);
        }
        self.phase = Phase::Door(Stage::Name);
        self.show(line);
    }

    fn answer(&mut self, now: Instant) {
        let name = self.name.clone().unwrap_or_default();
        let answer = match self.tokens.get(&name_key(&name)) {
            Some(credential) => credential.line(),
            None => name,
        };
        self.phase = Phase::Door(Stage::Answered { until: now + DOOR_TIME });
        self.steps.push_back(Do::Send(answer));
    }

    /// The password that was asked for. It is sent, and kept nowhere.
    pub(crate) fn password(&mut self, secret: Secret, now: Instant) {
        if self.phase == Phase::Door(Stage::Password) {
            self.phase = Phase::Door(Stage::Answered { until: now + DOOR_TIME });
            self.steps.push_back(Do::SendSecret(secret));
        }
    }

    /// There is no password, for this reason.
    pub(crate) fn no_password(&mut self, reason: &str) {
        self.steps.push_back(Do::HangUp);
        self.end(Ending::Refused(reason.to_owned()));
    }

    fn let_in(&mut self, user: &str, now: Instant) {
        self.me = user.to_owned();
        // A name that the server made up, or wrote in its own way, is the one to return under.
        self.name = Some(user.to_owned());
        if self.been_in {
            self.note(&format!("Reconnected as {user}"));
        }
        self.phase = Phase::Settling(room::Settling::begin(now));
    }

    /// The answer to the question for the name, in the user's words; empty means any name.
    pub(super) fn typed_name(&mut self, answer: &str, now: Instant) {
        self.take_name(answer);
        match self.phase {
            Phase::Door(Stage::Name) => self.answer(now),
            Phase::NeedsName => self.connect(),
            _ => {}
        }
    }

    pub(super) fn take_name(&mut self, answer: &str) {
        let answer = answer.trim();
        self.guest = answer.is_empty();
        let name = match Credential::parse(answer) {
            Some(credential) => {
                let user = credential.user.clone();
                self.tokens.insert(name_key(&user), credential);
                user
            }
            None => answer.to_owned(),
        };
        self.name = Some(name);
    }

    /// The user has logged in on this connection: they are somebody else, in the first room.
    pub(super) fn is_now(&mut self, user: &str) {
        self.me = user.to_owned();
        self.name = Some(user.to_owned());
        self.place.is(outbox::LOBBY);
        self.link.here = None;
    }

    pub(super) fn keep(&mut self, user: &str, token: [u8; 16]) {
        let credential = Credential { user: user.to_owned(), token };
        let known = self.tokens.insert(name_key(user), credential.clone());
        if !self.guest && known.as_ref() != Some(&credential) {
            self.steps.push_back(Do::Keep(credential));
        }
    }

    fn token_refused(&mut self) {
        self.link.bad_token = true;
        let name = self.name.clone().unwrap_or_default();
        if let Some(credential) = self.tokens.remove(&name_key(&name)) {
            self.steps.push_back(Do::Forget(credential.user));
        }
    }

    pub(super) fn lost_at_door(&mut self, stage: Stage, now: Instant) {
        if stage == Stage::Password {
            self.steps.push_back(Do::PasswordOver);
        }
        match self.link.refusal.take() {
            Some(refusal) if refusal.in_use && self.been_in => {
                self.wait("The server still holds the old session", now)
            }
            Some(refusal) if self.input == InputFrom::Pipe => self.end(Ending::Refused(refusal.words)),
            Some(_) => {
                self.name = None;
                self.phase = Phase::NeedsName;
                self.note("Enter another username:");
            }
            // The token is forgotten: the name is tried plainly.
            None if self.link.bad_token => self.connect(),
            None if stage == Stage::Name => self.phase = Phase::NeedsName,
            None if self.been_in => self.wait("Connection lost", now),
            None => self.end(Ending::Unreachable("the server closed the connection".to_owned())),
        }
        self.go_on(now);
    }
}

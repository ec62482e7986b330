//! Notes what everybody was told and holds the disk to it: what a run acknowledged, refused and left open, judged by
//! the checker against `verify` and `export` of the real program.

use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Context, ensure};
use uuid::Uuid;

use super::{Answer, Talker};
use crate::checker::{Verdict, judge};
use crate::export::add_export;
use crate::history::{BodyHash, ClientId, History, Kind, Line, Outcome};
use crate::process::Launch;

const LOBBY: &str = "#lobby";

/// A run's notes. Shared by the threads of a test.
pub struct Witness {
    // Protects the notes; held while a line is added.
    history: Mutex<History>,
    began: Instant,
}

impl Default for Witness {
    fn default() -> Self {
        Self { history: Mutex::default(), began: Instant::now() }
    }
}

impl Witness {
    /// Nanoseconds since the run began.
    pub fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).expect("a test ends within 584 years")
    }

    /// Says something under a new id, and notes what became of it.
    pub fn say(&self, talker: &mut Talker, text: &str) -> anyhow::Result<(Uuid, Answer)> {
        let id = Uuid::from_u128(rand::random());
        Ok((id, self.say_as(talker, id, text)?))
    }

    /// Says something under this id, perhaps again, and notes what became of it.
    pub fn say_as(&self, talker: &mut Talker, id: Uuid, text: &str) -> anyhow::Result<Answer> {
        let invoked = self.now();
        let answer = talker.say(id, text);
        let outcome = match &answer {
            Ok(Answer::Stored) => Outcome::Ok,
            Ok(Answer::NotSent(_)) => Outcome::Refused,
            Ok(Answer::NotConfirmed(_)) | Err(_) => Outcome::Unknown,
        };
        let who = talker.name.as_str();
        self.note(Line {
            op: Kind::Send,
            invoked,
            outcome,
            session: who.into(),
            user: who.into(),
            room: LOBBY.into(),
            id: ClientId::of(id),
            body: BodyHash::of(who, text),
            protocol: "line".into(),
            ..Line::default()
        });
        answer
    }

    /// Notes that a fault struck.
    pub fn struck(&self, name: &str) {
        self.note(Line { op: Kind::Fault, invoked: self.now(), name: name.into(), ..Line::default() });
    }

    /// Notes that a fault must have struck this often.
    pub fn expect(&self, name: &str, times: u64) {
        let (invoked, name) = (self.now(), name.into());
        self.note(Line { op: Kind::Expect, invoked, name, value: times, ..Line::default() });
    }

    /// Holds a stopped server's folder to what was noted; the verdict holds, or this is an error that says what not.
    pub fn judge(&self, launch: &Launch) -> anyhow::Result<Verdict> {
        let verified = launch.run(&["verify"])?;
        ensure!(verified.status.success(), "verify found: {}", String::from_utf8_lossy(&verified.stderr));
        let exported = launch.run(&["export", "--format", "jsonl", "--direct"])?;
        ensure!(exported.status.success(), "export failed: {}", String::from_utf8_lossy(&exported.stderr));
        let text = String::from_utf8(exported.stdout).context("the export is not UTF-8")?;
        let now = self.now();
        let mut history = self.history.lock().expect("nobody panics while adding a line");
        add_export(&mut history, "alone", &text, now)?;
        let verdict = judge(&history);
        ensure!(verdict.holds(), "{verdict}");
        Ok(verdict)
    }

    fn note(&self, line: Line<'_>) {
        let line = Line { returned: Some(self.now()), process: "test".into(), node: "alone".into(), ..line };
        self.history.lock().expect("nobody panics while adding a line").push(&line);
    }
}

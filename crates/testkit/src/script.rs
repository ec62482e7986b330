//! Conversations as text: who does what, and every line that everybody then sees. The same script runs on the pure
//! model and over a real connection; it knows neither.
//!
//! ```text
//! # Everybody sees what is said.
//! bob connects
//! alice connects
//! bob> hello
//! bob< [bob]: hello
//! alice< [bob]: hello
//! bob cut
//! ```
//!
//! After each step everybody is listened to until nothing more comes, and all of it must stand below the step. With
//! `UPDATE=1` in the environment the file is rewritten with what was seen; reading that change is the review.

mod model;
mod tcp;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, bail};

pub use model::ModelRunner;
pub use tcp::TcpRunner;

/// What somebody does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `bob connects`: as somebody new, or `mallory connects as bob`: under another name.
    Connect(Option<String>),
    /// `alice2 logs in as alice with PASSWORD`: as a registered user, beside whatever sessions there are.
    LogIn {
        /// The user's name.
        name: String,
        /// What opens it.
        password: String,
    },
    /// `bob reconnects`: by the token got before.
    Reconnect,
    /// `bob cut`: the connection is gone without a goodbye.
    Cut,
    /// `bob> text`: says or asks something.
    Say(String),
}

/// The thing a conversation is held on.
pub trait Runner {
    /// Does a step, and waits until it has had its effect.
    fn step(&mut self, who: &str, step: &Step) -> anyhow::Result<()>;

    /// Every line that has come to this person since it was last asked; none for somebody who is not there.
    fn seen(&mut self, who: &str) -> anyhow::Result<Vec<String>>;
}

/// A script: steps, each with what everybody saw then.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Script {
    scenes: Vec<Scene>,
    /// Comments after the last step.
    rest: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
struct Scene {
    /// Comments and empty lines before it.
    before: Vec<String>,
    who: String,
    step: Step,
    /// `<name>< <line>`, as they stand in the file.
    seen: Vec<String>,
}

/// Runs the script in a file, and compares; or rewrites it where `UPDATE` is set.
pub fn check(file: &Path, runner: &mut dyn Runner) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let script = Script::parse(&text).with_context(|| format!("in {}", file.display()))?;
    let held = script.hold(runner).with_context(|| format!("running {}", file.display()))?;
    if held == script {
        return Ok(());
    }
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(file, held.text()).with_context(|| format!("updating {}", file.display()));
    }
    bail!("{} went otherwise (UPDATE=1 takes it as it went):\n{}", file.display(), script.compare(&held));
}

impl Script {
    /// Reads a script; the error names the line.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let mut script = Self::default();
        for (number, line) in text.lines().enumerate() {
            script.add(line).with_context(|| format!("line {}: {line:?}", number + 1))?;
        }
        Ok(script)
    }

    fn add(&mut self, line: &str) -> anyhow::Result<()> {
        if line.is_empty() || line.starts_with('#') {
            self.rest.push(line.into());
            return Ok(());
        }
        let (who, what) = line.split_once([' ', '>', '<']).context("a line begins with a name")?;
        let mark = line.as_bytes().get(who.len()).copied();
        let step = match (mark, what) {
            (Some(b'<'), _) => {
                let scene = self.scenes.last_mut().context("nothing was done yet that could be seen")?;
                scene.seen.push(line.into());
                return Ok(());
            }
            (Some(b'>'), text) => Step::Say(text.strip_prefix(' ').unwrap_or(text).into()),
            (_, "connects") => Step::Connect(None),
            (_, "reconnects") => Step::Reconnect,
            (_, "cut") => Step::Cut,
            (_, what) if what.starts_with("connects as ") => {
                Step::Connect(Some(what["connects as ".len()..].into()))
            }
            _ if what.starts_with("logs in as ") => {
                let (name, password) = what["logs in as ".len()..]
                    .split_once(" with ")
                    .context("logs in as NAME with PASSWORD")?;
                Step::LogIn { name: name.into(), password: password.into() }
            }
            _ => bail!(
                "not one of: connects, connects as NAME, logs in as NAME with PASSWORD, reconnects, cut, or `>` or `<` right after the name"
            ),
        };
        let before = std::mem::take(&mut self.rest);
        self.scenes.push(Scene { before, who: who.into(), step, seen: Vec::new() });
        Ok(())
    }

    /// Holds the conversation; the same script with what was seen.
    pub fn hold(&self, runner: &mut dyn Runner) -> anyhow::Result<Self> {
        let mut held = Self { scenes: Vec::new(), rest: self.rest.clone() };
        let mut people: Vec<&str> = Vec::new();
        let mut purge = String::new();
        for Scene { before, who, step, .. } in &self.scenes {
            if !people.contains(&who.as_str()) {
                people.push(who);
            }
            let done = match step {
                Step::Say(text) => Step::Say(text.replace("<purge>", &purge)),
                other => other.clone(),
            };
            runner.step(who, &done).with_context(|| format!("{who}: {step:?}"))?;
            let mut seen = Vec::new();
            for person in &people {
                let lines =
                    runner.seen(person).with_context(|| format!("what {person} saw of {who}: {step:?}"))?;
                if let Some(number) = lines.iter().find_map(|line| purged(line)) {
                    purge = number.to_owned();
                }
                seen.extend(lines.iter().map(|line| noted(person, line)));
            }
            let (before, who, step) = (before.clone(), who.clone(), step.clone());
            held.scenes.push(Scene { before, who, step, seen });
        }
        Ok(held)
    }

    /// As a file.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for scene in &self.scenes {
            for line in scene.before.iter().chain([&scene.line()]).chain(&scene.seen) {
                text.push_str(line);
                text.push('\n');
            }
        }
        for line in &self.rest {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// The scenes that differ, expected lines with `-`, seen ones with `+`.
    fn compare(&self, held: &Self) -> String {
        let mut text = String::new();
        for (expected, seen) in self.scenes.iter().zip(&held.scenes) {
            if expected.seen == seen.seen {
                continue;
            }
            let _ = writeln!(text, "  {}", expected.line());
            for line in &expected.seen {
                let _ = writeln!(text, "{} {line}", if seen.seen.contains(line) { ' ' } else { '-' });
            }
            for line in seen.seen.iter().filter(|line| !expected.seen.contains(line)) {
                let _ = writeln!(text, "+ {line}");
            }
            if expected.seen.iter().all(|line| seen.seen.contains(line)) {
                let _ = writeln!(text, "  (in this order: {:?})", seen.seen);
            }
        }
        text
    }
}

impl Scene {
    fn line(&self) -> String {
        match &self.step {
            Step::Connect(None) => format!("{} connects", self.who),
            Step::Connect(Some(name)) => format!("{} connects as {name}", self.who),
            Step::LogIn { name, password } => format!("{} logs in as {name} with {password}", self.who),
            Step::Reconnect => format!("{} reconnects", self.who),
            Step::Cut => format!("{} cut", self.who),
            Step::Say(text) if text.is_empty() => format!("{}>", self.who),
            Step::Say(text) => format!("{}> {text}", self.who),
        }
    }
}

/// A line as it stands in a script; blanks at its end, which editors eat, are made visible.
fn noted(who: &str, line: &str) -> String {
    let line = masked(line);
    let text = line.trim_end_matches(' ');
    let blanks = "␠".repeat(line.len() - text.len());
    if text.is_empty() { format!("{who}<{blanks}") } else { format!("{who}< {text}{blanks}") }
}

/// The number of a purge, in the line that tells of it: a place in the log, which differs with what is not shown.
fn purged(line: &str) -> Option<&str> {
    let words = line.strip_prefix("*** what ")?.strip_suffix(" ***")?;
    let (_, number) = words.rsplit_once(" as ")?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some(number)
}

/// What is different in every run, replaced by what it is.
fn masked(line: &str) -> String {
    if let Some(rest) = line.strip_prefix("Uptime: ") {
        return format!("Uptime: <duration>{}", if rest.is_empty() { " missing" } else { "" });
    }
    if line.starts_with("  Last active: ") && line.ends_with(" ago") {
        return "  Last active: <duration> ago".into();
    }
    if line.starts_with("  Messages received: ") {
        return "  Messages received: <count>".into(); // Hidden marks are among them.
    }
    if let Some(number) = purged(line) {
        return line.replace(&format!(" as {number} "), " as <purge> ");
    }
    if let Some((brought, rest)) =
        line.strip_prefix("*** what was hidden as ").and_then(|l| l.split_once(' '))
        && brought.bytes().all(|byte| byte.is_ascii_digit())
    {
        return format!("*** what was hidden as <purge> {rest}");
    }
    if let Some((before, _)) = line.split_once("you may write again in ") {
        return format!("{before}you may write again in <duration>");
    }
    if let Some(rest) = line.strip_prefix("  ").filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        && let Some((_, what)) = rest.split_once(" ago: ")
    {
        return format!("  <duration> ago: {what}");
    }
    for mark in ["  Last seen: ", "  Here, last active "] {
        if line.starts_with(mark) && line.ends_with(" ago") {
            return format!("{mark}<duration> ago");
        }
    }
    if (line.starts_with("  - mute ") || line.starts_with("  - ban "))
        && let Some((before, rest)) = line.split_once(", ")
        && let Some((_, after)) = rest.split_once(" more")
    {
        return format!("{before}, <duration> more{after}");
    }
    let digits = |from: usize| line[from..].bytes().take_while(u8::is_ascii_hexdigit).count();
    let token = line.char_indices().find(|&(at, _)| digits(at) == 32);
    match token {
        Some((at, _)) => format!("{}<token>{}", &line[..at], &line[at + 32..]),
        None => line.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "# two people\n\nbob connects\nbob< Hello\nbob> hi there\nbob< [bob]: hi there\n\nbob cut\n# end\n";

    /// Says every line back, and two lines after a connect.
    #[derive(Default)]
    struct Echo(Vec<String>);

    impl Runner for Echo {
        fn step(&mut self, who: &str, step: &Step) -> anyhow::Result<()> {
            match step {
                Step::Connect(_) | Step::LogIn { .. } => self.0.push("Hello".into()),
                Step::Say(text) => self.0.push(format!("[{who}]: {text}")),
                Step::Cut | Step::Reconnect => {}
            }
            Ok(())
        }

        fn seen(&mut self, _: &str) -> anyhow::Result<Vec<String>> {
            Ok(std::mem::take(&mut self.0))
        }
    }

    #[test]
    fn a_script_reads_back_as_it_was_written() {
        assert_eq!(Script::parse(TEXT).unwrap().text(), TEXT);
        for bad in ["bob", "bob sings", "bob< too early"] {
            assert!(Script::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_conversation_that_goes_otherwise_is_shown_and_can_be_taken_over() {
        let script = Script::parse(TEXT).unwrap();
        assert_eq!(script.hold(&mut Echo::default()).unwrap(), script);
        let other = Script::parse(&TEXT.replace("[bob]: hi there", "[bob]: ho")).unwrap();
        let held = other.hold(&mut Echo::default()).unwrap();
        assert_ne!(held, other);
        assert_eq!(held.text(), TEXT);
        let shown = other.compare(&held);
        assert!(shown.contains("- bob< [bob]: ho") && shown.contains("+ bob< [bob]: hi there"), "{shown}");
    }

    #[test]
    fn what_differs_in_every_run_is_masked() {
        assert_eq!(
            masked("Your reconnect token: 00112233445566778899aabbccddeeff"),
            "Your reconnect token: <token>"
        );
        assert_eq!(masked("   reconnect:bob:00112233445566778899aabbccddeeff"), "   reconnect:bob:<token>");
        assert_eq!(masked("Uptime: 3s"), "Uptime: <duration>");
        assert_eq!(masked("[bob]: deadbeef"), "[bob]: deadbeef");
    }
}

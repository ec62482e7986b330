//! The prompt on a terminal: editing, history, completion, and lines printed over what is being typed. Knows no
//! connection.

mod gate;

use crate::input::Typed;
use crate::names::Names;
use crate::password::{Hidden, Secret};
use crate::screen::{Screen, Shown};
use crate::style::styled;
use chatroom_wire::line::complete::complete;
use gate::Gate;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Cmd, CompletionType, Config, Context, Editor, ExternalPrinter, Helper, KeyEvent};
use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError, mpsc as std_mpsc};
use std::thread;
use tokio::sync::mpsc;

const PROMPT: &str = ">> ";
/// Lines typed ahead of the conversation.
const TYPED_AHEAD: usize = 64;
/// Lines that ↑ brings back.
const HISTORY: usize = 500;

type LineEditor = Editor<Assistant, MemHistory>;
type Printer = Box<dyn ExternalPrinter + Send>;

/// A terminal with a prompt.
pub(crate) struct Terminal {
    pub(crate) lines: mpsc::Receiver<Typed>,
    pub(crate) screen: Screen,
    pub(crate) guard: Guard,
}

/// Opens the prompt; `None` when input and output are not both a terminal that can move its cursor.
pub(crate) fn open(names: Arc<Mutex<Names>>, hidden: Hidden) -> Option<Terminal> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return None;
    }
    let found = tcgetattr(io::stdin()).ok()?;
    let gate = Arc::new(Gate::default());
    let guard = Guard::silence(found, gate.clone())?;
    let (typed, lines) = mpsc::channel(TYPED_AHEAD);
    let (opened, printer) = std_mpsc::sync_channel::<Option<Printer>>(1);
    let reading = gate.clone();
    thread::spawn(move || {
        let (editor, printer) = editor(names, hidden.clone(), reading.clone()).unzip();
        // Whoever opened waits for this one answer.
        let _ = opened.send(printer);
        if let Some(editor) = editor {
            read_lines(editor, &typed, &hidden, &reading);
        }
        reading.over();
    });
    let printer = printer.recv().ok().flatten()?;
    let screen = Screen::printed_by(over_the_prompt(printer, gate));
    Some(Terminal { lines, screen, guard })
}

fn editor(names: Arc<Mutex<Names>>, hidden: Hidden, gate: Arc<Gate>) -> Option<(LineEditor, Printer)> {
    let config = Config::builder()
        .completion_type(CompletionType::Circular)
        .max_history_size(HISTORY)
        .ok()?
        .auto_add_history(false)
        .build();
    let history = MemHistory::with_config(&config);
    let mut editor = LineEditor::with_history(config, history).ok()?;
    editor.set_helper(Some(Assistant { names, hidden, gate }));
    editor.bind_sequence(KeyEvent::ctrl('L'), Cmd::ClearScreen);
    let printer = editor.create_external_printer().ok()?;
    Some((editor, Box::new(printer)))
}

fn read_lines(mut editor: LineEditor, typed: &mpsc::Sender<Typed>, hidden: &Hidden, gate: &Gate) {
    loop {
        gate.prompt_comes();
        let line = match editor.readline(PROMPT) {
            Ok(line) => line,
            Err(ReadlineError::Signal(_)) => continue,
            // Ctrl-C, Ctrl-D, or a terminal that is gone: the user leaves.
            Err(_) => return,
        };
        if hidden.take() {
            // Neither remembered nor taken for a line.
            if typed.blocking_send(Typed::Secret(Secret::new(line))).is_err() {
                return;
            }
            continue;
        }
        if !line.trim().is_empty() && !line.trim_start().starts_with("reconnect:") {
            // Without it ↑ finds nothing, and the line is sent all the same.
            let _ = editor.add_history_entry(&line);
        }
        let leaving = line.trim().eq_ignore_ascii_case("/quit");
        if typed.blocking_send(Typed::Line(line)).is_err() || leaving {
            return;
        }
    }
}

/// Prints what is shown, a batch at a time, so that a flood redraws the prompt once a batch.
fn over_the_prompt(mut printer: Printer, gate: Arc<Gate>) -> impl FnMut(Vec<Shown>) -> io::Result<()> + Send {
    let styles =
        std::env::var_os("NO_COLOR").is_none() && std::env::var_os("TERM").is_none_or(|t| t != "dumb");
    move |batch| {
        let mut text = String::new();
        for shown in batch {
            match shown {
                Shown::Line(line) if styles => text.push_str(&styled(&line)),
                Shown::Line(line) | Shown::Note(line) => text.push_str(&line),
            }
            text.push('\n');
        }
        gate.wait();
        match printer.print(text.clone()) {
            Ok(()) => Ok(()),
            // The prompt has ended, the conversation not yet: "Goodbye!" is still to be seen.
            Err(_) => io::stdout().lock().write_all(text.as_bytes()),
        }
    }
}

/// Leaves the terminal as it was found.
pub(crate) struct Guard {
    found: Termios,
    gate: Arc<Gate>,
}

impl Guard {
    /// Between two prompts the terminal itself must neither show nor edit what is typed ahead: the next prompt will.
    fn silence(found: Termios, gate: Arc<Gate>) -> Option<Self> {
        let mut silent = found.clone();
        silent.local_modes -= LocalModes::ECHO | LocalModes::ICANON;
        tcsetattr(io::stdin(), OptionalActions::Now, &silent).ok()?;
        Some(Self { found, gate })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Nothing better can be done about a terminal that is gone.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.found);
        if !self.gate.is_over() {
            // The prompt still stands on the last row.
            let _ = io::stdout().lock().write_all(b"\n");
        }
    }
}

/// Completes commands and names by Tab, and tells when the prompt comes and goes: hints are asked for when it is drawn,
/// validity when it is entered.
#[derive(Helper)]
struct Assistant {
    gate: Arc<Gate>,
    /// Protects the order of the names; held for a look or one line.
    names: Arc<Mutex<Names>>,
    hidden: Hidden,
}

/// A password is drawn as blanks.
impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        if self.hidden.is() { " ".repeat(line.chars().count()).into() } else { line.into() }
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        self.hidden.is()
    }
}

impl Completer for Assistant {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let before = line.get(..cursor).unwrap_or_default();
        let completion = complete(before, &names.best_first());
        let end = if completion.start == 0 && !before.starts_with('/') { ": " } else { " " };
        let with_end = completion.candidates.into_iter().map(|candidate| candidate + end);
        Ok((completion.start, with_end.collect()))
    }
}

impl Hinter for Assistant {
    type Hint = String;

    fn hint(&self, _: &str, _: usize, _: &Context<'_>) -> Option<String> {
        self.gate.drawn();
        None
    }
}

impl Validator for Assistant {
    fn validate(&self, _: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        self.gate.entered();
        Ok(ValidationResult::Valid(None))
    }
}

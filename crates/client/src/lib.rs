//! The line client and the connection that resumes. Knows the protocol only through `chatroom-wire`, and no server's
//! insides.

mod address;
mod drive;
mod input;
mod link;
mod names;
mod password;
mod resume;
mod screen;
mod send;
mod style;
mod terminal;
#[cfg(test)]
mod tests;
mod tokens;

pub use send::{SendError, SendOptions, Sent, send};

use anyhow::Context as _;
use drive::Conversation;
use input::Typed;
use names::Names;
use password::{Hidden, PasswordFrom};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use resume::{Ending, InputFrom, Resume, Settings};
use screen::Screen;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use tokens::Tokens;
use tokio::sync::mpsc;

/// The server cannot be reached (`EX_UNAVAILABLE` of sysexits.h).
pub const EXIT_UNAVAILABLE: u8 = 69;
/// The server does not let us in under this name (`EX_NOPERM`).
pub const EXIT_REFUSED: u8 = 77;
/// A line was refused, or its outcome could not be learned.
const EXIT_NOT_ALL_SENT: u8 = 1;

/// How to join.
#[derive(Debug, Clone)]
pub struct Options {
    /// `HOST:PORT`, or `HOST` for port 9000.
    pub address: String,
    /// The name to join under; without it the first line of the input is the answer to the server's question.
    pub name: Option<String>,
    /// Where tokens are kept; without it they are forgotten at the end.
    pub state_dir: Option<PathBuf>,
}

/// The folder for tokens by the XDG rules: `$XDG_STATE_HOME/chatroom`, else `~/.local/state/chatroom`.
pub fn default_state_dir() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local/state")))?;
    Some(base.join("chatroom"))
}

/// Joins a chat and stays until the user leaves: on a terminal with a prompt, otherwise as a part of a pipe.
///
/// The answer is the exit code: 0, 1 when a line was not taken, 69 without a server, 77 when the name was refused.
/// An error is a fault of this machine, such as a closed standard output.
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the client's event loop")?;
    runtime.block_on(join(options)).map(ExitCode::from)
}

async fn join(options: Options) -> anyhow::Result<u8> {
    let names = Arc::new(Mutex::new(Names::default()));
    let hidden = Hidden::default();
    let Some(terminal) = terminal::open(names.clone(), hidden.clone()) else {
        let (from, lines) = (InputFrom::Pipe, input::stdin_lines());
        let password = PasswordFrom::environment();
        let user = User { from, lines, screen: Screen::plain(), names, password };
        return converse(options, user).await;
    };
    let (lines, screen) = (terminal.lines, terminal.screen);
    let password = PasswordFrom::Person(hidden);
    let user = User { from: InputFrom::Person, lines, screen, names, password };
    let exit = converse(options, user).await;
    drop(terminal.guard);
    exit
}

/// Whoever is at the other end: where lines come from, and where they are seen.
struct User {
    from: InputFrom,
    lines: mpsc::Receiver<Typed>,
    screen: Screen,
    names: Arc<Mutex<Names>>,
    password: PasswordFrom,
}

async fn converse(options: Options, user: User) -> anyhow::Result<u8> {
    let address = address::with_port(&options.address);
    let tokens = options.state_dir.map(|state| Tokens::of(&state, &address));
    let settings = Settings {
        name: options.name,
        input: user.from,
        tokens: tokens.as_ref().map(Tokens::load).unwrap_or_default(),
    };
    let mut conversation = Conversation {
        resume: Resume::new(settings, StdRng::from_rng(&mut rand::rng())),
        address,
        lines: user.lines,
        screen: user.screen,
        tokens,
        names: user.names,
        password: user.password,
    };
    conversation.screen.note("Starting chatroom client...");
    let ending = tokio::select! {
        ending = conversation.drive() => ending,
        () = terminated(user.from) => Ok(Ending::Left),
    };
    // Whoever still writes is told now, and makes room for the last lines.
    conversation.lines.close();
    conversation.screen.finish().await;
    Ok(exit_code(&ending?, &conversation.resume))
}

fn exit_code(ending: &Ending, resume: &Resume) -> u8 {
    let tally = resume.tally();
    match ending {
        Ending::Refused(_) => EXIT_REFUSED,
        Ending::Unreachable(_) => EXIT_UNAVAILABLE,
        Ending::Left if tally.refused + tally.unconfirmed > 0 && resume.input() == InputFrom::Pipe => {
            EXIT_NOT_ALL_SENT
        }
        Ending::Left => 0,
    }
}

/// Asked to go by whoever started us: the terminal is then to be left as it was found. A pipe dies of it as usual.
async fn terminated(from: InputFrom) {
    use tokio::signal::unix::{SignalKind, signal};
    let watch = |kind| (from == InputFrom::Person).then(|| signal(kind).ok()).flatten();
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    let [Some(mut interrupt), Some(mut terminate), Some(mut hangup)] = kinds.map(watch) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}

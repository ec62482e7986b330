//! Sends lines for a script and says what became of them. Shows nothing and reads nobody's messages.

use crate::address;
use crate::drive::Conversation;
use crate::input::Typed;
use crate::names::Names;
use crate::password::PasswordFrom;
use crate::resume::{Ending, InputFrom, Resume, Settings, Tally};
use crate::screen::Screen;
use crate::tokens::Tokens;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use tokio::sync::mpsc;

/// Lines taken from the iterator ahead of being sent.
const READ_AHEAD: usize = 64;

/// Where to send, and as whom.
#[derive(Debug, Clone)]
pub struct SendOptions {
    /// `HOST:PORT`, or `HOST` for port 9000.
    pub address: String,
    /// The name to send under; without it the server makes one up.
    pub name: Option<String>,
    /// The room to send to, which is joined first; the lobby without it.
    pub room: Option<String>,
    /// Where the name's token is kept, so that the same name can send again; nowhere without it.
    pub state_dir: Option<PathBuf>,
}

/// All lines were acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// How many.
    pub lines: usize,
}

/// Why not all lines were sent. Those acknowledged before stay sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// No connection, or it did not return.
    #[error("cannot reach {address}: {reason} ({acknowledged} lines were acknowledged)")]
    Unreachable {
        /// `HOST:PORT`
        address: String,
        /// What the system said.
        reason: String,
        /// Lines that are certainly sent.
        acknowledged: usize,
    },
    /// The server did not let us in.
    #[error("the server refused the name: {0}")]
    NameRefused(String),
    /// The server refused lines: these never happened.
    #[error(
        "{count} lines were refused, the first because: {first_reason} ({acknowledged} were acknowledged)"
    )]
    Refused {
        /// How many.
        count: usize,
        /// Why the first of them was.
        first_reason: String,
        /// Lines that are certainly sent.
        acknowledged: usize,
    },
    /// Of these it could not be learned whether they are sent.
    #[error("{count} lines were not confirmed ({acknowledged} were acknowledged)")]
    NotConfirmed {
        /// How many.
        count: usize,
        /// Lines that are certainly sent.
        acknowledged: usize,
    },
}

/// Sends each line to everybody in the room and returns when all are acknowledged. Empty lines are left out, and a line that begins
/// with a slash is text like any other. A broken connection is taken up again without losing or doubling a line.
///
/// # Errors
/// A refused name or line, an unreachable server, or a line of which nobody knows; see [`SendError`].
pub async fn send<I>(options: SendOptions, lines: I) -> Result<Sent, SendError>
where
    I: IntoIterator<Item = String> + Send + 'static,
{
    let address = address::with_port(&options.address);
    let tokens = options.state_dir.map(|state| Tokens::of(&state, &address));
    let settings = Settings {
        name: Some(options.name.unwrap_or_default()),
        input: InputFrom::Pipe,
        tokens: tokens.as_ref().map(Tokens::load).unwrap_or_default(),
    };
    let mut conversation = Conversation {
        resume: Resume::new(settings, StdRng::from_rng(&mut rand::rng())),
        address: address.clone(),
        lines: as_text(lines, options.room),
        screen: Screen::none(),
        tokens,
        names: Arc::new(Mutex::new(Names::default())),
        password: PasswordFrom::environment(),
    };
    match conversation.drive().await {
        Ok(ending) => outcome(ending, conversation.resume.tally(), address),
        Err(error) => {
            let acknowledged = conversation.resume.tally().acknowledged;
            Err(SendError::Unreachable { address, reason: error.to_string(), acknowledged })
        }
    }
}

/// The lines as they are typed to be taken for text.
fn as_text<I>(lines: I, room: Option<String>) -> mpsc::Receiver<Typed>
where
    I: IntoIterator<Item = String> + Send + 'static,
{
    let (typed, receiver) = mpsc::channel(READ_AHEAD);
    // The iterator may block, on standard input for one.
    thread::spawn(move || {
        if let Some(room) = &room
            && typed.blocking_send(Typed::Line(format!("/join {room}"))).is_err()
        {
            return;
        }
        for line in lines {
            let text = match &room {
                _ if line.trim().is_empty() => continue,
                // Each line says where it goes: one that may not go there goes nowhere else.
                Some(room) => format!("/in {room} {line}"),
                None if line.trim_start().starts_with('/') => format!("/{}", line.trim_start()),
                None => line,
            };
            if typed.blocking_send(Typed::Line(text)).is_err() {
                break;
            }
        }
    });
    receiver
}

fn outcome(ending: Ending, tally: &Tally, address: String) -> Result<Sent, SendError> {
    let acknowledged = tally.acknowledged;
    match ending {
        Ending::Refused(words) => Err(SendError::NameRefused(words)),
        Ending::Unreachable(reason) => Err(SendError::Unreachable { address, reason, acknowledged }),
        Ending::Left if tally.refused > 0 => {
            let first_reason = tally.first_refusal.clone().unwrap_or_default();
            Err(SendError::Refused { count: tally.refused, first_reason, acknowledged })
        }
        Ending::Left if tally.unconfirmed > 0 => {
            Err(SendError::NotConfirmed { count: tally.unconfirmed, acknowledged })
        }
        Ending::Left => Ok(Sent { lines: acknowledged }),
    }
}

//! Names, rooms, masks, times and secrets as they are given to a verb. Decides nothing.

use crate::exit::{self, coded};
use anyhow::Context as _;
use chatroom_model::{LINE_MAX, Mask, Millis, Name, RoomName, Where};
use chatroom_server::now;
use chatroom_wire::line::ask;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// Bytes of a line that holds a secret.
const SECRET_MAX: u64 = 4096;

/// For how long, and why.
#[derive(Debug, clap::Args)]
pub(crate) struct Terms {
    /// For how long, such as 30m, 2h, 3d or 1w [default: for ever]
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    time: Option<i64>,
    #[command(flatten)]
    pub(crate) why: Reason,
}

/// Why.
#[derive(Debug, clap::Args)]
pub(crate) struct Reason {
    /// Why; those it concerns are told
    #[arg(long, value_name = "TEXT", default_value = "", value_parser = line)]
    pub(crate) reason: String,
}

impl Terms {
    /// When it ends.
    pub(crate) fn until(&self) -> Option<Millis> {
        self.time.map(|time| now().plus(time))
    }
}

/// Reads a name.
pub(crate) fn name(text: &str) -> Result<Name, String> {
    Name::parse(text).map_err(|why| why.to_string())
}

/// Reads a room's name.
pub(crate) fn room(text: &str) -> Result<RoomName, String> {
    RoomName::parse(text).map_err(|why| why.to_string())
}

/// Reads a mask.
pub(crate) fn mask(text: &str) -> Result<Mask, String> {
    Mask::parse(text).map_err(|why| why.to_string())
}

/// A room by its name.
pub(crate) fn place(room: &RoomName) -> Where {
    Where::Name(room.clone())
}

fn time(text: &str) -> Result<i64, String> {
    ask::time(text).ok_or_else(|| "a time is such as 30m, 2h, 3d or 1w".to_owned())
}

fn line(text: &str) -> Result<String, String> {
    if text.len() > LINE_MAX { Err(format!("at most {LINE_MAX} bytes")) } else { Ok(text.to_owned()) }
}

/// The first line of a file, or of standard input: a secret is never an argument, which everybody on the machine may read.
pub(crate) fn secret(file: Option<&Path>) -> anyhow::Result<String> {
    let line = match file {
        Some(path) => {
            let file = File::open(path).with_context(|| path.display().to_string())?;
            first_line(BufReader::new(file))
        }
        None => first_line(io::stdin().lock()),
    };
    let line = line.context("the secret cannot be read")?;
    if line.is_empty() { Err(coded(exit::USAGE, "no secret was given")) } else { Ok(line) }
}

fn first_line(from: impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    from.take(SECRET_MAX).read_line(&mut line)?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(line)
}

//! `chatroom import`: takes over the original chatroom's data folder, on the same path as live entries. Changes nothing
//! of what it reads.

mod array;
mod lines;
mod log;
mod merge;
mod original;

use crate::exit::{self, coded};
use crate::out;
use crate::place::Place;
use crate::progress::{self, Unit};
use anyhow::Context;
use indicatif::ProgressBar;
use log::Log;
use merge::Merge;
use original::{Found, Piece};
use serde_json::json;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// The original's log: one JSON object a line.
const WAL: &str = "messages.wal";
/// The original's snapshot: a JSON array of the same objects.
const SNAPSHOT: &str = "snapshot.json";

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The original's data folder
    dir: PathBuf,
    /// The result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Imports what is not there yet. What is damaged is named and left out.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let bar = progress::bar("importing", 0, Unit::Bytes);
    let snapshot = open(&options.dir.join(SNAPSHOT), &bar)?.map(array::Objects::new);
    let wal = open(&options.dir.join(WAL), &bar)?.map(lines::Lines::new);
    if snapshot.is_none() && wal.is_none() {
        let what = format!("{} has neither {WAL} nor {SNAPSHOT}", options.dir.display());
        return Err(coded(exit::IO, what));
    }
    let found = Merge::new(messages(SNAPSHOT, snapshot), messages(WAL, wal));
    let mut log = Log::open(&options.place.folder()?)?;
    let mut damaged = 0u64;
    for found in found {
        let found = found.with_context(|| format!("cannot read {}", options.dir.display()))?;
        match found.what {
            Ok(message) => log.add(&message)?,
            Err(reason) => {
                damaged += 1;
                let (file, line) = (found.file, found.line);
                bar.suspend(|| out::talk(format_args!("{file}:{line}: {reason}; left out")));
            }
        }
    }
    let tally = log.finish()?;
    bar.finish_and_clear();
    let (imported, already, empty) = (tally.imported, tally.already, tally.empty);
    if options.json {
        return out::line(json!({
            "imported": imported, "already_there": already, "empty": empty, "damaged": damaged
        }));
    }
    out::line(format_args!("imported {imported}, already there {already}, empty {empty}, damaged {damaged}"))
}

/// Opens a file for reading under the bar; one that is not there is none.
fn open(path: &Path, bar: &ProgressBar) -> anyhow::Result<Option<BufReader<impl Read + use<>>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(anyhow::Error::new(error).context(path.display().to_string())),
    };
    bar.inc_length(file.metadata().map_or(0, |metadata| metadata.len()));
    Ok(Some(BufReader::new(bar.wrap_read(file))))
}

/// The messages of a file's pieces; of a file that is not there, none.
fn messages(
    file: &'static str,
    pieces: Option<impl Iterator<Item = io::Result<Piece>>>,
) -> impl Iterator<Item = io::Result<Found>> {
    pieces.into_iter().flatten().map(move |piece| {
        let Piece { line, text } = piece?;
        let what = text.map_err(str::to_owned).and_then(|text| original::read(&text));
        Ok(Found { file, line, what })
    })
}

//! `chatroom snapshot`: a checked copy of the log, also while a server runs. Only reads the log.

use crate::out;
use crate::place::Place;
use crate::progress::{self, Unit};
use chatroom_store::{Snapshot, list, take};
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Take none: list those there are, oldest first
    #[arg(long)]
    list: bool,
    /// The result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Takes a snapshot and prints its path, or lists those there are.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let folder = options.place.folder()?;
    if options.list {
        let found = list(&folder)?;
        if options.json {
            return out::line(found.iter().map(described).collect::<Value>());
        }
        let mut out = out::Output::new();
        for snapshot in &found {
            out.line(snapshot.path.display())?;
        }
        return out.finish();
    }
    let bar = progress::bar("copying pages", 0, Unit::Things);
    let taken = take(&folder, |done, of| {
        bar.set_length(of);
        bar.set_position(done);
        true
    })?;
    bar.finish_and_clear();
    let taken = taken.expect("only whoever watches the progress can stop it, and we never do");
    if options.json { out::line(described(&taken)) } else { out::line(taken.path.display()) }
}

fn described(snapshot: &Snapshot) -> Value {
    json!({"path": snapshot.path.to_string_lossy(), "position": snapshot.position})
}

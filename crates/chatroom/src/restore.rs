//! `chatroom restore`: puts a snapshot back as a data folder's log. Never overwrites one.

use crate::out;
use crate::place::Place;
use crate::progress::{self, Unit};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The snapshot, as `chatroom snapshot` printed it
    snapshot: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// Restores a snapshot into a folder that has no log.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let folder = options.place.folder()?;
    let bar = progress::bar("restoring", 0, Unit::Bytes);
    let position = chatroom_store::restore(&options.snapshot, &folder, |done, of| {
        bar.set_length(of);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    out::line(format_args!("Restored up to position {position} into {}", folder.path().display()))
}

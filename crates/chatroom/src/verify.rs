//! `chatroom verify`: walks the hash chain and names the first row that is not what was written. Changes nothing.

use crate::exit::{self, coded};
use crate::out;
use crate::place::Place;
use crate::progress::{self, Unit};
use chatroom_store::{Reader, verify};
use serde_json::json;
use std::path::PathBuf;

/// Rows between two words to the bar.
const STEP: u64 = 1024;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// A snapshot to verify instead of the data folder's log
    snapshot: Option<PathBuf>,
    /// The result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Verifies; a log that is not whole is a failure.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let reader = match &options.snapshot {
        Some(file) => Reader::open_file(file)?,
        None => Reader::open(&options.place.folder()?)?,
    };
    let bar = progress::bar("verifying", reader.events()?, Unit::Things);
    let result = verify(&reader, |n| {
        if n.is_multiple_of(STEP) {
            bar.set_position(n);
        }
    })?;
    bar.finish_and_clear();
    match result {
        Ok(whole) => {
            let (events, gone, position, link) =
                (whole.events, whole.gone, whole.position.0, hex(&whole.link.0));
            if options.json {
                return out::line(
                    json!({"whole": true, "events": events, "gone": gone, "position": position, "link": link}),
                );
            }
            let gone =
                if gone == 0 { String::new() } else { format!(", of which retention took {gone} away") };
            out::line(format_args!("Whole: {events} events up to position {position}{gone}, chain {link}"))
        }
        Err(broken) => {
            let (position, part, what) = (broken.position.0, broken.part, broken.what);
            if options.json {
                out::line(json!({"whole": false, "position": position, "part": part, "what": what}))?;
            }
            Err(coded(exit::FAILED, format!("broken at position {position}, part {part}: {what}")))
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

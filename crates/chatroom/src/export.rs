//! `chatroom export`: everything people wrote, as JSON lines or as text, page by page. Never writes to the log.

mod form;

use crate::out::Output;
use crate::place::Place;
use crate::progress::{self, Unit};
use chatroom_model::{Event, Position, Record};
use chatroom_store::{Cursor, Found, Reader};
use clap::ValueEnum;

/// What one read takes from the log; also the most that is held in memory.
const PAGE: Found = Found { rows: 2000, bytes: 1 << 20 };

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How each message is written
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON object a line
    Jsonl,
    /// One line for people: time, author, text
    Text,
}

/// Writes all messages up to now to standard output.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let reader = Reader::open(&options.place.folder()?)?;
    // What is written while this runs is left for the next time, so that it ends.
    let upto = reader.position()?;
    let bar = progress::bar("exporting", upto.0, Unit::Things);
    let mut out = Output::new();
    let mut after = Cursor::after(Position(0));
    loop {
        let page = reader.rows(after, upto, PAGE)?;
        for record in &page.records {
            if let Some(line) = line(options.format, record) {
                out.line(line)?;
            }
        }
        bar.set_position(page.records.last().map_or(upto.0, |record| record.position.0));
        if page.end {
            break;
        }
        after = page.cursor;
    }
    bar.finish_and_clear();
    out.finish()
}

fn line(format: Format, record: &Record) -> Option<String> {
    match &record.event {
        Event::Message { .. } | Event::Imported { .. } => Some(match format {
            Format::Jsonl => form::json(record),
            Format::Text => form::text(record),
        }),
        Event::NodeStarted { .. }
        | Event::GuestCreated { .. }
        | Event::GuestForgotten { .. }
        | Event::SessionOpened { .. }
        | Event::CameOnline { .. }
        | Event::SessionClosed { .. }
        | Event::WentOffline { .. }
        | Event::DirectCreated { .. }
        | Event::SeenMarked { .. }
        | Event::Fact(_) => None,
    }
}

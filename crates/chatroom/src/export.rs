//! `chatroom export`: everything people wrote, as JSON lines or as text, page by page. Never writes to the log.

mod form;

use crate::given;
use crate::out::Output;
use crate::place::Place;
use crate::progress::{self, Unit};
use chatroom_model::{Event, Position, Record, RoomId, RoomName, SessionId, UserId};
use chatroom_store::{Cursor, Found, Reader, Sight};
use clap::ValueEnum;
use form::Message;

/// What one read takes from the log; also the most that is held in memory.
const PAGE: Found = Found { rows: 2000, bytes: 1 << 20 };

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How each message is written
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// Only what was said in this room
    #[arg(long, value_name = "ROOM", value_parser = given::room, conflicts_with = "direct")]
    room: Option<RoomName>,
    /// Also what two people said to each other
    #[arg(long)]
    direct: bool,
    /// All wordings of what was edited, not only the last
    #[arg(long)]
    history: bool,
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

/// What is exported of the log.
struct Export<'a> {
    options: &'a Options,
    reader: Reader,
    /// What is written while this runs is left for the next time, so that it ends.
    upto: Position,
    only: Option<RoomId>,
    sight: Sight,
}

/// Writes all messages up to now to standard output.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let reader = Reader::open(&options.place.folder()?)?;
    let upto = reader.position()?;
    let only = match &options.room {
        Some(room) => Some(crate::room::look(&reader, room)?.id),
        None => None,
    };
    let sight = reader.sight(UserId(0), SessionId(0), Position(0))?;
    let export = Export { options, reader, upto, only, sight };
    let bar = progress::bar("exporting", upto.0, Unit::Things);
    let mut out = Output::new();
    let mut after = Cursor::after(Position(0));
    loop {
        let page = export.reader.rows(after, upto, PAGE)?;
        for record in &page.records {
            export.write(record, &mut out)?;
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

impl Export<'_> {
    fn write(&self, record: &Record, out: &mut Output) -> anyhow::Result<()> {
        let (room, seq, direct) = match &record.event {
            Event::Message { room, seq, to, .. } => (*room, *seq, to.is_some()),
            Event::Imported { room, seq, .. } => (*room, *seq, false),
            Event::NodeStarted { .. }
            | Event::GuestCreated { .. }
            | Event::GuestForgotten { .. }
            | Event::SessionOpened { .. }
            | Event::CameOnline { .. }
            | Event::SessionClosed { .. }
            | Event::WentOffline { .. }
            | Event::DirectCreated { .. }
            | Event::SeenMarked { .. }
            | Event::Fact(_) => return Ok(()),
        };
        let elsewhere = self.only.is_some_and(|only| only != room);
        if elsewhere || (direct && !self.options.direct) || self.sight.hides(record) {
            return Ok(());
        }
        let edits = self.reader.wordings(room, seq, self.upto)?;
        let message = Message { record, edits: &edits, history: self.options.history };
        out.line(match self.options.format {
            Format::Jsonl => form::json(&message),
            Format::Text => form::text(&message),
        })
    }
}

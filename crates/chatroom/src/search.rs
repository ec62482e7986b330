//! `chatroom search`: finds what was said, for the operator at the machine. Conversations of two only when asked. Only reads.

use crate::exit::{self, coded};
use crate::out;
use crate::place::Place;
use crate::shown;
use chatroom_model::{Event, LOBBY_NAME, Position, Query, Record, RoomName, SessionId, UserId};
use chatroom_server::now;
use chatroom_store::{Cost, Hit, Reader, Scope, SearchReader, search};
use chatroom_wire::text;
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Words that must all be said, "phrases", from:NAME, in:#ROOM, after:DAY, before:DAY
    #[arg(required = true)]
    words: Vec<String>,
    /// At most so many, the newest
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    last: u32,
    /// Also what two people said to each other
    #[arg(long)]
    direct: bool,
    /// The result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

/// Prints what was found, newest first.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let words = options.words.join(" ");
    let query = Query::parse(&words, now()).map_err(|why| coded(exit::USAGE, why.to_string()))?;
    let folder = options.place.folder()?;
    let reader = Reader::open(&folder)?;
    let index = SearchReader::open(&folder)?;
    let mut scope = Scope::default();
    if let Some(room) = &query.room {
        let room = RoomName::parse(room).map_err(|why| coded(exit::USAGE, why.to_string()))?;
        scope.rooms = Some(vec![crate::room::look(&reader, &room)?.id]);
    }
    let sight = reader.sight(UserId(0), SessionId(0), Position(0))?;
    let may_see = |record: &Record| !sight.hides(record) && (options.direct || !is_direct(record));
    let (mut found, mut before, mut complete) = (Vec::new(), None, true);
    loop {
        let cost = Cost { hits: options.last as usize - found.len(), ..Cost::default() };
        let hits = search(&index, &reader, &query, &scope, before, cost, may_see)?;
        complete &= hits.complete;
        found.extend(hits.hits);
        before = hits.next;
        if before.is_none() || found.len() >= options.last as usize {
            break;
        }
    }
    if !complete {
        out::talk(format_args!("chatroom: the index is behind or damaged: older messages may be missing"));
    }
    crate::user::list(options.json, &found, described, told)
}

fn is_direct(record: &Record) -> bool {
    match &record.event {
        Event::Message { to, .. } => to.is_some(),
        Event::Fact(fact) => fact.at().is_some_and(|at| at.two.is_some()),
        _ => false,
    }
}

/// Where, its number, and by whom.
fn place(record: &Record) -> (String, u64, String) {
    match &record.event {
        Event::Message { to: Some(to), seq, name, .. } => {
            (format!("{name} -> {}", to.name), seq.0, name.to_string())
        }
        Event::Message { label, seq, name, .. } => {
            (label.as_deref().unwrap_or(LOBBY_NAME).to_owned(), seq.0, name.to_string())
        }
        Event::Imported { seq, author, .. } => (LOBBY_NAME.to_owned(), seq.0, author.to_string()),
        Event::Fact(chatroom_model::Fact::Edited { at, seq, name, .. }) => {
            let room = at.label.as_deref().unwrap_or(if at.two.is_some() { "direct" } else { LOBBY_NAME });
            (room.to_owned(), seq.0, name.to_string())
        }
        _ => (String::new(), 0, String::new()),
    }
}

fn body(hit: &Hit) -> &str {
    hit.record.event.body().map_or("", |body| body.as_str())
}

fn described(hit: &Hit) -> Value {
    let (room, seq, from) = place(&hit.record);
    let marks: Value = hit.marks.iter().map(|mark| json!([mark.start, mark.end])).collect();
    json!({
        "position": hit.record.position.0, "time": shown::exact(hit.record.time), "room": room, "seq": seq,
        "from": from, "body": body(hit), "marks": marks, "direct": is_direct(&hit.record),
    })
}

fn told(hit: &Hit) -> String {
    let (room, seq, from) = place(&hit.record);
    format!("{}  {room} {seq}  {from}: {}", shown::moment(hit.record.time), text::clean(body(hit)))
}

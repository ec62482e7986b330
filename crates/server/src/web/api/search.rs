//! Search over everything one may see.

use super::messages::{Shown, shown};
use super::path::{Asks, most, place};
use super::reply::Reply;
use super::schema::MessageView;
use super::{Looks, State, counted};
use crate::find::find;
use crate::sequencer::Sequencer;
use crate::web::problem::Problem;
use axum::http::StatusCode;
use chatroom_model::{Event, Query, RoomId, Seq};
use chatroom_store::{Reader, Told};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Hits shown where no number is given, and at most.
const HITS: (usize, usize) = (20, 50);

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    q: String,
    room: Option<String>,
    #[param(minimum = 1, maximum = 50)]
    limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Hits {
    hits: Vec<HitView>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    more: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    incomplete: bool,
}

#[derive(Serialize, ToSchema)]
struct HitView {
    #[schema(value_type = MessageView)]
    message: Shown,
    name: String,
    /// From and to, in UTF-16 units of the text.
    #[schema(value_type = Vec<[u32; 2]>)]
    marks: Vec<(usize, usize)>,
}

/// Finds messages, the newest first.
#[utoipa::path(get, path = "/search", params(Asked), responses((status = 200, body = Hits)))]
pub(super) async fn search<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Looks(caller): Looks,
    Asks(asked): Asks<Asked>,
) -> Result<Reply<Hits>, Problem> {
    let query = Query::parse(&super::path::line(&asked.q), crate::now()).map_err(|why| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "bad-query",
            format!("That cannot be searched for: {why}"),
        )
    })?;
    let named = asked.room.as_deref().or(query.room.as_deref());
    let within = named.map(place).transpose()?;
    let most = most(asked.limit, HITS)?;
    let searchers = Arc::clone(&shared.searchers);
    let look = move |reader: &Reader| {
        let found = match find(reader, &searchers, caller.user, &query, within.as_ref(), most)? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut hits = Vec::with_capacity(found.hits.hits.len());
        for hit in found.hits.hits {
            let Some((room, seq)) = stands(&hit.record.event) else { continue };
            let name = found.names.get(&room).cloned().unwrap_or_default();
            let told = Told { record: hit.record, seq, edited: hit.edited, reactions: Vec::new() };
            let Some(message) = shown(reader, caller.user, room, vec![told])?.pop() else { continue };
            let marks = in_utf16(message.text(), &hit.marks);
            hits.push(HitView { message, name, marks });
        }
        Ok(Ok(Hits { hits, more: found.hits.next.is_some(), incomplete: !found.hits.complete }))
    };
    // It may take longer than other reads.
    Ok(Reply::ok(counted(&shared, shared.reads.search(look)).await??))
}

fn stands(event: &Event) -> Option<(RoomId, Seq)> {
    match event {
        Event::Message { room, seq, .. } | Event::Imported { room, seq, .. } => Some((*room, *seq)),
        _ => None,
    }
}

/// Marks in the units by which scripts count.
fn in_utf16(text: &str, marks: &[Range<usize>]) -> Vec<(usize, usize)> {
    let units = |upto: usize| text.get(..upto).map_or(0, |before| before.encode_utf16().count());
    marks.iter().map(|mark| (units(mark.start), units(mark.end))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_count_as_scripts_do() {
        let text = "ä👍tea";
        let from = text.find("tea").unwrap();
        assert_eq!(in_utf16(text, std::slice::from_ref(&(from..from + 3))), [(3, 6)]);
    }
}

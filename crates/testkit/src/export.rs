//! Takes what `chatroom export --format jsonl` says into a history, as one complete reading of a node. Knows that
//! format and no database.

use anyhow::Context;
use serde::Deserialize;

use crate::history::{BodyHash, ClientId, History, Kind, Line};

/// One line of the export, as far as it is judged.
#[derive(Deserialize)]
struct Row {
    position: u64,
    kind: String,
    room: Option<String>,
    direct: Option<[String; 2]>,
    #[serde(default)]
    seq: Option<u64>,
    #[serde(default)]
    time: Option<String>,
    #[serde(default)]
    from: Option<String>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    body: Option<String>,
}

/// Adds each exported message as a line, and that the reading is complete; says how many messages there were.
///
/// `now` is when the reading began and ended, on the history's clock.
pub fn add_export(history: &mut History, node: &str, jsonl: &str, now: u64) -> anyhow::Result<u64> {
    let mut count = 0;
    let common = Line {
        invoked: now,
        returned: Some(now),
        node: node.into(),
        protocol: "export".into(),
        process: "rig".into(),
        ..Line::default()
    };
    for text in jsonl.lines() {
        let row: Row = serde_json::from_str(text).with_context(|| format!("the exported line {text}"))?;
        if row.kind != "message" {
            continue;
        }
        let from = row.from.as_deref().with_context(|| format!("no author in {text}"))?;
        let room = match (&row.room, &row.direct) {
            (Some(room), _) => room.clone(),
            (None, Some([one, other])) => direct_room(one, other),
            (None, None) => anyhow::bail!("neither a room nor two people in {text}"),
        };
        let id = match &row.id {
            Some(id) => ClientId::of(id.parse().with_context(|| format!("the id in {text}"))?),
            None => ClientId::default(),
        };
        let time = match &row.time {
            Some(time) => {
                let time: jiff::Timestamp = time.parse().with_context(|| format!("the time in {text}"))?;
                u64::try_from(time.as_millisecond()).with_context(|| format!("the time in {text}"))?
            }
            None => 0,
        };
        // Its numbers are not shown to anybody in a direct conversation, so they join nothing.
        let seq = if row.direct.is_some() { 0 } else { row.seq.unwrap_or(0) };
        let body = row.body.as_deref().map_or(BodyHash::default(), |body| BodyHash::of(from, body));
        let (op, position) = (Kind::Export, row.position);
        let (room, user) = (room.into(), from.into());
        history.push(&Line { op, room, user, seq, position, id, time, body, ..common.clone() });
        count += 1;
    }
    history.push(&Line { op: Kind::View, value: count, ..common });
    Ok(count)
}

/// The name a history has for the direct conversation of two people.
pub fn direct_room(one: &str, other: &str) -> String {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    format!("@{first},{second}")
}

//! SEARCH: what was said wherever this client may read (soju.im/search). Decides nothing; the table does.

use super::{fail, irc, numeric};
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::asks::search::find;
use crate::session::talk::Talk;
use chatroom_model::{Event, Query, RoomName, Where};
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::render::{self, View, Viewer};
use chatroom_wire::irc::reply::{line, numeric::ERR_UNKNOWNCOMMAND};
use chatroom_wire::irc::{mask, tags, time};
use chatroom_wire::text::clean;

/// Messages one search shows at most.
const MOST: usize = 100;

/// SEARCH.
pub(super) async fn search<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    if !irc(talk).caps.get().has(Caps::SEARCH) {
        numeric(talk, ERR_UNKNOWNCOMMAND, &["SEARCH", "Unknown command"]);
        return Ok(());
    }
    super::sync(talk).await?;
    let bad = |talk: &Talk<'_, S>, what: &str, why: &str| {
        fail(talk, &["SEARCH", "INVALID_PARAMS", what, why]);
    };
    let (mut text, mut place, mut most) = (String::new(), None, MOST);
    let (mut from, mut after, mut before) = (None, None, None);
    for tag in tags::of(message.param(0)) {
        let value = tags::unescape(tag.value);
        let fits = match tag.name {
            "text" => {
                text = clean(&value).into_owned();
                !text.trim().is_empty()
            }
            "in" => {
                place = match value.starts_with('#') {
                    true => RoomName::parse(&value).ok().map(Where::Name),
                    false => mask::name(&value).map(Where::With),
                };
                place.is_some()
            }
            "from" => {
                from = mask::name(&value).map(|name| name.as_str().into());
                from.is_some()
            }
            "after" => {
                after = time::read(&value).map(|time| time.plus(1));
                after.is_some()
            }
            "before" => {
                before = time::read(&value);
                before.is_some()
            }
            "limit" => match value.parse::<usize>() {
                Ok(limit) if limit > 0 => {
                    most = limit.min(MOST);
                    true
                }
                _ => false,
            },
            // What is not known is left alone.
            _ => true,
        };
        if !fits {
            bad(talk, tag.name, "Invalid parameters");
            return Ok(());
        }
    }
    // What stands in the text is what is searched for, also where it looks like a condition.
    let words: Vec<String> =
        text.split_whitespace().map(|word| format!("\"{}\"", word.replace('"', ""))).collect();
    let query = match Query::parse(&words.join(" "), crate::now()) {
        Ok(query) => Query { from, after, before, ..query },
        Err(why) => {
            bad(talk, "text", &why.to_string());
            return Ok(());
        }
    };
    match find(talk, query, place, most).await {
        None => fail(talk, &["SEARCH", "INTERNAL_ERROR", "The log cannot be searched"]),
        Some(Err(refusal)) => bad(talk, "in", &refusal.to_string()),
        Some(Ok(found)) => {
            let side = irc(talk);
            let (caps, nick) = (side.caps.get(), side.nick.borrow().clone());
            let name = format!("q{}", side.next_batch());
            let batched = caps.has(Caps::BATCH);
            let tag = if batched { format!("batch={name}") } else { String::new() };
            let mut out = String::new();
            if batched {
                line(&mut out, side.server(), "BATCH", &[&format!("+{name}"), "soju.im/search"]);
            }
            let people = talk.shard.people.borrow();
            let viewer = Some(Viewer { user: talk.session.user.get(), name: &nick, rooms: &[] });
            let view = View { server: side.server(), caps, known: &*people, viewer, tag: &tag };
            for hit in found.hits.hits.iter().rev() {
                let room = match &hit.record.event {
                    Event::Message { room, .. } => found.names.get(room).map_or("", String::as_str),
                    _ => "",
                };
                let record = super::history::named_now(&hit.record, room);
                render::message(&mut out, &record, hit.edited.as_ref(), &view);
            }
            if batched {
                line(&mut out, side.server(), "BATCH", &[&format!("-{name}")]);
            }
            side.answer_with(&out);
        }
    }
    Ok(())
}

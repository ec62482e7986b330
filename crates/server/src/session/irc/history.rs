//! CHATHISTORY: what was said before, by number or by time (IRCv3 chathistory). Decides nothing; the table does.

use super::side::Outcome;
use super::{Irc, fail, irc};
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::commands::read;
use crate::session::talk::Talk;
use chatroom_model::{Act, Deed, Event, Millis, Position, Record, RoomId, RoomName, Seq, Where};
use chatroom_store::{Item, Mark, Part};
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::isupport::HISTORY_MAX;
use chatroom_wire::irc::mask;
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::render::{self, View, Viewer, read_message_id};
use chatroom_wire::irc::reply::{line, numeric};
use chatroom_wire::irc::time;
use std::borrow::Cow;

/// A place, and the room it is of where it is of one.
fn mark(text: &str) -> Option<(Mark, Option<RoomId>)> {
    if text == "*" {
        return Some((Mark::Open, None));
    }
    let (kind, value) = text.split_once('=')?;
    match kind {
        "msgid" => match render::read_event_id(value) {
            Some((position, part)) => Some((Mark::Event(position, part), None)),
            None => read_message_id(value).map(|(room, seq)| (Mark::Message(seq), Some(room))),
        },
        "timestamp" => time::read(value).map(|time| (Mark::Time(time), None)),
        _ => None,
    }
}

/// CHATHISTORY.
pub(super) async fn history<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    super::sync(talk).await?;
    let sub = message.param(0).to_ascii_uppercase();
    let least = match &*sub {
        "LATEST" | "BEFORE" | "AFTER" | "AROUND" | "TARGETS" => 4,
        "BETWEEN" => 5,
        _ => {
            fail(talk, &["CHATHISTORY", "INVALID_PARAMS", &sub, "Unknown command"]);
            return Ok(());
        }
    };
    if message.params.len() < least {
        fail(talk, &["CHATHISTORY", "NEED_MORE_PARAMS", &sub, "Not enough parameters"]);
        return Ok(());
    }
    let bad = |talk: &Talk<'_, S>, what: &str| {
        fail(talk, &["CHATHISTORY", "INVALID_PARAMS", &sub, what, "Invalid parameters"]);
    };
    let Ok(limit) = message.param(least - 1).parse::<usize>() else {
        bad(talk, message.param(least - 1));
        return Ok(());
    };
    let limit = limit.min(HISTORY_MAX);
    if sub == "TARGETS" {
        return targets(talk, message, limit).await;
    }
    let target = message.param(1);
    let Some((first, of)) = mark(message.param(2)) else {
        bad(talk, message.param(2));
        return Ok(());
    };
    let second = if sub == "BETWEEN" { mark(message.param(3)) } else { Some((Mark::Open, None)) };
    let Some((second, of_second)) = second else {
        bad(talk, message.param(3));
        return Ok(());
    };
    let room = if target.starts_with('#') {
        RoomName::parse(target).ok().map(Where::Name)
    } else {
        mask::name(target).map(Where::With)
    };
    let part = match &*sub {
        "LATEST" => Part::Latest(first),
        "BEFORE" => Part::Before(first),
        "AFTER" => Part::After(first),
        "AROUND" => Part::Around(first),
        _ => Part::Between(first, second),
    };
    let direct = !target.starts_with('#');
    let found = match room {
        None => Some(None),
        Some(room) => part_of(talk, room, [of, of_second], part, limit).await,
    };
    match found {
        // Two who have not written to each other have a history: an empty one.
        Some(None) if direct && mask::name(target).is_some() => show(talk, target, &[]),
        Some(None) => {
            fail(talk, &["CHATHISTORY", "INVALID_TARGET", &sub, target, "Messages could not be retrieved"]);
        }
        Some(Some(items)) => show(talk, target, &items),
        None => {
            fail(talk, &["CHATHISTORY", "MESSAGE_ERROR", &sub, target, "Messages could not be retrieved"])
        }
    }
    Ok(())
}

/// A part of a room's history, if this client may read there.
pub(super) async fn part_of<S: Sequencer>(
    talk: &Talk<'_, S>,
    room: Where,
    of: [Option<RoomId>; 2],
    part: Part,
    limit: usize,
) -> Option<Option<Vec<Item>>> {
    let (user, session) = (talk.session.user.get(), talk.session.id);
    let events = irc(talk).caps.get().has(Caps::EVENT_PLAYBACK);
    loop {
        let (upto, changes, room) = (talk.shard.position.get(), talk.shard.changes.get(), room.clone());
        let found = read(talk, move |reader| {
            let Ok(look) = reader.look(user, &room, Act::Read)? else { return Ok(None) };
            // A message of another room is no place in this one.
            if of.iter().flatten().any(|room| *room != look.id) {
                return Ok(Some(Vec::new()));
            }
            let sight = reader.sight(user, session, Position(0))?;
            reader.timeline(&look, part, limit, upto, &sight, events).map(Some)
        })
        .await;
        // What was taken back meanwhile is not shown any more.
        if found.is_none() || talk.shard.changes.get() == changes {
            return found;
        }
    }
}

fn show<S: Sequencer>(talk: &Talk<'_, S>, target: &str, items: &[Item]) {
    let side = irc(talk);
    let caps = side.caps.get();
    let batch = format!("h{}", side.next_batch());
    let tag = format!("batch={batch}");
    let mut out = String::new();
    let batched = caps.has(Caps::BATCH);
    if batched {
        line(&mut out, side.server(), "BATCH", &[&format!("+{batch}"), "chathistory", target]);
    }
    let people = talk.shard.people.borrow();
    let tag = if batched { tag.as_str() } else { "" };
    let nick = side.nick.borrow();
    let viewer = Some(Viewer { user: talk.session.user.get(), name: &nick, rooms: &[] });
    let view = View { server: side.server(), caps, known: &*people, viewer, tag };
    for item in items {
        match item {
            Item::Message(told) => {
                let record = named_now(&told.record, target);
                render::message(&mut out, &record, told.edited.as_ref(), &view);
            }
            Item::Event(record) => render::event(&mut out, &named_now(record, target), &view),
        }
    }
    if batched {
        line(&mut out, side.server(), "BATCH", &[&format!("-{batch}")]);
    }
    side.answer_with(&out);
}

/// The conversations in which something was said between two times, the oldest first.
async fn targets<S: Sequencer>(
    talk: &mut Talk<'_, S>,
    message: &Message<'_>,
    limit: usize,
) -> Result<(), End> {
    let times = (mark(message.param(1)), mark(message.param(2)));
    let (Some((Mark::Time(a), _)), Some((Mark::Time(b), _))) = times else {
        fail(talk, &["CHATHISTORY", "INVALID_PARAMS", "TARGETS", message.param(1), "Invalid parameters"]);
        return Ok(());
    };
    let (from, upto) = (a.min(b), a.max(b));
    let user = talk.session.user.get();
    let found = read(talk, move |reader| {
        let mut found = Vec::new();
        for (room, name) in reader.inside(user)? {
            if let Some(time) = reader.last_said(room)?.filter(|time| *time > from && *time < upto) {
                found.push((time, name));
            }
        }
        found.sort();
        Ok(found)
    });
    let mut found = found.await.unwrap_or_default();
    if a > b {
        found.reverse();
    }
    let side = irc(talk);
    let batch = format!("h{}", side.next_batch());
    let batched = side.caps.get().has(Caps::BATCH);
    let mut out = String::new();
    if batched {
        line(&mut out, side.server(), "BATCH", &[&format!("+{batch}"), "draft/chathistory-targets"]);
    }
    for (time, name) in found.iter().take(limit) {
        if batched {
            out.extend(["@batch=", &batch, " "]);
        }
        let name = name.trim_start_matches('@');
        line(&mut out, side.server(), "CHATHISTORY", &["TARGETS", name, &time::Stamp(*time).to_string()]);
    }
    if batched {
        line(&mut out, side.server(), "BATCH", &[&format!("-{batch}")]);
    }
    side.answer_with(&out);
    Ok(())
}

/// MARKREAD: up to when a conversation is read, the same on all of a user's clients (IRCv3 read-marker).
pub(super) async fn mark_read<S: Sequencer>(
    talk: &mut Talk<'_, S>,
    message: &Message<'_>,
) -> Result<(), End> {
    let target = message.param(0);
    if !irc(talk).caps.get().has(Caps::READ_MARKER) {
        super::numeric(talk, numeric::ERR_UNKNOWNCOMMAND, &["MARKREAD", "Unknown command"]);
        return Ok(());
    }
    if target.is_empty() {
        fail(talk, &["MARKREAD", "NEED_MORE_PARAMS", "Not enough parameters"]);
        return Ok(());
    }
    super::sync(talk).await?;
    let room = match target.starts_with('#') {
        true => RoomName::parse(target).ok().map(Where::Name),
        false => mask::name(target).map(Where::With),
    };
    let Some(room) = room else {
        fail(talk, &["MARKREAD", "INVALID_PARAMS", target, "There is no such conversation"]);
        return Ok(());
    };
    let wanted = match message.params.get(1) {
        None => None,
        Some(word) => match word.strip_prefix("timestamp=").and_then(time::read) {
            Some(time) => Some(time),
            None => {
                fail(talk, &["MARKREAD", "INVALID_PARAMS", word, "Invalid timestamp"]);
                return Ok(());
            }
        },
    };
    let (user, asked) = (talk.session.user.get(), room.clone());
    let found = read(talk, move |reader| {
        let Ok(look) = reader.look(user, &asked, Act::Read)? else {
            // Two who have said nothing to each other yet.
            let Where::With(name) = &asked else { return Ok(None) };
            let Some((other, _)) = reader.holder(name)? else { return Ok(None) };
            return Ok(Some((asked, Seq(0), reader.read_mark_with(user, other)?)));
        };
        let seq = match wanted {
            Some(wanted) => reader.seq_before(look.id, wanted.plus(1))?,
            None => Seq(0),
        };
        Ok(Some((Where::Id(look.id), seq, reader.read_mark(&look, user)?)))
    });
    let Some((room, seq, marked)) = found.await.flatten() else {
        // There is nothing of that name, or it is nobody's business.
        told(talk, target, None);
        return Ok(());
    };
    match wanted.filter(|wanted| marked.is_none_or(|marked| marked < *wanted)) {
        None => told(talk, target, marked),
        Some(wanted) => {
            let deed = Deed::Read { room, seq, at: Some(wanted) };
            // Done, it is told to all of this user's clients.
            if !matches!(super::act(talk, deed).await?, Outcome::Done { .. }) {
                told(talk, target, marked);
            }
        }
    }
    Ok(())
}

/// Says up to when a conversation is read.
pub(super) fn told<S: Sequencer>(talk: &Talk<'_, S>, target: &str, marked: Option<Millis>) {
    let mut out = String::new();
    self::marked(&mut out, irc(talk), target, marked);
    irc(talk).answer_with(&out);
}

pub(super) fn marked(out: &mut String, side: &Irc, target: &str, marked: Option<Millis>) {
    let text = marked.map_or_else(|| "*".to_owned(), |at| format!("timestamp={}", time::Stamp(at)));
    line(out, side.server(), "MARKREAD", &[target, &text]);
}

/// An event with its room called as it is now.
pub(super) fn named_now<'a>(record: &'a Record, room: &str) -> Cow<'a, Record> {
    let label = match &record.event {
        Event::Message { label, .. } => label.as_ref(),
        Event::Fact(fact) => fact.at().and_then(|at| at.label.as_ref()),
        _ => None,
    };
    if label.is_none_or(|label| **label == *room) || !room.starts_with('#') {
        return Cow::Borrowed(record);
    }
    let mut record = record.clone();
    match &mut record.event {
        Event::Message { label, .. } => *label = Some(room.into()),
        Event::Fact(fact) => {
            if let Some(at) = fact.at_mut() {
                at.label = Some(room.into());
            }
        }
        _ => {}
    }
    Cow::Owned(record)
}

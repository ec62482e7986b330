//! CHATHISTORY: what was said before, by number or by time (IRCv3 chathistory). Decides nothing; the table does.

use super::{fail, irc};
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::commands::read;
use crate::session::talk::Talk;
use chatroom_model::{Act, Millis, Position, RoomName, Seq, Where};
use chatroom_store::{Span, Told};
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::isupport::HISTORY_MAX;
use chatroom_wire::irc::mask;
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::render::{self, View, read_message_id};
use chatroom_wire::irc::reply::line;
use chatroom_wire::irc::time;

/// A place in a room's history.
#[derive(Clone, Copy, Debug)]
enum Mark {
    /// A message.
    Message(Seq),
    /// A time.
    Time(Millis),
    /// The end: now.
    Open,
}

fn mark(text: &str) -> Option<Mark> {
    if text == "*" {
        return Some(Mark::Open);
    }
    let (kind, value) = text.split_once('=')?;
    match kind {
        "msgid" => read_message_id(value).map(|(_, seq)| Mark::Message(seq)),
        "timestamp" => time::read(value).map(Mark::Time),
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
    let Some(first) = mark(message.param(2)) else {
        bad(talk, message.param(2));
        return Ok(());
    };
    let second = if sub == "BETWEEN" { mark(message.param(3)) } else { Some(Mark::Open) };
    let Some(second) = second else {
        bad(talk, message.param(3));
        return Ok(());
    };
    let room = if target.starts_with('#') {
        RoomName::parse(target).ok().map(Where::Name)
    } else {
        mask::name(target).map(Where::With)
    };
    let user = talk.session.user.get();
    let session = talk.session.id;
    let upto = talk.shard.position.get();
    let direct = !target.starts_with('#');
    let found = match room {
        None => Some(None),
        Some(room) => {
            let sub = sub.clone();
            read(talk, move |reader| {
                let Ok(look) = reader.look(user, &room, Act::Read)? else { return Ok(None) };
                let sight = reader.sight(user, session, Position(0))?;
                let before = |mark| -> Result<Seq, chatroom_store::Fault> {
                    Ok(match mark {
                        Mark::Message(seq) => seq,
                        // The first message that is not before that time.
                        Mark::Time(time) => Seq(reader.seq_before(look.id, time)?.0 + 1),
                        Mark::Open => Seq(u64::MAX >> 1),
                    })
                };
                let after = |mark| -> Result<Seq, chatroom_store::Fault> {
                    Ok(match mark {
                        Mark::Message(seq) => seq,
                        Mark::Time(time) => reader.seq_before(look.id, time.plus(1))?,
                        Mark::Open => Seq(0),
                    })
                };
                let read = |span, n| reader.history(look.id, span, n, upto, &sight);
                let told = match &*sub {
                    "LATEST" => {
                        let bound = after(first)?;
                        let mut told = read(Span::Last, limit)?;
                        told.retain(|one| one.seq > bound);
                        told
                    }
                    "BEFORE" => read(Span::Before(before(first)?), limit)?,
                    "AFTER" => read(Span::After(after(first)?), limit)?,
                    "AROUND" => read(Span::Around(before(first)?), limit)?,
                    _ => {
                        let forwards = match (first, second) {
                            (Mark::Time(a), Mark::Time(b)) => a <= b,
                            (a, b) => before(a)? <= before(b)?,
                        };
                        if forwards {
                            let end = before(second)?;
                            let mut told = read(Span::After(after(first)?), limit)?;
                            told.retain(|one| one.seq < end);
                            told
                        } else {
                            let bound = after(second)?;
                            let mut told = read(Span::Before(before(first)?), limit)?;
                            told.retain(|one| one.seq > bound);
                            told
                        }
                    }
                };
                Ok(Some(told))
            })
            .await
        }
    };
    match found {
        // Two who have not written to each other have a history: an empty one.
        Some(None) if direct && mask::name(target).is_some() => show(talk, target, &[]),
        Some(None) => {
            fail(talk, &["CHATHISTORY", "INVALID_TARGET", &sub, target, "Messages could not be retrieved"]);
        }
        Some(Some(told)) => show(talk, target, &told),
        None => {
            fail(talk, &["CHATHISTORY", "MESSAGE_ERROR", &sub, target, "Messages could not be retrieved"])
        }
    }
    Ok(())
}

fn show<S: Sequencer>(talk: &Talk<'_, S>, target: &str, told: &[Told]) {
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
    let view = View { server: side.server(), caps, known: &*people, viewer: None, tag };
    for one in told {
        render::message(&mut out, &one.record, one.edited.as_ref(), &view);
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
    let (Some(Mark::Time(a)), Some(Mark::Time(b))) = times else {
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

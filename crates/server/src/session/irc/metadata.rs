//! METADATA: what programs note of people and rooms, and who hears of it (IRCv3 metadata). Decides nothing; the table does.

use super::side::Outcome;
use super::{act, fail, irc, numeric};
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::commands::read;
use crate::session::talk::Talk;
use chatroom_model::{
    Act, Deed, Name, Refusal, RoomName, Subject, Where, is_metadata_key, is_metadata_value,
};
use chatroom_store::Look;
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::mask;
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::render::{self, View};
use chatroom_wire::irc::reply::{line, numeric::*};
use std::collections::BTreeSet;

/// Keys one client may want to hear of (`max-subs`).
pub(super) const SUBS_MAX: usize = 100;

/// Of whom or what something is asked or noted.
struct Target {
    /// As the client is told.
    name: String,
    of: Subject,
    /// The room, where it is one.
    room: Option<Where>,
    /// Whether this client may note something there.
    own: bool,
}

/// METADATA.
pub(super) async fn metadata<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    if !irc(talk).caps.get().has(Caps::METADATA) {
        numeric(talk, ERR_UNKNOWNCOMMAND, &["METADATA", "Unknown command"]);
        return Ok(());
    }
    let sub = message.param(1).to_ascii_uppercase();
    if message.params.len() < 2 {
        fail(talk, &["METADATA", "NEED_MORE_PARAMS", "Not enough parameters"]);
        return Ok(());
    }
    let keys = message.params.get(2..).unwrap_or_default();
    match &*sub {
        "SUB" | "UNSUB" => {
            subscribe(talk, keys, sub == "SUB").await;
            return Ok(());
        }
        "SUBS" => {
            subs(talk);
            return Ok(());
        }
        "GET" | "LIST" | "SET" | "CLEAR" | "SYNC" => {}
        _ => {
            fail(talk, &["METADATA", "SUBCOMMAND_INVALID", message.param(1), "Invalid subcommand"]);
            return Ok(());
        }
    }
    super::sync(talk).await?;
    let Some(target) = target(talk, message.param(0)).await else {
        fail(talk, &["METADATA", "INVALID_TARGET", message.param(0), "Invalid target"]);
        return Ok(());
    };
    match &*sub {
        "SET" => set(talk, &target, message.param(2), message.params.get(3).copied()).await,
        "CLEAR" => clear(talk, &target).await,
        "SYNC" => {
            show_all(talk, &target).await;
            Ok(())
        }
        _ => {
            let of = target.of;
            let noted = read(talk, move |reader| reader.metadata(of)).await.unwrap_or_default();
            let asked: Vec<&str> = match &*sub {
                "GET" => keys.to_vec(),
                _ => noted.iter().map(|(key, _)| key.as_str()).collect(),
            };
            batch(talk, &target.name, |talk, out| {
                for key in asked {
                    let found = noted.iter().find(|(other, _)| other == key);
                    key_line(talk, out, &target.name, key, found.map(|(_, value)| value.as_str()));
                }
            });
            Ok(())
        }
    }
}

/// Whom or what a parameter means, as far as this client may know of it.
async fn target<S: Sequencer>(talk: &Talk<'_, S>, text: &str) -> Option<Target> {
    let me = talk.session.user.get();
    let nick = irc(talk).nick.borrow().to_string();
    if text == "*" || text.eq_ignore_ascii_case(&nick) {
        return Some(Target { name: nick, of: Subject::User(me), room: None, own: true });
    }
    if text.starts_with('#') {
        let room = Where::Name(RoomName::parse(text).ok()?);
        let asked = room.clone();
        let look: Look = read(talk, move |reader| reader.look(me, &asked, Act::See)).await?.ok()?;
        let own = look.may(Act::Set).is_ok();
        let name = super::rooms::room_name(&look).to_owned();
        return Some(Target { name, of: Subject::Room(look.id), room: Some(room), own });
    }
    let name = mask::name(text)?;
    let found = read(talk, move |reader| reader.profile(&name)).await.flatten()?;
    Some(Target { name: found.name, of: Subject::User(found.user), room: None, own: false })
}

/// One key and its value, or that there is none.
fn key_line<S: Sequencer>(
    talk: &Talk<'_, S>,
    out: &mut String,
    target: &str,
    key: &str,
    value: Option<&str>,
) {
    let side = irc(talk);
    if !is_metadata_key(key) {
        line(out, side.server(), "FAIL", &["METADATA", "KEY_INVALID", &one_word(key), "Invalid key"]);
        return;
    }
    match value {
        Some(value) => {
            // A value of one word is a value too, and an empty one.
            let mut head = String::new();
            side.numeric(&mut head, RPL_KEYVALUE, &[target, key, "*"]);
            out.extend([head.trim_end(), " :", value, "\r\n"]);
        }
        None => side.numeric(out, RPL_KEYNOTSET, &[target, key, "key not set"]),
    }
}

fn one_word(key: &str) -> String {
    if key.is_empty() { "*".into() } else { key.replace([' ', ':'], "_") }
}

/// Lines in a batch of their own.
fn batch<S: Sequencer>(talk: &Talk<'_, S>, target: &str, lines: impl FnOnce(&Talk<'_, S>, &mut String)) {
    let side = irc(talk);
    let name = format!("d{}", side.next_batch());
    let batched = side.caps.get().has(Caps::BATCH);
    let (mut inner, mut out) = (String::new(), String::new());
    lines(talk, &mut inner);
    if !batched {
        side.answer_with(&inner);
        return;
    }
    line(&mut out, side.server(), "BATCH", &[&format!("+{name}"), "metadata", target]);
    for text in inner.split_inclusive('\n') {
        out.extend(["@batch=", &name, " ", text]);
    }
    line(&mut out, side.server(), "BATCH", &[&format!("-{name}")]);
    side.answer_with(&out);
}

async fn set<S: Sequencer>(
    talk: &mut Talk<'_, S>,
    target: &Target,
    key: &str,
    value: Option<&str>,
) -> Result<(), End> {
    let value = value.filter(|value| !value.is_empty());
    if !is_metadata_key(key) {
        fail(talk, &["METADATA", "KEY_INVALID", &one_word(key), "Invalid key"]);
    } else if !target.own {
        fail(talk, &["METADATA", "KEY_NO_PERMISSION", &target.name, key, "You may not set that"]);
    } else if value.is_some_and(|value| !is_metadata_value(value)) {
        fail(talk, &["METADATA", "VALUE_INVALID", "Value is too long or not one line"]);
    } else {
        let (room, word) = (target.room.clone(), key.to_owned());
        let deed = Deed::Metadata { room, key: word, value: value.map(str::to_owned) };
        let mut out = String::new();
        match act(talk, deed).await? {
            Outcome::Done { .. } => key_line(talk, &mut out, &target.name, key, value),
            Outcome::Refused(Refusal::AlreadySo) if value.is_none() => {
                fail(talk, &["METADATA", "KEY_NOT_SET", &target.name, key, "key not set"]);
            }
            Outcome::Refused(Refusal::AlreadySo) => key_line(talk, &mut out, &target.name, key, value),
            Outcome::Refused(Refusal::TooMany(_)) => {
                fail(talk, &["METADATA", "LIMIT_REACHED", &target.name, "Too many keys"]);
            }
            Outcome::Refused(refusal) => {
                fail(talk, &["METADATA", "KEY_NO_PERMISSION", &target.name, key, &refusal.to_string()]);
            }
            Outcome::Failed(why) => fail(talk, &["METADATA", "INTERNAL_ERROR", &why]),
        }
        irc(talk).answer_with(&out);
    }
    Ok(())
}

async fn clear<S: Sequencer>(talk: &mut Talk<'_, S>, target: &Target) -> Result<(), End> {
    if !target.own {
        fail(talk, &["METADATA", "KEY_NO_PERMISSION", &target.name, "*", "You may not set that"]);
        return Ok(());
    }
    let of = target.of;
    let noted = read(talk, move |reader| reader.metadata(of)).await.unwrap_or_default();
    let mut gone = Vec::new();
    for (key, _) in noted {
        let deed = Deed::Metadata { room: target.room.clone(), key: key.clone(), value: None };
        if matches!(act(talk, deed).await?, Outcome::Done { .. }) {
            gone.push(key);
        }
    }
    batch(talk, &target.name, |talk, out| {
        gone.iter().for_each(|key| key_line(talk, out, &target.name, key, None));
    });
    Ok(())
}

async fn subscribe<S: Sequencer>(talk: &Talk<'_, S>, keys: &[&str], on: bool) {
    let mut taken: Vec<&str> = Vec::new();
    for key in keys {
        let mut subs = irc(talk).subs.borrow_mut();
        if !is_metadata_key(key) {
            drop(subs);
            fail(talk, &["METADATA", "KEY_INVALID", &one_word(key), "Invalid key"]);
        } else if !on {
            if let Some(all) = subs.as_mut() {
                all.remove(*key);
            }
            if subs.as_ref().is_some_and(|all| all.is_empty()) {
                *subs = None;
            }
            taken.push(key);
        } else {
            let all = subs.get_or_insert_default();
            if all.len() >= SUBS_MAX && !all.contains(*key) {
                drop(subs);
                fail(talk, &["METADATA", "TOO_MANY_SUBS", key, "Too many subscriptions"]);
                break;
            }
            all.insert((*key).into());
            taken.push(key);
        }
    }
    let code = if on { RPL_METADATASUBOK } else { RPL_METADATAUNSUBOK };
    for some in taken.chunks(10) {
        numeric(talk, code, some);
    }
}

fn subs<S: Sequencer>(talk: &Talk<'_, S>) {
    let all: BTreeSet<Box<str>> = irc(talk).subs.borrow().clone().unwrap_or_default();
    let all: Vec<&str> = all.iter().map(|key| &**key).collect();
    for some in all.chunks(10) {
        numeric(talk, RPL_METADATASUBS, some);
    }
}

/// Shows what this client wants to hear of somebody, or of a room and who is in it.
async fn show_all<S: Sequencer>(talk: &Talk<'_, S>, target: &Target) {
    match (target.of, &target.room) {
        (Subject::Room(_), Some(room)) => {
            let (me, room) = (talk.session.user.get(), room.clone());
            if let Some(Ok(look)) = read(talk, move |reader| reader.look(me, &room, Act::Read)).await {
                of_room(talk, &look).await;
            }
        }
        (of, _) => {
            let noted = read(talk, move |reader| reader.metadata(of)).await.unwrap_or_default();
            shown(talk, &target.name, &[(target.name.clone(), noted)]);
        }
    }
}

/// Shows a client that has come into a room what is noted of it and of those in it, as far as it wants to hear.
pub(super) async fn of_room<S: Sequencer>(talk: &Talk<'_, S>, look: &Look) {
    if irc(talk).subs.borrow().is_none() {
        return;
    }
    let (id, me) = (look.id, talk.session.user.get());
    let found = read(talk, move |reader| Ok((reader.metadata(Subject::Room(id))?, reader.members(id)?)));
    let Some((noted, people)) = found.await else { return };
    let name = super::rooms::room_name(look);
    let mut all = vec![(name.to_owned(), noted)];
    let known = talk.shard.people.borrow();
    for person in people.iter().filter(|person| person.online && person.user != me) {
        if let Some(of) = chatroom_wire::irc::known::Known::person(&*known, person.user) {
            let noted = of.metadata.iter().map(|(key, value)| (key.to_string(), value.to_string()));
            all.push((person.name.clone(), noted.collect()));
        }
    }
    drop(known);
    shown(talk, name, &all);
}

/// What is noted, of each a name and its keys with their values.
type Noted = (String, Vec<(String, String)>);

fn shown<S: Sequencer>(talk: &Talk<'_, S>, target: &str, all: &[Noted]) {
    let side = irc(talk);
    let wanted = |key: &str| side.subscribes(key);
    if !all.iter().flat_map(|(_, noted)| noted).any(|(key, _)| wanted(key)) {
        return;
    }
    batch(talk, target, |talk, out| {
        let known = talk.shard.people.borrow();
        let view =
            View { server: side.server(), caps: side.caps.get(), known: &*known, viewer: None, tag: "" };
        for (name, noted) in all {
            for (key, value) in noted.iter().filter(|(key, _)| wanted(key)) {
                render::metadata(out, &view, name, key, Some(value));
            }
        }
    });
}

/// What METADATA answers before a client is in, with what it has noted of its user so far.
pub(super) fn before(
    out: &mut String,
    server: &str,
    nick: &str,
    noted: &mut Vec<(String, String)>,
    subs: &mut BTreeSet<Box<str>>,
    message: &Message<'_>,
) {
    let fail = |out: &mut String, params: &[&str]| line(out, server, "FAIL", params);
    let target = message.param(0);
    let own = target == "*" || Name::parse(target).is_ok_and(|name| name.as_str() == nick);
    let keys = message.params.get(2..).unwrap_or_default();
    let row = |out: &mut String, key: &str, value: Option<&str>| match value {
        Some(value) => out.extend([":", server, " 761 ", nick, " ", nick, " ", key, " * :", value, "\r\n"]),
        None => {
            chatroom_wire::irc::reply::numeric(out, server, RPL_KEYNOTSET, nick, &[nick, key, "key not set"])
        }
    };
    match message.param(1).to_ascii_uppercase().as_str() {
        _ if !own => fail(out, &["METADATA", "INVALID_TARGET", &one_word(target), "Invalid target"]),
        "SET" => {
            let (key, value) = (message.param(2), message.params.get(3).filter(|value| !value.is_empty()));
            if !is_metadata_key(key) {
                return fail(out, &["METADATA", "KEY_INVALID", &one_word(key), "Invalid key"]);
            }
            if value.is_some_and(|value| !is_metadata_value(value)) {
                return fail(out, &["METADATA", "VALUE_INVALID", "Value is too long or not one line"]);
            }
            noted.retain(|(other, _)| other != key);
            if let Some(value) = value {
                if noted.len() >= chatroom_model::METADATA_KEYS_MAX {
                    return fail(out, &["METADATA", "LIMIT_REACHED", nick, "Too many keys"]);
                }
                noted.push((key.to_owned(), (*value).to_owned()));
            }
            row(out, key, value.copied());
        }
        "GET" | "LIST" => {
            line(out, server, "BATCH", &["+d0", "metadata", nick]);
            let asked: Vec<&str> = if message.param(1).eq_ignore_ascii_case("GET") {
                keys.to_vec()
            } else {
                noted.iter().map(|(key, _)| key.as_str()).collect()
            };
            for key in asked.into_iter().filter(|key| is_metadata_key(key)) {
                out.push_str("@batch=d0 ");
                let found = noted.iter().find(|(other, _)| other == key);
                row(out, key, found.map(|(_, value)| value.as_str()));
            }
            line(out, server, "BATCH", &["-d0"]);
        }
        "SUB" => {
            let taken: Vec<&str> =
                keys.iter().copied().filter(|key| is_metadata_key(key)).take(SUBS_MAX).collect();
            subs.extend(taken.iter().map(|key| Box::from(*key)));
            while subs.len() > SUBS_MAX {
                subs.pop_last();
            }
            chatroom_wire::irc::reply::numeric(out, server, RPL_METADATASUBOK, nick, &taken);
        }
        _ => fail(out, &["METADATA", "SUBCOMMAND_INVALID", message.param(1), "Come in first"]),
    }
}

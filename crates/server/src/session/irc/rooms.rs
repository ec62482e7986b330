//! Rooms, as IRC enters, leaves, names, lists and keeps them.

use super::side::{Irc, Outcome};
use super::{done, irc, lists, no, numeric};
use crate::people::People;
use crate::sequencer::Sequencer;
use crate::session::commands::read;
use crate::session::talk::Talk;
use crate::session::{End, Session};
use crate::shard::Shard;
use crate::signal::{Signal, To};
use chatroom_model::{
    Access, Act, Deed, LINE_MAX, Name, Refusal, Role, RoomId, RoomName, Setting, Where, room_password,
};
use chatroom_store::{Item, Look, Mark, Part};
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::isupport::TARGETS_MAX;
use chatroom_wire::irc::known::{self, Known};
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::refusal::Asked;
use chatroom_wire::irc::reply::numeric::*;
use chatroom_wire::irc::reply::{line, whole};
use chatroom_wire::irc::{mask, render};
use chatroom_wire::text::clean;
use std::rc::Rc;

/// Of those who keep order in a room so many hear a knock.
const KNOCKED_MAX: usize = 20;

/// Does what a command asks of rooms.
pub(super) async fn rooms<S: Sequencer>(
    talk: &mut Talk<'_, S>,
    name: &str,
    message: &Message<'_>,
) -> Result<(), End> {
    let targets = message.param(0).split(',').filter(|target| !target.is_empty()).take(TARGETS_MAX);
    match name {
        "JOIN" if message.param(0) == "0" => {
            let user = talk.session.user.get();
            let inside = read(talk, move |reader| reader.inside(user)).await.unwrap_or_default();
            for room in inside.values().filter(|room| room.starts_with('#')) {
                part(talk, room, "").await?;
            }
            Ok(())
        }
        "JOIN" => {
            let keys: Vec<&str> = message.param(1).split(',').collect();
            for (n, target) in targets.enumerate() {
                let key = keys.get(n).copied().filter(|key| !key.is_empty());
                join(talk, target, key).await?;
            }
            Ok(())
        }
        "PART" => {
            for target in targets {
                part(talk, target, message.param(1)).await?;
            }
            Ok(())
        }
        "TOPIC" => topic(talk, message).await,
        "NAMES" => {
            if message.param(0).is_empty() {
                return lists::all_names(talk).await;
            }
            let rooms: Vec<&str> = targets.collect();
            lists::names_of(talk, &rooms).await
        }
        "LIST" => lists::list(talk, message).await,
        "INVITE" => invite(talk, message).await,
        "RENAME" => rename(talk, message).await,
        "KICK" => {
            // Of one room several, or of each room one (RFC 2812, section 3.2.8).
            let rooms: Vec<&str> = targets.collect();
            let nicks = message.param(1).split(',').filter(|nick| !nick.is_empty()).take(TARGETS_MAX);
            for (n, nick) in nicks.enumerate() {
                let Some(room) = rooms.get(if rooms.len() == 1 { 0 } else { n }) else { break };
                let asked = Asked { other: nick.into(), ..Asked::new("KICK", room) };
                let Some(place) = place(talk, room, &asked) else { continue };
                let Some(user) = person(talk, nick) else { continue };
                let reason = clean(message.param(2));
                let reason = reason[..whole(&reason, LINE_MAX)].to_owned();
                done(talk, &asked, Deed::Kick { room: place, user, reason }).await?;
            }
            Ok(())
        }
        _ => knock(talk, message.param(0)).await,
    }
}

/// The room a parameter names; where it can be none, that has been said.
pub(super) fn place<S: Sequencer>(talk: &Talk<'_, S>, room: &str, asked: &Asked) -> Option<Where> {
    match RoomName::parse(room) {
        Ok(name) if room.starts_with('#') => Some(Where::Name(name)),
        _ => {
            no(talk, &Asked { target: room.into(), ..asked.clone() }, &Refusal::NoSuchRoom);
            None
        }
    }
}

/// The person a parameter names; where it can be nobody, that has been said.
pub(super) fn person<S: Sequencer>(talk: &Talk<'_, S>, nick: &str) -> Option<Name> {
    let name = mask::name(nick);
    if name.is_none() {
        let nick = if nick.is_empty() { "*" } else { nick };
        numeric(talk, ERR_NOSUCHNICK, &[nick, "No such nick"]);
    }
    name
}

/// A room as this client stands to it, if it may do that there; else it has been told why not.
pub(super) async fn look<S: Sequencer>(
    talk: &Talk<'_, S>,
    place: Where,
    act: Act,
    asked: &Asked,
) -> Option<Look> {
    let user = talk.session.user.get();
    match read(talk, move |reader| reader.look(user, &place, act)).await? {
        Ok(look) => Some(look),
        Err(refusal) => {
            no(talk, asked, &refusal);
            None
        }
    }
}

async fn join<S: Sequencer>(talk: &mut Talk<'_, S>, room: &str, key: Option<&str>) -> Result<(), End> {
    let asked = Asked::new("JOIN", room);
    let Some(place) = place(talk, room, &asked) else { return Ok(()) };
    let Where::Name(name) = &place else { return Ok(()) };
    let name = name.clone();
    talk.settled().await?;
    let mut made = false;
    // Somebody else may make it, or end it, between the question and the deed.
    for _ in 0..3 {
        let (user, asked_of) = (talk.session.user.get(), place.clone());
        let there = read(talk, move |reader| reader.look(user, &asked_of, Act::Read)).await;
        let known = !matches!(there, Some(Err(Refusal::NoSuchRoom)));
        if matches!(there, Some(Ok(_))) {
            return Ok(());
        }
        let deed = if known || made {
            Deed::Join { room: place.clone(), password: key.map(room_password) }
        } else {
            Deed::Create { room: name.clone(), access: Access::Public }
        };
        match super::act(talk, deed).await? {
            Outcome::Done { .. } => return entered(talk, &place).await,
            Outcome::Refused(Refusal::RoomNameTaken) if !made => made = true,
            Outcome::Refused(Refusal::NoSuchRoom) if !made => {}
            Outcome::Refused(Refusal::NoSuchRoom) => {
                no(talk, &asked, &Refusal::RoomNameTaken);
                return Ok(());
            }
            Outcome::Refused(Refusal::AlreadyAMember) => return Ok(()),
            Outcome::Refused(refusal) => {
                no(talk, &asked, &refusal);
                return Ok(());
            }
            Outcome::Failed(why) => {
                numeric(talk, ERR_UNKNOWNERROR, &["JOIN", &why]);
                return Ok(());
            }
        }
    }
    Ok(())
}

/// What a client is told of a room it has come into.
async fn entered<S: Sequencer>(talk: &mut Talk<'_, S>, place: &Where) -> Result<(), End> {
    let (user, asked) = (talk.session.user.get(), place.clone());
    let found = read(talk, move |reader| {
        let Ok(look) = reader.look(user, &asked, Act::Read)? else { return Ok(None) };
        let (people, marked) = (reader.members(look.id)?, reader.read_mark(&look, user)?);
        Ok(Some((look, people, marked)))
    });
    let Some((look, people, marked)) = found.await.flatten() else { return Ok(()) };
    let caps = irc(talk).caps.get();
    let mut out = String::new();
    told(&mut out, irc(talk), &look);
    if caps.has(Caps::READ_MARKER) {
        super::history::told(talk, room_name(&look), marked);
    }
    if !caps.has(Caps::NO_IMPLICIT_NAMES) {
        lists::names(&mut out, irc(talk), room_name(&look), &look, &people);
    }
    irc(talk).answer_with(&out);
    super::metadata::of_room(talk, &look).await;
    if !caps.has(Caps::CHATHISTORY) {
        recent(talk, &look).await;
    }
    Ok(())
}

/// The last messages, for a client that cannot ask for them.
async fn recent<S: Sequencer>(talk: &Talk<'_, S>, look: &Look) {
    let n = talk.shard.shared.settings.irc.history;
    if n == 0 {
        return;
    }
    let found =
        super::history::part_of(talk, Where::Id(look.id), [None; 2], Part::Latest(Mark::Open), n).await;
    let mut out = String::new();
    for item in found.flatten().unwrap_or_default() {
        if let Item::Message(told) = item {
            show_old(&mut out, talk, &told);
        }
    }
    irc(talk).answer_with(&out);
}

/// A message of before, with its time in front where the client does not understand times.
fn show_old<S: Sequencer>(out: &mut String, talk: &Talk<'_, S>, one: &chatroom_store::Told) {
    let side = irc(talk);
    let caps = side.caps.get();
    let people = talk.shard.people.borrow();
    let view = render::View { server: side.server(), caps, known: &*people, viewer: None, tag: "" };
    let mut edited = one.edited.clone();
    if !caps.has(Caps::SERVER_TIME)
        && let Some(body) = one.body().filter(|body| !body.is_redacted())
    {
        let stamp = chatroom_wire::irc::time::Stamp(one.record.time).to_string();
        let time = stamp.get(11..16).unwrap_or_default();
        edited = chatroom_model::Body::parse(&format!("[{time}] {}", body.as_str())).ok().or(edited);
    }
    render::message(out, &one.record, edited.as_ref(), &view);
}

/// How a room is called.
pub(super) fn room_name(look: &Look) -> &str {
    look.room.name.as_ref().map_or("*", RoomName::as_str)
}

/// What a room is about, where it says.
fn told(out: &mut String, irc: &Irc, look: &Look) {
    if !look.room.topic.is_empty() {
        irc.numeric(out, RPL_TOPIC, &[room_name(look), &look.room.topic]);
        if let Some((by, at)) = &look.room.topic_by {
            irc.numeric(out, RPL_TOPICWHOTIME, &[room_name(look), by, &(at.0 / 1000).to_string()]);
        }
    }
}

async fn part<S: Sequencer>(talk: &mut Talk<'_, S>, room: &str, reason: &str) -> Result<(), End> {
    let asked = Asked::new("PART", room);
    let Some(place) = place(talk, room, &asked) else { return Ok(()) };
    let reason = clean(reason);
    let reason = reason[..whole(&reason, LINE_MAX)].to_owned();
    done(talk, &asked, Deed::Leave { room: place, reason }).await?;
    Ok(())
}

async fn topic<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    let room = message.param(0);
    let asked = Asked::new("TOPIC", room);
    let Some(place) = place(talk, room, &asked) else { return Ok(()) };
    talk.settled().await?;
    match message.params.get(1) {
        None => {
            let Some(look) = look(talk, place, Act::See, &asked).await else { return Ok(()) };
            if look.room.topic.is_empty() {
                numeric(talk, RPL_NOTOPIC, &[room, "No topic is set"]);
            } else {
                let mut out = String::new();
                told(&mut out, irc(talk), &look);
                irc(talk).answer_with(&out);
            }
        }
        Some(text) => {
            let text = clean(text);
            let topic = text[..whole(&text, LINE_MAX)].to_owned();
            done(talk, &asked, Deed::Set { room: place, setting: Setting::Topic(topic) }).await?;
        }
    }
    Ok(())
}

async fn invite<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    if message.params.is_empty() {
        numeric(talk, RPL_ENDOFINVITELIST, &["End of /INVITE list"]);
        return Ok(());
    }
    if message.params.len() < 2 {
        numeric(talk, ERR_NEEDMOREPARAMS, &["INVITE", "Not enough parameters"]);
        return Ok(());
    }
    let (nick, room) = (message.param(0), message.param(1));
    let asked = Asked { other: nick.into(), ..Asked::new("INVITE", room) };
    let Some(place) = place(talk, room, &asked) else { return Ok(()) };
    let Some(user) = person(talk, nick) else { return Ok(()) };
    talk.settled().await?;
    // Who is in it already is said so; who was asked before is asked again.
    let (me, there, name) = (talk.session.user.get(), place.clone(), user.clone());
    let inside = read(talk, move |reader| {
        let Ok(look) = reader.look(me, &there, Act::Invite)? else { return Ok(false) };
        Ok(reader.members(look.id)?.iter().any(|person| Name::kept(&person.name) == name))
    })
    .await;
    if inside == Some(true) {
        no(talk, &asked, &Refusal::AlreadyAMember);
        return Ok(());
    }
    match super::act(talk, Deed::Invite { room: place, user }).await? {
        Outcome::Done { .. } | Outcome::Refused(Refusal::AlreadySo) => {
            numeric(talk, RPL_INVITING, &[nick, room]);
            away_note(talk, nick).await;
        }
        Outcome::Refused(refusal) => no(talk, &asked, &refusal),
        Outcome::Failed(why) => numeric(talk, ERR_UNKNOWNERROR, &["INVITE", &why]),
    }
    Ok(())
}

/// Says what somebody says about being away, or that they are not there.
pub(super) async fn away_note<S: Sequencer>(talk: &Talk<'_, S>, nick: &str) {
    let Some(name) = mask::name(nick) else { return };
    let found = read(talk, move |reader| reader.profile(&name)).await.flatten();
    if let Some(found) = found {
        match found.away {
            Some(text) => numeric(talk, RPL_AWAY, &[&found.name, &text]),
            None if found.sessions == 0 => {
                numeric(talk, RPL_AWAY, &[&found.name, "is not connected, and will get it on coming back"]);
            }
            None => {}
        }
    }
}

/// RENAME: a room has another name (IRCv3 channel-rename).
async fn rename<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    let (old, new) = (message.param(0), message.param(1));
    let asked = Asked::new("RENAME", old);
    let Some(place) = place(talk, old, &asked) else { return Ok(()) };
    let Some(name) = RoomName::parse(new).ok() else {
        super::fail(talk, &["RENAME", "CANNOT_RENAME", old, new, "That is no name of a room"]);
        return Ok(());
    };
    let reason = clean(message.param(2));
    let reason = reason[..whole(&reason, LINE_MAX)].to_owned();
    let deed = Deed::Set { room: place, setting: Setting::Name { name, reason } };
    match super::act_alone(talk, deed).await? {
        Outcome::Done { .. } | Outcome::Refused(Refusal::AlreadySo) => {}
        Outcome::Refused(Refusal::RoomNameTaken) => {
            super::fail(
                talk,
                &["RENAME", "CHANNEL_NAME_IN_USE", old, new, "That room name is not available"],
            );
        }
        Outcome::Refused(Refusal::Lobby) => {
            super::fail(talk, &["RENAME", "CANNOT_RENAME", old, new, "The lobby is called as it is"]);
        }
        Outcome::Refused(refusal) => no(talk, &asked, &refusal),
        Outcome::Failed(why) => numeric(talk, ERR_UNKNOWNERROR, &["RENAME", &why]),
    }
    Ok(())
}

/// Tells a client of rooms that it has come into by their having another name.
pub(in crate::session) async fn arrived<S: Sequencer>(talk: &mut Talk<'_, S>) {
    for room in irc(talk).arrived.take() {
        let user = talk.session.user.get();
        let found = read(talk, move |reader| {
            let Ok(look) = reader.look(user, &Where::Id(room), Act::Read)? else { return Ok(None) };
            Ok(Some((look, reader.members(room)?)))
        });
        let Some(Some((look, people))) = found.await else { continue };
        let mut out = String::new();
        told(&mut out, irc(talk), &look);
        if !irc(talk).caps.get().has(Caps::NO_IMPLICIT_NAMES) {
            lists::names(&mut out, irc(talk), room_name(&look), &look, &people);
        }
        talk.session.show(out);
    }
}

async fn knock<S: Sequencer>(talk: &mut Talk<'_, S>, room: &str) -> Result<(), End> {
    let asked = Asked::new("KNOCK", room);
    let Some(place) = place(talk, room, &asked) else { return Ok(()) };
    super::sync(talk).await?;
    let Some(look) = look(talk, place, Act::See, &asked).await else { return Ok(()) };
    if talk.session.inside(look.id) {
        numeric(talk, ERR_KNOCKONCHAN, &[room, "You are in it already"]);
    } else if look.room.access.open() {
        numeric(talk, ERR_CHANOPEN, &[room, "It is open: JOIN it"]);
    } else if look.object.banned {
        numeric(talk, ERR_BANNEDFROMCHAN, &[room, "Cannot knock: you are banned"]);
    } else {
        let id = look.id;
        let people = read(talk, move |reader| reader.members(id)).await.unwrap_or_default();
        let keepers = people.iter().filter(|person| person.online && person.role >= Role::Moderator);
        let name = room_name(&look);
        let who: Box<str> = super::address(talk).into();
        for keeper in keepers.take(KNOCKED_MAX) {
            talk.shard.shared.spread(Signal {
                to: To::User(keeper.user),
                from: talk.session.user.get(),
                room: None,
                session: talk.session.id,
                source: irc(talk).server().to_owned(),
                command: "710",
                target: name.into(),
                middle: vec![name.into(), who.clone()],
                text: Some("has asked for an invite.".into()),
                tags: Default::default(),
                at: crate::now(),
            });
        }
        numeric(talk, RPL_KNOCKDLVR, &[room, "Your KNOCK has been delivered."]);
    }
    Ok(())
}

/// Tells a client that has come in of the rooms its user is in already, but for those it was told of.
pub(super) async fn arrive<S: Sequencer>(
    out: &mut String,
    shard: &Rc<Shard<S>>,
    session: &Rc<Session>,
    known_of: &[RoomId],
) {
    let Some(irc) = session.irc.as_deref() else { return };
    let mut rooms: Vec<RoomId> = session.rooms.borrow().iter().map(|(room, _)| *room).collect();
    rooms.retain(|room| !known_of.contains(room));
    let user = session.user.get();
    for room in rooms {
        let found = shard.shared.reads.read(move |reader| {
            let Ok(look) = reader.look(user, &Where::Id(room), Act::Read)? else { return Ok(None) };
            let (people, marked) = (reader.members(room)?, reader.read_mark(&look, user)?);
            Ok(Some((look, people, marked)))
        });
        let Ok(Some((look, people, marked))) = found.await else { continue };
        let mut source = String::new();
        let known: &People = &shard.people.borrow();
        known::prefix(&mut source, known, user, &irc.nick.borrow());
        let name = room_name(&look);
        if irc.caps.get().has(Caps::EXTENDED_JOIN) {
            let person = known.person(user);
            let account = person.and_then(|person| person.account.as_deref()).unwrap_or("*");
            let real = person.map(|person| person.ident.real.to_string()).unwrap_or_default();
            let real = if real.is_empty() { irc.nick.borrow().to_string() } else { real };
            line(out, &source, "JOIN", &[name, account, &real]);
        } else {
            line(out, &source, "JOIN", &[name]);
        }
        told(out, irc, &look);
        if irc.caps.get().has(Caps::READ_MARKER) {
            super::history::marked(out, irc, name, marked);
        }
        if !irc.caps.get().has(Caps::NO_IMPLICIT_NAMES) {
            lists::names(out, irc, name, &look, &people);
        }
    }
}

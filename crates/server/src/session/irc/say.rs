//! What is said: messages, notices, what programs say to programs, messages of several lines, and taking words back.

use super::rank::rank;
use super::rooms::{away_note, person, place};
use super::side::{Outcome, client_id};
use super::{act_alone, address, fail, irc, no, numeric, own, services};
use crate::limits::Kind;
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::talk::Talk;
use crate::signal::{Signal, To};
use chatroom_model::{
    Alias, Body, Deed, How, LOBBY, Refusal, Request, RoomId, RoomName, Say, Seq, Tags, Where,
};
use chatroom_wire::irc::caps::Caps;
use chatroom_wire::irc::formatting;
use chatroom_wire::irc::isupport::TARGETS_MAX;
use chatroom_wire::irc::known::Known;
use chatroom_wire::irc::mask;
use chatroom_wire::irc::message::{BODY_BYTES, Message};
use chatroom_wire::irc::refusal::Asked;
use chatroom_wire::irc::render::{RELAYED, read_message_id};
use chatroom_wire::irc::reply::numeric::*;
use chatroom_wire::irc::reply::pieces;
use chatroom_wire::irc::tags;
use chatroom_wire::text::clean;

/// Does what a command says.
pub(super) async fn say<S: Sequencer>(
    talk: &mut Talk<'_, S>,
    name: &str,
    message: &Message<'_>,
) -> Result<(), End> {
    match name {
        "TAGMSG" => tag_message(talk, message).await,
        "RELAYMSG" => relay(talk, message).await,
        "REDACT" => redact(talk, message).await,
        _ => {
            if let Some(reference) = message.tag("batch") {
                super::multiline::add_line(talk, &reference, name, message);
                return Ok(());
            }
            text(talk, name, message).await
        }
    }
}

async fn text<S: Sequencer>(talk: &mut Talk<'_, S>, name: &str, message: &Message<'_>) -> Result<(), End> {
    let notice = name == "NOTICE";
    if message.params.is_empty() || (message.params.len() == 1 && message.param(0).is_empty()) {
        if !notice {
            numeric(talk, ERR_NORECIPIENT, &["No recipient given (PRIVMSG)"]);
        }
        return Ok(());
    }
    if message.param(1).is_empty() {
        if !notice {
            numeric(talk, ERR_NOTEXTTOSEND, &["No text to send"]);
        }
        return Ok(());
    }
    let targets: Vec<&str> = message.param(0).split(',').filter(|target| !target.is_empty()).collect();
    if targets.len() > TARGETS_MAX {
        numeric(talk, ERR_TOOMANYTARGETS, &[message.param(0), "Too many targets"]);
        return Ok(());
    }
    let how = if notice { How::Notice } else { How::Said };
    let Some(tags) = Tags::parse(&message.client_tags()) else { return Ok(()) };
    let single = targets.len() == 1;
    for target in targets {
        let said = Saying {
            target,
            text: message.param(1),
            how,
            tags: tags.clone(),
            reply: message.tag("+draft/reply").or_else(|| message.tag("+reply")).map(|id| id.into_owned()),
            id: message.tag("+chatroom/id").map(|id| id.into_owned()),
            label: if single { message.tag("label").map(|label| label.into_owned()) } else { None },
            called: None,
        };
        one(talk, said).await?;
        if notice {
            // A notice is answered with nothing, whatever became of it (RFC 2812, section 3.3.2), so that programs that
            // answer each other come to an end.
            irc(talk).hush();
        }
    }
    if !single && irc(talk).reply().label.is_some() {
        // Its answers are marked together, and so they have to have come.
        talk.settled().await?;
    }
    Ok(())
}

/// Something to say to somebody.
pub(super) struct Saying<'a> {
    pub(super) target: &'a str,
    pub(super) text: &'a str,
    pub(super) how: How,
    pub(super) tags: Tags,
    pub(super) reply: Option<String>,
    pub(super) id: Option<String>,
    pub(super) label: Option<String>,
    /// For whom of another network.
    pub(super) called: Option<Alias>,
}

/// Says something to one target.
pub(super) async fn one<S: Sequencer>(talk: &mut Talk<'_, S>, said: Saying<'_>) -> Result<(), End> {
    let command = match said.how {
        _ if said.called.is_some() => "RELAYMSG",
        How::Notice => "NOTICE",
        _ => "PRIVMSG",
    };
    let asked = Asked { speaks: true, ..Asked::new(command, said.target) };
    if let Some(limited) = talk.wait_for(Kind::Message).await? {
        numeric(talk, ERR_CANNOTSENDTOCHAN, &[said.target, &format!("Cannot send: {limited}")]);
        return Ok(());
    }
    if services::is_one(said.target) {
        return services::say(talk, said.target, said.text).await;
    }
    let inner = said.text.strip_prefix('\x01').map(|text| text.strip_suffix('\x01').unwrap_or(text));
    let action = inner.and_then(|text| text.strip_prefix("ACTION ").or_else(|| text.strip_prefix("ACTION")));
    let (from, name) = rank(said.target);
    let room = if name.starts_with('#') {
        match place(talk, name, &asked) {
            Some(room) => room,
            None => return Ok(()),
        }
    } else {
        match mask::name(said.target) {
            Some(name) => Where::With(name),
            None => {
                numeric(talk, ERR_NOSUCHNICK, &[said.target, "No such nick/channel"]);
                return Ok(());
            }
        }
    };
    if let Some(limited) = Box::pin(talk.stranger(&room)).await? {
        numeric(talk, ERR_CANNOTSENDTOCHAN, &[said.target, &format!("Cannot send: {limited}")]);
        return Ok(());
    }
    if from.is_some() || (inner.is_some() && action.is_none()) {
        // What programs ask each other is not kept, nor what is for some of a room: all of it could read that.
        return pass_on(talk, &room, command, said).await;
    }
    let (text, how) = action.map_or((said.text, said.how), |text| (text, How::Action));
    let text = lines(&formatting::plain(text));
    let body = match Body::parse(&text) {
        Ok(body) => body,
        Err(chatroom_model::BadBody::Empty) => {
            numeric(talk, ERR_NOTEXTTOSEND, &["No text to send"]);
            return Ok(());
        }
        Err(why) => {
            numeric(talk, ERR_INPUTTOOLONG, &[&why.to_string()]);
            return Ok(());
        }
    };
    let reply = said.reply.as_deref().and_then(read_message_id);
    let reply = reply.filter(|(id, _)| in_room(talk, *id, said.target)).map(|(_, seq)| seq);
    let (session, seen) = (talk.session.id, talk.session.given.get());
    let (client_id, called) = (client_id(said.id.as_deref()), said.called.map(Box::new));
    let mut escaped = String::new();
    if let Some(label) = said.label.as_deref().filter(|_| irc(talk).reply().label.is_some()) {
        tags::escape(&mut escaped, label);
        irc(talk).reply().taken = true;
    }
    let is_direct = matches!(room, Where::With(_)) && how != How::Notice;
    // The client learns of its own message when it is durable, and not before.
    while talk.session.in_flight.get() >= crate::session::IN_FLIGHT || talk.session.is_full() {
        talk.happen(false).await?;
    }
    let together = escaped.is_empty() && irc(talk).reply().label.is_some();
    irc(talk).says(asked, (!escaped.is_empty()).then_some(&*escaped), together);
    talk.submit(Request::Say(Say {
        how,
        reply,
        client_id,
        tags: said.tags,
        seen,
        called,
        ..Say::new(session, room, body)
    }))
    .await?;
    if is_direct {
        talk.settled().await?;
        away_note(talk, said.target).await;
    }
    Ok(())
}

/// Says something for somebody of another network, as bridges do (Ergo's draft/relaymsg).
async fn relay<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    let Ok(called) = Alias::parse(message.param(1)) else {
        let why = "Somebody of another network is called name/network";
        fail(talk, &["RELAYMSG", "INVALID_NICK", why]);
        return Ok(());
    };
    if !message.param(0).starts_with('#') || message.param(2).is_empty() {
        fail(talk, &["RELAYMSG", "INVALID_TARGET", "Something is said in a room"]);
        return Ok(());
    }
    let mut tags = message.client_tags();
    if !tags.is_empty() {
        tags.push(';');
    }
    tags.push_str(RELAYED);
    tags::escape(&mut tags, irc(talk).nick.borrow().as_str());
    let Some(tags) = Tags::parse(&tags) else { return Ok(()) };
    let said = Saying {
        target: message.param(0),
        text: message.param(2),
        how: How::Said,
        tags,
        reply: message.tag("+draft/reply").or_else(|| message.tag("+reply")).map(|id| id.into_owned()),
        id: message.tag("+chatroom/id").map(|id| id.into_owned()),
        label: message.tag("label").map(|label| label.into_owned()),
        called: Some(called),
    };
    one(talk, said).await
}

/// A text of one line or several without what acts on a terminal.
fn lines(text: &str) -> String {
    text.split('\n').map(clean).collect::<Vec<_>>().join("\n")
}

/// Whether a message stands in the room a client speaks to.
fn in_room<S: Sequencer>(talk: &Talk<'_, S>, id: RoomId, target: &str) -> bool {
    let people = talk.shard.people.borrow();
    let room = people.room(id);
    match target.strip_prefix('#') {
        Some(_) => room.is_some_and(|room| room.eq_ignore_ascii_case(target)),
        None => room.is_none() && id != LOBBY,
    }
}

/// Passes something on that is not kept.
async fn pass_on<S: Sequencer>(
    talk: &mut Talk<'_, S>,
    room: &Where,
    command: &'static str,
    said: Saying<'_>,
) -> Result<(), End> {
    super::sync(talk).await?;
    let Some((to, of)) = hearers(talk, room, said.target, true).await else { return Ok(()) };
    let source = address(talk);
    // A question of a program is one line; what people say comes in as many as it needs.
    let most = if said.text.starts_with('\x01') {
        usize::MAX
    } else {
        BODY_BYTES.saturating_sub(source.len() + command.len() + said.target.len() + 5)
    };
    for (n, text) in (0..).zip(said.text.split('\n').flat_map(|text| pieces(text, most))) {
        let signal = Signal {
            to: to.clone(),
            from: talk.session.user.get(),
            room: of,
            session: talk.session.id,
            source: source.clone(),
            command,
            target: said.target.into(),
            text: Some(text.into()),
            middle: Vec::new(),
            tags: said.tags.clone(),
            // Each has an id of its own, which is made of its moment.
            at: crate::now().plus(n),
        };
        spread(talk, signal);
    }
    Ok(())
}

/// Who hears what is not kept, and in which conversation: whoever may hear this client; else it has been told why nobody
/// does, but for what programs send by themselves from somebody who is muted.
async fn hearers<S: Sequencer>(
    talk: &Talk<'_, S>,
    room: &Where,
    target: &str,
    ctcp: bool,
) -> Option<(To, Option<RoomId>)> {
    let (user, address) = (talk.session.user.get(), talk.session.address);
    match room {
        Where::With(name) => {
            let asked = name.clone();
            let found = crate::session::commands::read(talk, move |reader| {
                let Some(found) = reader.profile(&asked)? else { return Ok(None) };
                let of = reader.room_of_two(user, found.user)?;
                Ok(Some((found, of)))
            });
            match found.await?.filter(|(found, _)| found.sessions > 0) {
                Some((found, _)) if ctcp && found.ident.as_ref().is_some_and(|ident| ident.is('T')) => {
                    numeric(talk, ERR_CANNOTSENDTOCHAN, &[target, "Their program is asked nothing"]);
                    None
                }
                Some((found, of)) => Some((To::User(found.user), of)),
                None => {
                    numeric(talk, ERR_NOSUCHNICK, &[target, "No such nick/channel"]);
                    None
                }
            }
        }
        room => {
            let asked = Asked { speaks: true, ..Asked::new("PRIVMSG", target) };
            let (place, from) = (room.clone(), rank(target).0);
            let found = crate::session::commands::read(talk, move |reader| {
                let found = crate::stand::look(reader, (user, address), &place, chatroom_model::Act::Speak)?;
                if let Ok(look) = &found
                    && ctcp
                    && look.room.no_ctcp
                {
                    return Ok(Ok(None));
                }
                let (Ok(look), Some(from)) = (&found, from) else {
                    return Ok(found.map(|look| Some(To::Room(look.id))));
                };
                let people = reader.members(look.id)?;
                let high = people.iter().filter(|person| person.role >= from);
                let mut users: Vec<_> = high.map(|person| person.user).collect();
                users.sort_unstable();
                Ok(Ok(Some(To::Among(look.id, users))))
            });
            match found.await? {
                Ok(None) => {
                    numeric(
                        talk,
                        ERR_CANNOTSENDTOCHAN,
                        &[target, "Cannot send to channel (+C): no CTCP here"],
                    );
                    None
                }
                Ok(to) => to.map(|to| (to, None)),
                Err(Refusal::Muted) if !ctcp => None,
                Err(refusal) => {
                    no(talk, &asked, &refusal);
                    None
                }
            }
        }
    }
}

/// Hands a signal to all shards, and gives this client its echo.
fn spread<S: Sequencer>(talk: &Talk<'_, S>, signal: Signal) {
    let side = irc(talk);
    let caps = side.caps.get();
    if caps.has(Caps::ECHO_MESSAGE) && (signal.text.is_some() || caps.has(Caps::MESSAGE_TAGS)) {
        let mut out = String::new();
        signal.show(&mut out, caps, &*talk.shard.people.borrow());
        side.answer_with(&out);
    }
    talk.shard.shared.spread(signal);
}

async fn tag_message<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    let target = message.param(0);
    if !irc(talk).caps.get().has(Caps::MESSAGE_TAGS) {
        numeric(talk, ERR_UNKNOWNCOMMAND, &["TAGMSG", "Unknown command"]);
        return Ok(());
    }
    if target.is_empty() {
        numeric(talk, ERR_NEEDMOREPARAMS, &["TAGMSG", "Not enough parameters"]);
        return Ok(());
    }
    let Some(tags) = Tags::parse(&message.client_tags()).filter(|tags| !tags.is_empty()) else {
        return Ok(());
    };
    let asked = Asked { speaks: true, ..Asked::new("TAGMSG", target) };
    let (from, name) = rank(target);
    let room =
        if name.starts_with('#') { place(talk, name, &asked) } else { person(talk, target).map(Where::With) };
    let Some(room) = room else { return Ok(()) };
    // A reaction is kept; everything else that programs say to programs passes by.
    let reply = message.tag("+draft/reply").or_else(|| message.tag("+reply"));
    let to = reply.as_deref().and_then(read_message_id);
    let to = to.filter(|(id, _)| from.is_none() && in_room(talk, *id, target));
    for (tag, on) in [("+draft/react", true), ("+draft/unreact", false)] {
        if let (Some(emoji), Some((id, seq))) = (message.tag(tag), to) {
            let deed = Deed::React { room: Where::Id(id), seq, emoji: clean(&emoji).into_owned(), on };
            let outcome = act_alone(talk, deed).await?;
            super::is_done(talk, &asked, outcome);
            return Ok(());
        }
    }
    super::sync(talk).await?;
    let Some((to, of)) = hearers(talk, &room, target, false).await else { return Ok(()) };
    let signal = Signal {
        to,
        from: talk.session.user.get(),
        room: of,
        session: talk.session.id,
        source: address(talk),
        command: "TAGMSG",
        target: target.into(),
        text: None,
        middle: Vec::new(),
        tags,
        at: crate::now(),
    };
    spread(talk, signal);
    Ok(())
}

async fn redact<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    let (target, id) = (message.param(0), message.param(1));
    if !irc(talk).caps.get().has(Caps::MESSAGE_REDACTION) {
        numeric(talk, ERR_UNKNOWNCOMMAND, &["REDACT", "Unknown command"]);
        return Ok(());
    }
    let unknown = ["REDACT", "UNKNOWN_MSGID", target, id, "There is no such message"];
    let is_room = target.starts_with('#') && RoomName::parse(target).is_ok();
    let found: Option<(RoomId, Seq)> = read_message_id(id).filter(|(room, _)| in_room(talk, *room, target));
    if found.is_none() && is_room {
        // Where it is no place of theirs, that is what is said.
        let (user, name) = (talk.session.user.get(), RoomName::parse(target).expect("it is one"));
        let inside = crate::session::commands::read(talk, move |reader| {
            reader.look(user, &Where::Name(name), chatroom_model::Act::Read)
        });
        if !matches!(inside.await, Some(Ok(_))) {
            fail(talk, &["REDACT", "INVALID_TARGET", target, "You are not in that room"]);
            return Ok(());
        }
    }
    let Some((room, seq)) = found else {
        fail(talk, &unknown);
        return Ok(());
    };
    let reason = clean(message.param(2)).into_owned();
    match act_alone(talk, Deed::Redact { room: Where::Id(room), seq, reason: reason.clone() }).await? {
        Outcome::Done { .. } if is_room && !talk.session.inside(room) => {
            // Whoever runs the server does it from outside, where nothing is shown of it.
            let told = [target, id, reason.as_str()];
            own(talk, "REDACT", &told[..if reason.is_empty() { 2 } else { 3 }]);
        }
        Outcome::Done { .. } => {}
        Outcome::Refused(Refusal::NoSuchMessage | Refusal::AlreadySo) => fail(talk, &unknown),
        Outcome::Refused(Refusal::NoSuchRoom | Refusal::NotAMember) => {
            let why = if is_room { "You are not in that room" } else { "There is no such conversation" };
            fail(talk, &["REDACT", "INVALID_TARGET", target, why]);
        }
        Outcome::Refused(refusal) => {
            fail(talk, &["REDACT", "REDACT_FORBIDDEN", target, id, &refusal.to_string()]);
        }
        Outcome::Failed(why) => fail(talk, &["REDACT", "UNKNOWN_ERROR", target, id, &why]),
    }
    Ok(())
}

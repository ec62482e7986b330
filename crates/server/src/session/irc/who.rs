//! WHO and WHOX: people of a room, or by name, each in a line of the fields that are asked for.

use super::lists::{marks, real_name, user_name};
use super::{irc, numeric};
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::commands::read;
use crate::session::talk::Talk;
use chatroom_model::{Act, RoomName, Where};
use chatroom_store::Person;
use chatroom_wire::irc::mask;
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::reply::numeric::*;
use std::collections::HashSet;

/// WHO.
pub(super) async fn who<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    super::sync(talk).await?;
    let asked = if message.param(0).is_empty() { "*" } else { message.param(0) };
    let flags = message.param(1);
    let operators = flags.split('%').next().is_some_and(|flags| flags.contains('o'));
    let fields = flags.split_once('%').map(|(_, fields)| fields);
    let user = talk.session.user.get();
    let (room, people) = if asked.starts_with('#') {
        let Ok(name) = RoomName::parse(asked) else {
            numeric(talk, RPL_ENDOFWHO, &[asked, "End of WHO list"]);
            return Ok(());
        };
        let place = Where::Name(name);
        let found = read(talk, move |reader| match reader.look(user, &place, Act::Members)? {
            Ok(look) => {
                let name = look.room.name.as_ref().map(ToString::to_string).unwrap_or_default();
                Ok((name, reader.members(look.id)?))
            }
            Err(_) => Ok((String::new(), Vec::new())),
        });
        found.await.unwrap_or_default()
    } else {
        let people = read(talk, |reader| reader.lobby()).await.map(|lobby| lobby.people).unwrap_or_default();
        (String::new(), people)
    };
    let by_mask = asked.contains(['*', '?']);
    let near = if room.is_empty() && (by_mask || asked == "0") {
        read(talk, move |reader| reader.shares_with(user)).await.unwrap_or_default()
    } else {
        HashSet::new()
    };
    let invisible = |person: &Person| person.ident.as_ref().is_some_and(|ident| ident.is('i'));
    for person in people.iter().filter(|person| person.online) {
        // Strangers find whoever does not want to be shown by name alone.
        if room.is_empty()
            && invisible(person)
            && person.user != user
            && !near.contains(&person.user)
            && !person.name.eq_ignore_ascii_case(asked)
        {
            continue;
        }
        let met = !room.is_empty()
            || asked == "0"
            || person.name.eq_ignore_ascii_case(asked)
            || (by_mask
                && (mask::glob(asked, &person.name)
                    || mask::glob(asked, &real_name(person))
                    || mask::glob(asked, user_name(person).trim_start_matches('~'))
                    || mask::glob(asked, &mask::host(person.user))));
        if met && (!operators || person.operator) {
            row(talk, &room, person, fields);
        }
    }
    numeric(talk, RPL_ENDOFWHO, &[asked, "End of WHO list"]);
    Ok(())
}

fn row<S: Sequencer>(talk: &Talk<'_, S>, room: &str, person: &Person, fields: Option<&str>) {
    let room = if room.is_empty() { "*" } else { room };
    let server = irc(talk).server().to_owned();
    let mut flags = String::from(if person.away.is_some() { "G" } else { "H" });
    if person.operator {
        flags.push('*');
    }
    if room != "*" {
        flags.push_str(marks(irc(talk).caps.get(), person.role, person.voiced));
    }
    if person.ident.as_ref().is_some_and(|ident| ident.is('B')) {
        flags.push('B');
    }
    let (host, real) = (mask::host(person.user), real_name(person));
    let Some(fields) = fields else {
        let real = format!("0 {real}");
        numeric(talk, RPL_WHOREPLY, &[room, &user_name(person), &host, &server, &person.name, &flags, &real]);
        return;
    };
    let (fields, token) = fields.split_once(',').unwrap_or((fields, ""));
    let idle = ((crate::now().0 - person.last_active.0).max(0) / 1000).to_string();
    let user = user_name(person);
    let account = person.account.as_deref().unwrap_or("0");
    let mut params: Vec<&str> = Vec::new();
    for (letter, value) in [
        ('t', token),
        ('c', room),
        ('u', user.as_str()),
        ('i', "255.255.255.255"),
        ('h', host.as_str()),
        ('s', server.as_str()),
        ('n', person.name.as_str()),
        ('f', flags.as_str()),
        ('d', "0"),
        ('l', idle.as_str()),
        ('a', account),
        ('o', "n/a"),
        ('r', real.as_str()),
    ] {
        if fields.contains(letter) {
            params.push(value);
        }
    }
    numeric(talk, RPL_WHOSPCRPL, &params);
}

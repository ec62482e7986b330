//! What commands show: rooms, people, messages with their numbers, what is kept in order. Reads only.

use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::commands::{read, short};
use crate::session::talk::Talk;
use chatroom_model::{Act, Event, Role, Seq, UserId, Where};
use chatroom_store::{Person, Profile, Room, Span, Told, WHO_MAX};
use chatroom_wire::line::ask::Ask;
use chatroom_wire::line::deed;
use chatroom_wire::line::render;
use std::fmt::Write;
use std::time::Duration;

/// Messages shown around or before another one.
const AROUND: usize = 20;

/// Shows what a command asks for; what was asked before has been answered.
pub(super) async fn show<S: Sequencer>(talk: &mut Talk<'_, S>, ask: Ask<'_>) -> Result<(), End> {
    let user = talk.session.user.get();
    let mut out = String::new();
    match ask {
        Ask::Rooms => {
            if let Some(rooms) = read(talk, move |reader| reader.rooms(user, true)).await {
                list(&mut out, "Rooms:", &rooms);
            }
        }
        Ask::Unread => {
            if let Some(mut rooms) = read(talk, move |reader| reader.rooms(user, false)).await {
                rooms.retain(|room| room.unread > 0);
                list(&mut out, if rooms.is_empty() { "Nothing unread." } else { "Unread:" }, &rooms);
            }
        }
        Ask::Who(room) => {
            let place = match room.map(deed::place).transpose() {
                Ok(place) => place.unwrap_or(Where::Id(talk.room)),
                Err(not) => return talk.no(not).await,
            };
            let Some(look) = talk.look(place, Act::Members).await? else { return Ok(()) };
            let id = look.id;
            let found = read(talk, move |reader| Ok((reader.members(id)?, reader.crowd(id)?)));
            if let Some((people, all)) = found.await {
                let name = look.room.name.as_ref().map_or("here", |name| name.as_str());
                let _ = writeln!(out, "In {name}:");
                people.iter().for_each(|person| member(&mut out, person));
                if all > WHO_MAX {
                    let _ = writeln!(out, "  … and {} more", all - WHO_MAX);
                }
            }
        }
        Ask::Whois(text) => {
            let name = match deed::name(text) {
                Ok(name) => name,
                Err(not) => return talk.no(not).await,
            };
            let asked = name.clone();
            match read(talk, move |reader| reader.profile(&asked)).await {
                Some(Some(found)) => profile(&mut out, &found),
                Some(None) => return talk.no(chatroom_model::Refusal::NoSuchUser(name).into()).await,
                None => {}
            }
        }
        Ask::Ids(n) => messages(talk, &mut out, Span::Last, n).await,
        Ask::Around(number) => messages(talk, &mut out, Span::Around(Seq(number)), AROUND + 1).await,
        Ask::Before(number) => messages(talk, &mut out, Span::Before(Seq(number)), AROUND).await,
        Ask::Since(time) => {
            let (room, since) = (talk.room, crate::now().plus(-time));
            if let Some(seq) = read(talk, move |reader| reader.seq_before(room, since)).await {
                messages(talk, &mut out, Span::After(seq), AROUND).await;
            }
        }
        Ask::Pins => {
            let Some(look) = talk.look(Where::Id(talk.room), Act::Read).await? else { return Ok(()) };
            let (upto, id) = (talk.shard.position.get(), talk.session.id);
            let pinned = read(talk, move |reader| {
                let sight = reader.sight(user, id, upto)?;
                reader.pinned(&look, upto, &sight)
            });
            if let Some(told) = pinned.await {
                out.push_str(if told.is_empty() { "Nothing is pinned.\n" } else { "Pinned:\n" });
                told.iter().for_each(|told| numbered(&mut out, told, user));
            }
        }
        Ask::Topic(None) => {
            let Some(look) = talk.look(Where::Id(talk.room), Act::See).await? else { return Ok(()) };
            let topic = &look.room.topic;
            let _ = writeln!(out, "Topic: {}", if topic.is_empty() { "none" } else { topic });
        }
        Ask::Bans => {
            let Some(look) = talk.look(Where::Id(talk.room), Act::Ban).await? else { return Ok(()) };
            let now = crate::now();
            let holding: Vec<_> = look.room.sanctions.iter().filter(|(_, of)| of.holds(now)).collect();
            out.push_str(if holding.is_empty() {
                "Nobody is kept out or muted.\n"
            } else {
                "Kept out or muted:\n"
            });
            for (sort, of) in holding {
                let word = sort.word();
                let left = of.until.map_or(String::new(), |until| format!(", {} more", ago(until.0 - now.0)));
                let why = if of.reason.is_empty() { String::new() } else { format!(": {}", of.reason) };
                let _ = writeln!(out, "  - {word} {} by {}{left}{why}", of.mask, of.by);
            }
        }
        Ask::Audit(n) => {
            let Some(look) = talk.look(Where::Id(talk.room), Act::Audit).await? else { return Ok(()) };
            if let Some(audited) = read(talk, move |reader| reader.audit(look.id, n)).await {
                let now = crate::now();
                out.push_str("Done here:\n");
                for one in &audited {
                    if let Event::Fact(fact) = &one.record.event {
                        let when = ago(now.0 - one.record.time.0);
                        let _ = writeln!(out, "  {when} ago: {}", render::sentence(fact));
                    }
                }
            }
        }
        Ask::Ignore(None) => {
            if let Some(ignored) = read(talk, move |reader| reader.ignored(user)).await {
                out.push_str(if ignored.is_empty() { "You ignore nobody.\n" } else { "You ignore:\n" });
                for (_, name) in ignored {
                    let _ = writeln!(out, "  - {name}");
                }
            }
        }
        Ask::Search(query) => return super::search::search(talk, query).await,
        _ => {}
    }
    if !out.is_empty() {
        talk.session.show(out);
    }
    Ok(())
}

async fn messages<S: Sequencer>(talk: &mut Talk<'_, S>, out: &mut String, span: Span, n: usize) {
    if let Some(told) = talk.history(span, n).await {
        out.push_str(if told.is_empty() { "Nothing there.\n" } else { "Messages:\n" });
        told.iter().for_each(|told| numbered(out, told, talk.session.user.get()));
    }
}

/// A message with its number and its reactions.
pub(super) fn numbered(out: &mut String, told: &Told, viewer: UserId) {
    let _ = write!(out, "  {} ", told.seq);
    render::now(out, &told.record, told.edited.as_ref(), viewer);
    if !told.reactions.is_empty() && out.ends_with('\n') {
        out.pop();
        for (emoji, count) in &told.reactions {
            let _ = write!(out, "  {emoji} {count}");
        }
        out.push('\n');
    }
}

fn list(out: &mut String, heading: &str, rooms: &[Room]) {
    let _ = writeln!(out, "{heading}");
    for room in rooms.iter().filter(|room| !room.direct || room.unread > 0) {
        let mark = match room.role {
            Some(Role::Member) => "*",
            Some(_) => "@",
            None => "-",
        };
        if room.direct {
            let more = if room.unread >= 1000 { "+" } else { "" };
            let _ = writeln!(out, "  {mark} @{} ({}{more} unread)", room.name, room.unread);
            continue;
        }
        let _ = write!(out, "  {mark} {} ({}", room.name, room.members);
        if room.access != chatroom_model::Access::Public {
            let _ = write!(out, ", {}", room.access.word());
        }
        if room.archived {
            out.push_str(", archived");
        }
        if room.unread > 0 {
            let more = if room.unread >= 1000 { "+" } else { "" };
            let _ = write!(out, ", {}{more} unread", room.unread);
        }
        if room.mentions > 0 {
            let _ = write!(out, ", {} to you", room.mentions);
        }
        out.push(')');
        if !room.topic.is_empty() {
            let _ = write!(out, " {}", room.topic);
        }
        out.push('\n');
    }
}

fn member(out: &mut String, person: &Person) {
    let _ = write!(out, "  - {}", person.name);
    if person.role > Role::Member {
        let _ = write!(out, " ({})", person.role.word());
    }
    match (&person.away, person.online) {
        (_, false) => out.push_str(" (offline)"),
        (Some(text), true) => {
            let _ = write!(out, " (away: {text})");
        }
        (None, true) => {}
    }
    out.push('\n');
}

fn profile(out: &mut String, found: &Profile) {
    let now = crate::now();
    let what = match &found.account {
        Some(account) if *account != found.name => format!("registered as {account}"),
        Some(_) => "registered".to_owned(),
        None => "a guest".to_owned(),
    };
    let runs = if found.operator { ", runs this server" } else { "" };
    let _ = writeln!(out, "{} is {what}{runs}.", found.name);
    if !found.profile.is_empty() {
        let _ = writeln!(out, "  Says: {}", found.profile);
    }
    if found.sessions == 0 {
        let _ = writeln!(out, "  Last seen: {} ago", ago(now.0 - found.last_seen.0));
    } else {
        let _ = writeln!(out, "  Here, last active {} ago", ago(now.0 - found.last_active.0));
    }
    if let Some(text) = &found.away {
        let _ = writeln!(out, "  Away: {text}");
    }
}

pub(super) fn ago(milliseconds: i64) -> String {
    short(Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0)))
}

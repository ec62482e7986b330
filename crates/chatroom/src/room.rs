//! `chatroom room`: which rooms there are, what they are, who is in them. Reads the log; deeds go through the server.

mod set;

use crate::exit::{self, coded};
use crate::given::{self, Reason, Terms};
use crate::operator::act;
use crate::out;
use crate::place::Place;
use crate::shown;
use crate::user::{ban_described, ban_told, list};
use chatroom_model::{Access, Act, Deed, Event, Kind, Mask, Name, Record, Role, RoomId, RoomName, UserId};
use chatroom_server::now;
use chatroom_store::{Look, Person, Reader, Room};
use chatroom_wire::line::render::sentence;
use clap::Subcommand;
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List all rooms but conversations of two
    List {
        /// The result as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Show what a room is and who is in it
    Show {
        /// Which
        #[arg(value_parser = given::room)]
        room: RoomName,
        /// The result as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Make a room; nobody is in it until somebody joins
    Create {
        /// How it is called
        #[arg(value_parser = given::room)]
        room: RoomName,
        /// Who gets in: public, invite-only, hidden or private
        #[arg(long, default_value = "public", value_parser = access)]
        access: Access,
        #[command(flatten)]
        place: Place,
    },
    /// End a room; what was said there leaves the disk
    Delete {
        /// Which
        #[arg(value_parser = given::room)]
        room: RoomName,
        #[command(flatten)]
        place: Place,
    },
    /// Set something about a room: topic, access, password, slow, limit, moderated, keep, keep-for, archived
    Set {
        /// Which
        #[arg(value_parser = given::room)]
        room: RoomName,
        /// What
        key: String,
        /// To what; - takes it away. A password is read from standard input instead
        value: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Put somebody out of a room
    Kick {
        /// Out of which
        #[arg(value_parser = given::room)]
        room: RoomName,
        /// Whom
        #[arg(value_parser = given::name)]
        user: Name,
        #[command(flatten)]
        why: Reason,
        #[command(flatten)]
        place: Place,
    },
    /// Keep somebody out of a room
    Ban {
        /// Out of which
        #[arg(value_parser = given::room)]
        room: RoomName,
        /// Whom: a name, a name with *, or addresses
        #[arg(value_parser = given::mask)]
        mask: Mask,
        #[command(flatten)]
        terms: Terms,
        #[command(flatten)]
        place: Place,
    },
    /// Keep somebody out of a room no longer
    Unban {
        /// Out of which
        #[arg(value_parser = given::room)]
        room: RoomName,
        /// Whom, as it stands in the list of bans
        #[arg(value_parser = given::mask)]
        mask: Mask,
        #[command(flatten)]
        place: Place,
    },
    /// List who is kept out of a room, or from speaking there
    Bans {
        /// Which
        #[arg(value_parser = given::room)]
        room: RoomName,
        /// The result as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Give somebody in a room a role: member, voice, moderator or owner
    Role {
        /// Where
        #[arg(value_parser = given::room)]
        room: RoomName,
        /// Whom
        #[arg(value_parser = given::name)]
        user: Name,
        /// What they are from now on
        #[arg(value_parser = role)]
        role: Role,
        #[command(flatten)]
        place: Place,
    },
    /// List what was done to keep order, in a room or, without one, to the whole server
    Audit {
        /// Where
        #[arg(value_parser = given::room)]
        room: Option<RoomName>,
        /// At most so many, the last ones
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        last: u32,
        /// The result as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

fn access(text: &str) -> Result<Access, String> {
    Access::read(text).ok_or_else(|| "public, invite-only, hidden or private".into())
}

fn role(text: &str) -> Result<Role, String> {
    Role::read(text).ok_or_else(|| "member, voice, moderator or owner".into())
}

/// Does what a verb says.
pub(crate) fn run(verb: Verb) -> anyhow::Result<()> {
    match verb {
        Verb::List { json, place } => {
            let rooms = Reader::open(&place.folder()?)?.rooms(UserId(0), true)?;
            list(json, &rooms, described, told)
        }
        Verb::Show { room, json, place } => show(&room, json, &place),
        Verb::Create { room, access, place } => act(&place.folder()?, Deed::Create { room, access }),
        Verb::Delete { room, place } => act(&place.folder()?, Deed::Delete { room: given::place(&room) }),
        Verb::Set { room, key, value, place } => set::set(&room, &key, value, &place),
        Verb::Kick { room, user, why, place } => {
            act(&place.folder()?, Deed::Kick { room: given::place(&room), user, reason: why.reason })
        }
        Verb::Ban { room, mask, terms, place } => {
            let (room, until) = (given::place(&room), terms.until());
            act(&place.folder()?, Deed::Ban { room, mask, reason: terms.why.reason, until })
        }
        Verb::Unban { room, mask, place } => {
            act(&place.folder()?, Deed::Unban { room: given::place(&room), mask })
        }
        Verb::Bans { room, json, place } => {
            let look = look(&Reader::open(&place.folder()?)?, &room)?;
            let mut all = look.room.sanctions;
            all.retain(|(_, of)| of.holds(now()));
            let sort = |sort: Kind| if sort == Kind::Ban { "ban" } else { "mute" };
            let described = |(kind, of): &(Kind, _)| {
                let mut value = ban_described(of);
                value["sort"] = sort(*kind).into();
                value
            };
            list(json, &all, described, |(kind, of)| format!("{} {}", sort(*kind), ban_told(of)))
        }
        Verb::Role { room, user, role, place } => {
            act(&place.folder()?, Deed::Role { room: given::place(&room), user, role, voiced: false })
        }
        Verb::Audit { room, last, json, place } => audit(room.as_ref(), last as usize, json, &place),
    }
}

/// A room as the operator stands to it.
pub(super) fn look(reader: &Reader, room: &RoomName) -> anyhow::Result<Look> {
    let found = reader.look(UserId(0), &given::place(room), Act::See)?;
    found.map_err(|refusal| coded(exit::FAILED, format!("{room}: {refusal}")))
}

fn described(room: &Room) -> Value {
    json!({
        "id": room.id.0, "name": room.name, "access": room.access.word(), "topic": room.topic,
        "members": room.members, "archived": room.archived,
    })
}

fn told(room: &Room) -> String {
    let archived = if room.archived { ", archived" } else { "" };
    let topic = if room.topic.is_empty() { String::new() } else { format!(": {}", room.topic) };
    format!("{}  {}, {} in it{archived}{topic}", room.name, room.access.word(), room.members)
}

fn show(name: &RoomName, json: bool, place: &Place) -> anyhow::Result<()> {
    let reader = Reader::open(&place.folder()?)?;
    let Look { id, room, .. } = look(&reader, name)?;
    let (people, members) = (reader.members(id)?, reader.crowd(id)?);
    if json {
        return out::line(shown::json(&json!({
            "id": id.0, "name": name.as_str(), "access": room.access.word(), "topic": room.topic,
            "password": room.password.is_some(), "slow": room.slow, "limit": room.limit,
            "moderated": room.moderated, "archived": room.archived, "keep": room.retention.number,
            "keep_for_ms": room.retention.age, "messages": room.last.0, "members": members,
            "people": people.iter().map(person_described).collect::<Value>(),
        })));
    }
    let yes = |on: bool| if on { "yes" } else { "no" }.to_owned();
    let or_none = |value: Option<String>| value.unwrap_or_else(|| "none".into());
    let mut out = out::Output::new();
    out.line(shown::text(name.as_str()))?;
    for (what, value) in [
        ("topic", room.topic.clone()),
        ("access", room.access.word().to_owned()),
        ("password", yes(room.password.is_some())),
        ("slow", format!("{} s", room.slow)),
        ("limit", or_none(room.limit.map(|n| n.to_string()))),
        ("moderated", yes(room.moderated)),
        ("archived", yes(room.archived)),
        ("keep", or_none(room.retention.number.map(|n| format!("{n} messages")))),
        ("keep-for", or_none(room.retention.age.map(|age| format!("{} s", age / 1000)))),
        ("messages", room.last.to_string()),
        ("members", members.to_string()),
    ] {
        out.line(format_args!("  {what}: {}", shown::text(&value)))?;
    }
    for person in &people {
        let here = if person.online { "" } else { ", not here" };
        out.line(format_args!("  - {} ({}{here})", shown::text(&person.name), person.role.word()))?;
    }
    if members > people.len() {
        out.line(format_args!("  … and {} more", members - people.len()))?;
    }
    out.finish()
}

fn person_described(person: &Person) -> Value {
    let Person { name, role, online, away, .. } = person;
    json!({"name": name, "role": role.word(), "online": online, "away": away})
}

fn audit(room: Option<&RoomName>, last: usize, json: bool, place: &Place) -> anyhow::Result<()> {
    let reader = Reader::open(&place.folder()?)?;
    let id = room.map(|room| look(&reader, room)).transpose()?.map_or(RoomId(0), |look| look.id);
    let audited: Vec<Record> = reader.audit(id, last)?.into_iter().map(|one| one.record).collect();
    let said = |record: &Record| match &record.event {
        Event::Fact(fact) => (fact.word(), sentence(fact)),
        _ => ("", String::new()),
    };
    let described = |record: &Record| {
        let (kind, what) = said(record);
        let (position, time) = (record.position.0, shown::exact(record.time));
        json!({"position": position, "time": time, "kind": kind, "what": what})
    };
    list(json, &audited, described, |record| format!("{}  {}", shown::moment(record.time), said(record).1))
}

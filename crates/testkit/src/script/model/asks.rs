//! What commands do on the model alone, told as the server tells it. Knows no command that only shows.

use anyhow::{Context, bail};
use chatroom_model::{
    Act, Audience, Deed, Doer, Event, Fact, LOBBY, LOBBY_NAME, Millis, Refusal, Request, Room, RoomId,
    RoomName, Seq, UserId, Where, audience, can,
};
use chatroom_wire::line::ask::{Ask, Hidden, Set};
use chatroom_wire::line::deed::{self, Not, UNDO};
use chatroom_wire::line::{render, words};
use chatroom_wire::text;

use super::{ModelRunner, RECENT};

/// Bytes a password must have.
const PASSWORD_MIN: usize = 6;

/// What stands for a password's hash: the model knows none.
pub(super) fn phc(password: &str) -> String {
    format!("$argon2${password}")
}

impl ModelRunner {
    pub(super) fn answer(&mut self, who: &str, ask: &Ask<'_>) -> anyhow::Result<()> {
        let here = self.place(who)?.here;
        match deed::deed(ask, here, Millis(self.now())) {
            Ok(None) => {}
            Ok(Some(done)) => {
                let leaves = matches!(done, Deed::Leave { .. } | Deed::Delete { .. });
                self.act(who, done)?;
                return if leaves { self.back_to_the_lobby(who) } else { Ok(()) };
            }
            Err(not) => return self.no(who, not),
        }
        match *ask {
            Ask::Join { room, password } => self.join(who, room, password),
            Ask::Create { room, access } => match RoomName::parse(&text::clean(room)) {
                Ok(name) => {
                    let (user, place) = (self.place(who)?.user, Where::Name(name.clone()));
                    let there = self.look(user, &place, Act::Read).is_ok();
                    self.act(who, Deed::Create { room: name, access })?;
                    if there { Ok(()) } else { self.go(who, &place, false) }
                }
                Err(why) => self.no(who, Not::Because(why.to_string())),
            },
            Ask::Read(number) => self.mark_read(who, number),
            Ask::Register(Hidden(word)) | Ask::Password(Hidden(word)) if word.len() < PASSWORD_MIN => {
                self.no(who, Not::Because(format!("a password has at least {PASSWORD_MIN} bytes")))
            }
            Ask::Register(Hidden(word)) => self.act(who, Deed::Register { phc: phc(word) }),
            Ask::Password(Hidden(word)) => self.act(who, Deed::Password { phc: phc(word) }),
            Ask::Set(set @ (Set::Keep(_) | Set::KeepFor(_))) => self.keep(who, &set),
            Ask::Purge { user, time, yes } => self.purge(who, user, time, yes),
            other => bail!("the model alone does not answer {other:?}"),
        }
    }

    /// Does a deed, and tells what the server would tell.
    fn act(&mut self, who: &str, deed: Deed) -> anyhow::Result<()> {
        let place = self.place(who)?.clone();
        let inside: Vec<RoomId> = self.node.state.rooms_of(place.user).collect();
        let doer = Doer::Session { session: place.session, address: Some([127, 0, 0, 1].into()) };
        match self.ask(Request::Do { doer, deed: deed.into() }) {
            Ok(events) if events.iter().any(|event| told(event, place.user, &inside)) => Ok(()),
            Ok(_) => self.tell(who, words::DONE),
            Err(refusal) => self.no(who, refusal.into()),
        }
    }

    pub(super) fn no(&mut self, who: &str, not: Not) -> anyhow::Result<()> {
        let mut line = String::new();
        match not {
            Not::Refused(refusal) => render::refused(&mut line, &refusal),
            Not::Because(why) => line.extend([words::NO, &why]),
        }
        self.tell(who, &line)
    }

    /// A room as somebody stands to it, if they may do that there.
    pub(super) fn look(&self, user: UserId, place: &Where, act: Act) -> Result<(RoomId, &Room), Refusal> {
        let state = &self.node.state;
        let id = match place {
            Where::Id(id) => *id,
            Where::Name(name) => state.room_named(name).ok_or(Refusal::NoSuchRoom)?,
            Where::With(_) => return Err(Refusal::NoSuchRoom),
        };
        let room = state.room(id).ok_or(Refusal::NoSuchRoom)?;
        can(room.standing(user, false), act, &room.object(user))?;
        Ok((id, room))
    }

    fn join(&mut self, who: &str, room: &str, password: Option<&str>) -> anyhow::Result<()> {
        let place = match deed::place(room) {
            Ok(place) => place,
            Err(not) => return self.no(who, not),
        };
        let user = self.place(who)?.user;
        if self.look(user, &place, Act::Read).is_err() {
            let password = password.map(chatroom_model::room_password);
            self.act(who, Deed::Join { room: place.clone(), password })?;
        }
        self.go(who, &place, true)
    }

    fn go(&mut self, who: &str, place: &Where, show: bool) -> anyhow::Result<()> {
        let user = self.place(who)?.user;
        let Ok((id, room)) = self.look(user, place, Act::Read) else { return Ok(()) };
        let name = room.name.as_ref().map_or(LOBBY_NAME, |name| name.as_str()).to_owned();
        let mut text = format!("{}{name}.\n", words::NOW_IN);
        if !room.topic.is_empty() {
            text.extend(["Topic: ", &room.topic, "\n"]);
        }
        if show {
            text.push_str(&self.history(user, id, RECENT, self.node.records.len()));
        }
        let person = self.people.get_mut(who).and_then(|person| person.session.as_mut());
        let place = person.context("whoever acts is connected")?;
        (place.here, place.here_name) = (id, name);
        self.tell(who, &text)
    }

    fn back_to_the_lobby(&mut self, who: &str) -> anyhow::Result<()> {
        let place = self.place(who)?;
        if place.here == LOBBY || self.look(place.user, &Where::Id(place.here), Act::Read).is_ok() {
            return Ok(());
        }
        self.go(who, &Where::Id(LOBBY), false)
    }

    fn mark_read(&mut self, who: &str, number: Option<u64>) -> anyhow::Result<()> {
        let place = self.place(who)?.clone();
        match self.look(place.user, &Where::Id(place.here), Act::Read) {
            Ok((id, room)) => {
                let seq = number.map_or(room.last, Seq);
                self.act(who, Deed::Read { room: Where::Id(id), seq, at: None })
            }
            Err(refusal) => self.no(who, refusal.into()),
        }
    }

    fn keep(&mut self, who: &str, set: &Set<'_>) -> anyhow::Result<()> {
        let place = self.place(who)?.clone();
        match self.look(place.user, &Where::Id(place.here), Act::Set) {
            Ok((id, room)) => {
                let setting = deed::retention(room, set);
                self.act(who, Deed::Set { room: Where::Id(id), setting })
            }
            Err(refusal) => self.no(who, refusal.into()),
        }
    }

    fn purge(&mut self, who: &str, user: &str, time: Option<i64>, yes: bool) -> anyhow::Result<()> {
        let place = self.place(who)?.clone();
        let name = match deed::name(user) {
            Ok(name) => name,
            Err(not) => return self.no(who, not),
        };
        if let Err(refusal) = self.look(place.user, &Where::Id(place.here), Act::Purge) {
            return self.no(who, refusal.into());
        }
        let Some((user, _)) = self.node.state.holder(&name) else {
            return self.no(who, Refusal::NoSuchUser(name).into());
        };
        let now = Millis(self.now());
        let since = time.map_or(Millis(0), |time| now.plus(-time));
        let count = self.count_by(place.here, user, since.0);
        if !yes {
            let ago = time.map_or("", |_| " of that time");
            let line = format!(
                "{count} messages of {name}{ago} in {} would be hidden. /purge again with yes does it.",
                place.here_name
            );
            return self.tell(who, &line);
        }
        self.tell(who, &format!("Hiding {count} messages; for a day /unpurge brings them back."))?;
        let (room, until) = (Where::Id(place.here), now.plus(UNDO));
        self.act(who, Deed::Purge { room, user: name, since, until })
    }
}

/// Whether whoever did something is shown an event of it.
fn told(event: &Event, user: UserId, inside: &[RoomId]) -> bool {
    let joins = matches!(event, Event::Fact(Fact::Joined { user: who, .. }) if *who == user);
    match audience(event) {
        _ if matches!(
            event,
            Event::Fact(Fact::ReadUpTo { .. } | Fact::InviteTold { .. } | Fact::AccountTold { .. })
        ) =>
        {
            false
        }
        Audience::Room(room) => inside.contains(&room) || joins,
        Audience::RoomAnd(room, one) => inside.contains(&room) || user == one,
        Audience::Rooms(rooms) => rooms.iter().any(|room| inside.contains(room)),
        Audience::Two(a, b) => user == a || user == b,
        Audience::User(one) => user == one,
        Audience::Session(_) | Audience::Nobody => false,
    }
}

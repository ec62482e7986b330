//! The commands that the original has not: what they do is handed in, what they show is read from the store.

mod first;
mod login;
pub(super) mod search;
mod show;

use super::End;
use super::commands::read;
use super::talk::Talk;
use crate::limits::Kind;
use crate::passwords::Secret;
use crate::sequencer::Sequencer;
use chatroom_model::{Access, Act, Deed, Doer, LOBBY, Position, Refusal, Request, RoomName, Seq, Where};
use chatroom_store::{Look, Span, Told};
use chatroom_wire::line::ask::{Ask, Hidden, Set};
use chatroom_wire::line::deed::{self, Not, UNDO};
use chatroom_wire::line::{render, words};
use chatroom_wire::text;

/// Messages somebody is shown who comes into a room.
const RECENT: usize = 10;

/// Answers a command.
pub(super) async fn answer<S: Sequencer>(talk: &mut Talk<'_, S>, ask: Ask<'_>) -> Result<(), End> {
    for kind in [Kind::Command, kind(&ask)] {
        if let Some(limited) = talk.wait_for(kind).await? {
            return talk.limited(&limited).await;
        }
    }
    match deed::deed(&ask, talk.room, crate::now()) {
        Ok(None) => {}
        Ok(Some(done)) => {
            let leaves = matches!(done, Deed::Leave { .. } | Deed::Delete { .. });
            talk.act(done).await?;
            return if leaves { talk.back_to_the_lobby().await } else { Ok(()) };
        }
        Err(not) => return talk.no(not).await,
    }
    match ask {
        Ask::Join { room, password } => talk.join(room, password).await,
        Ask::Create { room, access } => match RoomName::parse(&text::clean(room)) {
            Ok(name) => talk.create(name, access).await,
            Err(why) => talk.no(Not::Because(why.to_string())).await,
        },
        Ask::Read(number) => talk.mark_read(number).await,
        Ask::Register(Hidden(word)) => talk.set_password(word, |phc| Deed::Register { phc }).await,
        Ask::Login { user, password: Hidden(word) } => talk.log_in(user, word).await,
        Ask::Password(Hidden(word)) => talk.set_password(word, |phc| Deed::Password { phc }).await,
        Ask::Operator(Hidden(token)) => talk.first_operator(token).await,
        Ask::Purge { user, time, yes } => talk.purge(user, time, yes).await,
        Ask::Set(set @ (Set::Keep(_) | Set::KeepFor(_))) => talk.keep(set).await,
        other => {
            talk.settled().await?;
            show::show(talk, other).await
        }
    }
}

/// Which limit a command meets.
fn kind(ask: &Ask<'_>) -> Kind {
    match ask {
        Ask::Join { .. } => Kind::Join,
        Ask::Create { .. } => Kind::Create,
        Ask::Invite(_) => Kind::Invite,
        Ask::React { .. } => Kind::React,
        Ask::Register(_) => Kind::Register,
        Ask::Login { .. } => Kind::Login,
        Ask::Away(_) | Ask::Back => Kind::Presence,
        Ask::Kick { .. }
        | Ask::Ban { .. }
        | Ask::Unban(_)
        | Ask::Mute { .. }
        | Ask::Unmute(_)
        | Ask::Role { .. }
        | Ask::Purge { .. }
        | Ask::Unpurge(_)
        | Ask::Destroy(_)
        | Ask::Operator(_)
        | Ask::Set(_) => Kind::Moderate,
        Ask::Leave(_)
        | Ask::Read(_)
        | Ask::Edit { .. }
        | Ask::Delete { .. }
        | Ask::Pin { .. }
        | Ask::Topic(Some(_))
        | Ask::Nick(_)
        | Ask::Password(_)
        | Ask::Profile(_)
        | Ask::Ignore(Some(_))
        | Ask::Unignore(_) => Kind::Change,
        Ask::Me(_) | Ask::In { .. } | Ask::Reply { .. } => Kind::Message,
        Ask::Rooms
        | Ask::Unread
        | Ask::Who(_)
        | Ask::Whois(_)
        | Ask::Ids(_)
        | Ask::Around(_)
        | Ask::Before(_)
        | Ask::Since(_)
        | Ask::Search(_)
        | Ask::Pins
        | Ask::Topic(None)
        | Ask::Bans
        | Ask::Audit(_)
        | Ask::Ignore(None) => Kind::Read,
    }
}

impl<S: Sequencer> Talk<'_, S> {
    /// Does a deed.
    async fn act(&mut self, deed: Deed) -> Result<(), End> {
        let doer = Doer::Session { session: self.session.id, address: Some(self.session.address) };
        self.submit(Request::Do { doer, deed: deed.into() }).await
    }

    /// Says no, after the answers to what was asked before.
    async fn no(&mut self, not: Not) -> Result<(), End> {
        self.settled().await?;
        let mut line = String::new();
        match not {
            Not::Refused(refusal) => render::refused(&mut line, &refusal),
            Not::Because(why) => line.extend([words::NO, &why, "\n"]),
        }
        self.session.tell(line);
        Ok(())
    }

    /// A room as this client stands to it, if it may do that there; else it has been told why not.
    pub(super) async fn look(&mut self, place: Where, act: Act) -> Result<Option<Look>, End> {
        let user = self.session.user.get();
        match read(self, move |reader| reader.look(user, &place, act)).await {
            Some(Ok(look)) => Ok(Some(look)),
            Some(Err(refusal)) => self.no(refusal.into()).await.map(|()| None),
            None => Ok(None),
        }
    }

    /// Messages of the room this client talks in, if it may read there; else it has been told why not.
    pub(super) async fn history(&mut self, span: Span, n: usize) -> Option<Vec<Told>> {
        let look = self.look(Where::Id(self.room), Act::Read).await.ok()??;
        let (upto, user, session) = (self.shard.position.get(), self.session.user.get(), self.session.id);
        loop {
            let changes = self.shard.changes.get();
            let told = read(self, move |reader| {
                let sight = reader.sight(user, session, Position(0))?;
                reader.history(look.id, span, n, upto, &sight)
            })
            .await;
            // What was taken back meanwhile is not shown any more.
            if told.is_none() || self.shard.changes.get() == changes {
                return told;
            }
        }
    }

    async fn create(&mut self, name: RoomName, access: Access) -> Result<(), End> {
        self.settled().await?;
        let (user, place) = (self.session.user.get(), Where::Name(name.clone()));
        let asked = place.clone();
        let there = read(self, move |reader| reader.look(user, &asked, Act::Read)).await;
        self.act(Deed::Create { room: name, access }).await?;
        // Who is in a room of that name has made none, and stays where they are.
        if matches!(there, Some(Ok(_))) { Ok(()) } else { self.go(&place, false).await }
    }

    async fn join(&mut self, room: &str, password: Option<&str>) -> Result<(), End> {
        let place = match deed::place(room) {
            Ok(place) => place,
            Err(not) => return self.no(not).await,
        };
        self.settled().await?;
        let (user, asked) = (self.session.user.get(), place.clone());
        let there = read(self, move |reader| reader.look(user, &asked, Act::Read)).await;
        if !matches!(there, Some(Ok(_))) {
            let password = password.map(chatroom_model::room_password);
            self.act(Deed::Join { room: place.clone(), password }).await?;
        }
        self.go(&place, true).await
    }

    /// Plain lines are said there from now on, if this client is in it.
    async fn go(&mut self, place: &Where, show: bool) -> Result<(), End> {
        self.settled().await?;
        let (user, asked) = (self.session.user.get(), place.clone());
        let Some(Ok(look)) = read(self, move |reader| reader.look(user, &asked, Act::Read)).await else {
            return Ok(()); // Why not has been said already.
        };
        self.room = look.id;
        self.room_name = match (&look.room.name, place) {
            (Some(name), _) => name.to_string().into(),
            (None, Where::With(other)) => format!("@{other}").into(),
            (None, _) => self.room_name.clone(),
        };
        let mut text = format!("{}{}.\n", words::NOW_IN, self.room_name);
        if !look.room.topic.is_empty() {
            text.extend(["Topic: ", &look.room.topic, "\n"]);
        }
        if show && let Some(told) = self.history(Span::Last, RECENT).await {
            let told = told.iter().map(|told| (&told.record, told.edited.as_ref()));
            render::recent(&mut text, told, self.session.user.get());
        }
        self.session.show(text);
        Ok(())
    }

    /// Goes back to the first room if this client is no longer where it talked.
    async fn back_to_the_lobby(&mut self) -> Result<(), End> {
        self.settled().await?;
        let (user, room) = (self.session.user.get(), Where::Id(self.room));
        let there = read(self, move |reader| reader.look(user, &room, Act::Read)).await;
        if self.room == LOBBY || matches!(there, Some(Ok(_)) | None) {
            return Ok(());
        }
        self.go(&Where::Id(LOBBY), false).await
    }

    async fn mark_read(&mut self, number: Option<u64>) -> Result<(), End> {
        self.settled().await?;
        let Some(look) = self.look(Where::Id(self.room), Act::Read).await? else { return Ok(()) };
        let seq = number.map_or(look.room.last, Seq);
        let room = look.id;
        // A time would say more than was asked where the number is no news.
        let member = look.room.members.get(&self.session.user.get());
        let is_news = member.is_some_and(|member| member.read < seq);
        let at = match is_news {
            true => read(self, move |reader| reader.message_time(room, seq)).await.flatten(),
            false => None,
        };
        self.act(Deed::Read { room: Where::Id(room), seq, at }).await?;
        self.settled().await
    }

    async fn set_password(&mut self, word: &str, deed: fn(String) -> Deed) -> Result<(), End> {
        let secret = Secret::new(word.to_owned());
        self.settled().await?;
        let user = self.session.user.get();
        let Some(Some(name)) = read(self, move |reader| reader.name(user)).await else { return Ok(()) };
        if let Err(why) = secret.check(&name, self.shard.shared.settings.password_min) {
            return self.no(Not::Because(why.to_string())).await;
        }
        match self.shard.shared.passwords.hash(secret).await {
            Ok(phc) => self.act(deed(phc.as_str().to_owned())).await,
            Err(busy) => self.no(Not::Because(busy.to_string())).await,
        }
    }

    async fn keep(&mut self, set: Set<'_>) -> Result<(), End> {
        self.settled().await?;
        let Some(look) = self.look(Where::Id(self.room), Act::Set).await? else { return Ok(()) };
        let setting = deed::retention(&look.room, &set);
        self.act(Deed::Set { room: Where::Id(look.id), setting }).await
    }

    async fn purge(&mut self, user: &str, time: Option<i64>, yes: bool) -> Result<(), End> {
        self.settled().await?;
        let name = match deed::name(user) {
            Ok(name) => name,
            Err(not) => return self.no(not).await,
        };
        let Some(look) = self.look(Where::Id(self.room), Act::Purge).await? else { return Ok(()) };
        let now = crate::now();
        let since = time.map_or(chatroom_model::Millis(0), |time| now.plus(-time));
        let (asked, room) = (name.clone(), look.id);
        let counted = read(self, move |reader| match reader.holder(&asked)? {
            Some((user, _)) => reader.count_by(room, user, since).map(Some),
            None => Ok(None),
        })
        .await;
        match counted {
            None => Ok(()),
            Some(None) => self.no(Refusal::NoSuchUser(name).into()).await,
            Some(Some(count)) if !yes => {
                let ago = time.map_or(String::new(), |_| " of that time".into());
                self.session.tell(format!(
                    "{count} messages of {name}{ago} in {} would be hidden. /purge again with yes does it.\n",
                    self.room_name
                ));
                Ok(())
            }
            Some(Some(count)) => {
                self.session.tell(format!("Hiding {count} messages; for a day /unpurge brings them back.\n"));
                let (room, until) = (Where::Id(room), now.plus(UNDO));
                self.act(Deed::Purge { room, user: name, since, until }).await
            }
        }
    }
}

//! Who there is, and what may be typed.

use super::path::{Asks, At, name};
use super::reply::{Reply, tagged};
use super::view::{PersonView, ProfileView};
use super::{Caller, Looks, State, read};
use crate::sequencer::Sequencer;
use crate::shard::Shared;
use crate::signal::{self, Signal};
use crate::web::problem::Problem;
use axum::http::HeaderMap;
use axum::response::Response;
use chatroom_model::{Act, Name, Refusal, RoomId, SessionId, Tags, UserId, Where};
use chatroom_store::{Fault, Reader};
use chatroom_wire::irc::known;
use chatroom_wire::json::Typing;
use chatroom_wire::line::command;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, hash_map};
use utoipa::{IntoParams, ToSchema};

/// People one list has at most.
const LISTED: usize = 1000;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Online {
    #[serde(default)]
    online: bool,
}

#[derive(Serialize, ToSchema)]
struct People {
    users: Vec<PersonView>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Commands {
    commands: Vec<CommandView>,
}

#[derive(Serialize, ToSchema)]
struct CommandView {
    name: &'static str,
    usage: &'static str,
    help: &'static str,
}

/// Everybody, or who is online.
#[utoipa::path(get, path = "/users", params(Online), responses((status = 200, body = People), (status = 304)))]
pub(super) async fn list<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Looks(caller): Looks,
    Asks(Online { online }): Asks<Online>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let all = read(&shared, move |reader| reader.people(caller.user, online, LISTED)).await?;
    let users = all.into_iter().map(PersonView::from).collect();
    Ok(tagged(&headers, &People { users }))
}

/// Somebody.
#[utoipa::path(get, path = "/users/{name}", responses((status = 200, body = ProfileView)))]
pub(super) async fn show<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Looks(_): Looks,
    At(who): At<String>,
) -> Result<Reply<ProfileView>, Problem> {
    let name = name(&who)?;
    let asked = name.clone();
    let found = read(&shared, move |reader| reader.profile(&asked)).await?;
    Ok(Reply::ok(found.ok_or(Refusal::NoSuchUser(name))?.into()))
}

/// The commands that may be typed after `/`, from the one table.
#[utoipa::path(get, path = "/commands", security(()), responses((status = 200, body = Commands)))]
pub(super) async fn commands() -> Reply<Commands> {
    let view =
        |one: &command::Command| CommandView { name: one.word, usage: one.arguments, help: one.summary };
    let commands = command::commands().map(view).collect();
    Reply::ok(Commands { commands })
}

/// What is known of those who wrote something.
#[derive(Debug, Default)]
pub(crate) struct Authors(HashMap<UserId, (known::Person, bool)>);

impl Authors {
    pub(crate) fn read(reader: &Reader, users: impl Iterator<Item = UserId>) -> Result<Self, Fault> {
        let mut all = HashMap::new();
        for user in users {
            if let hash_map::Entry::Vacant(place) = all.entry(user)
                && let Some(of) = reader.profile_of(user)?
            {
                let ident = of.ident.map(|ident| *ident).unwrap_or_default();
                let account = of.account.map(Into::into);
                let person = known::Person { ident, account, ..known::Person::default() };
                place.insert((person, of.operator));
            }
        }
        Ok(Self(all))
    }

    /// One of whom it is known already.
    pub(super) fn one(user: UserId, person: known::Person, operator: bool) -> Self {
        Self(HashMap::from([(user, (person, operator))]))
    }
}

impl known::Known for Authors {
    fn person(&self, user: UserId) -> Option<&known::Person> {
        self.0.get(&user).map(|(person, _)| person)
    }

    fn operator(&self, user: UserId) -> bool {
        self.0.get(&user).is_some_and(|(_, operator)| *operator)
    }

    fn room(&self, _: RoomId) -> Option<&str> {
        None
    }
}

/// Passes on that somebody is typing, to whoever is in a room.
pub(super) async fn types<S: Sequencer>(
    shared: &Shared<S>,
    caller: Caller,
    place: Where,
    state: Typing,
) -> Result<(), Problem> {
    let found = read(shared, move |reader| {
        let look = match crate::stand::look(reader, (caller.user, caller.address), &place, Act::Speak)? {
            Ok(look) => look,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(own) = reader.profile_of(caller.user)? else { return Ok(Err(Refusal::NoKey)) };
        let (name, _) = super::rooms::called(reader, &look, caller.user)?;
        Ok(Ok((look.id, look.room.direct, name, own)))
    });
    let (room, direct, name, own) = found.await??;
    let authors = {
        let ident = own.ident.map(|ident| *ident).unwrap_or_default();
        let person = known::Person { ident, ..known::Person::default() };
        Authors(HashMap::from([(caller.user, (person, false))]))
    };
    let mut source = String::new();
    known::prefix(&mut source, &authors, caller.user, &Name::kept(&own.name));
    let to = match direct {
        Some((a, b)) => signal::To::User(if a == caller.user { b } else { a }),
        None => signal::To::Room(room),
    };
    let tags = Tags::parse(&format!("+typing={}", state.word())).ok_or_else(Problem::unreadable)?;
    shared.spread(Signal {
        to,
        from: caller.user,
        room: Some(room),
        session: SessionId(0),
        source,
        command: "TAGMSG",
        target: name.into(),
        text: None,
        middle: Vec::new(),
        tags,
        at: crate::now(),
    });
    Ok(())
}

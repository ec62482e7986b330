//! Rooms: which there are, coming in and going out, and what is set about them.

use super::me::said;
use super::path::{At, line, name, place, word};
use super::reply::{Body, DONE, Reply, tagged};
use super::schema::AccessWord;
use super::view::{ACCESS, DAY, PersonView, RoomView, UserView};
use super::whole::Whole;
use super::{Caller, Looks, State, act, read};
use crate::sequencer::Sequencer;
use crate::shard::Shared;
use crate::web::problem::Problem;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use chatroom_model::{
    Access, Act, Deed, Name, Refusal, Retention, RoomId, RoomName, Scopes, Setting, UserId, Where,
    room_password,
};
use chatroom_store::{Fault, Look, Reader};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
struct Rooms {
    rooms: Vec<RoomView>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRoom {
    #[schema(min_length = 1)]
    name: String,
    #[schema(value_type = Option<AccessWord>)]
    access: Option<String>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Joining {
    password: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Inviting {
    user: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Members {
    members: Vec<PersonView>,
    total: usize,
}

/// What is to be otherwise; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoomChange {
    topic: Option<String>,
    #[schema(value_type = Option<AccessWord>)]
    access: Option<String>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    password: Option<Option<String>>,
    #[schema(value_type = Option<u32>)]
    slow: Option<Whole<u32>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<u32>)]
    limit: Option<Option<Whole<u32>>>,
    moderated: Option<bool>,
    archived: Option<bool>,
    name: Option<String>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<u64>)]
    keep: Option<Option<Whole<u64>>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<u32>)]
    keep_days: Option<Option<Whole<u32>>>,
}

/// All rooms one may know of, one's own first.
#[utoipa::path(get, path = "/rooms", responses((status = 200, body = Rooms), (status = 304)))]
pub(super) async fn list<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Looks(caller): Looks,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let rooms = read(&shared, move |reader| {
        let mut rooms = reader.rooms(caller.user, true)?;
        rooms.sort_by_key(|room| room.role.is_none() && !room.direct);
        rooms
            .into_iter()
            .map(|room| {
                let with = if room.direct { user(reader, &room.name)? } else { None };
                Ok(RoomView::listed(room, with))
            })
            .collect::<Result<Vec<_>, Fault>>()
    });
    Ok(tagged(&headers, &Rooms { rooms: rooms.await? }))
}

fn user(reader: &Reader, name: &str) -> Result<Option<UserView>, Fault> {
    Ok(reader.profile(&Name::kept(name))?.as_ref().map(UserView::from))
}

/// A room that somebody may do something with, as they are shown it.
async fn shown<S: Sequencer>(
    shared: &Shared<S>,
    caller: Caller,
    place: Where,
    act: Act,
) -> Result<RoomView, Problem> {
    let found = read(shared, move |reader| {
        let look = match crate::stand::look(reader, (caller.user, caller.address), &place, act)? {
            Ok(look) => look,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let unread = reader.unread(look.id, caller.user)?;
        let called = called(reader, &look, caller.user)?;
        Ok(Ok(RoomView::looked(&look, caller.user, called, unread, reader.crowd(look.id)?)))
    });
    Ok(found.await??)
}

/// How a room is called by somebody, and who the other one is where it is one of two.
pub(super) fn called(
    reader: &Reader,
    look: &Look,
    viewer: UserId,
) -> Result<(String, Option<UserView>), Fault> {
    let Some((a, b)) = look.room.direct else {
        return Ok((look.room.name.as_ref().map_or(String::new(), ToString::to_string), None));
    };
    let other = reader.name(if a == viewer { b } else { a })?.unwrap_or_default();
    let with = user(reader, &other)?;
    Ok((other, with))
}

/// A room.
#[utoipa::path(get, path = "/rooms/{room}", responses((status = 200, body = RoomView)))]
pub(super) async fn show<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Looks(caller): Looks,
    At(room): At<String>,
) -> Result<Reply<RoomView>, Problem> {
    Ok(Reply::ok(shown(&shared, caller, place(&room)?, Act::See).await?))
}

/// Makes a room, whose owner one is.
#[utoipa::path(post, path = "/rooms", request_body = NewRoom, responses((status = 201, body = RoomView)))]
pub(super) async fn create<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    Body(new): Body<NewRoom>,
) -> Result<Reply<RoomView>, Problem> {
    let text = line(&new.name);
    let text = if text.starts_with('#') { text } else { format!("#{text}") };
    let room = RoomName::parse(&text).map_err(|why| bad_name(&why.to_string()))?;
    let access = new.access.as_deref().map(|text| word(text, "access", Access::read)).transpose()?;
    let place = Where::Name(room.clone());
    act(&shared, &caller, Deed::Create { room, access: access.unwrap_or(ACCESS) }).await?;
    Ok(Reply::created(shown(&shared, caller, place, Act::See).await?))
}

fn bad_name(why: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad-name", format!("A room's name: {why}"))
}

/// Sets something about a room.
#[utoipa::path(patch, path = "/rooms/{room}", request_body = RoomChange,
    responses((status = 200, body = RoomView)))]
pub(super) async fn set<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
    Body(change): Body<RoomChange>,
) -> Result<Reply<RoomView>, Problem> {
    caller.may(Scopes::MODERATE)?;
    let asked = place(&room)?;
    let found = read(&shared, move |reader| reader.look(caller.user, &asked, Act::See)).await?;
    let look = found?;
    for setting in settings(change, look.room.retention)? {
        let deed = Deed::Set { room: Where::Id(look.id), setting };
        match act(&shared, &caller, deed).await {
            Err(problem) if problem.is("already-so") => {}
            done => drop(done?),
        }
    }
    Ok(Reply::ok(shown(&shared, caller, Where::Id(look.id), Act::See).await?))
}

/// What a change sets, in as few steps as the model takes it.
fn settings(change: RoomChange, now: Retention) -> Result<Vec<Setting>, Problem> {
    let mut together = Vec::new();
    if let Some(text) = &change.access {
        together.push(Setting::Access(word(text, "access", Access::read)?));
    }
    together.extend(change.password.map(|word| Setting::Password(word.as_deref().map(room_password))));
    together.extend(change.slow.map(|slow| Setting::Slow(slow.0)));
    together.extend(change.limit.map(|limit| Setting::Limit(limit.map(|Whole(limit)| limit))));
    together.extend(change.moderated.map(Setting::Moderated));
    let mut all = match together.len() {
        0 | 1 => together,
        _ => vec![Setting::Several(together)],
    };
    all.extend(change.topic.map(|text| Setting::Topic(line(&text))));
    if change.keep.is_some() || change.keep_days.is_some() {
        let number = change.keep.map_or(now.number, |keep| keep.map(|Whole(number)| number));
        let age = change.keep_days.map_or(now.age, |days| days.map(|Whole(days)| i64::from(days) * DAY));
        all.push(Setting::Retention(Retention { age, number }));
    }
    if let Some(text) = &change.name {
        let text = line(text);
        let text = if text.starts_with('#') { text } else { format!("#{text}") };
        let name = RoomName::parse(&text).map_err(|why| bad_name(&why.to_string()))?;
        all.push(Setting::Name { name, reason: String::new() });
    }
    all.extend(change.archived.map(Setting::Archived));
    Ok(all)
}

/// Ends a room.
#[utoipa::path(delete, path = "/rooms/{room}", responses((status = 204)))]
pub(super) async fn end<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
) -> Result<StatusCode, Problem> {
    act(&shared, &caller, Deed::Delete { room: place(&room)? }).await?;
    Ok(DONE)
}

/// Comes into a room; who is in it stays in it.
#[utoipa::path(put, path = "/rooms/{room}/membership", request_body = Joining,
    responses((status = 200, body = RoomView)))]
pub(super) async fn join<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
    Body(joining): Body<Joining>,
) -> Result<Reply<RoomView>, Problem> {
    let room = place(&room)?;
    let password = joining.password.as_deref().map(room_password);
    match act(&shared, &caller, Deed::Join { room: room.clone(), password }).await {
        Err(problem) if problem.is("already-a-member") => {}
        done => drop(done?),
    }
    Ok(Reply::ok(shown(&shared, caller, room, Act::See).await?))
}

/// Goes out of a room.
#[utoipa::path(delete, path = "/rooms/{room}/membership", responses((status = 204)))]
pub(super) async fn leave<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
) -> Result<StatusCode, Problem> {
    act(&shared, &caller, Deed::Leave { room: place(&room)?, reason: String::new() }).await?;
    Ok(DONE)
}

/// Who is in a room.
#[utoipa::path(get, path = "/rooms/{room}/members", responses((status = 200, body = Members)))]
pub(super) async fn members<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Looks(caller): Looks,
    At(room): At<String>,
) -> Result<Reply<Members>, Problem> {
    let place = place(&room)?;
    let found = read(&shared, move |reader| match reader.look(caller.user, &place, Act::Members)? {
        Ok(look) => Ok(Ok((reader.members(look.id)?, reader.crowd(look.id)?))),
        Err(refusal) => Ok(Err(refusal)),
    });
    let (people, total) = found.await??;
    let members = people.into_iter().map(|person| PersonView::of(person, true)).collect();
    Ok(Reply::ok(Members { members, total }))
}

/// Asks somebody in.
#[utoipa::path(post, path = "/rooms/{room}/invites", request_body = Inviting, responses((status = 204)))]
pub(super) async fn invite<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
    Body(Inviting { user }): Body<Inviting>,
) -> Result<StatusCode, Problem> {
    act(&shared, &caller, Deed::Invite { room: place(&room)?, user: name(&user)? }).await?;
    Ok(DONE)
}

/// A room by its place, if somebody may read there.
pub(super) async fn readable<S: Sequencer>(
    shared: &Shared<S>,
    caller: Caller,
    place: Where,
) -> Result<RoomId, Problem> {
    let found = read(shared, move |reader| reader.look(caller.user, &place, Act::Read)).await?;
    found.map(|look| look.id).map_err(|refusal: Refusal| refusal.into())
}

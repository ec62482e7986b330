//! Messages: what was said, saying something, and what becomes of it.

use super::order::Why;
use super::path::{Asks, At, line, lines, most, place};
use super::people::Authors;
use super::reply::{Body, DONE, Reply};
use super::schema::{MessageView, SayingWord};
use super::whole::Whole;
use super::{Caller, Looks, MOST, State, act, admit, ask, read};
use crate::batch::{Said, What};
use crate::limits::Kind;
use crate::sequencer::Sequencer;
use crate::shard::Shared;
use crate::web::problem::Problem;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chatroom_model::{
    Act, ClientId, Deed, Event, How, Refusal, Request, RoomId, Say, Seq, SessionId, UserId, Where,
};
use chatroom_store::{Fault, Reader, Span, Told};
use chatroom_wire::json::{Message, Now, Reaction};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::{IntoParams, ToSchema};

/// Messages a page has where no number is given, and at most.
const PAGE: (usize, usize) = (50, 100);

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    before: Option<u64>,
    after: Option<u64>,
    around: Option<u64>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Page {
    #[schema(value_type = Vec<MessageView>)]
    messages: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<u64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Saying {
    #[schema(min_length = 1)]
    text: String,
    #[schema(value_type = Option<u64>)]
    reply: Option<Whole<u64>>,
    #[schema(value_type = Option<SayingWord>)]
    kind: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    #[schema(min_length = 1)]
    text: String,
}

/// A message as it stands now, with what is known of its author.
pub(super) struct Shown {
    told: Told,
    authors: std::sync::Arc<Authors>,
    own: Vec<String>,
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let reactions: Vec<_> = self
            .told
            .reactions
            .iter()
            .map(|(emoji, count)| Reaction { emoji, count: *count, mine: self.own.contains(emoji) })
            .collect();
        let now = Now { edited: self.told.edited.as_ref(), edited_at: None, reactions: &reactions };
        Message::of(&self.told.record, now, &*self.authors).serialize(to)
    }
}

impl Shown {
    /// Something new: it stands as it was written, and nobody has reacted.
    fn new(Said { record, author, operator }: Said) -> Option<Self> {
        let Event::Message { author: user, seq, .. } = &record.event else { return None };
        let (authors, seq) = (Authors::one(*user, author, operator).into(), *seq);
        let told = Told { record: record.into_inner(), seq, edited: None, reactions: Vec::new() };
        Some(Self { told, authors, own: Vec::new() })
    }

    pub(super) fn text(&self) -> &str {
        self.told.body().map_or("", |body| body.as_str())
    }
}

/// Messages of one room as somebody is shown them.
pub(super) fn shown(
    reader: &Reader,
    viewer: UserId,
    room: RoomId,
    told: Vec<Told>,
) -> Result<Vec<Shown>, Fault> {
    let authors = told.iter().filter_map(|told| match &told.record.event {
        Event::Message { author, .. } => Some(*author),
        _ => None,
    });
    let authors = std::sync::Arc::new(Authors::read(reader, authors)?);
    let reacted: Vec<Seq> =
        told.iter().filter(|told| !told.reactions.is_empty()).map(|told| told.seq).collect();
    told.into_iter()
        .map(|told| {
            let own = match reacted.contains(&told.seq) {
                true => reader.reactions_of(viewer, room, told.seq)?,
                false => Vec::new(),
            };
            Ok(Shown { told, authors: std::sync::Arc::clone(&authors), own })
        })
        .collect()
}

/// Which one is meant.
pub(super) fn number(seq: u64) -> Seq {
    Seq(seq.min(MOST))
}

/// A page of a room's messages, in order.
#[utoipa::path(get, path = "/rooms/{room}/messages", params(Which), responses((status = 200, body = Page)))]
pub(super) async fn list<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Looks(caller): Looks,
    At(room): At<String>,
    Asks(which): Asks<Which>,
) -> Result<Reply<Page>, Problem> {
    let n = most(which.limit, PAGE)?;
    let span = match (which.before, which.after, which.around) {
        (None, None, None) => Span::Last,
        (Some(seq), None, None) => Span::Before(number(seq)),
        (None, Some(seq), None) => Span::After(number(seq)),
        (None, None, Some(seq)) => Span::Around(number(seq)),
        _ => {
            let why = "One of before, after and around";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "contradicting", why));
        }
    };
    let messages = page(&shared, caller, place(&room)?, span, n).await?;
    let (first, last) = (messages.first(), messages.last());
    let (first, last) = (first.map(|one| one.told.seq.0), last.map(|one| one.told.seq.0));
    Ok(Reply::ok(Page { messages, first, last }))
}

async fn page<S: Sequencer>(
    shared: &Shared<S>,
    caller: Caller,
    place: Where,
    span: Span,
    n: usize,
) -> Result<Vec<Shown>, Problem> {
    let look_up = move |reader: &Reader| {
        let look = match reader.look(caller.user, &place, Act::Read)? {
            Ok(look) => look,
            // Two who have said nothing to each other yet have said nothing.
            Err(Refusal::NoSuchRoom) if is_somebody(reader, &place)? => return Ok(Ok(Vec::new())),
            Err(refusal) => return Ok(Err(refusal)),
        };
        let upto = reader.position()?;
        let sight = reader.sight(caller.user, SessionId(0), upto)?;
        let told = reader.history(look.id, span, n, upto, &sight)?;
        Ok(Ok(shown(reader, caller.user, look.id, told)?))
    };
    read(shared, move |reader| reader.at_once(look_up)).await?.map_err(Problem::from)
}

fn is_somebody(reader: &Reader, place: &Where) -> Result<bool, Fault> {
    match place {
        Where::With(name) => Ok(reader.holder(name)?.is_some()),
        Where::Id(_) | Where::Name(_) => Ok(false),
    }
}

/// One message as it stands now.
async fn one<S: Sequencer>(
    shared: &Shared<S>,
    caller: Caller,
    room: Where,
    seq: Seq,
) -> Result<Shown, Problem> {
    let found = page(shared, caller, room, Span::After(Seq(seq.0.saturating_sub(1))), 1).await?;
    found.into_iter().find(|one| one.told.seq == seq).ok_or_else(|| Refusal::NoSuchMessage.into())
}

/// One message.
#[utoipa::path(get, path = "/rooms/{room}/messages/{seq}", responses((status = 200, body = MessageView)))]
pub(super) async fn show<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    Looks(caller): Looks,
    At((room, seq)): At<(String, u64)>,
) -> Result<Reply<Shown>, Problem> {
    Ok(Reply::ok(one(&shared, caller, place(&room)?, number(seq)).await?))
}

/// The sender's own id for what is said, where the request carries one.
pub(super) fn client_id(headers: &HeaderMap) -> Result<Option<ClientId>, Problem> {
    let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
    let key = key.to_str().ok().and_then(|key| key.trim_matches('"').parse().ok());
    key.map(Some).ok_or_else(|| Problem::bad_request("An Idempotency-Key is a UUID"))
}

fn body(text: &str) -> Result<chatroom_model::Body, Problem> {
    chatroom_model::Body::parse(&lines(text)).map_err(|why| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad-text", format!("That is no message: {why}"))
    })
}

/// Says something.
#[utoipa::path(post, path = "/rooms/{room}/messages", request_body = Saying,
    params(("Idempotency-Key" = Option<String>, Header, format = "uuid", description = "A retry by the same one is the same message")),
    responses((status = 201, body = MessageView), (status = 200, body = MessageView, description = "It was said before")))]
pub(super) async fn say<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
    headers: HeaderMap,
    Body(saying): Body<Saying>,
) -> Result<Response, Problem> {
    let (room, body, client_id) = (place(&room)?, body(&saying.text)?, client_id(&headers)?);
    let how = match saying.kind.as_deref() {
        None | Some("said") => How::Said,
        Some("action") => How::Action,
        Some("notice") => How::Notice,
        Some(_) => return Err(Problem::bad_request("A message is said, an action, or a notice")),
    };
    admit(&shared, caller.limits(), &[Kind::Message])?;
    if let Some(other) = shared.stranger(caller.user, &room).await {
        admit(&shared, caller.limits(), &[Kind::NewPerson])?;
        shared.limits.have_met(caller.user, other);
    }
    let reply = saying.reply.map(|reply| number(reply.0));
    let said = |call| {
        let said = Say::new(caller.doer(call), room, body);
        Request::Say(Say { how, reply, client_id, ..said })
    };
    let answer = ask(&shared, said).await?;
    match answer.what {
        What::Said(said) => {
            let shown = Shown::new(*said).ok_or_else(Problem::unreadable)?;
            Ok(Reply(StatusCode::CREATED, shown).into_response())
        }
        What::Again(stored) => match stored.event {
            Event::Message { room, seq, .. } => {
                Ok(Reply(StatusCode::OK, said_there(&shared, caller, room, seq).await?).into_response())
            }
            _ => Err(Refusal::AlreadyStored(stored.position).into()),
        },
        _ => Err(Problem::unreadable()),
    }
}

/// What was said before, as it stands now: whoever said it is shown it, also where they may not read.
async fn said_there<S: Sequencer>(
    shared: &Shared<S>,
    caller: Caller,
    room: RoomId,
    seq: Seq,
) -> Result<Shown, Problem> {
    let found = read(shared, move |reader| {
        let upto = reader.position()?;
        let sight = reader.sight(caller.user, SessionId(0), upto)?;
        let told = reader.history(room, Span::After(Seq(seq.0 - 1)), 1, upto, &sight)?;
        shown(reader, caller.user, room, told)
    });
    let own = |one: &Shown| {
        let author = matches!(one.told.record.event, Event::Message { author, .. } if author == caller.user);
        one.told.seq == seq && author
    };
    found.await?.into_iter().find(own).ok_or_else(|| Refusal::NoSuchMessage.into())
}

/// Gives a message other words.
#[utoipa::path(patch, path = "/rooms/{room}/messages/{seq}", request_body = Words,
    responses((status = 200, body = MessageView)))]
pub(super) async fn edit<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, seq)): At<(String, u64)>,
    headers: HeaderMap,
    Body(Words { text }): Body<Words>,
) -> Result<Reply<Shown>, Problem> {
    let (room, body, client_id) = (place(&room)?, body(&text)?, client_id(&headers)?);
    let (seq, body) = (number(seq), body.as_str().to_owned());
    match act(&shared, &caller, Deed::Edit { room: room.clone(), seq, body, client_id }).await {
        Err(problem) if problem.is("already-so") => {}
        done => drop(done?),
    }
    Ok(Reply::ok(one(&shared, caller, room, seq).await?))
}

/// Takes a message back.
#[utoipa::path(delete, path = "/rooms/{room}/messages/{seq}", params(Why), responses((status = 204)))]
pub(super) async fn redact<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, seq)): At<(String, u64)>,
    Asks(Why { reason }): Asks<Why>,
) -> Result<StatusCode, Problem> {
    act(&shared, &caller, Deed::Redact { room: place(&room)?, seq: number(seq), reason: line(&reason) })
        .await?;
    Ok(DONE)
}

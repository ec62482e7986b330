//! Messages: what was said, saying something, and what becomes of it.

use super::order::Why;
use super::path::{Asks, At, line, lines, place, word};
use super::people::Authors;
use super::reply::{Body, DONE, Reply};
use super::rooms::readable;
use super::{Caller, State, act, admit, ask, read};
use crate::batch::{Said, What};
use crate::limits::Kind;
use crate::sequencer::Sequencer;
use crate::shard::Shared;
use crate::web::problem::Problem;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chatroom_model::{
    Act, ClientId, Deed, Event, How, Millis, Refusal, Request, RoomId, Say, Seq, SessionId, UserId, Where,
};
use chatroom_store::{Fault, Look, Reader, Span, Told};
use chatroom_wire::json::{Message, Now, Reaction, Typing};
use serde::{Deserialize, Serialize, Serializer};

/// Messages a page has where no number is given, and at most.
const PAGE: (usize, usize) = (50, 100);

#[derive(Deserialize)]
pub(super) struct Which {
    before: Option<u64>,
    after: Option<u64>,
    around: Option<u64>,
    limit: Option<usize>,
}

#[derive(Serialize)]
pub(super) struct Page {
    messages: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct Pins {
    messages: Vec<Shown>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saying {
    text: String,
    reply: Option<u64>,
    kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Upto {
    seq: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypingState {
    state: String,
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
        let told = Told { record, seq, edited: None, reactions: Vec::new() };
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

/// A page of a room's messages, in order.
pub(super) async fn list<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
    Asks(which): Asks<Which>,
) -> Result<Reply<Page>, Problem> {
    caller.may_read()?;
    admit(&shared, caller.limits(), &[Kind::Read])?;
    let n = which.limit.unwrap_or(PAGE.0);
    if n == 0 || n > PAGE.1 {
        return Err(Problem::bad_request("A page has 1 to 100 messages"));
    }
    let span = match (which.before, which.after, which.around) {
        (None, None, None) => Span::Last,
        (Some(seq), None, None) => Span::Before(Seq(seq.min(MOST))),
        (None, Some(seq), None) => Span::After(Seq(seq.min(MOST))),
        (None, None, Some(seq)) => Span::Around(Seq(seq.min(MOST))),
        _ => return Err(Problem::bad_request("One of before, after and around")),
    };
    let messages = page(&shared, caller, place(&room)?, span, n).await?;
    let (first, last) = (messages.first(), messages.last());
    let (first, last) = (first.map(|one| one.told.seq.0), last.map(|one| one.told.seq.0));
    Ok(Reply::ok(Page { messages, first, last }))
}

/// The last number there can be; what is beyond is nothing.
const MOST: u64 = (1 << 53) - 1;

async fn page<S: Sequencer>(
    shared: &Shared<S>,
    caller: Caller,
    place: Where,
    span: Span,
    n: usize,
) -> Result<Vec<Shown>, Problem> {
    let found = read(shared, move |reader| {
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
    });
    Ok(found.await??)
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
    let found = page(shared, caller, room, Span::After(Seq(seq.0.min(MOST).saturating_sub(1))), 1).await?;
    found.into_iter().find(|one| one.told.seq == seq).ok_or_else(|| Refusal::NoSuchMessage.into())
}

/// One message.
pub(super) async fn show<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, seq)): At<(String, u64)>,
) -> Result<Reply<Shown>, Problem> {
    caller.may_read()?;
    admit(&shared, caller.limits(), &[Kind::Read])?;
    Ok(Reply::ok(one(&shared, caller, place(&room)?, Seq(seq)).await?))
}

/// The sender's own id for what is said, where the request carries one.
fn client_id(headers: &HeaderMap) -> Result<Option<ClientId>, Problem> {
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
    let reply = saying.reply.map(Seq);
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
pub(super) async fn edit<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, seq)): At<(String, u64)>,
    headers: HeaderMap,
    Body(Words { text }): Body<Words>,
) -> Result<Reply<Shown>, Problem> {
    let (room, body, client_id) = (place(&room)?, body(&text)?, client_id(&headers)?);
    let (seq, body) = (Seq(seq), body.as_str().to_owned());
    match act(&shared, &caller, Deed::Edit { room: room.clone(), seq, body, client_id }).await {
        Err(problem) if problem.is("already-so") => {}
        done => drop(done?),
    }
    Ok(Reply::ok(one(&shared, caller, room, seq).await?))
}

/// Takes a message back.
pub(super) async fn redact<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, seq)): At<(String, u64)>,
    Asks(Why { reason }): Asks<Why>,
) -> Result<StatusCode, Problem> {
    act(&shared, &caller, Deed::Redact { room: place(&room)?, seq: Seq(seq), reason: line(&reason) }).await?;
    Ok(DONE)
}

/// Does what may be so already.
async fn make_so<S: Sequencer>(
    shared: &Shared<S>,
    caller: Caller,
    deed: Deed,
) -> Result<StatusCode, Problem> {
    match act(shared, &caller, deed).await {
        Err(problem) if problem.is("already-so") => Ok(DONE),
        done => done.map(|_| DONE),
    }
}

/// Reacts to a message.
pub(super) async fn react<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, seq, emoji)): At<(String, u64, String)>,
) -> Result<StatusCode, Problem> {
    let (room, seq, emoji) = (place(&room)?, Seq(seq), line(&emoji));
    make_so(&shared, caller, Deed::React { room, seq, emoji, on: true }).await
}

/// Takes a reaction back.
pub(super) async fn unreact<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, seq, emoji)): At<(String, u64, String)>,
) -> Result<StatusCode, Problem> {
    let (room, seq, emoji) = (place(&room)?, Seq(seq), line(&emoji));
    make_so(&shared, caller, Deed::React { room, seq, emoji, on: false }).await
}

/// Puts a message up.
pub(super) async fn pin<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, seq)): At<(String, u64)>,
) -> Result<StatusCode, Problem> {
    make_so(&shared, caller, Deed::Pin { room: place(&room)?, seq: Seq(seq), on: true }).await
}

/// Takes a message down.
pub(super) async fn unpin<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At((room, seq)): At<(String, u64)>,
) -> Result<StatusCode, Problem> {
    make_so(&shared, caller, Deed::Pin { room: place(&room)?, seq: Seq(seq), on: false }).await
}

/// What is up in a room.
pub(super) async fn pins<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
) -> Result<Reply<Pins>, Problem> {
    caller.may_read()?;
    admit(&shared, caller.limits(), &[Kind::Read])?;
    let place = place(&room)?;
    let found = read(&shared, move |reader| {
        let look: Look = match reader.look(caller.user, &place, Act::Read)? {
            Ok(look) => look,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let upto = reader.position()?;
        let sight = reader.sight(caller.user, SessionId(0), upto)?;
        let pinned = reader.pinned(&look, upto, &sight)?;
        Ok(Ok(shown(reader, caller.user, look.id, pinned)?))
    });
    Ok(Reply::ok(Pins { messages: found.await?? }))
}

/// Marks a room as read up to a message.
pub(super) async fn read_up_to<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
    Body(Upto { seq }): Body<Upto>,
) -> Result<StatusCode, Problem> {
    let room = readable(&shared, caller, place(&room)?).await?;
    let seq = Seq(seq.min(MOST));
    // The time of it, for programs that mark by time (IRC).
    let at: Option<Millis> = read(&shared, move |reader| reader.message_time(room, seq)).await?;
    make_so(&shared, caller, Deed::Read { room: Where::Id(room), seq, at }).await
}

/// Tells those in a room that somebody is typing; kept nowhere.
pub(super) async fn typing<S: Sequencer>(
    axum::extract::State(shared): State<S>,
    caller: Caller,
    At(room): At<String>,
    Body(TypingState { state }): Body<TypingState>,
) -> Result<StatusCode, Problem> {
    let state = word(&state, "state: active, paused or done", Typing::read)?;
    admit(&shared, caller.limits(), &[Kind::Signal])?;
    super::people::types(&shared, caller, place(&room)?, state).await?;
    Ok(DONE)
}

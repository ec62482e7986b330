//! The one task that sends: follows the log for all hooks, and has a bounded number of deliveries under way. What each has come to
//! is noted before the next of the same hook begins.

use super::lines::{Done, Job, Lines, Task};
use super::post::Letter;
use super::{note, nothing, told, wrapped};
use crate::batch::What;
use crate::sequencer::Sequencer;
use crate::shard::Shared;
use crate::web::Authors;
use axum::http::StatusCode;
use chatroom_model::{
    Deed, Ending, Event, Fact, Hook, HookId, Position, Record, Refusal, RoomId, Seq, UserId, Where,
};
use chatroom_store::{Cursor, Delivery, Due, Fault, Reader, Standing, ToSend};
use chatroom_wire::json;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tracing::{info, warn};

/// Deliveries under way at once; past this the next waits for one to end, which takes no longer than a try may.
const AT_ONCE: usize = 128;
const _: () = assert!(super::lines::SLOW_AT_ONCE < AT_ONCE, "places are left for those who are quick");
/// After a failure of the disk.
const AGAIN: Duration = Duration::from_secs(5);

/// What the task has.
struct Work<S> {
    shared: Arc<Shared<S>>,
    lines: Lines,
    jobs: JoinSet<(HookId, Done)>,
}

/// Runs until the server stops; what is under way then is sent again by the next run.
pub(crate) async fn run<S: Sequencer>(shared: Arc<Shared<S>>) {
    let mut work = Work { shared: Arc::clone(&shared), lines: Lines::default(), jobs: JoinSet::new() };
    while !shared.stop.is_cancelled() {
        let mut next = None;
        if let Err(fault) = work.follow().await {
            warn!(%fault, "the log cannot be read for webhooks");
            next = Some(Instant::now() + AGAIN);
        }
        work.start();
        next = [next, work.lines.due()].into_iter().flatten().min();
        tokio::select! {
            () = shared.hooks.ring.notified() => {}
            Some(done) = work.jobs.join_next() => work.done(done),
            () = until(next) => {}
            () = shared.stop.cancelled() => {}
        }
    }
    // Each of them hears of the stop itself, and notes what it knows by then.
    while work.jobs.join_next().await.is_some() {}
}

async fn until(next: Option<Instant>) {
    match next {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

impl<S: Sequencer> Work<S> {
    /// Reads on in the log, as far as it is published.
    async fn follow(&mut self) -> Result<(), Fault> {
        let published = Position(self.shared.published.load(Ordering::Acquire));
        if self.lines.is_empty() {
            // Whatever was said while there was no hook is for none: nothing of it need be read.
            self.reload().await?;
        }
        while !self.lines.is_empty() && self.lines.read < Cursor::after(published) {
            let after = self.lines.read;
            let seen = self.shared.reads.read(move |reader| reader.due(after, published)).await?;
            // A new hook is known before what follows it is passed on.
            if seen.due.contains(&Due::Hooks) {
                self.reload().await?;
            }
            self.lines.pass(&seen);
            if self.shared.stop.is_cancelled() {
                break;
            }
        }
        Ok(())
    }

    /// Looks again which hooks there are.
    async fn reload(&mut self) -> Result<(), Fault> {
        let all = self.shared.reads.read(Reader::all_hooks).await?;
        let live: HashSet<HookId> = all.iter().filter(|(.., ended)| !ended).map(|(_, id, _)| *id).collect();
        self.lines.retain(|hook| live.contains(&hook));
        let new: Vec<_> = all
            .iter()
            .filter(|(_, id, ended)| !ended && !self.lines.has(*id))
            .map(|(room, id, _)| (*room, *id))
            .collect();
        let (hooks, asked) = (Arc::clone(&self.shared.hooks), new.clone());
        let known: HashSet<HookId> = all.iter().map(|(_, id, _)| *id).collect();
        let standings = tokio::task::spawn_blocking(move || {
            hooks.deliveries(|file| {
                file.keep(&known)?;
                asked.iter().map(|(_, hook)| file.standing(*hook)).collect::<Result<Vec<_>, _>>()
            })
        });
        let standings = standings.await.map_err(|_| Fault::Disk("a read was given up".into()))??;
        for ((room, hook), standing) in new.into_iter().zip(standings) {
            self.lines.add(room, hook, standing);
        }
        Ok(())
    }

    /// Begins whatever can be done now.
    fn start(&mut self) {
        while self.jobs.len() < AT_ONCE
            && let Some(job) = self.lines.next(Instant::now(), self.shared.settings.web.hooks.lag)
        {
            let shared = Arc::clone(&self.shared);
            self.jobs.spawn(async move { (job.hook, Box::pin(work(&shared, job)).await) });
        }
    }

    fn done(&mut self, done: Result<(HookId, Done), tokio::task::JoinError>) {
        // One that panicked has lost its turn; its hook goes on with the next run.
        if let Ok((hook, done)) = done {
            self.lines.done(hook, done, Instant::now());
        }
    }
}

async fn work<S: Sequencer>(shared: &Arc<Shared<S>>, job: Job) -> Done {
    let standing = job.standing;
    let done = match job.task.clone() {
        Task::Send(at) => send(shared, &job, at).await,
        Task::Read(after, upto) => read_on(shared, job.room, after, upto).await,
        Task::Skip { lags, number } => skip(shared, &job, lags, number).await,
    };
    done.unwrap_or_else(|fault| {
        warn!(%fault, hook = job.hook.0, "a webhook waits for the disk");
        Done::Later(standing, AGAIN)
    })
}

/// Finds what follows in one room.
async fn read_on<S: Sequencer>(
    shared: &Arc<Shared<S>>,
    room: RoomId,
    after: Cursor,
    upto: Cursor,
) -> Result<Done, Fault> {
    let seen = shared.reads.read(move |reader| reader.due(after, upto.settled())).await?;
    let places = seen.due.iter().filter_map(|due| match due {
        Due::Said(of, at) if *of == room => Some(*at),
        Due::Said(..) | Due::Gone(..) | Due::Hooks => None,
    });
    let mut places: Vec<Cursor> = places.take(super::lines::QUEUE_MAX + 1).collect();
    // The rest is read when these are done.
    if places.len() > super::lines::QUEUE_MAX {
        places.pop();
        let last = places.last().copied().unwrap_or(after);
        return Ok(Done::Read(places, last));
    }
    Ok(Done::Read(places, seen.cursor))
}

/// Leaves something out, and says so.
async fn skip<S: Sequencer>(
    shared: &Arc<Shared<S>>,
    job: &Job,
    lags: bool,
    number: usize,
) -> Result<Done, Fault> {
    let (room, mut standing, keep) = (job.room, job.standing, shared.settings.web.hooks.lag / 2);
    let mut waiting = None;
    let why = match lags {
        false => format!("{number} events are left out: they are no longer kept"),
        true => {
            let after = shared.reads.read(move |reader| reader.last_but(room, keep)).await?;
            standing = Standing {
                acked: after.unwrap_or(standing.acked).max(standing.acked),
                ..Standing::default()
            };
            waiting = Some(keep);
            format!("some {} events are left out: too many waited", number.saturating_sub(keep))
        }
    };
    warn!(hook = job.hook.0, number, "a webhook leaves something out");
    shared.metrics.hook("skipped");
    let about = Delivery { time: crate::now(), event: "skipped".into(), error: Some(why), ..nothing() };
    note(shared, job.hook, Some(standing), about).await;
    Ok(Done::Skipped(standing, waiting))
}

/// Sends what stands at a place, and notes what came of it.
async fn send<S: Sequencer>(shared: &Arc<Shared<S>>, job: &Job, at: Cursor) -> Result<Done, Fault> {
    let (room, hook, before) = (job.room, job.hook, job.standing);
    // Read anew for each try: what was taken back meanwhile is not sent.
    let found = shared.reads.read(move |reader| {
        let (found, of) = reader.to_send(room, hook, at)?;
        let text = match &found {
            ToSend::Event(record) => event(reader, record)?,
            ToSend::Nothing | ToSend::Over => String::new(),
        };
        Ok((found, of, text))
    });
    let (found, of, text) = found.await?;
    let taken = Standing { acked: at, ..Standing::default() };
    let (record, of): (Box<Record>, Hook) = match (found, of) {
        (ToSend::Over, _) | (_, None) => return Ok(Done::Over),
        (ToSend::Nothing, _) => {
            let why = Some("it is no longer kept, or hidden".to_owned());
            let about = Delivery { time: crate::now(), event: "skipped".into(), error: why, ..nothing() };
            note(shared, hook, Some(taken), about).await;
            return Ok(Done::Next(taken));
        }
        (ToSend::Event(record), Some(of)) => (record, of),
    };
    let (word, seq) = about(&record);
    let set = &shared.settings.web.hooks;
    let id = format!("msg_{hook}_{}_{}", record.position, record.part);
    let now = crate::now();
    let letter = Letter { id, at: now, body: wrapped(room, hook, &text), secret: of.secret };
    let began = Instant::now();
    let answer = tokio::select! {
        answer = shared.hooks.poster.post(&of.url, &set.to, &letter, set.within) => answer,
        // Whether it was taken is not known: the next run asks.
        () = shared.stop.cancelled() => return Ok(Done::Later(before, AGAIN)),
    };
    let attempt = before.tries.saturating_add(1);
    let about = Delivery { time: now, event: word.into(), seq, attempt, ..nothing() };
    let delivery = told(about, &answer, began);
    let (standing, ending, result) = match answer {
        Ok(status) if status.is_success() => (taken, None, "delivered"),
        Ok(StatusCode::GONE) => (before, Some(Ending::Gone), "gone"),
        Ok(_) | Err(_) => {
            let failing = before.failing.or(Some(now));
            let standing = Standing { acked: before.acked, failing, tries: attempt };
            (standing, (attempt >= set.tries).then_some(Ending::Failed), "failed")
        }
    };
    shared.metrics.hook(result);
    note(shared, hook, Some(standing), delivery).await;
    if let Some(why) = ending {
        return Ok(end(shared, room, hook, why).await.unwrap_or(Done::Later(standing, AGAIN)));
    }
    if standing == taken {
        return Ok(Done::Next(standing));
    }
    Ok(Done::Later(standing, set.wait(attempt, rand::random_range(0.0..1.0))))
}

/// Ends a hook in the one order, where everybody who keeps the room finds it; nothing where that cannot be stored now.
async fn end<S: Sequencer>(shared: &Arc<Shared<S>>, room: RoomId, hook: HookId, why: Ending) -> Option<Done> {
    let deed = Deed::EndHook { room: Where::Id(room), hook, why };
    let asked = tokio::select! {
        asked = shared.calls.act(&*shared.sequencer, deed) => asked.ok()?,
        () = shared.stop.cancelled() => return None,
    };
    match asked {
        What::Done { .. } => {
            info!(hook = hook.0, room = room.0, why = why.word(), "a webhook has ended");
            shared.metrics.hook("ended");
            Some(Done::Over)
        }
        What::Refused(Refusal::AlreadySo | Refusal::NoSuchHook | Refusal::NoSuchRoom) => Some(Done::Over),
        What::Refused(_)
        | What::Again(_)
        | What::Said { .. }
        | What::NotStored(_)
        | What::NotConfirmed(_) => None,
    }
}

/// An event as the stream tells it.
fn event(reader: &Reader, record: &Record) -> Result<String, Fault> {
    let who = match &record.event {
        Event::Message { author, .. } => Some(*author),
        Event::Fact(Fact::Edited { author, .. }) => Some(*author),
        Event::Fact(Fact::Redacted { by, .. }) => Some(by.user),
        _ => None,
    };
    let authors = Authors::read(reader, who.into_iter())?;
    let mut text = String::new();
    json::event(&mut text, record, UserId(0), &authors);
    Ok(text)
}

/// The word for an event, and which message it is about.
fn about(record: &Record) -> (&'static str, Option<Seq>) {
    match &record.event {
        Event::Message { seq, .. } => ("message", Some(*seq)),
        Event::Fact(Fact::Edited { seq, .. }) => ("edited", Some(*seq)),
        Event::Fact(Fact::Redacted { seq, .. }) => ("redacted", Some(*seq)),
        _ => ("event", None),
    }
}

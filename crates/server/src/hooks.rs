//! Hooks: what is said in rooms, sent to addresses outside. Each goes on from where its receiver was, at its own speed; what was
//! not taken is tried again, so that nothing is lost and something may come twice. Decides no right.

mod authorities;
mod guard;
mod lines;
mod post;
mod run;

pub use authorities::Authorities;
pub(crate) use guard::Target;
pub(crate) use run::run;

use crate::limits::Range;
use crate::shard::Shared;
use chatroom_model::{Event, Fact, Hook, HookId, HookSecret, Record, State};
use chatroom_store::{Deliveries, Delivery, Fault, Standing};
use post::{Letter, NoAnswer, Poster};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore};

/// Pings that are on their way at once; past this somebody is told to come again.
const PINGS: usize = 8;
/// Positions whoever sends may stay behind while others talk: so much it reads through before what a quiet room says is sent.
const BEHIND_MAX: u64 = 16 * 1024;

/// What can be set about hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Networks that are no public ones and may be sent to all the same.
    pub to: Vec<Range>,
    /// Whose certificates are good besides those of Mozilla's list.
    pub authorities: Authorities,
    /// How long the first failure is waited out; each further one twice as long …
    pub first: Duration,
    /// … but no longer than this; up to a quarter less or more.
    pub most: Duration,
    /// How often one event is tried; a hook that has failed so often ends.
    pub tries: u32,
    /// How long one try may take.
    pub within: Duration,
    /// Events one hook may have waiting; past this the older half is left out.
    pub lag: usize,
}

impl Default for Settings {
    /// About a day of trying.
    fn default() -> Self {
        Self {
            to: Vec::new(),
            authorities: Authorities::default(),
            first: Duration::from_secs(5),
            most: Duration::from_secs(60 * 60),
            tries: 34,
            within: Duration::from_secs(10),
            lag: 10_000,
        }
    }
}

impl Settings {
    /// How long is waited after so many failures; `spread` is from 0 to 1.
    fn wait(&self, failures: u32, spread: f64) -> Duration {
        let doubled = self.first.saturating_mul(1 << failures.saturating_sub(1).min(20));
        doubled.min(self.most).mul_f64(0.75 + spread / 2.0)
    }
}

/// What the task that sends shares with those who ask.
pub(crate) struct Hooks {
    /// Rings when there may be something to send.
    ring: Notify,
    /// The position at which it was rung last.
    rung: AtomicU64,
    // Protects the file of deliveries; held for one read or one small transaction, on threads that may wait. None where it
    // cannot be opened: then nothing is sent.
    deliveries: Mutex<Option<Deliveries>>,
    pings: Semaphore,
    poster: Poster,
}

/// What became of a ping.
pub(crate) struct Pinged {
    pub(crate) delivery: Delivery,
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hooks")
    }
}

impl Hooks {
    pub(crate) fn new(deliveries: Option<Deliveries>, own: &Authorities) -> Self {
        let (ring, pings) = (Notify::new(), Semaphore::new(PINGS));
        Self {
            ring,
            rung: AtomicU64::new(0),
            deliveries: Mutex::new(deliveries),
            pings,
            poster: Poster::new(own),
        }
    }

    /// Some events were stored: those that concern hooks wake whoever sends. What is said in rooms without any wakes nobody.
    pub(crate) fn stored(&self, records: &[Record], state: &State) {
        if state.hooks().next().is_none() && !records.iter().any(|record| is_of_hooks(&record.event)) {
            return;
        }
        let hooked = |room| state.hooks_of(room).next().is_some();
        let concerns = |record: &Record| match &record.event {
            Event::Message { room, .. } => hooked(*room),
            Event::Fact(Fact::Edited { at, .. } | Fact::Redacted { at, .. }) => hooked(at.room),
            event => is_of_hooks(event),
        };
        let last = records.last().map_or(0, |record| record.position.0);
        let behind = last.saturating_sub(self.rung.load(Ordering::Relaxed)) > BEHIND_MAX;
        if behind || records.iter().any(concerns) {
            self.rung.store(last, Ordering::Relaxed);
            self.ring.notify_one();
        }
    }

    /// Reads or notes deliveries; may wait for the disk.
    fn deliveries<T>(&self, ask: impl FnOnce(&mut Deliveries) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut deliveries = self.deliveries.lock().expect("nobody panics while noting a delivery");
        match &mut *deliveries {
            Some(deliveries) => ask(deliveries),
            None => Err(Fault::Disk("the file of deliveries is not open".into())),
        }
    }

    /// Since when and how each of some hooks stands; may wait for the disk.
    pub(crate) fn standings(&self, hooks: &[HookId]) -> Result<HashMap<HookId, Standing>, Fault> {
        self.deliveries(|file| hooks.iter().map(|hook| Ok((*hook, file.standing(*hook)?))).collect())
    }

    /// The last deliveries of a hook, the last first; may wait for the disk.
    pub(crate) fn last(&self, hook: HookId) -> Result<Vec<Delivery>, Fault> {
        self.deliveries(|file| file.last(hook))
    }
}

/// A secret as whoever receives is told it, once.
pub(crate) fn shown(secret: &HookSecret) -> String {
    post::shown(secret)
}

/// Sends something that is no event, and notes what became of it; nothing where too many do at the moment.
pub(crate) async fn ping<S: Send + Sync + 'static>(
    shared: &Arc<Shared<S>>,
    room: chatroom_model::RoomId,
    hook: HookId,
    of: Hook,
) -> Option<Pinged> {
    let _one = shared.hooks.pings.try_acquire().ok()?;
    let at = crate::now();
    let event = format!(r#"{{"type":"event","event":"ping","time":{}}}"#, at.0);
    let id = format!("msg_{hook}_ping_{}", at.0);
    let letter = Letter { id, at, body: wrapped(room, hook, &event), secret: of.secret };
    let began = Instant::now();
    let set = &shared.settings.web.hooks;
    let answer = shared.hooks.poster.post(&of.url, &set.to, &letter, set.within).await;
    let about = Delivery { time: at, event: "ping".into(), seq: None, attempt: 1, ..nothing() };
    let delivery = told(about, &answer, began);
    shared.metrics.hook("ping");
    note(shared, hook, None, delivery.clone()).await;
    Some(Pinged { delivery })
}

/// Whether there may be other hooks after an event.
fn is_of_hooks(event: &Event) -> bool {
    matches!(event, Event::Fact(Fact::HookAdded { .. } | Fact::HookEnded { .. } | Fact::RoomDeleted { .. }))
}

/// What is sent: an event as the stream has it, and of which hook.
fn wrapped(room: chatroom_model::RoomId, hook: HookId, event: &str) -> String {
    format!(r#"{{"hook":{hook},"room":{room},"event":{event}}}"#)
}

fn nothing() -> Delivery {
    Delivery {
        time: chatroom_model::Millis(0),
        event: String::new(),
        seq: None,
        attempt: 0,
        status: None,
        error: None,
        took: 0,
    }
}

/// A delivery with what came of it.
fn told(of: Delivery, answer: &Result<axum::http::StatusCode, NoAnswer>, began: Instant) -> Delivery {
    let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = answer.as_ref().ok().map(|status| status.as_u16());
    Delivery { status, error: answer.as_ref().err().map(ToString::to_string), took, ..of }
}

/// Notes a delivery. What cannot be noted is sent again after a restart, which is what receivers are told may be.
async fn note<S: Send + Sync + 'static>(
    shared: &Arc<Shared<S>>,
    hook: HookId,
    standing: Option<Standing>,
    delivery: Delivery,
) {
    let hooks = Arc::clone(&shared.hooks);
    let noted =
        tokio::task::spawn_blocking(move || hooks.deliveries(|file| file.note(hook, standing, &delivery)));
    if let Ok(Err(fault)) = noted.await {
        tracing::warn!(%fault, hook = hook.0, "a delivery could not be noted");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_tried_for_about_a_day_ever_more_seldom() {
        let set = Settings::default();
        assert_eq!(set.wait(1, 0.5), Duration::from_secs(5));
        assert_eq!(set.wait(4, 0.5), Duration::from_secs(40));
        assert_eq!(set.wait(30, 0.5), set.most);
        assert_eq!(set.wait(u32::MAX, 1.0), set.most.mul_f64(1.25));
        assert_eq!(set.wait(1, 0.0), Duration::from_secs(5).mul_f64(0.75));
        let all: Duration = (1..set.tries).map(|failures| set.wait(failures, 0.5)).sum();
        let day = Duration::from_secs(24 * 60 * 60);
        assert!(all > day.mul_f64(0.95) && all < day.mul_f64(1.05), "{all:?}");
    }
}

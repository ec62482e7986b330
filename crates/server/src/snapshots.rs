//! Takes snapshots now and then, while something new is there. Knows nothing of who wrote it.

use chatroom_store::{Fault, Folder, Keep, list, prune, take};
use std::time::{Duration, Instant, SystemTime};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

/// Takes one at each interval until the server stops.
pub(crate) async fn periodically(folder: Folder, every: Duration, keep: Keep, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = stop.cancelled() => return,
        }
        let (folder, stop) = (folder.clone(), stop.clone());
        let _ = tokio::task::spawn_blocking(move || one(&folder, keep, || !stop.is_cancelled())).await;
    }
}

/// Takes one at the end, unless it would take longer than there is time.
pub(crate) fn at_the_end(folder: &Folder, keep: Keep, within: Duration) {
    let until = Instant::now() + within;
    one(folder, keep, || Instant::now() < until);
}

fn one(folder: &Folder, keep: Keep, go_on: impl Fn() -> bool) {
    match if_new(folder, keep, go_on) {
        Ok(Some(position)) => info!(position, "snapshot taken"),
        Ok(None) => {}
        Err(fault) => error!(%fault, "no snapshot could be taken"),
    }
}

fn if_new(folder: &Folder, keep: Keep, go_on: impl Fn() -> bool) -> Result<Option<u64>, Fault> {
    let position = chatroom_store::Reader::open(folder)?.position()?.0;
    if list(folder)?.last().is_some_and(|newest| newest.position >= position) {
        return Ok(None);
    }
    let taken = take(folder, |_, _| go_on())?;
    prune(folder, keep, SystemTime::now())?;
    Ok(taken.map(|snapshot| snapshot.position))
}

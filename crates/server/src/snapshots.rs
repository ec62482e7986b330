//! Takes snapshots now and then, while something new is there. Knows nothing of who wrote it.

use chatroom_store::{Fault, Folder, Keep, Reader, list, prune, take, verify};
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
        let _ = tokio::task::spawn_blocking(move || {
            if one(&folder, || !stop.is_cancelled()) {
                drop_old(&folder, keep);
            }
        })
        .await;
    }
}

/// Takes one at the end, unless it would take longer than there is time.
pub(crate) fn at_the_end(folder: &Folder, within: Duration) {
    let until = Instant::now() + within;
    one(folder, || Instant::now() < until);
}

/// Whether a new one was taken.
fn one(folder: &Folder, go_on: impl Fn() -> bool) -> bool {
    match if_new(folder, go_on) {
        Ok(Some(position)) => info!(position, "snapshot taken"),
        Ok(None) => return false,
        Err(fault) => {
            error!(%fault, "no snapshot could be taken");
            return false;
        }
    }
    true
}

/// Removes what need not be kept, once the whole chain of the newest holds: an old copy may be the only good one.
fn drop_old(folder: &Folder, keep: Keep) {
    let checked = list(folder).and_then(|snapshots| match snapshots.last() {
        Some(newest) => verify(&Reader::open_file(&newest.path)?, |_| {}).map(Some),
        None => Ok(None),
    });
    match checked {
        Ok(Some(Ok(_))) => {
            if let Err(fault) = prune(folder, keep, SystemTime::now()) {
                error!(%fault, "old snapshots could not be removed");
            }
        }
        Ok(Some(Err(broken))) => error!(
            position = broken.position.0,
            part = broken.part,
            what = broken.what,
            "the log is damaged: old snapshots are kept"
        ),
        Ok(None) => {}
        Err(fault) => error!(%fault, "the newest snapshot cannot be checked: old ones are kept"),
    }
}

fn if_new(folder: &Folder, go_on: impl Fn() -> bool) -> Result<Option<u64>, Fault> {
    let position = Reader::open(folder)?.position()?.0;
    if list(folder)?.last().is_some_and(|newest| newest.position >= position) {
        return Ok(None);
    }
    let taken = take(folder, |_, _| go_on())?;
    Ok(taken.map(|snapshot| snapshot.position))
}

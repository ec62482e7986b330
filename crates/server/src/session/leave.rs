//! The end of a session: what its client is told, and that the log learns of it. Knows nothing of who is told that it left.

use super::{Door, End, Mail, Session, Side, door, stream};
use crate::drain::LINGER;
use crate::sequencer::Sequencer;
use crate::shard::Shard;
use chatroom_model::{CloseReason, Position, Request};
use chatroom_wire::line::words;
use std::rc::Rc;
use std::time::Duration;

/// Between two tries to have an end recorded that the disk would not take.
const RETRY: Duration = Duration::from_secs(1);

/// Says goodbye, and has the end recorded however long the disk refuses it.
pub(super) async fn leave<S: Sequencer>(shard: &Rc<Shard<S>>, session: Rc<Session>, end: End) {
    if matches!(end, End::Ended | End::Stopping) {
        // What it asked for is on its way to the disk: it still hears what became of it.
        let _ = tokio::time::timeout(LINGER, session.nothing_in_flight()).await;
    }
    shard.leave_live(&session);
    // Asked now, while the kernel still knows the connection.
    let seen = session.settle_given(&mut shard.unacked.borrow_mut(), shard.position.get());
    let farewell = match end {
        End::Quit => Some(words::GOODBYE.to_owned()),
        End::Stopping => Some(words::SHUTTING_DOWN.to_owned()),
        End::Stalled => Some(format!("{}nothing was read for too long", words::CLOSING)),
        End::Closed(reason) => Some(format!("{}{}", words::CLOSING, reason_text(reason))),
        End::Crash | End::Lost | End::Ended | End::Moved | End::Parted => None,
    };
    if let Some(text) = farewell {
        match session.side() {
            Side::Irc(_) => session.tell(format!("ERROR :Closing Link: {text}\r\n")),
            Side::Json(frames) => session.tell(stream::farewell(frames, end, &text)),
            Side::Line => session.tell(text + "\n"),
        }
    }
    let lingers = matches!(end, End::Quit | End::Ended | End::Stopping | End::Parted | End::Closed(_));
    if !lingers {
        let _ = socket2::SockRef::from(&session.socket).shutdown(std::net::Shutdown::Both);
    }
    let reason = match end {
        End::Quit | End::Moved | End::Parted => CloseReason::Quit,
        End::Crash | End::Lost | End::Ended => CloseReason::Lost,
        End::Stalled => CloseReason::Stalled,
        End::Stopping => CloseReason::Server,
        End::Closed(reason) => reason,
    };
    record_end(shard, &session, reason, seen).await;
    if lingers {
        door::finish(&session).await;
    }
    shard.unregister(&session);
}

/// Ends a session whose socket another one goes on with; whether all it had to say is written.
pub(super) async fn hand_over<S: Sequencer>(shard: &Rc<Shard<S>>, session: &Rc<Session>) -> bool {
    shard.leave_live(session);
    let seen = session.settle_given(&mut shard.unacked.borrow_mut(), shard.position.get());
    record_end(shard, session, CloseReason::Quit, seen).await;
    let written = tokio::time::timeout(LINGER, session.all_written()).await;
    shard.unregister(session);
    written.unwrap_or(false)
}

/// Hands in a session's end until it is recorded, or was never begun.
pub(super) async fn record_end<S: Sequencer>(
    shard: &Shard<S>,
    session: &Session,
    reason: CloseReason,
    seen: Position,
) {
    while !matches!(session.end.get(), Some(End::Closed(_))) {
        session.mail.take();
        let why = session.farewell();
        let close = Request::Close { session: session.id, reason, seen, why };
        if shard.shared.sequencer.submit(close).await.is_err() {
            break;
        }
        match session.wait_mail_or_end().await {
            Some(Mail::Answer(Door::Failed(_))) => {
                tokio::select! {
                    () = tokio::time::sleep(RETRY) => {}
                    () = shard.shared.stop.cancelled() => break,
                }
            }
            Some(Mail::Answer(Door::Refused(_))) | None => break,
            Some(Mail::Opened { .. }) => {}
        }
    }
}

fn reason_text(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::Quit => "you left",
        CloseReason::Lost => "the connection was lost",
        CloseReason::Superseded => words::ELSEWHERE,
        CloseReason::Stalled => "nothing was read for too long",
        CloseReason::Server => "the server ended this session",
        CloseReason::Banned => "you are banned from this server",
        CloseReason::Password => "your password was changed",
        CloseReason::Killed => "you were put off this server",
        CloseReason::Revoked => "you logged out",
    }
}

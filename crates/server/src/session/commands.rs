//! The commands that only ask: who is there, what was said. Answered from the store, in the original's words.

use super::End;
use super::talk::Talk;
use crate::sequencer::Sequencer;
use chatroom_model::Millis;
use chatroom_store::{Fault, Lobby, Reader, Span, WHO_MAX};
use chatroom_wire::line::id::Hex;
use chatroom_wire::line::input::Input as Asked;
use chatroom_wire::line::{help, render, words};
use chatroom_wire::text;
use std::fmt::Write;
use std::time::Duration;

/// Milliseconds without a line after which somebody is called idle.
const IDLE: i64 = 60 * 1000;

/// Answers a command, after everything asked before it.
pub(super) async fn answer<S: Sequencer>(talk: &mut Talk<'_, S>, asked: Asked<'_>) -> Result<(), End> {
    talk.settled().await?;
    let mut out = String::new();
    match asked {
        Asked::Users => {
            if let Some(lobby) = read(talk, |reader| reader.lobby()).await {
                users(&mut out, &lobby, talk.shard.shared.started.elapsed());
            }
        }
        Asked::History(n) => {
            if let Some(told) = talk.history(Span::Last, n).await {
                let told = told.iter().map(|told| (&told.record, told.edited.as_ref()));
                render::recent(&mut out, told, talk.session.user.get());
            }
        }
        Asked::Stats => {
            let user = talk.session.user.get();
            if let Some((sent, active)) = read(talk, move |reader| reader.activity(user)).await {
                stats(&mut out, sent, talk.session.received.get(), active);
            }
        }
        Asked::Token => {
            let (user, token) = (talk.session.user.get(), Hex(talk.token));
            // Not the name they came by: it may be another one since.
            if let Some(Some(name)) = read(talk, move |reader| reader.name(user)).await {
                let _ = writeln!(out, "Your reconnect token:\n   {}{name}:{token}", words::RECONNECT);
                out.push_str("   Use this to reconnect if you disconnect.\n");
            }
        }
        Asked::Help(topic) => help::help(topic.map(|t| text::clean(t).into_owned()).as_deref(), &mut out),
        Asked::Unknown(word) => {
            let _ = writeln!(out, "{}{}", words::UNKNOWN, text::clean(word));
        }
        Asked::Usage(line) => {
            let _ = writeln!(out, "{line}");
        }
        Asked::SimulateCrash => {
            talk.session.tell("Simulating crash...\n");
            return Err(End::Crash);
        }
        Asked::Quit => return Err(End::Quit),
        Asked::Empty | Asked::Text(_) | Asked::Msg { .. } | Asked::WithId { .. } | Asked::Ask(_) => {}
    }
    if !out.is_empty() {
        talk.session.show(out);
    }
    Ok(())
}

/// Reads from the store, within what one client may read.
pub(super) async fn read<S: Sequencer, T: Send + 'static>(
    talk: &Talk<'_, S>,
    read: impl FnOnce(&Reader) -> Result<T, Fault> + Send + 'static,
) -> Option<T> {
    let _reading = talk.shard.shared.limits.reading();
    match talk.shard.shared.reads.read(read).await {
        Ok(found) => Some(found),
        Err(fault) => {
            tracing::error!(%fault, "a read failed");
            let why = if matches!(fault, Fault::Damaged(_)) {
                "the log is damaged there"
            } else {
                "try again later"
            };
            talk.session.mention(&format!("That cannot be read: {why}."));
            None
        }
    }
}

fn users(out: &mut String, lobby: &Lobby, uptime: Duration) {
    out.push_str("Users online:\n");
    let now = crate::now();
    for person in &lobby.people {
        let idle = if now.0 - person.last_active.0 > IDLE { " (idle)" } else { "" };
        let _ = writeln!(out, "  - {}{idle}", person.name);
    }
    if lobby.online > WHO_MAX {
        let _ = writeln!(out, "  … and {} more", lobby.online - WHO_MAX);
    }
    let _ = writeln!(out, "\nTotal messages: {}\nUptime: {}", lobby.messages, short(uptime));
}

fn stats(out: &mut String, sent: u64, received: u64, active: Millis) {
    let ago = Duration::from_millis(u64::try_from(crate::now().0 - active.0).unwrap_or(0));
    let _ = writeln!(out, "Your Stats:\n  Messages sent: {sent}\n  Messages received: {received}");
    let _ = writeln!(out, "  Last active: {} ago", short(ago));
}

/// A duration as the original writes it: `1h2m3s`.
pub(super) fn short(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds}s"),
        (0, _) => format!("{minutes}m{seconds}s"),
        _ => format!("{hours}h{minutes}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_the_original_does() {
        for (seconds, text) in [(0, "0s"), (59, "59s"), (60, "1m0s"), (3723, "1h2m3s")] {
            assert_eq!(short(Duration::from_secs(seconds)), text);
        }
    }
}

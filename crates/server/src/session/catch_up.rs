//! Reading on from the store: for those who came back and those who fell behind. The same query for both.

use super::talk::Talk;
use super::{End, Speech};
use crate::sequencer::Sequencer;
use bytes::BytesMut;
use chatroom_model::{Event, Position, Record};
use chatroom_store::{Found, Reader};
use chatroom_wire::line::words;

/// What one page may hold: some milliseconds of reading, and one write.
const PAGE: Found = Found { rows: 1024, bytes: 64 * 1024 };
/// Bytes of a page after which it is cut, so that what is taken back before it is begun can be dropped.
const PIECE: usize = 4 * 1024;

impl<S: Sequencer> Talk<'_, S> {
    /// Gives the next page, or goes live when there is none.
    pub(super) async fn catch_up(&mut self) -> Result<(), End> {
        let session = &self.session;
        let upto = self.shard.position.get();
        let cursor = session.cursor.get();
        if cursor >= chatroom_store::Cursor::after(upto) {
            self.missed = false;
            session.written.set(upto);
            self.shard.go_live(session);
            return Ok(());
        }
        if !self.missed && self.shard.catch_tail(session, cursor) {
            session.flush();
            return Ok(());
        }
        let changes = self.shard.changes.get();
        let (user, id) = (session.user.get(), session.id);
        let read = move |reader: &Reader| {
            reader.at_once(|reader| {
                let sight = reader.sight(user, id, cursor.settled())?;
                reader.page(cursor, upto, &sight, PAGE)
            })
        };
        let page = match self.shard.shared.reads.read(read).await {
            Ok(page) => page,
            Err(_) if self.shard.shared.stop.is_cancelled() => return Err(End::Stopping),
            Err(fault) => {
                tracing::error!(%fault, session = id.0, "cannot read on from the store");
                session.mention(&format!("{}the log cannot be read here", words::CLOSING));
                return Err(End::Lost);
            }
        };
        if self.shard.changes.get() != changes {
            return Ok(()); // What was read may have been taken back meanwhile: once more.
        }
        let (mut out, mut text) = (BytesMut::new(), String::new());
        let mut cuts = Vec::new();
        let mut last: Option<Position> = None;
        let mut messages = 0;
        for record in &page.records {
            if !self.shows(record) {
                continue;
            }
            if let Some(before) = last.replace(record.position).filter(|before| *before != record.position)
                && out.len() >= cuts.last().map_or(0, |(cut, _)| *cut) + PIECE
            {
                cuts.push((out.len(), before));
            }
            if self.missed && record.position < self.at && session.speech() == Speech::Line {
                self.missed = false;
                out.extend_from_slice(words::MISSED.as_bytes());
                out.extend_from_slice(b"\n");
            }
            session.render(&mut out, &mut text, record, &*self.shard.people.borrow());
            messages += u64::from(matches!(record.event, Event::Message { .. }));
        }
        if page.end && upto >= self.at {
            // Nothing was missed, or it has been announced.
            self.missed = false;
        }
        let session = &self.session;
        session.cursor.set(page.cursor);
        if let Some(irc) = &session.irc {
            irc.shown(page.cursor.settled());
        }
        session.received.set(session.received.get() + messages);
        if out.is_empty() {
            session.wrote(page.cursor.settled());
        } else {
            let mut outbox = session.outbox.borrow_mut();
            let mut rest = out.freeze();
            let mut begun = 0;
            for (cut, upto) in cuts {
                outbox.push(rest.split_to(cut - begun), Some(upto));
                begun = cut;
            }
            outbox.push(rest, Some(page.cursor.settled()));
            drop(outbox);
            session.progress.set(tokio::time::Instant::now());
            session.flush();
        }
        Ok(())
    }

    /// One's own coming and going before one came back is no news.
    fn shows(&self, record: &Record) -> bool {
        match &record.event {
            Event::CameOnline { user, .. } | Event::WentOffline { user, .. } => {
                *user != self.session.user.get() || record.position >= self.at
            }
            _ => true,
        }
    }
}

//! Shows what was said where the asker is: newest first, with where it says it. Decides nothing; the table does.

use super::show::ago;
use crate::find::Found;
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::commands::read;
use crate::session::talk::Talk;
use chatroom_model::{Body, Event, LOBBY, Millis, Query, Refusal, RoomId, UserId, Where};
use chatroom_store::Hit;
use chatroom_wire::irc::time::Stamp;
use chatroom_wire::line::deed::{self, Not};
use chatroom_wire::line::render;
use chatroom_wire::text;
use std::fmt::Write;
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;

/// Messages one search shows.
const SHOWN: usize = 20;
/// Characters, as people see them, shown before the first mark of a long message …
const BEFORE: usize = 40;
/// … and from there on.
const AFTER: usize = 120;
/// Around what was searched for. People's own are shown as [`PLAIN`], so that nothing looks found that was not.
const MARKS: [char; 2] = ['\u{27e6}', '\u{27e7}'];
const PLAIN: [&str; 2] = ["[[", "]]"];

/// Answers a search.
pub(super) async fn search<S: Sequencer>(talk: &mut Talk<'_, S>, asked: &str) -> Result<(), End> {
    let query = match Query::parse(&text::clean(asked), crate::now()) {
        Ok(query) => query,
        Err(why) => return talk.no(Not::Because(why.to_string())).await,
    };
    let place = match query.room.as_deref().map(deed::place).transpose() {
        Ok(place) => place,
        Err(not) => return talk.no(not).await,
    };
    let user = talk.session.user.get();
    match find(talk, query, place, SHOWN).await {
        None => Ok(()),
        Some(Err(refusal)) => talk.no(refusal.into()).await,
        Some(Ok(found)) => {
            let mut out = String::new();
            show(&mut out, &found, user, crate::now());
            talk.session.tell(out);
            Ok(())
        }
    }
}

/// What a client may see of what is searched for, the newest first; in one place, or wherever it is.
pub(in crate::session) async fn find<S: Sequencer>(
    talk: &Talk<'_, S>,
    query: Query,
    place: Option<Where>,
    most: usize,
) -> Option<Result<Found, Refusal>> {
    let (user, searchers) = (talk.session.user.get(), Arc::clone(&talk.shard.shared.searchers));
    read(talk, move |reader| crate::find::find(reader, &searchers, user, &query, place.as_ref(), most)).await
}

fn show(out: &mut String, found: &Found, user: UserId, now: Millis) {
    out.push_str(if found.hits.hits.is_empty() { "Nothing found.\n" } else { "Found, newest first:\n" });
    for hit in &found.hits.hits {
        let Some((room, seq)) = place(hit) else { continue };
        let name = found.names.get(&room).map_or("#", String::as_str);
        let when = ago(now.0 - hit.record.time.0);
        let _ = write!(out, "  {name}/{seq} {when} ago ");
        line(out, hit, user);
    }
    if let Some((room, seq)) = found.hits.hits.first().and_then(place)
        && let Some(name) = found.names.get(&room).filter(|name| name.starts_with('#'))
    {
        let join = if room == LOBBY { String::new() } else { format!("/join {name}, then ") };
        let _ = writeln!(out, "What was said around the first: {join}/around {seq}");
    }
    if let Some(older) = found.older {
        let _ = writeln!(out, "For older ones add before:{}", moment(older));
    }
    if !found.hits.complete {
        out.push_str("The index is still being made: older messages may be missing.\n");
    }
}

fn place(hit: &Hit) -> Option<(RoomId, u64)> {
    message(&hit.record.event)
}

fn message(event: &Event) -> Option<(RoomId, u64)> {
    match event {
        Event::Message { room, seq, .. } | Event::Imported { room, seq, .. } => Some((*room, seq.0)),
        _ => None,
    }
}

/// The message's line as everywhere else, cut around the first mark; its room stands before it already.
fn line(out: &mut String, hit: &Hit, viewer: UserId) {
    let mut record = hit.record.clone();
    let said = match (&hit.edited, &mut record.event) {
        (Some(edited), _) => edited.clone(),
        (None, event) => event.body().cloned().unwrap_or_else(Body::redacted),
    };
    let cut = marked(said.as_str(), &hit.marks);
    if let Event::Message { body, label, to, .. } = &mut record.event {
        (*label, *to) = (None, None);
        *body = Body::parse(&cut).unwrap_or_else(|_| Body::redacted());
    } else if let Event::Imported { body, .. } = &mut record.event {
        *body = Body::parse(&cut).unwrap_or_else(|_| Body::redacted());
    }
    render::event(out, &record, viewer);
}

/// A text with its marks, cut at whole characters.
fn marked(text: &str, marks: &[std::ops::Range<usize>]) -> String {
    let first = marks.first().map_or(0, |mark| mark.start);
    let (head, tail) = text.split_at_checked(first).unwrap_or(("", text));
    let start = head.grapheme_indices(true).rev().nth(BEFORE).map_or(0, |(at, whole)| at + whole.len());
    let end = first + tail.grapheme_indices(true).nth(AFTER).map_or(tail.len(), |(at, _)| at);
    let mut out = String::new();
    if start > 0 {
        out.push_str("\u{2026} ");
    }
    let mut at = start;
    for mark in marks.iter().filter(|mark| mark.start < end) {
        let stop = mark.end.min(end);
        plain(&mut out, text.get(at..mark.start));
        out.push(MARKS[0]);
        plain(&mut out, text.get(mark.start..stop));
        out.push(MARKS[1]);
        at = stop;
    }
    plain(&mut out, text.get(at..end));
    if end < text.len() {
        out.push_str(" \u{2026}");
    }
    out
}

fn plain(out: &mut String, text: Option<&str>) {
    for c in text.unwrap_or_default().chars() {
        match MARKS.iter().position(|mark| *mark == c) {
            Some(n) => out.push_str(PLAIN[n]),
            None => out.push(c),
        }
    }
}

/// A time as a search reads it, the whole second after it: what is shown once more is less than what would be left out.
fn moment(time: Millis) -> String {
    let seconds = time.0.div_euclid(1000) + 1;
    let stamp = Stamp(Millis(seconds * 1000)).to_string();
    stamp.get(..19).unwrap_or(&stamp).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_a_search_reads_it() {
        for (time, expected) in [(-1, "1970-01-01T00:00:00"), (1_735_669_804_000, "2024-12-31T18:30:05")] {
            assert_eq!(moment(Millis(time)), expected);
            let query = Query::parse(&format!("a before:{expected}"), Millis(0)).expect("it is a search");
            assert!(query.before.is_some_and(|before| before > Millis(time)));
        }
    }

    #[test]
    fn marks_cannot_be_forged_and_long_texts_are_cut_at_whole_characters() {
        assert_eq!(
            marked("say \u{27e6}no\u{27e7} tea", &std::iter::once(13..16).collect::<Vec<_>>()),
            "say [[no]] \u{27e6}tea\u{27e7}"
        );
        let family = "\u{1f468}\u{200d}\u{1f469}";
        let text = format!("{}tea{}", family.repeat(50), family.repeat(200));
        let start = family.len() * 50;
        let shown = marked(&text, &std::iter::once(start..start + 3).collect::<Vec<_>>());
        let (before, after) = (family.repeat(BEFORE), family.repeat(AFTER - 3));
        assert_eq!(shown, format!("\u{2026} {before}\u{27e6}tea\u{27e7}{after} \u{2026}"));
    }
}

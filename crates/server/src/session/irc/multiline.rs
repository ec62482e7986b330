//! Messages of several lines (IRCv3 multiline): batches that begin, grow and end.

use super::say::{Saying, one};
use super::{fail, irc, mind};
use crate::sequencer::Sequencer;
use crate::session::End;
use crate::session::talk::Talk;
use chatroom_model::{BODY_MAX, How, Tags};
use chatroom_wire::irc::message::Message;
use chatroom_wire::irc::render::SPLIT;
use chatroom_wire::irc::tags;

/// Lines a message of several lines may have (`max-lines`).
const LINES_MAX: usize = 100;
/// Batches a client may have begun at once.
const BATCHES_MAX: usize = 8;

/// A message of several lines that has begun.
#[derive(Debug)]
pub(super) struct Lines {
    target: String,
    label: Option<String>,
    tags: Tags,
    reply: Option<String>,
    how: How,
    text: String,
    /// Where the text was cut and goes on without a new line.
    splits: Vec<usize>,
    count: usize,
    /// Why it will be refused.
    bad: Option<(&'static str, String)>,
}

/// BATCH.
pub(super) async fn batch<S: Sequencer>(talk: &mut Talk<'_, S>, message: &Message<'_>) -> Result<(), End> {
    let reference = message.param(0);
    irc(talk).reply().taken = true;
    if let Some(reference) = reference.strip_prefix('+') {
        if message.param(1) != "draft/multiline" || message.param(2).is_empty() {
            fail(talk, &["BATCH", "UNKNOWN_TYPE", "Only draft/multiline is taken"]);
            return Ok(());
        }
        let lines = Lines {
            target: message.param(2).to_owned(),
            label: message.tag("label").map(|label| label.into_owned()),
            tags: Tags::parse(&message.client_tags()).unwrap_or_default(),
            reply: message.tag("+draft/reply").map(|id| id.into_owned()),
            how: How::Said,
            text: String::new(),
            splits: Vec::new(),
            count: 0,
            bad: None,
        };
        let batches = &mut mind(talk).batches;
        if batches.len() >= BATCHES_MAX {
            fail(talk, &["BATCH", "MULTILINE_INVALID", "Too many batches at once"]);
            return Ok(());
        }
        batches.insert(reference.to_owned(), lines);
        return Ok(());
    }
    let Some(lines) = reference.strip_prefix('-').and_then(|name| mind(talk).batches.remove(name)) else {
        fail(talk, &["BATCH", "INVALID_REFTAG", "There is no such batch"]);
        return Ok(());
    };
    if let Some((code, param)) = &lines.bad {
        let text = match *code {
            "MULTILINE_MAX_BYTES" => "Message has too many bytes",
            "MULTILINE_MAX_LINES" => "Message has too many lines",
            _ => "Message is not a proper one of several lines",
        };
        let mut params = vec!["BATCH", *code];
        params.extend((!param.is_empty()).then_some(param.as_str()));
        params.push(text);
        fail(talk, &params);
        return Ok(());
    }
    if lines.count == 0 || lines.text.chars().all(|c| c == '\n') {
        fail(talk, &["BATCH", "MULTILINE_INVALID", "An empty message"]);
        return Ok(());
    }
    let said = Saying {
        target: &lines.target,
        text: &lines.text,
        how: lines.how,
        tags: with_splits(lines.tags, &lines.splits),
        reply: lines.reply,
        id: None,
        label: lines.label.clone(),
    };
    if let Some(label) = &lines.label {
        let mut escaped = String::new();
        tags::escape(&mut escaped, label);
        irc(talk).reply().label = Some(escaped.into());
    }
    one(talk, said).await
}

/// Adds a line to a message of several.
pub(super) fn add_line<S: Sequencer>(
    talk: &mut Talk<'_, S>,
    reference: &str,
    name: &str,
    message: &Message<'_>,
) {
    irc(talk).reply().taken = true;
    let concat = message.tag("draft/multiline-concat").is_some();
    let Some(lines) = mind(talk).batches.get_mut(reference) else {
        fail(talk, &["BATCH", "MULTILINE_INVALID", "There is no such batch"]);
        return;
    };
    let how = if name == "NOTICE" { How::Notice } else { How::Said };
    let text = message.param(1);
    if lines.count == 0 {
        lines.how = how;
    }
    if !message.param(0).eq_ignore_ascii_case(&lines.target) {
        lines.bad = Some(("MULTILINE_INVALID_TARGET", format!("{} {}", lines.target, message.param(0))));
    } else if how != lines.how || (concat && text.is_empty()) {
        lines.bad = Some(("MULTILINE_INVALID", String::new()));
    }
    match (lines.count, concat) {
        (0, _) => {}
        (_, true) => lines.splits.push(lines.text.len()),
        (_, false) => lines.text.push('\n'),
    }
    lines.count += 1;
    if lines.count > LINES_MAX {
        lines.bad = Some(("MULTILINE_MAX_LINES", LINES_MAX.to_string()));
    } else if lines.text.len() + text.len() > BODY_MAX {
        lines.bad = Some(("MULTILINE_MAX_BYTES", BODY_MAX.to_string()));
    } else {
        lines.text.push_str(text);
    }
}

/// The tags of a message with where its author's program cut it, as far as there is room.
fn with_splits(tags: Tags, splits: &[usize]) -> Tags {
    if splits.is_empty() {
        return tags;
    }
    let marks: Vec<String> = splits.iter().map(ToString::to_string).collect();
    let mark = format!("{SPLIT}{}", marks.join(","));
    let all = if tags.is_empty() { mark } else { format!("{};{mark}", tags.as_str()) };
    Tags::parse(&all).unwrap_or(tags)
}

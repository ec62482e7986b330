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
    /// Whether it has been refused: what still comes of it is not answered.
    refused: bool,
}

/// Why a message of several lines is refused.
#[derive(Debug, PartialEq, Eq)]
enum Bad {
    /// It has more than [`BODY_MAX`] bytes.
    Bytes,
    /// It has more than [`LINES_MAX`] lines.
    Lines,
    /// A line is for another target.
    Target,
    /// Anything else.
    Improper,
}

impl Lines {
    /// Adds a line; `concat`: it goes on where the one before it ends.
    fn add(&mut self, target: &str, how: How, text: &str, concat: bool) -> Result<(), Bad> {
        if self.count == 0 {
            self.how = how;
        }
        if !target.eq_ignore_ascii_case(&self.target) {
            return Err(Bad::Target);
        }
        if how != self.how || (concat && text.is_empty()) {
            return Err(Bad::Improper);
        }
        match (self.count, concat) {
            (0, _) => {}
            (_, true) => self.splits.push(self.text.len()),
            (_, false) => self.text.push('\n'),
        }
        self.count += 1;
        if self.count > LINES_MAX {
            return Err(Bad::Lines);
        }
        if self.text.len() + text.len() > BODY_MAX {
            return Err(Bad::Bytes);
        }
        self.text.push_str(text);
        Ok(())
    }
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
        let labelled = irc(talk).reply().label.is_some();
        let lines = Lines {
            target: message.param(2).to_owned(),
            label: message.tag("label").filter(|_| labelled).map(|label| label.into_owned()),
            tags: Tags::parse(&message.client_tags()).unwrap_or_default(),
            reply: message.tag("+draft/reply").map(|id| id.into_owned()),
            how: How::Said,
            text: String::new(),
            splits: Vec::new(),
            count: 0,
            refused: false,
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
    if lines.refused {
        return Ok(());
    }
    carry(talk, lines.label.as_deref());
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
        called: None,
        label: lines.label.clone(),
    };
    one(talk, said).await
}

/// What is answered next carries the label by which a message of several lines was begun.
fn carry<S: Sequencer>(talk: &Talk<'_, S>, label: Option<&str>) {
    let Some(label) = label else { return };
    let mut escaped = String::new();
    tags::escape(&mut escaped, label);
    irc(talk).reply().label = Some(escaped.into());
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
    if lines.refused {
        return;
    }
    let how = if name == "NOTICE" { How::Notice } else { How::Said };
    let Err(bad) = lines.add(message.param(0), how, message.param(1), concat) else { return };
    // Said at once, so that a client need not send the rest.
    lines.refused = true;
    let (target, label) = (lines.target.clone(), lines.label.take());
    carry(talk, label.as_deref());
    let (bytes, most) = (BODY_MAX.to_string(), LINES_MAX.to_string());
    match bad {
        Bad::Bytes => fail(talk, &["BATCH", "MULTILINE_MAX_BYTES", &bytes, "Message has too many bytes"]),
        Bad::Lines => fail(talk, &["BATCH", "MULTILINE_MAX_LINES", &most, "Message has too many lines"]),
        Bad::Target => {
            let why = "A line of the message is for another target";
            fail(talk, &["BATCH", "MULTILINE_INVALID_TARGET", &target, message.param(0), why]);
        }
        Bad::Improper => {
            fail(talk, &["BATCH", "MULTILINE_INVALID", "Message is not a proper one of several lines"]);
        }
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

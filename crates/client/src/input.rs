//! Lines from standard input when it is a pipe or a file. Knows no protocol, only where a line ends.

use crate::password::Secret;
use chatroom_wire::framing::{Framed, LineSplitter};
use std::io;
use std::thread;
use tokio::sync::mpsc;

/// Lines read ahead of the conversation; past this the pipe waits.
const READ_AHEAD: usize = 16;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Typed {
    /// A line; several, when they were pasted at once.
    Line(String),
    /// The password that was asked for.
    Secret(Secret),
    /// A line too long to be sent; it is left out.
    TooLong,
}

/// The lines of standard input, read on a thread of their own; the channel closes at its end.
pub(crate) fn stdin_lines() -> mpsc::Receiver<Typed> {
    let (lines, receiver) = mpsc::channel(READ_AHEAD);
    thread::spawn(move || {
        // A read error ends the input as its end does: what was read is sent.
        let _ = read_lines(io::stdin().lock(), &lines);
    });
    receiver
}

fn read_lines(mut input: impl io::Read, lines: &mpsc::Sender<Typed>) -> io::Result<()> {
    let mut splitter = LineSplitter::default();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let count = match input.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let mut rest = &chunk[..count];
        while let Some(framed) = splitter.next_line(&mut rest) {
            let typed = match framed {
                Framed::Line(line) => Typed::Line(line.to_owned()),
                Framed::TooLong => Typed::TooLong,
            };
            if lines.blocking_send(typed).is_err() {
                return Ok(());
            }
        }
        if count == 0 {
            break;
        }
    }
    if let Some(line) = splitter.unended_line() {
        // The conversation may have ended first.
        let _ = lines.blocking_send(Typed::Line(line.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_given_and_the_last_needs_no_end() {
        let (lines, mut receiver) = mpsc::channel(READ_AHEAD);
        let long = "x".repeat(10_000);
        read_lines(format!("one\r\n\n{long}\nlast").as_bytes(), &lines).unwrap();
        drop(lines);
        let given: Vec<Typed> = std::iter::from_fn(|| receiver.blocking_recv()).collect();
        let line = |text: &str| Typed::Line(text.to_owned());
        assert_eq!(given, [line("one"), line(""), Typed::TooLong, line("last")]);
    }
}

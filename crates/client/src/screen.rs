//! What the user sees, on its way to whatever prints it. Holds what a slow terminal has not taken yet; never blocks the
//! conversation.

use std::collections::VecDeque;
use std::io::{self, BufWriter, Write as _};
use std::thread;
use tokio::sync::{mpsc, oneshot};

/// Lines on the way to the printing thread.
const PRINTING: usize = 64;
/// Lines that may wait beside them; past this nothing is read from the server.
const WAITING: usize = 256;

/// Something to be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    /// A line of the server.
    Line(String),
    /// Our own words.
    Note(String),
}

/// The printing thread is gone: nobody can see anything any more.
#[derive(Debug, thiserror::Error)]
#[error("standard output is closed")]
pub(crate) struct Unseen;

#[derive(Debug)]
pub(crate) struct Screen {
    /// Full while the printing thread is busy: then lines wait here. `None` when nothing is to be seen.
    printer: Option<mpsc::Sender<Shown>>,
    waiting: VecDeque<Shown>,
    done: Option<oneshot::Receiver<()>>,
}

impl Screen {
    /// A screen printed by `print`, on a thread of its own, in batches, until that fails.
    pub(crate) fn printed_by(mut print: impl FnMut(Vec<Shown>) -> io::Result<()> + Send + 'static) -> Self {
        let (printer, mut shown) = mpsc::channel(PRINTING);
        let (finished, done) = oneshot::channel();
        thread::spawn(move || {
            let mut batch = Vec::new();
            while shown.blocking_recv_many(&mut batch, PRINTING) > 0 {
                if print(std::mem::take(&mut batch)).is_err() {
                    break;
                }
            }
            drop(shown);
            // Nobody waits for it after a fault.
            let _ = finished.send(());
        });
        Self { printer: Some(printer), waiting: VecDeque::new(), done: Some(done) }
    }

    /// Lines of the server on standard output, our own words on standard error.
    pub(crate) fn plain() -> Self {
        Self::printed_by(|batch| {
            let mut out = BufWriter::new(io::stdout().lock());
            for shown in batch {
                match shown {
                    Shown::Line(line) => writeln!(out, "{line}")?,
                    Shown::Note(words) => {
                        out.flush()?;
                        // A closed standard error is no reason to lose the conversation.
                        let _ = writeln!(io::stderr(), "{words}");
                    }
                }
            }
            out.flush()
        })
    }

    /// Nothing is to be seen.
    pub(crate) fn none() -> Self {
        Self { printer: None, waiting: VecDeque::new(), done: None }
    }

    pub(crate) fn line(&mut self, line: String) {
        self.show(Shown::Line(line));
    }

    pub(crate) fn note(&mut self, words: &str) {
        self.show(Shown::Note(words.to_owned()));
    }

    fn show(&mut self, shown: Shown) {
        if self.printer.is_some() {
            self.waiting.push_back(shown);
        }
    }

    /// Whether more may be read from the server.
    pub(crate) fn has_room(&self) -> bool {
        self.waiting.len() < WAITING
    }

    /// Hands on all that waits, and returns when there is room again; never when nothing waits. Safe to drop.
    pub(crate) async fn print(&mut self) -> Result<(), Unseen> {
        let Some(printer) = self.printer.as_ref().filter(|_| !self.waiting.is_empty()) else {
            return std::future::pending().await;
        };
        while !self.waiting.is_empty() {
            let permit = printer.reserve().await.map_err(|_| Unseen)?;
            if let Some(shown) = self.waiting.pop_front() {
                permit.send(shown);
            }
        }
        Ok(())
    }

    /// Waits until everything has been printed.
    pub(crate) async fn finish(&mut self) {
        let Some(printer) = self.printer.take() else { return };
        for shown in self.waiting.drain(..) {
            if printer.send(shown).await.is_err() {
                return;
            }
        }
        drop(printer);
        if let Some(done) = self.done.take() {
            // The thread ends either way.
            let _ = done.await;
        }
    }
}

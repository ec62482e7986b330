//! Standard output for data, standard error for talk. Knows nothing of what is written, only that a reader may go away.

use std::fmt;
use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write};

/// Whoever read standard output has closed it, as `head` does: to stop is right and no failure.
#[derive(Debug)]
pub(crate) struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("standard output is closed")
    }
}

impl std::error::Error for Closed {}

/// Standard output, in large writes.
pub(crate) struct Output(BufWriter<StdoutLock<'static>>);

impl Output {
    /// Takes standard output.
    pub(crate) fn new() -> Self {
        Self(BufWriter::with_capacity(64 * 1024, io::stdout().lock()))
    }

    /// Writes one line.
    pub(crate) fn line(&mut self, line: impl fmt::Display) -> anyhow::Result<()> {
        told(writeln!(self.0, "{line}"))
    }

    /// Writes bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        told(self.0.write_all(bytes))
    }

    /// Writes what is still held back; without it the end may be lost without a word.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        told(self.0.flush())
    }
}

/// Writes one line to standard output, at once.
pub(crate) fn line(line: impl fmt::Display) -> anyhow::Result<()> {
    let mut out = Output::new();
    out.line(line)?;
    out.finish()
}

/// Says something on standard error. If nobody can hear it, the work goes on.
pub(crate) fn talk(what: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{what}");
}

fn told(result: io::Result<()>) -> anyhow::Result<()> {
    match result {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Closed.into()),
        Err(error) => Err(anyhow::Error::new(error).context("cannot write to standard output")),
    }
}

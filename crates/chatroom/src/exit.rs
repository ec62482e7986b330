//! Which exit code a failure has, and the one sentence it says. The only place that knows these numbers (sysexits.h).

use crate::out;
use anyhow::Error;
use chatroom_client::SendError;
use chatroom_server::Stopped;
use chatroom_store::Fault;
use std::fmt;
use std::io::ErrorKind;
use std::process::ExitCode;

/// It failed, and no other code says how.
pub(crate) const FAILED: u8 = 1;
/// What was typed is no command.
pub(crate) const USAGE: u8 = 2;
/// A port is taken, another server has the folder, or no server answers.
pub(crate) const UNAVAILABLE: u8 = 69;
/// A file or folder cannot be made.
pub(crate) const CANNOT_CREATE: u8 = 73;
/// Reading or writing failed.
pub(crate) const IO: u8 = 74;
/// Not allowed.
pub(crate) const PERMISSION: u8 = 77;
/// The configuration is wrong, or the data folder needs another build.
pub(crate) const CONFIGURATION: u8 = 78;

/// A failure whose exit code is known where it is noticed.
#[derive(Debug)]
pub(crate) struct Coded {
    /// The code.
    pub(crate) code: u8,
    /// The sentence.
    pub(crate) what: String,
}

impl fmt::Display for Coded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Coded {}

/// A failure with its code.
pub(crate) fn coded(code: u8, what: impl Into<String>) -> Error {
    Coded { code, what: what.into() }.into()
}

/// Says what failed, in one line on standard error, and gives the exit code.
pub(crate) fn report(error: &Error) -> ExitCode {
    // Whoever read our output has enough of it; that is no failure, and nobody is there to be told.
    if error.chain().any(|cause| cause.is::<out::Closed>()) {
        return ExitCode::SUCCESS;
    }
    out::talk(format_args!("chatroom: {error:#}"));
    ExitCode::from(code(error))
}

fn code(error: &Error) -> u8 {
    error.chain().find_map(code_of).unwrap_or(FAILED)
}

fn code_of(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if let Some(coded) = cause.downcast_ref::<Coded>() {
        Some(coded.code)
    } else if let Some(stopped) = cause.downcast_ref::<Stopped>() {
        Some(match stopped {
            Stopped::Store(fault) => of_fault(fault),
            Stopped::Listen { error, .. } if error.kind() == ErrorKind::PermissionDenied => PERMISSION,
            Stopped::Listen { .. } => UNAVAILABLE,
        })
    } else if let Some(fault) = cause.downcast_ref::<Fault>() {
        Some(of_fault(fault))
    } else if let Some(error) = cause.downcast_ref::<SendError>() {
        Some(match error {
            SendError::Unreachable { .. } => UNAVAILABLE,
            SendError::NameRefused(_) => PERMISSION,
            SendError::Refused { .. } | SendError::NotConfirmed { .. } => FAILED,
        })
    } else {
        cause.downcast_ref::<std::io::Error>().map(|error| of_io(error.kind()))
    }
}

fn of_fault(fault: &Fault) -> u8 {
    match fault {
        Fault::Full | Fault::Disk(_) => IO,
        Fault::Damaged(_) => FAILED,
        Fault::Newer { .. } => CONFIGURATION,
        Fault::InUse(_) | Fault::Snapshotting => UNAVAILABLE,
        Fault::Exists(_) => CANNOT_CREATE,
        Fault::File { error, .. } => of_io(error.kind()),
    }
}

fn of_io(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::PermissionDenied => PERMISSION,
        ErrorKind::AlreadyExists
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory
        | ErrorKind::ReadOnlyFilesystem => CANNOT_CREATE,
        _ => IO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn each_failure_has_its_code_however_deep_it_lies() {
        let file = |kind| Fault::File { path: "chatdata".into(), error: io::Error::from(kind) };
        let listen =
            |kind| Stopped::Listen { address: ([127, 0, 0, 1], 80).into(), error: io::Error::from(kind) };
        let unreachable =
            SendError::Unreachable { address: "a:1".into(), reason: "refused".into(), acknowledged: 0 };
        let cases: [(Error, u8); 14] = [
            (Error::msg("anything"), 1),
            (coded(CONFIGURATION, "a key"), 78),
            (Fault::Full.into(), 74),
            (Fault::Disk("EIO".into()).into(), 74),
            (Fault::Damaged("a row".into()).into(), 1),
            (Fault::Newer { found: 2, known: 1 }.into(), 78),
            (Fault::InUse("chatdata".into()).into(), 69),
            (Fault::Exists("chatroom.db".into()).into(), 73),
            (file(ErrorKind::PermissionDenied).into(), 77),
            (file(ErrorKind::NotADirectory).into(), 73),
            (Stopped::Store(file(ErrorKind::ReadOnlyFilesystem)).into(), 73),
            (listen(ErrorKind::AddrInUse).into(), 69),
            (listen(ErrorKind::PermissionDenied).into(), 77),
            (unreachable.into(), 69),
        ];
        for (error, expected) in cases {
            let error = error.context("while doing something");
            assert_eq!(code(&error), expected, "{error:#}");
        }
    }
}

//! Asks a server that runs, through the socket in its data folder. Knows no verb.

use crate::exit::{self, coded};
use chatroom_model::Deed;
use chatroom_store::Folder;
use chatroom_wire::operator::{Call, Question, Reply, SOCKET, Status};
use std::io::{self, BufRead, BufReader, ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// How long a server may take for a reply.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes a reply may have.
const REPLY_MAX: u64 = 64 * 1024;

/// Has a deed done; returns once it is stored.
pub(crate) fn act(folder: &Folder, deed: Deed) -> anyhow::Result<()> {
    match call(folder, &Call::Deed(deed))? {
        Reply::Done => Ok(()),
        Reply::Refused(why) => Err(coded(exit::FAILED, why)),
        Reply::NotStored(why) => Err(coded(exit::IO, format!("not done: {why}"))),
        Reply::NotConfirmed(why) => {
            Err(coded(exit::IO, format!("it is not known whether it was done: {why}")))
        }
        Reply::Error(why) => Err(coded(exit::FAILED, why)),
        Reply::Status(_) => Err(coded(exit::FAILED, "the server answered something else")),
    }
}

/// How the server is that has the folder.
pub(crate) fn status(folder: &Folder) -> anyhow::Result<Status> {
    match call(folder, &Call::Ask(Question::Status))? {
        Reply::Status(status) => Ok(status),
        Reply::Error(why) => Err(coded(exit::FAILED, why)),
        _ => Err(coded(exit::FAILED, "the server answered something else")),
    }
}

fn call(folder: &Folder, call: &Call) -> anyhow::Result<Reply> {
    let path = folder.path().join(SOCKET);
    let mut stream = UnixStream::connect(&path).map_err(|error| match error.kind() {
        ErrorKind::PermissionDenied => {
            coded(exit::PERMISSION, format!("only the owner of {} may do that", folder.path().display()))
        }
        _ => coded(exit::UNAVAILABLE, format!("no server has this folder: {}", folder.path().display())),
    })?;
    let talked = talk(&mut stream, call);
    let line = talked.map_err(|error| coded(exit::IO, format!("the server did not answer: {error}")))?;
    Reply::read(&line).map_err(|why| coded(exit::FAILED, why))
}

fn talk(stream: &mut UnixStream, call: &Call) -> io::Result<String> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all((call.line() + "\n").as_bytes())?;
    let mut line = String::new();
    match BufReader::new(stream.take(REPLY_MAX)).read_line(&mut line)? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(line),
    }
}

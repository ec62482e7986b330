//! P14: a disk that becomes read-only is refused and read from; a folder that cannot be written says so at the start.

use super::{launch, refused_at_the_door, until_stored};
use chatroom_testkit::fault::{Answer, Mount, Talker, Witness, privileged};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

#[test]
fn files_that_may_not_be_written_for_a_while() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    if !privileged("the read-only files", &["mount", "mkfs.ext4", "chattr"]) {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let disk = Mount::new_disk(&folder.path().join("image"), 32, folder.path().join("disk"))?;
    let launch = launch(&disk.path().join("chatdata"));
    let server = launch.start()?;
    let witness = Witness::default();
    let mut alice = Talker::join(server.address, "alice")?;
    assert_eq!(witness.say(&mut alice, "before")?.1, Answer::Stored);

    // A plain remount is refused while files are open for writing; this stops writes to open files too.
    immutable(&launch.data, "+i")?;
    let (id, answer) = witness.say(&mut alice, "during")?;
    assert!(!matches!(answer, Answer::Stored), "{answer:?}");
    witness.struck("read-only");
    witness.expect("read-only", 1);
    alice.send("/history 1")?;
    alice.until("reading", |line| line == " [alice]: before")?;
    let reason = refused_at_the_door(server.address, "bob")?.expect("nobody comes in");
    assert!(reason.contains("disk"), "an unclear reason: {reason}");

    immutable(&launch.data, "-i")?;
    let text = if matches!(answer, Answer::NotConfirmed(_)) { "during" } else { "after" };
    let id = if text == "during" { id } else { uuid::Uuid::from_u128(rand::random()) };
    let waited = until_stored(&witness, &mut alice, id, text)?;
    eprintln!("whole again after {waited:?}");
    Talker::join(server.address, "bob")?;
    let (status, talk) = server.stop()?;
    assert!(status.success() && !talk.contains("panicked"), "{status}: {talk}");
    eprintln!("{}", witness.judge(&launch)?);
    Ok(())
}

fn immutable(data: &Path, how: &str) -> anyhow::Result<()> {
    for file in ["chatroom.db", "chatroom.db-wal"] {
        let status = Command::new("chattr").arg(how).arg(data.join(file)).status()?;
        anyhow::ensure!(status.success(), "chattr {how} {file}");
    }
    Ok(())
}

#[test]
fn a_disk_whose_journal_was_aborted_is_still_read_and_everything_acknowledged_is_there() -> anyhow::Result<()>
{
    let _timed = chatroom_testkit::fault::timed();
    if !privileged("the aborted disk", &["mount", "mkfs.ext4"]) {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let image = folder.path().join("image");
    let disk = Mount::new_disk(&image, 32, folder.path().join("disk"))?;
    let launch = launch(&disk.path().join("chatdata"));
    let server = launch.start()?;
    let witness = Witness::default();
    let mut alice = Talker::join(server.address, "alice")?;
    for n in 0..50 {
        assert_eq!(witness.say(&mut alice, &format!("before {n}"))?.1, Answer::Stored);
    }
    disk.abort()?;
    for n in 0..50 {
        let (_, answer) = witness.say(&mut alice, &format!("during {n}"))?;
        assert!(!matches!(answer, Answer::Stored), "{answer:?}");
        witness.struck("aborted");
    }
    witness.expect("aborted", 50);
    alice.send("/history 1")?;
    alice.until("reading", |line| line == " [alice]: before 49")?;
    assert!(alice.users()?.contains(&"alice".to_owned()));
    drop(alice);
    server.kill()?;
    drop(disk);
    // The operator mounts the disk again; its journal is replayed.
    let disk = Mount::disk(&image, folder.path().join("again"))?;
    let launch = super::launch(&disk.path().join("chatdata"));
    let server = launch.start()?;
    let mut bob = Talker::join(server.address, "bob")?;
    assert_eq!(witness.say(&mut bob, "whole again")?.1, Answer::Stored);
    server.kill()?;
    eprintln!("{}", witness.judge(&launch)?);
    Ok(())
}

#[test]
fn a_start_on_a_read_only_disk_says_so() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    if !privileged("the read-only disk", &["mount"]) {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let disk = Mount::tmpfs(folder.path().join("disk"), "8m")?;
    disk.read_only()?;
    let empty = start(&disk.path().join("chatdata"))?;
    refused_to_start(&empty, "Read-only file system");
    disk.writable()?;
    let server = launch(&disk.path().join("chatdata")).start()?;
    let mut alice = Talker::join(server.address, "alice")?;
    alice.say(uuid::Uuid::from_u128(rand::random()), "kept")?;
    server.kill()?;
    disk.read_only()?;
    refused_to_start(&start(&disk.path().join("chatdata"))?, "Read-only file system");
    Ok(())
}

#[test]
fn a_start_where_a_file_stands_says_so() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("chatdata");
    std::fs::write(&file, "not a folder")?;
    refused_to_start(&start(&file)?, "chatdata");
    Ok(())
}

#[test]
fn a_start_where_one_may_not_write_says_so() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    if !privileged("the forbidden folder", &[]) {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
    // Root may write anywhere: somebody else tries, with a program that anybody may run.
    let program = folder.path().join("chatroom");
    std::fs::copy(env!("CARGO_BIN_EXE_chatroom"), &program)?;
    let mut command = Command::new(program);
    command.args(["server", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path().join("chatdata"));
    let output = command.current_dir("/").uid(65534).gid(65534).stdin(Stdio::null()).output()?;
    refused_to_start(&output, "chatdata");
    assert_eq!(output.status.code(), Some(77));
    Ok(())
}

fn start(data: &Path) -> anyhow::Result<Output> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatroom"));
    command.args(["server", "--listen", "127.0.0.1:0", "--data"]).arg(data).stdin(Stdio::null());
    Ok(command.output()?)
}

fn refused_to_start(output: &Output, why: &str) {
    let told = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code();
    assert!(matches!(code, Some(73 | 74 | 77)), "exit code {code:?}: {told}");
    assert!(told.contains(why) && !told.contains("panicked"), "{told}");
}

//! P15: torn, truncated and bit-flipped files are named by `verify`, or nothing of what people wrote is touched.

use super::launch;
use chatroom_testkit::fault::{Answer, Talker};
use chatroom_testkit::process::Launch;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::path::{Path, PathBuf};
use uuid::Uuid;

const MESSAGES: usize = 300;
const FLIPS: usize = 60;

/// A stopped server's folder, and what stands in it.
struct Before {
    folder: tempfile::TempDir,
    data: PathBuf,
    export: String,
}

impl Before {
    /// With everything in the database (a clean end), or most of it in the write-ahead log (a kill).
    fn new(clean: bool) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let launch = launch(&folder.path().join("chatdata"));
        let server = launch.start()?;
        let mut alice = Talker::join(server.address, "alice")?;
        for n in 0..MESSAGES {
            let answer = alice.say(Uuid::from_u128(rand::random()), &text(n))?;
            anyhow::ensure!(answer == Answer::Stored, "{answer:?}");
        }
        if clean {
            alice.send("/quit")?;
            alice.rest()?;
            server.stop()?;
            let db = rusqlite::Connection::open(launch.data.join("chatroom.db"))?;
            db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))?;
        } else {
            server.kill()?;
        }
        let data = launch.data.clone();
        let copy = copy(&data, &folder.path().join("read"))?;
        let export = match read(&launch_on(&copy))? {
            Read::Whole(export) => export,
            Read::Named(why) => anyhow::bail!("damaged before anything was damaged: {why}"),
        };
        anyhow::ensure!(export.lines().count() >= MESSAGES, "the export is short");
        Ok(Self { folder, data, export })
    }

    /// A copy of the folder to damage.
    fn copy(&self, name: &str) -> anyhow::Result<PathBuf> {
        copy(&self.data, &self.folder.path().join(name))
    }
}

fn text(n: usize) -> String {
    format!("message number {n:04}{}", " lorem ipsum".repeat(n % 20))
}

fn launch_on(data: &Path) -> Launch {
    launch(data)
}

enum Read {
    Whole(String),
    Named(String),
}

/// What `verify` and `export` make of a folder.
fn read(launch: &Launch) -> anyhow::Result<Read> {
    let verified = launch.run(&["verify"])?;
    let told = String::from_utf8_lossy(&verified.stderr).into_owned();
    anyhow::ensure!(
        !told.contains("panicked") && verified.status.code().is_some(),
        "verify panicked: {told}"
    );
    if !verified.status.success() {
        anyhow::ensure!(!told.trim().is_empty(), "verify failed without a word");
        return Ok(Read::Named(told));
    }
    let exported = launch.run(&["export", "--format", "jsonl", "--direct"])?;
    let told = String::from_utf8_lossy(&exported.stderr).into_owned();
    anyhow::ensure!(exported.status.success(), "verified, yet the export failed: {told}");
    Ok(Read::Whole(String::from_utf8(exported.stdout)?))
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(to.into())
}

#[test]
fn every_flipped_bit_is_named_or_touches_nothing() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let seed: u64 = rand::random();
    eprintln!("flipped bits: seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let before = Before::new(true)?;
    let (mut named, mut harmless) = (0, 0);
    for n in 0..FLIPS {
        let data = before.copy(&format!("flip{n}"))?;
        let file = data.join("chatroom.db");
        let mut bytes = std::fs::read(&file)?;
        let (at, bit) = (rng.random_range(0..bytes.len()), rng.random_range(0..8));
        bytes[at] ^= 1 << bit;
        std::fs::write(&file, bytes)?;
        match read(&launch_on(&data))? {
            Read::Named(_) => named += 1,
            Read::Whole(export) => {
                assert_eq!(
                    export, before.export,
                    "bit {bit} of byte {at} changed what is read, and nobody said so"
                );
                harmless += 1;
            }
        }
        std::fs::remove_dir_all(data)?;
    }
    assert!(named > 0, "no flip hit anything that matters");
    eprintln!("{FLIPS} bits flipped: {named} named, {harmless} in places that hold nothing");
    Ok(())
}

#[test]
fn a_changed_word_is_named_with_its_place() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let before = Before::new(true)?;
    let data = before.copy("changed")?;
    let file = data.join("chatroom.db");
    let mut bytes = std::fs::read(&file)?;
    let word = b"message number 0123";
    let places: Vec<_> =
        (0..bytes.len() - word.len()).filter(|at| &bytes[*at..*at + word.len()] == word).collect();
    assert!(!places.is_empty(), "the text stands in the file");
    for at in places {
        bytes[at..at + 7].copy_from_slice(b"massage");
    }
    std::fs::write(&file, bytes)?;
    match read(&launch_on(&data))? {
        Read::Named(told) => {
            let row =
                before.export.lines().find(|line| line.contains("message number 0123")).expect("exported");
            let position = serde_json::from_str::<serde_json::Value>(row)?["position"].to_string();
            assert!(told.contains(&position), "the place, {position}, is not named: {told}");
        }
        Read::Whole(_) => panic!("altered text was taken for true"),
    }
    Ok(())
}

#[test]
fn a_truncated_database_is_named() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let before = Before::new(true)?;
    let whole = std::fs::metadata(before.data.join("chatroom.db"))?.len();
    for (n, length) in [0, 1, 100, 4096, whole / 2, whole - 4096, whole - 1].into_iter().enumerate() {
        let data = before.copy(&format!("short{n}"))?;
        std::fs::OpenOptions::new().write(true).open(data.join("chatroom.db"))?.set_len(length)?;
        match read(&launch_on(&data))? {
            Read::Named(told) => eprintln!("cut to {length} of {whole}: {}", told.trim()),
            Read::Whole(export) => assert_eq!(export, before.export, "cut to {length} of {whole}"),
        }
    }
    Ok(())
}

#[test]
fn a_damaged_write_ahead_log_costs_its_tail_at_most() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let seed: u64 = rand::random();
    eprintln!("damaged write-ahead log: seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let before = Before::new(false)?;
    let whole = std::fs::metadata(before.data.join("chatroom.db-wal"))?.len();
    assert!(whole > 100_000, "the kill left a write-ahead log");
    let (mut named, mut shorter, mut same) = (0, 0, 0);
    for n in 0..20 {
        let data = before.copy(&format!("wal{n}"))?;
        // As after a crash: the index of the write-ahead log is made anew.
        let _ = std::fs::remove_file(data.join("chatroom.db-shm"));
        let file = data.join("chatroom.db-wal");
        let at = rng.random_range(0..whole);
        if n % 2 == 0 {
            std::fs::OpenOptions::new().write(true).open(&file)?.set_len(at)?;
        } else {
            let mut bytes = std::fs::read(&file)?;
            bytes[at as usize] ^= 1 << rng.random_range(0..8);
            std::fs::write(&file, bytes)?;
        }
        match read(&launch_on(&data))? {
            Read::Named(_) => named += 1,
            Read::Whole(export) if export == before.export => same += 1,
            Read::Whole(export) => {
                assert!(
                    before.export.starts_with(&export),
                    "not a beginning of what was written (byte {at})"
                );
                shorter += 1;
            }
        }
    }
    eprintln!("20 damaged: {shorter} end earlier, {named} named, {same} unharmed");
    assert!(shorter > 0, "no damage struck");
    Ok(())
}

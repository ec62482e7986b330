//! P1: what was acknowledged before the power went is on the disk. The disk is a file, copied at one moment under load.

use super::launch;
use chatroom_testkit::fault::{Answer, Mount, Talker, copy_sparse, privileged};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};
use uuid::Uuid;

const CUTS: usize = 8;
const TALKERS: usize = 6;

/// What was acknowledged, by id; a condition that says when it grew.
#[derive(Default)]
struct Acknowledged {
    // Protects the map; held while one is added or all are copied.
    all: Mutex<BTreeMap<Uuid, String>>,
    grew: Condvar,
}

#[test]
fn what_was_acknowledged_survives_a_power_cut() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    if !privileged("the power cut", &["mount", "mkfs.ext4", "cp"]) {
        return Ok(());
    }
    let seed: u64 = rand::random();
    eprintln!("power cut: seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir()?;
    let image = folder.path().join("image");
    let disk = Mount::new_disk(&image, 96, folder.path().join("disk"))?;
    let server = launch(&disk.path().join("chatdata")).start()?;
    let (acknowledged, stop) = (Acknowledged::default(), AtomicBool::new(false));
    let mut checked = 0;
    std::thread::scope(|threads| {
        let talkers: Vec<_> = (0..TALKERS)
            .map(|n| {
                threads.spawn({
                    let (acknowledged, stop, address) = (&acknowledged, &stop, server.address);
                    move || talk(address, n, acknowledged, stop)
                })
            })
            .collect();
        let cuts = (|| {
            for cut in 0..CUTS {
                let before = wait_for(&acknowledged, rng.random_range(40..200));
                server.signal(Signal::STOP)?;
                let copy = folder.path().join(format!("copy{cut}"));
                let copied = copy_sparse(&image, &copy);
                server.signal(Signal::CONT)?;
                copied?;
                let disk = Mount::disk(&copy, folder.path().join(format!("disk{cut}")))?;
                let found = open(&disk)?;
                let lost: Vec<_> = before.iter().filter(|(id, text)| found.get(id) != Some(*text)).collect();
                anyhow::ensure!(
                    lost.is_empty(),
                    "cut {cut}: {} of {} lost: {lost:?}",
                    lost.len(),
                    before.len()
                );
                checked += before.len();
                drop(disk);
                std::fs::remove_file(copy)?;
            }
            Ok(())
        })();
        stop.store(true, Ordering::Relaxed);
        let ends: anyhow::Result<Vec<()>> =
            talkers.into_iter().map(|t| t.join().expect("a talker")).collect();
        cuts.and(ends.map(drop))
    })?;
    let all = acknowledged.all.lock().expect("nobody panics while adding").len();
    eprintln!("{CUTS} power cuts, {all} acknowledged, {checked} looked for after a cut, none lost");
    Ok(())
}

fn talk(
    address: std::net::SocketAddr,
    n: usize,
    done: &Acknowledged,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let mut talker = Talker::join(address, &format!("talker{n}"))?;
    for k in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let (id, text) = (Uuid::from_u128(rand::random()), format!("{n}.{k}{}", "x".repeat(k % 900)));
        anyhow::ensure!(talker.say(id, &text)? == Answer::Stored, "{text:?} was refused");
        done.all.lock().expect("nobody panics while adding").insert(id, text);
        done.grew.notify_all();
    }
    Ok(())
}

/// Waits until so many more are acknowledged; all that are.
fn wait_for(done: &Acknowledged, more: usize) -> BTreeMap<Uuid, String> {
    let all = done.all.lock().expect("nobody panics while adding");
    let goal = all.len() + more;
    let patience = chatroom_testkit::fault::DEADLINE;
    let (all, timeout) = done
        .grew
        .wait_timeout_while(all, patience, |all| all.len() < goal)
        .expect("nobody panics while adding");
    assert!(!timeout.timed_out(), "no traffic");
    all.clone()
}

/// Opens a copied disk with a second server, and reads all of it.
fn open(disk: &Mount) -> anyhow::Result<BTreeMap<Uuid, String>> {
    let launch = launch(&disk.path().join("chatdata"));
    let server = launch.start()?;
    Talker::join(server.address, "afterwards")?;
    server.kill()?;
    let verified = launch.run(&["verify"])?;
    anyhow::ensure!(verified.status.success(), "verify: {}", String::from_utf8_lossy(&verified.stderr));
    let exported = launch.run(&["export", "--format", "jsonl", "--direct"])?;
    anyhow::ensure!(exported.status.success(), "export: {}", String::from_utf8_lossy(&exported.stderr));
    let mut found = BTreeMap::new();
    for line in std::str::from_utf8(&exported.stdout)?.lines() {
        let row: serde_json::Value = serde_json::from_str(line)?;
        if let (Some(id), Some(body)) = (row["id"].as_str(), row["body"].as_str()) {
            let twice = found.insert(id.parse()?, body.to_owned());
            anyhow::ensure!(twice.is_none(), "{id} stands twice");
        }
    }
    Ok(found)
}

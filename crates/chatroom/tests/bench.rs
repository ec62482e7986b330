//! `chatroom bench` against the real server and against its own floor; and the floor made faulty, which must be caught.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn bench(arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chatroom"));
    command.arg("bench").args(arguments.split(' '));
    command.args(["--runs", "1", "--json", "--data", env!("CARGO_TARGET_TMPDIR")]);
    command.output().expect("the program starts")
}

/// The figures of a run that has to succeed.
fn figures(arguments: &str) -> Value {
    let output = bench(arguments);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments}: {told}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    report["figures"].clone()
}

fn number(figures: &Value, name: &str, side: &str) -> f64 {
    figures[name][side].as_f64().unwrap_or_else(|| panic!("{name} of the {side} in {figures}"))
}

#[test]
fn a_small_fanout_is_checked_to_the_last_delivery_and_stands_beside_the_floor() {
    let figures = figures("fanout --receivers 20 --senders 3 --window 10 --messages 200");
    for side in ["server", "floor"] {
        assert_eq!(number(&figures, "deliveries checked", side), 200.0 * 23.0);
        assert!(number(&figures, "server CPU a delivery", side) > 0.0);
        assert!(number(&figures, "delivered p50", side) <= number(&figures, "delivered p99.9", side));
        assert!(number(&figures, "server memory", side) > 0.1);
    }
    assert!(number(&figures, "server CPU a delivery", "ratio") > 0.0);
}

#[test]
fn a_line_lost_repeated_or_out_of_order_fails_the_run() {
    for fault in ["drop", "repeat", "swap"] {
        let load = "fanout --receivers 20 --senders 3 --window 10 --messages 400 --only floor";
        let output = bench(&format!("{load} --floor-fault {fault}:3000"));
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{fault}: {told}");
        assert!(told.contains("others got") || told.contains(" was due"), "{fault}: {told}");
        assert!(output.stdout.is_empty(), "a run that fails has no figures");
    }
}

#[test]
fn a_last_line_lost_or_repeated_is_seen_too() {
    // 100 messages to 5 receivers; the START line makes 5 deliveries more.
    for fault in ["drop:504", "repeat:504"] {
        let load = "fanout --receivers 4 --senders 1 --window 1 --messages 100 --only floor";
        let output = bench(&format!("{load} --floor-fault {fault}"));
        assert_eq!(output.status.code(), Some(1), "{fault}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn senders_alone_are_acknowledged() {
    let figures = figures("pipeline --senders 8 --window 20 --messages 2000");
    assert_eq!(number(&figures, "deliveries checked", "server"), 2000.0 * 8.0);
    assert!(number(&figures, "acknowledged messages", "server") > 0.0);
}

#[test]
fn a_fixed_rate_is_kept_and_timed() {
    let figures = figures("latency --receivers 20 --senders 3 --rate 200 --seconds 1");
    let messages = number(&figures, "deliveries checked", "server") / 23.0;
    assert!((100.0..=201.0).contains(&messages), "{messages} messages in a second at 200/s");
    assert!(number(&figures, "delivered p50", "server") > 0.0);
}

#[test]
fn many_rooms_are_checked_while_visitors_come_and_go() {
    let figures = figures("rooms --rooms 5 --members 4 --visitors 3 --window 5 --messages 2000");
    for side in ["server", "floor"] {
        assert!(number(&figures, "deliveries checked", side) >= 2000.0 * 4.0);
        assert!(number(&figures, "comings and goings", side) > 0.0, "{figures}");
        assert!(number(&figures, "server CPU a delivery", side) > 0.0);
    }
    for fault in ["drop:3000", "repeat:3000", "swap:3000"] {
        let load = "rooms --rooms 5 --members 4 --visitors 0 --window 5 --messages 2000 --only floor";
        let output = bench(&format!("{load} --floor-fault {fault}"));
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{fault}: {told}");
        assert!(told.contains("others got") || told.contains(" was due"), "{fault}: {told}");
    }
}

#[test]
fn a_reader_that_stops_gets_everything_when_it_reads_on() {
    let figures = figures("slow-reader --receivers 5 --senders 2 --rate 2000 --seconds 2 --body 2000");
    for side in ["server", "floor"] {
        assert!(number(&figures, "slow reader was behind", side) > 0.5, "it never was slow: {figures}");
    }
}

#[test]
fn idle_and_new_connections_are_counted() {
    let idle = figures("idle --connections 200 --seconds 1");
    assert!(number(&idle, "server memory", "server") >= number(&idle, "server memory before", "server"));
    let connect = figures("connect --connections 200 --at-once 20");
    assert!(number(&connect, "registrations", "server") > 0.0);
}

#[test]
fn pages_are_read_and_checked_while_everybody_is_talked_to() {
    let figures = figures(
        "pages --messages 2000 --pages 200 --receivers 20 --senders 3 --rate 50 --seconds 1 --protocol ws",
    );
    let pages = number(&figures, "pages checked", "server");
    // On a busy machine what is asked and what is said both take longer.
    assert!((50.0..2000.0).contains(&pages), "{pages} pages in about a second at 200/s");
    assert!(number(&figures, "page p50", "server") <= number(&figures, "page p99", "server"));
    assert!(number(&figures, "deliveries checked", "server") > 0.0);
}

#[test]
fn other_protocols_are_checked_in_the_same_way() {
    for protocol in ["irc", "ws"] {
        let spoken = |load: &str| figures(&format!("{load} --protocol {protocol}"));
        let fanout = spoken("fanout --receivers 20 --senders 3 --window 10 --messages 500");
        assert_eq!(number(&fanout, "deliveries checked", "server"), 500.0 * 23.0, "{protocol}");
        let pipeline = spoken("pipeline --senders 8 --window 20 --messages 500");
        assert_eq!(number(&pipeline, "deliveries checked", "server"), 500.0 * 8.0, "{protocol}");
        let latency = spoken("latency --receivers 20 --senders 3 --rate 100 --seconds 1");
        assert!(number(&latency, "delivered p50", "server") > 0.0, "{protocol}");
        let rooms = spoken("rooms --rooms 5 --members 4 --visitors 0 --window 5 --messages 500");
        assert_eq!(number(&rooms, "deliveries checked", "server"), 500.0 * 4.0, "{protocol}");
        let idle = spoken("idle --connections 50 --seconds 1");
        assert!(number(&idle, "server memory", "server") > 0.1, "{protocol}");
        let connect = spoken("connect --connections 50 --at-once 20");
        assert!(number(&connect, "registrations", "server") > 0.0, "{protocol}");
        let slow = bench(&format!("slow-reader --protocol {protocol}"));
        assert!(!slow.status.success(), "it is in lines only");
    }
}

#[test]
fn a_measurement_that_is_ended_early_leaves_neither_a_server_nor_data() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-ended-early");
    fs::create_dir_all(&folder).expect("a folder of our own");
    let mut bench = Command::new(env!("CARGO_BIN_EXE_chatroom"))
        .args(["bench", "latency", "--receivers", "1", "--seconds", "3600", "--only", "server", "--data"])
        .arg(&folder)
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    wait_until("a server runs", || servers_in(&folder) == 1);
    let pid = i32::try_from(bench.id()).ok().and_then(rustix::process::Pid::from_raw).expect("a process id");
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it runs");
    assert_eq!(bench.wait().expect("it ends").code(), Some(143));
    wait_until("no server runs", || servers_in(&folder) == 0);
    assert_eq!(fs::read_dir(&folder).expect("the folder itself stays").count(), 0);
}

/// Servers whose data folder is inside `folder`.
fn servers_in(folder: &Path) -> usize {
    let processes = fs::read_dir("/proc").expect("this is Linux").flatten();
    let commands = processes.filter_map(|process| fs::read_to_string(process.path().join("cmdline")).ok());
    let path = folder.to_str().expect("a path in UTF-8");
    commands.filter(|command| command.contains("\0server\0--listen\0") && command.contains(path)).count()
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(60), "never came: {what}");
        std::thread::yield_now();
    }
}

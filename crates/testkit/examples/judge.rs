//! Judges a history by hand: `judge FILE`; with `--make LINES FILE` it writes a long one first, to see how fast it is.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::time::Instant;

use chatroom_testkit::checker::judge;
use chatroom_testkit::history::{BodyHash, ClientId, History, Kind, Line};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let file = match &arguments[..] {
        [file] => file,
        [make, lines, file] if make == "--make" => {
            long(lines.parse()?).write(BufWriter::new(File::create(file)?))?;
            file
        }
        _ => anyhow::bail!("usage: judge [--make LINES] FILE"),
    };
    let began = Instant::now();
    let history = History::read(BufReader::with_capacity(1 << 20, File::open(file)?))?;
    let read = began.elapsed();
    let verdict = judge(&history);
    eprintln!("{verdict}\nread in {read:.1?}, judged in {:.1?}", began.elapsed() - read);
    std::process::exit(i32::from(!verdict.holds()));
}

/// A flawless run: each message sent, received by twenty sessions and exported once.
fn long(lines: u64) -> History {
    let mut history = History::default();
    let names: Vec<String> = (0..20).map(|number| format!("user{number}")).collect();
    let mut exports = Vec::new();
    let mut now = 1;
    for seq in 1..=(lines / 22).max(1) {
        let sender = &names[(seq % 20) as usize];
        let body = BodyHash::of(sender, &seq.to_string());
        let id = ClientId(seq, seq.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let common = Line {
            process: "made".into(),
            node: "n1".into(),
            protocol: "irc".into(),
            room: "#lobby".into(),
            invoked: now,
            returned: Some(now + 9),
            position: seq * 2,
            seq,
            id,
            body,
            ..Line::default()
        };
        now += 10;
        let line = Line { session: sender.into(), user: sender.into(), ..common.clone() };
        history.push(&line);
        for name in &names {
            let (session, user) = (name.into(), name.into());
            history.push(&Line { op: Kind::Receive, session, user, ..common.clone() });
        }
        exports.push(Line { op: Kind::Export, user: line.user, time: now, ..common });
    }
    let value = exports.len() as u64;
    let first = exports[0].clone();
    exports.push(Line { op: Kind::View, value, ..first });
    exports.iter().for_each(|line| history.push(line));
    history
}

//! How many lines a second the splitter cuts: `cargo bench -p chatroom-wire`. Prints; decides nothing.
#![allow(clippy::print_stdout, reason = "a benchmark's figures go to standard output")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use chatroom_wire::framing::{Framed, LineSplitter};
use chatroom_wire::line::heard::Heard;
use chatroom_wire::line::input::Input;
use chatroom_wire::text::clean;

const LEAST: Duration = Duration::from_millis(500);

fn main() {
    let plain = "hello everyone, this is one line of a chat\n".repeat(2000);
    let accents = "grüß euch alle, das ist eine Zeile über Käse\n".repeat(2000);
    let mended = "hello everyone,\rthis is one line of a chat\r\n".repeat(2000);
    report("split, whole lines, 64 KiB reads", plain.as_bytes(), 65_536, |_| {});
    report("split, whole lines, 512 B reads", plain.as_bytes(), 512, |_| {});
    report("split, a line a read", plain.as_bytes(), 43, |_| {});
    report("split, not ASCII", accents.as_bytes(), 65_536, |_| {});
    report("split, each line mended", mended.as_bytes(), 65_536, |_| {});
    report("split, byte by byte", plain.as_bytes(), 1, |_| {});
    report("split, clean, parse a text", plain.as_bytes(), 65_536, |line| {
        black_box(Input::parse(&clean(line)));
    });
    let heard = "[somebody]: this is one line of a chat, heard\n".repeat(2000);
    report("split, hear a line", heard.as_bytes(), 65_536, |line| {
        black_box(Heard::parse(line));
    });
}

fn report(what: &str, stream: &[u8], read: usize, each: impl Fn(&str)) {
    let mut splitter = LineSplitter::default();
    let mut lines = 0u32;
    let start = Instant::now();
    while start.elapsed() < LEAST {
        for chunk in stream.chunks(read) {
            let mut rest = chunk;
            while let Some(framed) = splitter.next_line(&mut rest) {
                match black_box(framed) {
                    Framed::Line(line) => each(line),
                    Framed::TooLong => unreachable!("no line of the benchmark is too long"),
                }
                lines += 1;
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{what:34} {:7.2} M lines/s", f64::from(lines) / seconds / 1e6);
}

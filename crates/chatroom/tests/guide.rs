//! The bots of the guide are run as they stand there: what a reader copies works.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use chatroom_testkit::process::{Launch, Server};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The blocks of code of a language in the chapter on bots.
fn blocks(language: &str) -> Vec<String> {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/api.md")).unwrap();
    let chapter = guide.split("## A bot in a minute").nth(1).unwrap().split("\n## ").next().unwrap();
    let begin = format!("```{language}\n");
    chapter.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// A bot; it ends with the test, and so does whatever it started.
struct Bot(Child);

impl Bot {
    fn run(program: &str, code: &str, server: &Server, folder: &std::path::Path) -> Self {
        let port = server.address.port();
        let code = code
            .replace("localhost:9000", &format!("127.0.0.1:{port}"))
            .replace("nc localhost 9000", &format!("nc 127.0.0.1 {port}"))
            .replace("/tmp/clock-lines", &folder.join("lines").display().to_string());
        let mut command = Command::new(program);
        command.args(["-c", &code]).stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
        Self(command.spawn().unwrap_or_else(|why| panic!("{program} cannot be run: {why}")))
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["--", &group]).status();
        let _ = self.0.wait();
    }
}

#[test]
fn each_bot_of_the_guide_answers() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let server = Launch::new(env!("CARGO_BIN_EXE_chatroom"), folder.path().join("data")).start().unwrap();
    let [curl, nc] = &blocks("sh")[..] else { panic!("two scripts") };
    let [python] = &blocks("python")[..] else { panic!("one program") };
    for (program, code, name) in
        [("sh", curl, "clock-curl"), ("python3", python, "clock-python"), ("sh", nc, "clock-nc")]
    {
        assert!(code.contains(name), "{code}");
        let _bot = Bot::run(program, code, &server, folder.path());
        let mut to = TcpStream::connect(server.address).unwrap();
        to.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let from = BufReader::new(to.try_clone().unwrap());
        to.write_all(format!("asks-{name}\n").as_bytes()).unwrap();
        let mut lines = from.lines().map(Result::unwrap);
        // It may be there already; then it is among those who are.
        let mut asked = false;
        let mut heard = Vec::new();
        loop {
            let line = lines.next().unwrap_or_else(|| panic!("{name} was not heard: {heard:?}"));
            if line.starts_with(&format!("[{name}]: It is ")) {
                break;
            }
            let is_there = line.starts_with(&format!("*** {name} joined"))
                || line.trim_start().starts_with(&format!("- {name}"));
            if line.starts_with("Welcome, ") {
                to.write_all(b"/users\n").unwrap();
            }
            if is_there && !asked {
                asked = true;
                to.write_all(b"!time\n").unwrap();
            }
            heard.push(line);
        }
    }
}

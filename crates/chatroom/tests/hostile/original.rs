//! The original's client, imitated: it waits for the prompt, sends what is typed with a line end, prints what comes.

use super::house;
use chatroom_testkit::fault::{DEADLINE, Talker};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};

/// What the original's client does with a connection: reads to each line end, never looks ahead.
struct Original {
    from: BufReader<TcpStream>,
    to: TcpStream,
}

impl Original {
    fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let to = TcpStream::connect(address)?;
        to.set_read_timeout(Some(DEADLINE))?;
        Ok(Self { from: BufReader::new(to.try_clone()?), to })
    }

    fn read(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        Ok(line)
    }

    fn type_line(&mut self, line: &str) -> anyhow::Result<()> {
        Ok(self.to.write_all(format!("{line}\n").as_bytes())?)
    }

    fn hears(&mut self, lines: &[&str]) -> anyhow::Result<()> {
        for line in lines {
            let heard = self.read()?;
            assert_eq!(heard, format!("{line}\n"));
        }
        Ok(())
    }

    fn hears_until(&mut self, last: &str) -> anyhow::Result<Vec<String>> {
        let mut lines = Vec::new();
        while lines.last().map(String::as_str) != Some(last) {
            let line = self.read()?;
            anyhow::ensure!(line.ends_with('\n'), "closed after {lines:?}");
            lines.push(line.trim_end_matches('\n').to_owned());
        }
        Ok(lines)
    }
}

#[test]
fn the_originals_client_works() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let house = house(None, None)?;
    let mut bob = Original::connect(house.server.address)?;
    bob.hears(&["Enter username (or 'reconnect:<username>:<token>' to reconnect): "])?;
    bob.type_line("bob")?;
    let greeting = bob.hears_until("*** bob joined the chat ***")?;
    let token = greeting[0].strip_prefix("Your reconnect token: ").expect("the token comes first").to_owned();
    assert!(token.len() == 32 && token.bytes().all(|b| b.is_ascii_hexdigit()), "{token}");
    assert_eq!(greeting[1], format!("   Save this to reconnect: reconnect:bob:{token}"));
    assert_eq!(greeting[2..5], ["Welcome, bob!", "Commands:", "  /users - List all users"]);
    for command in [
        "/history [N] - ",
        "/msg <user> <msg> - ",
        "/token - ",
        "/stats - ",
        "/simulate crash - ",
        "/quit - ",
    ] {
        assert!(
            greeting.iter().any(|line| line.starts_with(&format!("  {command}"))),
            "{command}: {greeting:?}"
        );
    }
    bob.type_line("hello")?;
    bob.hears(&["[bob]: hello"])?;
    bob.type_line("/users")?;
    bob.hears(&["Users online:", "  - bob", "", "Total messages: 1"])?;
    assert!(bob.read()?.starts_with("Uptime: "));
    let mut alice = Talker::join(house.server.address, "alice")?;
    bob.hears(&["*** alice joined the chat ***"])?;
    bob.type_line("/msg alice psst")?;
    bob.hears(&["Message sent to alice"])?;
    assert_eq!(alice.line()?.as_deref(), Some("[From bob]: psst"));
    bob.type_line("/msg nobody psst")?;
    bob.hears(&["User 'nobody' not found"])?;
    bob.type_line("/msg bob psst")?;
    bob.hears(&["Can't message yourself!"])?;
    bob.type_line("/msg")?;
    bob.hears(&["Usage: /msg <username> <message>"])?;
    bob.type_line("/frobnicate")?;
    bob.hears(&["Unknown: /frobnicate"])?;
    bob.type_line("/history 1")?;
    bob.hears(&["Recent messages: ", " [bob]: hello"])?;
    bob.type_line("/token")?;
    let reconnect = format!("reconnect:bob:{token}");
    bob.hears(&[
        "Your reconnect token:",
        &format!("   {reconnect}"),
        "   Use this to reconnect if you disconnect.",
    ])?;
    bob.type_line("/simulate crash")?;
    bob.hears(&["Simulating crash..."])?;
    assert_eq!(bob.read()?, "", "cut without a goodbye");
    alice.sees_leave("bob")?;
    alice.send("while you were away")?;
    alice.until("its own line", |line| line == "[alice]: while you were away")?;

    let mut bob = Original::connect(house.server.address)?;
    bob.read()?;
    bob.type_line(&reconnect)?;
    bob.hears(&["Welcome back, bob!", "Welcome, bob!", "Commands:"])?;
    let rest = bob.hears_until("*** bob joined the chat ***")?;
    assert_eq!(rest.iter().filter(|line| line.contains("while you were away")).count(), 1, "{rest:?}");
    bob.type_line("/quit")?;
    bob.hears(&["Goodbye!"])?;
    assert_eq!(bob.read()?, "", "closed after the goodbye");
    alice.sees_leave("bob")?;
    Ok(())
}

//! Real IRC clients in a terminal: irssi and WeeChat come, log in, read what was said, and talk both ways with somebody who
//! has a plain socket.

use anyhow::{Context, ensure};
use chatroom_testkit::fault::{DEADLINE, Talker};
use chatroom_testkit::process::Launch;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// A terminal with a client in it; gone when it is dropped.
struct Screen {
    socket: String,
}

impl Screen {
    /// Starts a program in a terminal of its own.
    fn start(name: &str, home: &Path, program: &str) -> anyhow::Result<Self> {
        let screen = Self { socket: format!("chatroom-{name}-{}", std::process::id()) };
        let home = home.to_str().context("the folder has a name")?;
        let size = ["-x", "110", "-y", "40"];
        let told = Command::new("tmux")
            .args(["-L", &screen.socket, "-f", "/dev/null", "new-session", "-d", "-s", "t"])
            .args(size)
            .arg(program)
            .env("HOME", home)
            .env("TERM", "xterm-256color")
            .env("LC_ALL", "C.UTF-8")
            .output()
            .context("tmux is needed: ./test installs it as root on Debian")?;
        ensure!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        Ok(screen)
    }

    fn tmux(&self, args: &[&str]) -> anyhow::Result<String> {
        let told = Command::new("tmux").args(["-L", &self.socket]).args(args).output()?;
        Ok(String::from_utf8_lossy(&told.stdout).into_owned())
    }

    /// Types a line.
    fn types(&self, line: &str) -> anyhow::Result<()> {
        self.tmux(&["send-keys", "-t", "t", "-l", line])?;
        self.tmux(&["send-keys", "-t", "t", "Enter"])?;
        Ok(())
    }

    /// Looks until something is on the screen.
    fn shows(&self, text: &str) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            let seen = self.tmux(&["capture-pane", "-p", "-t", "t"])?;
            if seen.contains(text) {
                return Ok(());
            }
            ensure!(begun.elapsed() < DEADLINE, "{text:?} is not shown in {DEADLINE:?}:\n{seen}");
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.tmux(&["kill-server"]);
    }
}

/// A registered user, who then goes: an IRC client comes in under the name.
fn register(address: std::net::SocketAddr, name: &str) -> anyhow::Result<()> {
    let mut talker = Talker::join(address, name)?;
    talker.send("/register correct-horse")?;
    talker.until("registered", |line| line.contains("your name is yours now"))?;
    talker.send("/quit")?;
    talker.until("gone", |line| line == "Goodbye!")?;
    Ok(())
}

/// Comes, logs in, reads what was said, and talks both ways.
fn converse(
    name: &str,
    start: impl FnOnce(&Path, std::net::SocketAddr) -> anyhow::Result<Screen>,
) -> anyhow::Result<()> {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let server = Launch::new(env!("CARGO_BIN_EXE_chatroom"), dir.path().join("chatdata")).start()?;
    register(server.address, name)?;
    let mut nc = Talker::join(server.address, "nc")?;
    nc.send("/create #tea")?;
    nc.until("in", |line| line == "Now in #tea.")?;
    nc.send("said before anybody came")?;
    nc.until("said", |line| line.contains("said before"))?;

    let screen = start(dir.path(), server.address)?;
    // Who is registered is where they were, which is the lobby.
    nc.until("came", |line| *line == format!("*** {name} joined the chat ***"))?;
    // Until the client knows that it is in, it takes nothing for this server.
    screen.shows("lobby")?;
    screen.types("/join #tea")?;
    nc.until("joined", |line| *line == format!("*** {name} joined #tea ***"))?;
    screen.shows("said before anybody came")?;
    screen.types("hello from a real client")?;
    nc.until("heard", |line| *line == format!("#tea [{name}]: hello from a real client"))?;
    nc.send("hello from a plain socket")?;
    screen.shows("hello from a plain socket")?;
    nc.send("/me waves")?;
    screen.shows("nc waves")?;
    screen.types("/me waves back")?;
    nc.until("acted", |line| *line == format!("#tea * {name} waves back"))?;
    screen.types("/msg nc psst")?;
    nc.until("told", |line| *line == format!("[From {name}]: psst"))?;
    nc.send("/topic about tea")?;
    screen.shows("about tea")?;
    screen.types("/quit bye")?;
    nc.until("gone", |line| line.starts_with(&format!("*** {name} left")))?;
    Ok(())
}

#[test]
fn irssi_is_a_full_participant() -> anyhow::Result<()> {
    converse("irs", |home, address| {
        let config = format!(
            "servers = ({{ address = \"{}\"; port = \"{}\"; chatnet = \"chat\"; autoconnect = \"yes\"; }});\n\
             chatnets = {{ chat = {{ type = \"IRC\"; nick = \"irs\"; sasl_mechanism = \"PLAIN\"; \
             sasl_username = \"irs\"; sasl_password = \"correct-horse\"; }}; }};\n",
            address.ip(),
            address.port()
        );
        std::fs::create_dir_all(home.join("irssi"))?;
        std::fs::write(home.join("irssi/config"), config)?;
        Screen::start("irssi", home, &format!("irssi --home={}", home.join("irssi").display()))
    })
}

#[test]
fn weechat_is_a_full_participant() -> anyhow::Result<()> {
    converse("wee", |home, address| {
        let commands = format!(
            "/server add chat {}/{} -notls -nicks=wee -autoconnect;\
             /set irc.server.chat.sasl_username wee;/set irc.server.chat.sasl_password correct-horse;\
             /connect chat",
            address.ip(),
            address.port()
        );
        let folder = home.join("weechat");
        let program = format!("weechat -d {} -r '{commands}'", folder.display());
        Screen::start("weechat", home, &program)
    })
}

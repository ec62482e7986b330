//! The conversations in `scripts/`, each on the pure model and over the line protocol; those in `scripts/line/` only
//! there, with every line of the greetings.

use std::path::{Path, PathBuf};

use chatroom_server::{Server, Settings};
use chatroom_store::Folder;
use chatroom_testkit::script::{ModelRunner, TcpRunner, check};

fn scripts(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = std::fs::read_dir(&folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be listed").path());
    let mut scripts: Vec<PathBuf> = files.filter(|file| file.is_file()).collect();
    scripts.sort();
    assert!(!scripts.is_empty(), "no scripts in {}", folder.display());
    scripts
}

/// Runs a script against a server of its own.
fn over_tcp(
    script: &Path,
    runner: fn(std::net::SocketAddr) -> anyhow::Result<TcpRunner>,
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut settings = Settings::new(Folder::new(folder.path().join("chatdata")));
    settings.listen = vec!["127.0.0.1:0".parse::<std::net::SocketAddr>()?.into()];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let server = Server::start(settings)?;
        let (address, script) = (server.addresses()[0], script.to_owned());
        let conversation = tokio::task::spawn_blocking(move || check(&script, &mut runner(address)?));
        let result = conversation.await?;
        server.stop().await;
        result
    })
}

#[test]
fn on_the_model() {
    for script in scripts("scripts") {
        check(&script, &mut ModelRunner::default()).unwrap();
    }
}

#[test]
fn over_the_line_protocol() {
    for script in scripts("scripts") {
        over_tcp(&script, TcpRunner::new).unwrap();
    }
}

#[test]
fn with_greetings_and_questions() {
    for script in scripts("scripts/line") {
        over_tcp(&script, TcpRunner::with_greetings).unwrap();
    }
}

/// A command without a script is one that nobody has seen work.
#[test]
fn every_command_occurs_in_a_script() {
    let mut said = Vec::new();
    for script in scripts("scripts").into_iter().chain(scripts("scripts/line")) {
        let text = std::fs::read_to_string(script).unwrap();
        let words = text.lines().filter_map(|line| line.split_once("> /").map(|(_, line)| line));
        said.extend(words.map(|line| match line.split_once(" /").filter(|_| line.starts_with("id ")) {
            Some((_, inner)) => format!("id {inner}"),
            None => line.to_owned(),
        }));
    }
    for command in chatroom_wire::line::command::commands() {
        let used = |line: &String| line.split(' ').next() == Some(command.word);
        assert!(said.iter().any(used), "no script says /{}", command.word);
    }
}

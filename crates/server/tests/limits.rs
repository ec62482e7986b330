//! The real listener over loopback: what an address may open, and what the one too many is told. Knows no session.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use chatroom_server::limits::{self, Amount, LIMITS, Which};
use chatroom_server::{Server, Settings};
use chatroom_store::Folder;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A server where only this is limited, on loopback too.
fn server(which: Which, amount: &str) -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(Folder::new(folder.path().join("data")));
    settings.listen = vec![SocketAddr::from(([127, 0, 0, 1], 0)).into()];
    settings.shards = 1;
    settings.detect = Duration::from_millis(1);
    settings.limits = only(which, amount);
    (Server::start(settings).unwrap(), folder)
}

fn only(which: Which, amount: &str) -> limits::Settings {
    let mut limits = limits::Settings::default();
    limits.exempt.clear();
    for limit in LIMITS {
        limits.set(limit.which, Amount::Off);
    }
    limits.set(which, which.limit().read(amount).unwrap());
    limits
}

/// A connection, or what is said instead.
async fn connect(server: &Server) -> Result<BufReader<TcpStream>, String> {
    let mut socket = BufReader::new(TcpStream::connect(server.addresses()[0]).await.unwrap());
    let mut line = String::new();
    socket.read_line(&mut line).await.unwrap();
    if line.starts_with("Closing: ") {
        assert_eq!(socket.read_to_end(&mut Vec::new()).await.unwrap(), 0, "one line and no more");
        return Err(line);
    }
    Ok(socket)
}

/// Connects until it is let in: when the server notices that another has gone is for the kernel to say.
async fn connect_until(server: &Server) -> BufReader<TcpStream> {
    let patient = async {
        loop {
            if let Ok(socket) = connect(server).await {
                return socket;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), patient).await.expect("the place of one who left is free")
}

#[tokio::test]
async fn an_address_opens_so_many_connections_and_one_more_when_one_is_closed() {
    let (server, _folder) = server(Which::OpenPerAddress, "3 at once");
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(connect(&server).await.unwrap());
    }
    let told = connect(&server).await.unwrap_err();
    assert_eq!(told, "Closing: too many connections from your address are open: try again later\n");
    drop(open.pop());
    open.push(connect_until(&server).await);
    connect(&server).await.unwrap_err();
    drop(open);
    server.stop().await;
}

#[tokio::test]
async fn an_address_connects_so_often_and_no_more() {
    let (server, _folder) = server(Which::ConnectsPerAddress, "1/h burst 3");
    for _ in 0..3 {
        drop(connect(&server).await.unwrap());
    }
    let told = connect(&server).await.unwrap_err();
    assert_eq!(told, "Closing: too many connections from your address: try again in 60 min\n");
    // The operator relents.
    server.limits().set(&only(Which::ConnectsPerAddress, "off"));
    connect(&server).await.unwrap();
    let limits = server.limits();
    server.stop().await;
    // They may outlive the server: whoever reads the configuration keeps them.
    assert_eq!(limits.refused().map(|(_, times)| times).sum::<u64>(), 1);
    drop(limits);
}

#[tokio::test]
async fn a_connection_without_a_name_counts_until_it_has_one() {
    let (server, _folder) = server(Which::UnnamedPerAddress, "1 at once");
    let mut first = connect(&server).await.unwrap();
    let told = connect(&server).await.unwrap_err();
    assert!(told.starts_with("Closing: too many connections from your address have not logged in"), "{told}");
    first.write_all(b"ann\n").await.unwrap();
    let _second = connect_until(&server).await;
    connect(&server).await.unwrap_err();
    server.stop().await;
}

#[tokio::test]
async fn loopback_is_exempt_unless_somebody_says_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(Folder::new(folder.path().join("data")));
    settings.listen = vec![SocketAddr::from(([127, 0, 0, 1], 0)).into()];
    settings.detect = Duration::from_millis(1);
    settings.limits.enabled = true;
    settings.limits.set(Which::OpenPerAddress, Amount::AtOnce(1));
    let server = Server::start(settings).unwrap();
    let _first = connect(&server).await.unwrap();
    let _second = connect(&server).await.unwrap();
    server.stop().await;
}

/// Somebody who is in, and what was said before is read.
async fn enter(server: &Server, name: &str) -> BufReader<TcpStream> {
    let mut socket = connect(server).await.unwrap();
    socket.write_all(format!("{name}\n").as_bytes()).await.unwrap();
    let mut line = String::new();
    while !line.contains(" joined the chat ") {
        line.clear();
        socket.read_line(&mut line).await.unwrap();
    }
    socket
}

async fn next_line(socket: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    socket.read_line(&mut line).await.unwrap();
    line
}

#[tokio::test]
async fn a_file_poured_in_is_slowed_down_and_said_to_its_last_line() {
    let (server, _folder) = server(Which::MessagesPerConnection, "1000/s burst 1");
    let mut ann = enter(&server, "ann").await;
    let lines: String = (0..50).map(|n| format!("{n}\n")).collect();
    ann.write_all(lines.as_bytes()).await.unwrap();
    let (mut said, mut told) = (Vec::new(), Vec::new());
    while said.len() < 50 {
        let line = next_line(&mut ann).await;
        if line.starts_with('[') { said.push(line) } else { told.push(line) }
    }
    let expected: Vec<String> = (0..50).map(|n| format!("[ann]: {n}\n")).collect();
    assert_eq!(said, expected);
    assert_eq!(told, ["slowed down: too many messages\n"], "once for all of them");
    server.stop().await;
}

#[tokio::test]
async fn whoever_would_wait_for_long_is_refused() {
    let (server, _folder) = server(Which::MessagesPerConnection, "1/m burst 1");
    let mut ann = enter(&server, "ann").await;
    ann.write_all(b"one\ntwo\n").await.unwrap();
    assert_eq!(next_line(&mut ann).await, "[ann]: one\n");
    assert_eq!(next_line(&mut ann).await, "Not sent: too many messages: try again in 60 s\n");
    server.stop().await;
}

#[tokio::test]
async fn whoever_is_slowed_down_hears_the_others_all_the_same_and_may_go() {
    let (server, _folder) = server(Which::MessagesPerConnection, "10/m burst 1");
    let mut ann = enter(&server, "ann").await;
    ann.write_all(b"one\ntwo\n").await.unwrap();
    // It is told at once, while the first line is on its way to the disk.
    let mut heard = [next_line(&mut ann).await, next_line(&mut ann).await];
    heard.sort();
    assert_eq!(heard, ["[ann]: one\n", "slowed down: too many messages\n"]);
    let _bob = enter(&server, "bob").await;
    assert_eq!(next_line(&mut ann).await, "*** bob joined the chat ***\n");
    server.stop().await;
    assert_eq!(next_line(&mut ann).await, "Server is shutting down.\n");
}

/// The next line that has this.
async fn line_with(socket: &mut BufReader<TcpStream>, what: &str) -> String {
    let mut heard = Vec::new();
    while !heard.last().is_some_and(|line: &String| line.contains(what)) {
        let Ok(line) = tokio::time::timeout(Duration::from_secs(20), next_line(socket)).await else {
            panic!("nothing with {what:?} came: {heard:?}");
        };
        heard.push(line);
    }
    heard.pop().unwrap()
}

#[tokio::test]
async fn people_written_to_for_the_first_time_are_counted_and_answering_is_free() {
    let (server, _folder) = server(Which::NewPeoplePerUser, "1/h burst 2");
    let mut ann = enter(&server, "ann").await;
    let mut others = Vec::new();
    for name in ["bob", "carl", "dora"] {
        others.push(enter(&server, name).await);
    }
    let dora = others.last_mut().unwrap();
    // Many words to one are one, also while the first are on their way; nobody and oneself are no people.
    ann.write_all("/msg bob hi\n".repeat(20).as_bytes()).await.unwrap();
    ann.write_all(b"/msg nobody hi\n/msg carl hi\n/msg dora hi\n").await.unwrap();
    let told = line_with(&mut ann, "Not sent").await;
    assert_eq!(told, "Not sent: too many new people written to: try again in 60 min\n");
    dora.write_all(b"/msg ann hello\n").await.unwrap();
    line_with(&mut ann, "[From dora]: hello").await;
    ann.write_all(b"/msg dora at last\n").await.unwrap();
    line_with(dora, "[From ann]: at last").await;

    // Who takes the name that was free when it was written to is a stranger all the same.
    let _somebody = enter(&server, "nobody").await;
    ann.write_all(b"/msg nobody hi\n").await.unwrap();
    line_with(&mut ann, "Not sent: too many new people").await;

    let mut eve = BufReader::new(TcpStream::connect(server.addresses()[0]).await.unwrap());
    eve.write_all(b"NICK eve\r\nUSER eve 0 * :eve\r\n").await.unwrap();
    line_with(&mut eve, " 001 eve ").await;
    eve.write_all(b"PRIVMSG ann :a\r\nPRIVMSG ann :\x01VERSION\x01\r\nPRIVMSG bob :b\r\n").await.unwrap();
    for what in ["carl :c", "dora :\x01PING 1\x01"] {
        eve.write_all(format!("PRIVMSG {what}\r\n").as_bytes()).await.unwrap();
        let told = line_with(&mut eve, " 404 eve ").await;
        assert!(
            told.ends_with(" :Cannot send: too many new people written to: try again in 60 min\r\n"),
            "{told}"
        );
    }
    server.stop().await;
}

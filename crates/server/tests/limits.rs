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
    settings.listen = vec![SocketAddr::from(([127, 0, 0, 1], 0))];
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
    settings.listen = vec![SocketAddr::from(([127, 0, 0, 1], 0))];
    settings.detect = Duration::from_millis(1);
    settings.limits.enabled = true;
    settings.limits.set(Which::OpenPerAddress, Amount::AtOnce(1));
    let server = Server::start(settings).unwrap();
    let _first = connect(&server).await.unwrap();
    let _second = connect(&server).await.unwrap();
    server.stop().await;
}

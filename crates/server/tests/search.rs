//! Search over the line protocol: what is found where one is, and what is not: others' rooms, what was taken back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use chatroom_server::{Server, Settings};
use chatroom_store::Folder;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

fn server() -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(Folder::new(folder.path().join("data")));
    settings.listen = vec![SocketAddr::from(([127, 0, 0, 1], 0)).into()];
    settings.shards = 1;
    settings.detect = Duration::from_millis(1);
    (Server::start(settings).unwrap(), folder)
}

struct Person {
    socket: BufReader<TcpStream>,
}

impl Person {
    async fn join(server: &Server, name: &str) -> Self {
        let socket = BufReader::new(TcpStream::connect(server.addresses()[0]).await.unwrap());
        let mut person = Self { socket };
        person.say(name).await;
        person.settled().await;
        person
    }

    async fn say(&mut self, line: &str) {
        self.socket.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    /// Everything up to the answer of a command that is answered last.
    async fn settled(&mut self) -> String {
        self.say("/xyzzy").await;
        let mut heard = String::new();
        loop {
            let mut line = String::new();
            let read = self.socket.read_line(&mut line);
            let n = tokio::time::timeout(Duration::from_secs(30), read).await.expect("it answers").unwrap();
            assert!(n > 0, "the server closed after {heard}");
            if line.contains("Unknown: /xyzzy") {
                return heard;
            }
            heard.push_str(&line);
        }
    }

    async fn does(&mut self, line: &str) -> String {
        self.say(line).await;
        self.settled().await
    }

    /// How many messages a search shows, and all it says.
    async fn finds(&mut self, query: &str) -> (usize, String) {
        let said = self.does(&format!("/search {query}")).await;
        (said.lines().filter(|line| line.starts_with("  ") && line.contains(" ago ")).count(), said)
    }
}

#[tokio::test]
async fn one_finds_what_was_said_where_one_is() {
    let (server, _folder) = server();
    let mut ann = Person::join(&server, "ann").await;
    let mut bob = Person::join(&server, "bob").await;
    ann.does("The kettle is on in the lobby").await;
    ann.does("我们在北京见面").await;
    ann.does("/create #den private").await;
    ann.does("/in #den the kettle of the den").await;
    let (n, said) = ann.finds("kettle").await;
    assert_eq!(n, 2, "{said}");
    assert!(said.contains("#den/1 0s ago [ann]: the \u{27e6}kettle\u{27e7} of the den\n"), "{said}");
    assert!(
        said.contains("#lobby/1 0s ago [ann]: The \u{27e6}kettle\u{27e7} is on in the lobby\n"),
        "{said}"
    );
    let (n, said) = bob.finds("kettle").await;
    assert_eq!(n, 1, "{said}");
    assert!(!said.contains("den"), "{said}");
    assert_eq!(bob.does("/search in:#den kettle").await, bob.does("/search in:#none kettle").await);
    let (n, said) = bob.finds("北京").await;
    assert!(n == 1 && said.contains("\u{27e6}北京\u{27e7}"), "{said}");
    server.stop().await;
}

#[tokio::test]
async fn what_was_edited_redacted_or_purged_is_not_found_by_what_it_said() {
    let (server, _folder) = server();
    let mut ann = Person::join(&server, "ann").await;
    let mut bob = Person::join(&server, "bob").await;
    ann.does("/create #tea").await;
    bob.does("/join #tea").await;
    bob.does("/in #tea green leaves").await;
    assert_eq!(ann.finds("green").await.0, 1);
    bob.does("/edit 1 black leaves").await;
    let (n, said) = ann.finds("black").await;
    assert!(n == 1 && said.contains("#tea/1"), "{said}");
    assert_eq!(ann.finds("green").await.0, 0);
    bob.does("/delete 1").await;
    assert_eq!(ann.finds("black").await.0, 0);
    assert_eq!(ann.finds("leaves").await.0, 0);
    bob.does("/in #tea spam and more spam").await;
    assert_eq!(ann.finds("spam").await.0, 1);
    ann.does("/join #tea").await;
    ann.does("/purge bob yes").await;
    assert_eq!(ann.finds("spam").await.0, 0);
    assert_eq!(bob.finds("leaves").await.0, 0);
    ann.does("/in #tea only here").await;
    assert_eq!(bob.finds("only").await.0, 1);
    ann.does("/kick bob").await;
    bob.settled().await;
    assert_eq!(bob.finds("only").await.0, 0, "whoever was put out finds nothing there");
    server.stop().await;
}

//! The web side over real sockets: what it answers, what it refuses, and for how long it waits.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on panics, and prints its seed"
)]

mod abuse;
mod api;
mod bots;
mod caller;
mod gate;
mod hooks;
mod keepers;
mod receiver;
#[path = "../irc/rig.rs"]
mod rig;
mod socket;
mod stream;

use caller::{Caller, ask};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rig::Rig;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A server that waits for the first bytes however late they come: nobody here is to be prompted for a name.
fn patient(set: impl FnOnce(&mut chatroom_server::Settings)) -> Rig {
    Rig::start(|settings| {
        settings.detect = Duration::from_secs(30);
        set(settings);
    })
}

#[test]
fn a_browser_is_told_how_to_come_in() {
    let rig = patient(|_| {});
    let front = ask(rig.address, "GET", "/", "");
    assert_eq!(front.status, 200);
    assert_eq!(front.header("content-type"), Some("text/html; charset=utf-8"));
    let port = rig.address.port();
    assert!(front.body.contains(&format!("<code>nc localhost {port}</code>")), "{}", front.body);
    // By whatever name one came, and not by what another field says.
    let mut caller = Caller::connect(rig.address);
    caller.say("GET http://[::1]:7/ HTTP/1.1\r\nHost: <b>evil</b>\r\n\r\n");
    let named = caller.hear(false);
    assert!(named.body.contains("<code>nc ::1 7</code>") && !named.body.contains("evil"), "{}", named.body);
    assert!(front.header("content-security-policy").unwrap().contains("script-src 'self'"));
}

#[test]
fn the_page_is_made_of_files_that_never_change_under_their_addresses() {
    let rig = patient(|_| {});
    let front = ask(rig.address, "GET", "/", "");
    let addresses: Vec<_> = front.body.split('"').filter(|address| address.starts_with("/assets/")).collect();
    let files: Vec<_> = addresses.iter().filter_map(|address| address.splitn(4, '/').nth(3)).collect();
    assert_eq!(files, ["icon.svg", "manifest.webmanifest", "style.css", "app.js"]);
    for address in addresses {
        let asset = ask(rig.address, "GET", address, "");
        assert_eq!(asset.status, 200, "{address}");
        assert_eq!(asset.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(asset.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(asset.header("content-encoding"), None);
    }
    let script = front.body.split('"').find(|address| address.ends_with("/app.js")).unwrap();
    let packed = ask(rig.address, "HEAD", script, "Accept-Encoding: br, gzip\r\n");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    for address in ["/assets/0000/app.js", "/assets/x/../app.js", "/assets/", "/index.html"] {
        assert_eq!(ask(rig.address, "GET", address, "").status, 404, "{address}");
    }
}

#[test]
fn health_can_be_asked_for() {
    let rig = patient(|_| {});
    for (path, body) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = ask(rig.address, "GET", path, "");
        assert_eq!((answer.status, &*answer.body), (200, body));
        let head = ask(rig.address, "HEAD", path, "");
        assert_eq!((head.status, &*head.body), (200, ""));
    }
}

#[test]
fn what_is_wrong_is_said_as_a_problem() {
    let rig = patient(|_| {});
    let nothing = ask(rig.address, "GET", "/nothing", "");
    assert_eq!((nothing.status, nothing.header("content-type")), (404, Some("application/problem+json")));
    assert!(nothing.body.contains(r#""code":"not-found""#), "{}", nothing.body);
    let method = ask(rig.address, "DELETE", "/healthz", "");
    assert_eq!((method.status, method.header("allow")), (405, Some("GET,HEAD")));
    assert!(method.body.contains(r#""code":"method-not-allowed""#), "{}", method.body);
    // What is counted is not for everybody.
    assert_eq!(ask(rig.address, "GET", "/metrics", "").status, 404);
}

#[test]
fn a_connection_answers_one_request_after_another() {
    let rig = patient(|_| {});
    let mut caller = Caller::connect(rig.address);
    // Several at once, the last in two parts.
    let one = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    caller.say(&one.repeat(3));
    caller.say(&one[..20]);
    for _ in 0..3 {
        assert_eq!(caller.hear(false).body, "ok\n");
    }
    caller.say(&one[20..]);
    assert_eq!(caller.hear(false).body, "ok\n");
}

#[test]
fn what_is_counted_is_read_elsewhere() {
    let rig = patient(|settings| settings.admin = "127.0.0.1:0".parse().ok());
    let admin = rig.admin.unwrap();
    ask(rig.address, "GET", "/nothing", "");
    ask(rig.address, "GET", "/healthz", "");
    let metrics = ask(admin, "GET", "/metrics", "");
    assert_eq!(metrics.status, 200);
    assert!(metrics.header("content-type").unwrap().starts_with("application/openmetrics-text"));
    for line in [
        r#"chatroom_http_requests_total{method="GET",route="none",code="404"} 1"#,
        r#"chatroom_http_requests_total{method="GET",route="/healthz",code="200"} 1"#,
        "chatroom_log_stores 1",
        "chatroom_connections ",
        r#"chatroom_limited_total{limit="connects_per_address"} 0"#,
        "# EOF",
    ] {
        assert!(metrics.body.lines().any(|there| there.starts_with(line)), "{line} in {}", metrics.body);
    }
    assert_eq!(ask(admin, "GET", "/readyz", "").status, 200);
    assert_eq!(ask(admin, "GET", "/", "").status, 404);
}

#[test]
fn http_2_is_spoken_with_whoever_knows() {
    let rig = patient(|_| {});
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let socket = tokio::net::TcpStream::connect(rig.address).await.unwrap();
        let (mut asks, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(socket)).await.unwrap();
        let driven = tokio::spawn(connection);
        for (host, status) in [("localhost", 200), ("evil.example", 421)] {
            let request = hyper::Request::get(format!("http://{host}/healthz"));
            let response =
                asks.send_request(request.body(Empty::<hyper::body::Bytes>::new()).unwrap()).await.unwrap();
            assert_eq!(response.status(), status, "{host}");
            assert_eq!(response.headers()["x-content-type-options"], "nosniff");
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body == "ok\n", status == 200);
        }
        drop(asks);
        driven.await.unwrap().unwrap();
    });
}

#[test]
fn who_sends_what_is_refused_reads_why() {
    let rig = patient(|_| {});
    let body = vec![b'x'; 600_000];
    for (asks, status) in [
        ("POST / HTTP/1.1\r\nHost: localhost\r\n", "405"),
        ("POST / HTTP/1.1\r\nHost: x.example.org\r\n", "421"),
        ("POST /api/v1/rooms/1/messages HTTP/1.1\r\nHost: localhost\r\n", "401"),
    ] {
        let head = format!("{asks}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        for _ in 0..20 {
            let mut socket = TcpStream::connect(rig.address).unwrap();
            socket.write_all(head.as_bytes()).unwrap();
            socket.write_all(&body).unwrap();
            socket.shutdown(std::net::Shutdown::Write).unwrap();
            let mut told = String::new();
            socket.read_to_string(&mut told).expect("the connection is closed, not reset");
            assert!(told.starts_with(&format!("HTTP/1.1 {status} ")), "{told}");
        }
    }
}

#[test]
fn a_connection_that_a_browser_opens_in_advance_is_not_spoken_to() {
    let rig = Rig::start(|settings| settings.detect = Duration::from_millis(150));
    let opens = || TcpStream::connect(rig.address).unwrap();
    let prompted = |mut socket: &TcpStream| {
        let mut told = [0; 256];
        socket.read(&mut told).map(|n| String::from_utf8_lossy(&told[..n]).into_owned())
    };
    let mut spare = opens();
    assert_eq!(ask(rig.address, "GET", "/healthz", "").status, 200);
    // Whoever comes when no browser does is spoken to, and by then the other one would have been.
    spare.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    assert_eq!(prompted(&spare).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    assert!(prompted(&opens()).unwrap().contains("name"));
    spare.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    spare.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut told = String::new();
    spare.read_to_string(&mut told).unwrap();
    assert!(told.starts_with("HTTP/1.1 200 "), "{told}");
    // Who is a person after all waits longer, and is asked for a name.
    assert!(prompted(&opens()).unwrap().contains("name"));
}

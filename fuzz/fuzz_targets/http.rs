//! Whatever is asked by HTTP is answered, and never by a fault of ours; what is wrong is said as a problem. A real server in this
//! process is asked over a real connection by somebody who may do much: what stands in an address, in fields, and in bodies
//! goes through everything that reads it.
#![no_main]

use chatroom_server::{Server, Settings};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(8);
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

struct Site {
    address: SocketAddr,
    // Protects who asks: how many came, and the key of the last.
    caller: Mutex<(u32, String)>,
}

static SITE: OnceLock<Site> = OnceLock::new();

// An input is `METHOD path`, header fields, an empty field, and a body, with tabs between.
fuzz_target!(|input: &[u8]| {
    let site = SITE.get_or_init(start);
    let at = input.windows(2).position(|two| two == b"\t\t");
    let (head, body) = at.map_or((input, &[][..]), |at| (&input[..at], &input[at + 2..]));
    let mut fields = head.split(|byte| *byte == b'\t');
    let first = fields.next().unwrap_or_default();
    let (method, path) = first.split_at(first.iter().position(|byte| *byte == b' ').unwrap_or(first.len()));
    let known = METHODS.iter().find(|known| known.as_bytes() == method);
    let method = known.unwrap_or_else(|| &METHODS[usize::from(method.first().copied().unwrap_or(0)) % METHODS.len()]);
    let path = path.strip_prefix(b" ").unwrap_or(path);
    // A stream does not end.
    if path.windows(6).any(|six| six.eq_ignore_ascii_case(b"stream")) {
        return;
    }
    let key = site.caller.lock().unwrap().1.clone();
    let mut asks = format!("{method} ").into_bytes();
    if !path.starts_with(b"/hooks/") && !path.starts_with(b"/api/") {
        asks.extend_from_slice(b"/api/v1");
    }
    asks.extend_from_slice(path);
    asks.extend_from_slice(b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    let mut says = [false; 2];
    for field in fields {
        for (said, name) in says.iter_mut().zip([&b"authorization:"[..], b"content-type:"]) {
            *said |= field.len() >= name.len() && field[..name.len()].eq_ignore_ascii_case(name);
        }
        asks.extend_from_slice(field);
        asks.extend_from_slice(b"\r\n");
    }
    if !says[0] {
        asks.extend_from_slice(format!("Authorization: Bearer {key}\r\n").as_bytes());
    }
    if !says[1] && !body.is_empty() {
        asks.extend_from_slice(b"Content-Type: application/json\r\n");
    }
    asks.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    asks.extend_from_slice(body);

    let answer = ask(site.address, &asks);
    if answer.is_empty() {
        return;
    }
    let end = answer.windows(4).position(|end| end == b"\r\n\r\n").expect("a head has an end");
    let head = String::from_utf8(answer[..end].to_vec()).expect("a head is text");
    let status: u16 = head[9..12].parse().expect("a status is a number");
    assert!(head.starts_with("HTTP/1.1 ") && status != 500 && status != 502, "{head}");
    let told = &answer[end + 4..];
    if head.contains("application/problem+json") && *method != "HEAD" && !head.contains("chunked") {
        let problem: Value = serde_json::from_slice(told).expect("a problem is JSON");
        assert!(problem["status"] == status && problem["code"].is_string(), "{problem}");
    }
    if status == 401 && !says[0] {
        // The key has been taken back, or its user is gone.
        come(site);
    }
});

fn ask(address: SocketAddr, asks: &[u8]) -> Vec<u8> {
    let mut socket = TcpStream::connect(address).expect("the server accepts");
    socket.set_read_timeout(Some(PATIENCE)).expect("a socket can wait");
    // Whoever is refused early may be cut off while it still writes.
    let _ = socket.write_all(asks);
    let _ = socket.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    if let Err(error) = socket.read_to_end(&mut answer) {
        let late = matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut);
        assert!(!late, "no answer to {}", asks.escape_ascii());
    }
    answer
}

/// Comes in under a name of its own.
fn come(site: &Site) {
    let mut caller = site.caller.lock().unwrap();
    caller.0 += 1;
    let body = format!(r#"{{"name":"fuzz{}","password":"correct horse","register":true}}"#, caller.0);
    let head = "POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n";
    let answer = ask(site.address, format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let key = answer.split(r#""key":""#).nth(1).and_then(|rest| rest.split('"').next());
    caller.1 = key.unwrap_or_else(|| panic!("nobody came in: {answer}")).to_owned();
}

fn start() -> Site {
    let folder = std::env::temp_dir().join(format!("chatroom-fuzz-{}", std::process::id()));
    let mut settings = Settings::new(chatroom_store::Folder::new(folder));
    settings.listen = vec![SocketAddr::from(([127, 0, 0, 1], 0)).into()];
    settings.passwords = chatroom_server::passwords::Cost { memory_kib: 8, passes: 1, scram: 4096 };
    settings.limits = chatroom_server::limits::Settings::off();
    settings.shards = 1;
    settings.detect = PATIENCE;
    let (started, address) = std::sync::mpsc::sync_channel(1);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be made").block_on(async {
            let server = Server::start(settings).expect("the server starts");
            started.send(server.addresses()[0]).expect("somebody waits for it");
            std::future::pending::<()>().await;
        });
    });
    let address = address.recv().expect("the server has started");
    let site = Site { address, caller: Mutex::default() };
    come(&site);
    site
}

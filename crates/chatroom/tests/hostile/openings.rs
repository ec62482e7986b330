//! Other protocols at the door are answered in their own language and closed; nothing of theirs becomes chat.

use super::{chat, house};
use chatroom_testkit::fault::{DEADLINE, Talker, prompt_of};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

#[test]
fn other_protocols_are_answered_in_their_own_language() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let house = house(None, None)?;
    for (opening, answer) in [
        (&b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"[..], &b"HTTP/1.1 200 "[..]),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x15\x03\x03\x00\x02\x02"),
        (b"CAP LS 302\r\nQUIT\r\n", b":chatroom CAP * LS "),
        (b"NICK bob\r\nUSER bob 0 * :Bob\r\nQUIT\r\n", b":chatroom 001 bob :"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", b"SSH is not served here"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x00\x00\x18\x04\x00"),
    ] {
        let told = exchange(house.server.address, opening)?;
        assert!(told.starts_with(answer), "{}: {told:?}", String::from_utf8_lossy(opening));
    }
    Ok(())
}

#[test]
fn a_form_that_a_page_posts_never_becomes_chat() -> anyhow::Result<()> {
    let _timed = chatroom_testkit::fault::timed();
    let house = house(None, None)?;
    let mut alice = Talker::join(house.server.address, "alice")?;
    let irc = "NICK mallory\r\nUSER mallory 0 * :M\r\nJOIN #lobby\r\nPRIVMSG #lobby :hello\r\n";
    let body = format!("mallory\nhello from a page\n/msg alice psst\n{irc}").repeat(1000);
    let post = format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    for opening in
        [post.clone(), post.replace("POST /", "BREW /pot"), format!("OPTIONS * HTTP/1.1\r\n\r\n{body}")]
    {
        let told = exchange(house.server.address, opening.as_bytes())?;
        assert!(told.starts_with(b"HTTP/1.1 4"), "{:?}", String::from_utf8_lossy(&told));
        // The same after the prompt, when the line protocol has been chosen already.
        let mut patient = Talker::connect(house.server.address)?;
        prompt_of(&mut patient)?;
        patient.stream.write_all(opening.as_bytes())?;
        let told = patient.rest()?;
        assert!(told.iter().any(|line| line.starts_with("HTTP/1.1 408 ")), "{told:?}");
    }
    alice.send("the end")?;
    let seen = alice.until("the end", |line| line == "[alice]: the end")?;
    assert_eq!(seen.len(), 1, "somebody came or said something: {seen:?}");
    assert_eq!(alice.users()?, ["alice"]);
    chat(&mut alice, 1)?;
    Ok(())
}

fn exchange(address: SocketAddr, opening: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut socket = TcpStream::connect(address)?;
    socket.set_read_timeout(Some(DEADLINE))?;
    socket.write_all(opening)?;
    socket.shutdown(std::net::Shutdown::Write)?;
    let mut told = Vec::new();
    socket.read_to_end(&mut told)?;
    Ok(told)
}

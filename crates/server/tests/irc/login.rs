//! Logging in by SCRAM-SHA-256, as a client does it: its proof is checked, and so is the server's.

use crate::rig::Rig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

struct Client {
    from: BufReader<TcpStream>,
    to: TcpStream,
}

impl Client {
    fn connect(rig: &Rig) -> Self {
        let to = TcpStream::connect(rig.address).unwrap();
        to.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Self { from: BufReader::new(to.try_clone().unwrap()), to }
    }

    fn say(&mut self, line: &str) {
        self.to.write_all(format!("{line}\r\n").as_bytes()).unwrap();
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.from.read_line(&mut line).unwrap(), 0, "closed");
        line.trim_end().to_owned()
    }

    fn until(&mut self, part: &str) -> String {
        loop {
            let line = self.hear();
            if line.contains(part) {
                return line;
            }
        }
    }

    /// The text of the next AUTHENTICATE.
    fn challenge(&mut self) -> String {
        let line = self.hear();
        let word = line.strip_prefix("AUTHENTICATE ").unwrap_or_else(|| panic!("{line}"));
        String::from_utf8(STANDARD.decode(word).unwrap()).unwrap()
    }

    /// Logs in; the answer is the line by which it is told what came of it, and the salt and rounds it was given.
    fn scram(&mut self, name: &str, password: &str) -> (String, String) {
        self.say("CAP REQ sasl");
        self.until("ACK");
        self.say("AUTHENTICATE SCRAM-SHA-256");
        assert_eq!(self.hear(), "AUTHENTICATE +");
        let bare = format!("n={name},r=abc");
        self.say(&format!("AUTHENTICATE {}", STANDARD.encode(format!("n,,{bare}"))));
        let first = self.challenge();
        let (nonce, kept) = first.split_once(',').unwrap();
        let (salt, rounds) = kept.strip_prefix("s=").unwrap().split_once(",i=").unwrap();
        let mut salted = [0; 32];
        let (salt, rounds) = (STANDARD.decode(salt).unwrap(), rounds.parse().unwrap());
        pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), &salt, rounds, &mut salted);
        let without = format!("c=biws,{nonce}");
        let message = format!("{bare},{first},{without}");
        let key = mac(&salted, b"Client Key");
        let signature = mac(&Sha256::digest(key), message.as_bytes());
        let proof: Vec<u8> = key.iter().zip(signature).map(|(a, b)| a ^ b).collect();
        let last = format!("{without},p={}", STANDARD.encode(proof));
        self.say(&format!("AUTHENTICATE {}", STANDARD.encode(last)));
        let answer = self.hear();
        if let Some(word) = answer.strip_prefix("AUTHENTICATE ") {
            let due = mac(&mac(&salted, b"Server Key"), message.as_bytes());
            let verified = String::from_utf8(STANDARD.decode(word).unwrap()).unwrap();
            assert_eq!(verified, format!("v={}", STANDARD.encode(due)), "the server knows the password too");
            self.say("AUTHENTICATE +");
            return (self.hear(), kept.to_owned());
        }
        (answer, kept.to_owned())
    }
}

fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().into()
}

#[test]
fn whoever_proves_a_password_is_in_and_nobody_learns_who_has_one() {
    let rig = Rig::start(|_| {});
    let mut ann = Client::connect(&rig);
    ann.say("NICK ann\r\nUSER ann 0 * :Ann\r\nNS REGISTER correct-horse\r\nQUIT");
    ann.until("Account created");
    ann.until("ERROR");
    let mut one = Client::connect(&rig);
    let (wrong, kept) = one.scram("ann", "correct-house");
    assert!(wrong.contains(" 904 "), "{wrong}");
    // A name that nobody has is asked in the same way, twice the same.
    let salts: Vec<String> = (0..2)
        .map(|_| {
            let (answer, kept) = Client::connect(&rig).scram("nobody", "correct-horse");
            assert!(answer.contains(" 904 "), "{answer}");
            kept
        })
        .collect();
    assert_eq!(salts[0], salts[1]);
    assert_eq!(salts[0].len(), kept.len());
    let (right, same) = one.scram("ann", "correct-horse");
    assert!(right.contains(" 900 ") && right.ends_with("as ann"), "{right}");
    assert_eq!(same, kept);
    one.until(" 903 ");
    one.say("NICK ann\r\nUSER ann 0 * :Ann\r\nCAP END");
    one.until(" 001 ann ");
    one.say("WHOIS ann");
    one.until(" 330 ann ann ann ");
}

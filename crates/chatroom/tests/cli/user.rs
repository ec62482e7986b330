//! `user`, and how the first of those who run the server becomes one.

use crate::program::{Place, Server};
use crate::talker::Talker;
use serde_json::{Value, json};

const PASSWORD: &str = "correct-horse";

/// Somebody who is registered.
fn registered(server: &Server, name: &str) -> Talker {
    let mut talker = Talker::join(server.address, name);
    talker.send(&format!("/register {PASSWORD}"));
    talker.send("/register x");
    talker.hears("No: a password has at least 6 bytes");
    talker
}

fn setup(server: &Server) -> String {
    server.ready["setup"].as_str().unwrap().to_owned()
}

#[test]
fn the_first_token_is_used_once_and_only_by_somebody_registered() {
    let place = Place::new();
    let server = place.server(&[]);
    let token = setup(&server);
    assert_eq!(token.len(), 64);
    let mut guest = Talker::join(server.address, "guest");
    guest.send(&format!("/operator {token}"));
    guest.hears("No: only for registered users: /register <password>");
    let mut alice = registered(&server, "alice");
    let wrong = "No: that is not the token";
    for given in ["x".to_owned(), token.replace(['0', '1', '2', '3', '4'], "f"), format!("{token}0")] {
        alice.send(&format!("/operator {given}"));
        alice.hears(wrong);
    }
    assert_eq!(place.run(&["user", "show", "alice", "--json"]).json()["operator"], false);
    alice.send(&format!("/operator {token}"));
    alice.hears("Done.");
    assert_eq!(place.run(&["user", "show", "alice", "--json"]).json()["operator"], true);
    let mut bob = registered(&server, "bob");
    bob.send(&format!("/operator {token}"));
    bob.hears(wrong);
    server.stop();
    assert_eq!(place.server(&[]).ready["setup"], Value::Null, "somebody runs it, so there is no token");
}

#[test]
fn a_new_run_has_a_new_token_and_naming_somebody_on_the_machine_ends_it() {
    let place = Place::new();
    let server = place.server(&[]);
    let first = setup(&server);
    server.stop();
    let server = place.server(&[]);
    let second = setup(&server);
    assert_ne!(first, second);
    let mut alice = registered(&server, "alice");
    let _bob = registered(&server, "bob");
    alice.send(&format!("/operator {first}"));
    alice.hears("No: that is not the token");
    place.run(&["user", "admin", "bob"]).ok();
    alice.send(&format!("/operator {second}"));
    alice.hears("No: that is not the token");
    server.stop();
    for entry in std::fs::read_dir(place.data()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(64).any(|window| window == second.as_bytes());
            assert!(!found, "the token lies in {}", path.display());
        }
    }
}

#[test]
fn people_are_listed_named_and_put_out() {
    let place = Place::new();
    let server = place.server(&[]);
    let _alice = registered(&server, "alice");
    let _bob = Talker::join(server.address, "bob");
    let all = place.run(&["user", "list", "--json"]).json();
    let seen: Vec<_> =
        all.as_array().unwrap().iter().map(|one| json!([one["name"], one["registered"]])).collect();
    assert_eq!(seen, [json!(["alice", true]), json!(["bob", false])]);
    assert_eq!(place.run(&["user", "list"]).ok(), "alice  registered, here\nbob  guest, here\n");
    let guest = place.run(&["user", "admin", "bob"]).fails(1);
    assert!(guest.contains("only for registered users"), "{guest}");
    assert!(place.run(&["user", "admin", "nobody"]).fails(1).contains("nobody is called nobody"));
    assert!(place.run(&["user", "show", "nobody"]).fails(1).contains("nobody is called nobody"));
    place.run(&["user", "admin", "alice"]).ok();
    assert!(
        place.run(&["user", "show", "alice"]).ok().starts_with("alice  registered, runs the server, here\n")
    );
    place.run(&["user", "admin", "alice", "--revoke"]).ok();
    assert!(place.run(&["user", "admin", "alice", "--revoke"]).fails(1).contains("it is so already"));
    let audit = place.run(&["room", "audit", "--json"]).json();
    assert!(audit.as_array().unwrap().iter().any(|one| one["kind"] == "operator_set"), "{audit}");
}

#[test]
fn bans_of_the_server_are_laid_listed_and_lifted() {
    let place = Place::new();
    let server = place.server(&[]);
    let mut bob = Talker::join(server.address, "bob");
    place.run(&["user", "ban", "bo*", "--for", "2h", "--reason", "loud \u{1b}]0;x\u{7}"]).ok();
    bob.ends();
    let bans = place.run(&["user", "bans", "--json"]).json();
    assert_eq!((&bans[0]["mask"], &bans[0]["by"]), (&"bo*".into(), &"operator".into()));
    assert_eq!(bans[0]["reason"], "loud ]0;x");
    assert!(bans[0]["until"].as_str().unwrap().ends_with('Z'), "{bans}");
    assert!(place.run(&["user", "bans"]).ok().starts_with("bo*  by operator until "));
    place.run(&["user", "unban", "bo*"]).ok();
    assert_eq!(place.run(&["user", "bans", "--json"]).json(), json!([]));
    assert!(place.run(&["user", "unban", "bo*"]).fails(1).contains("it is so already"));
    for wrong in [vec!["user", "ban", "a b*"], vec!["user", "ban", "x", "--for", "soon"]] {
        place.run(&wrong).fails(2);
    }
    let long = "x".repeat(401);
    place.run(&["user", "ban", "x", "--reason", &long]).fails(2);
}

#[test]
fn a_password_is_set_from_standard_input_and_from_a_file_and_puts_out_who_is_in() {
    let place = Place::new();
    let server = place.server(&[]);
    let mut alice = registered(&server, "alice");
    place.feed(&["user", "password", "alice"], "short\n").fails(2);
    place.feed(&["user", "password", "alice"], "\n").fails(2);
    assert_eq!(place.feed(&["user", "password", "alice"], "another-horse\n").ok(), "");
    alice.ends();
    Talker::knock(server.address, "alice", PASSWORD, "Closing: invalid name or password");
    Talker::knock(server.address, "alice", "another-horse", "Welcome, alice!");
    let file = place.write("secret", "third-horse\nsecond line\n");
    place.run(&["user", "password", "alice", "--file", file.to_str().unwrap()]).ok();
    Talker::knock(server.address, "alice", "third-horse", "Welcome, alice!");
    let guest = Talker::join(server.address, "bob");
    assert!(place.feed(&["user", "password", "bob"], "another-horse\n").fails(1).contains("registered"));
    drop(guest);
}

#[test]
fn without_a_server_deeds_are_unavailable_and_lists_are_read() {
    let place = Place::new();
    let server = place.server(&[]);
    let _alice = registered(&server, "alice");
    server.stop();
    for deed in [vec!["user", "admin", "alice"], vec!["user", "ban", "x"], vec!["room", "create", "#tea"]] {
        let talk = place.run(&deed).fails(69);
        assert!(talk.contains("no server has this folder"), "{talk}");
    }
    assert!(place.run(&["user", "list"]).ok().starts_with("alice  registered, last seen "));
    let lobby = place.run(&["room", "list", "--json"]).json();
    assert_eq!(lobby[0]["name"], "#lobby");
}

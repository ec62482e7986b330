//! `client` and `send`: people and scripts, against a server that runs.

use crate::program::Place;
use crate::talker::Talker;

#[test]
fn send_returns_when_every_line_is_acknowledged() {
    let place = Place::new();
    let server = place.server(&[]);
    let mut bob = Talker::join(server.address, "bob");
    let to = server.address.to_string();
    let sent = place.feed(&["send", "#lobby", "--to", &to, "--name", "robot"], "one\n/two is text\n\nthree");
    assert_eq!(sent.talk, "3 lines sent\n");
    assert_eq!(sent.ok(), "");
    bob.hears("[robot]: one");
    bob.hears("[robot]: /two is text");
    bob.hears("[robot]: three");
}

#[test]
fn send_goes_to_a_room_and_nowhere_else() {
    let place = Place::new();
    let server = place.server(&[]);
    let mut ada = Talker::join(server.address, "ada");
    ada.send("/create #tea");
    ada.hears("Now in #tea.");
    let to = server.address.to_string();
    let sent = place.feed(&["send", "#tea", "--to", &to, "--name", "robot"], "one\n\n/two is text\nthree\n");
    assert_eq!(sent.talk, "3 lines sent\n");
    for text in ["one", "/two is text", "three"] {
        ada.hears(&format!("#tea [robot]: {text}"));
    }
    assert_eq!(place.run(&["export"]).ok().lines().filter(|line| line.contains("#lobby")).count(), 0);
}

#[test]
fn send_says_why_it_could_not() {
    let place = Place::new();
    let server = place.server(&[]);
    let to = server.address.to_string();
    place.feed(&["send", "tea", "--to", &to], "x\n").fails(2);
    let nowhere = place.feed(&["send", "#tea", "--to", &to], "x\n").fails(1);
    assert!(nowhere.contains("refused"), "{nowhere}");
    let _bob = Talker::join(server.address, "bob");
    let name = place.feed(&["send", "#lobby", "--to", &to, "--name", "bob"], "x\n").fails(77);
    assert!(name.contains("refused the name"), "{name}");
    let long = format!("{}\n", "x".repeat(5000));
    let refused = place.feed(&["send", "#lobby", "--to", &to], &long).fails(1);
    assert!(refused.contains("refused"), "{refused}");
    server.stop();
    let nobody = place.feed(&["send", "#lobby", "--to", &to], "x\n").fails(69);
    assert!(nobody.contains("cannot reach"), "{nobody}");
}

#[test]
fn the_client_works_in_a_pipe() {
    let place = Place::new();
    let server = place.server(&[]);
    let heard =
        place.feed(&["client", &server.address.to_string(), "--name", "ada"], "hello there\n/quit\n").ok();
    assert!(heard.contains("[ada]: hello there\n"), "{heard}");
}

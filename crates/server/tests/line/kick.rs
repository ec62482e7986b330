//! P10 and P11: whoever goes out of a room at k is given all of it up to k, once, on every session, and nothing after, by no path.

use crate::client::{Client, Rig};
use std::thread;

/// Messages before and after the cut, each of two kilobytes: more than kernels and an outbox hold.
const LOAD: usize = 1200;
const AFTER: usize = 300;

/// How somebody goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    Kick,
    Ban,
    Leave,
    Destroy,
}

fn is_cut(cut: Cut, line: &str) -> bool {
    match cut {
        Cut::Kick | Cut::Ban => line.starts_with("*** bob was put out of #den by ann"),
        Cut::Leave => line == "*** bob left #den ***",
        Cut::Destroy => line == "*** #den is no more, says ann ***",
    }
}

/// Talks in the room and reads its own words back.
fn talk(ann: &mut Client, from: usize, to: usize, word: &str) -> Vec<String> {
    let filler = "x".repeat(2000);
    let mut lines = Vec::new();
    for n in from..to {
        ann.say(&format!("{word} {n} {filler}"));
        if n % 20 == 19 || n + 1 == to {
            lines.extend(ann.settle());
        }
    }
    lines
}

/// What of the room stands in somebody's lines, in order.
fn of_room(lines: &[String]) -> Vec<&String> {
    lines.iter().filter(|line| line.contains("#den")).collect()
}

fn nothing_after(cut: Cut) {
    let rig = Rig::start();
    let mut ann = rig.enter("ann");
    ann.ask("/create #den private");
    ann.ask("/topic CANARY-topic");
    let mut cas = rig.enter("cas");
    ann.ask("/invite cas");
    cas.ask("/join #den");
    let mut first = rig.enter("bob");
    first.ask("/register correct-horse");
    ann.ask("/invite bob");
    first.ask("/join #den");
    let mut bobs: Vec<Client> = (1..10).map(|_| rig.enter("bob\ncorrect-horse")).collect();
    bobs.insert(0, first);
    for bob in &mut bobs {
        bob.ask("/join #den");
    }
    ann.settle();
    let token = bobs[9].token();
    let gone = bobs.pop().unwrap();

    // Five read all the time; four stop, and one is not there.
    let slow = bobs.split_off(5);
    let end = |line: &str| line == "[From cas]: END";
    let live: Vec<_> = bobs
        .into_iter()
        .map(|mut bob| {
            thread::spawn(move || {
                let lines = bob.until(end);
                (bob, lines)
            })
        })
        .collect();
    let mut told = talk(&mut ann, 0, LOAD / 2, "before");
    drop(gone.end());
    told.extend(talk(&mut ann, LOAD / 2, LOAD, "before"));
    let talker = thread::spawn(move || {
        talk(&mut cas, 0, AFTER, "CANARY-beside");
        cas
    });
    match cut {
        Cut::Kick => ann.say("/kick bob CANARY"),
        Cut::Ban => ann.say("/ban bob CANARY"),
        Cut::Destroy => ann.say("/destroy #den"),
        Cut::Leave => rig.enter("bob\ncorrect-horse").ask("/leave #den").clear(),
    }
    told.extend(talk(&mut ann, 0, AFTER, "/in #den CANARY-after"));
    let mut cas = talker.join().unwrap();
    told.extend(ann.settle());
    cas.ask("/msg bob END");

    // Ann's own view is the order: what stands there up to the cut is what each of them is given.
    let mut due: Vec<String> = Vec::new();
    for line in of_room(&told) {
        due.push(line.clone());
        if is_cut(cut, line) {
            break;
        }
    }
    assert!(due.last().is_some_and(|line| is_cut(cut, line)), "{cut:?}: ann was told of it");
    let check = |who: &str, lines: &[String]| {
        let got = of_room(lines);
        let same = got.iter().zip(&due).take_while(|(got, due)| got.as_str() == due.as_str()).count();
        // A room that ends takes its words along: whoever had not been given them all is given its end, and nothing else.
        if cut == Cut::Destroy && same + 1 == got.len() && got.last().is_some_and(|line| is_cut(cut, line)) {
            return;
        }
        assert!(
            got.len() == due.len() && same == due.len(),
            "{cut:?}, {who}: {} lines of the room, {} were due; the first that differs is number {same}: {:?}",
            got.len(),
            due.len(),
            got.get(same)
        );
    };
    let mut bobs = Vec::new();
    for (n, live) in live.into_iter().enumerate() {
        let (bob, lines) = live.join().unwrap();
        check(&format!("live session {n}"), &lines);
        bobs.push(bob);
    }
    for (n, mut bob) in slow.into_iter().enumerate() {
        let lines = bob.until(end);
        check(&format!("slow session {n}"), &lines);
        bobs.push(bob);
    }
    // The one that comes back is given what it had not been given, up to the cut.
    let mut back = Client::connect(rig.address, token.as_bytes());
    let lines = back.until(end);
    let got = of_room(&lines);
    let least = if cut == Cut::Destroy { 1 } else { LOAD / 4 };
    assert!(got.len() >= least, "{cut:?}: what was missed is given: {} lines", got.len());
    assert_eq!(got[..], due.iter().collect::<Vec<_>>()[due.len() - got.len()..], "{cut:?}: resumed");
    bobs.push(back);

    for bob in &mut bobs {
        bob.settle();
        bob.heard.clear();
        for question in [
            "/history 100",
            "/ids 100",
            "/around 5",
            "/before 1000",
            "/since 1h",
            "/pins",
            "/topic",
            "/rooms",
            "/unread",
            "/who",
            "/who #den",
            "/bans",
            "/audit",
            "/in #den hello",
            "hello",
            "/read",
            "/whois ann",
            "/delete 1",
            "/edit 1 mine",
            "/react 1 +",
            "/reply 1 me",
            "/purge ann yes",
            "/leave #den",
            "/join #den",
        ] {
            bob.ask(question);
        }
        let heard = String::from_utf8_lossy(&bob.heard);
        for canary in ["CANARY", "#den", "before 1"] {
            assert!(!heard.contains(canary), "{cut:?}: {canary} in {heard}");
        }
    }
    for bob in bobs {
        let heard = bob.end();
        let heard = String::from_utf8_lossy(&heard);
        assert!(!heard.contains("CANARY-after") && !heard.contains("#den"), "{cut:?}");
    }
}

#[test]
fn nothing_of_a_room_comes_after_a_kick() {
    nothing_after(Cut::Kick);
}

#[test]
fn nothing_of_a_room_comes_after_a_ban() {
    nothing_after(Cut::Ban);
}

#[test]
fn nothing_of_a_room_comes_after_leaving_on_one_of_many_sessions() {
    nothing_after(Cut::Leave);
}

#[test]
fn nothing_of_a_room_comes_after_its_end() {
    nothing_after(Cut::Destroy);
}

/// P11, by the bytes.
#[test]
fn a_direct_message_is_in_nobody_elses_bytes() {
    let rig = Rig::start();
    let mut people: Vec<Client> = ["ann", "bob", "eve"].iter().map(|name| rig.enter(name)).collect();
    people[0].ask("/msg bob CANARY-direct");
    people[1].ask("/msg ann CANARY-answer");
    for question in ["/history", "/ids", "/rooms", "/unread", "/users", "/whois ann", "/stats", "/around 1"] {
        people[2].ask(question);
    }
    let token = people[2].token();
    let mut heard = people.remove(2).end();
    people[0].ask("/msg bob CANARY-later");
    let mut eve = Client::connect(rig.address, token.as_bytes());
    eve.settle();
    heard.extend(eve.end());
    assert!(!String::from_utf8_lossy(&heard).contains("CANARY"));
    people[1].settle();
    let bob = String::from_utf8_lossy(&people[1].heard);
    assert!(bob.contains("CANARY-direct") && bob.contains("CANARY-later"), "they came to whom they were for");
}

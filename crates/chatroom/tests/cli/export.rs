//! `export`, of rooms, replies, edits, and what is no longer to be read.

use crate::program::Place;
use crate::talker::Talker;
use serde_json::{Value, json};

fn lines(place: &Place, arguments: &[&str]) -> Vec<Value> {
    let out = place.run(&[&["export"], arguments].concat()).ok();
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn rooms_replies_edits_and_what_is_gone_stand_in_an_export_as_they_are_now() {
    let place = Place::new();
    let server = place.server(&[]);
    let mut ada = Talker::join(server.address, "ada");
    ada.says("ada", "in the lobby");
    ada.send("/create #tea");
    ada.hears("Now in #tea.");
    for text in ["one", "two", "three secret"] {
        ada.send(text);
        ada.hears(&format!("#tea [ada]: {text}"));
    }
    ada.send("/reply 1 to the first");
    ada.send("/me pours");
    ada.send("/edit 2 second");
    ada.send("/edit 2 the second");
    ada.send("/delete 3");
    let mut bob = Talker::join(server.address, "bob");
    bob.send("/join #tea");
    bob.hears("Now in #tea.");
    bob.send("hidden words");
    ada.hears("#tea [bob]: hidden words");
    ada.send("/purge bob yes");
    ada.send("/topic settled");
    ada.hears("*** #tea: topic: settled, says ada ***");
    let tea = lines(&place, &["--room", "#tea"]);
    let now: Vec<_> = tea.iter().map(|one| json!([one["seq"], one["room"], one["body"]])).collect();
    let room = "#tea";
    let expected = [
        json!([1, room, "one"]),
        json!([2, room, "the second"]),
        json!([3, room, null]),
        json!([4, room, "to the first"]),
        json!([5, room, "pours"]),
    ];
    assert_eq!(now, expected);
    assert_eq!((&tea[1]["edited"], &tea[2]["redacted"]), (&true.into(), &true.into()));
    assert_eq!((&tea[3]["reply"], &tea[4]["how"]), (&1.into(), &"action".into()));
    assert_eq!(tea[1]["wordings"], Value::Null);
    let all = lines(&place, &["--history", "--room", "#tea"]);
    assert_eq!(all[1]["wordings"], json!(["two", "second", "the second"]));
    let everything = place.run(&["export", "--history", "--direct"]).ok();
    assert!(!everything.contains("secret") && !everything.contains("hidden words"), "{everything}");
    assert_eq!(lines(&place, &[]).len(), 6);
    let text = place.run(&["export", "--format", "text", "--room", "#tea"]).ok();
    let words: Vec<_> = text.lines().map(|line| line.split_once("Z  ").unwrap().1).collect();
    let expected = [
        "#tea ada: one",
        "#tea ada: the second (edited)",
        "#tea ada: (deleted)",
        "#tea ada: to the first",
        "#tea * ada pours",
    ];
    assert_eq!(words, expected);
    place.run(&["export", "--room", "#cake"]).fails(1);
    place.run(&["export", "--room", "#tea", "--direct"]).fails(2);
    assert_eq!(place.run(&["verify", "--json"]).json()["gone"], 0);
}

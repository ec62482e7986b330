//! `search`: what the operator at the machine finds, while a server runs and when none does.

use crate::program::Place;
use crate::talker::Talker;
use serde_json::json;

#[test]
fn what_was_said_is_found_and_what_two_said_only_when_asked() {
    let place = Place::new();
    let server = place.server(&[]);
    let mut ada = Talker::join(server.address, "ada");
    let mut bob = Talker::join(server.address, "bob");
    ada.says("ada", "green tea in the lobby");
    ada.send("/create #tea");
    ada.hears("Now in #tea.");
    ada.send("green tea in its room");
    ada.hears("#tea [ada]: green tea in its room");
    bob.send("/msg ada green tea for two");
    ada.hears("[From bob]: green tea for two");
    let found = |arguments: &[&str]| {
        let found = place.run(&[&["search", "--json"], arguments].concat()).json();
        let said = |one: &serde_json::Value| json!([one["room"], one["from"], one["body"]]);
        found.as_array().unwrap().iter().map(said).collect::<Vec<_>>()
    };
    let lobby = json!(["#lobby", "ada", "green tea in the lobby"]);
    let tea = json!(["#tea", "ada", "green tea in its room"]);
    let two = json!(["bob -> ada", "bob", "green tea for two"]);
    assert_eq!(found(&["green", "tea"]), [tea.clone(), lobby.clone()]);
    assert_eq!(found(&["--direct", "green"]), [two, tea.clone(), lobby.clone()]);
    assert_eq!(found(&["in:#tea", "green"]), std::slice::from_ref(&tea));
    assert_eq!(found(&["--last", "1", "green"]), std::slice::from_ref(&tea));
    assert_eq!(found(&["from:ada", "\"the lobby\""]), std::slice::from_ref(&lobby));
    assert_eq!(found(&["nonsense"]), [(); 0].map(|()| json!(0)));
    assert_eq!(place.run(&["search", "--json", "room"]).json()[0]["marks"], json!([[17, 21]]));
    let text = place.run(&["search", "lobby"]).ok();
    assert!(text.ends_with("Z  #lobby 1  ada: green tea in the lobby\n"), "{text}");
    place.run(&["search", "in:#cake", "x"]).fails(1);
    place.run(&["search", "after:whenever", "x"]).fails(2);
    place.run(&["search"]).fails(2);
    server.stop();
    assert_eq!(found(&["green", "tea"]), [tea, lobby]);
}

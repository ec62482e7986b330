//! `config show` and `check-config`, and what a wrong configuration does to every verb.

use crate::program::{Ended, Place};

fn with(place: &Place, variables: &[(&str, &str)], arguments: &[&str]) -> Ended {
    Ended::of(place.command(arguments).envs(variables.iter().copied()).output().unwrap())
}

#[test]
fn the_sample_is_itself_a_configuration_and_changes_nothing() {
    let place = Place::new();
    let sample = place.run(&["config", "show"]).ok();
    place.write("sample.toml", &sample);
    assert_eq!(place.run(&["config", "show", "--config", "sample.toml"]).ok(), sample);
    assert_eq!(place.run(&["check-config", "--config", "sample.toml"]).ok(), "sample.toml is right\n");
    let origins = place.run(&["config", "show", "--origin", "--config", "sample.toml"]).ok();
    assert!(!origins.contains("# default"), "{origins}");
}

#[test]
fn each_key_says_who_said_so() {
    let place = Place::new();
    place.write("chatdata/chatroom.toml", "[snapshots]\nkeep = 7\nkeep_for = \"3d\"\nevery = \"2h\"\n");
    let variables = [("CHATROOM_SNAPSHOTS_KEEP_FOR", "4d"), ("CHATROOM_SNAPSHOTS_EVERY", "3h")];
    let show = ["config", "show", "--json", "--origin", "--snapshots-every", "4h"];
    let shown = with(&place, &variables, &show).json();
    let expect = [
        ("snapshots.keep", serde_json::json!(7), "chatdata/chatroom.toml:2"),
        ("snapshots.keep_for", "4d".into(), "environment CHATROOM_SNAPSHOTS_KEEP_FOR"),
        ("snapshots.every", "4h".into(), "flag --snapshots-every"),
        ("timeouts.login", "30s".into(), "default"),
    ];
    for (key, value, origin) in expect {
        assert_eq!((&shown[key]["value"], &shown[key]["origin"]), (&value, &origin.into()), "{key}");
    }
}

#[test]
fn a_wrong_file_is_refused_by_every_verb_with_its_lines() {
    let place = Place::new();
    place.write("wrong.toml", "lisen = [\"127.0.0.1:9000\"]\n\n[snapshots]\nkeep = \"many\"\n");
    for verb in
        [&["server"][..], &["check-config"], &["config", "show"], &["verify"], &["export"], &["snapshot"]]
    {
        let talk = with(&place, &[("CHATROOM_CONFIG", "wrong.toml")], verb).fails(78);
        assert!(talk.contains("wrong.toml:1: unknown key \"lisen\", did you mean \"listen\"?"), "{talk}");
        assert!(talk.contains("wrong.toml:4: snapshots.keep: a whole number is needed"), "{talk}");
    }
    assert!(!place.data().exists());
}

#[test]
fn wrong_variables_flags_and_missing_files_have_their_codes() {
    let place = Place::new();
    let variable = with(&place, &[("CHATROOM_LISTEN", "nowhere")], &["check-config"]).fails(78);
    assert!(variable.contains("CHATROOM_LISTEN: \"nowhere\" is not an address"), "{variable}");
    let flag = place.run(&["server", "--timeouts-login", "soon"]).fails(2);
    assert!(flag.contains("--timeouts-login: \"soon\" is not a duration"), "{flag}");
    let missing = place.run(&["check-config", "--config", "missing.toml"]).fails(78);
    assert!(missing.contains("missing.toml"), "{missing}");
    assert!(place.run(&["check-config"]).ok().contains("no configuration file"));
}

#[test]
fn the_environment_reaches_the_server() {
    let place = Place::new();
    let file = "listen = [\"127.0.0.1:0\", \"[::1]:0\"]\n";
    place.write("elsewhere/chatroom.toml", file);
    let shown = with(&place, &[("CHATROOM_DATA", "elsewhere")], &["config", "show", "--json"]).json();
    assert_eq!((&shown["data"], &shown["listen"][1]), (&"elsewhere".into(), &"[::1]:0".into()));
    let server = place.server(&["--data", "elsewhere", "--listen", "127.0.0.1:0"]);
    // Flags replace the file's list, they do not add to it.
    assert_eq!(server.ready["listen"].as_array().unwrap().len(), 2);
    server.stop();
    assert!(place.path().join("elsewhere/chatroom.db").exists() && !place.data().exists());
}

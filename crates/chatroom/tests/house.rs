//! The house rules that a machine can check: who may depend on whom, and how a file begins.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on panics, and prints its seed"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the workspace is above this crate")
}

fn manifest(name: &str) -> toml::Table {
    let path = root().join("crates").join(name).join("Cargo.toml");
    fs::read_to_string(&path).unwrap().parse().unwrap()
}

fn dependencies(name: &str) -> BTreeSet<String> {
    manifest(name)["dependencies"].as_table().unwrap().keys().cloned().collect()
}

fn crates() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn files(dir: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
}

fn rust_files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&root().join("crates"), "rs", &mut found);
    files(&root().join("fuzz"), "rs", &mut found);
    found
}

/// The arrows of the picture in ARCHITECTURE.md. A new one is a design change.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("wire", &["model"]),
    ("store", &["model"]),
    ("server", &["model", "store", "wire"]),
    ("client", &["wire"]),
    ("testkit", &["client", "model", "server", "store", "wire"]),
    ("chatroom", &["client", "model", "server", "store", "wire"]),
];

/// What a crate must not know.
const ABSENT: &[(&str, &[&str])] = &[
    ("model", &["tokio", "rusqlite", "rand", "bytes", "tracing", "jiff", "socket2", "rustix"]),
    ("wire", &["tokio", "rusqlite", "rand", "tracing", "socket2", "rustix"]),
    ("store", &["tokio", "rand", "bytes", "socket2"]),
    ("server", &["rusqlite", "serde_json", "clap"]),
    ("client", &["rusqlite", "clap", "chatroom-model", "chatroom-store", "chatroom-server"]),
];

#[test]
fn crates_depend_only_along_the_arrows() {
    assert_eq!(crates(), {
        let mut known: Vec<_> = ARROWS.iter().map(|(name, _)| (*name).to_owned()).collect();
        known.sort();
        known
    });
    for (name, allowed) in ARROWS {
        for dependency in dependencies(name) {
            if let Some(own) = dependency.strip_prefix("chatroom-") {
                assert!(allowed.contains(&own), "{name} must not depend on {own}");
            }
        }
    }
}

#[test]
fn crates_do_not_know_what_they_must_not() {
    for (name, absent) in ABSENT {
        let known = dependencies(name);
        for dependency in *absent {
            assert!(!known.contains(*dependency), "{name} must not know {dependency}");
        }
    }
}

#[test]
fn a_crate_says_the_same_of_itself_in_its_manifest_and_in_the_architecture() {
    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for name in crates() {
        let manifest = manifest(&name);
        let description = manifest["package"]["description"].as_str().unwrap();
        assert!(architecture.contains(description), "ARCHITECTURE.md does not say of {name}: {description}");
    }
}

#[test]
fn every_file_begins_with_its_sentence_and_stays_a_chapter() {
    let files = rust_files();
    assert!(files.len() > 80, "only {} files were looked at", files.len());
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} does not begin with its sentence", path.display());
        assert!(text.lines().count() <= 500, "{} is long: which noun wants its own file?", path.display());
        assert!(path.file_name().unwrap() != "mod.rs", "{}: state.rs stands beside state/", path.display());
    }
}

#[test]
fn no_queue_is_unbounded_and_no_test_is_ignored_or_sleeps() {
    let here = Path::new(file!()).file_name().unwrap();
    for path in rust_files().into_iter().filter(|path| path.file_name() != Some(here)) {
        let text = fs::read_to_string(&path).unwrap();
        for never in ["unbounded_channel", "mpsc::unbounded", "#[ignore", "todo!(", "unimplemented!("] {
            assert!(!text.contains(never), "{} has {never}", path.display());
        }
        let is_test = path.components().any(|part| part.as_os_str() == "tests");
        for sleep in ["thread::sleep", "time::sleep("] {
            assert!(
                !(is_test && text.contains(sleep)),
                "{} sleeps instead of waiting for something",
                path.display()
            );
        }
    }
}

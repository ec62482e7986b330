//! The API as it is written down: by OpenAPI, for programs and for people. What is served is what stands in `docs/openapi.json`.

use super::scopes::{filled, operations};
use super::unlimited;
use crate::caller::ask;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[test]
fn what_is_written_down_is_what_is_served() {
    let rig = unlimited();
    let served = ask(rig.address, "GET", "/api/openapi.json", "");
    assert_eq!((served.status, served.header("content-type")), (200, Some("application/json")));
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&kept, &served.body).unwrap();
    }
    let kept = std::fs::read_to_string(kept).unwrap_or_default();
    // Not assert_eq: nobody reads a hundred kilobytes twice.
    assert!(kept == served.body, "docs/openapi.json is not what the server serves; run this with UPDATE=1");
}

#[test]
fn every_route_is_written_down_and_every_operation_is_there() {
    let rig = unlimited();
    let mut methods: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (method, path, _) in operations(&rig) {
        methods.entry(path).or_default().insert(method);
    }
    for (path, methods) in &methods {
        let address = format!("/api/v1{}", filled(path, "lobby"));
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let answer = ask(rig.address, method, &address, "");
            let there =
                answer.status == 200 || !matches!(&*answer.problem().1, "not-found" | "method-not-allowed");
            assert_eq!(there, methods.contains(method), "{method} {path}: {answer:?}");
            if !there {
                let allowed = answer.header("allow").unwrap().split(',').filter(|one| *one != "HEAD");
                assert_eq!(&allowed.map(str::to_owned).collect::<BTreeSet<_>>(), methods, "{path}");
            }
        }
    }
}

#[test]
fn the_document_holds_together() {
    let rig = unlimited();
    let document = ask(rig.address, "GET", "/api/openapi.json", "").json();
    assert_eq!(document["openapi"], "3.1.0");
    let mut seen = BTreeSet::new();
    refs(&document, &mut seen);
    assert!(seen.len() > 40, "{seen:?}");
    for at in &seen {
        assert!(document.pointer(at.trim_start_matches('#')).is_some(), "{at} is nowhere");
    }
    for (name, _) in document["components"]["schemas"].as_object().unwrap() {
        assert!(seen.contains(&format!("#/components/schemas/{name}")), "{name} is meant nowhere");
    }
    let mut names = BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            assert!(names.insert(operation["operationId"].as_str().unwrap()), "{}", operation["operationId"]);
            assert!(operation["summary"].is_string(), "{operation}");
            let responses = operation["responses"].as_object().unwrap();
            for status in ["400", "429", "503"] {
                assert_eq!(
                    responses[status]["$ref"].as_str().map(|at| at.starts_with("#/components/responses/")),
                    Some(true)
                );
            }
        }
    }
}

fn refs(value: &Value, seen: &mut BTreeSet<String>) {
    match value {
        Value::Object(all) => {
            for (key, value) in all {
                match value {
                    Value::String(at) if key == "$ref" => drop(seen.insert(at.clone())),
                    _ => refs(value, seen),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|value| refs(value, seen)),
        _ => {}
    }
}

#[test]
fn people_read_it_as_a_page() {
    let rig = unlimited();
    let page = ask(rig.address, "GET", "/api", "");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; ") && policy.contains("script-src 'self'"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert!(!page.body.contains("<script") && !page.body.contains(" style="), "nothing in it acts");
    for (method, path, _) in operations(&rig) {
        assert!(page.body.contains(&format!("<code>{method} {path}</code>")), "{method} {path}");
    }
    // Every link leads somewhere.
    for link in page.body.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert_eq!(page.body.matches(&format!("id=\"{link}\"")).count(), 1, "{link}");
    }
}

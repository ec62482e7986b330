//! For whom a request is meant and where it comes from; and what every answer carries, good or bad.

use crate::caller::{Caller, ask, ask_of};
use crate::patient;

#[test]
fn a_name_that_is_not_the_servers_is_refused() {
    let rig = patient(|settings| settings.web.names = vec!["chat.example.org".into()]);
    for host in ["127.0.0.1", "localhost", "[::1]:9000", "chat.example.org", "CHAT.example.org:9000"] {
        assert_eq!(ask_of(rig.address, host, "GET", "/healthz", "").status, 200, "{host}");
    }
    for host in ["evil.example", "localhost.evil.example:9000", "127.0.0.1.evil.example"] {
        let answer = ask_of(rig.address, host, "GET", "/healthz", "");
        assert_eq!(answer.status, 421, "{host}");
        assert!(answer.body.contains(r#""code":"unknown-host""#), "{}", answer.body);
        assert!(!answer.body.contains("evil"), "what a stranger says is not repeated");
    }
    let mut caller = Caller::connect(rig.address);
    caller.say("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n");
    assert_eq!(caller.hear(false).status, 400, "two hosts are none");
    let mut caller = Caller::connect(rig.address);
    caller.say("GET /healthz HTTP/1.0\r\n\r\n");
    assert_eq!(caller.hear(false).status, 400, "no host");
}

#[test]
fn another_site_changes_nothing() {
    let rig = patient(|_| {});
    let own = format!("Origin: http://localhost:{}\r\n", rig.address.port());
    for (method, more) in
        [("POST", ""), ("DELETE", ""), ("GET", "Connection: Upgrade\r\nUpgrade: websocket\r\n")]
    {
        for foreign in [
            "Origin: http://evil.example\r\n",
            "Origin: null\r\n",
            "Sec-Fetch-Site: cross-site\r\n",
            "Sec-Fetch-Site: same-site\r\n",
        ] {
            let answer = ask(rig.address, method, "/nothing", &format!("{foreign}{more}"));
            assert_eq!(answer.status, 403, "{method} {foreign}");
            assert!(answer.body.contains(r#""code":"cross-origin""#), "{}", answer.body);
        }
        for near in ["", &own, "Sec-Fetch-Site: same-origin\r\n"] {
            assert_eq!(
                ask(rig.address, method, "/nothing", &format!("{near}{more}")).status,
                404,
                "{method} {near}"
            );
        }
    }
    // Reading is safe: no answer may be read by another site, whatever it asks.
    let read = ask(rig.address, "GET", "/healthz", "Origin: http://evil.example\r\n");
    assert_eq!((read.status, read.header("access-control-allow-origin")), (200, None));
    assert_eq!(ask(rig.address, "OPTIONS", "/healthz", "Origin: http://evil.example\r\n").status, 405);
}

#[test]
fn every_answer_carries_what_keeps_a_browser_safe() {
    let rig = patient(|_| {});
    let far = "Origin: http://evil.example\r\n";
    for (method, path, more) in [
        ("GET", "/", ""),
        ("GET", "/healthz", ""),
        ("GET", "/nothing", ""),
        ("PUT", "/", ""),
        ("POST", "/", far),
    ] {
        let answer = ask(rig.address, method, path, more);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{method} {path}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; ") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
    }
}

//! Webhooks: what is said in a room comes to whoever is to receive it, signed, in order and at least once; and to nobody else.

use crate::caller::ask;
use crate::patient;
use crate::receiver::{Receiver, Reply};
use crate::rig::Rig;
use crate::socket::{asks, comes};
use chatroom_server::{Authorities, Settings};
use chatroom_store::Folder;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A server that sends to this machine, and waits for nothing long.
pub(crate) fn sends(settings: &mut Settings) {
    let hooks = &mut settings.web.hooks;
    hooks.to = vec!["127.0.0.0/8".parse().unwrap()];
    hooks.first = Duration::from_millis(5);
    hooks.most = Duration::from_millis(20);
    hooks.tries = 10_000;
}

pub(crate) fn ok(answer: (u16, Value), status: u16) -> Value {
    assert_eq!(answer.0, status, "{}", answer.1);
    answer.1
}

/// A room of somebody who has just come.
pub(crate) fn room(address: SocketAddr, who: &str, name: &str) -> String {
    let key = comes(address, who);
    ok(asks(address, &key, "POST", "/rooms", &json!({"name": name})), 201);
    key
}

pub(crate) fn says(address: SocketAddr, key: &str, room: &str, text: &str) -> u64 {
    let path = format!("/rooms/{room}/messages");
    ok(asks(address, key, "POST", &path, &json!({"text": text})), 201)["seq"].as_u64().unwrap()
}

/// A hook of #tea; its number and its secret.
pub(crate) fn hooks(address: SocketAddr, key: &str, url: &str) -> (u64, String) {
    let added = ok(asks(address, key, "POST", "/rooms/tea/webhooks", &json!({"url": url})), 201);
    (added["id"].as_u64().unwrap(), added["secret"].as_str().unwrap().to_owned())
}

pub(crate) fn gets(address: SocketAddr, key: &str, path: &str) -> Value {
    ok(asks(address, key, "GET", path, &Value::Null), 200)
}

/// The only hook of #tea, once it is as it should be.
fn once(address: SocketAddr, key: &str, so: impl Fn(&Value) -> bool) -> Value {
    eventually(|| gets(address, key, "/rooms/tea/webhooks")["webhooks"][0].clone(), so)
}

pub(crate) fn eventually(ask: impl Fn() -> Value, so: impl Fn(&Value) -> bool) -> Value {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let now = ask();
        if so(&now) {
            return now;
        }
        assert!(Instant::now() < until, "it never came to be so: {now}");
    }
}

pub(crate) fn deliveries(address: SocketAddr, key: &str, id: u64) -> Value {
    gets(address, key, &format!("/rooms/tea/webhooks/{id}/deliveries"))["deliveries"].clone()
}

#[test]
fn what_is_said_edited_and_taken_back_comes_signed_and_in_order() {
    let rig = patient(sends);
    let at = rig.address;
    let ann = room(at, "ann", "tea");
    let receiver = Receiver::start(|_, _| Reply::Status(204));
    says(at, &ann, "tea", "before there was a hook");
    let (id, secret) = hooks(at, &ann, &receiver.url());
    says(at, &ann, "lobby", "elsewhere");
    let seq = says(at, &ann, "tea", "one *two*");
    let message = format!("/rooms/tea/messages/{seq}");
    ok(asks(at, &ann, "PATCH", &message, &json!({"text": "three"})), 200);
    ok(asks(at, &ann, "DELETE", &message, &Value::Null), 204);
    says(at, &ann, "tea", "four");
    let got: Vec<_> = (0..4).map(|_| receiver.next()).collect();
    let events: Vec<_> =
        got.iter().map(|got| got.json()["event"]["event"].as_str().unwrap().to_owned()).collect();
    assert_eq!(events, ["message", "edited", "redacted", "message"]);
    assert_eq!(got[3].text(), "four");
    for one in &got {
        assert!(one.is_signed_by(&secret), "{one:?}");
        assert!(one.head.starts_with("POST /in?key=1 HTTP/1.1\r\n"), "{}", one.head);
        assert_eq!(one.header("host"), receiver.address.to_string());
        assert_eq!(one.header("content-type"), "application/json");
        assert!((one.json()["hook"].as_u64(), one.json()["room"].as_u64()) == (Some(id), Some(2)));
        assert!(!one.body.contains(&secret));
    }
    let ids: std::collections::BTreeSet<_> = got.iter().map(|got| got.header("webhook-id")).collect();
    assert_eq!(ids.len(), 4, "each has an id of its own");
    // What is shown of it afterwards is not the secret.
    let list = once(at, &ann, |_| true);
    assert_eq!(
        (&list["state"], &list["by"], &list["url"]),
        (&json!("ok"), &json!("ann"), &json!(receiver.url()))
    );
    assert!(!list.to_string().contains("secret") && !list.to_string().contains("whsec"));
    let log = eventually(|| deliveries(at, &ann, id), |log| log.as_array().unwrap().len() == 4);
    assert_eq!(
        (&log[0]["event"], &log[0]["status"], &log[0]["attempt"]),
        (&json!("message"), &json!(204), &json!(1))
    );
    assert_eq!(log[2]["seq"], seq);
    let audit = gets(at, &ann, "/rooms/tea/audit").to_string();
    let told = format!("#tea is sent to http://{} (webhook {id}), says ann", receiver.address);
    assert!(audit.contains(&told) && !audit.contains("key=1"), "{audit}");
}

#[test]
fn what_is_not_taken_is_tried_again_and_what_follows_waits() {
    let rig = patient(|settings| {
        sends(settings);
        settings.admin = "127.0.0.1:0".parse().ok();
    });
    let at = rig.address;
    let ann = room(at, "ann", "tea");
    let receiver = Receiver::start(|before, _| Reply::Status(if before < 3 { 500 } else { 200 }));
    let (id, secret) = hooks(at, &ann, &receiver.url());
    says(at, &ann, "tea", "one");
    says(at, &ann, "tea", "two");
    let got: Vec<_> = (0..5).map(|_| receiver.next()).collect();
    let texts: Vec<_> = got.iter().map(|got| got.text()).collect();
    assert_eq!(texts, ["one", "one", "one", "one", "two"]);
    assert!(got.iter().all(|got| got.is_signed_by(&secret)));
    assert!(got[..4].iter().all(|one| one.header("webhook-id") == got[0].header("webhook-id")));
    let log = eventually(|| deliveries(at, &ann, id), |log| log.as_array().unwrap().len() == 5);
    let tries: Vec<_> =
        log.as_array().unwrap().iter().map(|one| (one["attempt"].as_u64(), one["status"].as_u64())).collect();
    let tried = |n, status| (Some(n), Some(status));
    assert_eq!(tries, [tried(1, 200), tried(4, 200), tried(3, 500), tried(2, 500), tried(1, 500)]);
    assert_eq!(once(at, &ann, |_| true)["state"], "ok");
    let metrics = ask(rig.admin.unwrap(), "GET", "/metrics", "").body;
    for line in
        [r#"chatroom_webhooks_total{result="delivered"} 2"#, r#"chatroom_webhooks_total{result="failed"} 3"#]
    {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
}

#[test]
fn whoever_is_gone_is_sent_nothing_more() {
    let rig = patient(sends);
    let at = rig.address;
    let ann = room(at, "ann", "tea");
    let gone = Receiver::start(|_, _| Reply::Status(410));
    let (id, _) = hooks(at, &ann, &gone.url());
    says(at, &ann, "tea", "one");
    let ended = once(at, &ann, |hook| hook["state"] == "ended");
    assert_eq!(ended["why"], "gone");
    let other = Receiver::start(|_, _| Reply::Status(200));
    hooks(at, &ann, &other.url());
    says(at, &ann, "tea", "two");
    assert_eq!(other.texts(1), ["two"]);
    assert_eq!(gone.texts(1), ["one"]);
    assert!(gone.is_quiet());
    let audit = gets(at, &ann, "/rooms/tea/audit").to_string();
    assert!(audit.contains(&format!("(webhook {id}), which says that it is gone")), "{audit}");
    let ping = format!("/rooms/tea/webhooks/{id}/ping");
    assert_eq!(asks(at, &ann, "POST", &ping, &Value::Null).1["code"], "webhook-ended");
    ok(asks(at, &ann, "DELETE", &format!("/rooms/tea/webhooks/{id}"), &Value::Null), 204);
    let gone = asks(at, &ann, "DELETE", &format!("/rooms/tea/webhooks/{id}"), &Value::Null);
    assert_eq!((gone.0, &gone.1["code"]), (404, &json!("no-such-webhook")));
}

#[test]
fn nobody_is_followed_elsewhere_and_who_never_takes_anything_is_given_up() {
    let rig = patient(|settings| {
        sends(settings);
        settings.web.hooks.tries = 3;
    });
    let at = rig.address;
    let ann = room(at, "ann", "tea");
    let elsewhere = Receiver::start(|_, _| Reply::Status(200));
    let url = elsewhere.url();
    let receiver = Receiver::start(move |_, _| Reply::Moved(url.clone()));
    let (id, _) = hooks(at, &ann, &receiver.url());
    says(at, &ann, "tea", "one");
    let ended = once(at, &ann, |hook| hook["state"] == "ended");
    assert_eq!(ended["why"], "failed");
    assert_eq!(receiver.texts(3), ["one", "one", "one"]);
    assert!(receiver.is_quiet() && elsewhere.is_quiet());
    assert_eq!(deliveries(at, &ann, id)[0]["status"], 307);
    let audit = gets(at, &ann, "/rooms/tea/audit").to_string();
    assert!(audit.contains("which took nothing for too long"), "{audit}");
}

#[test]
fn a_slow_receiver_delays_only_itself() {
    let rig = patient(|settings| {
        sends(settings);
        settings.web.hooks.within = Duration::from_secs(60);
    });
    let at = rig.address;
    let ann = room(at, "ann", "tea");
    let (slow, fast) = (Receiver::start(|_, _| Reply::Silence), Receiver::start(|_, _| Reply::Status(200)));
    hooks(at, &ann, &slow.url());
    hooks(at, &ann, &fast.url());
    says(at, &ann, "tea", "first");
    assert_eq!(slow.texts(1), ["first"]);
    for n in 0..20 {
        says(at, &ann, "tea", &format!("line {n}"));
    }
    assert_eq!(fast.texts(21).last().unwrap(), "line 19");
    assert!(slow.is_quiet(), "one at a time");
}

#[test]
fn who_is_silent_for_too_long_or_never_stops_is_left() {
    let rig = patient(|settings| {
        sends(settings);
        settings.web.hooks.within = Duration::from_millis(50);
    });
    let at = rig.address;
    let ann = room(at, "ann", "tea");
    let receiver = Receiver::start(|before, _| if before == 0 { Reply::Silence } else { Reply::Endless });
    let (id, _) = hooks(at, &ann, &receiver.url());
    says(at, &ann, "tea", "one");
    let log = eventually(|| deliveries(at, &ann, id), |log| log[0]["status"] == 200);
    let first = log.as_array().unwrap().last().unwrap();
    assert_eq!((&first["attempt"], &first["error"]), (&json!(1), &json!("it gave no answer in time")));
}

/// The same folder, server after server.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap())
    }

    fn start(&self) -> Rig {
        patient(|settings| {
            sends(settings);
            settings.folder = Folder::new(self.0.path().join("chatdata"));
            settings.web.hooks.within = Duration::from_secs(60);
        })
    }
}

#[test]
fn another_run_goes_on_from_what_was_taken() {
    let home = Home::new();
    let rig = home.start();
    let ann = room(rig.address, "ann", "tea");
    // Takes two, and keeps the third without a word.
    let answers = Arc::new(AtomicBool::new(false));
    let rule = Arc::clone(&answers);
    let receiver = Receiver::start(move |before, _| {
        if before < 2 || rule.load(Ordering::SeqCst) { Reply::Status(200) } else { Reply::Silence }
    });
    let (id, secret) = hooks(rig.address, &ann, &receiver.url());
    for n in 0..6 {
        says(rig.address, &ann, "tea", &format!("line {n}"));
    }
    let before: Vec<_> = (0..3).map(|_| receiver.next()).collect();
    let texts: Vec<_> = before.iter().map(|got| got.text()).collect();
    assert_eq!(texts, ["line 0", "line 1", "line 2"]);
    drop(rig);
    answers.store(true, Ordering::SeqCst);
    let rig = home.start();
    let last = says(rig.address, &ann, "tea", "line 6");
    let after: Vec<_> = (0..5).map(|_| receiver.next()).collect();
    let texts: Vec<_> = after.iter().map(|got| got.text()).collect();
    assert_eq!(
        texts,
        ["line 2", "line 3", "line 4", "line 5", "line 6"],
        "what was not acknowledged comes again"
    );
    assert_eq!(after[0].header("webhook-id"), before[2].header("webhook-id"), "and is known by its id");
    assert!(after.iter().all(|got| got.is_signed_by(&secret) && got.json()["hook"] == id));
    eventually(|| deliveries(rig.address, &ann, id), |log| log[0]["seq"] == last);
    drop(rig);
    // What was taken is not sent a third time.
    let rig = home.start();
    says(rig.address, &ann, "tea", "line 7");
    assert_eq!(receiver.texts(1), ["line 7"]);
}

#[test]
fn who_is_too_far_behind_skips_and_is_told() {
    let rig = patient(|settings| {
        sends(settings);
        settings.web.hooks.lag = 8;
    });
    let at = rig.address;
    let ann = room(at, "ann", "tea");
    let answers = Arc::new(AtomicBool::new(false));
    let rule = Arc::clone(&answers);
    let receiver =
        Receiver::start(move |_, _| Reply::Status(if rule.load(Ordering::SeqCst) { 200 } else { 503 }));
    let (id, _) = hooks(at, &ann, &receiver.url());
    for n in 0..9 {
        says(at, &ann, "tea", &format!("line {n}"));
    }
    let skipped = |log: &Value| log.as_array().unwrap().iter().find(|one| one["event"] == "skipped").cloned();
    let log = eventually(|| deliveries(at, &ann, id), |log| skipped(log).is_some());
    assert_eq!(skipped(&log).unwrap()["error"], "some 5 events are left out: too many waited");
    answers.store(true, Ordering::SeqCst);
    let last = loop {
        let text = receiver.next().text();
        if text == "line 8" {
            break text;
        }
        assert!(["line 0", "line 5", "line 6", "line 7"].contains(&&*text), "{text}");
    };
    assert_eq!(last, "line 8");
}

#[test]
fn a_word_taken_back_before_it_was_taken_is_not_sent_again() {
    let rig = patient(sends);
    let at = rig.address;
    let ann = room(at, "ann", "tea");
    let answers = Arc::new(AtomicBool::new(false));
    let rule = Arc::clone(&answers);
    let receiver =
        Receiver::start(move |_, _| Reply::Status(if rule.load(Ordering::SeqCst) { 200 } else { 500 }));
    hooks(at, &ann, &receiver.url());
    let seq = says(at, &ann, "tea", "canary");
    assert_eq!(receiver.texts(1), ["canary"]);
    ok(asks(at, &ann, "DELETE", &format!("/rooms/tea/messages/{seq}"), &Value::Null), 204);
    says(at, &ann, "tea", "next");
    // Those tries that had begun by then may come still.
    answers.store(true, Ordering::SeqCst);
    let mut all = Vec::new();
    while all.last().is_none_or(|last: &crate::receiver::Got| last.text() != "next") {
        all.push(receiver.next());
    }
    let redacted = all
        .iter()
        .rev()
        .find(|got| got.json()["event"]["event"] == "message" && got.text() != "next")
        .unwrap();
    assert_eq!(
        (redacted.json()["event"]["message"]["redacted"].as_bool(), &*redacted.text()),
        (Some(true), "")
    );
}

#[test]
fn a_ping_says_what_became_of_it() {
    let rig = patient(sends);
    let at = rig.address;
    let ann = room(at, "ann", "tea");
    let receiver = Receiver::start(|_, _| Reply::Status(202));
    let (id, secret) = hooks(at, &ann, &receiver.url());
    let ping =
        |id: u64| ok(asks(at, &ann, "POST", &format!("/rooms/tea/webhooks/{id}/ping"), &Value::Null), 200);
    let pinged = ping(id);
    assert_eq!((&pinged["status"], &pinged["event"]), (&json!(202), &json!("ping")));
    let got = receiver.next();
    assert!(got.is_signed_by(&secret) && got.json()["event"]["event"] == "ping", "{got:?}");
    assert_eq!(deliveries(at, &ann, id)[0]["event"], "ping");
    // Nobody is there; somebody is there who speaks no TLS.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (id, _) = hooks(at, &ann, &format!("http://{nobody}/"));
    assert_eq!(ping(id)["error"], "it could not be reached");
    let (id, _) = hooks(at, &ann, &format!("https://{at}/"));
    assert!(ping(id)["error"].as_str().unwrap().starts_with("TLS could not be agreed on"));
}

/// An authority of one's own, as a file of it; and a receiver to which it has given a certificate for a name.
fn vouched(name: &str, folder: &std::path::Path) -> (Authorities, Receiver) {
    let key = || KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, key()).unwrap();
    let file = folder.join(format!("{name}.pem"));
    std::fs::write(&file, authority.pem()).unwrap();
    let own = key();
    let certificate = CertificateParams::new(vec![name.into()]).unwrap().signed_by(&own, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(own.serialize_der().into()))
        .unwrap();
    (Authorities::read(&file).unwrap(), Receiver::tls(config, |_, _| Reply::Status(204)))
}

#[test]
fn over_tls_it_comes_to_whom_a_trusted_authority_vouches_for_and_to_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let (authorities, receiver) = vouched("127.0.0.1", folder.path());
    let elsewhere = tempfile::tempdir().unwrap();
    let (_, stranger) = vouched("127.0.0.1", elsewhere.path());
    let rig = patient(|settings| {
        sends(settings);
        settings.web.hooks.authorities = authorities;
    });
    let at = rig.address;
    let ann = room(at, "ann", "tea");
    let (id, secret) = hooks(at, &ann, &format!("https://{}/in", receiver.address));
    says(at, &ann, "tea", "in secret");
    let got = receiver.next();
    assert!(got.is_signed_by(&secret) && got.text() == "in secret", "{got:?}");
    eventually(|| deliveries(at, &ann, id), |told| told[0]["status"] == 204);
    let told = |url: String| {
        let (id, _) = hooks(at, &ann, &url);
        let ping = asks(at, &ann, "POST", &format!("/rooms/tea/webhooks/{id}/ping"), &Value::Null);
        ok(ping, 200)["error"].as_str().unwrap().to_owned()
    };
    let why = "TLS could not be agreed on: its certificate is not good for that name, or it speaks none";
    // Another authority's word, and a certificate for another's name.
    assert_eq!(told(format!("https://{}/in", stranger.address)), why);
    let (authorities, other) = vouched("chat.example.org", folder.path());
    let rig = patient(|settings| {
        sends(settings);
        settings.web.hooks.authorities = authorities;
    });
    let ann = room(rig.address, "ann", "tea");
    let (id, _) = hooks(rig.address, &ann, &format!("https://{}/in", other.address));
    let ping = asks(rig.address, &ann, "POST", &format!("/rooms/tea/webhooks/{id}/ping"), &Value::Null);
    assert_eq!(ok(ping, 200)["error"], why);
    assert!(stranger.is_quiet() && other.is_quiet());
}

#[test]
fn a_file_without_authorities_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    assert!(Authorities::read(&file).unwrap_err().contains("ca.pem: "));
    for (text, why) in [
        ("", "there is no certificate in it"),
        ("no certificate", "there is no certificate in it"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "ca.pem: "),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n", "ca.pem: "),
    ] {
        std::fs::write(&file, text).unwrap();
        let said = Authorities::read(&file).unwrap_err();
        assert!(said.contains(why), "{text:?}: {said}");
    }
}

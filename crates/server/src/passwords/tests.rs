//! Right, wrong and unknown; the work each takes is counted, never timed. Hashes here are as cheap as can be.

use super::*;

const CHEAP: Cost = Cost { memory_kib: MEMORY_KIB_MIN, passes: 1, scram: ROUNDS_MIN };

fn secret(text: &str) -> Secret {
    Secret::new(text.into())
}

#[tokio::test]
async fn the_right_password_is_right_and_others_are_wrong() {
    let passwords = Passwords::new(CHEAP);
    let phc = passwords.hash(secret("correct horse")).await.unwrap();
    assert!(phc.as_str().starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{}", phc.as_str());
    assert_eq!(Phc::parse(phc.as_str()).unwrap(), phc);
    assert!(passwords.verify(Some(phc.clone()), secret("correct horse")).await.unwrap());
    for wrong in ["correct horsE", "correct hors", "", "correct horse "] {
        assert!(!passwords.verify(Some(phc.clone()), secret(wrong)).await.unwrap(), "{wrong:?}");
    }
    let again = passwords.hash(secret("correct horse")).await.unwrap();
    assert_ne!(again, phc, "each has a salt of its own");
}

#[tokio::test]
async fn a_user_there_is_not_takes_the_same_work() {
    let passwords = Passwords::new(CHEAP);
    let phc = passwords.hash(secret("correct horse")).await.unwrap();
    let before = passwords.computed();
    assert!(!passwords.verify(Some(phc.clone()), secret("wrong horse")).await.unwrap());
    assert_eq!(passwords.computed() - before, 1);
    assert!(!passwords.verify(None, secret("wrong horse")).await.unwrap());
    assert_eq!(passwords.computed() - before, 2);
    // The same work: the same cost, and salts and hashes of the same length.
    assert_eq!(passwords.nobody.cost(), phc.cost());
    let hash = phc.as_str().split(' ').next().unwrap();
    assert_eq!(passwords.nobody.as_str().len(), hash.len());
    assert!(Phc::parse(passwords.nobody.as_str()).is_ok());
}

#[tokio::test]
async fn so_many_wait_and_one_more_is_refused_at_once() {
    let passwords = Arc::new(Passwords::new(CHEAP));
    // All turns are taken: whoever comes now waits.
    let turns = passwords.at_once.available_permits();
    let held = Arc::clone(&passwords.at_once).acquire_many_owned(turns as u32).await.unwrap();
    let places = passwords.queue.available_permits();
    assert_eq!(places, turns + WAITING_MAX);
    let waiting: Vec<_> = (0..places)
        .map(|_| {
            let passwords = Arc::clone(&passwords);
            tokio::spawn(async move { passwords.verify(None, secret("wrong horse")).await })
        })
        .collect();
    while passwords.queue.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(passwords.verify(None, secret("wrong horse")).await, Err(Busy));
    assert_eq!(passwords.hash(secret("correct horse")).await, Err(Busy));
    assert_eq!(passwords.computed(), 0);
    drop(held);
    for verified in waiting {
        assert_eq!(verified.await.unwrap(), Ok(false));
    }
    assert_eq!(passwords.computed(), places as u64);
    passwords.hash(secret("correct horse")).await.unwrap();
}

#[tokio::test]
async fn a_hash_of_another_cost_still_counts_and_is_to_be_made_anew() {
    let old = Passwords::new(CHEAP);
    let new = Passwords::new(Cost { passes: 2, ..CHEAP });
    let phc = old.hash(secret("correct horse")).await.unwrap();
    assert!(new.verify(Some(phc.clone()), secret("correct horse")).await.unwrap());
    assert!(new.needs_rehash(&phc) && !old.needs_rehash(&phc));
}

#[test]
fn the_default_is_what_owasp_asks_for() {
    assert!(Phc::of_nobody(Cost::default()).as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

#[test]
fn hashes_that_are_none_or_cost_too_much_are_refused() {
    let good = Phc::of_nobody(CHEAP);
    for (from, to) in [
        ("argon2id", "argon2i"),
        ("argon2id", "scrypt"),
        ("m=8", "m=1048577"),
        ("t=1", "t=101"),
        ("p=1", "p=2"),
        ("v=19", "v=16"),
    ] {
        let bad = good.as_str().replacen(from, to, 1);
        assert_eq!(Phc::parse(&bad), Err(BadPhc), "{bad}");
    }
    for bad in [
        "",
        "password",
        "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0",
        "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0",
        &"$a".repeat(200),
    ] {
        assert_eq!(Phc::parse(bad), Err(BadPhc), "{bad}");
    }
    let dear = good.as_str().replacen("m=8", "m=1048576", 1).replacen("t=1", "t=100", 1);
    assert!(Phc::parse(&dear).is_ok());
}

#[tokio::test]
async fn nothing_that_is_shown_has_a_secret_in_it() {
    let passwords = Passwords::new(CHEAP);
    let phc = passwords.hash(secret("correct horse")).await.unwrap();
    let hash = phc.as_str().rsplit('$').next().unwrap();
    for shown in [format!("{phc:?}"), format!("{passwords:?}"), format!("{:?}", secret("correct horse"))] {
        assert!(!shown.contains(hash) && !shown.contains("horse"), "{shown}");
    }
}

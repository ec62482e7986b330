//! A room's messages, a page at a time.

use super::program::{Program, no};
use super::unlimited;
use serde_json::{Value, json};

fn seqs(page: &Value) -> Vec<u64> {
    let all: Vec<u64> =
        page["messages"].as_array().unwrap().iter().map(|one| one["seq"].as_u64().unwrap()).collect();
    assert_eq!(page["first"].as_u64(), all.first().copied());
    assert_eq!(page["last"].as_u64(), all.last().copied());
    all
}

#[test]
fn pages_hold_all_messages_once_in_order() {
    let rig = unlimited();
    let ann = Program::register(&rig, "ann");
    ann.does("POST", "/rooms", json!({ "name": "tea" }));
    assert_eq!(seqs(&ann.get("/rooms/tea/messages")), Vec::<u64>::new());
    let all: Vec<u64> = (0..105).map(|n| ann.says("tea", &format!("{n}"))).collect();
    let page = |asked: &str| seqs(&ann.get(&format!("/rooms/tea/messages?{asked}")));
    assert_eq!(page(""), all[55..], "the last fifty");
    assert_eq!(page("limit=1"), all[104..]);
    assert_eq!(page("limit=100"), all[5..]);
    assert_eq!(page(&format!("before={}&limit=2", all[50])), all[48..50]);
    assert_eq!(page(&format!("after={}&limit=2", all[50])), all[51..53]);
    assert_eq!(page(&format!("around={}&limit=3", all[50])), all[49..52]);
    assert_eq!(page("before=0"), Vec::<u64>::new());
    assert_eq!(page("after=0&limit=3"), all[..3]);
    assert_eq!(page(&format!("after={}", u64::MAX)), Vec::<u64>::new());
    assert_eq!(page(&format!("before={}&limit=1", u64::MAX)), all[104..]);
    for wrong in ["limit=0", "limit=101", "limit=-1", "limit=x", "before=-1"] {
        let path = format!("/rooms/tea/messages?{wrong}");
        assert_eq!(ann.refused("GET", &path, Value::Null), no(400, "bad-request"), "{wrong}");
    }
    let both = "/rooms/tea/messages?before=5&after=3";
    assert_eq!(ann.refused("GET", both, Value::Null), no(422, "contradicting"));
    // From either end, page by page.
    let (mut forward, mut after) = (Vec::new(), 0);
    loop {
        let next = page(&format!("after={after}&limit=20"));
        let Some(last) = next.last() else { break };
        after = *last;
        forward.extend(next);
    }
    assert_eq!(forward, all);
    let (mut backward, mut before) = (Vec::new(), u64::MAX);
    loop {
        let next = page(&format!("before={before}&limit=20"));
        let Some(first) = next.first() else { break };
        before = *first;
        backward.extend(next.into_iter().rev());
    }
    backward.reverse();
    assert_eq!(backward, all);
}

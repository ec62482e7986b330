//! Messages of several lines at their limits, and one beyond.

use crate::script::play;

/// A batch of these lines, and what comes of each.
fn batch(lines: &[String]) -> Vec<String> {
    let mut script = "+ ann draft/multiline batch echo-message labeled-response\n".to_owned();
    script += "ann> JOIN #tea\nann> @label=a BATCH +1 draft/multiline #tea\n";
    for line in lines {
        script += &format!("ann> @batch=1 PRIVMSG #tea :{line}\n");
    }
    script += "ann> BATCH -1\n";
    let heard = play(&script);
    let (_, after) = heard.split_once("BATCH +1 draft/multiline #tea\n").unwrap();
    after.lines().map(str::to_owned).collect()
}

/// Lines that make so many bytes when they are joined.
fn bytes(most: usize) -> Vec<String> {
    let mut lines = vec!["x".repeat(454); 8];
    lines.push("x".repeat(most - 8 * 455));
    lines
}

fn check_taken(lines: &[String]) {
    let heard = batch(lines);
    let begins = "ann> BATCH -1 ann< @label=a :ann!~ann@u1 BATCH +m4x0 draft/multiline #tea";
    assert_eq!(heard[lines.len()..][..2].join(" "), begins);
    assert_eq!(heard.iter().filter(|line| line.starts_with("ann< @batch=m4x0 ")).count(), lines.len());
    assert!(heard.last().unwrap().ends_with(" BATCH -m4x0"), "{heard:?}");
}

/// It is said at this line, and nothing afterwards.
fn check_refused(lines: &[String], at: usize, why: &str) {
    let heard = batch(lines);
    assert_eq!(heard[at + 1], format!("ann< @label=a :chatroom FAIL BATCH {why}"));
    assert!(heard[at].starts_with("ann> @batch=1 PRIVMSG"));
    assert_eq!(heard.iter().filter(|line| line.starts_with("ann< ")).count(), 1, "{heard:?}");
}

#[test]
fn a_message_is_refused_at_the_line_that_makes_it_too_long() {
    check_taken(&bytes(4096));
    let mut more = bytes(4097);
    more.extend(["and".into(), "more".into()]);
    check_refused(&more, 8, "MULTILINE_MAX_BYTES 4096 :Message has too many bytes");
    check_taken(&vec!["x".to_owned(); 100]);
    check_refused(&vec!["x".to_owned(); 103], 100, "MULTILINE_MAX_LINES 100 :Message has too many lines");
}

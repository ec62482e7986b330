//! The table of rights as a text to review: what each standing may, and what each condition changes. `UPDATE=1` writes it.

use crate::golden::check;
use crate::rights::objects;
use chatroom_model::{Access, Act, Object, Refusal, Standing, can};
use std::collections::BTreeMap;

fn word(answer: Result<(), Refusal>) -> String {
    answer.map_or_else(|no| format!("no ({no:?})"), |()| "yes".to_owned())
}

/// Somebody in a public room, or outside of it, of whom nothing else is so.
fn plain(standing: Standing, inside: bool) -> Object {
    Object { inside: inside && standing != Standing::Outsider, ..Object::default() }
}

/// One condition each, and those that tell only together.
fn conditions(plain: Object) -> Vec<(&'static str, Object)> {
    let private = Object { access: Access::Private, ..plain };
    let invite = Object { access: Access::Invite, ..plain };
    let hidden = Object { access: Access::Hidden, ..plain };
    vec![
        ("invite-only", invite),
        ("hidden", hidden),
        ("hidden, wrong password", Object { password: Some(false), ..hidden }),
        ("hidden, banned", Object { banned: true, ..hidden }),
        ("outside speaks", Object { outside: true, ..plain }),
        ("outside speaks, private", Object { outside: true, ..private }),
        ("outside speaks, moderated", Object { outside: true, moderated: true, ..plain }),
        ("open topic", Object { open_topic: true, ..plain }),
        ("open topic, archived", Object { open_topic: true, archived: true, ..plain }),
        ("private", private),
        ("direct", Object { direct: true, ..plain }),
        ("archived", Object { archived: true, ..plain }),
        ("moderated", Object { moderated: true, ..plain }),
        ("moderated, with a voice", Object { moderated: true, voiced: true, ..plain }),
        ("only the registered speak", Object { silent: true, ..plain }),
        ("only the registered speak, with a voice", Object { silent: true, voiced: true, ..plain }),
        ("only the registered speak, outside speaks", Object { silent: true, outside: true, ..plain }),
        ("only the registered come in", Object { kept_out: true, ..plain }),
        ("only the registered come in, invited", Object { kept_out: true, invited: true, ..plain }),
        ("only the registered come in, private", Object { kept_out: true, ..private }),
        ("muted", Object { muted: true, ..plain }),
        ("banned", Object { banned: true, ..plain }),
        ("full", Object { full: true, ..plain }),
        ("right password", Object { password: Some(true), ..plain }),
        ("wrong password", Object { password: Some(false), ..plain }),
        (
            "invited, wrong password, full",
            Object { invited: true, password: Some(false), full: true, ..plain },
        ),
        ("invited, banned", Object { invited: true, banned: true, ..plain }),
        ("invite-only, invited", Object { invited: true, ..invite }),
        ("invite-only, right password", Object { password: Some(true), ..invite }),
        ("invite-only, wrong password", Object { password: Some(false), ..invite }),
        ("private, invited", Object { invited: true, ..private }),
        ("private, right password", Object { password: Some(true), ..private }),
        ("private, right password, full", Object { password: Some(true), full: true, ..private }),
        ("private, wrong password", Object { password: Some(false), ..private }),
        ("private, banned", Object { banned: true, ..private }),
        ("private, full", Object { full: true, ..private }),
        ("private, invited, banned", Object { invited: true, banned: true, ..private }),
        ("own", Object { own: true, ..plain }),
        ("own, archived", Object { own: true, archived: true, ..plain }),
        ("own, muted", Object { own: true, muted: true, ..plain }),
        ("below", Object { below: true, ..plain }),
        ("below, archived", Object { below: true, archived: true, ..plain }),
    ]
}

#[test]
fn the_table_reads_as_it_was_reviewed() {
    let mut text = String::new();
    let mut cells = 0;
    for act in Act::ALL {
        text += &format!("{act:?}\n");
        for standing in Standing::ALL {
            for inside in if standing == Standing::Operator { &[true, false][..] } else { &[true] } {
                let plain = plain(standing, *inside);
                let usual = can(standing, act, &plain);
                let place = if *inside { "" } else { " outside" };
                text += &format!("  {standing:?}{place}: {}\n", word(usual.clone()));
                let mut others: BTreeMap<String, Vec<&str>> = BTreeMap::new();
                for (name, object) in conditions(plain) {
                    cells += 1;
                    let answer = can(standing, act, &object);
                    if answer != usual {
                        others.entry(word(answer)).or_default().push(name);
                    }
                }
                for (answer, names) in others {
                    text += &format!("    {answer}: {}\n", names.join("; "));
                }
            }
        }
    }
    // Beside what is printed, how often each answer is given over all conditions together.
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for object in objects() {
        for (act, standing) in Act::ALL.iter().flat_map(|act| Standing::ALL.map(|standing| (*act, standing)))
        {
            *counts.entry(word(can(standing, act, &object))).or_default() += 1;
        }
    }
    text += &format!("\n{cells} conditions printed, {} cells in all:\n", counts.values().sum::<usize>());
    counts.iter().for_each(|(answer, count)| text += &format!("  {count} {answer}\n"));
    check("rights.txt", &text);
}

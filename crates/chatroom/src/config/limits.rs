//! The keys of limits, a row for each limit the server has. Knows what is limited from the server's own table only.

use super::keys::{Key, Shape};
use super::values::{Values, one};
use chatroom_server::limits::{LIMITS, Range};

/// Whether there are limits at all.
pub(super) const ENABLED: Key = Key {
    name: "limits.enabled",
    flag: "limits-enabled",
    shape: Shape::Text,
    hint: "ON|OFF",
    help: "Whether clients are limited at all; off is for tests and measurements that are their own flood",
    live: true,
    set: |values, said| {
        values.limits.enabled = match one(said)? {
            "on" => true,
            "off" => false,
            other => return Err(format!("{other:?} is not on or off")),
        };
        Ok(())
    },
    show: |values| vec![if values.limits.enabled { "on" } else { "off" }.into()],
};

/// Whom the limits of an address do not concern.
pub(super) const EXEMPT: Key = Key {
    name: "limits.exempt",
    flag: "limits-exempt",
    shape: Shape::List,
    hint: "ADDRESSES",
    help: "Addresses that are many people, such as a proxy's: what limits an address does not limit them; \"none\": nobody",
    live: false,
    set: |values, said| {
        values.limits.exempt = ranges(said)?;
        Ok(())
    },
    show: |values| values.limits.exempt.iter().map(ToString::to_string).collect(),
};

/// Addresses and ranges of them; "none" is nobody's.
pub(super) fn ranges(said: &[String]) -> Result<Vec<Range>, String> {
    let none = matches!(said, [only] if only == "none");
    let read = |text: &String| text.parse().map_err(|why| format!("{text:?} is {why}"));
    said[usize::from(none)..].iter().map(read).collect()
}

/// The key of one limit, by its place in the server's table.
pub(super) const fn limit<const N: usize>(flag: &'static str) -> Key {
    Key {
        name: LIMITS[N].key,
        flag,
        shape: Shape::Text,
        hint: "AMOUNT",
        help: LIMITS[N].bounds,
        live: true,
        set: set::<N>,
        show: show::<N>,
    }
}

fn set<const N: usize>(values: &mut Values, said: &[String]) -> Result<(), String> {
    let limit = &LIMITS[N];
    values.limits.set(limit.which, limit.read(one(said)?)?);
    Ok(())
}

fn show<const N: usize>(values: &Values) -> Vec<String> {
    vec![values.limits.amount(LIMITS[N].which).to_string()]
}

//! The configuration as a documented file: the sample, and what is in force. Reads nothing.

use super::Config;
use super::keys::{KEYS, Key, Shape};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// A complete file that says what is in force; with `origins`, also who said so.
pub(crate) fn toml(config: &Config, origins: bool) -> String {
    let mut text = String::from(
        "# Chatroom's configuration: every key there is. A flag (--snapshots-every 2h) comes before a variable\n\
         # (CHATROOM_SNAPSHOTS_EVERY=2h), that before this file, and this file before the default.\n\
         # Durations: 250ms, 30s, 2m, 1h, 14d. A change needs a restart, unless SIGHUP is said to be enough.\n",
    );
    let mut table = None;
    for key in KEYS {
        let (of, leaf) = key.split();
        if of != table {
            table = of;
            let _ = write!(text, "\n[{}]", of.expect("keys without a table stand first"));
        }
        let live = if key.live { "; SIGHUP is enough" } else { "" };
        let _ = write!(text, "\n# {}{live}\n{leaf} = {}", key.help, value(config, key));
        if origins {
            let _ = write!(text, "  # {}", config.origin(key));
        }
        text.push('\n');
    }
    text
}

/// The same as JSON, key by key.
pub(crate) fn json(config: &Config, origins: bool) -> Value {
    let entry = |key: &Key| {
        let said = (key.show)(&config.values);
        let value = match key.shape {
            Shape::List => json!(said),
            Shape::Text => json!(said.concat()),
            Shape::Number | Shape::NumberOrAuto => {
                let said = said.concat();
                said.parse::<u64>().map_or_else(|_| json!(said), |number| json!(number))
            }
        };
        let value =
            if origins { json!({"value": value, "origin": config.origin(key).to_string()}) } else { value };
        (key.name.to_owned(), value)
    };
    Value::Object(KEYS.iter().map(entry).collect::<Map<_, _>>())
}

fn value(config: &Config, key: &Key) -> String {
    let said = (key.show)(&config.values);
    let quoted = |text: &String| toml::Value::String(text.clone()).to_string();
    match key.shape {
        Shape::List => format!("[{}]", said.iter().map(quoted).collect::<Vec<_>>().join(", ")),
        Shape::Text => quoted(&said.concat()),
        Shape::Number => said.concat(),
        Shape::NumberOrAuto => {
            let said = said.concat();
            if said == "auto" { quoted(&said) } else { said }
        }
    }
}

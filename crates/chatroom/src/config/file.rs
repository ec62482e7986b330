//! Reads the configuration file against the table of keys, and names the line of everything that is wrong with it.

use super::keys::{KEYS, Key, Shape, key, meant};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// The keys it sets.
    pub(super) found: Vec<Found>,
    /// A line each, and what is wrong there.
    pub(super) problems: Vec<(usize, String)>,
}

/// One key that a file sets.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) key: &'static Key,
    pub(super) said: Vec<String>,
    pub(super) line: usize,
}

/// Reads a file's text.
pub(super) fn read(text: &str) -> Read {
    let mut read = Read::default();
    match DeTable::parse(text) {
        Ok(table) => read.table(text, "", table.get_ref()),
        Err(error) => {
            let line = line(text, error.span().map_or(0, |span| span.start));
            read.problems.push((line, error.message().to_owned()));
        }
    }
    read
}

impl Read {
    fn table(&mut self, text: &str, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let line = line(text, name.span().start);
            let path = format!("{prefix}{}", name.get_ref());
            match (key(&path), value.get_ref()) {
                (Some(key), _) => match said(key, value) {
                    Ok(said) => self.found.push(Found { key, said, line }),
                    Err(why) => self.problems.push((line, format!("{path}: {why}"))),
                },
                (None, DeValue::Table(inner)) if prefix.is_empty() && is_table(&path) => {
                    self.table(text, &format!("{path}."), inner);
                }
                (None, _) => {
                    let meant = meant(&path).map(|name| format!(", did you mean {name:?}?"));
                    self.problems.push((line, format!("unknown key {path:?}{}", meant.unwrap_or_default())));
                }
            }
        }
    }
}

fn is_table(name: &str) -> bool {
    KEYS.iter().any(|key| key.split().0 == Some(name))
}

/// The words of a value that has the shape its key needs.
fn said(key: &Key, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, String> {
    let value = value.get_ref();
    let string = |value: &DeValue<'_>| value.as_str().map(str::to_owned);
    let number = |value: &DeValue<'_>| {
        let number = value.as_integer()?;
        Some(i64::from_str_radix(number.as_str(), number.radix()).ok()?.to_string())
    };
    let (said, needed) = match key.shape {
        Shape::Text => (string(value).map(|text| vec![text]), "a string"),
        Shape::Number => (number(value).map(|text| vec![text]), "a whole number"),
        Shape::NumberOrAuto => {
            let auto = string(value).filter(|text| text == "auto");
            (auto.or_else(|| number(value)).map(|text| vec![text]), "a whole number or \"auto\"")
        }
        Shape::List => {
            let item = |item: &Spanned<DeValue<'_>>| {
                string(item.get_ref()).or_else(|| listener(key, item.get_ref()))
            };
            let many = || value.as_array()?.iter().map(item).collect();
            let needed = match key.name {
                "listen" => "an array of strings, or [[listen]] with address and protocols,",
                _ => "an array of strings",
            };
            (string(value).map(|text| vec![text]).or_else(many), needed)
        }
    };
    said.ok_or_else(|| format!("{needed} is needed, not {}", of_type(value)))
}

/// `[[listen]]` with `address` and `protocols`, in the words of `--listen`.
fn listener(key: &Key, value: &DeValue<'_>) -> Option<String> {
    let table = value.as_table().filter(|_| key.name == "listen")?;
    let known = |name: &str| matches!(name, "address" | "protocols");
    if !table.iter().all(|(name, _)| known(name.get_ref())) {
        return None;
    }
    let address = table.get("address")?.get_ref().as_str()?;
    let Some(protocols) = table.get("protocols") else { return Some(address.to_owned()) };
    let words: Option<Vec<&str>> =
        protocols.get_ref().as_array()?.iter().map(|word| word.get_ref().as_str()).collect();
    Some(format!("{address}={}", words?.join("+")))
}

fn of_type(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the string {text:?}"),
        other => format!("this {}", other.type_str()),
    }
}

fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

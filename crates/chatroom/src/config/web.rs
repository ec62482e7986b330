//! The keys of the web side: by which names browsers reach it, and where what is counted can be read.

use super::keys::{Key, Shape};
use super::limits::ranges;
use super::values::one;
use chatroom_server::Authorities;
use std::path::Path;

/// Names the server may have.
const NAMES_MAX: usize = 100;
/// Bytes a name of a host may have (RFC 1035, section 2.3.4).
const NAME_MAX: usize = 253;

/// By which names browsers reach the server.
pub(super) const NAMES: Key = Key {
    name: "web.names",
    flag: "web-names",
    shape: Shape::List,
    hint: "NAME",
    help: "Names by which browsers reach the server, besides its addresses, localhost and the machine's own name",
    live: false,
    set: |values, said| {
        if said.len() > NAMES_MAX {
            return Err(format!("there may be {NAMES_MAX} names"));
        }
        values.web.names = said.iter().map(|text| host(text)).collect::<Result<_, _>>()?;
        Ok(())
    },
    show: |values| values.web.names.clone(),
};

/// To which networks hooks may send besides public ones.
pub(super) const HOOKS_TO: Key = Key {
    name: "web.hooks_to",
    flag: "web-hooks-to",
    shape: Shape::List,
    hint: "ADDRESSES",
    help: "Private networks to which webhooks may send, such as 10.1.0.0/16; \"none\": only public addresses",
    live: false,
    set: |values, said| ranges(said).map(|to| values.web.hooks.to = to),
    show: |values| values.web.hooks.to.iter().map(ToString::to_string).collect(),
};

/// Whose certificates are good when hooks are sent.
pub(super) const HOOKS_AUTHORITIES: Key = Key {
    name: "web.hooks_authorities",
    flag: "web-hooks-authorities",
    shape: Shape::Text,
    hint: "FILE",
    help: "Certificates of authorities (PEM) that webhooks trust besides Mozilla's list, for receivers in one's own network; none when empty",
    live: false,
    set: |values, said| {
        let text = one(said)?;
        values.web.hooks.authorities =
            if text.is_empty() { Authorities::default() } else { Authorities::read(Path::new(text))? };
        Ok(())
    },
    show: |values| {
        let file = values.web.hooks.authorities.file();
        vec![file.map(|file| file.display().to_string()).unwrap_or_default()]
    },
};

/// Where what is counted can be read.
pub(super) const ADMIN: Key = Key {
    name: "admin",
    flag: "admin",
    shape: Shape::Text,
    hint: "ADDRESS",
    help: "Where /metrics is served, such as 127.0.0.1:9001, to whoever reaches it; nowhere when empty",
    live: false,
    set: |values, said| {
        let text = one(said)?;
        let bad = |_| format!("{text:?} is not an address with a port, such as 127.0.0.1:9001");
        values.admin = if text.is_empty() { None } else { Some(text.parse().map_err(bad)?) };
        Ok(())
    },
    show: |values| vec![values.admin.map(|address| address.to_string()).unwrap_or_default()],
};

fn host(text: &str) -> Result<String, String> {
    let label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    if text.len() <= NAME_MAX && text.split('.').all(label) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(format!("{text:?} is not the name of a host, such as chat.example.org"))
    }
}

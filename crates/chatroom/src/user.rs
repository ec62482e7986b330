//! `chatroom user`: who there is, who runs the server, who is kept out. Reads the log; deeds go through the server.

use crate::exit::{self, coded};
use crate::given::{self, Terms};
use crate::operator::act;
use crate::out;
use crate::place::Place;
use crate::shown;
use anyhow::Context as _;
use chatroom_model::{Deed, Mask, Name, Sanction};
use chatroom_server::now;
use chatroom_server::passwords::{Cost, Passwords, Secret};
use chatroom_store::{Profile, Reader};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List everybody who has a name
    List {
        /// The result as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Show what is known of somebody
    Show {
        /// Who
        #[arg(value_parser = given::name)]
        name: Name,
        /// The result as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Make an account, its password read from standard input or a file
    Add(WithPassword),
    /// Let somebody who is registered run the server
    Admin {
        /// Who
        #[arg(value_parser = given::name)]
        name: Name,
        /// No longer
        #[arg(long)]
        revoke: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Give somebody another password, read from standard input or a file; who is in by the old one is put out
    Password(WithPassword),
    /// Keep somebody out of the whole server: a name, a name with *, or addresses such as 10.0.0.0/8
    Ban {
        /// Whom
        #[arg(value_parser = given::mask)]
        mask: Mask,
        #[command(flatten)]
        terms: Terms,
        #[command(flatten)]
        place: Place,
    },
    /// Keep somebody out no longer
    Unban {
        /// Whom, as it stands in the list of bans
        #[arg(value_parser = given::mask)]
        mask: Mask,
        #[command(flatten)]
        place: Place,
    },
    /// List who is kept out of the whole server
    Bans {
        /// The result as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

/// Somebody, and where their password is read from.
#[derive(Debug, Args)]
pub(crate) struct WithPassword {
    /// Who
    #[arg(value_parser = given::name)]
    name: Name,
    /// The file whose first line is the password
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Does what a verb says.
pub(crate) fn run(verb: Verb) -> anyhow::Result<()> {
    match verb {
        Verb::List { json, place } => {
            let everybody = Reader::open(&place.folder()?)?.profiles()?;
            list(json, &everybody, described, told)
        }
        Verb::Show { name, json, place } => show(&name, json, &place),
        Verb::Admin { name, revoke, place } => {
            act(&place.folder()?, Deed::Operator { user: name, on: !revoke })
        }
        Verb::Add(given) => password(given, |name, phc| Deed::CreateAccount { name, phc, ident: None }),
        Verb::Password(given) => password(given, |user, phc| Deed::ResetPassword { user, phc }),
        Verb::Ban { mask, terms, place } => {
            let until = terms.until();
            act(&place.folder()?, Deed::BanHere { mask, reason: terms.why.reason, until })
        }
        Verb::Unban { mask, place } => act(&place.folder()?, Deed::UnbanHere { mask }),
        Verb::Bans { json, place } => {
            let mut bans = Reader::open(&place.folder()?)?.bans()?;
            bans.retain(|ban| ban.holds(now()));
            list(json, &bans, ban_described, ban_told)
        }
    }
}

/// Prints a list as one JSON array, or a line each.
pub(crate) fn list<T>(
    json: bool,
    all: &[T],
    described: impl Fn(&T) -> Value,
    told: impl Fn(&T) -> String,
) -> anyhow::Result<()> {
    if json {
        return out::line(shown::json(&all.iter().map(described).collect::<Value>()));
    }
    let mut out = out::Output::new();
    for one in all {
        out.line(shown::text(&told(one)))?;
    }
    out.finish()
}

fn show(name: &Name, json: bool, place: &Place) -> anyhow::Result<()> {
    let found = Reader::open(&place.folder()?)?.profile(name)?;
    let Some(found) = found else { return Err(coded(exit::FAILED, format!("nobody is called {name}"))) };
    if json {
        return out::line(shown::json(&described(&found)));
    }
    let mut out = out::Output::new();
    out.line(shown::text(&told(&found)))?;
    for (what, text) in [("says", Some(&found.profile)), ("away", found.away.as_ref())] {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            out.line(format_args!("  {what}: {}", shown::text(text)))?;
        }
    }
    out.line(format_args!("  last active: {}", shown::moment(found.last_active)))?;
    out.finish()
}

fn described(one: &Profile) -> Value {
    json!({
        "id": one.user.0, "name": one.name, "registered": one.account.is_some(), "account": one.account, "operator": one.operator,
        "sessions": one.sessions, "profile": one.profile, "away": one.away,
        "last_seen": shown::exact(one.last_seen), "last_active": shown::exact(one.last_active),
    })
}

fn told(one: &Profile) -> String {
    let mut told = format!("{}  {}", one.name, if one.account.is_some() { "registered" } else { "guest" });
    if one.operator {
        told.push_str(", runs the server");
    }
    match one.sessions {
        0 => told += &format!(", last seen {}", shown::moment(one.last_seen)),
        1 => told.push_str(", here"),
        n => told += &format!(", here {n} times"),
    }
    told
}

/// A ban as JSON.
pub(crate) fn ban_described(ban: &Sanction) -> Value {
    let until = ban.until.map(shown::exact);
    json!({"mask": ban.mask.to_string(), "by": ban.by, "reason": ban.reason, "until": until})
}

/// A ban as a line.
pub(crate) fn ban_told(ban: &Sanction) -> String {
    let until = ban.until.map_or(String::new(), |until| format!(" until {}", shown::moment(until)));
    let why = if ban.reason.is_empty() { String::new() } else { format!(": {}", ban.reason) };
    format!("{}  by {}{until}{why}", ban.mask, ban.by)
}

fn password(
    WithPassword { name, file, place }: WithPassword,
    deed: impl Fn(Name, String) -> Deed,
) -> anyhow::Result<()> {
    let values = place.values()?;
    let folder = chatroom_store::Folder::new(&values.data);
    let secret = Secret::new(given::secret(file.as_deref())?);
    secret.check(name.as_str(), values.password_min).map_err(|why| coded(exit::USAGE, why.to_string()))?;
    let phc = hash(values.passwords, secret)?;
    act(&folder, deed(name, phc))
}

/// The hash is made here, at the cost that is configured: the server never sees the word.
fn hash(cost: Cost, secret: Secret) -> anyhow::Result<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().context("cannot start a runtime")?;
    let hashed = runtime.block_on(async { Passwords::new(cost).hash(secret).await })?;
    Ok(hashed.as_str().to_owned())
}

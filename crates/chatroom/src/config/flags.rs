//! Every key as a flag of the command line, made from the table. Knows nothing of what the keys mean.

use super::FILE_VARIABLE;
use super::keys::{KEYS, Key, Shape, key};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

/// The keys that were given as flags, with what was said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags(Vec<(&'static Key, Vec<String>)>);

impl Flags {
    /// One key given, or none.
    pub(crate) fn one(name: &str, said: Option<&str>) -> Self {
        Self(key(name).zip(said).map(|(key, said)| (key, vec![said.to_owned()])).into_iter().collect())
    }

    /// Each key that was given.
    pub(super) fn given(&self) -> impl Iterator<Item = (&'static Key, &[String])> {
        self.0.iter().map(|(key, said)| (*key, said.as_slice()))
    }

    fn read(matches: &ArgMatches) -> Self {
        let given = |key: &'static Key| {
            let said = matches.get_many::<String>(key.name)?;
            Some((key, said.cloned().collect()))
        };
        Self(KEYS.iter().filter_map(given).collect())
    }
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        KEYS.iter().fold(command, |command, key| {
            let action = if key.shape == Shape::List { ArgAction::Append } else { ArgAction::Set };
            let again = if key.shape == Shape::List { "; may be given several times" } else { "" };
            let help = format!("{}{again} [{}]", key.help, key.variable());
            let arg = Arg::new(key.name).long(key.flag).value_name(key.hint).help(help).action(action);
            // One number of many: the long help has them all.
            command.arg(arg.hide_short_help(key.hint == "AMOUNT"))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Ok(Self::read(matches))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::read(matches);
        Ok(())
    }
}

/// What the help says of the file's own flag.
pub(crate) fn file_help() -> String {
    format!(
        "The configuration file [{FILE_VARIABLE}; default: chatroom.toml in the data folder, if it is there]"
    )
}

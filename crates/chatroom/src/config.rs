//! What is configured, and who said so: flag, else environment, else file, else default. Starts nothing.
//!
//! [`keys::KEYS`] is the one table behind the file's parser, the variables' names, the flags, the help and the sample.

pub(crate) mod duration;
mod file;
pub(crate) mod flags;
mod irc;
pub(crate) mod keys;
mod limits;
pub(crate) mod show;
pub(crate) mod values;
mod web;

use crate::exit::{self, coded};
use flags::Flags;
use keys::{KEYS, Key};
use std::fmt;
use std::path::{Path, PathBuf};
use values::Values;

/// The variable that names the file.
pub(crate) const FILE_VARIABLE: &str = "CHATROOM_CONFIG";
/// The file that is read without being named, when the data folder has one.
pub(crate) const FILE_NAME: &str = "chatroom.toml";

/// Everything that is configured.
#[derive(Debug)]
pub(crate) struct Config {
    /// The values.
    pub(crate) values: Values,
    /// The file that was read.
    pub(crate) file: Option<PathBuf>,
    /// One for each of [`KEYS`], in its order.
    origins: Vec<Origin>,
}

/// Who said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody.
    Default,
    /// A file, at a line.
    File(PathBuf, usize),
    /// A variable of the environment.
    Environment(String),
    /// A flag.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// What is asked for the value of a variable.
pub(crate) type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Config {
    /// Reads everything anew.
    pub(crate) fn load(file: Option<&Path>, flags: &Flags) -> anyhow::Result<Self> {
        Self::load_from(file, flags, &|name| Some(std::env::var_os(name)?.to_string_lossy().into_owned()))
    }

    fn load_from(file: Option<&Path>, flags: &Flags, environment: Environment<'_>) -> anyhow::Result<Self> {
        let mut config =
            Self { values: Values::default(), file: None, origins: vec![Origin::Default; KEYS.len()] };
        let mut problems = Vec::new();
        // The data folder may hold the file, so who names the folder must be known before the file is read.
        config.environment(environment, &mut problems);
        config.flags(flags)?;
        let named = file.map(Path::to_owned).or_else(|| environment(FILE_VARIABLE).map(PathBuf::from));
        let beside = config.values.data.join(FILE_NAME);
        if let Some(path) = named.clone().or_else(|| beside.exists().then_some(beside)) {
            config.file(&path, named.is_none(), &mut problems)?;
            config.environment(environment, &mut Vec::new());
            config.flags(flags)?;
        }
        if problems.is_empty() { Ok(config) } else { Err(coded(exit::CONFIGURATION, problems.join("\n"))) }
    }

    /// Who said what a key is.
    pub(crate) fn origin(&self, key: &Key) -> &Origin {
        &self.origins[keys::number(key)]
    }

    fn set(&mut self, key: &Key, said: &[String], origin: Origin) -> Result<(), String> {
        (key.set)(&mut self.values, said)?;
        self.origins[keys::number(key)] = origin;
        Ok(())
    }

    fn file(&mut self, path: &Path, in_data_folder: bool, problems: &mut Vec<String>) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| coded(exit::CONFIGURATION, format!("{}: {error}", path.display())))?;
        let read = file::read(&text);
        let mut wrong: Vec<_> = read.problems;
        for found in read.found {
            if in_data_folder && found.key.name == "data" {
                wrong.push((found.line, "\"data\" cannot be set by the file inside the data folder".into()));
            } else if let Err(why) =
                self.set(found.key, &found.said, Origin::File(path.to_owned(), found.line))
            {
                wrong.push((found.line, format!("{}: {why}", found.key.name)));
            }
        }
        wrong.sort();
        problems.extend(wrong.into_iter().map(|(line, what)| format!("{}:{line}: {what}", path.display())));
        self.file = Some(path.to_owned());
        Ok(())
    }

    fn environment(&mut self, environment: Environment<'_>, problems: &mut Vec<String>) {
        for key in KEYS {
            let variable = key.variable();
            let Some(text) = environment(&variable) else { continue };
            let said: Vec<_> = match key.shape {
                keys::Shape::List => text.split(',').map(|part| part.trim().to_owned()).collect(),
                _ => vec![text],
            };
            if let Err(why) = self.set(key, &said, Origin::Environment(variable.clone())) {
                problems.push(format!("{variable}: {why}"));
            }
        }
    }

    fn flags(&mut self, flags: &Flags) -> anyhow::Result<()> {
        for (key, said) in flags.given() {
            let flag = key.flag;
            if let Err(why) = self.set(key, said, Origin::Flag(format!("--{flag}"))) {
                return Err(coded(exit::USAGE, format!("--{flag}: {why}")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

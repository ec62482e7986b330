//! Precedence, line numbers and the sample. Knows no process environment: each test brings its own.

use super::*;
use clap::{Args as _, FromArgMatches as _};

fn load(file: Option<&str>, environment: &[(&str, &str)], flags: &[&str]) -> Result<Config, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.toml");
    if let Some(text) = file {
        std::fs::write(&path, text).unwrap();
    }
    let words = std::iter::once("chatroom").chain(flags.iter().copied());
    let matches = Flags::augment_args(clap::Command::new("chatroom")).get_matches_from(words);
    let flags = Flags::from_arg_matches(&matches).unwrap();
    let find = |name: &str| Some(environment.iter().find(|(key, _)| *key == name)?.1.to_owned());
    Config::load_from(file.map(|_| path.as_path()), &flags, &find)
        .map_err(|error| format!("{error:#}").replace(&format!("{}/", dir.path().display()), ""))
}

fn origin(config: &Config, name: &str) -> String {
    let origin = config.origin(keys::key(name).unwrap()).to_string();
    origin.rsplit('/').next().unwrap().to_owned()
}

#[test]
fn a_flag_comes_before_a_variable_before_the_file_before_the_default() {
    let file = "listen = [\"127.0.0.1:1\", \"[::1]:1\"]\n[snapshots]\nkeep = 7\nevery = \"2h\"\n[log]\nlevel = \"warn\"\n";
    let environment = [("CHATROOM_SNAPSHOTS_EVERY", "3h"), ("CHATROOM_LOG_LEVEL", "error")];
    let config = load(Some(file), &environment, &["--log-level", "debug"]).unwrap();
    let shown: Vec<_> = ["listen", "snapshots.keep", "snapshots.every", "log.level", "timeouts.login"]
        .map(|name| ((keys::key(name).unwrap().show)(&config.values).join(","), origin(&config, name)))
        .into();
    assert_eq!(
        shown,
        [
            ("127.0.0.1:1,[::1]:1", "test.toml:1"),
            ("7", "test.toml:3"),
            ("3h", "environment CHATROOM_SNAPSHOTS_EVERY"),
            ("debug", "flag --log-level"),
            ("30s", "default"),
        ]
        .map(|(value, origin)| (value.to_owned(), origin.to_owned()))
    );
}

#[test]
fn the_sample_says_the_defaults_and_every_key() {
    let defaults = load(None, &[], &[]).unwrap();
    let sample = show::toml(&defaults, false);
    let read = load(Some(&sample), &[], &[]).unwrap();
    assert_eq!(read.values, defaults.values);
    for key in KEYS {
        assert_ne!(*read.origin(key), Origin::Default, "{} is not in the sample", key.name);
    }
    // With origins it is a file all the same.
    assert_eq!(load(Some(&show::toml(&read, true)), &[], &[]).unwrap().values, defaults.values);
}

#[test]
fn every_key_reads_back_what_it_shows_and_none_hides_another() {
    for (n, key) in KEYS.iter().enumerate() {
        let mut values = Values::default();
        let shown = (key.show)(&values);
        (key.set)(&mut values, &shown).unwrap();
        assert_eq!((key.show)(&values), shown);
        assert_eq!(key.flag, key.name.replace(['.', '_'], "-"));
        assert!(!KEYS[..n].iter().any(|other| other.flag == key.flag || other.variable() == key.variable()));
    }
}

#[test]
fn what_is_wrong_in_the_file_is_named_with_its_line() {
    let file = "lisen = \"127.0.0.1:1\"\nshards = true\nevery = \"1h\"\n\n[snapshots]\nkep = 3\nevery = \"soon\"\n[logs]\nlevel = \"info\"\n";
    let problems = load(Some(file), &[], &[]).unwrap_err();
    let expected = [
        "test.toml:1: unknown key \"lisen\", did you mean \"listen\"?",
        "test.toml:2: shards: a whole number or \"auto\" is needed, not this boolean",
        "test.toml:3: unknown key \"every\", did you mean \"snapshots.every\"?",
        "test.toml:6: unknown key \"snapshots.kep\", did you mean \"snapshots.keep\"?",
        "test.toml:7: snapshots.every: \"soon\" is not a duration such as 250ms, 30s, 2m, 1h or 14d",
    ];
    for (line, expected) in problems.lines().zip(expected) {
        assert_eq!(line, expected);
    }
    assert!(problems.lines().nth(5).unwrap().starts_with("test.toml:8: unknown key \"logs\""), "{problems}");
}

#[test]
fn a_listener_may_be_given_protocols_of_its_own() {
    let file = "[[listen]]\naddress = \"127.0.0.1:9000\"\n[[listen]]\naddress = \"127.0.0.1:6667\"\nprotocols = [\"irc\"]\n";
    let config = load(Some(file), &[], &[]).unwrap();
    let shown = (keys::key("listen").unwrap().show)(&config.values);
    assert_eq!(shown, ["127.0.0.1:9000", "127.0.0.1:6667=irc"]);
    let flags =
        load(None, &[], &["--listen", "127.0.0.1:1=line", "--listen", "127.0.0.1:2=line+irc"]).unwrap();
    assert_eq!(
        (keys::key("listen").unwrap().show)(&flags.values),
        ["127.0.0.1:1=line", "127.0.0.1:2=line+irc"]
    );
    for bad in
        ["adress = \"127.0.0.1:1\"", "address = \"127.0.0.1:1\"\nprotocols = [\"gopher\"]", "address = 1"]
    {
        assert!(load(Some(&format!("[[listen]]\n{bad}\n")), &[], &[]).is_err(), "{bad}");
    }
}

#[test]
fn a_file_that_is_no_toml_is_refused_at_its_line() {
    let problem = load(Some("[log]\nlevel = \n"), &[], &[]).unwrap_err();
    assert!(problem.starts_with("test.toml:2: "), "{problem}");
    let twice = load(Some("data = \"a\"\ndata = \"b\"\n"), &[], &[]).unwrap_err();
    assert!(twice.starts_with("test.toml:2: "), "{twice}");
}

#[test]
fn values_out_of_range_and_misspelt_levels_are_refused() {
    for (name, value) in [
        ("CHATROOM_LISTEN", "9000"),
        ("CHATROOM_LISTEN", ""),
        ("CHATROOM_DATA", ""),
        ("CHATROOM_SHARDS", "0"),
        ("CHATROOM_CONNECTIONS", "many"),
        ("CHATROOM_TIMEOUTS_LOGIN", "0s"),
        ("CHATROOM_SNAPSHOTS_KEEP", "-1"),
        ("CHATROOM_LIMITS_ENABLED", "yes"),
        ("CHATROOM_LIMITS_EXEMPT", "localhost"),
        ("CHATROOM_LIMITS_MESSAGES_PER_USER", "10"),
        ("CHATROOM_LIMITS_OPEN_PER_ADDRESS", "10/s burst 40"),
        ("CHATROOM_PASSWORDS_MEMORY_KIB", "7"),
        ("CHATROOM_PASSWORDS_PASSES", "0"),
        ("CHATROOM_LOG_FORMAT", "xml"),
        ("CHATROOM_LOG_LEVEL", "inof"),
        ("CHATROOM_LOG_LEVEL", "chatroom_server=loud"),
    ] {
        let problem = load(None, &[(name, value)], &[]).unwrap_err();
        assert!(problem.starts_with(&format!("{name}: ")), "{name}={value}: {problem}");
    }
    assert!(load(None, &[("CHATROOM_LOG_LEVEL", "info,chatroom_server=debug")], &[]).is_ok());
}

#[test]
fn the_data_folders_own_file_is_read_but_cannot_move_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap().to_owned();
    let none = Flags::default();
    let find = |name: &str| (name == "CHATROOM_DATA").then(|| data.clone());
    std::fs::write(dir.path().join(FILE_NAME), "shards = 3\n").unwrap();
    let config = Config::load_from(None, &none, &find).unwrap();
    assert_eq!(config.values.shards, values::Auto::Number(3));
    assert_eq!(config.file.as_deref(), Some(dir.path().join(FILE_NAME).as_path()));
    std::fs::write(dir.path().join(FILE_NAME), "data = \"elsewhere\"\n").unwrap();
    let problem = Config::load_from(None, &none, &find).unwrap_err().to_string();
    assert!(problem.ends_with(":1: \"data\" cannot be set by the file inside the data folder"), "{problem}");
}

#[test]
fn what_fits_the_machine_is_found_and_a_number_comes_before_it() {
    let defaults = load(None, &[], &[]).unwrap().values;
    assert_eq!(defaults.settings(1024).connections, 1024 - 64);
    assert_eq!(defaults.settings(10).connections, 1);
    assert!(defaults.settings(1024).shards >= 1);
    let told = load(None, &[], &["--connections", "7", "--shards", "3"]).unwrap().values.settings(1024);
    assert_eq!((told.connections, told.shards), (7, 3));
}

#[test]
fn proxies_are_nobody_until_somebody_says_who() {
    let proxies = |variables: &[(&str, &str)], flags: &[&str]| {
        let told = load(None, variables, flags)?.values.settings(1024).proxies;
        Ok::<_, String>(told.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert!(proxies(&[], &[]).unwrap().is_empty());
    let said = proxies(&[("CHATROOM_PROXIES", "127.0.0.1, 10.0.0.0/8")], &[]).unwrap();
    assert_eq!(said, ["127.0.0.1", "10.0.0.0/8"]);
    assert_eq!(proxies(&[("CHATROOM_PROXIES", "none")], &[]).unwrap(), [""; 0]);
    let told = proxies(&[("CHATROOM_PROXIES", "10.0.0.0/8")], &["--proxies", "2001:db8::/32"]).unwrap();
    assert_eq!(told, ["2001:db8::/32"]);
    let problem = proxies(&[("CHATROOM_PROXIES", "haproxy")], &[]).unwrap_err();
    assert!(problem.starts_with("CHATROOM_PROXIES: \"haproxy\" is not an address or a range"), "{problem}");
}

#[test]
fn every_limit_of_the_server_can_be_set_while_it_runs_and_all_are_on() {
    for limit in chatroom_server::limits::LIMITS {
        let key = keys::key(limit.key).unwrap_or_else(|| panic!("{} is no key", limit.key));
        assert!(key.live && key.help == limit.bounds);
    }
    let told =
        load(None, &[("CHATROOM_LIMITS_EXEMPT", "none")], &["--limits-messages-per-user", "1/h burst 2"]);
    let settings = told.unwrap().values.settings(1024);
    assert!(settings.limits.enabled && settings.limits.exempt.is_empty());
    let amount = settings.limits.amount(chatroom_server::limits::Which::MessagesPerUser);
    assert_eq!(amount.to_string(), "1/h burst 2");
    let off = load(None, &[("CHATROOM_LIMITS_ENABLED", "off")], &[]).unwrap().values.settings(1024);
    assert!(!off.limits.enabled);
}

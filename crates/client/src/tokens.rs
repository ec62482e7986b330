//! Keeps reconnect tokens between starts: a file a user, a folder a server, readable by their owner only. Never judges
//! whether a token is still good.

use chatroom_wire::line::id::{Hex, parse_hex};
use chatroom_wire::line::words::RECONNECT;
use std::collections::HashMap;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A name with the token that takes it up again.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) user: String,
    pub(crate) token: [u8; 16],
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Credential {
    /// Reads `reconnect:<user>:<token>`.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (user, token) = line.trim().strip_prefix(RECONNECT)?.rsplit_once(':')?;
        Some(Self { user: user.to_owned(), token: parse_hex(token)? })
    }

    /// The answer to the prompt, as one would type it.
    pub(crate) fn line(&self) -> String {
        format!("{RECONNECT}{}:{}", self.user, Hex(self.token))
    }
}

/// Under which key a user's token is found: names that differ in case only are one.
pub(crate) fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The tokens for one server.
#[derive(Debug)]
pub(crate) struct Tokens {
    folder: PathBuf,
}

impl Tokens {
    /// The tokens that `state` holds for the server at `address`; nothing is made before there is one to keep.
    pub(crate) fn of(state: &Path, address: &str) -> Self {
        Self { folder: state.join("tokens").join(file_name(&address.to_lowercase())) }
    }

    /// All of them, by [`name_key`]. What cannot be read is as if it were not there: the name is then tried plainly.
    pub(crate) fn load(&self) -> HashMap<String, Credential> {
        let files = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        files
            .filter(|file| !file.file_name().to_string_lossy().starts_with('.'))
            .filter_map(|file| Credential::parse(&fs::read_to_string(file.path()).ok()?))
            .map(|credential| (name_key(&credential.user), credential))
            .collect()
    }

    /// Keeps one, in place of the one before: whole or not at all, whatever happens meanwhile.
    pub(crate) fn keep(&self, credential: &Credential) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let name = file_name(&name_key(&credential.user));
        let unfinished = self.folder.join(format!(".{name}.{}", std::process::id()));
        let written = write_private(&unfinished, &credential.line())
            .and_then(|()| fs::rename(&unfinished, self.folder.join(&name)))
            .and_then(|()| File::open(&self.folder)?.sync_all());
        if written.is_err() {
            // Already failing; the first reason is the one to tell.
            let _ = fs::remove_file(&unfinished);
        }
        written
    }

    /// Forgets one; there need not be one.
    pub(crate) fn forget(&self, user: &str) -> io::Result<()> {
        match fs::remove_file(self.folder.join(file_name(&name_key(user)))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn write_private(path: &Path, line: &str) -> io::Result<()> {
    // A leftover of a start with our process id would keep its own mode.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{line}")?;
    file.sync_all()
}

/// Any text as a file's name: what is not plainly harmless becomes `%` and two digits a byte.
fn file_name(text: &str) -> String {
    let mut name = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            // Never first: neither hidden nor a way up.
            b'.' if !name.is_empty() => name.push('.'),
            other => name.push_str(&format!("%{other:02x}")),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn ann() -> Credential {
        Credential { user: "Ann".into(), token: [7; 16] }
    }

    #[test]
    fn what_is_kept_is_found_under_any_case_and_only_for_its_server() {
        let state = tempfile::tempdir().unwrap();
        let tokens = Tokens::of(state.path(), "127.0.0.1:9000");
        assert!(tokens.load().is_empty());
        tokens.keep(&ann()).unwrap();
        let renewed = Credential { token: [8; 16], ..ann() };
        tokens.keep(&renewed).unwrap();
        assert_eq!(tokens.load().get(&name_key("ANN")), Some(&renewed));
        assert!(Tokens::of(state.path(), "127.0.0.1:9001").load().is_empty());
        tokens.forget("ann").unwrap();
        tokens.forget("ann").unwrap();
        assert!(tokens.load().is_empty());
    }

    #[test]
    fn only_the_owner_can_read_them() {
        let state = tempfile::tempdir().unwrap();
        let tokens = Tokens::of(&state.path().join("chatroom"), "[::1]:9000");
        tokens.keep(&ann()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for folder in [&tokens.folder, &state.path().join("chatroom"), &state.path().join("chatroom/tokens")]
        {
            assert_eq!(mode(folder), 0o700, "{}", folder.display());
        }
        let files: Vec<PathBuf> =
            fs::read_dir(&tokens.folder).unwrap().map(|file| file.unwrap().path()).collect();
        assert_eq!(files.len(), 1, "no unfinished file is left");
        assert_eq!(mode(&files[0]), 0o600);
    }

    #[test]
    fn no_name_leaves_the_folder() {
        for name in ["..", ".", "../x", "/etc/passwd", "a/b", "ü", ".hidden", "CON\0"] {
            let file = file_name(name);
            assert!(
                !file.contains(['/', '\0']) && !file.starts_with('.') && !file.is_empty(),
                "{name} → {file}"
            );
        }
        assert_ne!(file_name("a%2f"), file_name("a/"));
    }

    #[test]
    fn what_is_no_token_is_not_taken_for_one() {
        let state = tempfile::tempdir().unwrap();
        let tokens = Tokens::of(state.path(), "h:1");
        tokens.keep(&ann()).unwrap();
        fs::write(tokens.folder.join("bob"), "reconnect:bob:short\n").unwrap();
        fs::write(tokens.folder.join("cid"), [0xff, 0xfe]).unwrap();
        assert_eq!(tokens.load().len(), 1);
        assert_eq!(format!("{:?}", ann()), r#"Credential { user: "Ann", .. }"#);
    }
}

//! `chatroom completions` and `chatroom man`: made from the command line's own definition, so they cannot lag behind it.

use crate::config::keys::KEYS;
use crate::out;
use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use std::io::Write as _;

/// What no flag's help says. roff; a paragraph each.
const AFTERWORD: &str = ".SH FILES
.TP
\\fIchatdata/chatroom.db\\fR
The log, an SQLite database that can be looked at with \\fBsqlite3\\fR.
.TP
\\fIchatdata/snapshots/\\fR
Checked copies of it.
.TP
\\fIchatdata/operator.sock\\fR
By which \\fBchatroom user\\fR and \\fBchatroom room\\fR reach a server that runs: a JSON call a line, a JSON reply a line.
Its owner and root alone can use it.
.TP
\\fIchatdata/chatroom.toml\\fR
The configuration, unless another file is named. \\fBchatroom config show\\fR prints a complete one.
.SH SIGNALS
.TP
\\fBTERM\\fR, \\fBINT\\fR
The server takes nobody in any more, tells its clients, takes a snapshot and ends within ten seconds. A second one
ends it at once; nothing that was acknowledged is lost by that.
.TP
\\fBHUP\\fR
The server reads its configuration again, and keeps the one it has if there is an error in it.
.SH EXIT STATUS
0 done; 1 failed; 2 wrong usage; 69 unavailable: the port or the folder is in use, or no server answers;
73 cannot create a file or folder; 74 reading or writing failed; 77 not allowed;
78 the configuration is wrong, or the data folder is of a later version.
";

/// Prints the completions of a shell.
pub(crate) fn completions(shell: Shell, mut command: Command) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "chatroom", &mut script);
    print(&script)
}

/// Prints the manual: one page with all verbs.
pub(crate) fn man(mut command: Command) -> anyhow::Result<()> {
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
        section(&mut page, verb)?;
    }
    writeln!(page, ".SH CONFIGURATION")?;
    for key in KEYS {
        let (flag, variable) = (key.flag.replace('-', "\\-"), key.variable());
        writeln!(page, ".TP\n\\fB{}\\fR, \\fB\\-\\-{flag}\\fR, \\fB{variable}\\fR\n{}", key.name, key.help)?;
    }
    page.extend_from_slice(AFTERWORD.as_bytes());
    print(&page)
}

/// A verb as a section, its own sections below it; a verb's verbs follow.
fn section(page: &mut Vec<u8>, verb: &Command) -> anyhow::Result<()> {
    let name = verb.get_bin_name().unwrap_or(verb.get_name()).to_owned();
    let mut part = Vec::new();
    let man = Man::new(verb.clone());
    man.render_description_section(&mut part)?;
    man.render_synopsis_section(&mut part)?;
    if verb.get_arguments().any(|argument| !argument.is_hide_set()) {
        man.render_options_section(&mut part)?;
    }
    let part = String::from_utf8(part)?.replace(".SH ", ".SS ");
    writeln!(page, ".SH {}\n{part}", name.to_uppercase())?;
    for inner in verb.get_subcommands().filter(|inner| inner.get_name() != "help" && !inner.is_hide_set()) {
        section(page, inner)?;
    }
    Ok(())
}

fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = out::Output::new();
    out.bytes(bytes)?;
    out.finish()
}

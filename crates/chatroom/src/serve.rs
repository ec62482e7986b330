//! `chatroom server`: starts one, says how to join, and stops it when a signal asks. Knows nothing of what it serves.

use anyhow::Context;
use chatroom_server::{Server, Settings};
use chatroom_store::Folder;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::signal::unix::{SignalKind, signal};

/// What the server can be told on the command line.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Where to listen; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<SocketAddr>,
    /// The data folder
    #[arg(long, default_value = "chatdata")]
    data: PathBuf,
    /// Print one line of JSON on stdout once it accepts, for scripts
    #[arg(long)]
    ready_json: bool,
}

/// Runs a server until a signal stops it.
pub(crate) fn run(options: Options) -> anyhow::Result<()> {
    let mut settings = Settings::new(Folder::new(options.data));
    if !options.listen.is_empty() {
        settings.listen = options.listen;
    }
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let _ = rustix::process::setrlimit(
        rustix::process::Resource::Nofile,
        rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum },
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let server = Server::start(settings)?;
        if options.ready_json {
            let listen: Vec<_> = server.addresses().iter().map(ToString::to_string).collect();
            let line = serde_json::json!({ "listen": listen, "admin": null });
            writeln!(std::io::stdout(), "{line}")?;
        }
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        server.stop().await;
        anyhow::Ok(())
    })
}

//! `chatroom server`: starts one, says how to join, and does what signals ask. Knows nothing of what it serves.

mod greeting;
mod limits;
mod logs;
mod reload;

use crate::configure::Sources;
use crate::out;
use anyhow::Context;
use chatroom_server::Server;
use reload::Running;
use std::sync::Arc;
use std::time::Instant;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tracing::info;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    sources: Sources,
    /// Print nothing but one line of JSON on standard output, once the server accepts: {"listen": [...], "admin": null}, with
    /// "admin" where /metrics is served, if it is, and with "setup" the first operator's token while nobody runs the server
    #[arg(long)]
    ready_json: bool,
}

/// Runs a server until a signal stops it.
pub(crate) fn run(options: Options) -> anyhow::Result<()> {
    let began = Instant::now();
    let config = options.sources.load()?;
    let logs = logs::start(&config.values);
    let settings = config.values.settings(limits::raise_descriptors());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the event loop")?;
    runtime.block_on(async {
        let signals = Signals::listen().context("cannot listen to signals")?;
        if !options.ready_json {
            greet("Starting server...");
        }
        let server = Server::start(settings)?;
        let ready_in = began.elapsed();
        greet(&if options.ready_json {
            greeting::json(server.addresses(), server.admin(), server.setup_token().as_deref())
        } else {
            greeting::text(server.addresses(), server.setup_token().as_deref())
        });
        info!(ready_us = ready_in.as_micros() as u64, listen = ?server.addresses(), "accepting");
        let (sources, values, limits) = (options.sources, config.values, server.limits());
        let asked = server.reload();
        serve(server, Running { sources, values, logs, limits }, Signals { asked, ..signals }).await;
        Ok(())
    })
}

/// Says something on standard output. Nobody need read it: a server that nobody watches still serves.
fn greet(text: &str) {
    if let Err(error) = out::line(text) {
        tracing::warn!("{error:#}");
    }
}

async fn serve(server: Server, mut running: Running, mut signals: Signals) {
    while let Asked::Reload = signals.next().await {
        running.reload();
    }
    info!("stopping");
    let stop = server.stop();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            asked = signals.next() => match asked {
                Asked::Stop => at_once(),
                Asked::Reload => running.reload(),
            },
        }
    }
    info!("stopped");
}

/// Ends the process without waiting: leaving by return would wait for the threads that are being waited for already.
fn at_once() -> ! {
    out::talk(format_args!("chatroom: stopped at once by a second signal; what was acknowledged is stored"));
    std::process::exit(i32::from(crate::exit::FAILED));
}

/// What a signal asks.
enum Asked {
    Stop,
    Reload,
}

/// What may be asked of a server from outside.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    /// Rings when an operator asks over IRC that the configuration be read anew.
    asked: Arc<Notify>,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            asked: Arc::default(),
        })
    }

    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Stop,
            _ = self.interrupt.recv() => Asked::Stop,
            _ = self.hangup.recv() => Asked::Reload,
            () = self.asked.notified() => Asked::Reload,
        }
    }
}

//! What can be asked of `chatroom bench`. Knows bounds, and nothing of how anything is measured.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, value_parser};

use super::fault::Fault;
use super::line::{LARGEST_BODY, SMALLEST_BODY};

/// Measures what a chat server holds on this machine, beside a floor that does nothing but pass bytes on.
#[derive(Args, Debug)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    pub(super) what: What,
    #[command(flatten)]
    pub(super) how: How,
}

#[derive(Args, Debug)]
pub(super) struct How {
    /// Runs of each; the medians are told.
    #[arg(long, global = true, default_value_t = 3, value_parser = value_parser!(u32).range(1..=100))]
    pub(super) runs: u32,
    /// One JSON object for each scenario instead of tables.
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Folder, on the disk to be measured, for the servers' data; removed afterwards [default: the current one].
    // Its own id: a global one is seen by the whole command line, where `data` is a key of the configuration.
    #[arg(id = "bench-data", long = "data", global = true, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// Measures a server that runs already instead of one of its own.
    #[arg(long, global = true, value_name = "ADDRESS", requires = "pid")]
    pub(super) connect: Option<SocketAddr>,
    /// The process of the server that runs already, for its CPU time and memory.
    #[arg(long, global = true, requires = "connect")]
    pub(super) pid: Option<u32>,
    /// Another chatroom program to measure, such as the last release.
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "connect")]
    pub(super) program: Option<PathBuf>,
    /// What is spoken with the server; the floor speaks the line protocol only, so there is none beside the others.
    #[arg(long, global = true, default_value = "line")]
    pub(super) protocol: Speech,
    /// Measures one side only.
    #[arg(long, global = true)]
    pub(super) only: Option<Side>,
    /// Makes the floor faulty, to test the checks.
    #[arg(long, global = true, hide = true)]
    pub(super) floor_fault: Option<String>,
}

/// What is spoken with a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Speech {
    /// The line protocol.
    Line,
    /// IRC.
    Irc,
    /// JSON over a WebSocket, after coming in by HTTP.
    Ws,
}

/// One of the two that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Side {
    Server,
    Floor,
}

#[derive(Subcommand, Debug)]
pub(super) enum What {
    /// Many receivers, several senders, each with a window of unanswered messages.
    Fanout(#[command(flatten)] Talk),
    /// Senders only: durable, acknowledged messages a second.
    #[command(mut_args(pipeline_defaults))]
    Pipeline(#[command(flatten)] Talk),
    /// A fixed, moderate rate: how late do messages arrive?
    Latency(#[command(flatten)] Latency),
    /// One reader stops, then reads on: it gets everything and the others notice nothing.
    SlowReader(#[command(flatten)] SlowReader),
    /// Connections that say nothing: memory each, CPU while nothing happens.
    Idle(#[command(flatten)] Idle),
    /// Registrations a second.
    Connect(#[command(flatten)] Connect),
    /// Many rooms, everybody talking in one of them, while visitors come and go.
    Rooms(#[command(flatten)] Rooms),
    /// Programs ask for pages of a long history, anywhere, while everybody is talked to at a fixed rate.
    #[command(mut_args(pages_defaults))]
    Pages(#[command(flatten)] Pages),
    /// Time to accept again after a kill, with a long history.
    Recovery(#[command(flatten)] Recovery),
    /// The project's figures of record, with their goals.
    All,
    /// The floor itself.
    #[command(hide = true)]
    FloorServer {
        #[arg(long)]
        fault: Option<Fault>,
    },
}

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct Talk {
    /// Connections that only listen.
    #[arg(long, default_value_t = 1000, value_parser = count(0))]
    pub(super) receivers: u32,
    /// Connections that send, and listen like all.
    #[arg(long, default_value_t = 10, value_parser = count(1))]
    pub(super) senders: u32,
    /// Messages a sender may have unanswered.
    #[arg(long, default_value_t = 100, value_parser = value_parser!(u64).range(1..=10_000))]
    pub(super) window: u64,
    /// How long to send.
    #[arg(long, default_value_t = 5, value_parser = seconds())]
    pub(super) seconds: u32,
    /// Stops after so many messages even if there is time left.
    #[arg(long)]
    pub(super) messages: Option<u64>,
    /// Bytes in a message's body.
    #[arg(long, default_value_t = 100, value_parser = body())]
    pub(super) body: u32,
}

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct Latency {
    /// Connections that only listen.
    #[arg(long, default_value_t = 200, value_parser = count(0))]
    pub(super) receivers: u32,
    /// Connections that send in turn.
    #[arg(long, default_value_t = 10, value_parser = count(1))]
    pub(super) senders: u32,
    /// Messages a second, all senders together.
    #[arg(long, default_value_t = 100, value_parser = value_parser!(u32).range(1..=100_000))]
    pub(super) rate: u32,
    /// How long to send.
    #[arg(long, default_value_t = 10, value_parser = seconds())]
    pub(super) seconds: u32,
    /// Bytes in a message's body.
    #[arg(long, default_value_t = 100, value_parser = body())]
    pub(super) body: u32,
}

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct SlowReader {
    /// Connections that only listen; the last of them is the slow one.
    #[arg(long, default_value_t = 100, value_parser = count(1))]
    pub(super) receivers: u32,
    /// Connections that send in turn.
    #[arg(long, default_value_t = 10, value_parser = count(1))]
    pub(super) senders: u32,
    /// Messages a second, all senders together.
    #[arg(long, default_value_t = 4000, value_parser = value_parser!(u32).range(1..=100_000))]
    pub(super) rate: u32,
    /// How long the reader reads nothing.
    #[arg(long, default_value_t = 5, value_parser = seconds())]
    pub(super) seconds: u32,
    /// Bytes in a message's body.
    #[arg(long, default_value_t = 1000, value_parser = body())]
    pub(super) body: u32,
}

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct Idle {
    /// Connections that register and say nothing.
    #[arg(long, default_value_t = 10_000, value_parser = count(1))]
    pub(super) connections: u32,
    /// How long to watch while nothing happens.
    #[arg(long, default_value_t = 5, value_parser = seconds())]
    pub(super) seconds: u32,
}

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct Connect {
    /// Connections that register.
    #[arg(long, default_value_t = 5000, value_parser = count(1))]
    pub(super) connections: u32,
    /// Registrations under way at a time.
    #[arg(long, default_value_t = 128, value_parser = value_parser!(u32).range(1..=4000))]
    pub(super) at_once: u32,
}

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct Rooms {
    /// Rooms.
    #[arg(long, default_value_t = 1000, value_parser = count(1))]
    pub(super) rooms: u32,
    /// Connections in each room; all of them talk.
    #[arg(long, default_value_t = 10, value_parser = count(1))]
    pub(super) members: u32,
    /// Connections that go into one room after another and out again.
    #[arg(long, default_value_t = 100, value_parser = count(0))]
    pub(super) visitors: u32,
    /// Messages a member may have unanswered.
    #[arg(long, default_value_t = 10, value_parser = value_parser!(u64).range(1..=1000))]
    pub(super) window: u64,
    /// How long to send.
    #[arg(long, default_value_t = 5, value_parser = seconds())]
    pub(super) seconds: u32,
    /// Stops after so many messages even if there is time left.
    #[arg(long)]
    pub(super) messages: Option<u64>,
    /// Bytes in a message's body.
    #[arg(long, default_value_t = 100, value_parser = body())]
    pub(super) body: u32,
}

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct Pages {
    /// Messages in the room before it begins.
    #[arg(long, default_value_t = 100_000, value_parser = value_parser!(u64).range(1000..=100_000_000))]
    pub(super) messages: u64,
    /// Pages a second, all who ask together.
    #[arg(long, default_value_t = 500, value_parser = value_parser!(u32).range(1..=100_000))]
    pub(super) pages: u32,
    #[command(flatten)]
    pub(super) talk: Latency,
}

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct Recovery {
    /// Messages in the log.
    #[arg(long, default_value_t = 1_000_000, value_parser = value_parser!(u64).range(1..=100_000_000))]
    pub(super) messages: u64,
    /// Bytes in a message's body.
    #[arg(long, default_value_t = 100, value_parser = body())]
    pub(super) body: u32,
}

impl Talk {
    pub(super) fn connections(&self) -> usize {
        (self.receivers + self.senders) as usize
    }
}

/// Senders alone, unless told otherwise.
fn pipeline_defaults(arg: clap::Arg) -> clap::Arg {
    match arg.get_id().as_str() {
        "receivers" => arg.default_value("0"),
        "senders" => arg.default_value("64"),
        _ => arg,
    }
}

/// More listen where others ask.
fn pages_defaults(arg: clap::Arg) -> clap::Arg {
    if arg.get_id() == "receivers" { arg.default_value("1000") } else { arg }
}

/// Names have five digits; a process here holds fewer connections than that.
fn count(least: i64) -> clap::builder::RangedI64ValueParser<u32> {
    value_parser!(u32).range(least..=49_999)
}

fn seconds() -> clap::builder::RangedI64ValueParser<u32> {
    value_parser!(u32).range(1..=3600)
}

fn body() -> clap::builder::RangedI64ValueParser<u32> {
    value_parser!(u32).range(SMALLEST_BODY as i64..=LARGEST_BODY as i64)
}

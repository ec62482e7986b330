//! What a test run saw, an operation a line: the only thing the checker is given. Knows no server, socket or protocol.
//!
//! Lines of one session stand in the order that session saw them; lines of different sessions may stand in any order.
//! All times are nanoseconds of one monotonic clock. A body stands as a hash, so ten million lines fit in memory.

mod line;
mod names;

use std::io::{BufRead, Write};

use anyhow::Context;

pub use line::{BodyHash, ClientId, Kind, Line, Outcome};
pub use names::{Name, Names};

/// One operation in 96 bytes: a [`Line`] whose texts are numbers of the history's [`Names`]; zero means absent.
#[derive(Clone, Copy, Debug)]
pub struct Op {
    /// When it was asked for.
    pub invoked: u64,
    /// When its answer came; [`Op::NEVER`] if none did.
    pub returned: u64,
    /// Number inside the room.
    pub seq: u64,
    /// Place in the whole log.
    pub position: u64,
    /// The sender's own id.
    pub id: ClientId,
    /// Author and text.
    pub body: BodyHash,
    /// A count, a limit, a hash: see [`Kind`].
    pub value: u64,
    /// The server's stamp, in milliseconds.
    pub time: u64,
    /// The client as a test knows it, over all its connections.
    pub session: Name,
    /// On whose behalf; for stored and received messages the author is in the body hash.
    pub user: Name,
    /// `#lobby`, or `@alice,bob` for a direct conversation.
    pub room: Name,
    /// Of a fault, an expectation or a sample.
    pub name: Name,
    /// The test's process.
    pub process: Name,
    /// The server it spoke to.
    pub node: Name,
    /// `line`, `irc`, `file` …
    pub protocol: Name,
    /// What was done.
    pub kind: Kind,
    /// How it ended.
    pub outcome: Outcome,
}

impl Op {
    /// The `returned` of an operation that never ended.
    pub const NEVER: u64 = u64::MAX;

    /// What stands before the first.
    const NONE: Self = Self {
        invoked: 0,
        returned: 0,
        seq: 0,
        position: 0,
        id: ClientId(0, 0),
        body: BodyHash(0),
        value: 0,
        time: 0,
        session: Name::NONE,
        user: Name::NONE,
        room: Name::NONE,
        name: Name::NONE,
        process: Name::NONE,
        node: Name::NONE,
        protocol: Name::NONE,
        kind: Kind::Send,
        outcome: Outcome::Ok,
    };
}

/// A whole run, compact.
#[derive(Default)]
pub struct History {
    /// The operations, in file order: line n is `ops[n - 1]`.
    pub ops: Vec<Op>,
    /// The texts the operations refer to.
    pub names: Names,
}

impl History {
    /// Adds one operation at the end.
    pub fn push(&mut self, line: &Line<'_>) {
        let names = &mut self.names;
        let before = self.ops.last().copied().unwrap_or(Op::NONE);
        self.ops.push(Op {
            invoked: line.invoked,
            returned: line.returned.unwrap_or(Op::NEVER),
            seq: line.seq,
            position: line.position,
            id: line.id,
            body: line.body,
            value: line.value,
            time: line.time,
            session: names.again(before.session, &line.session),
            user: names.again(before.user, &line.user),
            room: names.again(before.room, &line.room),
            name: names.again(before.name, &line.name),
            process: names.again(before.process, &line.process),
            node: names.again(before.node, &line.node),
            protocol: names.again(before.protocol, &line.protocol),
            kind: line.op,
            outcome: line.outcome,
        });
    }

    /// The operation as it would stand in a file.
    pub fn line(&self, op: &Op) -> Line<'_> {
        let text = |name| self.names.text(name).into();
        Line {
            op: op.kind,
            process: text(op.process),
            session: text(op.session),
            user: text(op.user),
            node: text(op.node),
            protocol: text(op.protocol),
            invoked: op.invoked,
            returned: (op.returned != Op::NEVER).then_some(op.returned),
            outcome: op.outcome,
            room: text(op.room),
            seq: op.seq,
            position: op.position,
            id: op.id,
            body: op.body,
            name: text(op.name),
            value: op.value,
            time: op.time,
        }
    }

    /// Reads a history, a JSON object a line; the error names the line.
    pub fn read(mut from: impl BufRead) -> anyhow::Result<Self> {
        let mut history = Self::default();
        let mut text = Vec::with_capacity(512);
        loop {
            text.clear();
            if from.read_until(b'\n', &mut text).context("reading a history")? == 0 {
                return Ok(history);
            }
            let line = serde_json::from_slice(&text)
                .with_context(|| format!("line {} of the history", history.ops.len() + 1))?;
            history.push(&line);
        }
    }

    /// Writes it as [`History::read`] takes it.
    pub fn write(&self, mut to: impl Write) -> anyhow::Result<()> {
        for op in &self.ops {
            serde_json::to_writer(&mut to, &self.line(op))?;
            to.write_all(b"\n")?;
        }
        to.flush().context("writing a history")
    }
}

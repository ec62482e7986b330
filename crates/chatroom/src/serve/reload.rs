//! Takes over a changed configuration while the server runs, as far as that can be done. Knows no signal.

use super::logs::Logs;
use crate::config::keys::KEYS;
use crate::config::values::Values;
use crate::configure::Sources;
use chatroom_server::limits::Limits;
use std::sync::Arc;
use tracing::{error, info, warn};

/// What a running server was configured with.
pub(super) struct Running {
    pub(super) sources: Sources,
    pub(super) values: Values,
    pub(super) logs: Logs,
    /// The running server's.
    pub(super) limits: Arc<Limits>,
}

impl Running {
    /// Reads the configuration anew. An error leaves everything as it is.
    pub(super) fn reload(&mut self) {
        let new = match self.sources.load() {
            Ok(config) => config.values,
            Err(error) => {
                error!("the configuration is not taken over, the old one stays: {error:#}");
                return;
            }
        };
        let (mut live, mut later) = (Vec::new(), Vec::new());
        for key in KEYS {
            let wanted = (key.show)(&new);
            if wanted == (key.show)(&self.values) {
                continue;
            }
            if key.live {
                (key.set)(&mut self.values, &wanted).expect("what was read once can be read again");
                live.push(key.name);
            } else {
                later.push(key.name);
            }
        }
        self.logs.set_level(&self.values.log_level);
        self.limits.set(&self.values.limits);
        if !later.is_empty() {
            warn!(keys = later.join(" "), "changed, but needs a restart");
        }
        info!(changed = live.join(" "), "the configuration was read again");
    }
}

//! What one password hash costs. Knows no password.

use super::scram::{ROUNDS_MAX, ROUNDS_MIN};
use argon2::Params;

/// The least memory a hash may take, in KiB: what Argon2 itself needs.
pub const MEMORY_KIB_MIN: u32 = Params::MIN_M_COST;
/// The most memory a hash may take, in KiB: 1 GiB. A stored hash that asks for more is none.
pub const MEMORY_KIB_MAX: u32 = 1024 * 1024;
/// The most passes a hash may take. A stored hash that asks for more is none.
pub const PASSES_MAX: u32 = 100;
/// Threads a hash is computed on: several hashes at once are worth more to us than one that is done sooner.
const LANES: u32 = 1;

/// What a hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub passes: u32,
    /// Rounds of PBKDF2 of what is kept for SCRAM-SHA-256; 0 where nothing is.
    pub scram: u32,
}

impl Default for Cost {
    /// OWASP's recommendation for Argon2id: 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, scram: 65_536 }
    }
}

impl Cost {
    pub(super) fn within_bounds(self) -> Self {
        Self {
            memory_kib: self.memory_kib.clamp(MEMORY_KIB_MIN, MEMORY_KIB_MAX),
            passes: self.passes.clamp(1, PASSES_MAX),
            scram: if self.scram == 0 { 0 } else { self.scram.clamp(ROUNDS_MIN, ROUNDS_MAX) },
        }
    }

    pub(super) fn params(self) -> Params {
        Params::new(self.memory_kib, self.passes, LANES, Some(Params::DEFAULT_OUTPUT_LEN))
            .expect("a cost within bounds is one that Argon2 knows")
    }

    /// The cost that is meant by parameters, unless it is out of bounds.
    pub(super) fn of(params: &Params) -> Option<Self> {
        let cost = Self { memory_kib: params.m_cost(), passes: params.t_cost(), scram: 0 };
        (params.p_cost() == LANES && cost == cost.within_bounds()).then_some(cost)
    }
}

//! How to cut a bucket into shards.

use std::collections::BTreeSet;

use crate::proto::plan::revise::{Circumstances, Fulls};
use crate::proto::plan::{Limits, Plan};

/// How to cut a bucket into shards, or to revise how it is cut.
///
/// ```
/// use s3stream_core::plan::{Limits, PlanOptions};
/// let mut limits = Limits::default();
/// limits.bytes = 100_000_000_000;
/// let options = PlanOptions::new().limits(limits).lanes(3).parallel(8);
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
pub struct PlanOptions {
    pub(super) limits: Option<Limits>,
    pub(super) lanes: Option<u32>,
    pub(super) prefix: Option<String>,
    pub(super) parallel: usize,
    pub(super) previous: Option<Plan>,
    pub(super) circumstances: Circumstances,
}

impl Default for PlanOptions {
    fn default() -> Self {
        PlanOptions {
            limits: None,
            lanes: None,
            prefix: None,
            parallel: 1,
            previous: None,
            circumstances: Circumstances::default(),
        }
    }
}

impl PlanOptions {
    /// A first plan of a whole bucket, within the limits that [`Limits`] has by default.
    pub fn new() -> Self {
        PlanOptions::default()
    }

    /// How large shards may be; those of the plan before unless set.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Over how many hosts to spread the shards; those of the plan before, or 1, unless set.
    pub fn lanes(mut self, lanes: u32) -> Self {
        self.lanes = Some(lanes.max(1));
        self
    }

    /// Only keys that start with this.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(prefix.into());
        self
    }

    /// Lists up to so many ranges at once: see
    /// [`ListOptions::parallel`](crate::ListOptions::parallel).
    pub fn parallel(mut self, ranges: usize) -> Self {
        self.parallel = ranges;
        self
    }

    /// The plan to revise.
    pub fn revise(mut self, previous: Plan) -> Self {
        self.previous = Some(previous);
        self
    }

    /// The shards that were backed up since the plan was last changed: what was waiting for
    /// them is done.
    pub fn backed_up(mut self, shards: impl IntoIterator<Item = u32>) -> Self {
        self.circumstances.backed_up = shards.into_iter().collect();
        self
    }

    /// The shards whose next backup is a full, which may take a nearly empty neighbour's keys;
    /// none unless set.
    pub fn next_full(mut self, shards: impl IntoIterator<Item = u32>) -> Self {
        let shards: BTreeSet<u32> = shards.into_iter().collect();
        self.circumstances.fulls = Fulls::These(shards);
        self
    }

    /// The same for all shards.
    pub fn all_full_next(mut self) -> Self {
        self.circumstances.fulls = Fulls::All;
        self
    }

    /// Changes as many shards at once as are above a limit or nearly empty, not only
    /// [`Limits::change_percent`] of them.
    pub fn force(mut self, force: bool) -> Self {
        self.circumstances.is_forced = force;
        self
    }
}

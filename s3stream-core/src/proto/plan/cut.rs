//! A first plan: shards filled one after another.

use super::marks::Count;
use super::nouns::{Bounds, Limits, Plan, Scope, Shard, percent};
use super::separator::separator;

/// A first plan being made: fed a bucket's keys in order, it holds the shard that is being
/// filled and those that are done.
pub(crate) struct Cut {
    plan: Plan,
    /// What the shard being filled holds.
    filled: Count,
    start_after: Option<String>,
    key: Option<String>,
    /// The object before was larger than a shard may be: the next begins another.
    is_alone: bool,
}

impl Cut {
    /// # Errors
    /// One line that says which limit is none.
    pub(crate) fn new(scope: Scope, limits: Limits, lanes: u32) -> Result<Self, String> {
        let plan = Plan {
            scope,
            limits: limits.checked()?,
            revision: 1,
            lanes: lanes.max(1),
            shards: Vec::new(),
            retired: Vec::new(),
            next_id: 1,
            last_key: None,
        };
        Ok(Cut { plan, filled: Count::default(), start_after: None, key: None, is_alone: false })
    }

    /// The next key, which must be behind the one before.
    ///
    /// # Errors
    /// One line that names the keys, if it is not: nothing can be cut without an order.
    pub(crate) fn pass(&mut self, key: &str, size: u64) -> Result<(), String> {
        if let Some(before) = &self.key {
            behind(before, key)?;
            if self.is_full_with(size) {
                let boundary = separator(before, key);
                self.close(Some(boundary));
            }
        }
        self.is_alone = size > self.plan.limits.bytes;
        self.filled.add(size);
        let last = self.key.get_or_insert_default();
        last.clear();
        last.push_str(key);
        Ok(())
    }

    /// The plan: its last shard is open, so a new key always has a home.
    pub(crate) fn finish(mut self) -> Plan {
        self.close(None);
        self.plan.last_key = self.key;
        spread(&mut self.plan);
        self.plan
    }

    fn is_full_with(&self, size: u64) -> bool {
        let limits = &self.plan.limits;
        let part = |limit: u64| percent(limit, limits.fill_percent).max(1);
        self.is_alone
            || self.filled.objects >= part(limits.objects)
            || self.filled.bytes.saturating_add(size) > part(limits.bytes)
    }

    fn close(&mut self, boundary: Option<String>) {
        let start_after = std::mem::replace(&mut self.start_after, boundary.clone());
        let Count { objects, bytes } = std::mem::take(&mut self.filled);
        self.plan.shards.push(Shard {
            id: self.plan.next_id,
            bounds: Bounds { start_after, end_at: boundary },
            objects,
            bytes,
            lane: 0,
            born: 1,
            parent: None,
            transition: None,
        });
        self.plan.next_id += 1;
    }
}

/// # Errors
/// One line, if a key is not behind the one before.
pub(super) fn behind(before: &str, key: &str) -> Result<(), String> {
    if key > before {
        return Ok(());
    }
    Err(format!(
        "'{key}' came after '{before}': keys that do not ascend cannot be cut into shards, \
         because a shard would lose keys without a word"
    ))
}

/// Gives each shard the lane that has the least to do, in the order of the shards.
fn spread(plan: &mut Plan) {
    let mut loads = vec![Count::default(); plan.lanes as usize];
    for shard in &mut plan.shards {
        shard.lane = least(&loads);
        let load = &mut loads[shard.lane as usize];
        load.bytes = load.bytes.saturating_add(shard.bytes);
        load.objects += shard.objects;
    }
}

/// The lane with the fewest bytes, then the fewest objects, then the lowest number.
pub(super) fn least(loads: &[Count]) -> u32 {
    let lanes = (0_u32..).zip(loads);
    let least = lanes.min_by_key(|(lane, load)| (load.bytes, load.objects, *lane));
    least.map_or(0, |(lane, _)| lane)
}

#[cfg(test)]
#[path = "cut_tests.rs"]
mod tests;

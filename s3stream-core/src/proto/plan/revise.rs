//! The next plan, from the one before and the bucket as it is now.

use std::collections::BTreeSet;

use super::change::{Change, Changes, Found, Reason};
use super::cut::behind;
use super::marks::{Count, Marks};
use super::nouns::{Bounds, Plan, Then};

/// What a revision may rely upon.
#[derive(Clone, Debug, Default)]
pub(crate) struct Circumstances {
    /// Shards that were backed up since the plan was last changed.
    pub(crate) backed_up: BTreeSet<u32>,
    /// Shards whose next backup is a full: they may take a neighbour's keys.
    pub(crate) fulls: Fulls,
    /// Changes as much as the limits ask for, at once.
    pub(crate) is_forced: bool,
}

/// Which shards have a full backup next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fulls {
    #[default]
    None,
    All,
    These(BTreeSet<u32>),
}

impl Fulls {
    fn has(&self, id: u32) -> bool {
        match self {
            Fulls::None => false,
            Fulls::All => true,
            Fulls::These(ids) => ids.contains(&id),
        }
    }
}

/// A plan being revised: fed the bucket's keys in order, it holds counts, and boundaries of
/// those shards that may have to be cut.
pub(crate) struct Revision {
    plan: Plan,
    circumstances: Circumstances,
    changes: Vec<Change>,
    /// The ranges as they will be once all that is under way is done: they tile.
    tiles: Vec<(u32, Bounds)>,
    found: Vec<Found>,
    marks: Marks,
    behind: Count,
    key: Option<String>,
}

impl Revision {
    pub(crate) fn new(mut plan: Plan, circumstances: Circumstances) -> Self {
        let waiting: BTreeSet<u32> = shrinking(&plan);
        let ended = plan.settle(&circumstances.backed_up);
        let still = shrinking(&plan);
        let settled = |shard: u32, reason: Reason| Change { shard, fill: 0.0, reason };
        let mut changes: Vec<Change> =
            waiting.difference(&still).map(|id| settled(*id, Reason::Shrunk)).collect();
        changes.extend(ended.into_iter().map(|id| settled(id, Reason::Ended)));
        let future = |shard: &super::Shard| Some((shard.id, shard.future()?.clone()));
        let mut tiles: Vec<(u32, Bounds)> = plan.shards.iter().filter_map(future).collect();
        tiles.sort_by(|(_, one), (_, other)| one.start_after.cmp(&other.start_after));
        let marks = Marks::new(&plan.limits);
        Revision {
            plan,
            circumstances,
            changes,
            tiles,
            found: Vec::new(),
            marks,
            behind: Count::default(),
            key: None,
        }
    }

    /// The next key, which must be behind the one before.
    ///
    /// # Errors
    /// As for a first plan.
    pub(crate) fn pass(&mut self, key: &str, size: u64) -> Result<(), String> {
        if let Some(before) = &self.key {
            behind(before, key)?;
        }
        while self.tiles.get(self.found.len()).is_some_and(|(_, bounds)| bounds.is_before(key)) {
            self.close();
        }
        self.marks.pass(key, size);
        if self.plan.last_key.as_deref().is_none_or(|last| key > last) {
            self.behind.add(size);
        }
        let last = self.key.get_or_insert_default();
        last.clear();
        last.push_str(key);
        Ok(())
    }

    /// The next plan, and what was changed in it. The same plan and the same bucket give the
    /// same plan.
    pub(crate) fn finish(mut self) -> (Plan, Vec<Change>) {
        while self.found.len() < self.tiles.len() {
            self.close();
        }
        let Revision { mut plan, circumstances, changes: settled, found, key, .. } = self;
        let revision = plan.revision;
        plan.revision += 1;
        for it in &found {
            let shard = plan.shards.iter_mut().find(|shard| shard.id == it.shard);
            let Some(shard) = shard else { continue };
            (shard.objects, shard.bytes) = (it.count.objects, it.count.bytes);
        }
        let mut changes = Changes::new(&mut plan, circumstances.is_forced);
        changes.split_full(&found);
        changes.merge_empty(&found, |id| circumstances.fulls.has(id));
        let made = changes.made;
        let is_left = |change: &Change| matches!(change.reason, Reason::OneObject | Reason::Later);
        if settled.is_empty() && made.iter().all(is_left) {
            plan.revision = revision;
        }
        plan.last_key = key;
        let changes = settled.into_iter().chain(made).collect();
        (plan, changes)
    }

    fn close(&mut self) {
        let Some((id, _)) = self.tiles.get(self.found.len()) else { return };
        let marks = std::mem::replace(&mut self.marks, Marks::new(&self.plan.limits));
        let count = marks.passed();
        let is_last = self.found.len() + 1 == self.tiles.len();
        let is_full = self.plan.limits.fill(count.objects, count.bytes) > 1.0;
        let before = self.plan.shard(*id);
        let before = before
            .map_or(Count::default(), |shard| Count { objects: shard.objects, bytes: shard.bytes });
        self.found.push(Found {
            shard: *id,
            count,
            before,
            marks: (is_full || is_last).then_some(marks),
            behind: std::mem::take(&mut self.behind),
        });
    }
}

fn shrinking(plan: &Plan) -> BTreeSet<u32> {
    let shrinks = plan.shards.iter().filter(|shard| {
        shard.transition.as_ref().is_some_and(|it| matches!(it.then, Then::Shrinks(_)))
    });
    shrinks.map(|shard| shard.id).collect()
}

#[cfg(test)]
#[path = "revise_tests.rs"]
mod tests;

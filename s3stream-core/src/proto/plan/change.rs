//! Which shards are split, merged or ended, and why.

use std::collections::BTreeSet;
use std::fmt;

use super::cut::least;
use super::marks::{Count, Mark, Marks};
use super::nouns::{Bounds, Plan, Shard, Then, Transition};

/// Something that a revision did, or left, and to which shard.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// The shard.
    pub shard: u32,
    /// How full it was: 1 is a limit reached.
    pub fill: f64,
    /// What and why.
    pub reason: Reason,
}

/// What a revision did to a shard, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It was above a limit: these take its upper keys, each with a full backup of its own.
    Split {
        /// The new shards.
        into: Vec<u32>,
    },
    /// It grows at its end, and would soon be above a limit: this one takes what is to come.
    EndsHere {
        /// The new shard, which is empty.
        then: u32,
    },
    /// It was above a limit, and its neighbour had room: that one takes some of its keys.
    Moved {
        /// The neighbour.
        to: u32,
    },
    /// It and its neighbour were nearly empty: that one takes its keys.
    Merged {
        /// The neighbour.
        into: u32,
    },
    /// It is smaller now: those who took its keys have backed them up.
    Shrunk,
    /// It is no more: whoever took its keys has backed them up.
    Ended,
    /// It is above a limit and was left: it is one object.
    OneObject,
    /// It is above a limit and was left: enough is under way.
    Later,
}

impl Reason {
    /// Its name: `split`, `ends_here`, `moved`, `merged`, `shrunk`, `ended`, `one_object`,
    /// `later`.
    pub const fn name(&self) -> &'static str {
        match self {
            Reason::Split { .. } => "split",
            Reason::EndsHere { .. } => "ends_here",
            Reason::Moved { .. } => "moved",
            Reason::Merged { .. } => "merged",
            Reason::Shrunk => "shrunk",
            Reason::Ended => "ended",
            Reason::OneObject => "one_object",
            Reason::Later => "later",
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Plan::name(self.shard);
        let percent = self.fill * 100.0;
        match &self.reason {
            Reason::Split { into } => {
                let into: Vec<String> = into.iter().map(|id| Plan::name(*id)).collect();
                let into = into.join(", ");
                write!(f, "shard {name} is at {percent:.0}%: its upper keys go to {into}")
            }
            Reason::EndsHere { then } => write!(
                f,
                "shard {name} grows at its end and is at {percent:.0}%: new keys go to {}",
                Plan::name(*then)
            ),
            Reason::Moved { to } => write!(
                f,
                "shard {name} is at {percent:.0}%: some of its keys go to {}, which has room",
                Plan::name(*to)
            ),
            Reason::Merged { into } => write!(
                f,
                "shard {name} is at {percent:.0}%: its keys go to {}, and it ends",
                Plan::name(*into)
            ),
            Reason::Shrunk => write!(f, "shard {name} has handed its upper or lower keys over"),
            Reason::Ended => write!(f, "shard {name} has handed all its keys over, and has ended"),
            Reason::OneObject => {
                write!(f, "shard {name} is at {percent:.0}%, and one object cannot be split")
            }
            Reason::Later => write!(
                f,
                "shard {name} is at {percent:.0}%, and is left for the next time: enough is \
                 changed at once"
            ),
        }
    }
}

/// A range of a plan as it will be, and what was found in it.
pub(super) struct Found {
    /// The shard's place in the plan.
    pub(super) shard: u32,
    pub(super) count: Count,
    /// What it held when the plan was made.
    pub(super) before: Count,
    /// Where it could be cut; kept where it may have to be.
    pub(super) marks: Option<Marks>,
    /// Of the last range: what lies behind the greatest key of the plan before.
    pub(super) behind: Count,
}

/// A plan being changed.
pub(super) struct Changes<'a> {
    pub(super) plan: &'a mut Plan,
    pub(super) made: Vec<Change>,
    /// Shards that this revision must not touch: something is under way with them.
    busy: BTreeSet<u32>,
    /// How many more shards may be changed.
    left: usize,
    is_first: bool,
}

impl<'a> Changes<'a> {
    pub(super) fn new(plan: &'a mut Plan, is_forced: bool) -> Self {
        let share = plan.shards.len() * usize::from(plan.limits.change_percent) / 100;
        let left = if is_forced { usize::MAX } else { share };
        let busy = plan.in_transition();
        Changes { plan, made: Vec::new(), busy, left, is_first: true }
    }

    /// Splits what is above a limit, the fullest first.
    pub(super) fn split_full(&mut self, found: &[Found]) {
        let mut full: Vec<(f64, usize)> = Vec::new();
        for (index, it) in found.iter().enumerate() {
            let fill = self.fill(it.count);
            if fill > 1.0 || self.ends_soon(found, index) {
                full.push((fill, index));
            }
        }
        full.sort_by(|(one, a), (other, b)| other.total_cmp(one).then(a.cmp(b)));
        for (fill, index) in full {
            let id = found[index].shard;
            let reason = match self.relieve(found, index) {
                Some(reason) => reason,
                None if fill <= 1.0 => continue,
                None if found[index].count.objects == 1 => Reason::OneObject,
                None => Reason::Later,
            };
            self.made.push(Change { shard: id, fill, reason });
        }
    }

    /// Merges neighbours that are nearly empty, where the lower one is about to have a full.
    pub(super) fn merge_empty(&mut self, found: &[Found], has_full: impl Fn(u32) -> bool) {
        let least = f64::from(self.plan.limits.merge_percent) / 100.0;
        for pair in found.windows(2) {
            let [lower, upper] = pair else { continue };
            let (low, high) = (self.fill(lower.count), self.fill(upper.count));
            if low >= least || high >= least || !has_full(lower.shard) {
                continue;
            }
            if self.is_busy(&[lower.shard, upper.shard]) || !self.may_change(2) {
                continue;
            }
            let Some(end) = self.plan.shard(upper.shard).map(|it| it.bounds.end_at.clone()) else {
                continue;
            };
            let joined = Count {
                objects: lower.count.objects + upper.count.objects,
                bytes: lower.count.bytes.saturating_add(upper.count.bytes),
            };
            self.change(lower.shard, |shard| {
                shard.bounds.end_at = end;
                (shard.objects, shard.bytes) = (joined.objects, joined.bytes);
            });
            self.change(upper.shard, |shard| {
                (shard.objects, shard.bytes) = (0, 0);
                let once = BTreeSet::from([lower.shard]);
                shard.transition = Some(Transition { then: Then::Ends, once });
            });
            let reason = Reason::Merged { into: lower.shard };
            self.made.push(Change { shard: upper.shard, fill: high, reason });
        }
    }

    /// Makes room in a shard, if that can be done now.
    fn relieve(&mut self, found: &[Found], index: usize) -> Option<Reason> {
        let it = &found[index];
        if self.is_busy(&[it.shard]) {
            return None;
        }
        if self.grows_at_its_end(it) {
            return self.end_here(it);
        }
        let upper = found.get(index + 1);
        let lower = index.checked_sub(1).map(|index| &found[index]);
        self.hand_over(it, upper, Side::Upper)
            .or_else(|| self.hand_over(it, lower, Side::Lower))
            .or_else(|| self.split(it))
    }

    /// Whether the last shard, which new keys make grow, would be above a limit next time.
    fn ends_soon(&self, found: &[Found], index: usize) -> bool {
        let it = &found[index];
        let grown = grown(it);
        let next = Count {
            objects: it.count.objects + grown.objects,
            bytes: it.count.bytes.saturating_add(grown.bytes),
        };
        index + 1 == found.len() && self.grows_at_its_end(it) && self.fill(next) > 1.0
    }

    fn grows_at_its_end(&self, it: &Found) -> bool {
        let grown = self.fill(grown(it));
        grown > 0.0 && self.fill(it.behind) * 2.0 >= grown && it.behind.objects > 0
    }

    /// Ends the last shard at its greatest key: what comes behind it is another's. What is
    /// backed up already stays where it is.
    fn end_here(&mut self, it: &Found) -> Option<Reason> {
        let last = it.marks.as_ref()?.last_key()?.to_owned();
        if !self.may_change(1) {
            return None;
        }
        let rest = Mark { at: last, before: it.count };
        let ids = self.cut_off(it, &[rest]);
        Some(Reason::EndsHere { then: *ids.first()? })
    }

    /// Cuts a shard into as many as it fills.
    fn split(&mut self, it: &Found) -> Option<Reason> {
        let wanted = self.fill(it.count) * 100.0 / f64::from(self.plan.limits.fill_percent);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few")]
        let parts = wanted.ceil().clamp(2.0, 10_000.0) as u64;
        let cuts = it.marks.as_ref()?.cuts(parts, &self.plan.limits);
        if cuts.is_empty() || !self.may_change(1) {
            return None;
        }
        Some(Reason::Split { into: self.cut_off(it, &cuts) })
    }

    /// Gives what is too much to a neighbour, if that has room: nobody needs a full for it.
    fn hand_over(&mut self, it: &Found, to: Option<&Found>, side: Side) -> Option<Reason> {
        let to = to?;
        let limits = self.plan.limits;
        let target = f64::from(limits.fill_percent) / 100.0;
        let too_much = self.fill(it.count) - target;
        // Half of the room to grow may be used up: a split costs a full of half a shard.
        let most = f64::midpoint(target, 1.0);
        if self.is_busy(&[to.shard]) || self.fill(to.count) + too_much > most {
            return None;
        }
        let whole = it.count;
        let wanted = match side {
            Side::Upper => target,
            Side::Lower => too_much,
        };
        let near =
            |mark: &Mark| (limits.fill(mark.before.objects, mark.before.bytes) - wanted).abs();
        let cuts = it.marks.as_ref()?.all();
        let cut = cuts.iter().min_by(|one, other| near(one).total_cmp(&near(other)))?.clone();
        let (kept, given) = match side {
            Side::Upper => (cut.before, whole.since(cut.before)),
            Side::Lower => (whole.since(cut.before), cut.before),
        };
        let fits = |count: Count| limits.fill(count.objects, count.bytes) <= 1.0;
        let taken = Count {
            objects: to.count.objects + given.objects,
            bytes: to.count.bytes.saturating_add(given.bytes),
        };
        if !fits(kept) || !fits(taken) || !self.may_change(2) {
            return None;
        }
        let at = cut.at;
        self.change(to.shard, |shard| {
            match side {
                Side::Upper => shard.bounds.start_after = Some(at.clone()),
                Side::Lower => shard.bounds.end_at = Some(at.clone()),
            }
            (shard.objects, shard.bytes) = (taken.objects, taken.bytes);
        });
        self.change(it.shard, |shard| {
            let mut bounds = shard.bounds.clone();
            match side {
                Side::Upper => bounds.end_at = Some(at.clone()),
                Side::Lower => bounds.start_after = Some(at.clone()),
            }
            (shard.objects, shard.bytes) = (kept.objects, kept.bytes);
            let once = BTreeSet::from([to.shard]);
            shard.transition = Some(Transition { then: Then::Shrinks(bounds), once });
        });
        Some(Reason::Moved { to: to.shard })
    }

    /// Makes new shards of what lies behind the first of these boundaries; their numbers.
    fn cut_off(&mut self, it: &Found, cuts: &[Mark]) -> Vec<u32> {
        let (Some(first), Some(place)) =
            (cuts.first(), self.plan.shards.iter().position(|shard| shard.id == it.shard))
        else {
            return Vec::new();
        };
        let old = self.plan.shards[place].bounds.clone();
        let mut made = Vec::new();
        for (index, cut) in cuts.iter().enumerate() {
            let next = cuts.get(index + 1);
            let count = next.map_or(it.count, |next| next.before).since(cut.before);
            let end = next.map_or(old.end_at.clone(), |next| Some(next.at.clone()));
            made.push(Shard {
                id: self.plan.next_id,
                bounds: Bounds { start_after: Some(cut.at.clone()), end_at: end },
                objects: count.objects,
                bytes: count.bytes,
                lane: 0,
                born: self.plan.revision,
                parent: Some(it.shard),
                transition: None,
            });
            self.plan.next_id += 1;
        }
        let ids: Vec<u32> = made.iter().map(|shard| shard.id).collect();
        let (kept, at) = (first.before, first.at.clone());
        let once = ids.iter().copied().collect();
        self.change(it.shard, |shard| {
            (shard.objects, shard.bytes) = (kept.objects, kept.bytes);
            let then = Then::Shrinks(Bounds { end_at: Some(at), ..shard.bounds.clone() });
            shard.transition = Some(Transition { then, once });
        });
        for shard in &mut made {
            shard.lane = self.emptiest_lane();
            self.plan.shards.insert(place + 1 + (shard.id - ids[0]) as usize, shard.clone());
        }
        self.busy.extend(&ids);
        ids
    }

    fn emptiest_lane(&self) -> u32 {
        let mut loads = vec![Count::default(); self.plan.lanes as usize];
        for shard in &self.plan.shards {
            let load = &mut loads[shard.lane as usize];
            load.objects += shard.objects;
            load.bytes = load.bytes.saturating_add(shard.bytes);
        }
        least(&loads)
    }

    fn change(&mut self, id: u32, change: impl FnOnce(&mut Shard)) {
        self.busy.insert(id);
        if let Some(shard) = self.plan.shards.iter_mut().find(|shard| shard.id == id) {
            change(shard);
        }
    }

    fn is_busy(&self, ids: &[u32]) -> bool {
        ids.iter().any(|id| self.busy.contains(id))
    }

    /// Whether so many more may be changed; the first change always may.
    fn may_change(&mut self, shards: usize) -> bool {
        let may = self.is_first || shards <= self.left;
        if may {
            self.is_first = false;
            self.left = self.left.saturating_sub(shards);
        }
        may
    }

    fn fill(&self, count: Count) -> f64 {
        self.plan.limits.fill(count.objects, count.bytes)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Upper,
    Lower,
}

fn grown(it: &Found) -> Count {
    Count {
        objects: it.count.objects.saturating_sub(it.before.objects),
        bytes: it.count.bytes.saturating_sub(it.before.bytes),
    }
}

//! What a plan consists of.

use std::collections::BTreeSet;

use super::tiling;

/// A range of keys: behind `start_after`, itself excluded, up to `end_at`, itself included;
/// open where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bounds {
    /// No key up to this one belongs to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_after: Option<String>,
    /// No key behind this one belongs to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_at: Option<String>,
}

impl Bounds {
    /// Between two boundaries.
    pub fn new(start_after: Option<&str>, end_at: Option<&str>) -> Self {
        Bounds { start_after: start_after.map(str::to_owned), end_at: end_at.map(str::to_owned) }
    }

    /// Whether a key belongs to it.
    ///
    /// ```
    /// use s3stream_core::plan::Bounds;
    /// let bounds = Bounds::new(Some("a"), Some("m"));
    /// assert!(!bounds.contains("a") && bounds.contains("a0") && bounds.contains("m"));
    /// ```
    pub fn contains(&self, key: &str) -> bool {
        self.start_after.as_deref().is_none_or(|start| key > start) && !self.is_before(key)
    }

    /// Whether it ends before a key.
    pub(crate) fn is_before(&self, key: &str) -> bool {
        self.end_at.as_deref().is_some_and(|end| key > end)
    }
}

/// How large a shard may be, and when it is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a shard at most.
    pub bytes: u64,
    /// Objects of a shard at most: what an agent's list of files bears.
    pub objects: u64,
    /// To how much of a limit new shards are filled, in percent: the rest is room to grow.
    pub fill_percent: u8,
    /// Neighbours are merged where both are filled less than this, in percent.
    pub merge_percent: u8,
    /// How many of the shards one revision changes at most, in percent; one always.
    pub change_percent: u8,
}

impl Default for Limits {
    /// 250 GB and two million objects, filled to 60 %, merged below 30 %, 5 % changed at once.
    fn default() -> Self {
        Limits {
            bytes: 250_000_000_000,
            objects: 2_000_000,
            fill_percent: 60,
            merge_percent: 30,
            change_percent: 5,
        }
    }
}

impl Limits {
    /// The same, if shards can be made within them.
    ///
    /// # Errors
    /// One line that says which limit is none.
    pub fn checked(self) -> Result<Self, String> {
        let percent = |name: &str, value: u8, most: u8| {
            (1..=most)
                .contains(&value)
                .then_some(())
                .ok_or_else(|| format!("{name} must be from 1 to {most} percent, not {value}"))
        };
        if self.bytes == 0 || self.objects == 0 {
            return Err("a shard must be allowed at least one byte and one object".to_owned());
        }
        percent("the fill", self.fill_percent, 100)?;
        percent("the share that is changed at once", self.change_percent, 100)?;
        percent("the fill below which neighbours are merged", self.merge_percent, 50)?;
        Ok(self)
    }

    /// How full of this is what holds so much: 1 is a limit reached.
    pub fn fill(&self, objects: u64, bytes: u64) -> f64 {
        share(bytes, self.bytes).max(share(objects, self.objects))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share for people, and for a rule of thumb")]
pub(super) fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// So many percent of a limit.
pub(super) fn percent(limit: u64, percent: u8) -> u64 {
    let part = u128::from(limit) * u128::from(percent) / 100;
    u64::try_from(part).unwrap_or(u64::MAX)
}

/// What of which service a plan is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Scope {
    /// The endpoint's URL; empty for AWS.
    pub endpoint: String,
    /// The bucket.
    pub bucket: String,
    /// Only keys that start with this; empty for all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
}

/// A bucket cut into shards.
///
/// A value is valid: its shards tile the key space, with overlaps only where one hands keys
/// over to another.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// What it is for.
    pub scope: Scope,
    /// How large shards may be.
    pub limits: Limits,
    /// How often it was changed since it was made; 1 at first.
    pub revision: u32,
    /// Over how many lanes (hosts) its shards are spread.
    pub lanes: u32,
    /// By their ranges, ascending.
    pub shards: Vec<Shard>,
    /// The numbers of shards that are no more, ascending: none is ever used again.
    pub retired: Vec<u32>,
    /// The number that the next shard gets.
    pub next_id: u32,
    /// The greatest key when it was made.
    pub last_key: Option<String>,
}

/// A range of keys that is one job.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Shard {
    /// Its number, which is never another's.
    pub id: u32,
    /// What it backs up now.
    #[serde(flatten)]
    pub bounds: Bounds,
    /// Objects when the plan was made, within the range that it will have.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Where it runs: from 0 to the plan's `lanes`.
    pub lane: u32,
    /// The revision that made it.
    pub born: u32,
    /// The shard that it was split off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// What becomes of it once others have taken over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transition: Option<Transition>,
}

/// A shard hands keys over: it keeps them until whoever takes them has a good backup of them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Transition {
    /// What it becomes.
    pub then: Then,
    /// Once all of these have been backed up.
    pub once: BTreeSet<u32>,
}

/// What a shard becomes that has handed keys over.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// A smaller one.
    Shrinks(Bounds),
    /// None: it ends, and its backups are kept until they expire.
    Ends,
}

impl Shard {
    /// What it will back up once what is under way is done; `None` if it ends.
    pub fn future(&self) -> Option<&Bounds> {
        match &self.transition {
            None => Some(&self.bounds),
            Some(Transition { then: Then::Shrinks(bounds), .. }) => Some(bounds),
            Some(Transition { then: Then::Ends, .. }) => None,
        }
    }

    /// Whether it is one object that is larger than a shard may be.
    pub fn is_one_too_large(&self, limits: &Limits) -> bool {
        self.objects == 1 && self.bytes > limits.bytes
    }
}

impl Plan {
    /// The shard of that number.
    pub fn shard(&self, id: u32) -> Option<&Shard> {
        self.shards.iter().find(|shard| shard.id == id)
    }

    /// The number of a shard as it stands in names: at least four digits, never "3 of 12".
    ///
    /// ```
    /// assert_eq!(s3stream_core::plan::Plan::name(7), "0007");
    /// ```
    pub fn name(id: u32) -> String {
        format!("{id:04}")
    }

    /// Does what was waiting for these shards to be backed up; the numbers of those that ended.
    pub(crate) fn settle(&mut self, backed_up: &BTreeSet<u32>) -> Vec<u32> {
        let mut ended = Vec::new();
        self.shards.retain_mut(|shard| {
            if !shard.transition.as_ref().is_some_and(|it| it.once.is_subset(backed_up)) {
                return true;
            }
            match shard.transition.take().map(|it| it.then) {
                Some(Then::Shrinks(bounds)) => shard.bounds = bounds,
                Some(Then::Ends) | None => ended.push(shard.id),
            }
            !ended.contains(&shard.id)
        });
        self.retired.extend(&ended);
        self.retired.sort_unstable();
        ended
    }

    /// The shards that give or take keys at present.
    pub(crate) fn in_transition(&self) -> BTreeSet<u32> {
        let moving = self.shards.iter().filter_map(|shard| {
            let transition = shard.transition.as_ref()?;
            Some(transition.once.iter().copied().chain([shard.id]))
        });
        moving.flatten().collect()
    }

    /// The same, if it is a plan.
    ///
    /// # Errors
    /// One line that says what is wrong with it.
    pub(crate) fn checked(self) -> Result<Self, String> {
        self.limits.checked()?;
        let ids: BTreeSet<u32> = self.shards.iter().map(|shard| shard.id).collect();
        let known = |id: &u32| ids.contains(id) || self.retired.contains(id);
        if self.shards.is_empty() {
            return Err("it has no shard".to_owned());
        }
        if ids.len() != self.shards.len() {
            return Err("two shards have one number".to_owned());
        }
        if let Some(id) = self.retired.iter().find(|id| ids.contains(id)) {
            return Err(format!("shard {} has ended, and is there", Plan::name(*id)));
        }
        if let Some(id) = ids.iter().chain(&self.retired).find(|id| **id >= self.next_id) {
            return Err(format!("shard {} has a number that is still to come", Plan::name(*id)));
        }
        if let Some(shard) = self.shards.iter().find(|shard| shard.lane >= self.lanes) {
            return Err(format!("shard {} has no lane", Plan::name(shard.id)));
        }
        for shard in &self.shards {
            let Some(transition) = &shard.transition else { continue };
            if transition.once.is_empty() || !transition.once.iter().all(known) {
                return Err(format!("shard {} waits for nobody", Plan::name(shard.id)));
            }
        }
        match tiling::flaws(&self.futures())
            .into_iter()
            .chain(tiling::gaps(&self.presents()))
            .next()
        {
            Some(flaw) => Err(flaw.to_string()),
            None => Ok(self),
        }
    }

    fn futures(&self) -> Vec<(u32, Bounds)> {
        let future = |shard: &Shard| Some((shard.id, shard.future()?.clone()));
        self.shards.iter().filter_map(future).collect()
    }

    fn presents(&self) -> Vec<(u32, Bounds)> {
        self.shards.iter().map(|shard| (shard.id, shard.bounds.clone())).collect()
    }
}

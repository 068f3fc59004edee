use std::collections::{BTreeMap, BTreeSet};

use super::super::cut::Cut;
use super::super::nouns::{Limits, Scope, Transition};
use super::*;

type Bucket = BTreeMap<String, u64>;

fn limits() -> Limits {
    Limits { bytes: 1_000_000, objects: 1_000, ..Limits::default() }
}

fn first(bucket: &Bucket) -> Plan {
    let mut cut = Cut::new(Scope::default(), limits(), 3).unwrap();
    bucket.iter().for_each(|(key, size)| cut.pass(key, *size).unwrap());
    cut.finish().checked().unwrap()
}

fn revised(plan: &Plan, bucket: &Bucket, circumstances: Circumstances) -> (Plan, Vec<Change>) {
    let mut revision = Revision::new(plan.clone(), circumstances);
    bucket.iter().for_each(|(key, size)| revision.pass(key, *size).unwrap());
    let (plan, changes) = revision.finish();
    (plan.checked().unwrap(), changes)
}

fn all_backed_up(plan: &Plan) -> BTreeSet<u32> {
    plan.shards.iter().map(|shard| shard.id).collect()
}

fn keys(count: usize, size: u64) -> Bucket {
    (0..count).map(|n| (format!("k{n:06}"), size)).collect()
}

fn reasons(changes: &[Change]) -> Vec<&Reason> {
    changes.iter().map(|change| &change.reason).collect()
}

#[test]
fn the_same_bucket_gives_the_same_plan_to_the_byte() {
    let bucket = keys(3_000, 1_000);
    let plan = first(&bucket);
    assert_eq!(plan.to_string(), first(&bucket).to_string());
    let (again, changes) = revised(&plan, &bucket, Circumstances::default());
    assert_eq!((again.to_string(), changes), (plan.to_string(), vec![]));
    // Also in the middle of what is under way.
    let mut grown = bucket;
    grown.extend((0..500).map(|n| (format!("k001000-{n}"), 1_000)));
    let (split, _) = revised(&plan, &grown, Circumstances::default());
    let (again, changes) = revised(&split, &grown, Circumstances::default());
    assert_eq!((again.to_string(), changes), (split.to_string(), vec![]));
}

#[test]
fn a_full_shard_without_room_beside_it_is_split_and_keeps_its_number() {
    let plan = first(&keys(3_000, 1_000));
    let mut bucket = keys(3_000, 1_000);
    bucket.extend((0..500).map(|n| (format!("k001000-{n}"), 1_000)));
    let (split, changes) = revised(&plan, &bucket, Circumstances::default());
    assert_eq!(reasons(&changes), [&Reason::Split { into: vec![6] }]);
    let donor = split.shard(2).unwrap();
    assert_eq!(donor.bounds, plan.shard(2).unwrap().bounds, "it keeps its keys for now");
    let Some(Transition { then: Then::Shrinks(lower), once }) = &donor.transition else {
        panic!("{donor:?}")
    };
    let taker = split.shard(6).unwrap();
    assert_eq!((once, &taker.bounds.start_after), (&BTreeSet::from([6]), &lower.end_at));
    assert_eq!(taker.parent, Some(2));
    assert!((500..600).contains(&donor.objects) && (500..600).contains(&taker.objects));

    let backed_up = Circumstances { backed_up: BTreeSet::from([6]), ..Circumstances::default() };
    let (done, changes) = revised(&split, &bucket, backed_up);
    assert_eq!(reasons(&changes), [&Reason::Shrunk]);
    assert_eq!(done.shard(2).unwrap().bounds.end_at, done.shard(6).unwrap().bounds.start_after);
}

#[test]
fn a_neighbour_with_room_takes_what_is_too_much_and_nobody_needs_a_full() {
    let mut bucket = keys(1_200, 1_000);
    let plan = first(&bucket);
    // The third is empty but for its beginning: make room in the second.
    bucket.retain(|key, _| key.as_str() < "k000600" || key.as_str() > "k001000");
    bucket.extend((0..500).map(|n| (format!("k000100-{n}"), 1_000)));
    let (moved, changes) = revised(&plan, &bucket, Circumstances::default());
    assert_eq!(reasons(&changes), [&Reason::Moved { to: 2 }]);
    assert_eq!(moved.shards.len(), plan.shards.len());
    assert!(moved.shard(2).unwrap().bounds.start_after < plan.shard(2).unwrap().bounds.start_after);
    assert_eq!(moved.shard(1).unwrap().bounds, plan.shard(1).unwrap().bounds);
}

#[test]
fn the_lower_neighbour_takes_keys_as_the_upper_one_does() {
    let mut bucket = keys(1_200, 1_000);
    let plan = first(&bucket);
    bucket.retain(|key, _| key.as_str() < "k000200" || key.as_str() > "k000599");
    bucket.extend((0..500).map(|n| (format!("k000800-{n}"), 1_000)));
    let (moved, changes) = revised(&plan, &bucket, Circumstances::default());
    assert_eq!(reasons(&changes), [&Reason::Moved { to: 1 }]);
    let taken = moved.shard(1).unwrap().bounds.end_at.clone();
    assert!(taken > plan.shard(1).unwrap().bounds.end_at);
    let backed_up = Circumstances { backed_up: all_backed_up(&moved), ..Circumstances::default() };
    let (done, _) = revised(&moved, &bucket, backed_up);
    assert_eq!(done.shard(2).unwrap().bounds.start_after, taken);
}

#[test]
fn keys_that_only_come_at_the_end_get_a_new_shard_before_the_last_one_is_full() {
    let mut bucket = keys(1_100, 1_000);
    let plan = first(&bucket);
    assert_eq!(plan.shards.len(), 2);
    bucket.extend((1_100..1_450).map(|n| (format!("k{n:06}"), 1_000)));
    let (ended, changes) = revised(&plan, &bucket, Circumstances::default());
    assert_eq!(reasons(&changes), [&Reason::EndsHere { then: 3 }]);
    let new = ended.shard(3).unwrap();
    assert_eq!((new.objects, new.bounds.start_after.as_deref()), (0, Some("k001449")));
}

#[test]
fn nearly_empty_neighbours_are_merged_but_only_at_a_full() {
    let mut bucket = keys(1_800, 1_000);
    let plan = first(&bucket);
    bucket.retain(|key, _| !key.ends_with(|c| c != '0'));
    let (same, changes) = revised(&plan, &bucket, Circumstances::default());
    assert_eq!((same.shards.len(), changes), (3, vec![]));
    let full = |id| Circumstances {
        fulls: Fulls::These(BTreeSet::from([id])),
        ..Circumstances::default()
    };
    let (merging, changes) = revised(&plan, &bucket, full(1));
    assert_eq!(reasons(&changes), [&Reason::Merged { into: 1 }]);
    assert!(merging.shard(2).is_some(), "it backs up until its keys are elsewhere");
    let backed_up = Circumstances { backed_up: BTreeSet::from([1]), ..Circumstances::default() };
    let (merged, changes) = revised(&merging, &bucket, backed_up);
    assert_eq!(reasons(&changes), [&Reason::Ended]);
    assert_eq!((merged.retired, merged.shards.len()), (vec![2], 2));
}

#[test]
fn one_object_above_the_limit_is_left_and_said() {
    let mut bucket = keys(10, 1_000);
    bucket.insert("k000005".to_owned(), 5_000_000);
    let plan = first(&bucket);
    let (again, changes) = revised(&plan, &bucket, Circumstances::default());
    assert_eq!(reasons(&changes), [&Reason::OneObject]);
    assert_eq!(again, plan);
}

#[test]
fn a_shard_that_exploded_is_cut_into_as_many_as_it_fills() {
    let mut bucket = keys(3_000, 1_000);
    let plan = first(&bucket);
    bucket.extend((0..20_000).map(|n| (format!("k000700/{n:06}"), 1_000)));
    let (plan, changes) = revised(&plan, &bucket, Circumstances::default());
    let [Reason::Split { into }] = reasons(&changes)[..] else { panic!("{changes:?}") };
    assert!((33..=36).contains(&into.len()), "{}", into.len());
    let fullest = plan.shards.iter().map(|it| limits().fill(it.objects, it.bytes));
    assert!(fullest.fold(0.0, f64::max) <= 0.75);
}

/// Numbers from 0 to `below`.
struct Random(u64);

impl Random {
    fn below(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

/// What each night's run of the shards knows: of whom was a key backed up, ever.
struct Nights {
    plan: Plan,
    random: Random,
    /// The keys of which each shard has a backup.
    held: BTreeMap<u32, BTreeSet<String>>,
    backed_up: BTreeSet<u32>,
    forced_fulls: usize,
    changed_most: f64,
}

impl Nights {
    fn new(bucket: &Bucket, seed: u64) -> Self {
        let mut nights = Nights {
            plan: first(bucket),
            random: Random(seed),
            held: BTreeMap::new(),
            backed_up: BTreeSet::new(),
            forced_fulls: 0,
            changed_most: 0.0,
        };
        nights.run(bucket);
        nights
    }

    /// Most jobs run; what is backed up is the bucket all the same, as soon as they all did.
    fn run(&mut self, bucket: &Bucket) {
        for shard in self.plan.shards.clone() {
            if self.random.below(20) == 0 {
                continue;
            }
            let has = bucket.keys().filter(|key| shard.bounds.contains(key)).cloned();
            self.held.insert(shard.id, has.collect());
            self.backed_up.insert(shard.id);
        }
    }

    fn night(&mut self, day: u32, bucket: &Bucket) {
        let fulls = self.plan.shards.iter().map(|it| it.id).filter(|id| id % 28 == day % 28);
        let circumstances = Circumstances {
            backed_up: std::mem::take(&mut self.backed_up),
            fulls: Fulls::These(fulls.collect()),
            is_forced: false,
        };
        let before = self.plan.clone();
        let already = circumstances.backed_up.clone();
        let (plan, changes) = revised(&before, bucket, circumstances);
        if plan.revision == before.revision {
            // Nothing was changed, so what was backed up still counts.
            self.backed_up = already;
        }
        let touched: BTreeSet<u32> = changes
            .iter()
            .filter(|change| {
                !matches!(change.reason, Reason::Shrunk | Reason::Ended | Reason::Later)
            })
            .flat_map(|change| match &change.reason {
                Reason::Moved { to } => vec![change.shard, *to],
                Reason::Merged { into } => vec![change.shard, *into],
                _ => vec![change.shard],
            })
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        let share = touched.len() as f64 / before.shards.len() as f64;
        if touched.len() > 2 {
            self.changed_most = self.changed_most.max(share);
        }
        let new = plan.shards.iter().filter(|it| it.id >= before.next_id && it.objects > 0);
        self.forced_fulls += new.count();
        self.plan = plan;
        self.run(bucket);
        self.check(bucket);
    }

    /// Key by key: every key of the bucket is some shard's to back up, and what a shard had
    /// when its job ran, and no other took, it still keeps.
    fn check(&self, bucket: &Bucket) {
        for key in bucket.keys() {
            let is_kept = self.plan.shards.iter().any(|shard| shard.bounds.contains(key));
            assert!(is_kept, "'{key}' is nobody's");
        }
        let ids: BTreeSet<u32> = self.plan.shards.iter().map(|it| it.id).collect();
        assert!(self.plan.retired.iter().all(|id| !ids.contains(id)));
        // A key that some present shard held stays with a present shard that holds it, until it
        // is deleted: nobody gave up what another had not backed up.
        for key in bucket.keys() {
            let was_held = self.held.values().any(|keys| keys.contains(key));
            let is_held = self.held.iter().any(|(id, keys)| {
                let shard = self.plan.shard(*id);
                shard.is_some_and(|it| it.bounds.contains(key)) && keys.contains(key)
            });
            assert!(is_held || !was_held, "'{key}' was backed up, and nobody has it any more");
        }
    }
}

fn thirty_days(seed: u64, mut change: impl FnMut(u32, &mut Bucket, &mut Random)) -> Nights {
    let mut bucket: Bucket = (0..20_000).map(|n| (format!("{:05}", n * 5), 900)).collect();
    let mut nights = Nights::new(&bucket, seed);
    let mut random = Random(seed + 1);
    for day in 1..=30 {
        change(day, &mut bucket, &mut random);
        nights.night(day, &bucket);
    }
    nights
}

#[test]
fn thirty_days_of_growth_everywhere_lose_nothing_and_change_little() {
    let nights = thirty_days(1, |_, bucket, random| {
        for _ in 0..200 {
            bucket.insert(format!("{:05}-{}", random.below(100_000), random.below(99)), 900);
        }
    });
    assert!(nights.changed_most <= 0.05, "{}", nights.changed_most);
    assert!(nights.forced_fulls <= 2, "{}", nights.forced_fulls);
}

#[test]
fn thirty_days_of_dates_force_no_full() {
    let nights = thirty_days(2, |day, bucket, _| {
        for n in 0..200 {
            bucket.insert(format!("z2026-{day:02}/{n:04}"), 900);
        }
    });
    assert_eq!(nights.forced_fulls, 0);
    assert!(nights.plan.shards.iter().all(|it| limits().fill(it.objects, it.bytes) <= 1.0));
}

#[test]
fn half_of_a_bucket_that_is_deleted_is_merged_in_time() {
    let nights = thirty_days(3, |day, bucket, _| {
        if day == 2 {
            bucket.retain(|key, _| key.as_str() < "00200" || key.as_str() > "75000");
        }
    });
    assert!(nights.plan.shards.len() < 30, "{}", nights.plan.shards.len());
    assert_eq!(nights.forced_fulls, 0);
    assert!(nights.changed_most <= 0.06, "{}", nights.changed_most);
}

#[test]
fn a_tenant_that_explodes_is_split_within_days() {
    let nights = thirty_days(4, |day, bucket, random| {
        if (3..6).contains(&day) {
            for _ in 0..5_000 {
                bucket.insert(format!("33333/{:06}", random.below(1_000_000)), 900);
            }
        }
    });
    let over = nights.plan.shards.iter().filter(|it| limits().fill(it.objects, it.bytes) > 1.0);
    assert_eq!(over.count(), 0);
}

#[test]
fn random_histories_lose_nothing() {
    for seed in 10..14 {
        thirty_days(seed, |_, bucket, random| {
            let (from, kind) = (random.below(95_000), random.below(4));
            let range = format!("{from:05}")..format!("{:05}", from + 4_000);
            match kind {
                0 => bucket.retain(|key, _| !range.contains(key)),
                1 => bucket.extend((0..1_500).map(|n| (format!("{from:05}/{n}"), 900))),
                2 => {
                    bucket.insert(format!("{from:05}!"), 3_000_000);
                }
                _ => bucket.extend((0..300).map(|n| (format!("y{from:05}{n}"), 10))),
            }
        });
    }
}

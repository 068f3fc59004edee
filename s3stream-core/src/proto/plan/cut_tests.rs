use super::*;

fn limits(bytes: u64, objects: u64) -> Limits {
    Limits { bytes, objects, ..Limits::default() }
}

fn plan(limits: Limits, keys: &[(&str, u64)]) -> Plan {
    let mut cut = Cut::new(Scope::default(), limits, 2).unwrap();
    keys.iter().for_each(|(key, size)| cut.pass(key, *size).unwrap());
    cut.finish().checked().unwrap()
}

fn counts(plan: &Plan) -> Vec<(u64, u64)> {
    plan.shards.iter().map(|shard| (shard.objects, shard.bytes)).collect()
}

#[test]
fn shards_are_filled_to_the_fill_and_the_last_is_open() {
    let keys: Vec<String> = (0..10).map(|n| format!("k{n}")).collect();
    let keys: Vec<_> = keys.iter().map(|key| (key.as_str(), 20)).collect();
    let plan = plan(limits(100, 1_000), &keys);
    assert_eq!(counts(&plan), [(3, 60), (3, 60), (3, 60), (1, 20)]);
    assert_eq!(plan.shards[0].bounds, Bounds::new(None, Some("k2")));
    assert_eq!(plan.shards[3].bounds.end_at, None);
    assert_eq!((plan.last_key.as_deref(), plan.next_id), (Some("k9"), 5));
}

#[test]
fn objects_fill_a_shard_as_bytes_do() {
    let plan = plan(limits(1_000, 5), &[("a", 0), ("b", 0), ("c", 0), ("d", 0), ("e", 0)]);
    assert_eq!(counts(&plan), [(3, 0), (2, 0)]);
    let plan = self::plan(limits(1_000, 1), &[("a", 0), ("b", 0)]);
    assert_eq!(counts(&plan), [(1, 0), (1, 0)], "a part of one object is one");
}

#[test]
fn an_object_above_the_limit_has_a_shard_of_its_own() {
    let plan = plan(limits(100, 1_000), &[("a", 5), ("b", 500), ("c", 5), ("d", 5)]);
    assert_eq!(counts(&plan), [(1, 5), (1, 500), (2, 10)]);
    let alone: Vec<bool> =
        plan.shards.iter().map(|shard| shard.is_one_too_large(&plan.limits)).collect();
    assert_eq!(alone, [false, true, false]);
}

#[test]
fn an_empty_bucket_is_one_shard() {
    let plan = plan(Limits::default(), &[]);
    assert_eq!(counts(&plan), [(0, 0)]);
    assert_eq!(plan.shards[0].bounds, Bounds::default());
}

#[test]
fn keys_that_do_not_ascend_are_refused_by_name() {
    for (first, second) in [("b", "a"), ("a", "a")] {
        let mut cut = Cut::new(Scope::default(), Limits::default(), 1).unwrap();
        cut.pass(first, 1).unwrap();
        let why = cut.pass(second, 1).unwrap_err();
        assert!(why.starts_with(&format!("'{second}' came after '{first}'")), "{why}");
    }
}

#[test]
fn lanes_are_loaded_evenly() {
    let plan = plan(limits(10, 1_000), &[("a", 9), ("b", 9), ("c", 9), ("d", 9)]);
    let lanes: Vec<u32> = plan.shards.iter().map(|shard| shard.lane).collect();
    assert_eq!(lanes, [0, 1, 0, 1]);
}

#[test]
fn limits_that_are_none_are_refused() {
    let with = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        Cut::new(Scope::default(), limits, 1).err()
    };
    assert_eq!(with(|_| ()), None);
    assert!(with(|limits| limits.bytes = 0).is_some());
    assert!(with(|limits| limits.objects = 0).is_some());
    assert!(with(|limits| limits.fill_percent = 0).is_some());
    assert!(with(|limits| limits.fill_percent = 101).is_some());
    assert!(with(|limits| limits.merge_percent = 51).is_some());
    assert!(with(|limits| limits.change_percent = 0).is_some());
}

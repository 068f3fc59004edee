use super::*;
use crate::object::ETag;
use crate::report::Outcome;

fn record(key: &str, etag: &str, size: u64) -> Record {
    let mut record = Record::new("b", key, Outcome::Streamed);
    record.etag = Some(etag.to_owned()).filter(|etag| !etag.is_empty());
    (record.size, record.bytes) = (Some(size), Some(size));
    record
}

fn object(key: &str, etag: &str, size: u64) -> Object {
    let mut object = Object::new(key);
    (object.etag, object.size) = (ETag::parse(etag), size);
    object
}

/// What was found of each, and how often.
type Compared = (Vec<(String, &'static str)>, Totals);

fn compared(records: &[Record], objects: Vec<Object>) -> Result<Compared, VerifyError> {
    let mut text = Vec::new();
    records.iter().for_each(|record| record.write_line(&mut text).unwrap());
    let mut verification = Verification::new(Manifest::open(&text[..]).unwrap());
    let mut found = Vec::new();
    let mut note = |finding: Finding, record: Option<&Record>, object: Option<&Object>| {
        let of_record = record.map(|record| (&record.key, &record.version_id));
        let (key, version) = of_record.unwrap_or_else(|| {
            let object = object.unwrap();
            (&object.key, &object.version_id)
        });
        let version = version.as_deref().map(|version| format!("@{version}"));
        found.push((format!("{key}{}", version.unwrap_or_default()), finding.name()));
    };
    for object in objects {
        verification.object(object, &mut note)?;
    }
    let totals = verification.finish(&mut note)?;
    assert!(totals.is_balanced(), "{totals:?}");
    Ok((found, totals))
}

#[test]
fn each_object_is_found_in_one_way_and_both_sides_add_up() {
    let mut newer = record("newer", "e", 1);
    newer.is_newer_than_listed = true;
    let mut unproven = record("unproven", "e", 1);
    unproven.unproven = Some("none offered".to_owned());
    let with = |key: &str, outcome| Record { outcome, ..record(key, "e", 1) };
    let records = [
        record("etag", "e", 1),
        with("failed", Outcome::Failed),
        with("failed-and-gone", Outcome::Failed),
        newer,
        record("no-etag", "", 1),
        record("same", "e", 1),
        record("size", "e", 1),
        unproven,
        record("zz-gone", "e", 1),
    ];
    let objects = ["added", "etag", "failed", "newer", "no-etag", "same", "size", "unproven"];
    let objects = objects.map(|key| match key {
        "etag" => object(key, "f", 1),
        "size" => object(key, "e", 2),
        _ => object(key, "e", 1),
    });
    let (found, totals) = compared(&records, objects.to_vec()).unwrap();
    let found: Vec<_> = found.iter().map(|(key, finding)| (key.as_str(), *finding)).collect();
    let expected = [
        ("added", "added"),
        ("etag", "changed"),
        ("failed", "not_kept"),
        ("failed-and-gone", "never_kept"),
        ("newer", "newer_than_listed"),
        ("no-etag", "unproven"),
        ("same", "same"),
        ("size", "changed"),
        ("unproven", "unproven"),
        ("zz-gone", "missing"),
    ];
    assert_eq!(found, expected);
    assert_eq!((totals.recorded(), totals.listed(), totals.is_unchanged()), (9, 8, false));
}

#[test]
fn an_emptied_bucket_is_missing_as_a_whole_and_a_new_one_added() {
    let records = ["a", "b"].map(|key| record(key, "e", 1));
    let (_, totals) = compared(&records, Vec::new()).unwrap();
    assert_eq!((totals.missing(), totals.listed()), (2, 0));
    let (_, totals) = compared(&[], vec![object("a", "e", 1)]).unwrap();
    assert_eq!((totals.added(), totals.is_unchanged()), (1, true));
}

#[test]
fn versions_are_compared_by_version() {
    let version =
        |id: &str, etag: &str| Record { version_id: Some(id.to_owned()), ..record("k", etag, 1) };
    let listed = |id: &str, etag: &str| {
        let mut object = object("k", etag, 1);
        object.version_id = Some(id.to_owned());
        object
    };
    let records = [version("3", "c"), version("2", "b"), version("1", "a")];
    let objects = vec![listed("4", "d"), listed("3", "c"), listed("1", "x")];
    let (found, _) = compared(&records, objects).unwrap();
    let found: Vec<_> = found.iter().map(|(key, finding)| (key.as_str(), *finding)).collect();
    assert_eq!(found, [("k@3", "same"), ("k@2", "missing"), ("k@1", "changed"), ("k@4", "added")]);
}

#[test]
fn what_is_not_in_the_order_of_keys_is_refused() {
    let records = ["b", "a"].map(|key| record(key, "e", 1));
    let error = compared(&records, Vec::new()).unwrap_err().to_string();
    assert_eq!(error, "the manifest is not in the order of keys: 'a' comes behind 'b'");
    let objects = vec![object("b", "e", 1), object("a", "e", 1)];
    let error = compared(&[], objects).unwrap_err().to_string();
    assert!(error.starts_with("the listing is not in the order"), "{error}");
}

#[test]
fn keys_are_ordered_by_their_bytes() {
    // In UTF-16, as some servers sort, the first of these comes behind the second.
    let keys = ["\u{fffd}", "\u{1f980}"];
    let records = keys.map(|key| record(key, "e", 1));
    let objects = keys.map(|key| object(key, "e", 1)).to_vec();
    assert!(compared(&records, objects).unwrap().1.is_unchanged());
}

#[test]
fn a_manifest_that_was_cut_or_damaged_never_says_that_nothing_changed() {
    let mut text = Vec::new();
    crate::report::Head::of(&crate::report::Run::default()).write_line(&mut text).unwrap();
    let none = |_: Finding, _: Option<&Record>, _: Option<&Object>| ();
    let totals = Verification::new(Manifest::open(&text[..]).unwrap()).finish(&mut { none });
    assert!(totals.as_ref().unwrap().is_cut && !totals.unwrap().is_unchanged());
    record("k", "e", 1).write_line(&mut text).unwrap();
    let last = text.len() - 5;
    text[last] ^= 1;
    let error = Verification::new(Manifest::open(&text[..]).unwrap()).finish(&mut { none });
    assert!(matches!(error, Err(VerifyError::Manifest(_))));
}

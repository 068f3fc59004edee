//! Versions and delete markers, compared with what boto3 lists.

use std::io::Read as _;

use s3stream_core::{Entry, ErrorKind, ListOptions, Object, OpenOptions};

use crate::facts::{Facts, Version};
use crate::{client, list, sha256};

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn lists_every_version_that_boto3_lists() {
    let facts = Facts::read();
    let Some(expected) = versions(&facts) else { return };
    let entries = list(&client(), &facts.versions_bucket, ListOptions::new().versions(true));
    let found: Vec<_> = entries.iter().map(described).collect();
    assert_eq!(found.len(), expected.len(), "on {}", facts.server);
    assert!(found.windows(2).all(|two| two[0].0 <= two[1].0), "keys ascend");
    // boto3 has versions and delete markers in two lists: each is compared in its order.
    for is_delete_marker in [false, true] {
        let ours: Vec<_> = found.iter().filter(|one| one.3 == is_delete_marker).collect();
        let theirs: Vec<_> = expected.iter().map(stated).collect();
        let theirs: Vec<_> = theirs.iter().filter(|one| one.3 == is_delete_marker).collect();
        assert_eq!(ours, theirs, "on {}", facts.server);
    }
    println!("{}: {} versions listed", facts.server, found.len());
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn lists_the_newest_version_of_a_key_first() {
    let facts = Facts::read();
    if versions(&facts).is_none() {
        return;
    }
    let entries = list(&client(), &facts.versions_bucket, ListOptions::new().versions(true));
    let mut before: Option<&Object> = None;
    for entry in &entries {
        let Entry::Object(object) = entry else { panic!("no groups without a delimiter") };
        let is_first = before.is_none_or(|before| before.key != object.key);
        assert_eq!(object.is_latest, is_first, "{:?} {:?}", object.key, object.version_id);
        if let Some(before) = before.filter(|_| !is_first) {
            assert!(before.last_modified >= object.last_modified, "{:?}", object.key);
        }
        before = Some(object);
    }
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn reads_every_version() {
    let facts = Facts::read();
    let Some(expected) = versions(&facts) else { return };
    let client = client();
    for version in expected {
        let options = OpenOptions::new().version_id(&version.version_id);
        let opened = client.open(&facts.versions_bucket, &version.key, options);
        let Some(digest) = &version.sha256 else {
            let error = opened.expect_err("a delete marker has no content");
            assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
            continue;
        };
        let mut reader = opened.unwrap_or_else(|error| panic!("{error}"));
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(&sha256(&bytes), digest, "{:?} {}", version.key, version.version_id);
        assert_eq!(reader.object().version_id.as_deref(), Some(&*version.version_id));
    }
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn a_deleted_key_is_not_found_and_not_listed() {
    let facts = Facts::read();
    let Some(expected) = versions(&facts) else { return };
    let client = client();
    let listed: Vec<_> = list(&client, &facts.versions_bucket, ListOptions::new())
        .iter()
        .map(|entry| entry.name().to_owned())
        .collect();
    let (dead, alive): (Vec<_>, Vec<_>) = expected
        .iter()
        .filter(|version| version.is_latest)
        .partition(|version| version.is_delete_marker);
    let alive: Vec<_> = alive.iter().map(|version| version.key.clone()).collect();
    assert_eq!(listed, alive);
    for version in dead {
        let error = client
            .open(&facts.versions_bucket, &version.key, OpenOptions::new())
            .expect_err("it is deleted");
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
}

/// The versions, or a line that says that this server has none.
fn versions(facts: &Facts) -> Option<&[Version]> {
    if facts.versions.is_none() {
        println!("{}: no versions on this server", facts.server);
    }
    facts.versions.as_deref()
}

type Described<'a> = (&'a str, Option<&'a str>, bool, bool, u64, Option<i64>);

fn described(entry: &Entry) -> Described<'_> {
    let Entry::Object(object) = entry else { panic!("no groups without a delimiter") };
    (
        &object.key,
        object.version_id.as_deref(),
        object.is_latest,
        object.is_delete_marker,
        object.size,
        object.last_modified.map(|time| time.unix_seconds()),
    )
}

fn stated(version: &Version) -> Described<'_> {
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds of our time")]
    let seconds = version.last_modified as i64;
    (
        &version.key,
        Some(&version.version_id),
        version.is_latest,
        version.is_delete_marker,
        version.size,
        Some(seconds),
    )
}

//! Every transcript in `tests/faults` can be read and stands in its group.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;

use s3stream_tests::fault::Transcript;
use s3stream_tests::fault::transcript::GROUPS;

fn transcripts() -> Vec<Transcript> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "fault"))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| Transcript::load(path).unwrap_or_else(|error| panic!("{error}")))
        .collect()
}

#[test]
fn every_transcript_can_be_read() {
    assert!(transcripts().len() >= 70);
}

#[test]
fn every_group_has_transcripts() {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for transcript in transcripts() {
        *counts.entry(transcript.group).or_default() += 1;
    }
    for group in GROUPS {
        assert!(counts.contains_key(group), "{group}: {counts:?}");
    }
}

#[test]
fn names_are_plain_words() {
    for transcript in transcripts() {
        let plain =
            |character: char| character.is_ascii_lowercase() || "_0123456789".contains(character);
        assert!(transcript.name.chars().all(plain), "{}", transcript.name);
    }
}

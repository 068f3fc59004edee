//! What a comparison comes to: each object counted once, on both sides.

use serde::Serialize;

use super::compare::Note;
use crate::object::Object;
use crate::report::{Outcome, Record};

/// What became of an object since its manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Finding {
    /// It is as it was backed up: ETag and size agree, and a digest proved the copy.
    Same,
    /// The same, but it had been written again after its listing: the copy is the newer one.
    NewerThanListed,
    /// ETag and size agree, as far as there are any, but no digest proved the copy, or there
    /// is no ETag to compare.
    Unproven,
    /// It is another one: ETag or size differ.
    Changed,
    /// It was backed up, and is not there any more.
    Missing,
    /// It is there, and the manifest does not know it.
    Added,
    /// The manifest knows it, but has no copy: it had failed or was skipped. It is there.
    NotKept,
    /// The manifest has no copy of it, and it is not there any more.
    NeverKept,
}

impl Finding {
    /// Every finding, in the order in which reports have them.
    pub const ALL: [Finding; 8] = [
        Finding::Same,
        Finding::NewerThanListed,
        Finding::Unproven,
        Finding::Changed,
        Finding::Missing,
        Finding::Added,
        Finding::NotKept,
        Finding::NeverKept,
    ];

    /// Its name: `same`, `newer_than_listed`, `unproven`, `changed`, `missing`, `added`,
    /// `not_kept`, `never_kept`.
    pub const fn name(self) -> &'static str {
        match self {
            Finding::Same => "same",
            Finding::NewerThanListed => "newer_than_listed",
            Finding::Unproven => "unproven",
            Finding::Changed => "changed",
            Finding::Missing => "missing",
            Finding::Added => "added",
            Finding::NotKept => "not_kept",
            Finding::NeverKept => "never_kept",
        }
    }

    /// Of an object that both know.
    pub(super) fn of(record: &Record, object: &Object) -> Finding {
        if record.outcome != Outcome::Streamed && !is_marker(record) {
            return Finding::NotKept;
        }
        let recorded = record.etag.as_deref();
        let today = object.etag.as_ref().map(|etag| etag.as_str());
        let size = record.size.or(record.bytes);
        let is_other = recorded.is_some_and(|etag| today.is_some_and(|today| today != etag))
            || size.is_some_and(|size| size != object.size)
            || record.is_delete_marker != object.is_delete_marker;
        if is_other {
            return Finding::Changed;
        }
        let is_proven = record.unproven.is_none() && recorded.is_some() && today.is_some();
        match (is_marker(record) || is_proven, record.is_newer_than_listed) {
            (false, _) => Finding::Unproven,
            (true, true) => Finding::NewerThanListed,
            (true, false) => Finding::Same,
        }
    }

    /// Of a record whose object is not there.
    pub(super) fn of_record(record: &Record) -> Finding {
        match record.outcome {
            Outcome::Streamed => Finding::Missing,
            _ if is_marker(record) => Finding::Missing,
            _ => Finding::NeverKept,
        }
    }
}

/// A delete marker has no bytes: its record is all there is to keep.
fn is_marker(record: &Record) -> bool {
    record.is_delete_marker
}

/// How many objects, and how many bytes of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    objects: u64,
    bytes: u64,
}

/// What a comparison came to. Each record of the manifest and each object of the listing is in
/// exactly one of its counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    counts: [Count; Finding::ALL.len()],
    recorded: u64,
    listed: u64,
    /// Whether the manifest ends without its closing line: there may be records beyond.
    pub is_cut: bool,
    /// What the run of the manifest came to, where its closing line says so.
    pub assessment: Option<String>,
}

impl Totals {
    pub(super) fn note(
        &mut self,
        finding: Finding,
        record: Option<&Record>,
        object: Option<&Object>,
        note: &mut Note<'_>,
    ) {
        let size = record.and_then(|record| record.size.or(record.bytes));
        let count = &mut self.counts[finding as usize];
        count.objects += 1;
        let bytes = size.or_else(|| object.map(|object| object.size)).unwrap_or_default();
        count.bytes = count.bytes.saturating_add(bytes);
        self.recorded += u64::from(record.is_some());
        self.listed += u64::from(object.is_some());
        note(finding, record, object);
    }

    /// How many objects were found so.
    pub fn count(&self, finding: Finding) -> u64 {
        self.counts[finding as usize].objects
    }

    /// How many bytes they have: as recorded, or as listed where they are not.
    pub fn bytes(&self, finding: Finding) -> u64 {
        self.counts[finding as usize].bytes
    }

    /// Objects that were backed up and are not there any more.
    pub fn missing(&self) -> u64 {
        self.count(Finding::Missing)
    }

    /// Objects that are others than were backed up.
    pub fn changed(&self) -> u64 {
        self.count(Finding::Changed)
    }

    /// Objects that the manifest does not know.
    pub fn added(&self) -> u64 {
        self.count(Finding::Added)
    }

    /// Records of the manifest.
    pub fn recorded(&self) -> u64 {
        self.recorded
    }

    /// Objects of the listing.
    pub fn listed(&self) -> u64 {
        self.listed
    }

    /// Whether the bucket still holds all that was backed up, as it was, and the manifest was
    /// whole.
    pub fn is_unchanged(&self) -> bool {
        self.missing() == 0 && self.changed() == 0 && !self.is_cut
    }

    /// Whether both sides add up: every record and every object was found in one way.
    pub fn is_balanced(&self) -> bool {
        let sum = |findings: &[Finding]| findings.iter().map(|one| self.count(*one)).sum::<u64>();
        let both = sum(&[
            Finding::Same,
            Finding::NewerThanListed,
            Finding::Unproven,
            Finding::Changed,
            Finding::NotKept,
        ]);
        self.recorded == both + sum(&[Finding::Missing, Finding::NeverKept])
            && self.listed == both + self.added()
    }
}

/// One line of JSON about an object that is not the same.
#[derive(Serialize)]
struct Line<'a> {
    finding: &'static str,
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<Side<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    today: Option<Side<'a>>,
}

#[derive(Serialize)]
struct Side<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified: Option<String>,
}

impl Finding {
    /// What was found of an object as one line of JSON, its end included: `finding`, `key`,
    /// `version_id`, and what each side knows of it.
    pub fn line(self, record: Option<&Record>, object: Option<&Object>) -> Vec<u8> {
        let recorded = record.map(|record| Side {
            size: record.size,
            etag: record.etag.as_deref(),
            last_modified: record.last_modified.map(|time| time.to_string()),
        });
        let today = object.map(|object| Side {
            size: Some(object.size),
            etag: object.etag.as_ref().map(|etag| etag.as_str()),
            last_modified: object.last_modified.map(|time| time.to_string()),
        });
        let key = record.map(|record| &*record.key).or(object.map(|object| &*object.key));
        let version_id = record.and_then(|record| record.version_id.as_deref());
        let version_id = version_id.or(object.and_then(|object| object.version_id.as_deref()));
        let key = key.unwrap_or_default();
        let line = Line { finding: self.name(), key, version_id, recorded, today };
        // Texts and numbers are always JSON.
        let mut line = serde_json::to_vec(&line).unwrap_or_default();
        line.push(b'\n');
        line
    }
}

//! The report while it grows: counts, and a few records, in constant memory.

use super::assessment::Assessment;
use super::human;
use super::manifest::Counted;
use super::record::{Failure, Outcome, Record};
use super::run::{Listing, Run};
use super::sizes::Sizes;
use super::strength::{Strength, strength_of};
use super::tally::{Share, Tally};
use crate::proto::fingerprint::Fingerprint;
use crate::verdict::Unproven;

/// Failures that are kept one by one; of those beyond only the number is.
const KEPT_FAILURES: usize = 1_000;

/// Objects that are in doubt and kept by name.
const KEPT_DOUBTFUL: usize = 100;
/// Objects newer than listed that are kept by name; of those beyond only the number is.
const KEPT_NEWER: usize = 100;

/// How many of the slowest objects are kept.
const KEPT_SLOWEST: usize = 10;

/// What is known of many objects: fed their records one by one, it keeps counts, the first
/// 1,000 failures and the ten slowest objects.
///
/// See the [module](super) for an example.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    pub(super) bucket: String,
    pub(super) has_many_buckets: bool,
    pub(super) counted: Counted,
    pub(super) streamed: Share,
    pub(super) skipped: Share,
    pub(super) failed: Share,
    pub(super) methods: Tally,
    /// Streamed objects that no digest proves, by reason.
    pub(super) unproven: Tally,
    pub(super) probably_damaged: u64,
    /// Those whose digest disagrees.
    pub(super) doubtful: Vec<Doubtful>,
    pub(super) reread: u64,
    pub(super) reasons: Tally,
    pub(super) kinds: Tally,
    /// Of streamed objects.
    pub(super) sizes: Sizes,
    pub(super) slowest: Vec<Slow>,
    pub(super) failures: Vec<FailedObject>,
    /// Failed objects of which a part is in the archive all the same.
    pub(super) broken_members: u64,
    /// Of all objects together.
    pub(super) seconds: f64,
    pub(super) resumes: u64,
    pub(super) retries: u64,
    /// Streamed objects that are others than were listed, and the first of their keys.
    pub(super) newer: u64,
    pub(super) newer_places: Vec<Place>,
}

/// Which object it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) bucket: String,
    pub(super) key: String,
}

impl Place {
    fn of(record: &Record) -> Self {
        Place { bucket: record.bucket.clone(), key: record.key.clone() }
    }
}

/// One of the objects that took longest.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slow {
    pub(super) place: Place,
    pub(super) seconds: f64,
    pub(super) bytes: u64,
    pub(super) resumes: u32,
    pub(super) retries: u32,
}

/// One of the objects whose digest disagrees, though nobody can say that it must agree.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Doubtful {
    pub(super) place: Place,
    pub(super) size: u64,
    pub(super) is_probably_damaged: bool,
}

/// One of the objects that failed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FailedObject {
    pub(super) place: Place,
    pub(super) size: Option<u64>,
    pub(super) attempts: Option<u32>,
    pub(super) error: Failure,
    pub(super) remark: Option<String>,
}

impl Report {
    /// A report of nothing yet.
    pub fn new() -> Self {
        Report::default()
    }

    /// Takes one object into account.
    pub fn add(&mut self, record: &Record) {
        if self.bucket.is_empty() {
            self.bucket.clone_from(&record.bucket);
        }
        self.has_many_buckets |= self.bucket != record.bucket;
        self.counted.add(record);
        let bytes = record.bytes.or(record.size).unwrap_or_default();
        match record.outcome {
            Outcome::Streamed => self.add_streamed(record, bytes),
            Outcome::Skipped => self.add_skipped(record),
            Outcome::Failed => self.add_failed(record),
        }
        self.resumes += u64::from(record.resumes.unwrap_or_default());
        self.retries += u64::from(record.retries.unwrap_or_default());
        // A manifest could say anything, and one NaN would make all of it one.
        if let Some(seconds) = record.seconds.filter(|seconds| seconds.is_finite()) {
            self.seconds += seconds;
            self.add_slow(record, bytes, seconds);
        }
    }

    fn add_streamed(&mut self, record: &Record, bytes: u64) {
        self.streamed.add(bytes);
        self.sizes.add(bytes);
        if record.is_newer_than_listed {
            self.newer += 1;
            if self.newer_places.len() < KEPT_NEWER {
                self.newer_places.push(Place::of(record));
            }
        }
        let method = record.method.as_deref().unwrap_or("not said");
        self.methods.add(method, bytes);
        self.reread = self.reread.saturating_add(record.reread.unwrap_or_default());
        let is_weak = strength_of(method) == Strength::Length;
        // Manifests of before do not say why.
        let unproven = record.unproven.as_deref().or_else(|| is_weak.then_some("not said"));
        if let Some(reason) = unproven {
            self.add_unproven(record, reason, bytes);
        }
    }

    fn add_unproven(&mut self, record: &Record, reason: &str, bytes: u64) {
        self.unproven.add(reason, bytes);
        self.probably_damaged += u64::from(record.is_probably_damaged);
        let disagrees = [Unproven::ReadTwice, Unproven::NotReadTwice].map(Unproven::name);
        if disagrees.contains(&reason) && self.doubtful.len() < KEPT_DOUBTFUL {
            self.doubtful.push(Doubtful {
                place: Place::of(record),
                size: bytes,
                is_probably_damaged: record.is_probably_damaged,
            });
        }
    }

    fn add_skipped(&mut self, record: &Record) {
        let size = record.size.unwrap_or_default();
        self.skipped.add(size);
        self.reasons.add(record.reason.as_deref().unwrap_or("no reason given"), size);
    }

    fn add_failed(&mut self, record: &Record) {
        let size = record.size.unwrap_or_default();
        let error = record.error.clone().unwrap_or_default();
        self.failed.add(size);
        self.kinds.add(&error.kind, size);
        self.broken_members += u64::from(record.name.is_some());
        if self.failures.len() < KEPT_FAILURES {
            self.failures.push(FailedObject {
                place: Place::of(record),
                size: record.size,
                attempts: record.attempts,
                error,
                remark: record.reason.clone(),
            });
        }
    }

    fn add_slow(&mut self, record: &Record, bytes: u64, seconds: f64) {
        let rank = self.slowest.partition_point(|slow| slow.seconds >= seconds);
        if rank == KEPT_SLOWEST {
            return;
        }
        self.slowest.truncate(KEPT_SLOWEST - 1);
        let slow = Slow {
            place: Place::of(record),
            seconds,
            bytes,
            resumes: record.resumes.unwrap_or_default(),
            retries: record.retries.unwrap_or_default(),
        };
        self.slowest.insert(rank, slow);
    }

    /// Objects that were streamed.
    pub fn streamed(&self) -> u64 {
        self.streamed.count
    }

    /// Objects that were skipped.
    pub fn skipped(&self) -> u64 {
        self.skipped.count
    }

    /// Objects that failed.
    pub fn failed(&self) -> u64 {
        self.failed.count
    }

    /// Bytes of streamed objects.
    pub fn bytes(&self) -> u64 {
        self.streamed.bytes
    }

    /// Streamed objects that are others than were listed: written again since.
    pub fn newer_than_listed(&self) -> u64 {
        self.newer
    }

    /// Objects in all.
    pub fn recorded(&self) -> u64 {
        self.counted.records
    }

    /// The sizes of all objects together, whatever became of them.
    pub fn size(&self) -> u64 {
        self.counted.size
    }

    /// Key, ETag, size and version of all objects in one number, in whatever order they came:
    /// the fingerprints of the shards of a bucket add up to the bucket's.
    pub fn fingerprint(&self) -> Fingerprint {
        self.counted.fingerprint
    }

    /// How many streamed objects ended by each method, the most frequent first; `length` among
    /// them, which proves no byte.
    pub fn methods(&self) -> Vec<(&str, u64)> {
        self.methods.by_count().into_iter().map(|(name, share)| (name, share.count)).collect()
    }

    /// How many streamed objects a digest proves, by method, the most frequent first.
    pub fn proven(&self) -> Vec<(&str, u64)> {
        let mut methods = self.methods();
        methods.retain(|(method, _)| strength_of(method) == Strength::Checksum);
        methods
    }

    /// How many objects were skipped, by reason, the most frequent first.
    pub fn reasons(&self) -> Vec<(&str, u64)> {
        self.reasons.by_count().into_iter().map(|(name, share)| (name, share.count)).collect()
    }

    /// How many streamed objects no digest proves, by reason, the most frequent first.
    pub fn unproven(&self) -> Vec<(&str, u64)> {
        self.unproven.by_count().into_iter().map(|(name, share)| (name, share.count)).collect()
    }

    /// Streamed objects that are probably damaged: see
    /// [`Verdict::is_probably_damaged`](crate::Verdict::is_probably_damaged).
    pub fn probably_damaged(&self) -> u64 {
        self.probably_damaged
    }

    /// One line about what is not proven, and why; `None` where all is.
    ///
    /// `2 of 9 objects are not proven by a digest: none offered 1, read twice 1`
    pub fn unproven_line(&self) -> Option<String> {
        let reasons = self.unproven();
        let number: u64 = reasons.iter().map(|(_, count)| count).sum();
        let reasons = reasons.iter().map(|(name, n)| format!("{name} {}", human::count(*n)));
        let reasons = reasons.collect::<Vec<_>>().join(", ");
        let suspicion = match self.probably_damaged {
            0 => String::new(),
            number => format!("; probably damaged {}", human::count(number)),
        };
        let verb = if number == 1 { "is" } else { "are" };
        (number > 0).then(|| {
            format!(
                "{} of {} {verb} not proven by a digest: {reasons}{suspicion}",
                human::count(number),
                human::counted(self.streamed.count, "object"),
            )
        })
    }

    /// Whether listed = streamed + skipped + failed; true where nobody counted.
    pub fn is_balanced(&self, run: &Run) -> bool {
        run.listed.is_none_or(|listed| listed == self.recorded())
    }

    /// What it all comes to.
    pub fn assess(&self, run: &Run) -> Assessment {
        if self.failed.count > 0 || !self.is_balanced(run) {
            return Assessment::Incomplete;
        }
        match run.listing {
            Listing::Incomplete(_) => Assessment::Incomplete,
            Listing::Unknown => Assessment::Unknown,
            Listing::Complete if self.recorded() == 0 => Assessment::Empty,
            Listing::Complete => Assessment::Complete,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(number: u64) -> Record {
        let mut record = Record::new("b", &format!("k{number}"), Outcome::Failed);
        record.error = Some(Failure::of_destination("full"));
        record
    }

    #[test]
    fn failures_beyond_a_thousand_are_counted_only() {
        let mut report = Report::new();
        (0..2_500).for_each(|number| report.add(&failed(number)));
        assert_eq!(report.failed(), 2_500);
        assert_eq!(report.failures.len(), KEPT_FAILURES);
        assert_eq!(report.failures[0].place.key, "k0");
        assert_eq!(report.kinds.get(Failure::DESTINATION).count, 2_500);
    }

    #[test]
    fn what_is_not_proven_is_counted_by_reason() {
        let mut report = Report::new();
        assert_eq!(report.unproven_line(), None);
        for (number, (method, unproven, is_probably_damaged)) in [
            ("md5", None, false),
            ("composite", None, false),
            ("length", Some("none offered"), false),
            ("length", Some("none offered"), false),
            ("length", Some("read twice"), true),
            // A manifest of an earlier version, and of a later one.
            ("length", None, false),
            ("blake3", None, false),
        ]
        .into_iter()
        .enumerate()
        {
            let mut record = Record::new("b", &format!("k{number}"), Outcome::Streamed);
            record.method = Some(method.to_owned());
            record.unproven = unproven.map(str::to_owned);
            record.is_probably_damaged = is_probably_damaged;
            report.add(&record);
        }
        assert_eq!(
            report.unproven_line().unwrap(),
            "5 of 7 objects are not proven by a digest: \
             none offered 2, not said 2, read twice 1; probably damaged 1"
        );
        assert_eq!(report.proven(), [("composite", 1), ("md5", 1)]);
        let doubtful: Vec<_> = report.doubtful.iter().map(|one| one.place.key.as_str()).collect();
        assert_eq!(doubtful, ["k4"]);
    }

    #[test]
    fn newer_objects_are_counted_and_the_first_hundred_named() {
        let mut report = Report::new();
        for number in 0..300_u64 {
            let mut record = Record::new("b", &format!("k{number}"), Outcome::Streamed);
            record.is_newer_than_listed = number % 2 == 0;
            report.add(&record);
        }
        assert_eq!((report.newer_than_listed(), report.newer_places.len()), (150, KEPT_NEWER));
        assert_eq!(report.newer_places[1].key, "k2");
    }

    #[test]
    fn the_slowest_are_kept_in_order() {
        let mut report = Report::new();
        for number in 0..100_u32 {
            let mut record = Record::new("b", &format!("k{number}"), Outcome::Streamed);
            record.seconds = Some(f64::from(number * 37 % 100));
            report.add(&record);
        }
        let seconds: Vec<f64> = report.slowest.iter().map(|slow| slow.seconds).collect();
        let expected: Vec<f64> = (90..100_u32).rev().map(f64::from).collect();
        assert_eq!(seconds, expected);
    }

    #[test]
    fn only_a_complete_listing_without_failures_is_complete() {
        let mut report = Report::new();
        let mut run = Run { listing: Listing::Complete, listed: Some(0), ..Run::default() };
        assert_eq!(report.assess(&run), Assessment::Empty);
        report.add(&Record::new("b", "k", Outcome::Streamed));
        assert_eq!(report.assess(&run), Assessment::Incomplete, "the numbers disagree");
        run.listed = Some(1);
        assert_eq!(report.assess(&run), Assessment::Complete);
        run.listing = Listing::Unknown;
        assert_eq!(report.assess(&run), Assessment::Unknown);
        run.listing = Listing::Incomplete("the server hung up".to_owned());
        assert_eq!(report.assess(&run), Assessment::Incomplete);
        run.listing = Listing::Complete;
        report.add(&failed(1));
        run.listed = Some(2);
        assert_eq!(report.assess(&run), Assessment::Incomplete);
    }
}

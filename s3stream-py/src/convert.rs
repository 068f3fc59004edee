//! Values of the core as plain Python values: tuples, which Python's classes take apart.

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use s3stream_core::{Object, Timestamp, Verdict};

type Pairs = Vec<(String, String)>;

/// The fields of an `Object`, in the order of its constructor; times in microseconds.
pub(crate) type ObjectFields = (
    String,
    u64,
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<String>,
    bool,
    bool,
    Option<String>,
    Pairs,
    Pairs,
);

pub(crate) fn object(object: Object) -> ObjectFields {
    let content_type = object.content_type().map(Cow::into_owned);
    let user = object.metadata().user.iter();
    let metadata = user.map(|(name, value)| (name.clone(), value.text().into_owned())).collect();
    let checksums = object.checksums.into_iter();
    (
        object.key,
        object.size,
        object.etag.map(|etag| etag.as_str().to_owned()),
        object.last_modified.map(microseconds),
        object.storage_class.map(Cow::into_owned),
        object.version_id,
        object.is_latest,
        object.is_delete_marker,
        content_type,
        metadata,
        checksums.map(|checksum| (checksum.algorithm.name().to_owned(), checksum.value)).collect(),
    )
}

/// The fields of a `Verdict`, in the order of its constructor.
pub(crate) type VerdictFields = (&'static str, u64, u32, u32, Option<&'static str>, u64, bool);

pub(crate) fn verdict(verdict: &Verdict) -> VerdictFields {
    (
        verdict.method.name(),
        verdict.bytes,
        verdict.resumes,
        verdict.retries,
        verdict.unproven.map(s3stream_core::Unproven::name),
        verdict.reread,
        verdict.is_probably_damaged,
    )
}

/// Microseconds since 1970, which may be before it.
pub(crate) fn microseconds(time: Timestamp) -> i64 {
    let time = SystemTime::from(time);
    let whole = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => whole(after),
        Err(before) => -whole(before.duration()),
    }
}

/// The time so many microseconds after 1970.
pub(crate) fn timestamp(microseconds: i64) -> Timestamp {
    let distance = Duration::from_micros(microseconds.unsigned_abs());
    let time = if microseconds < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance };
    Timestamp::from(time)
}

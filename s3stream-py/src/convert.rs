//! Values of the core as plain Python values: tuples, which Python's classes take apart.

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use s3stream_core::{
    Checksum, ChecksumType, Details, LegalHold, Metadata, MetadataValue, Object, RestoreStatus,
    Timestamp, Verdict,
};

/// Names and values as text.
type Pairs = Vec<(String, String)>;

/// Names, and values to the byte.
type Fields<'py> = Vec<(String, Bound<'py, PyBytes>)>;

/// The headers that are there, the user's fields, and how many of those cannot be sent.
type MetadataFields<'py> = (Fields<'py>, Fields<'py>, u32);

/// The fields of a `RestoreStatus`.
type RestoreFields = (bool, Option<i64>);

/// The fields of `Details`, in the order of its constructor; times in microseconds.
type DetailsFields = (
    Option<u32>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<&'static str>,
    Option<i64>,
    Option<&'static str>,
    Option<u32>,
    Option<&'static str>,
    Option<String>,
    Vec<String>,
);

/// The fields of an `Object`; times in microseconds.
pub(crate) type ObjectFields<'py> = (
    String,
    u64,
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<String>,
    bool,
    bool,
    Option<MetadataFields<'py>>,
    Pairs,
    Option<RestoreFields>,
    Option<DetailsFields>,
);

pub(crate) fn object(py: Python<'_>, object: Object) -> ObjectFields<'_> {
    let (metadata, details) = match object.details {
        Some(described) => {
            let described = *described;
            (Some(metadata(py, &described.metadata)), Some(details(described)))
        }
        None => (None, None),
    };
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
        metadata,
        checksums.map(|checksum| (checksum.algorithm.name().to_owned(), checksum.value)).collect(),
        object.restore_status.map(restore_status),
        details,
    )
}

fn metadata<'py>(py: Python<'py>, metadata: &Metadata) -> MetadataFields<'py> {
    let field =
        |name: &str, value: &MetadataValue| (name.to_owned(), PyBytes::new(py, value.as_bytes()));
    let headers = metadata.headers().map(|(name, value)| field(name, value)).collect();
    let user = metadata.user.iter().map(|(name, value)| field(name, value)).collect();
    (headers, user, metadata.missing_meta)
}

fn restore_status(status: RestoreStatus) -> RestoreFields {
    match status {
        RestoreStatus::Ongoing => (true, None),
        RestoreStatus::Restored { until } => (false, until.map(microseconds)),
    }
}

fn details(details: Details) -> DetailsFields {
    let encryption = details.encryption.as_ref();
    (
        details.tag_count,
        encryption.map(|it| it.name().to_owned()),
        encryption.and_then(|it| it.kms_key_id()).map(str::to_owned),
        encryption.and_then(|it| it.customer_algorithm()).map(str::to_owned),
        details.retention.map(|retention| retention.mode.name()),
        details.retention.map(|retention| microseconds(retention.until)),
        details.legal_hold.map(LegalHold::name),
        details.parts_count,
        details.checksum_type.map(ChecksumType::name),
        details.replication_status,
        details.unread,
    )
}

/// The fields of a `Checksum`.
type ChecksumFields = (&'static str, String, String);

/// The fields of a `Verdict`, in the order of its constructor.
pub(crate) type VerdictFields = (
    &'static str,
    u64,
    u32,
    u32,
    Option<&'static str>,
    u64,
    bool,
    Option<ChecksumFields>,
    Option<ChecksumFields>,
);

pub(crate) fn verdict(verdict: &Verdict) -> VerdictFields {
    let checksum = |checksum: &Checksum| {
        let hex = checksum.hex().unwrap_or_default();
        (checksum.algorithm.name(), checksum.value.clone(), hex)
    };
    (
        verdict.method.name(),
        verdict.bytes,
        verdict.resumes,
        verdict.retries,
        verdict.unproven.map(s3stream_core::Unproven::name),
        verdict.reread,
        verdict.is_probably_damaged,
        verdict.digest.as_ref().map(checksum),
        verdict.own_digest.as_ref().map(checksum),
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

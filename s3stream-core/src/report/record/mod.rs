//! One object's outcome: one line of the manifest.

pub(super) mod details;
mod restored;

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::manifest::sealed;
use crate::error::{Error, ErrorKind};
use crate::object::{Details, Object, RestoreStatus};
use crate::time::Timestamp;
use crate::verdict::Verdict;

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// Read to its proven end and handed on.
    Streamed,
    /// Left out on purpose; the reason is in the record.
    Skipped,
    /// Not there in full; the error is in the record.
    Failed,
}

impl Outcome {
    /// The name in the manifest: `streamed`, `skipped` or `failed`.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Streamed => "streamed",
            Outcome::Skipped => "skipped",
            Outcome::Failed => "failed",
        }
    }
}

/// One object's outcome, as one line of JSON in the manifest.
///
/// Fields that are not known are left out of the line; a reader ignores fields that it
/// does not know, so that a manifest of a later version can be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// The bucket.
    pub bucket: String,
    /// The key, as S3 has it.
    pub key: String,
    /// The version that was read, in a bucket that has versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Whether it is the newest version, in a bucket that has versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_latest: Option<bool>,
    /// Whether it is a delete marker, which has no content.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_delete_marker: bool,
    /// The object's size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The entity tag, without quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// When the object was last written.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "timestamp")]
    pub last_modified: Option<Timestamp>,
    /// The storage class, in S3's spelling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_class: Option<String>,
    /// How the restore of an archived object stood.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "restored")]
    pub restore_status: Option<RestoreStatus>,
    /// What became of it.
    pub outcome: Outcome,
    /// The CRC-64/NVME of the bytes that were read, in base64 as `x-amz-checksum-crc64nvme` has
    /// it: our own digest, whatever the server keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crc64nvme: Option<String>,
    /// The digest by which the bytes were proven, if it is another one: its algorithm, a blank,
    /// and the value in base64, with `-N` behind it where it is of N parts' digests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// By which method the bytes were proven: the name of a [`Method`](crate::Method).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Why the bytes are not proven by a digest: the name of an [`Unproven`](crate::Unproven).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unproven: Option<String>,
    /// Whether it is not proven although the bucket's other objects are: see
    /// [`Verdict::is_probably_damaged`].
    #[serde(default, rename = "probably_damaged", skip_serializing_if = "std::ops::Not::not")]
    pub is_probably_damaged: bool,
    /// Bytes that were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Bytes of a second read, made only to compare it with the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reread: Option<u64>,
    /// Whether it is another one than was listed, by its ETag: it was written again since.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_newer_than_listed: bool,
    /// Requests that it took; of a failed object, those since the last progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// How often the body was taken up again at an offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<u32>,
    /// Requests that were repeated because they failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// Seconds from the request to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// The name of the member in the archive: [`name`](crate::name) maps it back to the key.
    /// A failed object has one only if a part of it is in the archive all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where the member's headers begin in the archive, in bytes: whoever begins to read there
    /// finds this member first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Where its content begins in the archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_offset: Option<u64>,
    /// The CRC-64/NVME of the archive's bytes between the two, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_crc64nvme: Option<String>,
    /// What the reply says of it besides: headers, metadata, encryption, lock.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "details")]
    pub details: Option<Box<Details>>,
    /// Its tags, if they were asked for: names and values in the server's order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<(String, String)>>,
    /// Its ACL, if it was asked for: the XML as the server gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acl: Option<String>,
    /// Why it was skipped, or what else is to be known about this object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// Why an object failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// The name of an [`ErrorKind`](crate::ErrorKind), or `destination` where the bytes
    /// could not be written.
    pub kind: String,
    /// The HTTP status of the reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The S3 error code of the reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What went wrong, in one line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

impl Failure {
    /// The kind of failures that are the destination's: a full disk, a closed pipe.
    pub const DESTINATION: &'static str = "destination";

    /// A failure that is no [`Error`] of the client.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Failure { kind: kind.name().to_owned(), message: message.into(), ..Failure::default() }
    }

    /// A failure to write, not to read.
    pub fn of_destination(message: impl Into<String>) -> Self {
        Failure {
            kind: Self::DESTINATION.to_owned(),
            message: message.into(),
            ..Failure::default()
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Failure {
            kind: error.kind().name().to_owned(),
            status: error.status(),
            code: error.code().map(str::to_owned),
            message: error.message().to_owned(),
        }
    }
}

impl Record {
    /// A record that says only what became of a key.
    pub fn new(bucket: &str, key: &str, outcome: Outcome) -> Self {
        Record {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version_id: None,
            is_latest: None,
            is_delete_marker: false,
            size: None,
            etag: None,
            last_modified: None,
            storage_class: None,
            restore_status: None,
            outcome,
            crc64nvme: None,
            digest: None,
            method: None,
            unproven: None,
            is_probably_damaged: false,
            bytes: None,
            reread: None,
            is_newer_than_listed: false,
            attempts: None,
            resumes: None,
            retries: None,
            seconds: None,
            name: None,
            offset: None,
            data_offset: None,
            header_crc64nvme: None,
            details: None,
            tags: None,
            acl: None,
            reason: None,
            error: None,
        }
    }

    /// The record of an object that was read to its proven end.
    pub fn streamed(bucket: &str, object: &Object, verdict: &Verdict) -> Self {
        Record {
            crc64nvme: verdict.own_digest.as_ref().map(|digest| digest.value.clone()),
            digest: other_digest(verdict),
            method: Some(verdict.method.name().to_owned()),
            unproven: verdict.unproven.map(|reason| reason.name().to_owned()),
            is_probably_damaged: verdict.is_probably_damaged,
            bytes: Some(verdict.bytes),
            reread: Some(verdict.reread).filter(|reread| *reread > 0),
            attempts: Some(verdict.retries + 1),
            resumes: Some(verdict.resumes),
            retries: Some(verdict.retries),
            ..Record::about(bucket, object, Outcome::Streamed)
        }
    }

    /// The record of an object that was left out.
    pub fn skipped(bucket: &str, object: &Object, reason: impl Into<String>) -> Self {
        Record { reason: Some(reason.into()), ..Record::about(bucket, object, Outcome::Skipped) }
    }

    /// The record of an object that is not there in full.
    pub fn failed(bucket: &str, object: &Object, error: &Error) -> Self {
        Record {
            attempts: Some(error.attempts()).filter(|attempts| *attempts > 0),
            ..Record::failed_by(bucket, object, Failure::from(error))
        }
    }

    /// The same for a failure that is no [`Error`] of the client.
    pub fn failed_by(bucket: &str, object: &Object, failure: Failure) -> Self {
        Record { error: Some(failure), ..Record::about(bucket, object, Outcome::Failed) }
    }

    /// A record that says what became of an object, and what is known of it.
    pub fn about(bucket: &str, object: &Object, outcome: Outcome) -> Self {
        Record {
            version_id: object.version_id.clone(),
            // Without a version it says nothing: it is true of every object.
            is_latest: object.version_id.as_ref().map(|_| object.is_latest),
            is_delete_marker: object.is_delete_marker,
            size: Some(object.size),
            etag: object.etag.as_ref().map(|etag| etag.as_str().to_owned()),
            last_modified: object.last_modified,
            storage_class: object.storage_class.as_deref().map(str::to_owned),
            restore_status: object.restore_status,
            details: object.details.clone(),
            ..Record::new(bucket, &object.key, outcome)
        }
    }

    /// Writes the record as one line of the manifest, its end included: behind its fields
    /// stands `sum`, the CRC-64/NVME of what is before it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_line(&self, out: &mut dyn Write) -> io::Result<()> {
        // One write, so that a line is there whole or not at all for whoever follows the file.
        out.write_all(&sealed(serde_json::to_vec(self)?))
    }
}

/// The digest that proves the bytes, where it is not our own.
fn other_digest(verdict: &Verdict) -> Option<String> {
    let digest =
        verdict.digest.as_ref().filter(|digest| Some(*digest) != verdict.own_digest.as_ref());
    digest.map(|digest| format!("{} {}", digest.algorithm.name(), digest.value))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it has")]
fn is_false(value: &bool) -> bool {
    !value
}

/// Times as ISO 8601 text.
pub(super) mod timestamp {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::time::Timestamp;

    pub(in crate::report) fn serialize<S: Serializer>(
        time: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.collect_str(time),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::report) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let time = Timestamp::parse_iso8601(&text);
        time.map(Some).ok_or_else(|| de::Error::custom(format!("'{text}' is not a time")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Unproven;

    fn line(record: &Record) -> String {
        let mut line = Vec::new();
        record.write_line(&mut line).unwrap();
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn absent_fields_are_left_out() {
        let record = Record::new("b", "a\nk", Outcome::Skipped);
        let fields = "{\"bucket\":\"b\",\"key\":\"a\\nk\",\"outcome\":\"skipped\",\"sum\":";
        assert!(line(&record).starts_with(fields), "{}", line(&record));
    }

    #[test]
    fn what_is_not_proven_is_in_the_line() {
        let mut record = Record::new("b", "k", Outcome::Streamed);
        record.unproven = Some(Unproven::ReadTwice.name().to_owned());
        record.is_probably_damaged = true;
        record.reread = Some(7);
        let line = line(&record);
        let parts = "\"unproven\":\"read twice\",\"probably_damaged\":true,\"reread\":7";
        assert!(line.contains(parts), "{line}");
        assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), record);
    }

    #[test]
    fn a_full_record_comes_back_as_it_was() {
        let mut record = Record::new("b", "k", Outcome::Failed);
        record.last_modified = Timestamp::from_unix_seconds(1_369_353_600);
        record.size = Some(u64::MAX);
        record.seconds = Some(0.25);
        record.attempts = Some(8);
        record.is_newer_than_listed = true;
        record.error = Some(Failure {
            kind: "service".to_owned(),
            status: Some(500),
            code: Some("InternalError".to_owned()),
            message: "try again".to_owned(),
        });
        let line = line(&record);
        assert!(line.contains("\"last_modified\":\"2013-05-24T00:00:00Z\""), "{line}");
        assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), record);
    }

    #[test]
    fn unknown_fields_and_nulls_are_read_over() {
        let line = r#"{"bucket":"b","key":"k","outcome":"streamed","color":7,"etag":null}"#;
        assert_eq!(
            serde_json::from_str::<Record>(line).unwrap(),
            Record::new("b", "k", Outcome::Streamed)
        );
    }
}

//! What a reply's head says of an object besides its bytes: encryption, lock, tags, restore.

use super::headers::Headers;
use super::metadata;
use crate::object::{
    ChecksumType, Details, Encryption, LegalHold, RestoreStatus, Retention, RetentionMode,
};
use crate::time::Timestamp;

/// Reads everything that is no object's bytes; what cannot be read is named, and fails nothing.
pub(crate) fn of_head(headers: &Headers) -> Details {
    let mut head = Head { headers, unread: Vec::new() };
    Details {
        metadata: metadata::of_head(headers),
        tag_count: head.read("x-amz-tagging-count", number),
        encryption: encryption(headers),
        retention: head.retention(),
        legal_hold: head.read("x-amz-object-lock-legal-hold", LegalHold::of),
        parts_count: head.read("x-amz-mp-parts-count", number),
        checksum_type: checksum_type(headers),
        replication_status: headers.first("x-amz-replication-status").and_then(filled),
        unread: head.finish(),
    }
}

/// How the restore of an archived object stands: `ongoing-request="false", expiry-date="..."`.
pub(crate) fn restore_status(headers: &Headers) -> Option<RestoreStatus> {
    headers.first(RESTORE).and_then(parse_restore)
}

/// Of what the checksums of a reply are, where it says so.
pub(crate) fn checksum_type(headers: &Headers) -> Option<ChecksumType> {
    let kinds = [ChecksumType::FullObject, ChecksumType::Composite];
    let name = headers.first("x-amz-checksum-type")?;
    kinds.into_iter().find(|kind| kind.name() == name)
}

/// How an object is kept encrypted.
pub(crate) fn encryption(headers: &Headers) -> Option<Encryption> {
    let customer = headers.first("x-amz-server-side-encryption-customer-algorithm");
    if let Some(algorithm) = customer.and_then(filled) {
        return Some(Encryption::Customer { algorithm });
    }
    let name = headers.first("x-amz-server-side-encryption").and_then(filled)?;
    let key_id = headers.first("x-amz-server-side-encryption-aws-kms-key-id").and_then(filled);
    Some(match name.as_str() {
        "AES256" => Encryption::S3,
        "aws:kms" => Encryption::Kms { key_id },
        "aws:kms:dsse" => Encryption::KmsDual { key_id },
        _ => Encryption::Other(name),
    })
}

const RESTORE: &str = "x-amz-restore";
const LOCK_MODE: &str = "x-amz-object-lock-mode";
const LOCK_UNTIL: &str = "x-amz-object-lock-retain-until-date";

/// A head of which some fields turn out to be unreadable.
struct Head<'a> {
    headers: &'a Headers,
    unread: Vec<String>,
}

impl Head<'_> {
    /// What a field says, by how it is read.
    fn read<T>(&mut self, name: &'static str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.headers.first(name).filter(|text| !text.trim().is_empty())?;
        let value = read(text);
        if value.is_none() {
            self.unread.push(name.to_owned());
        }
        value
    }

    /// Both of its fields; one alone cannot be read.
    fn retention(&mut self) -> Option<Retention> {
        let mode = self.read(LOCK_MODE, RetentionMode::of);
        let until = self.read(LOCK_UNTIL, time);
        if let (Some(mode), Some(until)) = (mode, until) {
            return Some(Retention { mode, until });
        }
        let alone = mode.map(|_| LOCK_MODE).or(until.map(|_| LOCK_UNTIL));
        self.unread.extend(alone.map(str::to_owned));
        None
    }

    /// The names of what could not be read.
    fn finish(mut self) -> Vec<String> {
        self.read(RESTORE, parse_restore);
        self.unread
    }
}

fn parse_restore(text: &str) -> Option<RestoreStatus> {
    let value_of = |name: &str| {
        let (_, rest) = text.split_once(name)?;
        let rest = rest.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?;
        rest.split('"').next()
    };
    match value_of("ongoing-request")?.trim() {
        "true" => Some(RestoreStatus::Ongoing),
        "false" => Some(RestoreStatus::Restored { until: value_of("expiry-date").and_then(time) }),
        _ => None,
    }
}

/// RadosGW writes a lock's date as ISO 8601 too; HTTP's form was seen at proxies of others.
fn time(text: &str) -> Option<Timestamp> {
    Timestamp::parse_any(text)
}

fn number(text: &str) -> Option<u32> {
    text.trim().parse().ok()
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and values of a reply's head.
    type Fields<'a> = &'a [(&'a str, &'a str)];

    fn details(fields: Fields<'_>) -> Details {
        of_head(&fields.iter().copied().collect())
    }

    #[test]
    fn every_field_is_read() {
        let details = details(&[
            ("x-amz-tagging-count", "2"),
            ("x-amz-server-side-encryption", "AES256"),
            ("x-amz-object-lock-mode", "COMPLIANCE"),
            ("x-amz-object-lock-retain-until-date", "2013-05-24T00:00:00.000Z"),
            ("x-amz-object-lock-legal-hold", "ON"),
            ("x-amz-mp-parts-count", "3"),
            ("x-amz-checksum-type", "COMPOSITE"),
            ("x-amz-replication-status", "REPLICA"),
            ("x-amz-meta-a", "b"),
        ]);
        let until = Timestamp::from_unix_seconds(1_369_353_600).unwrap();
        assert_eq!(details.tag_count, Some(2));
        assert_eq!(details.encryption, Some(Encryption::S3));
        let mode = RetentionMode::Compliance;
        assert_eq!(details.retention, Some(Retention { mode, until }));
        assert_eq!(details.legal_hold, Some(LegalHold::On));
        assert_eq!(details.parts_count, Some(3));
        assert_eq!(details.checksum_type, Some(ChecksumType::Composite));
        assert_eq!(details.replication_status.as_deref(), Some("REPLICA"));
        assert_eq!(details.metadata.user.len(), 1);
        assert_eq!(details.unread, Vec::<String>::new());
    }

    #[test]
    fn what_is_not_said_is_absent_and_what_cannot_be_read_is_named() {
        assert_eq!(details(&[]), Details::default());
        let table: [(Fields<'_>, &[&str]); 9] = [
            (&[("x-amz-tagging-count", "")], &[]),
            (&[("x-amz-tagging-count", "-1")], &["x-amz-tagging-count"]),
            (&[("x-amz-mp-parts-count", "many")], &["x-amz-mp-parts-count"]),
            (&[("x-amz-object-lock-legal-hold", "MAYBE")], &["x-amz-object-lock-legal-hold"]),
            (
                &[(LOCK_MODE, "STRICT"), (LOCK_UNTIL, "2013-05-24T00:00:00Z")],
                &[LOCK_MODE, LOCK_UNTIL],
            ),
            (&[(LOCK_MODE, "GOVERNANCE"), (LOCK_UNTIL, "soon")], &[LOCK_UNTIL, LOCK_MODE]),
            (&[(LOCK_MODE, "GOVERNANCE")], &[LOCK_MODE]),
            (&[(RESTORE, "ongoing-request=\"perhaps\"")], &[RESTORE]),
            (&[("x-amz-checksum-type", "ANY")], &[]),
        ];
        for (fields, unread) in table {
            let details = details(fields);
            assert_eq!(details.unread, unread, "{fields:?}");
            assert_eq!(Details { unread: Vec::new(), ..details }, Details::default(), "{fields:?}");
        }
    }

    #[test]
    fn an_encryption_is_what_was_asked_for_when_it_was_written() {
        let sse = |value| ("x-amz-server-side-encryption", value);
        let key = ("x-amz-server-side-encryption-aws-kms-key-id", "arn:key");
        let customer = ("x-amz-server-side-encryption-customer-algorithm", "AES256");
        let key_id = || Some("arn:key".to_owned());
        let table: [(Fields<'_>, Option<Encryption>); 8] = [
            (&[], None),
            (&[sse("")], None),
            (&[sse("AES256"), key], Some(Encryption::S3)),
            (&[sse("aws:kms"), key], Some(Encryption::Kms { key_id: key_id() })),
            (&[sse("aws:kms")], Some(Encryption::Kms { key_id: None })),
            (&[sse("aws:kms:dsse"), key], Some(Encryption::KmsDual { key_id: key_id() })),
            (&[sse("aws:fsx")], Some(Encryption::Other("aws:fsx".to_owned()))),
            (&[customer], Some(Encryption::Customer { algorithm: "AES256".to_owned() })),
        ];
        for (fields, expected) in table {
            let headers = fields.iter().copied().collect();
            assert_eq!(encryption(&headers), expected, "{fields:?}");
        }
    }

    #[test]
    fn a_restore_is_under_way_or_there() {
        let until = Timestamp::parse_http_date("Fri, 21 Dec 2012 00:00:00 GMT");
        let table = [
            ("ongoing-request=\"true\"", Some(RestoreStatus::Ongoing)),
            (
                "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\"",
                Some(RestoreStatus::Restored { until }),
            ),
            ("ongoing-request=\"false\"", Some(RestoreStatus::Restored { until: None })),
            ("ongoing-request = \"false\"", Some(RestoreStatus::Restored { until: None })),
            ("", None),
            ("expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\"", None),
            ("ongoing-request=true", None),
        ];
        for (text, expected) in table {
            let headers = [(RESTORE, text)].into_iter().collect();
            assert_eq!(restore_status(&headers), expected, "{text}");
        }
    }
}

//! What a copy of an object carries beside its bytes: extended attributes of a file.
//!
//! A tar file has them as PAX records (`SCHILY.xattr.NAME`, which GNU tar and bsdtar turn into
//! attributes of the file), a backup daemon in its own stream for them. The digest of our own
//! comes first, so that no limit of a file system drops it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::Record;

/// What all names begin with: in the namespace that belongs to users (xattr(7)).
const NAMESPACE: &str = "user.s3stream.";

/// Names and values together, in bytes: ext4 keeps all attributes of a file in one block of
/// 4,096 bytes, where each takes some more.
const MOST: usize = 3_000;

/// The attribute that names those that found no room.
const LEFT_OUT: &str = "left_out";

/// The fields of a record that are attributes, in the order in which they get room; the name
/// of an attribute is what is behind the last dot.
const FIELDS: &[&str] = &[
    "crc64nvme",
    "bytes",
    "size",
    "method",
    "digest",
    "unproven",
    "version_id",
    "etag",
    "last_modified",
    "storage_class",
    "details.metadata.content_type",
    "details.metadata.content_encoding",
    "details.metadata.cache_control",
    "details.metadata.content_disposition",
    "details.metadata.content_language",
    "details.metadata.expires",
    "details.metadata.website_redirect",
    "details.metadata.missing_meta",
    "details.metadata.user",
    "details.tag_count",
    "details.encryption",
    "details.retention",
    "details.legal_hold",
    "details.parts_count",
    "details.checksum_type",
    "details.replication_status",
    "details.unread",
    "is_latest",
    "is_delete_marker",
    "restore_status",
    "tags",
    "acl",
];

/// One extended attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attribute {
    /// The whole name: `user.s3stream.crc64nvme`.
    pub name: String,
    /// The value: a text, or JSON where it is no text.
    pub value: Vec<u8>,
}

impl Record {
    /// The attributes that a copy of this object carries: each field that a restore needs, as
    /// its text, or as in the manifest where it is no text.
    ///
    /// What would not fit into a file system's limit is left out, and `user.s3stream.left_out`
    /// names it: the manifest has it all.
    ///
    /// ```
    /// use s3stream_core::report::{Outcome, Record};
    ///
    /// let mut record = Record::new("bucket", "photos/1.jpg", Outcome::Streamed);
    /// record.crc64nvme = Some("AAAAAAAAAAA=".to_owned());
    /// record.bytes = Some(0);
    /// let attributes = record.attributes();
    /// assert_eq!(attributes[0].name, "user.s3stream.crc64nvme");
    /// assert_eq!(attributes[1].value, b"0");
    ///
    /// let mut restored = Record::new("bucket", "photos/1.jpg", Outcome::Streamed);
    /// restored.take_attributes(&attributes)?;
    /// assert_eq!(restored, record);
    /// # Ok::<(), String>(())
    /// ```
    pub fn attributes(&self) -> Vec<Attribute> {
        let Ok(Value::Object(fields)) = serde_json::to_value(self) else { return Vec::new() };
        let (mut attributes, mut left_out, mut room) = (Vec::new(), Vec::new(), MOST);
        for field in FIELDS {
            let Some(value) = found(&fields, field) else { continue };
            let attribute = Attribute { name: name_of(field), value: bytes_of(value) };
            let size = attribute.name.len() + attribute.value.len();
            match room.checked_sub(size) {
                Some(rest) => {
                    room = rest;
                    attributes.push(attribute);
                }
                None => left_out.push(short(field)),
            }
        }
        if !left_out.is_empty() {
            let value = left_out.join(" ").into_bytes();
            attributes.push(Attribute { name: name_of(LEFT_OUT), value });
        }
        attributes
    }

    /// Takes over what attributes say; those of others are passed over.
    ///
    /// # Errors
    /// Where the value of one of ours is none that this field has.
    pub fn take_attributes(&mut self, attributes: &[Attribute]) -> Result<(), String> {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(&*self) else {
            return Err("the record cannot be written as JSON".to_owned());
        };
        for attribute in attributes {
            let Some(name) = attribute.name.strip_prefix(NAMESPACE) else { continue };
            let Some(field) = FIELDS.iter().find(|field| short(field) == name) else { continue };
            put(&mut fields, field, value_of(field, &attribute.value)?);
        }
        *self = serde_json::from_value(Value::Object(fields)).map_err(|error| error.to_string())?;
        Ok(())
    }
}

/// The field's own name.
fn short(field: &str) -> &str {
    field.rsplit('.').next().unwrap_or(field)
}

fn name_of(field: &str) -> String {
    format!("{NAMESPACE}{}", short(field))
}

fn found<'a>(fields: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    match field.split_once('.') {
        Some((group, rest)) => found(fields.get(group)?.as_object()?, rest),
        None => fields.get(field),
    }
}

fn put(fields: &mut Map<String, Value>, field: &str, value: Value) {
    match field.split_once('.') {
        Some((group, rest)) => {
            let group = fields.entry(group).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(group) = group {
                put(group, rest, value);
            }
        }
        None => {
            fields.insert(field.to_owned(), value);
        }
    }
}

/// A text as it is, odd bytes as they were sent, anything else as JSON.
fn bytes_of(value: &Value) -> Vec<u8> {
    let odd = value.get(ODD).and_then(Value::as_str);
    match (value, odd.and_then(|text| STANDARD.decode(text).ok())) {
        (Value::String(text), _) => text.clone().into_bytes(),
        (_, Some(bytes)) => bytes,
        (other, None) => other.to_string().into_bytes(),
    }
}

/// Fields that are no texts.
const JSON: &[&str] = &[
    "bytes",
    "size",
    "details.metadata.missing_meta",
    "details.metadata.user",
    "details.tag_count",
    "details.encryption",
    "details.retention",
    "details.parts_count",
    "details.unread",
    "is_latest",
    "is_delete_marker",
    "restore_status",
    "tags",
];

/// What the bytes of a value are called that is no UTF-8.
const ODD: &str = "base64";

fn value_of(field: &str, bytes: &[u8]) -> Result<Value, String> {
    let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", name_of(field));
    let is_odd = std::str::from_utf8(bytes).is_err();
    if is_odd && field.starts_with("details.metadata.") && !JSON.contains(&field) {
        return Ok(json!({ ODD: STANDARD.encode(bytes) }));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| wrong(&error))?;
    match JSON.contains(&field) {
        true => serde_json::from_str(text).map_err(|error| wrong(&error)),
        false => Ok(Value::String(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::RestoreStatus;
    use crate::report::Outcome;
    use crate::report::record::details::tests as details;
    use crate::time::Timestamp;

    fn record() -> Record {
        let mut record = Record::new("b", "k", Outcome::Streamed);
        record.crc64nvme = Some("AAAAAAAAAAA=".to_owned());
        record.bytes = Some(u64::MAX);
        record.size = Some(7);
        record.method = Some("md5".to_owned());
        record.digest = Some("1B2M2Y8AsgTpgAmY7PhCfg==".to_owned());
        record.version_id = Some("null".to_owned());
        record.etag = Some("12".to_owned());
        record.last_modified = Timestamp::from_unix_seconds(1_369_353_600);
        record.storage_class = Some("STANDARD".to_owned());
        record.details = Some(Box::new(details::odd()));
        record.is_latest = Some(false);
        record.is_delete_marker = true;
        record.restore_status = Some(RestoreStatus::Ongoing);
        record.tags = Some(vec![("a".to_owned(), "b=&".to_owned())]);
        record.acl = Some("<AccessControlPolicy/>".to_owned());
        record
    }

    #[test]
    fn what_they_say_comes_back_and_the_own_digest_is_first() {
        let attributes = record().attributes();
        assert_eq!(attributes[0].name, "user.s3stream.crc64nvme");
        let mut again = Record::new("b", "k", Outcome::Streamed);
        again.take_attributes(&attributes).unwrap();
        assert_eq!(again, record());
        let latin = attributes.iter().find(|one| one.name == "user.s3stream.content_language");
        assert_eq!(latin.unwrap().value, b"de\xff\x01\"");
    }

    #[test]
    fn no_two_fields_have_one_name() {
        let names: std::collections::BTreeSet<_> =
            FIELDS.iter().map(|field| short(field)).collect();
        assert_eq!(names.len(), FIELDS.len());
        assert!(JSON.iter().all(|field| FIELDS.contains(field)));
    }

    #[test]
    fn what_finds_no_room_is_named_and_the_digest_stays() {
        let mut record = record();
        record.etag = Some("e".repeat(MOST));
        let attributes = record.attributes();
        assert_eq!(attributes[0].value, b"AAAAAAAAAAA=");
        let last = attributes.last().unwrap();
        assert_eq!((&*last.name, &*last.value), ("user.s3stream.left_out", &b"etag"[..]));
        assert!(attributes.iter().any(|one| one.name == "user.s3stream.storage_class"));
    }

    #[test]
    fn those_of_others_are_passed_over_and_a_wrong_value_is_named() {
        let one = |name: &str, value: &[u8]| {
            let attribute = Attribute { name: name.to_owned(), value: value.to_vec() };
            Record::new("b", "k", Outcome::Streamed).take_attributes(&[attribute])
        };
        one("user.mime_type", b"\xff").unwrap();
        one("user.s3stream.of_a_later_version", b"\xff").unwrap();
        let error = one("user.s3stream.size", b"many").unwrap_err();
        assert!(error.starts_with("user.s3stream.size: "), "{error}");
    }
}

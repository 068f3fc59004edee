//! What a reply says of an object, as JSON that loses nothing.
//!
//! A value that is UTF-8 is a string. One that is not is `{"base64":"..."}`, the bytes as they
//! were sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::timestamp;
use crate::object::{
    ChecksumType, Details, Encryption, LegalHold, Metadata, MetadataValue, Retention, RetentionMode,
};
use crate::time::Timestamp;

pub(super) fn serialize<S: Serializer>(
    details: &Option<Box<Details>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    details.as_deref().map(Form::from).serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Box<Details>>, D::Error> {
    let form = Option::<Form>::deserialize(deserializer)?;
    let details = form.map(|form| Details::try_from(form).map(Box::new)).transpose();
    details.map_err(de::Error::custom)
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Form {
    #[serde(skip_serializing_if = "MetadataForm::is_empty")]
    metadata: MetadataForm,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption: Option<EncryptionForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retention: Option<RetentionForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    legal_hold: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parts_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replication_status: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread: Vec<String>,
}

#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct MetadataForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_control: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_encoding: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_disposition: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_language: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    website_redirect: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    user: Vec<(String, Value)>,
    #[serde(skip_serializing_if = "is_none")]
    missing_meta: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it has")]
fn is_none(count: &u32) -> bool {
    *count == 0
}

impl MetadataForm {
    fn is_empty(&self) -> bool {
        *self == MetadataForm::default()
    }
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Bytes { base64: String },
}

#[derive(Serialize, Deserialize)]
struct EncryptionForm {
    /// S3's word for it, or `customer`.
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kms_key_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    algorithm: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct RetentionForm {
    mode: String,
    #[serde(with = "timestamp")]
    until: Option<Timestamp>,
}

impl From<&Details> for Form {
    fn from(details: &Details) -> Self {
        let encryption = details.encryption.as_ref().map(|encryption| EncryptionForm {
            name: encryption.name().to_owned(),
            kms_key_id: encryption.kms_key_id().map(str::to_owned),
            algorithm: encryption.customer_algorithm().map(str::to_owned),
        });
        let retention = details.retention.map(|retention| RetentionForm {
            mode: retention.mode.name().to_owned(),
            until: Some(retention.until),
        });
        Form {
            metadata: MetadataForm::from(&details.metadata),
            tag_count: details.tag_count,
            encryption,
            retention,
            legal_hold: details.legal_hold.map(|hold| hold.name().to_owned()),
            parts_count: details.parts_count,
            checksum_type: details.checksum_type.map(|kind| kind.name().to_owned()),
            replication_status: details.replication_status.clone(),
            unread: details.unread.clone(),
        }
    }
}

impl TryFrom<Form> for Details {
    type Error = String;

    fn try_from(form: Form) -> Result<Self, String> {
        Ok(Details {
            metadata: form.metadata.try_into()?,
            tag_count: form.tag_count,
            encryption: form.encryption.map(encryption),
            retention: form.retention.as_ref().map(retention).transpose()?,
            legal_hold: known(form.legal_hold, "legal_hold", LegalHold::of)?,
            parts_count: form.parts_count,
            checksum_type: known(form.checksum_type, "checksum_type", checksum_type)?,
            replication_status: form.replication_status,
            unread: form.unread,
        })
    }
}

fn encryption(form: EncryptionForm) -> Encryption {
    match form.name.as_str() {
        "AES256" => Encryption::S3,
        "aws:kms" => Encryption::Kms { key_id: form.kms_key_id },
        "aws:kms:dsse" => Encryption::KmsDual { key_id: form.kms_key_id },
        "customer" => {
            Encryption::Customer { algorithm: form.algorithm.unwrap_or_else(|| "AES256".into()) }
        }
        _ => Encryption::Other(form.name),
    }
}

fn retention(form: &RetentionForm) -> Result<Retention, String> {
    let mode = RetentionMode::of(&form.mode);
    let mode = mode.ok_or_else(|| format!("'{}' is no mode of a retention", form.mode))?;
    let until = form.until.ok_or("a retention has no end")?;
    Ok(Retention { mode, until })
}

fn checksum_type(name: &str) -> Option<ChecksumType> {
    [ChecksumType::FullObject, ChecksumType::Composite].into_iter().find(|kind| kind.name() == name)
}

/// A word that must be one of S3's.
fn known<T>(
    word: Option<String>,
    field: &str,
    of: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, String> {
    let Some(word) = word else { return Ok(None) };
    of(&word).map(Some).ok_or_else(|| format!("'{word}' is no {field}"))
}

impl From<&Metadata> for MetadataForm {
    fn from(metadata: &Metadata) -> Self {
        let value = |value: &Option<MetadataValue>| value.as_ref().map(Value::from);
        MetadataForm {
            content_type: value(&metadata.content_type),
            cache_control: value(&metadata.cache_control),
            content_encoding: value(&metadata.content_encoding),
            content_disposition: value(&metadata.content_disposition),
            content_language: value(&metadata.content_language),
            expires: value(&metadata.expires),
            website_redirect: value(&metadata.website_redirect),
            user: metadata.user.iter().map(|(name, v)| (name.clone(), Value::from(v))).collect(),
            missing_meta: metadata.missing_meta,
        }
    }
}

impl TryFrom<MetadataForm> for Metadata {
    type Error = String;

    fn try_from(form: MetadataForm) -> Result<Self, String> {
        let value = |value: Option<Value>| value.map(MetadataValue::try_from).transpose();
        let mut metadata = Metadata::new();
        metadata.content_type = value(form.content_type)?;
        metadata.cache_control = value(form.cache_control)?;
        metadata.content_encoding = value(form.content_encoding)?;
        metadata.content_disposition = value(form.content_disposition)?;
        metadata.content_language = value(form.content_language)?;
        metadata.expires = value(form.expires)?;
        metadata.website_redirect = value(form.website_redirect)?;
        for (name, value) in form.user {
            metadata.user.push((name, value.try_into()?));
        }
        metadata.missing_meta = form.missing_meta;
        Ok(metadata)
    }
}

impl From<&MetadataValue> for Value {
    fn from(value: &MetadataValue) -> Self {
        match value.as_str() {
            Some(text) => Value::Text(text.to_owned()),
            None => Value::Bytes { base64: STANDARD.encode(value.as_bytes()) },
        }
    }
}

impl TryFrom<Value> for MetadataValue {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Ok(text.into()),
            Value::Bytes { base64 } => match STANDARD.decode(&base64) {
                Ok(bytes) => Ok(bytes.into()),
                Err(error) => Err(format!("'{base64}' is no base64: {error}")),
            },
        }
    }
}

#[cfg(test)]
#[path = "details_tests.rs"]
pub(in crate::report) mod tests;

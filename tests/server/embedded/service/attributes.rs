//! What clients say about objects in headers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};

use super::{Operations, acl, lock};
use crate::embedded::encode::decode_form;
use crate::embedded::store::{Attributes, Bucket, ChecksumAlgorithm, Condition, Md5};

/// What S3 keeps of a request's headers and gives back.
const KEPT: [HeaderName; 6] = [
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_LANGUAGE,
    header::CONTENT_TYPE,
    header::EXPIRES,
    HeaderName::from_static("x-amz-website-redirect-location"),
];

/// How an object is encrypted: given back with it, and by whatever stores it.
pub(super) const ENCRYPTION: [HeaderName; 5] = [
    HeaderName::from_static("x-amz-server-side-encryption"),
    HeaderName::from_static("x-amz-server-side-encryption-aws-kms-key-id"),
    HeaderName::from_static("x-amz-server-side-encryption-bucket-key-enabled"),
    HeaderName::from_static("x-amz-server-side-encryption-customer-algorithm"),
    CUSTOMER_KEY_MD5,
];

/// Which key of the customer's own (SSE-C).
pub(super) const CUSTOMER_KEY_MD5: HeaderName =
    HeaderName::from_static("x-amz-server-side-encryption-customer-key-md5");

const STORAGE_CLASSES: [&str; 9] = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "GLACIER_IR",
    "DEEP_ARCHIVE",
    "EXPRESS_ONEZONE",
];

/// Bytes of names and values of user metadata at most.
const MAX_METADATA: usize = 2 << 10;
/// Tags of an object at most.
pub(super) const MAX_TAGS: usize = 10;

impl Operations {
    /// Reads the attributes of a new object (PutObject, CreateMultipartUpload, CopyObject).
    pub(super) fn attributes(&self, bucket: &Bucket, headers: &HeaderMap) -> S3Result<Attributes> {
        let attributes = Attributes {
            headers: kept_headers(headers)?,
            storage_class: storage_class(headers)?,
            tags: tags(headers)?,
            grants: acl::granted(headers, self.store.settings().acls)?,
            retention: lock::retention(headers)?,
            legal_hold: lock::legal_hold(headers)?,
            restore: None,
        };
        lock::check_allowed(bucket, &attributes)?;
        Ok(attributes)
    }
}

fn kept_headers(headers: &HeaderMap) -> S3Result<HeaderMap> {
    let mut kept = HeaderMap::new();
    let mut metadata = 0;
    for (name, value) in headers {
        if let Some(own) = name.as_str().strip_prefix("x-amz-meta-") {
            metadata += own.len() + value.len();
            kept.append(name.clone(), as_read(value));
        } else if KEPT.contains(name) || ENCRYPTION.contains(name) {
            kept.append(name.clone(), value.clone());
        }
    }
    if metadata > MAX_METADATA {
        return Err(s3_error!(
            MetadataTooLarge,
            "Your metadata headers exceed the maximum allowed metadata size"
        ));
    }
    if let Some(value) = content_encoding(headers) {
        kept.insert(header::CONTENT_ENCODING, value);
    }
    check_customer_key(headers)?;
    Ok(kept)
}

/// AWS gives user metadata that is not ASCII back as RFC 2047 words.
fn as_read(value: &HeaderValue) -> HeaderValue {
    let bytes = value.as_bytes();
    if bytes.is_ascii() {
        return value.clone();
    }
    let word = format!("=?UTF-8?B?{}?=", STANDARD.encode(bytes));
    HeaderValue::from_str(&word).unwrap_or_else(|_| value.clone())
}

fn storage_class(headers: &HeaderMap) -> S3Result<Option<String>> {
    let Some(class) = text(headers, "x-amz-storage-class") else {
        return Ok(None);
    };
    if !STORAGE_CLASSES.contains(&class) {
        return Err(s3_error!(InvalidStorageClass, "The storage class you specified is not valid"));
    }
    Ok(Some(class.to_owned()).filter(|class| class != "STANDARD"))
}

/// `x-amz-tagging`, as a query string.
pub(super) fn tags(headers: &HeaderMap) -> S3Result<Vec<(String, String)>> {
    let tags = text(headers, "x-amz-tagging").map(parse_tags).transpose()?.unwrap_or_default();
    check_tags(&tags)?;
    Ok(tags)
}

/// S3 takes ten tags, each name once.
pub(super) fn check_tags(tags: &[(String, String)]) -> S3Result<()> {
    if tags.len() > MAX_TAGS {
        let code = S3ErrorCode::Custom("BadRequest".into());
        let mut error = S3Error::with_message(code, "Object tags cannot be greater than 10");
        error.set_status_code(http::StatusCode::BAD_REQUEST);
        return Err(error);
    }
    let mut names: Vec<&str> = tags.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() < tags.len() {
        return Err(s3_error!(InvalidTag, "Cannot provide multiple Tags with the same key"));
    }
    Ok(())
}

/// A key of the customer's own must be the one that its MD5 names.
fn check_customer_key(headers: &HeaderMap) -> S3Result<()> {
    let Some(claimed) = headers.get(CUSTOMER_KEY_MD5) else {
        return Ok(());
    };
    let key = text(headers, "x-amz-server-side-encryption-customer-key")
        .and_then(|key| STANDARD.decode(key).ok())
        .filter(|key| key.len() == 32);
    let mut md5 = Md5::new();
    md5.update(key.as_deref().unwrap_or_default());
    if key.is_none() || STANDARD.encode(md5.finish()).as_bytes() != claimed.as_bytes() {
        return Err(s3_error!(
            InvalidArgument,
            "The calculated MD5 hash of the key did not match the hash that was provided."
        ));
    }
    Ok(())
}

/// What was stored under a key of the customer's own is read, and added to, with that key.
pub(super) fn check_same_customer_key(own: &HeaderMap, request: &HeaderMap) -> S3Result<()> {
    match (own.get(CUSTOMER_KEY_MD5), request.get(CUSTOMER_KEY_MD5)) {
        (None, None) => Ok(()),
        (Some(own), Some(given)) if own == given => check_customer_key(request),
        (Some(_), Some(_)) => Err(s3_error!(AccessDenied, "Access Denied")),
        (Some(_), None) => Err(s3_error!(
            InvalidRequest,
            "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object."
        )),
        (None, Some(_)) => Err(s3_error!(
            InvalidRequest,
            "The encryption parameters are not applicable to this object."
        )),
    }
}

/// Sets what tells how the object is encrypted.
pub(super) fn echo_encryption(headers: &mut HeaderMap, own: &HeaderMap) {
    for name in ENCRYPTION {
        if let Some(value) = own.get(&name) {
            headers.insert(name, value.clone());
        }
    }
}

/// Some requests must bring a digest of their body, and AWS refuses them without.
pub(super) fn require_digest(headers: &HeaderMap) -> S3Result<()> {
    let has_checksum =
        ChecksumAlgorithm::ALL.iter().any(|algorithm| headers.contains_key(algorithm.header()));
    if has_checksum || headers.contains_key("content-md5") {
        return Ok(());
    }
    Err(s3_error!(
        InvalidRequest,
        "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"
    ))
}

/// The text of a header, `None` if absent or not ASCII.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The condition of a write: `If-None-Match: *` or `If-Match: "etag"`.
pub(super) fn write_condition(headers: &HeaderMap) -> S3Result<Condition> {
    match (text(headers, "if-none-match"), text(headers, "if-match")) {
        (None, None) => Ok(Condition::None),
        (Some("*"), None) => Ok(Condition::Absent),
        (None, Some(etag)) => Ok(Condition::Etag(etag.trim_matches('"').to_owned())),
        _ => Err(s3_error!(
            NotImplemented,
            "A header you provided implies functionality that is not implemented"
        )),
    }
}

/// The one checksum algorithm that a write names by value or as a trailer.
pub(super) fn claimed_algorithm(headers: &HeaderMap) -> S3Result<Option<ChecksumAlgorithm>> {
    let trailer = text(headers, "x-amz-trailer").unwrap_or_default();
    let mut claimed = ChecksumAlgorithm::ALL.into_iter().filter(|algorithm| {
        headers.contains_key(algorithm.header())
            || trailer.trim().eq_ignore_ascii_case(algorithm.header())
    });
    let first = claimed.next();
    if claimed.next().is_some() {
        return Err(s3_error!(
            InvalidRequest,
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
        ));
    }
    Ok(first)
}

/// `aws-chunked` is how the body was sent, not how the object is encoded.
fn content_encoding(headers: &HeaderMap) -> Option<HeaderValue> {
    let given = headers.get(header::CONTENT_ENCODING)?;
    let value = given.to_str().ok()?;
    if !value.contains("aws-chunked") {
        return Some(given.clone());
    }
    let kept: Vec<&str> = value
        .split(',')
        .map(str::trim)
        .filter(|encoding| !encoding.is_empty() && *encoding != "aws-chunked")
        .collect();
    if kept.is_empty() {
        return None;
    }
    HeaderValue::from_str(&kept.join(",")).ok()
}

fn parse_tags(value: &str) -> S3Result<Vec<(String, String)>> {
    value
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode_form(key)?, decode_form(value)?))
        })
        .collect::<Option<_>>()
        .ok_or_else(invalid_tags)
}

fn invalid_tags() -> S3Error {
    s3_error!(
        InvalidArgument,
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates."
    )
}

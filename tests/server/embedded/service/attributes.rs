//! What clients say about objects in headers.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use s3s::{S3Error, S3Result, s3_error};

use crate::embedded::encode::decode_form;
use crate::embedded::store::{Attributes, ChecksumAlgorithm, Condition};

/// System metadata that S3 keeps and gives back.
const KEPT: [HeaderName; 6] = [
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_LANGUAGE,
    header::CONTENT_TYPE,
    header::EXPIRES,
    HeaderName::from_static("x-amz-website-redirect-location"),
];

/// Reads the attributes of a new object (PutObject, CreateMultipartUpload, CopyObject).
pub(super) fn attributes(headers: &HeaderMap) -> S3Result<Attributes> {
    let mut kept = HeaderMap::new();
    for (name, value) in headers {
        if KEPT.contains(name) || name.as_str().starts_with("x-amz-meta-") {
            kept.append(name.clone(), value.clone());
        }
    }
    if let Some(value) = content_encoding(headers) {
        kept.insert(header::CONTENT_ENCODING, value);
    }
    let storage_class = text(headers, "x-amz-storage-class").filter(|class| *class != "STANDARD");
    let tags = text(headers, "x-amz-tagging").map(parse_tags).transpose()?;
    Ok(Attributes {
        headers: kept,
        storage_class: storage_class.map(str::to_owned),
        tags: tags.unwrap_or_default(),
    })
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
    let value = text(headers, "content-encoding")?;
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

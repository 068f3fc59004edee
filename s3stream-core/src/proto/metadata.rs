//! The metadata of an object as fields of a head, both ways.
//!
//! See "System-defined object metadata" and "User-defined object metadata" in the Amazon S3
//! user guide.

use super::headers::Headers;
use crate::object::{Metadata, MetadataValue};

/// What stands before the name of a field of user metadata.
const USER: &str = "x-amz-meta-";

/// The coding of an upload's framing: some servers (rclone, MinIO of old) store it as if it
/// were the object's.
const FRAMING: &str = "aws-chunked";

/// Where a field is kept.
type Place = fn(&mut Metadata) -> &mut Option<MetadataValue>;

/// The fields that have a name of their own, and where they are kept.
const FIELDS: [(&str, Place); 7] = [
    ("content-type", |metadata| &mut metadata.content_type),
    ("cache-control", |metadata| &mut metadata.cache_control),
    ("content-encoding", |metadata| &mut metadata.content_encoding),
    ("content-disposition", |metadata| &mut metadata.content_disposition),
    ("content-language", |metadata| &mut metadata.content_language),
    ("expires", |metadata| &mut metadata.expires),
    ("x-amz-website-redirect-location", |metadata| &mut metadata.website_redirect),
];

/// What a reply's head says of the object's metadata.
pub(crate) fn of_head(headers: &Headers) -> Metadata {
    let mut metadata = Metadata::new();
    for (name, bytes) in headers.iter_bytes() {
        if let Some(name) = name.strip_prefix(USER) {
            metadata.user.push((name.to_owned(), bytes.into()));
        } else if let Some((_, field)) = FIELDS.iter().find(|(field, _)| *field == name) {
            add(field(&mut metadata), bytes);
        }
    }
    metadata.content_encoding = metadata.content_encoding.take().and_then(|it| unframed(&it));
    metadata.missing_meta = missing(headers).unwrap_or(0);
    metadata
}

/// Adds the fields of a request that writes the metadata; the error says which cannot be sent.
pub(crate) fn push(metadata: &Metadata, headers: &mut Headers) -> Result<(), String> {
    for (name, value) in metadata.headers() {
        push_field(headers, name.to_owned(), value)?;
    }
    for (name, value) in &metadata.user {
        if !name.bytes().all(is_of_token) {
            return Err(format!("'{name}' cannot be the name of a field of metadata"));
        }
        push_field(headers, format!("{USER}{}", name.to_ascii_lowercase()), value)?;
    }
    Ok(())
}

fn push_field(headers: &mut Headers, name: String, value: &MetadataValue) -> Result<(), String> {
    let bytes = value.as_bytes();
    if bytes.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
        return Err(format!("the value of '{name}' has a control character in it"));
    }
    headers.push_bytes(name, bytes);
    Ok(())
}

/// How many fields of metadata the server has and cannot send.
fn missing(headers: &Headers) -> Option<u32> {
    headers.first("x-amz-missing-meta")?.trim().parse().ok()
}

/// What comes twice is one list (RFC 9110, 5.3).
fn add(field: &mut Option<MetadataValue>, bytes: &[u8]) {
    *field = Some(match field.take() {
        None => bytes.into(),
        Some(before) => [before.as_bytes(), b", ", bytes].concat().into(),
    });
}

/// The codings that are the object's; `None` where there are none.
fn unframed(value: &MetadataValue) -> Option<MetadataValue> {
    let Some(text) = value.as_str() else { return Some(value.clone()) };
    let is_framing = |coding: &&str| coding.trim().eq_ignore_ascii_case(FRAMING);
    if !text.split(',').any(|coding| is_framing(&coding)) {
        return Some(value.clone());
    }
    let rest: Vec<_> = text
        .split(',')
        .filter(|coding| !is_framing(coding))
        .map(str::trim)
        .filter(|coding| !coding.is_empty())
        .collect();
    (!rest.is_empty()).then(|| rest.join(", ").into())
}

/// A character of a name (RFC 9110, 5.6.2).
fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(fields: &[(&str, &[u8])]) -> Headers {
        let mut headers = Headers::new();
        fields.iter().for_each(|(name, value)| headers.push_bytes(*name, value));
        headers
    }

    #[test]
    fn every_field_is_kept_as_it_was_sent() {
        let fields: [(&str, &[u8]); 10] = [
            ("content-type", b"text/plain; charset=x"),
            ("cache-control", b"no-cache"),
            ("content-encoding", b"gzip"),
            ("content-disposition", b"attachment; filename=\"\xfc.txt\""),
            ("content-language", b"de-AT"),
            ("expires", b"never"),
            ("x-amz-website-redirect-location", b"/other"),
            ("x-amz-meta-name", b"JULI\xc1N"),
            ("x-amz-meta-", b"=?UTF-8?B?SlVMScOBTg==?="),
            ("x-amz-meta-a_b", "ü".as_bytes()),
        ];
        let headers = head(&fields);
        let metadata = of_head(&headers);
        assert_eq!(metadata.expires.as_ref().unwrap(), &"never");
        assert_eq!(
            metadata.user.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["name", "", "a_b"]
        );
        // And back again, to the byte.
        let mut written = Headers::new();
        push(&metadata, &mut written).unwrap();
        assert_eq!(written, headers);
    }

    #[test]
    fn what_is_not_the_objects_is_no_metadata() {
        let metadata = of_head(&head(&[
            ("x-amz-metadata", b"no"),
            ("meta-two", b"no"),
            ("content-length", b"5"),
            ("x-amz-missing-meta", b"3"),
        ]));
        assert_eq!(metadata, Metadata { missing_meta: 3, ..Metadata::new() });
        assert_eq!(of_head(&head(&[("x-amz-missing-meta", b"some")])), Metadata::new());
    }

    #[test]
    fn the_framing_of_an_upload_is_no_coding() {
        let table: [(&[&[u8]], Option<&str>); 8] = [
            (&[b"gzip"], Some("gzip")),
            (&[b"aws-chunked"], None),
            (&[b"AWS-Chunked,gzip"], Some("gzip")),
            (&[b"gzip, aws-chunked"], Some("gzip")),
            (&[b"gzip", b"aws-chunked"], Some("gzip")),
            (&[b"aws-chunked, "], None),
            (&[b"a ,b"], Some("a ,b")),
            (&[b""], Some("")),
        ];
        for (values, expected) in table {
            let fields: Vec<_> = values.iter().map(|value| ("content-encoding", *value)).collect();
            let coding = of_head(&head(&fields)).content_encoding;
            assert_eq!(coding.as_ref().and_then(MetadataValue::as_str), expected, "{values:?}");
        }
    }

    #[test]
    fn what_comes_twice_is_kept_twice() {
        let metadata = of_head(&head(&[
            ("x-amz-meta-a", b"1"),
            ("cache-control", b"private"),
            ("x-amz-meta-b", b"2"),
            ("x-amz-meta-a", b"3"),
            ("cache-control", b"max-age=0"),
        ]));
        let user: Vec<_> = metadata.user.iter().map(|(n, v)| (n.as_str(), v.text())).collect();
        assert_eq!(user, [("a", "1".into()), ("b", "2".into()), ("a", "3".into())]);
        assert_eq!(metadata.cache_control.unwrap(), "private, max-age=0");
    }

    #[test]
    fn what_no_head_can_carry_is_refused() {
        for metadata in [
            Metadata::new().with_user("a b", "v"),
            Metadata::new().with_user("a:", "v"),
            Metadata::new().with_user("ü", "v"),
            Metadata::new().with_user("a", "v\r\nx-amz-acl: public-read"),
            Metadata::new().with_user("a", "\0"),
            Metadata::new().with_cache_control("a\nb"),
        ] {
            assert!(push(&metadata, &mut Headers::new()).is_err(), "{metadata:?}");
        }
        let tab = Metadata::new().with_user("a", "b\tc");
        assert!(push(&tab, &mut Headers::new()).is_ok());
    }
}

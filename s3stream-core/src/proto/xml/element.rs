//! The elements that mean something here.

/// One of S3's elements by its local name, or any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    Bucket,
    Buckets,
    Code,
    CommonPrefixes,
    Contents,
    CreationDate,
    DeleteMarker,
    ETag,
    EncodingType,
    Endpoint,
    Error,
    IsLatest,
    IsTruncated,
    Key,
    KeyCount,
    LastModified,
    ListAllMyBucketsResult,
    ListBucketResult,
    ListVersionsResult,
    Marker,
    Message,
    Name,
    NextContinuationToken,
    NextVersionIdMarker,
    Other,
    Prefix,
    Region,
    RequestId,
    ServerTime,
    Size,
    StorageClass,
    Version,
    VersionId,
}

impl Element {
    /// The element of a local name. A match of byte strings is a jump by length and first
    /// bytes: a listing does this twice for each field of each key.
    pub(super) fn of(name: &str) -> Self {
        use Element::*;
        match name.as_bytes() {
            b"Key" => Key,
            b"Size" => Size,
            b"ETag" => ETag,
            b"LastModified" => LastModified,
            b"StorageClass" => StorageClass,
            b"Contents" => Contents,
            b"Version" => Version,
            b"VersionId" => VersionId,
            b"IsLatest" => IsLatest,
            b"DeleteMarker" => DeleteMarker,
            b"CommonPrefixes" => CommonPrefixes,
            b"Prefix" => Prefix,
            b"IsTruncated" => IsTruncated,
            b"KeyCount" => KeyCount,
            b"EncodingType" => EncodingType,
            b"Marker" => Marker,
            b"NextContinuationToken" => NextContinuationToken,
            b"NextVersionIdMarker" => NextVersionIdMarker,
            b"ListBucketResult" => ListBucketResult,
            b"ListVersionsResult" => ListVersionsResult,
            b"ListAllMyBucketsResult" => ListAllMyBucketsResult,
            b"Buckets" => Buckets,
            b"Bucket" => Bucket,
            b"Name" => Name,
            b"CreationDate" => CreationDate,
            b"Error" => Error,
            b"Code" => Code,
            b"Message" => Message,
            b"RequestId" => RequestId,
            b"Region" => Region,
            b"ServerTime" => ServerTime,
            b"Endpoint" => Endpoint,
            _ => Other,
        }
    }
}

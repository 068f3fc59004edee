//! GetObject and HeadObject: one reply, with or without its body.

use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::Stream;
use http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};
use s3s::dto::{
    self, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, StreamingBlob,
};
use s3s::stream::{ByteStream, RemainingLength};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result, StdError, s3_error};

use super::archive::set_restore;
use super::attributes::{check_same_customer_key, text};
use super::lock::set_lock;
use super::{Operations, set_header};
use crate::embedded::store::{Checksum, Chunks, Found, ObjectData, precondition_failed};

/// What GetObject and HeadObject are asked alike.
struct ReadRequest<'a> {
    headers: &'a HeaderMap,
    range: Option<dto::Range>,
    part_number: Option<i32>,
    /// `response-content-type` and its like.
    overrides: [(&'static str, Option<&'a str>); 5],
}

/// What of the object is wanted.
enum Extent {
    Whole,
    Range(Range<u64>),
    Part(usize, Range<u64>),
}

/// [`ReadRequest`] of either typed input: they have the same fields.
macro_rules! read_request {
    ($request:expr) => {
        ReadRequest {
            headers: &$request.headers,
            range: $request.input.range,
            part_number: $request.input.part_number,
            overrides: [
                ("cache-control", $request.input.response_cache_control.as_deref()),
                ("content-disposition", $request.input.response_content_disposition.as_deref()),
                ("content-encoding", $request.input.response_content_encoding.as_deref()),
                ("content-language", $request.input.response_content_language.as_deref()),
                ("content-type", $request.input.response_content_type.as_deref()),
            ],
        }
    };
}

impl Operations {
    /// GetObject.
    pub(super) async fn get_object(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<S3Response<GetObjectOutput>> {
        let input = &request.input;
        let found = self.find(&input.bucket, &input.key, input.version_id.as_deref())?;
        let own = found.data.attributes();
        if own.is_some_and(|own| own.is_archived() && !own.is_restored(Timestamp::now())) {
            return Err(s3_error!(
                InvalidObjectState,
                "The operation is not valid for the object's storage class"
            ));
        }
        let (headers, range) = reply(&found, &read_request!(request))?;
        let body = ChunkStream(found.data.content.chunks(range));
        let output = GetObjectOutput { body: Some(StreamingBlob::new(body)), ..Default::default() };
        Ok(S3Response::with_headers(output, headers))
    }

    /// HeadObject.
    pub(super) async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = &request.input;
        let found = self.find(&input.bucket, &input.key, input.version_id.as_deref())?;
        let (headers, _range) = reply(&found, &read_request!(request))?;
        Ok(S3Response::with_headers(HeadObjectOutput::default(), headers))
    }

    fn find(&self, bucket: &str, key: &str, version_id: Option<&str>) -> S3Result<Found> {
        self.store.bucket(bucket)?.find(key, version_id)
    }
}

/// Headers of the reply, and the bytes that belong to it.
fn reply(found: &Found, request: &ReadRequest<'_>) -> S3Result<(HeaderMap, Range<u64>)> {
    let data = &found.data;
    let own = data.attributes().map(|own| &own.headers);
    check_same_customer_key(own.unwrap_or(&HeaderMap::new()), request.headers)?;
    let etag = format!("\"{}\"", data.etag.to_text());
    let last_modified = http_date(found.last_modified)?;
    check_conditions(request.headers, found, &etag, &last_modified)?;
    let extent = extent(data, request)?;

    let mut headers = object_headers(data)?;
    set_header(&mut headers, "etag", &etag)?;
    set_header(&mut headers, "last-modified", &last_modified)?;
    if let Some(id) = &found.version_id {
        set_header(&mut headers, "x-amz-version-id", id)?;
    }
    if text(request.headers, "x-amz-checksum-mode") == Some("ENABLED") {
        set_checksum(&mut headers, data, &extent)?;
    }
    for (name, value) in request.overrides {
        if let Some(value) = value {
            set_header(&mut headers, name, value)?;
        }
    }
    let range = set_extent(&mut headers, data, extent)?;
    Ok((headers, range))
}

/// What the object itself brings along.
fn object_headers(data: &ObjectData) -> S3Result<HeaderMap> {
    let attributes = data.attributes();
    let mut headers = attributes.map(|own| own.headers.clone()).unwrap_or_default();
    if !headers.contains_key(header::CONTENT_TYPE) {
        set_header(&mut headers, "content-type", "binary/octet-stream")?;
    }
    set_header(&mut headers, "accept-ranges", "bytes")?;
    if let Some(own) = attributes {
        // AWS says nothing about STANDARD.
        if let Some(class) = &own.storage_class {
            set_header(&mut headers, "x-amz-storage-class", class)?;
        }
        if !own.tags.is_empty() {
            headers.insert("x-amz-tagging-count", HeaderValue::from(own.tags.len()));
        }
        set_lock(&mut headers, own)?;
        set_restore(&mut headers, own)?;
    }
    Ok(headers)
}

/// Sets what tells how much of the object follows. The front turns a reply
/// with Content-Range into a 206.
fn set_extent(headers: &mut HeaderMap, data: &ObjectData, extent: Extent) -> S3Result<Range<u64>> {
    let size = data.content.len();
    if let Extent::Part(..) = extent
        && !data.parts.is_empty()
    {
        headers.insert("x-amz-mp-parts-count", HeaderValue::from(data.parts.len()));
    }
    let range = match extent {
        Extent::Whole => 0..size,
        Extent::Range(range) | Extent::Part(_, range) => {
            if !range.is_empty() {
                let value = format!("bytes {}-{}/{size}", range.start, range.end - 1);
                set_header(headers, "content-range", &value)?;
            }
            range
        }
    };
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    Ok(range)
}

/// Sets the checksum of what is sent: of the whole object or of the part, but
/// never with a range, where AWS sends none either.
fn set_checksum(headers: &mut HeaderMap, data: &ObjectData, extent: &Extent) -> S3Result<()> {
    let Some((whole, checksum_type)) = &data.checksum else {
        return Ok(());
    };
    let part_checksum =
        |number: usize| -> Option<Checksum> { data.parts.get(number - 1)?.checksum };
    let value = match extent {
        Extent::Range(_) => None,
        Extent::Part(number, _) if !data.parts.is_empty() => {
            part_checksum(*number).map(|checksum| checksum.to_base64())
        }
        Extent::Whole | Extent::Part(..) => data.checksum_text(),
    };
    if let Some(value) = value {
        set_header(headers, whole.algorithm().header(), &value)?;
        set_header(headers, "x-amz-checksum-type", checksum_type.name())?;
    }
    Ok(())
}

fn extent(data: &ObjectData, request: &ReadRequest<'_>) -> S3Result<Extent> {
    let size = data.content.len();
    match (request.part_number, request.range) {
        (None, None) => Ok(Extent::Whole),
        (None, Some(range)) => range
            .check(size)
            .map(Extent::Range)
            .map_err(|_| invalid_range("InvalidRange", "The requested range is not satisfiable")),
        (Some(number), None) => part_extent(data, number),
        (Some(_), Some(_)) => Err(s3_error!(
            InvalidRequest,
            "Cannot specify both Range header and partNumber query parameter"
        )),
    }
}

fn part_extent(data: &ObjectData, number: i32) -> S3Result<Extent> {
    if !(1..=10_000).contains(&number) {
        return Err(s3_error!(
            InvalidArgument,
            "Part number must be an integer between 1 and 10000, inclusive"
        ));
    }
    usize::try_from(number)
        .ok()
        .and_then(|number| Some(Extent::Part(number, data.part_range(number)?)))
        .ok_or_else(|| {
            invalid_range("InvalidPartNumber", "The requested partnumber is not satisfiable")
        })
}

fn invalid_range(code: &'static str, message: &'static str) -> S3Error {
    let code = S3ErrorCode::from_bytes(code.as_bytes()).unwrap_or(S3ErrorCode::InvalidRange);
    let mut error = S3Error::with_message(code, message);
    error.set_status_code(http::StatusCode::RANGE_NOT_SATISFIABLE);
    error
}

/// RFC 9110, 13.2.2: which condition counts, and in which order.
fn check_conditions(
    headers: &HeaderMap,
    found: &Found,
    etag: &str,
    last_modified: &str,
) -> S3Result<()> {
    // Dates in headers have whole seconds.
    let modified = found.last_modified.as_second();
    if let Some(wanted) = text(headers, "if-match") {
        if !names_etag(wanted, etag) {
            return Err(precondition_failed());
        }
    } else if date(headers, "if-unmodified-since").is_some_and(|since| modified > since) {
        return Err(precondition_failed());
    }
    let not_modified = match text(headers, "if-none-match") {
        Some(known) => names_etag(known, etag),
        None => date(headers, "if-modified-since").is_some_and(|since| modified <= since),
    };
    if not_modified {
        let mut error = S3Error::with_message(S3ErrorCode::NotModified, "Not Modified");
        let mut headers = HeaderMap::new();
        set_header(&mut headers, "etag", etag)?;
        set_header(&mut headers, "last-modified", last_modified)?;
        error.set_headers(headers);
        return Err(error);
    }
    Ok(())
}

/// Whether a list of entity tags, quoted or not, holds this one.
fn names_etag(list: &str, etag: &str) -> bool {
    list.split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.trim_matches('"') == etag.trim_matches('"'))
}

fn date(headers: &HeaderMap, name: &str) -> Option<i64> {
    let parsed = DateTimeParser::new().parse_timestamp(text(headers, name)?);
    Some(parsed.ok()?.as_second())
}

pub(super) fn http_date(time: Timestamp) -> S3Result<String> {
    DateTimePrinter::new().timestamp_to_rfc9110_string(&time).map_err(S3Error::internal_error)
}

/// A reply body that shares the store's memory.
struct ChunkStream(Chunks);

impl Stream for ChunkStream {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next().map(Ok))
    }
}

impl ByteStream for ChunkStream {
    fn remaining_length(&self) -> RemainingLength {
        match usize::try_from(self.0.remaining()) {
            Ok(remaining) => RemainingLength::new_exact(remaining),
            Err(_) => RemainingLength::unknown(),
        }
    }
}

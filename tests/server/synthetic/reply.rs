//! From a request to its reply.

use std::ops::Range;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};

use super::body::{Pace, Repeated};
use super::bucket::{Bucket, Found};
use super::listing;

/// The reply to one request.
pub(super) fn answer<B>(
    bucket: &Bucket,
    request: &Request<B>,
    pace: Option<Pace>,
) -> Response<Repeated> {
    let path = request.uri().path();
    let query = request.uri().query().unwrap_or_default();
    let (name, key) = path.trim_start_matches('/').split_once('/').unwrap_or((&path[1..], ""));
    let is_head = *request.method() == Method::HEAD;
    if !is_head && *request.method() != Method::GET {
        return refuse(StatusCode::NOT_IMPLEMENTED, "NotImplemented");
    }
    if !key.is_empty() {
        return match bucket.find(key) {
            Some(found) => object(found, request.headers(), is_head, pace),
            None => refuse(StatusCode::NOT_FOUND, "NoSuchKey"),
        };
    }
    if is_head {
        return Response::new(Repeated::once(Bytes::new(), None));
    }
    if query.split('&').any(|field| field.trim_end_matches('=') == "location") {
        return xml(StatusCode::OK, "<LocationConstraint/>".to_owned());
    }
    match listing::page(bucket, name, query) {
        Some(page) => xml(StatusCode::OK, page),
        None => refuse(StatusCode::NOT_IMPLEMENTED, "NotImplemented"),
    }
}

fn object(
    found: Found,
    headers: &HeaderMap,
    is_head: bool,
    pace: Option<Pace>,
) -> Response<Repeated> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let unquoted = |etag: &str| etag.trim_matches('"').to_owned();
    if text(header::IF_MATCH).is_some_and(|etag| unquoted(etag) != unquoted(&found.etag)) {
        return refuse(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
    }
    let range = match text(header::RANGE).map(|text| range(text, found.size)) {
        None => None,
        Some(Some(range)) => Some(range),
        Some(None) => return refuse(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange"),
    };
    let mut reply = Response::builder()
        .header("etag", &found.etag)
        .header("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        .header("accept-ranges", "bytes")
        .header("content-type", "binary/octet-stream");
    reply = match &range {
        Some(Range { start, end }) => reply
            .status(StatusCode::PARTIAL_CONTENT)
            .header("content-range", format!("bytes {start}-{}/{}", end - 1, found.size)),
        None => reply
            .header("x-amz-checksum-crc64nvme", &found.checksum)
            .header("x-amz-checksum-type", "FULL_OBJECT"),
    };
    let Range { start, end } = range.unwrap_or(0..found.size);
    let body = if is_head {
        reply = reply.header("content-length", end - start);
        Repeated::once(Bytes::new(), None)
    } else {
        Repeated::new(found.block, start, end, pace)
    };
    reply.body(body).expect("headers made of ASCII")
}

/// The bytes that a `Range` of one part asks for; `None` if there are none.
fn range(text: &str, size: u64) -> Option<Range<u64>> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(length)) if first.is_empty() => size.saturating_sub(length)..size,
        _ => return None,
    };
    (!range.is_empty()).then_some(range)
}

fn refuse(status: StatusCode, code: &str) -> Response<Repeated> {
    xml(status, format!("<Error><Code>{code}</Code><Message>{code}</Message></Error>"))
}

fn xml(status: StatusCode, text: String) -> Response<Repeated> {
    Response::builder()
        .status(status)
        .header("content-type", "application/xml")
        .body(Repeated::once(Bytes::from(text), None))
        .expect("a status and a constant header")
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        assert_eq!(range("bytes=0-0", 10), Some(0..1));
        assert_eq!(range("bytes=4-", 10), Some(4..10));
        assert_eq!(range("bytes=4-99", 10), Some(4..10));
        assert_eq!(range("bytes=-3", 10), Some(7..10));
        for refused in ["bytes=10-", "bytes=5-4", "bytes=-", "bytes=x-1", "items=0-1"] {
            assert_eq!(range(refused, 10), None, "{refused}");
        }
    }
}

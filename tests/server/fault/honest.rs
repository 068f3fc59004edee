//! What a proper S3 server would answer: the ground that faults are put on.

use std::ops::Range;

use super::content::{Content, EtagKind};
use super::request::ReceivedRequest;

/// A reply before it becomes bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers in order.
    pub headers: Vec<(String, String)>,
    /// The bytes of the object that follow.
    pub body: Range<u64>,
    /// The error document that follows instead, when `status` is an error.
    pub error: Vec<u8>,
}

impl Reply {
    /// Makes a reply with an S3 error document.
    pub fn error(status: u16, code: &str) -> Self {
        let document = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <Error><Code>{code}</Code><Message></Message><RequestId>fault</RequestId></Error>"
        );
        Self {
            status,
            headers: vec![
                ("Content-Type".to_owned(), "application/xml".to_owned()),
                ("Content-Length".to_owned(), document.len().to_string()),
            ],
            body: 0..0,
            error: document.into_bytes(),
        }
    }

    /// Replaces every header of this name by one.
    pub fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Removes every header of this name.
    pub fn remove(&mut self, name: &str) {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    }

    /// Returns status line and headers as they go over the wire.
    pub fn head(&self) -> Vec<u8> {
        head_bytes(self.status, reason(self.status), &self.headers)
    }
}

/// Answers a request for `content` as a proper S3 server does: `If-Match`,
/// `Range`, HEAD, `partNumber`, and checksums where they were asked for.
pub fn answer_honestly(content: &Content, request: &ReceivedRequest) -> Reply {
    let mut reply = match precondition_failed(content, request) {
        true => Reply::error(412, "PreconditionFailed"),
        false => describe(content, request),
    };
    if request.method == "HEAD" {
        reply.body = 0..0;
        reply.error = Vec::new();
    }
    reply
}

fn precondition_failed(content: &Content, request: &ReceivedRequest) -> bool {
    request.header("if-match").is_some_and(|wanted| wanted != "*" && Some(wanted) != content.etag())
}

fn describe(content: &Content, request: &ReceivedRequest) -> Reply {
    let part =
        request.query().split('&').find_map(|pair| pair.strip_prefix("partNumber=")?.parse().ok());
    if let Some(number) = part {
        return describe_part(content, number);
    }
    let Some(range) = request.range(content.size) else {
        let mut reply = whole(content);
        if request.header("x-amz-checksum-mode") == Some("ENABLED") {
            reply.headers.extend(content.checksum_headers());
        }
        return reply;
    };
    if range.first >= content.size {
        let mut reply = Reply::error(416, "InvalidRange");
        reply.set("Content-Range", &format!("bytes */{}", content.size));
        return reply;
    }
    partial(content, range.first..range.last + 1)
}

fn whole(content: &Content) -> Reply {
    let mut headers = Vec::new();
    let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
    add("x-amz-request-id", "fault".to_owned());
    add("Content-Type", "application/octet-stream".to_owned());
    add("Content-Length", content.size.to_string());
    if let Some(etag) = content.etag() {
        add("ETag", etag.to_owned());
    }
    add("Last-Modified", "Tue, 02 Jan 2024 03:04:05 GMT".to_owned());
    add("Accept-Ranges", "bytes".to_owned());
    if content.etag_kind == EtagKind::Opaque {
        // Without it a client would have to take the ETag for an MD5.
        add("x-amz-server-side-encryption", "aws:kms".to_owned());
    }
    Reply { status: 200, headers, body: 0..content.size, error: Vec::new() }
}

fn partial(content: &Content, range: Range<u64>) -> Reply {
    let mut reply = whole(content);
    reply.status = 206;
    reply.set("Content-Length", &(range.end - range.start).to_string());
    let shown = format!("bytes {}-{}/{}", range.start, range.end - 1, content.size);
    reply.set("Content-Range", &shown);
    reply.body = range;
    reply
}

/// AWS answers `partNumber` with that part's length and the number of parts; it
/// is how a client learns the part size.
fn describe_part(content: &Content, number: u64) -> Reply {
    if number == 0 || number > content.part_count() {
        return Reply::error(416, "InvalidPartNumber");
    }
    let start = (number - 1) * content.part_size;
    let end = (start + content.part_size).min(content.size);
    let mut reply = match start < end {
        true => partial(content, start..end),
        false => whole(content),
    };
    reply.set("x-amz-mp-parts-count", &content.part_count().to_string());
    reply
}

/// Returns a status line and headers as they go over the wire.
pub(crate) fn head_bytes(status: u16, reason: &str, headers: &[(String, String)]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} {reason}\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// Returns the usual reason phrase of a status.
pub(crate) fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unknown")
}

//! What a reply says: about an object, or about why there is none.

use std::time::Duration;

use super::endpoint::without_userinfo;
use super::headers::Headers;
use super::retry::Failure;
use super::service::Hint;
use super::xml;
use crate::error::ErrorKind;
use crate::object::{Algorithm, Checksum, ETag, Object, storage_class};
use crate::time::Timestamp;

/// `Content-Range: bytes first-last/total` (RFC 9110, 14.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ContentRange {
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// `None` for `*`.
    pub(crate) total: Option<u64>,
}

impl ContentRange {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let rest = text.trim().strip_prefix("bytes")?.trim_start();
        let (range, total) = rest.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let total = match total.trim() {
            "*" => None,
            total => Some(number(total)?),
        };
        let range = ContentRange { first: number(first)?, last: number(last)?, total };
        let ordered = range.first <= range.last && total.is_none_or(|total| range.last < total);
        ordered.then_some(range)
    }

    /// Bytes in the range.
    pub(crate) fn length(&self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }
}

/// What the head of a reply to GetObject or HeadObject says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectHead {
    /// The object; its size is the total, where the reply tells it.
    pub(crate) object: Object,
    pub(crate) content_length: Option<u64>,
    pub(crate) content_range: Option<ContentRange>,
    /// Whether the checksums are of the parts' checksums.
    pub(crate) composite: Option<bool>,
    /// Whether an ETag of 32 digits is the MD5: not under SSE-KMS or SSE-C.
    pub(crate) etag_is_md5: bool,
}

/// Reads the head of a reply; the error is one line about what no S3 server sends.
///
/// See "GetObject", response elements, in the Amazon S3 API reference.
pub(crate) fn object_head(key: &str, headers: &Headers) -> Result<ObjectHead, String> {
    let mut object = Object::new(key);
    object.etag = headers.first("etag").and_then(ETag::parse);
    object.last_modified = headers.first("last-modified").and_then(Timestamp::parse_http_date);
    object.version_id = headers.first("x-amz-version-id").map(str::to_owned);
    object.storage_class = headers.first("x-amz-storage-class").map(storage_class);
    object.content_type = headers.first("content-type").map(str::to_owned);
    object.is_delete_marker = headers.first("x-amz-delete-marker") == Some("true");
    object.metadata = metadata(headers);
    object.checksums = checksums(headers);

    let content_length = match headers.first("content-length") {
        None => None,
        Some(text) => Some(number(text).ok_or("its Content-Length is not a number")?),
    };
    let content_range = match headers.first("content-range") {
        None => None,
        Some(text) => {
            Some(ContentRange::parse(text).ok_or("its Content-Range is not 'bytes a-b/total'")?)
        }
    };
    object.size = match content_range {
        Some(range) => range.total.unwrap_or(0),
        None => content_length.unwrap_or(0),
    };
    let composite = headers.first("x-amz-checksum-type").and_then(|kind| match kind {
        "COMPOSITE" => Some(true),
        "FULL_OBJECT" => Some(false),
        _ => None,
    });
    let sealed = headers.first("x-amz-server-side-encryption-customer-algorithm").is_some()
        || headers.first("x-amz-server-side-encryption").is_some_and(|s| s.starts_with("aws:kms"));
    Ok(ObjectHead { object, content_length, content_range, composite, etag_is_md5: !sealed })
}

fn metadata(headers: &Headers) -> Vec<(String, String)> {
    headers
        .iter()
        .filter_map(|(name, value)| {
            Some((name.strip_prefix("x-amz-meta-")?.to_owned(), value.to_owned()))
        })
        .collect()
}

fn checksums(headers: &Headers) -> Vec<Checksum> {
    use Algorithm::{Crc32, Crc32C, Crc64Nvme, Sha1, Sha256};
    [Sha256, Sha1, Crc64Nvme, Crc32C, Crc32]
        .into_iter()
        .filter_map(|algorithm| {
            let name = format!("x-amz-checksum-{}", algorithm.name());
            let value = headers.first(&name)?.trim();
            (!value.is_empty()).then(|| Checksum { algorithm, value: value.to_owned() })
        })
        .collect()
}

/// A reply of status 300 or above, read as far as it can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    pub(crate) request_id: Option<String>,
    /// The region that the bucket is in, where the reply tells it.
    pub(crate) region: Option<String>,
    /// The host that the request should go to, where the reply tells it.
    pub(crate) endpoint: Option<String>,
    /// Where a redirect leads, as far as its query.
    location: Option<String>,
    server_time: Option<Timestamp>,
    pub(crate) retry_after: Option<Duration>,
    is_delete_marker: bool,
    is_foreign: bool,
}

impl Refusal {
    /// Reads a refusal; HEAD replies and some servers' 412 have no body, proxies send HTML.
    ///
    /// See "Error responses" in the Amazon S3 API reference.
    pub(crate) fn read(status: u16, headers: &Headers, body: &[u8]) -> Self {
        let xml = std::str::from_utf8(body).ok().and_then(xml::error);
        let is_foreign = xml.is_none() && !body.trim_ascii().is_empty();
        let xml = xml.unwrap_or_default();
        let header = |name| headers.first(name).map(str::to_owned);
        let date = headers.first("date").and_then(Timestamp::parse_http_date);
        Refusal {
            status,
            code: xml.code,
            message: xml.message.unwrap_or_default(),
            request_id: header("x-amz-request-id").or(xml.request_id),
            region: header("x-amz-bucket-region").or(xml.region),
            endpoint: xml.endpoint,
            // A query may hold a signature, which no message repeats.
            location: header("location").map(|url| until(&url, &['?', '#']).to_owned()),
            server_time: xml.server_time.or(date),
            retry_after: headers.first("retry-after").and_then(|text| retry_after(text, date)),
            is_delete_marker: headers.first("x-amz-delete-marker") == Some("true"),
            is_foreign,
        }
    }

    /// The kind of error that this is to the caller.
    pub(crate) fn kind(&self, of_version: bool) -> ErrorKind {
        match self.code.as_deref().unwrap_or("") {
            "NoSuchKey" | "NoSuchBucket" | "NoSuchVersion" => return ErrorKind::NotFound,
            "InvalidObjectState" => return ErrorKind::Archived,
            "AccessDenied"
            | "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "ExpiredToken"
            | "InvalidToken"
            | "TokenRefreshRequired"
            | "RequestTimeTooSkewed"
            | "AuthorizationHeaderMalformed"
            | "AllAccessDisabled"
            | "AccountProblem" => {
                return ErrorKind::AccessDenied;
            }
            "SlowDown"
            | "Throttling"
            | "ThrottlingException"
            | "TooManyRequests"
            | "RequestLimitExceeded"
            | "BandwidthLimitExceeded" => return ErrorKind::Throttled,
            "RequestTimeout" => return ErrorKind::TimedOut,
            "NotImplemented" => return ErrorKind::Unsupported,
            _ => {}
        }
        match self.status {
            404 => ErrorKind::NotFound,
            405 if self.is_delete_marker || of_version => ErrorKind::NotFound,
            401 | 403 | 407 => ErrorKind::AccessDenied,
            408 => ErrorKind::TimedOut,
            412 => ErrorKind::Changed,
            416 => ErrorKind::InvalidInput,
            429 | 503 | 509 => ErrorKind::Throttled,
            501 => ErrorKind::Unsupported,
            _ => ErrorKind::Service,
        }
    }

    /// Whether repeating the request may help, before anything is corrected.
    pub(crate) fn failure(&self) -> Failure {
        match self.kind(false) {
            ErrorKind::Throttled => Failure::Throttled(self.retry_after),
            ErrorKind::TimedOut => Failure::Transient,
            ErrorKind::Service if self.status >= 500 => match self.retry_after {
                Some(wish) => Failure::Throttled(Some(wish)),
                None => Failure::Transient,
            },
            _ => Failure::Final,
        }
    }

    /// What this reply says about where the request belongs.
    pub(crate) fn hint(&self, used_region: &str) -> Option<Hint<'_>> {
        if let Some(region) = self.other_region(used_region) {
            return Some(Hint::Region(region));
        }
        if self.wants_virtual_host() {
            return Some(Hint::VirtualHost);
        }
        if !matches!(self.status, 301 | 307 | 308) {
            return None;
        }
        let location = self.location.as_deref().and_then(host_and_path);
        match (&self.endpoint, location) {
            (Some(host), location) => Some(Hint::Host {
                host,
                path: location.filter(|(at, _)| at == host).map(|(_, path)| path),
            }),
            (None, Some((host, path))) => Some(Hint::Host { host, path: Some(path) }),
            (None, None) => None,
        }
    }

    /// Where a redirect leads that is not followed, for a message.
    pub(crate) fn location(&self) -> Option<String> {
        let location = self.location.as_deref().or(self.endpoint.as_deref());
        location.filter(|_| (300..400).contains(&self.status)).map(without_userinfo)
    }

    /// Whether the server takes no bucket in the path: Alibaba's, Tencent's, Volcengine's.
    pub(crate) fn wants_virtual_host(&self) -> bool {
        let codes = ["SecondLevelDomainForbidden", "PathStyleDomainForbidden", "InvalidPathAccess"];
        self.code.as_deref().is_some_and(|code| codes.contains(&code))
    }

    /// The region to sign for instead, if this reply is about the region.
    fn other_region(&self, used: &str) -> Option<&str> {
        let about = matches!(
            self.code.as_deref(),
            Some("AuthorizationHeaderMalformed" | "PermanentRedirect" | "IllegalLocationConstraintException")
        ) || matches!(self.status, 301 | 307)
            // A HEAD reply has no body: the header alone tells.
            || (matches!(self.status, 400 | 403) && self.code.is_none());
        self.region.as_deref().filter(|region| about && *region != used && is_region(region))
    }

    /// The server's clock, if this refuses a request for the time that it was signed with.
    ///
    /// A request of another time, signed before the clock was corrected, is not refused anew
    /// for what has been corrected since: so it is held against its own.
    pub(crate) fn other_clock(&self, signed: Timestamp) -> Option<Timestamp> {
        /// S3 tolerates 15 minutes; a difference below this is not the cause.
        const MATTERS: Duration = Duration::from_secs(60);
        /// Without a word about it, what S3 does not tolerate is the cause: less a minute for
        /// the way.
        const REFUSED: Duration = Duration::from_secs(14 * 60);
        let server = self.server_time?;
        let difference = server.since(signed).max(signed.since(server));
        let is_about_time = match self.code.as_deref() {
            Some("RequestTimeTooSkewed" | "RequestExpired") => difference > MATTERS,
            Some(_) => false,
            // The reply to a HEAD has no document.
            None => self.status == 403 && !self.is_foreign && difference > REFUSED,
        };
        is_about_time.then_some(server)
    }

    /// One line about the reply for a person.
    pub(crate) fn describe(&self) -> String {
        if !self.message.is_empty() {
            // Advice may follow: two full stops in a line read like two messages.
            return self.message.trim_end().trim_end_matches('.').to_owned();
        }
        if self.is_foreign {
            return "the reply is not S3's XML".to_owned();
        }
        String::new()
    }

    /// What to do about it, where we know.
    pub(crate) fn advice(&self) -> Option<&'static str> {
        if self.is_foreign {
            return Some("check endpoint_url: a web server or a proxy may be answering");
        }
        Some(match self.code.as_deref()? {
            "InvalidAccessKeyId" => "check access_key_id, and that it belongs to this endpoint",
            "SignatureDoesNotMatch" => "check secret_access_key",
            "ExpiredToken" | "TokenRefreshRequired" => "the session token has ended: get a new one",
            "InvalidToken" => "check session_token",
            "NoSuchKey" => "check the key; it may have been deleted since it was listed",
            "NoSuchBucket" => "check the bucket's name and the endpoint",
            "RequestTimeTooSkewed" => "set this machine's clock",
            "InvalidObjectState" => "restore the object from its archive class first",
            "AuthorizationHeaderMalformed" => "set region",
            _ => return None,
        })
    }
}

/// `Retry-After`: seconds, or a date that is compared with the server's own clock.
pub(crate) fn retry_after(text: &str, server_time: Option<Timestamp>) -> Option<Duration> {
    if let Some(seconds) = number(text) {
        return Some(Duration::from_secs(seconds));
    }
    let until = Timestamp::parse_http_date(text)?;
    Some(until.since(server_time?))
}

fn host_and_path(location: &str) -> Option<(&str, &str)> {
    let (_, rest) = location.split_once("://")?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    (!host.is_empty()).then_some((host, path))
}

fn until<'a>(text: &'a str, ends: &[char]) -> &'a str {
    text.split(ends).next().unwrap_or_default()
}

fn is_region(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// A decimal number without sign or blanks inside.
fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges_parse_or_are_refused() {
        let range = |first, last, total| Some(ContentRange { first, last, total });
        let table = [
            ("bytes 0-9/10", range(0, 9, Some(10))),
            ("bytes 5-9/*", range(5, 9, None)),
            ("bytes 9-5/10", None),
            ("bytes 0-10/10", None),
            ("bytes */10", None),
            ("bytes 0-+9/10", None),
            ("0-9/10", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(ContentRange::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn refusals_have_the_kind_of_the_table() {
        let table = [
            (404, "NoSuchKey", ErrorKind::NotFound, Failure::Final),
            (404, "NoSuchBucket", ErrorKind::NotFound, Failure::Final),
            (403, "InvalidObjectState", ErrorKind::Archived, Failure::Final),
            (400, "ExpiredToken", ErrorKind::AccessDenied, Failure::Final),
            (403, "", ErrorKind::AccessDenied, Failure::Final),
            (412, "", ErrorKind::Changed, Failure::Final),
            (503, "SlowDown", ErrorKind::Throttled, Failure::Throttled(None)),
            (429, "", ErrorKind::Throttled, Failure::Throttled(None)),
            (400, "RequestTimeout", ErrorKind::TimedOut, Failure::Transient),
            (500, "InternalError", ErrorKind::Service, Failure::Transient),
            (502, "", ErrorKind::Service, Failure::Transient),
            (400, "InvalidRequest", ErrorKind::Service, Failure::Final),
            (501, "NotImplemented", ErrorKind::Unsupported, Failure::Final),
        ];
        for (status, code, kind, failure) in table {
            let body = format!("<Error><Code>{code}</Code></Error>");
            let body = if code.is_empty() { "" } else { &body };
            let refusal = Refusal::read(status, &Headers::new(), body.as_bytes());
            assert_eq!(
                (refusal.kind(false), refusal.failure()),
                (kind, failure),
                "{status} {code}"
            );
        }
    }

    #[test]
    fn a_refusal_without_s3_xml_says_so() {
        let refusal = Refusal::read(403, &Headers::new(), b"<html><body>Forbidden</body></html>");
        assert_eq!(refusal.kind(false), ErrorKind::AccessDenied);
        assert_eq!(refusal.describe(), "the reply is not S3's XML");
        assert!(refusal.advice().unwrap().contains("endpoint_url"));
        assert_eq!(Refusal::read(412, &Headers::new(), b"").describe(), "");
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Timestamp::parse_http_date("Fri, 24 May 2013 00:00:00 GMT");
        let table = [
            ("0", Some(0)),
            (" 7 ", Some(7)),
            ("Fri, 24 May 2013 00:00:30 GMT", Some(30)),
            ("Thu, 24 May 2012 00:00:30 GMT", Some(0)),
            ("-1", None),
            ("soon", None),
        ];
        for (text, seconds) in table {
            assert_eq!(retry_after(text, now), seconds.map(Duration::from_secs), "{text}");
        }
        assert_eq!(retry_after("Fri, 24 May 2013 00:00:30 GMT", None), None);
    }

    #[test]
    fn a_clock_is_learnt_from_the_refusal_of_what_was_signed_with_another() {
        let time = |text| Timestamp::parse_iso8601(text).unwrap();
        let server = time("2026-01-01T12:00:00Z");
        let dated: Headers = [("date", "Thu, 01 Jan 2026 12:00:00 GMT")].into_iter().collect();
        let skewed = "<Error><Code>RequestTimeTooSkewed</Code></Error>";
        let told = "<Error><Code>RequestTimeTooSkewed</Code>\
                    <ServerTime>2026-01-01T12:00:00Z</ServerTime></Error>";
        let denied = "<Error><Code>AccessDenied</Code></Error>";
        let none = Headers::new();
        let table = [
            (403, &dated, skewed, "2026-01-01T11:00:00Z", true),
            (403, &dated, skewed, "2026-01-01T13:00:00Z", true),
            // It was signed with the right time: something else is wrong.
            (403, &dated, skewed, "2026-01-01T12:00:30Z", false),
            (403, &none, told, "2026-01-01T11:00:00Z", true),
            (403, &none, skewed, "2026-01-01T11:00:00Z", false),
            (403, &dated, denied, "2026-01-01T11:00:00Z", false),
            // HEAD.
            (403, &dated, "", "2026-01-01T11:00:00Z", true),
            (403, &dated, "", "2026-01-01T11:50:00Z", false),
            (404, &dated, "", "2026-01-01T11:00:00Z", false),
            (403, &dated, "<html>no</html>", "2026-01-01T11:00:00Z", false),
        ];
        for (status, headers, body, signed, learns) in table {
            let refusal = Refusal::read(status, headers, body.as_bytes());
            let learnt = refusal.other_clock(time(signed));
            assert_eq!(learnt, learns.then_some(server), "{status} {body} {signed}");
        }
    }

    #[test]
    fn an_etag_is_no_md5_under_kms_or_customer_keys() {
        let plain: Headers = [("etag", "\"a\"")].into_iter().collect();
        assert!(object_head("k", &plain).unwrap().etag_is_md5);
        for field in [
            ("x-amz-server-side-encryption", "aws:kms"),
            ("x-amz-server-side-encryption", "aws:kms:dsse"),
            ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        ] {
            assert!(!object_head("k", &[field].into_iter().collect()).unwrap().etag_is_md5);
        }
    }
}

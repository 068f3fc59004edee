//! What a reply says: about an object, or about why there is none.

use std::time::Duration;

use super::details;
use super::endpoint::without_userinfo;
use super::headers::Headers;
use super::marks::{self, Marks};
use super::retry::Failure;
use super::service::Hint;
use super::xml;
use crate::error::ErrorKind;
use crate::object::{
    Algorithm, Checksum, ChecksumType, ETag, MetadataValue, Object, storage_class,
};
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
        // The units have no case (RFC 9110, 14.1).
        let (units, rest) = text.trim().split_at_checked("bytes".len())?;
        if !units.eq_ignore_ascii_case("bytes") {
            return None;
        }
        let rest = rest.trim_start();
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

    /// The size that a refused range tells: `bytes */total` (RFC 9110, 15.5.17).
    fn unsatisfied(text: &str) -> Option<u64> {
        let (range, total) = text.trim().split_once('/')?;
        let range = range.to_ascii_lowercase();
        let range = range.strip_prefix("bytes")?.trim();
        (range == "*").then(|| number(total))?
    }

    /// Bytes in the range.
    pub(crate) fn length(&self) -> u64 {
        (self.last - self.first).saturating_add(1)
    }
}

/// How a reader of the body learns where it ends (RFC 9112, 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// It has so many bytes as Content-Length says, and no others can come.
    Counted,
    /// By its last chunk: where that comes, the sender means that this is all.
    Chunked,
    /// Because the connection ends, and so it does where it breaks.
    UntilClose,
}

impl Framing {
    /// Chunks win over a length beside them.
    fn of(headers: &Headers) -> Self {
        let is_chunked = |coding: &str| coding.to_ascii_lowercase().contains("chunked");
        match (headers.first("transfer-encoding"), headers.first("content-length")) {
            (Some(coding), _) if is_chunked(coding) => Framing::Chunked,
            (None, Some(_)) => Framing::Counted,
            _ => Framing::UntilClose,
        }
    }
}

/// What the head of a reply to GetObject or HeadObject says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectHead {
    /// The object; its size is the total, where the reply tells it.
    pub(crate) object: Object,
    pub(crate) content_length: Option<u64>,
    pub(crate) content_range: Option<ContentRange>,
    pub(crate) framing: Framing,
    pub(crate) marks: Marks,
    /// Whether the checksums are of the parts' checksums.
    pub(crate) composite: Option<bool>,
    /// Whether an ETag of 32 digits is the MD5: not under SSE-KMS or SSE-C.
    pub(crate) etag_is_md5: bool,
}

impl ObjectHead {
    /// Whether the body is framed as several parts (RFC 9110, 14.6).
    pub(crate) fn is_multipart(&self) -> bool {
        const TYPE: &str = "multipart/byteranges";
        let media_type = self.object.metadata().content_type.as_ref();
        let media_type = media_type.and_then(MetadataValue::as_str).unwrap_or("").trim_start();
        media_type.get(..TYPE.len()).is_some_and(|name| name.eq_ignore_ascii_case(TYPE))
    }

    /// Whether the reply says that it is all of an object of no bytes.
    pub(crate) fn is_empty(&self) -> bool {
        self.content_length == Some(0) && self.content_range.is_none()
    }

    /// Whether the reply tells how many bytes the object has.
    pub(crate) fn tells_size(&self) -> bool {
        match self.content_range {
            Some(range) => range.total.is_some(),
            None => self.content_length.is_some(),
        }
    }
}

/// Reads the head of a reply; the error is one line about what no S3 server sends.
///
/// See "GetObject", response elements, in the Amazon S3 API reference.
pub(crate) fn object_head(key: &str, headers: &Headers) -> Result<ObjectHead, String> {
    let mut object = Object::new(key);
    object.etag = headers.first("etag").and_then(ETag::parse);
    object.last_modified = headers.first("last-modified").and_then(Timestamp::parse_any);
    object.version_id = headers.first("x-amz-version-id").map(str::to_owned);
    object.storage_class = headers.first("x-amz-storage-class").map(storage_class);
    object.is_delete_marker = headers.first("x-amz-delete-marker") == Some("true");
    object.restore_status = details::restore_status(headers);
    object.checksums = checksums(headers);
    object.details = Some(Box::new(details::of_head(headers)));

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
    let composite = details::checksum_type(headers).map(|kind| kind == ChecksumType::Composite);
    let sealed = headers.first("x-amz-server-side-encryption-customer-algorithm").is_some()
        || headers.first("x-amz-server-side-encryption").is_some_and(|s| s.starts_with("aws:kms"));
    Ok(ObjectHead {
        object,
        content_length,
        content_range,
        framing: Framing::of(headers),
        marks: Marks::of(headers),
        composite,
        etag_is_md5: !sealed,
    })
}

/// The checksums that a head states.
pub(crate) fn checksums(headers: &Headers) -> Vec<Checksum> {
    use Algorithm::{Crc32, Crc32C, Crc64Nvme, Sha1, Sha256};
    [Sha256, Sha1, Crc64Nvme, Crc32C, Crc32]
        .into_iter()
        .filter_map(|algorithm| {
            let name = format!("x-amz-checksum-{}", algorithm.name());
            let of_google = || (algorithm == Crc32C).then(|| google_crc32c(headers)).flatten();
            let value = headers.first(&name).or_else(of_google)?.trim();
            (!value.is_empty()).then(|| Checksum { algorithm, value: value.to_owned() })
        })
        .collect()
}

/// Google's `x-goog-hash: crc32c=n03x6A==,md5=...`, in one field or in several; composed objects
/// have the CRC alone. See "Hashes and ETags", Cloud Storage documentation.
fn google_crc32c(headers: &Headers) -> Option<&str> {
    let fields = headers.all("x-goog-hash").flat_map(|field| field.split(','));
    fields.filter_map(|hash| hash.trim().strip_prefix("crc32c=")).next()
}

/// What a gateway in front of a server says in JSON, as it stands: its members have any name.
fn json(body: &[u8]) -> Option<String> {
    const LONGEST: usize = 300;
    let text = std::str::from_utf8(body).ok()?.trim();
    if !text.starts_with('{') || !text.ends_with('}') {
        return None;
    }
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let said: String = line.chars().take(LONGEST).collect();
    Some(format!("the reply is not S3's XML: {said}"))
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
    /// The object's size, where a range was refused and the reply tells it.
    pub(crate) object_size: Option<u64>,
    /// Where a redirect leads, as far as its query.
    location: Option<String>,
    server_time: Option<Timestamp>,
    pub(crate) retry_after: Option<Duration>,
    is_delete_marker: bool,
    is_foreign: bool,
    /// The coding of its text, which nobody asked for.
    coding: Option<String>,
}

impl Refusal {
    /// Whether the keys had ended that the request was signed with: by its code, or, where that
    /// says no more than "denied" or there is none (the reply to a HEAD), by their own time.
    pub(crate) fn has_ended_keys(&self, expires: Option<Timestamp>, now: Timestamp) -> bool {
        let has_ended = expires.is_some_and(|it| it.unix_seconds() <= now.unix_seconds());
        match self.code.as_deref() {
            Some("ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired") => true,
            // What a server says that does not tell an ended session from a wrong one.
            Some("AccessDenied" | "InvalidAccessKeyId") => has_ended,
            Some(_) => false,
            None => matches!(self.status, 400 | 401 | 403) && has_ended,
        }
    }

    /// Reads a refusal; HEAD replies and some servers' 412 have no body, proxies send HTML.
    ///
    /// See "Error responses" in the Amazon S3 API reference.
    pub(crate) fn read(status: u16, headers: &Headers, body: &[u8]) -> Self {
        let xml = std::str::from_utf8(body).ok().and_then(xml::error);
        let is_foreign = xml.is_none() && !body.trim_ascii().is_empty();
        let xml =
            xml.unwrap_or_else(|| xml::ErrorBody { message: json(body), ..Default::default() });
        let header = |name| headers.first(name).map(str::to_owned);
        let date = headers.first("date").and_then(Timestamp::parse_http_date);
        Refusal {
            status,
            code: xml.code,
            message: xml.message.unwrap_or_default(),
            request_id: header("x-amz-request-id").or(xml.request_id),
            region: header("x-amz-bucket-region").or(xml.region),
            endpoint: xml.endpoint,
            object_size: headers.first("content-range").and_then(ContentRange::unsatisfied),
            // A query may hold a signature, which no message repeats.
            location: header("location").map(|url| until(&url, &['?', '#']).to_owned()),
            server_time: xml.server_time.or(date),
            retry_after: headers.first("retry-after").and_then(|text| retry_after(text, date)),
            is_delete_marker: headers.first("x-amz-delete-marker") == Some("true"),
            is_foreign,
            coding: marks::coding(headers).map(str::to_owned),
        }
    }

    /// A refusal that came under a status of success: some servers send their status before
    /// they know how it ends.
    pub(crate) fn under_success(status: u16, headers: &Headers, body: xml::ErrorBody) -> Self {
        let mut refusal = Refusal::read(status, headers, b"");
        refusal.code = body.code;
        refusal.message = body.message.unwrap_or_default();
        refusal.request_id = refusal.request_id.or(body.request_id);
        refusal
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
            | "ServiceUnavailable"
            | "Throttling"
            | "ThrottlingException"
            // Of the service that has the object's key: it comes under 400.
            | "KMS.ThrottlingException"
            | "TooManyRequests"
            | "RequestLimitExceeded"
            | "BandwidthLimitExceeded" => return ErrorKind::Throttled,
            "RequestTimeout" => return ErrorKind::TimedOut,
            // An ACL where the bucket's owner has all objects, a class that the server has not.
            "NotImplemented" | "AccessControlListNotSupported" | "InvalidStorageClass" => {
                return ErrorKind::Unsupported;
            }
            // What arrived is not what was sent.
            "BadDigest" | "XAmzContentSHA256Mismatch" => return ErrorKind::Integrity,
            "ConditionalRequestConflict" => return ErrorKind::Changed,
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
            ErrorKind::TimedOut | ErrorKind::Integrity => Failure::Transient,
            _ if self.is_conflict() => Failure::Transient,
            ErrorKind::Service if self.status >= 500 || self.is_internal() => {
                match self.retry_after {
                    Some(wish) => Failure::Throttled(Some(wish)),
                    None => Failure::Transient,
                }
            }
            _ => Failure::Final,
        }
    }

    /// Whether something else is being done to the object at this moment.
    fn is_conflict(&self) -> bool {
        let conflicts = ["ConditionalRequestConflict", "OperationAborted"];
        self.code.as_deref().is_some_and(|code| conflicts.contains(&code))
    }

    /// Whether the server failed by its own words, whatever its status says.
    fn is_internal(&self) -> bool {
        self.status < 300 && self.code.as_deref() == Some("InternalError")
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
        match &self.coding {
            Some(coding) if self.is_foreign => {
                format!("the reply is compressed ({coding}), which was not asked for")
            }
            _ if self.is_foreign => "the reply is not S3's XML".to_owned(),
            _ => String::new(),
        }
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
#[path = "response_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "response_bounds_tests.rs"]
mod bounds;

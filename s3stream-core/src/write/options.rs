//! With what, under which condition and in which parts an object is written.

use crate::error::{Error, Result};
use crate::object::{Checksum, ETag, Encryption, LegalHold, Metadata, Retention};
use crate::proto::attributes::Attributes;
use crate::proto::headers::Headers;
use crate::proto::request::Request;
use crate::send::Session;

/// What an object is written with, besides its bytes.
///
/// What is not set is the bucket's or the server's to choose. No ACL is sent unless one is set:
/// buckets of AWS refuse any by default ("Controlling ownership of objects", Amazon S3 user
/// guide).
///
/// ```
/// use s3stream_core::{Condition, CreateOptions, Metadata};
/// let options = CreateOptions::new()
///     .metadata(Metadata::new().with_content_type("text/plain").with_user("colour", "blue"))
///     .tag("project", "x")
///     .condition(Condition::Absent);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default)]
pub struct CreateOptions {
    pub(super) attributes: Attributes,
    pub(super) condition: Condition,
    pub(super) expect: Expect,
    pub(super) size: Option<u64>,
    pub(super) part_size: Option<u64>,
    pub(super) max_parts: Option<u32>,
    pub(super) concurrency: Option<usize>,
    pub(super) read_back: bool,
    pub(super) strict: bool,
}

/// When an object may be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// Whatever is there.
    #[default]
    None,
    /// If there is nothing under the key: `If-None-Match: *`.
    Absent,
    /// If what is there has this ETag: `If-Match`.
    Matches(ETag),
}

/// What the bytes must be; anything else is refused before the object comes into being.
///
/// ```
/// use s3stream_core::{CreateOptions, Expect};
/// let options = CreateOptions::new().expect(Expect::new().size(5));
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expect {
    pub(super) size: Option<u64>,
    pub(super) checksum: Option<Checksum>,
    pub(super) etag: Option<ETag>,
}

impl Expect {
    /// Anything.
    pub fn new() -> Self {
        Expect::default()
    }

    /// So many bytes.
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// Bytes of this digest, of the whole object: what a verdict or a manifest says of a backup.
    pub fn checksum(mut self, checksum: Checksum) -> Self {
        self.checksum = Some(checksum);
        self
    }

    /// Bytes that make this ETag, of parts of the size that is set.
    pub fn etag(mut self, etag: ETag) -> Self {
        self.etag = Some(etag);
        self
    }
}

impl CreateOptions {
    /// Nothing but bytes, whatever is there.
    pub fn new() -> Self {
        CreateOptions::default()
    }

    /// Headers and user metadata.
    pub fn metadata(mut self, metadata: Metadata) -> Self {
        self.attributes.metadata = metadata;
        self
    }

    /// One more tag.
    pub fn tag(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.attributes.tags.push((name.into(), value.into()));
        self
    }

    /// The storage class, in S3's spelling.
    pub fn storage_class(mut self, class: impl Into<String>) -> Self {
        self.attributes.storage_class = Some(class.into());
        self
    }

    /// A canned ACL by S3's name for it: `private`, `public-read`, ...
    pub fn acl(mut self, name: impl Into<String>) -> Self {
        self.attributes.acl = Some(name.into());
        self
    }

    /// How the server is to keep it encrypted. [`Encryption::Customer`] is what it has to be
    /// with a client that has a key of its own (`sse_customer_key`).
    pub fn encryption(mut self, encryption: Encryption) -> Self {
        self.attributes.encryption = Some(encryption);
        self
    }

    /// Until when it may not be deleted. `COMPLIANCE` is lifted by nobody.
    pub fn retention(mut self, retention: Retention) -> Self {
        self.attributes.retention = Some(retention);
        self
    }

    /// Whether it may be deleted at all.
    pub fn legal_hold(mut self, hold: LegalHold) -> Self {
        self.attributes.legal_hold = Some(hold);
        self
    }

    /// When it may be written. Whoever loses a race gets `AlreadyExists` or `Changed`, where
    /// the server knows conditions: RadosGW 16 and `rclone serve` ignore them, the former for
    /// objects of several parts.
    pub fn condition(mut self, condition: Condition) -> Self {
        self.condition = condition;
        self
    }

    /// What its bytes must be.
    pub fn expect(mut self, expect: Expect) -> Self {
        self.expect = expect;
        self
    }

    /// How many bytes will be written, where that is known: parts are then cut evenly.
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// Bytes of each part but the last: 5 MiB to 5 GiB, equal parts. Unless set, 8 MiB, and
    /// more where 10,000 of those would not do.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = Some(bytes);
        self
    }

    /// Parts that the service allows: 10,000 unless set, 1,000 at Scaleway.
    pub fn max_parts(mut self, parts: u32) -> Self {
        self.max_parts = Some(parts);
        self
    }

    /// Parts that are sent at once, 1 to 64; 4 unless set, fewer where `memory_limit` has no
    /// room for them.
    pub fn concurrency(mut self, parts: usize) -> Self {
        self.concurrency = Some(parts.clamp(1, 64));
        self
    }

    /// Whether the stored object is described once more (HEAD), to tell in
    /// [`Written::differences`](crate::Written::differences) what the server has not kept.
    pub fn read_back(mut self, read_back: bool) -> Self {
        self.read_back = read_back;
        self
    }

    /// Whether a field that the server has not kept is an error (`Unsupported`) instead of a
    /// difference. The object is there all the same: what a server drops, it drops with 200.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }
}

impl CreateOptions {
    /// The fields of the request that makes the object.
    pub(super) fn headers(&self, session: &Session) -> Result<Headers> {
        let is_customers = matches!(self.attributes.encryption, Some(Encryption::Customer { .. }));
        if is_customers && session.config.customer_key.is_none() {
            return Err(Error::invalid(
                "encryption: the client has no key of its own: set sse_customer_key",
            ));
        }
        self.attributes.headers().map_err(Error::invalid)
    }
}

impl Condition {
    /// A request that is carried out only where it holds.
    pub(super) fn on(&self, request: Request) -> Request {
        match self {
            Condition::None => request,
            Condition::Absent => request.with_header("if-none-match", "*"),
            Condition::Matches(etag) => match etag.if_match() {
                Some(etag) => request.with_header("if-match", etag),
                // A weak one never matches (RFC 9110, 13.1.1).
                None => request.with_header("if-match", etag.quoted()),
            },
        }
    }
}

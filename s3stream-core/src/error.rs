//! The one error type: a kind from a fixed table, and all an operator needs in one line.

pub(crate) mod shown;

use std::borrow::Cow;
use std::fmt;

use nix::errno::Errno;

/// The result of every fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of failure it was; the same table in Rust, Python and C.
///
/// [`number`](ErrorKind::number) is the C status, [`name`](ErrorKind::name) the
/// Python `kind`, [`errno`](ErrorKind::errno) what a POSIX caller expects.
///
/// ```
/// use s3stream_core::ErrorKind;
/// assert_eq!(ErrorKind::NotFound.name(), "not_found");
/// assert_eq!(ErrorKind::NotFound.number(), 2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
#[repr(u8)]
pub enum ErrorKind {
    /// A setting or argument that cannot work; nothing was sent for it.
    InvalidInput = 1,
    /// No such key, bucket or version; a delete marker too.
    NotFound = 2,
    /// The server refused the credentials or the permission.
    AccessDenied = 3,
    /// No longer the object that was opened.
    Changed = 4,
    /// The server asked for fewer requests, and kept asking.
    Throttled = 5,
    /// No byte came for as long as the settings allow.
    TimedOut = 6,
    /// The connection could not be made, or broke; certificate errors too.
    Connection = 7,
    /// Any other reply of status 400 or above.
    Service = 8,
    /// A reply that is not S3's.
    Protocol = 9,
    /// The bytes are not the server's bytes: length or checksum disagree.
    Integrity = 10,
    /// Cancelled by the caller.
    Cancelled = 11,
    /// A bug of ours, caught at a boundary.
    Internal = 12,
    /// The object is in an archive class and must be restored first.
    Archived = 13,
    /// The thing to be created is there already.
    AlreadyExists = 14,
    /// The server does not implement what was asked.
    Unsupported = 15,
}

impl ErrorKind {
    /// Every kind, in the order of its number.
    pub const ALL: [ErrorKind; 15] = [
        ErrorKind::InvalidInput,
        ErrorKind::NotFound,
        ErrorKind::AccessDenied,
        ErrorKind::Changed,
        ErrorKind::Throttled,
        ErrorKind::TimedOut,
        ErrorKind::Connection,
        ErrorKind::Service,
        ErrorKind::Protocol,
        ErrorKind::Integrity,
        ErrorKind::Cancelled,
        ErrorKind::Internal,
        ErrorKind::Archived,
        ErrorKind::AlreadyExists,
        ErrorKind::Unsupported,
    ];

    /// The number of this kind in the C interface, 1 to 15.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The name of this kind in lower case, as Python's `kind` has it.
    pub const fn name(self) -> &'static str {
        match self {
            ErrorKind::InvalidInput => "invalid_input",
            ErrorKind::NotFound => "not_found",
            ErrorKind::AccessDenied => "access_denied",
            ErrorKind::Changed => "changed",
            ErrorKind::Throttled => "throttled",
            ErrorKind::TimedOut => "timed_out",
            ErrorKind::Connection => "connection",
            ErrorKind::Service => "service",
            ErrorKind::Protocol => "protocol",
            ErrorKind::Integrity => "integrity",
            ErrorKind::Cancelled => "cancelled",
            ErrorKind::Internal => "internal",
            ErrorKind::Archived => "archived",
            ErrorKind::AlreadyExists => "already_exists",
            ErrorKind::Unsupported => "unsupported",
        }
    }

    /// The `errno` of this kind on this platform.
    pub const fn errno(self) -> i32 {
        let errno = match self {
            ErrorKind::InvalidInput => Errno::EINVAL,
            ErrorKind::NotFound => Errno::ENOENT,
            ErrorKind::AccessDenied => Errno::EACCES,
            ErrorKind::Changed => Errno::ESTALE,
            ErrorKind::Throttled => Errno::EBUSY,
            ErrorKind::TimedOut => Errno::ETIMEDOUT,
            ErrorKind::Connection => Errno::ECONNABORTED,
            ErrorKind::Service => Errno::EIO,
            ErrorKind::Protocol => Errno::EPROTO,
            ErrorKind::Integrity => Errno::EBADMSG,
            ErrorKind::Cancelled => Errno::ECANCELED,
            ErrorKind::Internal => Errno::ENOTRECOVERABLE,
            ErrorKind::Archived => Errno::ENODATA,
            ErrorKind::AlreadyExists => Errno::EEXIST,
            ErrorKind::Unsupported => Errno::ENOTSUP,
        };
        errno as i32
    }

    const fn phrase(self) -> &'static str {
        match self {
            ErrorKind::InvalidInput => "invalid input",
            ErrorKind::NotFound => "not found",
            ErrorKind::AccessDenied => "access denied",
            ErrorKind::Changed => "object changed",
            ErrorKind::Throttled => "throttled",
            ErrorKind::TimedOut => "timed out",
            ErrorKind::Connection => "connection failed",
            ErrorKind::Service => "service error",
            ErrorKind::Protocol => "not a valid S3 reply",
            ErrorKind::Integrity => "integrity check failed",
            ErrorKind::Cancelled => "cancelled",
            ErrorKind::Internal => "internal error",
            ErrorKind::Archived => "archived",
            ErrorKind::AlreadyExists => "already exists",
            ErrorKind::Unsupported => "not supported by the server",
        }
    }
}

/// A failure: its kind, where it happened, what the server said, how often it was tried.
///
/// `Display` is one line for an operator and holds no secret. Matching goes by
/// [`kind`](Error::kind), and by [`code`](Error::code) where one kind has several
/// causes (`NoSuchKey` and `NoSuchBucket` are both [`ErrorKind::NotFound`]).
///
/// ```
/// use s3stream_core::{Client, ErrorKind};
/// let error = Client::builder().endpoint_url("ftp://host").build().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidInput);
/// assert!(error.to_string().contains("endpoint_url"));
/// ```
#[derive(Clone)]
pub struct Error(Box<Record>);

#[derive(Clone)]
struct Record {
    kind: ErrorKind,
    operation: Option<&'static str>,
    bucket: Option<String>,
    key: Option<String>,
    status: Option<u16>,
    code: Option<String>,
    request_id: Option<String>,
    /// What a refused range says of the object, in bytes.
    object_size: Option<u64>,
    attempts: u32,
    is_outage: bool,
    message: String,
    advice: Option<Cow<'static, str>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Record {
            kind,
            operation: None,
            bucket: None,
            key: None,
            status: None,
            code: None,
            request_id: None,
            object_size: None,
            attempts: 0,
            is_outage: false,
            message: one_line(&message.into()),
            advice: None,
        }))
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::InvalidInput, message)
    }

    pub(crate) fn at(
        mut self,
        operation: &'static str,
        bucket: Option<&str>,
        key: Option<&str>,
    ) -> Self {
        self.0.operation = Some(operation);
        self.0.bucket = bucket.map(str::to_owned);
        self.0.key = key.map(str::to_owned);
        self
    }

    pub(crate) fn with_reply(
        mut self,
        status: u16,
        code: Option<&str>,
        request_id: Option<&str>,
    ) -> Self {
        self.0.status = Some(status);
        self.0.code = code.map(one_line);
        self.0.request_id = request_id.map(one_line);
        self
    }

    /// The same place, request and attempts as another error.
    pub(crate) fn like(mut self, other: &Error) -> Self {
        let Record { operation, bucket, key, status, request_id, attempts, .. } = &*other.0;
        self.0.operation = *operation;
        self.0.bucket.clone_from(bucket);
        self.0.key.clone_from(key);
        self.0.status = *status;
        self.0.request_id.clone_from(request_id);
        self.0.attempts = *attempts;
        self
    }

    pub(crate) fn with_code(mut self, code: &str) -> Self {
        self.0.code = Some(one_line(code));
        self
    }

    pub(crate) fn with_object_size(mut self, bytes: Option<u64>) -> Self {
        self.0.object_size = bytes;
        self
    }

    pub(crate) fn object_size(&self) -> Option<u64> {
        self.0.object_size
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn of_outage(mut self) -> Self {
        self.0.is_outage = true;
        self
    }

    pub(crate) fn with_advice(mut self, advice: Option<&'static str>) -> Self {
        self.0.advice = advice.map(Cow::Borrowed);
        self
    }

    /// With advice that names what was found, where nothing was advised yet or that says less.
    pub(crate) fn advised(mut self, advice: impl Into<String>) -> Self {
        self.0.advice = Some(Cow::Owned(one_line(&advice.into())));
        self
    }

    /// The kind of this failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status of the reply, if there was a reply.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The S3 error code of the reply (`NoSuchKey`, `SlowDown`, ...), if it had one.
    ///
    /// See "Error responses" in the Amazon S3 API reference.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The server's request id, for its operator.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How many requests were sent before giving up; 0 if none was.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The bucket that the failed call named, if it named one.
    pub fn bucket(&self) -> Option<&str> {
        self.0.bucket.as_deref()
    }

    /// The key that the failed call named, if it named one.
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// Whether it is of one entry of a listing alone, which [`key`](Error::key) names: the
    /// listing goes on behind it.
    pub fn is_of_entry(&self) -> bool {
        self.0.operation == Some("list") && self.0.key.is_some()
    }

    /// Whether the endpoint answered nothing at all for as long as
    /// [`retry_for`](crate::ClientBuilder::retry_for) allows: it is nothing about this object,
    /// and the next one will fare no better.
    pub fn is_outage(&self) -> bool {
        self.0.is_outage
    }

    /// What went wrong, without the place and the numbers around it.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The object or bucket as `s3://bucket/key`, for an `OSError`'s file name.
    pub fn url(&self) -> Option<String> {
        let bucket = self.0.bucket.as_deref()?;
        Some(match self.0.key.as_deref() {
            Some(key) => format!("s3://{bucket}/{key}"),
            None => format!("s3://{bucket}"),
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = &*self.0;
        match (record.operation, self.url()) {
            (Some(operation), Some(url)) => write!(f, "{operation} {}: ", one_line(&url))?,
            (Some(one), None) => write!(f, "{one}: ")?,
            (None, Some(url)) => write!(f, "{}: ", one_line(&url))?,
            (None, None) => {}
        }
        f.write_str(record.kind.phrase())?;
        match (record.status, record.code.as_deref()) {
            (Some(status), Some(code)) => write!(f, " ({status} {code})")?,
            (Some(status), None) => write!(f, " ({status})")?,
            _ => {}
        }
        if !record.message.is_empty() {
            write!(f, ": {}", record.message)?;
        }
        if let Some(advice) = &record.advice {
            write!(f, "; {advice}")?;
        }
        self.fmt_trail(f)
    }
}

impl Error {
    fn fmt_trail(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = &*self.0;
        match (record.request_id.as_deref(), record.attempts) {
            (None, 0) => Ok(()),
            (None, n) => write!(f, " [{}]", attempts(n)),
            (Some(id), n) => write!(f, " [request {id}, {}]", attempts(n)),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}: {self})", self.0.kind)
    }
}

impl std::error::Error for Error {}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        use std::io::ErrorKind as Io;
        let kind = match error.kind() {
            ErrorKind::InvalidInput => Io::InvalidInput,
            ErrorKind::NotFound => Io::NotFound,
            ErrorKind::AccessDenied => Io::PermissionDenied,
            ErrorKind::TimedOut => Io::TimedOut,
            ErrorKind::Connection => Io::ConnectionAborted,
            ErrorKind::Protocol | ErrorKind::Integrity => Io::InvalidData,
            ErrorKind::AlreadyExists => Io::AlreadyExists,
            ErrorKind::Unsupported => Io::Unsupported,
            _ => Io::Other,
        };
        std::io::Error::new(kind, error)
    }
}

fn attempts(n: u32) -> String {
    if n == 1 { "1 attempt".to_owned() } else { format!("{n} attempts") }
}

/// Keeps a message on one line of bounded length: a server's text and a key may
/// hold anything, and an operator greps logs by line.
fn one_line(text: &str) -> String {
    const LONGEST: usize = 1_200;
    let mut line = String::with_capacity(text.len().min(LONGEST));
    for c in text.chars() {
        if line.len() >= LONGEST {
            line.push_str("...");
            break;
        }
        if shown::is_invisible(c) {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_numbered_from_one_without_a_gap() {
        for (index, kind) in ErrorKind::ALL.iter().enumerate() {
            assert_eq!(usize::from(kind.number()), index + 1);
        }
    }

    #[test]
    fn a_line_says_operation_place_status_code_message_advice_and_attempts() {
        let error = Error::new(ErrorKind::NotFound, "The key does not exist")
            .at("open", Some("b"), Some("a/k"))
            .with_reply(404, Some("NoSuchKey"), Some("tx1"))
            .with_advice(Some("check the key"))
            .with_attempts(1);
        assert_eq!(
            error.to_string(),
            "open s3://b/a/k: not found (404 NoSuchKey): The key does not exist; check the key [request tx1, 1 attempt]"
        );
    }

    #[test]
    fn a_line_stays_one_line_whatever_the_key_and_the_server_say() {
        let error =
            Error::new(ErrorKind::Service, "a\nb\r\u{1}").at("head", Some("b"), Some("x\ny"));
        assert!(!error.to_string().chars().any(char::is_control));
        let long = Error::new(ErrorKind::Service, "x".repeat(100_000));
        assert!(long.to_string().len() < 1_300);
    }
}

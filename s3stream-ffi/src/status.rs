//! Statuses: the core's kinds of errors, numbered for C.

use std::ffi::{CStr, c_char};

use s3stream_core::ErrorKind;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => panic!("a version has no NUL"),
    };

/// The version of this interface: raised whenever a program that was built against an older
/// header would no longer work. The SONAME has the same number.
pub const S3STREAM_ABI_VERSION: u32 = 1;

/// What became of a call: 0, or what sort of failure it was.
///
/// The same table in C, Python and Rust. A later version may return a number that is not
/// here: treat it as a failure.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types, reason = "the names that C knows")]
pub enum Status {
    /// It worked, and the outputs are written.
    S3STREAM_OK = 0,
    /// A setting or argument that cannot work; nothing was sent for it. EINVAL
    S3STREAM_INVALID_INPUT = 1,
    /// No such key, bucket or version; a delete marker too. ENOENT
    S3STREAM_NOT_FOUND = 2,
    /// The server refused the credentials or the permission. EACCES
    S3STREAM_ACCESS_DENIED = 3,
    /// No longer the object that was opened. ESTALE
    S3STREAM_CHANGED = 4,
    /// The server asked for fewer requests, and kept asking. EBUSY
    S3STREAM_THROTTLED = 5,
    /// No byte came for as long as the settings allow. ETIMEDOUT
    S3STREAM_TIMED_OUT = 6,
    /// The connection could not be made, or broke; certificate errors too. ECONNABORTED
    S3STREAM_CONNECTION = 7,
    /// Any other reply of status 400 or above. EIO
    S3STREAM_SERVICE = 8,
    /// A reply that is not S3's. EPROTO
    S3STREAM_PROTOCOL = 9,
    /// The bytes are not the server's bytes: length or checksum disagree. EBADMSG
    S3STREAM_INTEGRITY = 10,
    /// Cancelled by the caller. ECANCELED
    S3STREAM_CANCELLED = 11,
    /// A bug of this library; the handle can only be freed. ENOTRECOVERABLE
    S3STREAM_INTERNAL = 12,
    /// The object is in an archive class and must be restored first. ENODATA
    S3STREAM_ARCHIVED = 13,
    /// The thing to be created is there already. EEXIST
    S3STREAM_ALREADY_EXISTS = 14,
    /// The server does not implement what was asked. ENOTSUP
    S3STREAM_UNSUPPORTED = 15,
}

impl From<ErrorKind> for Status {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidInput => Status::S3STREAM_INVALID_INPUT,
            ErrorKind::NotFound => Status::S3STREAM_NOT_FOUND,
            ErrorKind::AccessDenied => Status::S3STREAM_ACCESS_DENIED,
            ErrorKind::Changed => Status::S3STREAM_CHANGED,
            ErrorKind::Throttled => Status::S3STREAM_THROTTLED,
            ErrorKind::TimedOut => Status::S3STREAM_TIMED_OUT,
            ErrorKind::Connection => Status::S3STREAM_CONNECTION,
            ErrorKind::Service => Status::S3STREAM_SERVICE,
            ErrorKind::Protocol => Status::S3STREAM_PROTOCOL,
            ErrorKind::Integrity => Status::S3STREAM_INTEGRITY,
            ErrorKind::Cancelled => Status::S3STREAM_CANCELLED,
            ErrorKind::Archived => Status::S3STREAM_ARCHIVED,
            ErrorKind::AlreadyExists => Status::S3STREAM_ALREADY_EXISTS,
            ErrorKind::Unsupported => Status::S3STREAM_UNSUPPORTED,
            _ => Status::S3STREAM_INTERNAL,
        }
    }
}

/// The version of the library, such as "0.1.0". Lives as long as the process.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The S3STREAM_ABI_VERSION of the library that was loaded: compare it with the header's.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_abi_version() -> u32 {
    S3STREAM_ABI_VERSION
}

/// The name of a status in lower case ("not_found"), "ok" for 0, NULL for a number that is
/// none. Lives as long as the process.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_status_name(status: i32) -> *const c_char {
    match (status, kind(status)) {
        (0, _) => c"ok".as_ptr(),
        (_, Some(kind)) => name(kind).as_ptr(),
        (_, None) => std::ptr::null(),
    }
}

/// The errno of a status, for an agent that speaks errno; 0 for 0, EINVAL for a number that
/// is no status.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_status_errno(status: i32) -> i32 {
    match status {
        0 => 0,
        _ => kind(status).unwrap_or(ErrorKind::InvalidInput).errno(),
    }
}

fn kind(status: i32) -> Option<ErrorKind> {
    ErrorKind::ALL.into_iter().find(|kind| i32::from(kind.number()) == status)
}

/// The core's name with the NUL that C needs; a test holds the two together.
fn name(kind: ErrorKind) -> &'static CStr {
    match kind {
        ErrorKind::InvalidInput => c"invalid_input",
        ErrorKind::NotFound => c"not_found",
        ErrorKind::AccessDenied => c"access_denied",
        ErrorKind::Changed => c"changed",
        ErrorKind::Throttled => c"throttled",
        ErrorKind::TimedOut => c"timed_out",
        ErrorKind::Connection => c"connection",
        ErrorKind::Service => c"service",
        ErrorKind::Protocol => c"protocol",
        ErrorKind::Integrity => c"integrity",
        ErrorKind::Cancelled => c"cancelled",
        ErrorKind::Archived => c"archived",
        ErrorKind::AlreadyExists => c"already_exists",
        ErrorKind::Unsupported => c"unsupported",
        _ => c"internal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_cores() {
        for kind in ErrorKind::ALL {
            let status = i32::from(kind.number());
            assert_eq!(Status::from(kind) as i32, status);
            assert_eq!(name(kind).to_str(), Ok(kind.name()));
            assert_eq!(s3stream_status_name(status), name(kind).as_ptr());
            assert_eq!(s3stream_status_errno(status), kind.errno());
        }
    }

    #[test]
    fn what_is_no_status_has_no_name() {
        for status in [-1, 16, i32::MAX] {
            assert!(s3stream_status_name(status).is_null());
        }
        assert_eq!(s3stream_status_errno(0), 0);
    }
}

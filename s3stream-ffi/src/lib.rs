//! The C interface of s3stream: so far its status table and version.
//!
//! Every later function returns an `s3stream_status`: 0, or the number of an error kind. The
//! numbers and errnos are those of [`s3stream_core::ErrorKind`]; nothing here prints,
//! allocates for the caller or keeps a thread.

use std::ffi::{CStr, c_char, c_int};

use s3stream_core::ErrorKind;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => panic!("a version has no NUL"),
    };

/// The version of the library, as text that lives as long as the process.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The name of a status (`"not_found"`), as text that lives as long as the process;
/// `"ok"` for 0, NULL for a number that is no status.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_status_name(status: c_int) -> *const c_char {
    match (status, kind(status)) {
        (0, _) => c"ok".as_ptr(),
        (_, Some(kind)) => name(kind).as_ptr(),
        (_, None) => std::ptr::null(),
    }
}

/// The `errno` of a status; 0 for 0, `EINVAL` for a number that is no status.
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_status_errno(status: c_int) -> c_int {
    match status {
        0 => 0,
        _ => kind(status).unwrap_or(ErrorKind::InvalidInput).errno(),
    }
}

fn kind(status: c_int) -> Option<ErrorKind> {
    ErrorKind::ALL.into_iter().find(|kind| c_int::from(kind.number()) == status)
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
            let status = c_int::from(kind.number());
            assert_eq!(name(kind).to_str(), Ok(kind.name()));
            assert_eq!(s3stream_status_name(status), name(kind).as_ptr());
            assert_eq!(s3stream_status_errno(status), kind.errno());
        }
    }

    #[test]
    fn what_is_no_status_has_no_name() {
        for status in [-1, 16, c_int::MAX] {
            assert!(s3stream_status_name(status).is_null());
        }
        assert_eq!(s3stream_status_errno(0), 0);
    }
}

//! The last error of each thread: the whole record of the core's error.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ffi::{c_char, c_int};
use std::sync::Arc;

use s3stream_core::ErrorKind;

use crate::guard::guard_or;
use crate::pointer::{borrow, free, give};
use crate::status::Status;
use crate::text::{Text, pointer};

/// Why a call failed, before C sees it.
pub(crate) enum Failure {
    /// The core says so.
    Core(s3stream_core::Error),
    /// The call itself was wrong.
    Misuse(Cow<'static, str>),
    /// We panicked.
    Panic(String),
}

impl Failure {
    pub(crate) fn misuse(why: impl Into<Cow<'static, str>>) -> Self {
        Failure::Misuse(why.into())
    }
}

impl From<s3stream_core::Error> for Failure {
    fn from(error: s3stream_core::Error) -> Self {
        Failure::Core(error)
    }
}

/// Why a call failed: a status, and what an operator needs to know.
pub struct Error(Arc<Record>);

struct Record {
    status: Status,
    errno: c_int,
    http_status: u16,
    attempts: u32,
    is_outage: bool,
    code: Option<Text>,
    request_id: Option<Text>,
    bucket: Option<Text>,
    key: Option<Text>,
    is_of_entry: bool,
    url: Option<Text>,
    message: Text,
    line: Text,
}

impl Error {
    fn of_core(error: &s3stream_core::Error) -> Self {
        Error(Arc::new(Record {
            status: error.kind().into(),
            errno: error.kind().errno(),
            http_status: error.status().unwrap_or(0),
            attempts: error.attempts(),
            is_outage: error.is_outage(),
            code: error.code().map(Text::new),
            request_id: error.request_id().map(Text::new),
            bucket: error.bucket().map(Text::new),
            key: error.key().map(Text::new),
            is_of_entry: error.is_of_entry(),
            url: error.url().as_deref().map(Text::new),
            message: Text::new(error.message()),
            line: Text::new(&error.to_string()),
        }))
    }

    fn of_call(kind: ErrorKind, line: &str, message: &str) -> Self {
        Error(Arc::new(Record {
            status: kind.into(),
            errno: kind.errno(),
            http_status: 0,
            attempts: 0,
            is_outage: false,
            code: None,
            request_id: None,
            bucket: None,
            key: None,
            is_of_entry: false,
            url: None,
            message: Text::new(message),
            line: Text::new(line),
        }))
    }
}

thread_local! {
    static LAST: RefCell<Option<Box<Error>>> = const { RefCell::new(None) };
}

/// Makes it this thread's last error, and returns its status.
pub(crate) fn remember(function: &'static str, failure: Failure) -> Status {
    let error = match failure {
        Failure::Core(error) => Error::of_core(&error),
        Failure::Misuse(why) => {
            let line = format!("{function}: invalid input: {why}");
            Error::of_call(ErrorKind::InvalidInput, &line, &why)
        }
        Failure::Panic(why) => {
            let line = format!("{function}: internal error: {why}");
            Error::of_call(ErrorKind::Internal, &line, &why)
        }
    };
    let status = error.0.status;
    // It fails only in a thread that ends and has given up its variables: then nobody asks.
    let _ = LAST.try_with(|last| last.replace(Some(Box::new(error))));
    status
}

/// The error of the last call in this thread that failed; NULL if none has.
///
/// Borrowed: it lives until the next call in this thread that fails, or until the thread ends.
/// A call that works leaves it alone, so ask only after a failure. Keep it by
/// s3stream_error_clone().
#[unsafe(no_mangle)]
pub extern "C" fn s3stream_last_error() -> *const Error {
    let last = LAST.try_with(|last| {
        let last = last.borrow();
        last.as_deref().map_or(std::ptr::null(), std::ptr::from_ref)
    });
    last.unwrap_or(std::ptr::null())
}

/// A copy that the caller owns; may go to another thread. NULL if `error` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_error_clone(error: *const Error) -> *mut Error {
    if error.is_null() {
        return std::ptr::null_mut();
    }
    guard_or("s3stream_error_clone", std::ptr::null_mut(), || {
        // SAFETY: the header's contract of pointers.
        Ok(give(Error(Arc::clone(&unsafe { borrow(error, "error") }?.0))))
    })
}

/// Frees a copy; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_error_free(error: *mut Error) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_error_free", error) }
}

/// Reads a field; nothing here can fail but NULL, which must not become the last error.
unsafe fn field<T>(error: *const Error, otherwise: T, read: impl FnOnce(&Record) -> T) -> T {
    // SAFETY: the header's contract of pointers.
    unsafe { error.as_ref() }.map_or(otherwise, |error| read(&error.0))
}

/// The status that the call returned; S3STREAM_OK if `error` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_error_status(error: *const Error) -> Status {
    // SAFETY: the header's contract of pointers.
    unsafe { field(error, Status::S3STREAM_OK, |record| record.status) }
}

/// The errno of the status; 0 if `error` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_error_errno(error: *const Error) -> c_int {
    // SAFETY: the header's contract of pointers.
    unsafe { field(error, 0, |record| record.errno) }
}

/// The HTTP status of the server's reply, such as 404; 0 if there was no reply.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_error_http_status(error: *const Error) -> c_int {
    // SAFETY: the header's contract of pointers.
    unsafe { field(error, 0, |record| c_int::from(record.http_status)) }
}

/// How many requests were sent before giving up; 0 if none was.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_error_attempts(error: *const Error) -> u32 {
    // SAFETY: the header's contract of pointers.
    unsafe { field(error, 0, |record| record.attempts) }
}

/// 1 if the endpoint answered nothing at all for as long as `retry_for` allows: it is nothing about
/// this object, and the next one will fare no better. 0 otherwise.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_error_is_outage(error: *const Error) -> c_int {
    // SAFETY: the header's contract of pointers.
    unsafe { field(error, 0, |record| c_int::from(record.is_outage)) }
}

/// The S3 code of the reply ("NoSuchKey"); NULL if it had none. Borrowed from `error`, as are
/// all texts below.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_error_code(error: *const Error) -> *const c_char {
    // SAFETY: the header's contract of pointers.
    unsafe { field(error, std::ptr::null(), |record| pointer(record.code.as_ref())) }
}

/// The server's request id, for its operator; NULL if there was no reply.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_error_request_id(error: *const Error) -> *const c_char {
    // SAFETY: the header's contract of pointers.
    unsafe { field(error, std::ptr::null(), |record| pointer(record.request_id.as_ref())) }
}

/// The bucket that the call was about; NULL if it was about none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_error_bucket(error: *const Error) -> *const c_char {
    // SAFETY: the header's contract of pointers.
    unsafe { field(error, std::ptr::null(), |record| pointer(record.bucket.as_ref())) }
}

/// The key that the call was about; NULL if it was about none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_error_key(error: *const Error) -> *const c_char {
    // SAFETY: the header's contract of pointers.
    unsafe { field(error, std::ptr::null(), |record| pointer(record.key.as_ref())) }
}

/// Whether it is of one entry of a listing alone, which s3stream_error_key() names: the next
/// s3stream_list_next() goes on behind it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_error_is_of_entry(error: *const Error) -> bool {
    // SAFETY: the header's contract of pointers.
    unsafe { field(error, false, |record| record.is_of_entry) }
}

/// "s3://bucket/key"; NULL if the call was about no bucket.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_error_url(error: *const Error) -> *const c_char {
    // SAFETY: the header's contract of pointers.
    unsafe { field(error, std::ptr::null(), |record| pointer(record.url.as_ref())) }
}

/// What went wrong, without the place and the numbers around it. One line.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_error_message(error: *const Error) -> *const c_char {
    // SAFETY: the header's contract of pointers.
    unsafe { field(error, std::ptr::null(), |record| record.message.as_ptr()) }
}

/// Everything in one line for a log: what was done, where, what went wrong, what to do. It
/// holds no secret, no control character and no signed URL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_error_line(error: *const Error) -> *const c_char {
    // SAFETY: the header's contract of pointers.
    unsafe { field(error, std::ptr::null(), |record| record.line.as_ptr()) }
}

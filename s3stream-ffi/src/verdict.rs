//! What was proven about one object.

use std::ffi::c_char;

use crate::pointer::give;
use crate::text::Text;

/// What was proven about the bytes of one reader, and what it took to get them.
pub struct Verdict {
    pub(crate) inner: s3stream_core::Verdict,
    method: Text,
}

impl Verdict {
    pub(crate) fn new(inner: s3stream_core::Verdict) -> Self {
        Verdict { method: Text::new(inner.method.name()), inner }
    }
}

unsafe fn field<T>(verdict: *const Verdict, otherwise: T, read: impl FnOnce(&Verdict) -> T) -> T {
    // SAFETY: the header's contract of pointers.
    unsafe { verdict.as_ref() }.map_or(otherwise, read)
}

/// By which method the end was proven: "sha256", "sha1", "crc64nvme", "crc32c", "crc32", "md5",
/// "composite", "length" (the server offered nothing else) or "range" (a part of an object, of
/// which no checksum speaks). Borrowed from `verdict`; NULL if that is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_verdict_method(verdict: *const Verdict) -> *const c_char {
    // SAFETY: the header's contract of pointers.
    unsafe { field(verdict, std::ptr::null(), |verdict| verdict.method.as_ptr()) }
}

/// Bytes that were delivered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_verdict_bytes(verdict: *const Verdict) -> u64 {
    // SAFETY: the header's contract of pointers.
    unsafe { field(verdict, 0, |verdict| verdict.inner.bytes) }
}

/// How often the body was taken up again at an offset, on another connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_verdict_resumes(verdict: *const Verdict) -> u32 {
    // SAFETY: the header's contract of pointers.
    unsafe { field(verdict, 0, |verdict| verdict.inner.resumes) }
}

/// How many requests were repeated because they failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_verdict_retries(verdict: *const Verdict) -> u32 {
    // SAFETY: the header's contract of pointers.
    unsafe { field(verdict, 0, |verdict| verdict.inner.retries) }
}

/// A copy that the caller owns; NULL if `verdict` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_verdict_clone(verdict: *const Verdict) -> *mut Verdict {
    // SAFETY: the header's contract of pointers.
    unsafe {
        field(verdict, std::ptr::null_mut(), |verdict| give(Verdict::new(verdict.inner.clone())))
    }
}

/// Frees a copy; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_verdict_free(verdict: *mut Verdict) {
    // SAFETY: the header's contract of pointers.
    unsafe { crate::pointer::free("s3stream_verdict_free", verdict) }
}

//! What was proven about one object.

use std::ffi::c_char;

use crate::pointer::give;
use crate::text::Text;

/// What was proven about the bytes of one reader, and what it took to get them.
pub struct Verdict {
    pub(crate) inner: s3stream_core::Verdict,
    method: Text,
    unproven: Option<Text>,
}

impl Verdict {
    pub(crate) fn new(inner: s3stream_core::Verdict) -> Self {
        let unproven = inner.unproven.map(|reason| Text::new(reason.name()));
        Verdict { method: Text::new(inner.method.name()), unproven, inner }
    }
}

unsafe fn field<T>(verdict: *const Verdict, otherwise: T, read: impl FnOnce(&Verdict) -> T) -> T {
    // SAFETY: the header's contract of pointers.
    unsafe { verdict.as_ref() }.map_or(otherwise, read)
}

/// By which method the end was proven: "sha256", "sha1", "crc64nvme", "crc32c", "crc32", "md5",
/// "composite", "length" (no digest proves it: see s3stream_verdict_unproven()) or "range" (a
/// part of an object, of which no checksum speaks). Borrowed from `verdict`; NULL if that is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_verdict_method(verdict: *const Verdict) -> *const c_char {
    // SAFETY: the header's contract of pointers.
    unsafe { field(verdict, std::ptr::null(), |verdict| verdict.method.as_ptr()) }
}

/// Whether a digest that the server stated proves the bytes, and not their number alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_verdict_is_proven(verdict: *const Verdict) -> bool {
    // SAFETY: the header's contract of pointers.
    unsafe { field(verdict, false, |verdict| verdict.inner.is_proven()) }
}

/// Why no digest proves the bytes: "none offered", "not checkable" (a checksum of the parts, whose
/// size nobody tells), "read twice" (that checksum disagrees at a likely part size, and a second
/// read gave the same bytes), "not read twice" (it disagrees, and read_twice is off), "not asked
/// for" (integrity leaves it out) or "range". Borrowed from `verdict`; NULL where a digest proves
/// them, and if `verdict` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_verdict_unproven(verdict: *const Verdict) -> *const c_char {
    // SAFETY: the header's contract of pointers.
    unsafe {
        field(verdict, std::ptr::null(), |verdict| {
            verdict.unproven.as_ref().map_or(std::ptr::null(), Text::as_ptr)
        })
    }
}

/// Whether the digest disagrees at the one part size at which the bucket's other objects agreed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_verdict_is_probably_damaged(verdict: *const Verdict) -> bool {
    // SAFETY: the header's contract of pointers.
    unsafe { field(verdict, false, |verdict| verdict.inner.is_probably_damaged) }
}

/// Bytes that were delivered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_verdict_bytes(verdict: *const Verdict) -> u64 {
    // SAFETY: the header's contract of pointers.
    unsafe { field(verdict, 0, |verdict| verdict.inner.bytes) }
}

/// Bytes of a second read of the object, made only to compare it with the first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_verdict_reread(verdict: *const Verdict) -> u64 {
    // SAFETY: the header's contract of pointers.
    unsafe { field(verdict, 0, |verdict| verdict.inner.reread) }
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

//! What was proven about one object.

use std::ffi::c_char;

use s3stream_core::Checksum;

use crate::pointer::give;
use crate::text::{Text, pointer};

/// What was proven about the bytes of one reader, and what it took to get them.
pub struct Verdict {
    pub(crate) inner: s3stream_core::Verdict,
    method: Text,
    unproven: Option<Text>,
    digest: Option<Text>,
    algorithm: Option<Text>,
    own_digest: Option<Text>,
}

impl Verdict {
    pub(crate) fn new(inner: s3stream_core::Verdict) -> Self {
        let unproven = inner.unproven.map(|reason| Text::new(reason.name()));
        let text = |checksum: &Option<Checksum>| checksum.as_ref().map(|it| Text::new(&it.value));
        let (digest, own_digest) = (text(&inner.digest), text(&inner.own_digest));
        let algorithm = inner.digest.as_ref().map(|it| Text::new(it.algorithm.name()));
        let method = Text::new(inner.method.name());
        Verdict { method, unproven, digest, algorithm, own_digest, inner }
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

/// The digest that proves the bytes, as the server states it: base64, with "-N" behind it where it
/// is of N parts. Of an ETag that is an MD5, the MD5 in base64. Borrowed from `verdict`; NULL where
/// no digest proves them, and if `verdict` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_verdict_digest(verdict: *const Verdict) -> *const c_char {
    // SAFETY: the header's contract of pointers.
    unsafe { field(verdict, std::ptr::null(), |verdict| pointer(verdict.digest.as_ref())) }
}

/// By which algorithm that digest is ("crc64nvme", "md5", ...): of a composite, that of the parts.
/// Borrowed from `verdict`; NULL where there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_verdict_digest_algorithm(
    verdict: *const Verdict,
) -> *const c_char {
    // SAFETY: the header's contract of pointers.
    unsafe { field(verdict, std::ptr::null(), |verdict| pointer(verdict.algorithm.as_ref())) }
}

/// Our own digest of the bytes that were delivered, whatever proves them: their CRC-64/NVME in
/// base64. Borrowed from `verdict`; NULL for a part of an object, where own_digest is off, and if
/// `verdict` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_verdict_own_digest(verdict: *const Verdict) -> *const c_char {
    // SAFETY: the header's contract of pointers.
    unsafe { field(verdict, std::ptr::null(), |verdict| pointer(verdict.own_digest.as_ref())) }
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

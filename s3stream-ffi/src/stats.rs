//! Counters of one client: polled, never pushed.

use crate::pointer::free;

/// What a client had done when it was asked.
pub struct Stats(pub(crate) s3stream_core::Stats);

unsafe fn field(stats: *const Stats, read: impl FnOnce(&s3stream_core::Stats) -> u64) -> u64 {
    // SAFETY: the header's contract of pointers.
    unsafe { stats.as_ref() }.map_or(0, |stats| read(&stats.0))
}

/// Requests sent, repeated ones included. 0 if `stats` is NULL, as all that follow.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stats_requests(stats: *const Stats) -> u64 {
    // SAFETY: the header's contract of pointers.
    unsafe { field(stats, |stats| stats.requests) }
}

/// Bytes of objects read, as they reached readers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stats_bytes(stats: *const Stats) -> u64 {
    // SAFETY: the header's contract of pointers.
    unsafe { field(stats, |stats| stats.bytes) }
}

/// Requests repeated because they failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stats_retries(stats: *const Stats) -> u64 {
    // SAFETY: the header's contract of pointers.
    unsafe { field(stats, |stats| stats.retries) }
}

/// Bodies taken up again at an offset.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stats_resumes(stats: *const Stats) -> u64 {
    // SAFETY: the header's contract of pointers.
    unsafe { field(stats, |stats| stats.resumes) }
}

/// Replies that asked for fewer requests.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stats_throttles(stats: *const Stats) -> u64 {
    // SAFETY: the header's contract of pointers.
    unsafe { field(stats, |stats| stats.throttles) }
}

/// Objects that were read to their end without a digest that proves them; parts of objects are not
/// counted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stats_unproven(stats: *const Stats) -> u64 {
    // SAFETY: the header's contract of pointers.
    unsafe { field(stats, |stats| stats.unproven) }
}

/// Outages that began: the endpoint answered nothing any more, and is waited for, up to `retry_for`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stats_outages(stats: *const Stats) -> u64 {
    // SAFETY: the header's contract of pointers.
    unsafe { field(stats, |stats| stats.outages) }
}

/// Outages that are over. While this is less than `s3stream_stats_outages`, one lasts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stats_outages_over(stats: *const Stats) -> u64 {
    // SAFETY: the header's contract of pointers.
    unsafe { field(stats, |stats| stats.outages_over) }
}

/// Seconds that all outages have lasted, the present one included.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stats_outage_seconds(stats: *const Stats) -> u64 {
    // SAFETY: the header's contract of pointers.
    unsafe { field(stats, |stats| stats.outage_seconds) }
}

/// Frees it; NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn s3stream_stats_free(stats: *mut Stats) {
    // SAFETY: the header's contract of pointers.
    unsafe { free("s3stream_stats_free", stats) }
}

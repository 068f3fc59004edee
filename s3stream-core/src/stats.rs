//! Counters of one client: polled, never pushed.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a client has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Requests sent, repeated ones included.
    pub requests: u64,
    /// Bytes of objects read, as they reached readers.
    pub bytes: u64,
    /// Requests repeated because they failed.
    pub retries: u64,
    /// Bodies taken up again at an offset.
    pub resumes: u64,
    /// Replies that asked for fewer requests.
    pub throttles: u64,
    /// Objects that were read to their end without a digest that proves them; parts of objects
    /// are not counted.
    pub unproven: u64,
    /// Outages that began: the endpoint answered nothing any more, and is waited for. See
    /// [`retry_for`](crate::ClientBuilder::retry_for).
    pub outages: u64,
    /// Outages that are over. While this is less than `outages`, one lasts.
    pub outages_over: u64,
    /// Seconds that all outages have lasted, the present one included.
    pub outage_seconds: u64,
}

/// The live counters behind [`Stats`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    requests: AtomicU64,
    bytes: AtomicU64,
    retries: AtomicU64,
    resumes: AtomicU64,
    throttles: AtomicU64,
    unproven: AtomicU64,
    handed_over: AtomicU64,
}

impl Counters {
    pub(crate) fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn received(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn retry(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn resume(&self) {
        self.resumes.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn throttle(&self) {
        self.throttles.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn unproven(&self) {
        self.unproven.fetch_add(1, Ordering::Relaxed);
    }

    /// A task has given its source away, behind pieces that are not taken yet.
    pub(crate) fn handed_over(&self) {
        self.handed_over.fetch_add(1, Ordering::Relaxed);
    }

    /// How often one has.
    #[cfg(feature = "internals")]
    pub(crate) fn hand_overs(&self) -> u64 {
        self.handed_over.load(Ordering::Relaxed)
    }

    pub(crate) fn read(&self) -> Stats {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            requests: load(&self.requests),
            bytes: load(&self.bytes),
            retries: load(&self.retries),
            resumes: load(&self.resumes),
            throttles: load(&self.throttles),
            unproven: load(&self.unproven),
            ..Stats::default()
        }
    }
}

//! The ledger of one client's buffers: what is held, and who may hold more.
//!
//! Nobody ever waits here, so nobody can deadlock: whoever wants to hold more than fits
//! does without, and looks again when [`Memory::freed`] says that something was given back.
//! What must be held (the body that is being read) is written down whether it fits or not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// Bytes that a client's buffers take.
pub(crate) struct Memory {
    limit: u64,
    used: AtomicU64,
    freed: Notify,
}

impl Memory {
    pub(crate) fn new(limit: u64) -> Self {
        Memory { limit, used: AtomicU64::new(0), freed: Notify::new() }
    }

    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    pub(crate) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Wakes whenever something has been given back.
    pub(crate) fn freed(&self) -> &Notify {
        &self.freed
    }

    /// So many bytes, if they fit.
    pub(crate) fn try_reserve(self: &Arc<Self>, bytes: u64) -> Option<Reservation> {
        let mut reservation = Reservation { memory: Arc::clone(self), bytes: 0 };
        reservation.try_grow(bytes).then_some(reservation)
    }

    /// So many bytes, whether they fit or not.
    pub(crate) fn reserve(self: &Arc<Self>, bytes: u64) -> Reservation {
        self.used.fetch_add(bytes, Ordering::Relaxed);
        Reservation { memory: Arc::clone(self), bytes }
    }
}

/// Bytes that somebody holds; given back when dropped.
pub(crate) struct Reservation {
    memory: Arc<Memory>,
    bytes: u64,
}

impl Reservation {
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Holds so many more, if they fit.
    pub(crate) fn try_grow(&mut self, bytes: u64) -> bool {
        let fits = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= self.memory.limit);
        let grown =
            self.memory.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok();
        if grown {
            self.bytes += bytes;
        }
        grown
    }

    /// Gives back what is beyond so many bytes.
    pub(crate) fn shrink_to(&mut self, bytes: u64) {
        let surplus = self.bytes.saturating_sub(bytes);
        if surplus > 0 {
            self.bytes -= surplus;
            self.memory.used.fetch_sub(surplus, Ordering::Relaxed);
            self.memory.freed.notify_waiters();
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.shrink_to(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_and_what_must_be_is_written_down() {
        let memory = Arc::new(Memory::new(100));
        let mut first = memory.try_reserve(60).unwrap();
        assert!(memory.try_reserve(41).is_none());
        assert!(first.try_grow(40));
        assert!(!first.try_grow(1));
        let forced = memory.reserve(30);
        assert_eq!((first.bytes(), memory.used()), (100, 130));
        drop(forced);
        first.shrink_to(10);
        first.shrink_to(50);
        assert_eq!((first.bytes(), memory.used()), (10, 10));
        drop(first);
        assert_eq!(memory.used(), 0);
    }
}

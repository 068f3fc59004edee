//! The ledger of one client's buffers: what is held, and who may hold more.
//!
//! Nobody ever waits here, so nobody can deadlock: whoever wants to hold more than fits
//! does without, and is woken when something was given back. What must be held (the body
//! that is being read) is written down whether it fits or not.

use std::sync::Arc;
use std::task::Waker;

use crate::sync::{Mutex, lock};

/// Bytes that a client's buffers take.
#[derive(Debug)]
pub(crate) struct Memory {
    limit: u64,
    ledger: Mutex<Ledger>,
}

#[derive(Debug, Default)]
struct Ledger {
    used: u64,
    /// Who wants to know when something is given back.
    waiting: Vec<Waker>,
}

impl Memory {
    pub(crate) fn new(limit: u64) -> Self {
        Memory { limit, ledger: Mutex::new(Ledger::default()) }
    }

    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    pub(crate) fn used(&self) -> u64 {
        lock(&self.ledger).used
    }

    /// Wakes once something has been given back; to be called before one looks, or what is
    /// given back in between is missed.
    pub(crate) fn wake_when_freed(&self, waker: &Waker) {
        let mut ledger = lock(&self.ledger);
        if !ledger.waiting.iter().any(|known| known.will_wake(waker)) {
            ledger.waiting.push(waker.clone());
        }
    }

    /// So many bytes, if they fit.
    pub(crate) fn try_reserve(self: &Arc<Self>, bytes: u64) -> Option<Reservation> {
        let mut reservation = Reservation { memory: Arc::clone(self), bytes: 0 };
        reservation.try_grow(bytes).then_some(reservation)
    }

    /// So many bytes, whether they fit or not.
    pub(crate) fn reserve(self: &Arc<Self>, bytes: u64) -> Reservation {
        lock(&self.ledger).used += bytes;
        Reservation { memory: Arc::clone(self), bytes }
    }

    fn give_back(&self, bytes: u64) {
        let woken = {
            let mut ledger = lock(&self.ledger);
            ledger.used -= bytes;
            std::mem::take(&mut ledger.waiting)
        };
        woken.into_iter().for_each(Waker::wake);
    }
}

/// Bytes that somebody holds; given back when dropped.
#[derive(Debug)]
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
        let mut ledger = lock(&self.memory.ledger);
        let sum = ledger.used.checked_add(bytes).filter(|sum| *sum <= self.memory.limit);
        let Some(sum) = sum else { return false };
        ledger.used = sum;
        self.bytes += bytes;
        true
    }

    /// Holds so many, whether they fit or not.
    pub(crate) fn resize(&mut self, bytes: u64) {
        if let Some(more) = bytes.checked_sub(self.bytes) {
            lock(&self.memory.ledger).used += more;
            self.bytes = bytes;
        }
        self.shrink_to(bytes);
    }

    /// Gives back what is beyond so many bytes.
    pub(crate) fn shrink_to(&mut self, bytes: u64) {
        let surplus = self.bytes.saturating_sub(bytes);
        if surplus > 0 {
            self.bytes -= surplus;
            self.memory.give_back(surplus);
        }
    }

    /// Parts with so many of its bytes at most: somebody else holds them from here on.
    pub(crate) fn split(&mut self, bytes: u64) -> Reservation {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        Reservation { memory: Arc::clone(&self.memory), bytes }
    }

    /// Holds what another has held.
    pub(crate) fn absorb(&mut self, mut other: Reservation) {
        debug_assert!(Arc::ptr_eq(&self.memory, &other.memory));
        self.bytes += std::mem::take(&mut other.bytes);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.shrink_to(0);
    }
}

#[cfg(all(test, not(model)))]
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
        first.resize(200);
        assert_eq!((first.bytes(), memory.used()), (200, 200));
        first.resize(20);
        assert_eq!((first.bytes(), memory.used()), (20, 20));
        drop(first);
        assert_eq!(memory.used(), 0);
    }

    #[test]
    fn what_is_parted_with_is_counted_once() {
        let memory = Arc::new(Memory::new(100));
        let mut first = memory.try_reserve(60).unwrap();
        let part = first.split(50);
        let all = first.split(50);
        assert_eq!((part.bytes(), all.bytes(), first.bytes(), memory.used()), (50, 10, 0, 60));
        first.absorb(part);
        assert_eq!((first.bytes(), memory.used()), (50, 60));
        drop((first, all));
        assert_eq!(memory.used(), 0);
    }
}

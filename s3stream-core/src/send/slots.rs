//! Who keeps what he holds while he is not at it, and who loses it to others.
//!
//! It names neither a runtime, a socket nor a clock: `tests/models` plays its interleavings.
//! What keeps it right:
//!
//! - an owner says that he is back *before* he takes the lock, and whoever takes something away
//!   looks *under* the lock whether he is: so nobody waits on what is gone;
//! - whoever takes away never waits for a lock: a slot whose owner is at it is passed over.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, TryLockError, Weak};

use super::memory::{Memory, Reservation};
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{Mutex, MutexGuard, lock};

/// What may be kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Memory that each is counted with, in bytes.
    pub(crate) bytes: u64,
    /// More paused ones than this are taken away, the oldest first.
    pub(crate) most_paused: usize,
    /// One that was used so recently is not paused, unless memory is short.
    pub(crate) recent: u64,
}

/// Slots, each with a `T`; times are numbers that ascend.
pub(crate) struct Slots<T> {
    slots: Mutex<Vec<Weak<Slot<T>>>>,
    memory: Arc<Memory>,
    limits: Limits,
}

/// A `T` that its owner and the registry share.
pub(crate) struct Slot<T> {
    held: Mutex<Option<Held<T>>>,
    last_use: AtomicU64,
    /// Whether its owner waits for it: then it is not paused.
    is_awaited: AtomicBool,
}

/// A `T` with its memory: both go together.
pub(crate) struct Held<T> {
    value: T,
    _memory: Reservation,
}

impl<T> Slots<T> {
    pub(crate) fn new(memory: Arc<Memory>, limits: Limits) -> Self {
        Slots { slots: Mutex::default(), memory, limits }
    }

    /// Takes one in; others may be taken away for it.
    pub(crate) fn admit(&self, value: T, now: u64) -> Arc<Slot<T>> {
        let mut slots = lock(&self.slots);
        slots.retain(|slot| slot.upgrade().is_some_and(|slot| !slot.is_empty()));
        while self.is_over(&slots, now) && evict(&mut slots) {}
        let held = Held { value, _memory: self.memory.reserve(self.limits.bytes) };
        let slot = Arc::new(Slot {
            held: Mutex::new(Some(held)),
            last_use: AtomicU64::new(now),
            is_awaited: AtomicBool::new(false),
        });
        slots.push(Arc::downgrade(&slot));
        slot
    }

    fn is_over(&self, slots: &[Weak<Slot<T>>], now: u64) -> bool {
        let Limits { bytes, most_paused, recent } = self.limits;
        // Two fit always: there is a limit below which nothing would move.
        if slots.len() >= 2 && self.memory.used() + bytes > self.memory.limit() {
            return true;
        }
        let since = now.saturating_sub(recent);
        let paused = slots.iter().filter_map(Weak::upgrade).filter(|slot| slot.paused_at() < since);
        slots.len() >= most_paused && paused.count() >= most_paused
    }
}

/// Takes away the one that was used longest ago; false if all are in use.
fn evict<T>(slots: &mut Vec<Weak<Slot<T>>>) -> bool {
    let mut paused: Vec<_> = slots
        .iter()
        .filter_map(Weak::upgrade)
        .map(|slot| (slot.paused_at(), slot))
        .filter(|(paused_at, _)| *paused_at != u64::MAX)
        .collect();
    paused.sort_by_key(|(paused_at, _)| *paused_at);
    // One whose owner has just come back keeps what he holds, and his place here.
    let closed = paused.iter().find(|(_, slot)| slot.close());
    let Some((_, closed)) = closed else { return false };
    slots.retain(|slot| slot.as_ptr() != Arc::as_ptr(closed));
    true
}

impl<T> Slot<T> {
    /// Its owner is back and waits for it: what is held, if it was not taken away, is his
    /// until he goes away.
    pub(crate) fn come_back(&self) -> MutexGuard<'_, Option<Held<T>>> {
        // Before the lock: who takes it away looks behind it.
        self.is_awaited.store(true, Ordering::Relaxed);
        self.held()
    }

    /// What is held, if it was not taken away; the owner is where he was.
    pub(crate) fn held(&self) -> MutexGuard<'_, Option<Held<T>>> {
        lock(&self.held)
    }

    /// Its owner goes away, with something or without: it is paused from now on.
    pub(crate) fn go_away(&self, now: u64) {
        self.last_use.store(now, Ordering::Relaxed);
        self.is_awaited.store(false, Ordering::Relaxed);
    }

    /// When it was paused; beyond all times if it is not.
    fn paused_at(&self) -> u64 {
        if self.is_awaited.load(Ordering::Relaxed) {
            return u64::MAX;
        }
        self.last_use.load(Ordering::Relaxed)
    }

    fn is_empty(&self) -> bool {
        matches!(self.held.try_lock().as_deref(), Ok(None))
    }

    /// Takes it away unless its owner is at it right now.
    fn close(&self) -> bool {
        let mut held = match self.held.try_lock() {
            Ok(held) => held,
            Err(TryLockError::Poisoned(held)) => held.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        // He may have begun to wait since it was looked at: what is gone wakes nobody.
        !self.is_awaited.load(Ordering::Relaxed) && held.take().is_some()
    }
}

impl<T> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Held<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

#[cfg(all(test, not(model)))]
mod tests {
    use super::*;

    const EACH: u64 = 100;

    fn slots(most: u64) -> Slots<()> {
        let limits = Limits { bytes: EACH, most_paused: 3, recent: 10 };
        Slots::new(Arc::new(Memory::new(most * EACH)), limits)
    }

    fn is_open(slot: &Arc<Slot<()>>) -> bool {
        slot.held().is_some()
    }

    #[test]
    fn the_oldest_paused_one_is_taken_away_when_memory_is_short() {
        let slots = slots(3);
        let held: Vec<_> = (0..3).map(|age| slots.admit((), age)).collect();
        drop(held[0].come_back());
        let _fourth = slots.admit((), 3);
        // The first is waited for, so the second is the oldest that is paused.
        assert_eq!(held.iter().map(is_open).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!(slots.memory.used(), 3 * EACH);
    }

    #[test]
    fn what_is_waited_for_is_kept_whether_memory_is_short_or_not() {
        let slots = slots(2);
        let held: Vec<_> = (0..5)
            .map(|now| {
                let slot = slots.admit((), now);
                drop(slot.come_back());
                slot
            })
            .collect();
        assert!(held.iter().all(is_open));
    }

    #[test]
    fn only_so_many_stand_paused_and_recent_ones_are_not() {
        let slots = slots(100);
        let held: Vec<_> = (0..5).map(|now| slots.admit((), now)).collect();
        assert!(held.iter().all(is_open));
        let _last = slots.admit((), 20);
        // Two older ones may stay beside the one that is taken in.
        assert_eq!(held.iter().filter(|slot| is_open(slot)).count(), 2);
    }

    #[test]
    fn an_owner_who_has_just_begun_to_wait_keeps_what_he_holds() {
        let slots = slots(2);
        let slot = slots.admit((), 0);
        // Between the choice of the oldest and its end.
        drop(slot.come_back());
        assert!(!slot.close());
        assert!(is_open(&slot));
    }

    #[test]
    fn one_in_use_is_passed_over_and_not_forgotten() {
        let slots = slots(2);
        let first = slots.admit((), 0);
        let second = slots.admit((), 1);
        let at_it = first.held();
        let _third = slots.admit((), 2);
        drop(at_it);
        assert!(is_open(&first) && !is_open(&second));
        let _fourth = slots.admit((), 3);
        assert!(!is_open(&first));
    }

    #[test]
    fn a_dropped_owner_frees_his_place() {
        let slots = slots(2);
        let first = slots.admit((), 0);
        drop(slots.admit((), 1));
        let _third = slots.admit((), 2);
        assert!(is_open(&first));
    }
}

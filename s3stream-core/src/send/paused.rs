//! Bodies in progress, of which only so many may stand paused.
//!
//! A paused reader keeps its connection, because going on with it costs nothing; but a
//! thousand paused readers must not keep a thousand sockets and buffers. Beyond the limits
//! the one that was used longest ago loses its connection, and opens another when it is
//! read again.

use std::sync::{Arc, TryLockError, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::memory::{Memory, Reservation};
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::sync::{Mutex, MutexGuard, lock};
use crate::transport::{Body, Broken};

/// Bytes that a body in progress may hold: the connection's read buffer, and the piece
/// that was cut from the one before.
pub(crate) const BODY_MEMORY: u64 = 2 * crate::transport::READ_BUFFER as u64;

/// More paused connections than this are closed, the oldest first.
const MOST_PAUSED: usize = 32;

/// A reader that was read so recently is not paused, unless memory is short.
const RECENT: Duration = Duration::from_millis(100);

/// The bodies in progress of one client.
pub(crate) struct Bodies {
    slots: Mutex<Vec<Weak<Slot>>>,
    memory: Arc<Memory>,
    epoch: Instant,
}

/// A body in progress, which its reader and the registry share.
pub(crate) struct Slot {
    flow: Mutex<Option<Flow>>,
    /// Milliseconds since the registry's epoch.
    last_use: AtomicU64,
    /// Whether its reader waits for it: then it is not paused.
    is_awaited: AtomicBool,
}

/// A body, and what came of it that its reader has not taken yet: dropped together, and
/// asked for again together.
pub(crate) struct Flow {
    body: Box<dyn Body>,
    leftover: Bytes,
    _memory: Reservation,
}

impl Flow {
    /// The next piece: the leftover, or what comes.
    pub(crate) fn poll_piece(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Broken>>> {
        if self.leftover.is_empty() {
            return self.body.poll_piece(cx);
        }
        Poll::Ready(Some(Ok(std::mem::take(&mut self.leftover))))
    }

    /// Reads straight into the consumer's buffer, where that can be done.
    pub(crate) fn poll_into(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Option<Poll<Result<usize, Broken>>> {
        if self.leftover.is_empty() { self.body.poll_into(cx, buffer) } else { None }
    }

    /// Moves its connection into the runtime in which this is called.
    pub(crate) fn move_here(&mut self) {
        self.body.move_here();
    }

    /// Keeps what the reader did not take of the last piece.
    pub(crate) fn keep(&mut self, rest: Bytes) {
        self.leftover = rest;
    }
}

impl Bodies {
    pub(crate) fn new(memory: Arc<Memory>) -> Self {
        Bodies { slots: Mutex::default(), memory, epoch: Instant::now() }
    }

    /// Takes a body in; others may lose their connections for it.
    pub(crate) fn admit(&self, body: Box<dyn Body>) -> Arc<Slot> {
        let mut slots = lock(&self.slots);
        slots.retain(|slot| slot.upgrade().is_some_and(|slot| !slot.is_empty()));
        while self.is_over(&slots) && self.evict(&mut slots) {}
        let memory = self.memory.reserve(BODY_MEMORY);
        let slot = Arc::new(Slot {
            flow: Mutex::new(Some(Flow { body, leftover: Bytes::new(), _memory: memory })),
            last_use: AtomicU64::new(self.now()),
            is_awaited: AtomicBool::new(false),
        });
        slots.push(Arc::downgrade(&slot));
        slot
    }

    /// Notes that a reader was given something: it may be paused from now on.
    pub(crate) fn touch(&self, slot: &Slot) {
        slot.last_use.store(self.now(), Ordering::Relaxed);
        slot.is_awaited.store(false, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn is_over(&self, slots: &[Weak<Slot>]) -> bool {
        // Two fit always: there is a limit below which nothing would move.
        if slots.len() >= 2 && self.memory.used() + BODY_MEMORY > self.memory.limit() {
            return true;
        }
        let recent = u64::try_from(RECENT.as_millis()).unwrap_or(u64::MAX);
        let since = self.now().saturating_sub(recent);
        let paused = slots.iter().filter_map(Weak::upgrade).filter(|slot| slot.paused_at() < since);
        slots.len() >= MOST_PAUSED && paused.count() >= MOST_PAUSED
    }

    /// Closes the connection that was used longest ago; false if all are in use.
    fn evict(&self, slots: &mut Vec<Weak<Slot>>) -> bool {
        let mut paused: Vec<_> = slots
            .iter()
            .filter_map(Weak::upgrade)
            .map(|slot| (slot.paused_at(), slot))
            .filter(|(paused_at, _)| *paused_at != u64::MAX)
            .collect();
        paused.sort_by_key(|(paused_at, _)| *paused_at);
        // One whose reader has just come back keeps its connection, and its place here.
        let closed = paused.iter().find(|(_, slot)| slot.close());
        let Some((_, closed)) = closed else { return false };
        slots.retain(|slot| slot.as_ptr() != Arc::as_ptr(closed));
        true
    }
}

impl Slot {
    /// The body, if it still has its connection.
    pub(crate) fn flow(&self) -> MutexGuard<'_, Option<Flow>> {
        lock(&self.flow)
    }

    /// Notes that its reader waits for it.
    pub(crate) fn await_body(&self) {
        self.is_awaited.store(true, Ordering::Relaxed);
    }

    /// When it was paused; beyond all times if it is not.
    fn paused_at(&self) -> u64 {
        if self.is_awaited.load(Ordering::Relaxed) {
            return u64::MAX;
        }
        self.last_use.load(Ordering::Relaxed)
    }

    fn is_empty(&self) -> bool {
        matches!(self.flow.try_lock().as_deref(), Ok(None))
    }

    /// Drops the body unless its reader is at it right now.
    fn close(&self) -> bool {
        let mut flow = match self.flow.try_lock() {
            Ok(flow) => flow,
            Err(TryLockError::Poisoned(flow)) => flow.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        // It may have begun to wait since it was looked at: a socket that is closed wakes nobody.
        !self.is_awaited.load(Ordering::Relaxed) && flow.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    impl Body for Nothing {
        fn poll_piece(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
            Poll::Pending
        }
    }

    fn bodies(most: u64) -> Bodies {
        Bodies::new(Arc::new(Memory::new(most * BODY_MEMORY)))
    }

    #[test]
    fn the_oldest_paused_body_loses_its_connection_when_memory_is_short() {
        let bodies = bodies(3);
        let slots: Vec<_> = (0..3)
            .map(|age| {
                let slot = bodies.admit(Box::new(Nothing));
                slot.last_use.store(age, Ordering::Relaxed);
                slot
            })
            .collect();
        slots[0].await_body();
        let _fourth = bodies.admit(Box::new(Nothing));
        let open: Vec<_> = slots.iter().map(|slot| slot.flow().is_some()).collect();
        // The first is waited for, so the second is the oldest that is paused.
        assert_eq!(open, [true, false, true]);
    }

    #[test]
    fn bodies_that_are_all_waited_for_keep_their_connections() {
        let bodies = bodies(2);
        let slots: Vec<_> = (0..5)
            .map(|_| {
                let slot = bodies.admit(Box::new(Nothing));
                slot.await_body();
                slot
            })
            .collect();
        assert!(slots.iter().all(|slot| slot.flow().is_some()));
    }

    #[test]
    fn a_reader_that_has_just_begun_to_wait_keeps_its_connection() {
        let bodies = bodies(2);
        let slot = bodies.admit(Box::new(Nothing));
        // Between the choice of the oldest and its end.
        slot.await_body();
        assert!(!slot.close());
        assert!(slot.flow().is_some());
    }

    #[test]
    fn a_body_in_use_is_passed_over_and_not_forgotten() {
        let bodies = bodies(2);
        let first = bodies.admit(Box::new(Nothing));
        let second = bodies.admit(Box::new(Nothing));
        second.last_use.store(u64::MAX - 1, Ordering::Relaxed);
        let at_it = first.flow();
        let _third = bodies.admit(Box::new(Nothing));
        drop(at_it);
        assert!(first.flow().is_some() && second.flow().is_none());
        let _fourth = bodies.admit(Box::new(Nothing));
        assert!(first.flow().is_none());
    }

    #[test]
    fn a_dropped_reader_frees_its_place() {
        let bodies = bodies(2);
        let first = bodies.admit(Box::new(Nothing));
        drop(bodies.admit(Box::new(Nothing)));
        let _third = bodies.admit(Box::new(Nothing));
        assert!(first.flow().is_some());
    }
}

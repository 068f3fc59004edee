//! Bodies in progress, of which only so many may stand paused.
//!
//! A paused reader keeps its connection, because going on with it costs nothing; but a
//! thousand paused readers must not keep a thousand sockets and buffers. Beyond the limits
//! the one that was used longest ago loses its connection, and opens another when it is
//! read again. Who loses it, and when, is `slots`' matter.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::memory::Memory;
use super::slots::{Limits, Slot, Slots};
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
    slots: Slots<Flow>,
    epoch: Instant,
}

/// A body, and what came of it that its reader has not taken yet: dropped together, and
/// asked for again together.
pub(crate) struct Flow {
    body: Box<dyn Body>,
    leftover: Bytes,
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
        let recent = u64::try_from(RECENT.as_millis()).unwrap_or(u64::MAX);
        let limits = Limits { bytes: BODY_MEMORY, most_paused: MOST_PAUSED, recent };
        Bodies { slots: Slots::new(memory, limits), epoch: Instant::now() }
    }

    /// Takes a body in; others may lose their connections for it.
    pub(crate) fn admit(&self, body: Box<dyn Body>) -> Arc<Slot<Flow>> {
        self.slots.admit(Flow { body, leftover: Bytes::new() }, self.now())
    }

    /// Notes that a reader was given something: it may be paused from now on.
    pub(crate) fn pause(&self, slot: &Slot<Flow>) {
        slot.go_away(self.now());
    }

    /// Milliseconds since the client began.
    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

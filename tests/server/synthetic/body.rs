//! Bodies that are made while they are sent.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

/// What a paced connection gets at once, in bytes.
const PACED_FRAME: u64 = 64 * 1024;

/// A timer is a few milliseconds late, and more on a busy machine.
const LATE: Duration = Duration::from_millis(20);

/// Bytes `position..end` of a block that is repeated without end.
pub(super) struct Repeated {
    block: Bytes,
    position: u64,
    end: u64,
    pace: Option<Pace>,
    /// Until when the next frame has to wait, while it waits.
    waiting: Option<Pin<Box<Sleep>>>,
}

/// When a connection may send, shared by all its replies.
#[derive(Clone)]
pub(super) struct Pace {
    bytes_per_second: u64,
    free_at: Arc<Mutex<Instant>>,
}

impl Repeated {
    pub(super) fn new(block: Bytes, position: u64, end: u64, pace: Option<Pace>) -> Self {
        Repeated { block, position, end, pace, waiting: None }
    }

    /// A body that is there as a whole.
    pub(super) fn once(bytes: Bytes, pace: Option<Pace>) -> Self {
        let end = bytes.len() as u64;
        Repeated::new(bytes, 0, end, pace)
    }

    /// The next bytes, at most to the end of the block.
    fn next(&mut self) -> Bytes {
        let block = self.block.len() as u64;
        let from = self.position % block;
        let most = if self.pace.is_some() { PACED_FRAME } else { block };
        let length = (self.end - self.position).min(block - from).min(most);
        self.position += length;
        let offset = |at: u64| usize::try_from(at).expect("within a block in memory");
        self.block.slice(offset(from)..offset(from + length))
    }
}

impl Pace {
    pub(super) fn new(bytes_per_second: u64) -> Self {
        Pace { bytes_per_second, free_at: Arc::new(Mutex::new(Instant::now())) }
    }

    /// Until when the connection is busy with what it got already.
    fn busy_until(&self) -> Option<Instant> {
        let free_at = *self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        (free_at > Instant::now()).then_some(free_at)
    }

    /// Takes the time that `bytes` need on the connection.
    fn take(&self, bytes: usize) {
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let nanos = (bytes as u64).saturating_mul(1_000_000_000) / self.bytes_per_second;
        // Waking up late is made up for, standing idle is not.
        let earliest = Instant::now().checked_sub(LATE).unwrap_or(*free_at);
        *free_at = (*free_at).max(earliest) + Duration::from_nanos(nanos);
    }
}

impl Body for Repeated {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                ready!(waiting.as_mut().poll(context));
                self.waiting = None;
            }
            if self.position == self.end {
                return Poll::Ready(None);
            }
            let busy_until = self.pace.as_ref().and_then(Pace::busy_until);
            if let Some(busy_until) = busy_until {
                self.waiting = Some(Box::pin(sleep_until(busy_until)));
                continue;
            }
            let bytes = self.next();
            if let Some(pace) = &self.pace {
                pace.take(bytes.len());
            }
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.position == self.end
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.end - self.position)
    }
}

//! Reading one object over several connections, where that pays.

use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use super::super::ranges::{Found, Ranges};
use super::sink::Got;
use super::{ObjectReader, State};
use crate::error::Result;
use crate::proto::parallel::Parallel;
use crate::send::Session;
use crate::send::lane::Lane;
use crate::thread::lock;

/// What one connection is measured by, and the ranges that have been sent for.
pub(super) struct Ahead {
    parallel: Parallel,
    /// Sent for, while the first connection still delivers what comes before them.
    ranges: Option<Ranges>,
    /// The ranges have ended, and the rest is read over one connection: no failure.
    pub(super) is_over: bool,
    waiting_since: Option<Instant>,
    waited: Duration,
    last: Option<Instant>,
}

impl Ahead {
    pub(super) fn off() -> Self {
        Ahead::with(Parallel::off())
    }

    pub(super) fn new(session: &Session, latency: Duration) -> Self {
        let known = *lock(&session.parallel);
        Ahead::with(Parallel::new(session.config.window, latency, known))
    }

    /// After a seek what was sent for is of no use.
    pub(super) fn reset(&mut self) {
        self.ranges = None;
        self.last = None;
    }

    /// Whether it is read over one connection, as yet.
    pub(super) fn is_single(&self) -> bool {
        self.ranges.is_none() && self.parallel.connections() == 1
    }

    fn with(parallel: Parallel) -> Self {
        Ahead {
            parallel,
            ranges: None,
            is_over: false,
            waiting_since: None,
            waited: Duration::ZERO,
            last: None,
        }
    }
}

impl ObjectReader {
    /// Learns from how long the consumer waited for a piece.
    pub(super) fn measure(&mut self, polled: &Poll<Option<Result<Got>>>) {
        if self.ahead.parallel.is_settled() {
            return;
        }
        let Poll::Ready(outcome) = polled else {
            self.ahead.waiting_since.get_or_insert_with(Instant::now);
            return;
        };
        let now = Instant::now();
        let ahead = &mut self.ahead;
        if let Some(since) = ahead.waiting_since.take() {
            ahead.waited += now - since;
        }
        let Some(Ok(got)) = outcome else { return };
        let waited = std::mem::take(&mut ahead.waited);
        // The first piece waited for the request, which says nothing of the way's width.
        if let Some(last) = ahead.last.replace(now)
            && let Some(known) = ahead.parallel.delivered(got.len() as u64, waited, now - last)
        {
            *lock(&self.target.session.parallel) = known;
        }
    }

    /// Sends for ranges ahead of the first connection; returns how many bytes may still be
    /// taken from that, 0 when the ranges take over.
    pub(super) fn read_ahead(&mut self, most: usize) -> usize {
        let connections = self.ahead.parallel.connections();
        let bytes = self.ahead.parallel.range();
        let position = self.window.position();
        let Some(ranges) = &mut self.ahead.ranges else {
            // For less than this it is over before it has begun.
            if connections > 1 && self.window.remaining() >= 4 * bytes {
                self.send_ahead(position + bytes, connections - 1, bytes);
            }
            return most;
        };
        ranges.advance(connections - 1, bytes);
        let left = usize::try_from(ranges.start() - position).unwrap_or(usize::MAX);
        if left == 0
            && let Some(ranges) = self.ahead.ranges.take()
        {
            self.state = State::Ranged(Box::new(ranges));
        }
        most.min(left)
    }

    fn send_ahead(&mut self, start: u64, count: usize, bytes: u64) {
        let session = Arc::clone(&self.target.session);
        // Outside of a runtime nothing can be polled: this is one.
        if let Ok(lane) = Lane::here(&session) {
            let mut ranges = Ranges::new(lane, &self.target, &self.object, start);
            ranges.advance(count, bytes);
            self.ahead.ranges = Some(ranges);
        }
    }

    /// Takes what the ranges give, hashes it, and sends for the next.
    pub(super) fn take_of_range(&mut self, found: Result<Found>) {
        let connections = self.ahead.parallel.connections();
        let bytes = self.ahead.parallel.range();
        match found {
            Ok(Found::Piece(piece)) => {
                self.window.advance(piece.len());
                self.prover.update(&piece);
                self.ready.push_back(piece);
            }
            Ok(Found::EndOfRange(verdict)) => {
                self.budget.join(verdict.resumes, verdict.retries);
                if self.window.is_complete() {
                    return self.finish();
                }
                if connections > 1
                    && let State::Ranged(ranges) = &mut self.state
                {
                    ranges.advance(connections, bytes);
                }
            }
            // It did not pay, and the last range has been read.
            Ok(Found::Nothing) => {
                self.ahead.is_over = true;
                self.state = State::Idle;
            }
            Err(error) => self.state = State::Failed(error),
        }
    }
}

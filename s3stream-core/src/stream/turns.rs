//! Whose turn it is in a line: who is next, and whether it may go.
//!
//! It names neither a runtime, a socket nor a clock: `tests/models` plays its interleavings.
//! What keeps it right:
//!
//! - only the oldest ever goes, and leaves the line in the same step in which it is counted;
//! - whoever makes room looks himself who may go now: nobody is told, so nobody is missed;
//! - what may go is handed to the caller, who starts it outside of the lock.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::proto::concurrency::Concurrency;
use crate::send::memory::{Memory, Reservation};
use crate::sync::{Mutex, lock};

/// Jobs that were done and not handed out yet, for each that may be in flight: a consumer
/// that comes back from a short pause finds work done, and nothing is much older than it
/// need be.
const DEPTH: usize = 4;

/// Large ones that are begun ahead: more would only stand waiting until the server lost
/// patience.
const MOST_LARGE: usize = 2;

/// Jobs in line, of which the oldest go as memory and concurrency allow.
pub(crate) struct Turns<J> {
    memory: Arc<Memory>,
    state: Mutex<State<J>>,
}

/// What a job takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Needs {
    /// Memory, in bytes.
    pub(crate) memory: u64,
    pub(crate) bulk: Bulk,
}

/// Whether a job ends by itself, or stands in the middle until its consumer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bulk {
    Small,
    Large,
}

/// A job that goes, with its memory.
pub(crate) struct Ready<J> {
    pub(crate) job: J,
    pub(crate) credit: Reservation,
}

/// What the client has counted so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    /// Replies that asked for fewer requests.
    pub(crate) throttles: u64,
    /// Bytes received.
    pub(crate) received: u64,
}

struct State<J> {
    waiting: VecDeque<(J, Needs)>,
    in_flight: usize,
    /// Begun and not handed out yet.
    unread: usize,
    /// The large ones of them.
    large: usize,
    concurrency: Concurrency,
    /// The most that was seen.
    counted: Counted,
}

impl<J> Turns<J> {
    /// At most so many in flight at once.
    pub(crate) fn new(memory: Arc<Memory>, concurrency: usize, counted: Counted) -> Self {
        let state = Mutex::new(State {
            waiting: VecDeque::new(),
            in_flight: 0,
            unread: 0,
            large: 0,
            concurrency: Concurrency::new(concurrency),
            counted,
        });
        Turns { memory, state }
    }

    /// How many may wait in line: enough that the next ones need not be asked for.
    pub(crate) fn longest(&self) -> usize {
        2 * lock(&self.state).concurrency.ceiling()
    }

    pub(crate) fn waiting(&self) -> usize {
        lock(&self.state).waiting.len()
    }

    /// How many have begun and not ended.
    pub(crate) fn in_flight(&self) -> usize {
        lock(&self.state).in_flight
    }

    /// Adds a job behind those before it; returns who goes.
    #[must_use]
    pub(crate) fn push(&self, job: J, needs: Needs) -> Vec<Ready<J>> {
        let mut state = lock(&self.state);
        state.waiting.push_back((job, needs));
        state.advance(&self.memory)
    }

    /// The consumer waits for the oldest that was not handed out: it goes, whatever else does.
    #[must_use]
    pub(crate) fn press(&self) -> Vec<Ready<J>> {
        let mut state = lock(&self.state);
        state.concurrency.waited();
        let mut ready = Vec::new();
        if state.unread == 0
            && let Some((job, needs)) = state.waiting.pop_front()
        {
            let credit = self.memory.reserve(needs.memory);
            ready.push(state.begin(job, needs, credit));
        }
        // What the consumer has given back since may be enough for others.
        ready.append(&mut state.advance(&self.memory));
        ready
    }

    /// The oldest one was handed out, which took that; there may be room for another.
    #[must_use]
    pub(crate) fn handed_out(&self, bulk: Bulk) -> Vec<Ready<J>> {
        let mut state = lock(&self.state);
        state.unread = state.unread.saturating_sub(1);
        state.large = state.large.saturating_sub(usize::from(bulk == Bulk::Large));
        state.advance(&self.memory)
    }

    /// One in flight has ended, however; `now` is the time since any fixed moment.
    #[must_use]
    pub(crate) fn completed(&self, now: Duration, counted: Counted) -> Vec<Ready<J>> {
        let mut state = lock(&self.state);
        let new = state.counted.follow(counted);
        state.in_flight = state.in_flight.saturating_sub(1);
        if new.throttles > 0 {
            state.concurrency.throttled();
        }
        state.concurrency.completed(now, new.received);
        state.advance(&self.memory)
    }

    /// Forgets who has not begun; they are returned, for they may want the lock as they end.
    #[must_use]
    pub(crate) fn clear(&self) -> Vec<J> {
        let forgotten = std::mem::take(&mut lock(&self.state).waiting);
        forgotten.into_iter().map(|(job, _)| job).collect()
    }
}

impl Counted {
    /// What is new since it was last looked at. Others may have looked later and told of it
    /// earlier: that is not to be taken back, or it would be new again.
    fn follow(&mut self, seen: Counted) -> Counted {
        let new = Counted {
            throttles: seen.throttles.saturating_sub(self.throttles),
            received: seen.received.saturating_sub(self.received),
        };
        self.throttles += new.throttles;
        self.received += new.received;
        new
    }
}

impl<J> State<J> {
    /// As many as may be in flight, fit into memory, and are not too far ahead.
    fn advance(&mut self, memory: &Arc<Memory>) -> Vec<Ready<J>> {
        let mut ready = Vec::new();
        while let Some((_, needs)) = self.waiting.front() {
            let has_place = self.in_flight < self.concurrency.current()
                && self.unread < DEPTH * self.concurrency.ceiling();
            if !has_place || (needs.bulk == Bulk::Large && self.large >= MOST_LARGE) {
                break;
            }
            let Some(credit) = memory.try_reserve(needs.memory) else { break };
            if let Some((job, needs)) = self.waiting.pop_front() {
                ready.push(self.begin(job, needs, credit));
            }
        }
        ready
    }

    fn begin(&mut self, job: J, needs: Needs, credit: Reservation) -> Ready<J> {
        self.in_flight += 1;
        self.unread += 1;
        self.large += usize::from(needs.bulk == Bulk::Large);
        Ready { job, credit }
    }
}

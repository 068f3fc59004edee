//! The line of objects that wait for their request: who is next, and whether it may go.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use crate::proto::concurrency::Concurrency;
use crate::proto::window::{Extent, Window};
use crate::read::source::{Direct, FEED_MEMORY, Task};
use crate::read::{Connections, Target};
use crate::send::lane::Lane;
use crate::send::memory::Reservation;
use crate::sync::{Mutex, lock};

/// Objects that were fetched and not taken yet, for each request that may be in flight: a
/// consumer that comes back from a short pause finds work done, and nothing is much older
/// than it need be.
const DEPTH: usize = 4;

/// Objects beyond a window that are begun ahead: more would only stand waiting until the
/// server lost patience.
const MOST_LARGE: usize = 2;

/// What is planned for an object of which nothing but the key is known.
const UNKNOWN_SIZE: u64 = 64 * 1024;

/// One object on its way: what it takes to fetch it, and where its bytes go.
pub(super) struct Job {
    pub(super) target: Target,
    pub(super) task: Task,
    /// In bytes, as far as known.
    pub(super) size: Option<u64>,
}

/// Jobs in the order of the stream; requests are sent as they come to the front.
pub(super) struct Line {
    lane: Lane,
    state: Mutex<State>,
    epoch: Instant,
}

struct State {
    waiting: VecDeque<Job>,
    in_flight: usize,
    /// Begun and not handed out yet.
    unread: usize,
    /// Those of them that are larger than a window.
    large: usize,
    concurrency: Concurrency,
    /// Replies that asked for fewer requests, when it was last looked at.
    throttles: u64,
    /// Bytes received by the client, when it was last looked at.
    received: u64,
}

/// A job that may go.
struct Ready {
    job: Job,
    credit: Reservation,
}

impl Line {
    pub(super) fn new(lane: Lane, concurrency: usize) -> Arc<Self> {
        let stats = lane.session().counters.read();
        Arc::new(Line {
            lane,
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                in_flight: 0,
                unread: 0,
                large: 0,
                concurrency: Concurrency::new(concurrency),
                throttles: stats.throttles,
                received: stats.bytes,
            }),
            epoch: Instant::now(),
        })
    }

    /// How many may wait in line: enough that the next ones need not be asked for.
    pub(super) fn longest(&self) -> usize {
        2 * lock(&self.state).concurrency.ceiling()
    }

    pub(super) fn waiting(&self) -> usize {
        lock(&self.state).waiting.len()
    }

    /// The target as the task sees it: with the session of its runtime.
    pub(super) fn target(&self, target: &Target, task: &Task) -> Target {
        target.on(self.lane.session(), task.token().clone())
    }

    pub(super) fn push(self: &Arc<Self>, job: Job) {
        let mut state = lock(&self.state);
        state.waiting.push_back(job);
        let ready = self.advance(&mut state);
        drop(state);
        self.launch(ready);
    }

    /// The consumer waits for the oldest that was not handed out: it goes, whatever else does.
    pub(super) fn press(self: &Arc<Self>) {
        let mut state = lock(&self.state);
        state.concurrency.waited();
        let mut ready = Vec::new();
        if state.unread == 0
            && let Some(job) = state.waiting.pop_front()
        {
            let credit = self.lane.session().memory.reserve(cost(&job, self.window()));
            ready.push(self.begin(&mut state, job, credit));
        }
        // What the consumer has given back since may be enough for others.
        ready.append(&mut self.advance(&mut state));
        drop(state);
        self.launch(ready);
    }

    /// The oldest one was handed out, which was begun as of that size; there may be room for
    /// another.
    pub(super) fn handed_out(self: &Arc<Self>, size: Option<u64>) {
        let mut state = lock(&self.state);
        state.unread = state.unread.saturating_sub(1);
        state.large = state.large.saturating_sub(usize::from(is_large(size, self.window())));
        let ready = self.advance(&mut state);
        drop(state);
        self.launch(ready);
    }

    /// Forgets what has not begun.
    pub(super) fn clear(&self) {
        let forgotten = std::mem::take(&mut lock(&self.state).waiting);
        // Outside of the lock: their ends tell their feeds.
        drop(forgotten);
    }

    fn window(&self) -> u64 {
        self.lane.session().config.window
    }

    /// As many as may be in flight, fit into memory, and are not too far ahead.
    fn advance(&self, state: &mut State) -> Vec<Ready> {
        let mut ready = Vec::new();
        while let Some(job) = state.waiting.front() {
            let has_place = state.in_flight < state.concurrency.current()
                && state.unread < DEPTH * state.concurrency.ceiling();
            if !has_place || (is_large(job.size, self.window()) && state.large >= MOST_LARGE) {
                break;
            }
            let cost = cost(job, self.window());
            let Some(credit) = self.lane.session().memory.try_reserve(cost) else { break };
            if let Some(job) = state.waiting.pop_front() {
                ready.push(self.begin(state, job, credit));
            }
        }
        ready
    }

    fn begin(&self, state: &mut State, job: Job, credit: Reservation) -> Ready {
        state.in_flight += 1;
        state.unread += 1;
        state.large += usize::from(is_large(job.size, self.window()));
        Ready { job, credit }
    }

    /// Outside of the lock: a runtime that has ended drops its tasks at once, and their
    /// places want the lock.
    fn launch(self: &Arc<Self>, ready: Vec<Ready>) {
        for Ready { job, credit } in ready {
            let place = Place { line: Arc::clone(self) };
            let window = Window::new(Extent::default());
            let direct = Direct::new(job.target, window, Connections::Adaptive);
            self.lane.spawn(async move {
                let _place = place;
                job.task.fill(direct, credit).await;
            });
        }
    }

    fn completed(self: &Arc<Self>) {
        let stats = self.lane.session().counters.read();
        let (throttles, received) = (stats.throttles, stats.bytes);
        let mut state = lock(&self.state);
        let bytes = received - std::mem::replace(&mut state.received, received).min(received);
        state.in_flight = state.in_flight.saturating_sub(1);
        if throttles > std::mem::replace(&mut state.throttles, throttles) {
            state.concurrency.throttled();
        }
        state.concurrency.completed(self.epoch.elapsed(), bytes);
        let ready = self.advance(&mut state);
        drop(state);
        self.launch(ready);
    }
}

fn is_large(size: Option<u64>, window: u64) -> bool {
    size.is_some_and(|size| size > window)
}

/// The place of a task among those in flight, however it ends.
struct Place {
    line: Arc<Line>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.line.completed();
    }
}

fn cost(job: &Job, window: u64) -> u64 {
    job.size.unwrap_or(UNKNOWN_SIZE).min(window) + FEED_MEMORY + crate::send::paused::BODY_MEMORY
}

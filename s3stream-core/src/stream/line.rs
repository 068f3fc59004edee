//! The line of objects that wait for their request, and the tasks of those whose turn came.

use std::sync::Arc;
use std::time::Instant;

use super::turns::{Bulk, Counted, Needs, Ready, Turns};
use crate::proto::window::{Extent, Window};
use crate::read::source::{Direct, FEED_MEMORY, Task};
use crate::read::{Connections, Target};
use crate::send::Session;
use crate::send::lane::Lane;
use crate::send::paused::BODY_MEMORY;

/// What is planned for an object of which nothing but the key is known.
const UNKNOWN_SIZE: u64 = 64 * 1024;

/// One object on its way: what it takes to fetch it, and where its bytes go.
pub(super) struct Job {
    pub(super) target: Target,
    pub(super) task: Task,
}

/// Jobs in the order of the stream; requests are sent as they come to the front.
pub(super) struct Line {
    lane: Lane,
    turns: Turns<Job>,
    epoch: Instant,
}

impl Line {
    pub(super) fn new(lane: Lane, concurrency: usize) -> Arc<Self> {
        let session = lane.session();
        let turns = Turns::new(Arc::clone(&session.memory), concurrency, counted(session));
        Arc::new(Line { turns, lane, epoch: Instant::now() })
    }

    /// How many may wait in line: enough that the next ones need not be asked for.
    pub(super) fn longest(&self) -> usize {
        self.turns.longest()
    }

    pub(super) fn waiting(&self) -> usize {
        self.turns.waiting()
    }

    /// The target as the task sees it: with the session of its runtime.
    pub(super) fn target(&self, target: &Target, task: &Task) -> Target {
        target.on(self.lane.session(), task.token().clone())
    }

    /// Adds an object of that size, as far as known.
    pub(super) fn push(self: &Arc<Self>, job: Job, size: Option<u64>) {
        let memory = size.unwrap_or(UNKNOWN_SIZE).min(self.window()) + FEED_MEMORY + BODY_MEMORY;
        self.launch(self.turns.push(job, Needs { memory, bulk: self.bulk(size) }));
    }

    /// The consumer waits for the oldest that was not handed out: it goes, whatever else does.
    pub(super) fn press(self: &Arc<Self>) {
        self.launch(self.turns.press());
    }

    /// The oldest one was handed out, which was begun as of that size; there may be room for
    /// another.
    pub(super) fn handed_out(self: &Arc<Self>, size: Option<u64>) {
        self.launch(self.turns.handed_out(self.bulk(size)));
    }

    /// Forgets what has not begun.
    pub(super) fn clear(&self) {
        // Their ends tell their feeds.
        drop(self.turns.clear());
    }

    /// Beyond a window it stands in the middle until it is read.
    fn bulk(&self, size: Option<u64>) -> Bulk {
        if size.is_some_and(|size| size > self.window()) { Bulk::Large } else { Bulk::Small }
    }

    fn window(&self) -> u64 {
        self.lane.session().config.window
    }

    /// A runtime that has ended drops its tasks at once, and their seats make room for others.
    fn launch(self: &Arc<Self>, ready: Vec<Ready<Job>>) {
        for Ready { job: Job { target, task }, credit } in ready {
            let seat = Seat { line: Arc::clone(self) };
            let direct = Direct::new(target, Window::new(Extent::default()), Connections::Adaptive);
            self.lane.spawn(async move {
                let _seat = seat;
                task.fill(direct, credit).await;
            });
        }
    }
}

fn counted(session: &Session) -> Counted {
    let stats = session.counters.read();
    Counted { throttles: stats.throttles, received: stats.bytes }
}

/// The seat of a task among those in flight, however it ends.
struct Seat {
    line: Arc<Line>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Line { lane, turns, epoch } = &*self.line;
        self.line.launch(turns.completed(epoch.elapsed(), counted(lane.session())));
    }
}

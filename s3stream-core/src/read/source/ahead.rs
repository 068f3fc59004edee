//! Ranges of one object that are fetched ahead of its reader, where that pays.

use std::collections::VecDeque;
use std::task::Poll;
use std::time::{Duration, Instant};

use super::course::Course;
use super::{Direct, FEED_MEMORY, Feed, Task, Yield};
use crate::error::Result;
use crate::proto::parallel::Parallel;
use crate::proto::window::{Extent, Window};
use crate::read::{Connections, Target};
use crate::send::lane::Lane;
use crate::send::paused::BODY_MEMORY;
use crate::sync::lock;

/// What one connection is measured by, and the ranges that have been sent for.
pub(super) struct Ahead {
    parallel: Parallel,
    /// Sent for, while the first connection still delivers what comes before them.
    sent: Option<UnderWay>,
    /// The ranges have ended, and the rest is read over one connection: no failure.
    planned: bool,
    waiting_since: Option<Instant>,
    waited: Duration,
    last: Option<Instant>,
}

impl Ahead {
    pub(super) fn off() -> Self {
        Ahead::with(Parallel::off())
    }

    fn with(parallel: Parallel) -> Self {
        Ahead {
            parallel,
            sent: None,
            planned: false,
            waiting_since: None,
            waited: Duration::ZERO,
            last: None,
        }
    }

    /// Elsewhere in the object, or in another runtime, what was sent for is of no use.
    pub(super) fn reset(&mut self) {
        self.sent = None;
        self.last = None;
    }

    /// Whether it is read over one connection, as yet.
    pub(super) fn is_single(&self) -> bool {
        self.sent.is_none() && self.parallel.connections() == 1
    }

    /// Whether the next request was to be expected; to be asked once.
    pub(super) fn was_planned(&mut self) -> bool {
        std::mem::take(&mut self.planned)
    }

    /// The ranges, once their turn has come.
    pub(super) fn take(&mut self) -> Option<UnderWay> {
        self.sent.take()
    }

    /// The ranges have ended before the object: the next request is part of the plan.
    pub(super) fn end(&mut self) {
        self.planned = true;
    }

    pub(super) fn connections(&self) -> usize {
        self.parallel.connections()
    }

    pub(super) fn range(&self) -> u64 {
        self.parallel.range()
    }
}

impl Course {
    /// The first reply took so long: from here on it is found out whether more connections
    /// pay.
    pub(super) fn begin_measuring(&mut self, latency: Duration) {
        let session = &self.target.session;
        let known = *lock(&session.parallel);
        self.ahead = Ahead::with(Parallel::new(session.config.window, latency, known));
    }

    /// Learns from how long the consumer waited for bytes.
    pub(super) fn measure(&mut self, polled: &Poll<Result<Yield>>) {
        let ahead = &mut self.ahead;
        if ahead.parallel.is_settled() {
            return;
        }
        let Poll::Ready(outcome) = polled else {
            ahead.waiting_since.get_or_insert_with(Instant::now);
            return;
        };
        let now = Instant::now();
        if let Some(since) = ahead.waiting_since.take() {
            ahead.waited += now - since;
        }
        let bytes = match outcome {
            Ok(Yield::Piece(piece)) => piece.len() as u64,
            Ok(Yield::Filled(range)) => range.end - range.start,
            _ => return,
        };
        let waited = std::mem::take(&mut ahead.waited);
        // The first piece waited for the request, which says nothing of the way's width.
        if let Some(last) = ahead.last.replace(now)
            && let Some(known) = ahead.parallel.delivered(bytes, waited, now - last)
        {
            *lock(&self.target.session.parallel) = known;
        }
    }

    /// Sends for ranges ahead of the first connection; returns how many bytes may still be
    /// taken from that, 0 when the ranges take over.
    pub(super) fn send_ahead(&mut self, most: usize) -> usize {
        let (connections, bytes) = (self.ahead.connections(), self.ahead.range());
        let position = self.position();
        let Some(sent) = &mut self.ahead.sent else {
            // For less than this it is over before it has begun. And outside of a runtime
            // nothing can be polled: this is one.
            if connections > 1
                && self.remaining() >= 4 * bytes
                && let Ok(lane) = Lane::here(&self.target.session)
            {
                let mut sent = UnderWay::new(lane, &self.target, &self.window, position + bytes);
                sent.advance(connections - 1, bytes);
                self.ahead.sent = Some(sent);
            }
            return most;
        };
        sent.advance(connections - 1, bytes);
        most.min(usize::try_from(sent.start - position).unwrap_or(usize::MAX))
    }
}

/// The ranges of one object from an offset on.
pub(super) struct UnderWay {
    lane: Lane,
    target: Target,
    /// What every range must be of: the object that was opened.
    window: Window,
    ranges: VecDeque<Feed>,
    /// Where the first range begins, and the next one will.
    start: u64,
    next: u64,
}

impl UnderWay {
    fn new(lane: Lane, target: &Target, window: &Window, start: u64) -> Self {
        UnderWay {
            lane,
            target: target.clone(),
            window: window.clone(),
            ranges: VecDeque::new(),
            start,
            next: start,
        }
    }

    /// The range in front.
    pub(super) fn front(&mut self) -> Option<&mut Feed> {
        self.ranges.front_mut()
    }

    /// The range in front has been read to its end.
    pub(super) fn pass(&mut self) {
        self.ranges.pop_front();
    }

    /// Sends for ranges of so many bytes until so many are under way, as far as memory goes.
    pub(super) fn advance(&mut self, count: usize, bytes: u64) {
        while self.ranges.len() < count && self.next < self.window.end() {
            let length = bytes.min(self.window.end() - self.next);
            let memory = &self.lane.session().memory;
            let credit = match memory.try_reserve(length + FEED_MEMORY + BODY_MEMORY) {
                Some(credit) => credit,
                None if self.ranges.is_empty() => memory.reserve(FEED_MEMORY),
                None => return,
            };
            let cancel = self.target.cancel.child_token();
            let (feed, task) = Task::new(self.next, cancel.clone());
            let target = self.target.on(self.lane.session(), cancel);
            let extent = Extent { offset: self.next, length: Some(length) };
            let direct = Direct::new(target, self.window.part(extent), Connections::One);
            self.lane.spawn(async move { task.fill(direct, credit).await });
            self.ranges.push_back(feed);
            self.next += length;
        }
    }
}

//! Ranges of one object, fetched over several connections ahead of its reader, in order.

use std::collections::VecDeque;
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use super::feed::{FEED_MEMORY, Feed, Taken};
use super::{ObjectReader, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::object::Object;
use crate::proto::window::Extent;
use crate::send::lane::Lane;
use crate::send::paused::BODY_MEMORY;
use crate::verdict::Verdict;

/// The ranges of one object from an offset on.
pub(super) struct Ranges {
    lane: Lane,
    target: Target,
    /// What the first reply described: every range must be of that.
    object: Object,
    under_way: VecDeque<Range>,
    /// Where the first range begins, and the next one will.
    start: u64,
    next: u64,
    end: u64,
}

struct Range {
    feed: Feed,
    is_opened: bool,
}

/// What the reader finds.
pub(super) enum Found {
    Piece(Bytes),
    /// A range has been read to its end.
    EndOfRange(Verdict),
    /// No range is under way any more.
    Nothing,
}

impl Ranges {
    pub(super) fn new(lane: Lane, target: &Target, object: &Object, start: u64) -> Self {
        let mut target = target.clone();
        target.if_match.clone_from(&object.etag);
        Ranges {
            lane,
            target,
            object: object.clone(),
            under_way: VecDeque::new(),
            start,
            next: start,
            end: object.size,
        }
    }

    /// Offset in the object where the ranges begin.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// Sends for ranges of so many bytes until so many are under way, as far as memory goes.
    pub(super) fn advance(&mut self, count: usize, bytes: u64) {
        while self.under_way.len() < count && self.next < self.end {
            let length = bytes.min(self.end - self.next);
            let memory = &self.lane.session().memory;
            let cost = length + FEED_MEMORY + BODY_MEMORY;
            let credit = match memory.try_reserve(cost) {
                Some(credit) => credit,
                None if self.under_way.is_empty() => memory.reserve(FEED_MEMORY),
                None => return,
            };
            let cancel = self.target.cancel.child_token();
            let feed = Feed::new(cancel.clone());
            let source = feed.source();
            let target = self.target.on(self.lane.session(), cancel);
            let extent = Extent { offset: self.next, length: Some(length) };
            let session = self.lane.session().clone();
            self.lane.spawn(async move {
                source.fill(&session, credit, ObjectReader::range(target, extent)).await;
            });
            self.under_way.push_back(Range { feed, is_opened: false });
            self.next += length;
        }
    }

    /// The next piece of the range in front, of `most` bytes at most.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, most: usize) -> Poll<Result<Found>> {
        let Some(range) = self.under_way.front_mut() else {
            return Poll::Ready(Ok(Found::Nothing));
        };
        if !range.is_opened {
            range.feed.read_now();
            let opened = ready!(range.feed.poll_opened(cx))?;
            range.is_opened = true;
            if opened.etag != self.object.etag || opened.size != self.object.size {
                let message = "a range is of another object than the one that was opened";
                let error = self.target.at(Error::new(ErrorKind::Changed, message));
                return Poll::Ready(Err(error));
            }
        }
        let taken = ready!(range.feed.poll_take(cx, most));
        Poll::Ready(match taken {
            Taken::Piece(piece) => Ok(Found::Piece(piece)),
            Taken::End(verdict) => {
                self.under_way.pop_front();
                verdict.map(Found::EndOfRange)
            }
        })
    }
}

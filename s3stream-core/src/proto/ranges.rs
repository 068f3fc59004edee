//! A listing in several ranges of keys at once, merged in order.
//!
//! It begins as one range. While requests may be spared, the first range whose end is not
//! in sight is split about two pages ahead of where it is; the page of the new range is
//! asked for at once. That page is itself the probe: whether the guess was good or bad, its
//! keys are kept, and tell how far the next pages reach there. Each range takes only keys
//! behind its start and up to its end, so the ranges one behind the other are the listing,
//! whatever the guesses.
//!
//! A listing that is not split is the case of one range, one page ahead.

use std::collections::VecDeque;
use std::sync::Arc;

use super::ending::End;
use super::merge::Wrong;
use super::order::Order;
use super::pages::{Accepted, Pages, Selection};
use super::retry::{Budget, PROGRESS};
use super::shape::Shape;
use super::xml::{ListPage, Listed};
use crate::error::{Error, ErrorKind};
use crate::time::Timestamp;

/// Where a range is split, in hundredths of a page ahead: two pages, short of what keys
/// spread at random vary by, for a few keys too many cost a request.
const AHEAD: u32 = 190;

/// A range is not split for less than this, in hundredths of a page.
const WORTH_A_REQUEST: u32 = 50;

/// Pages ahead of the consumer for each request that may be under way, counted in order.
const PAGES_EACH: usize = 2;

/// Keys of a page that are looked at for their shape.
const SAMPLE: usize = 64;

/// A listing from all its ranges.
pub(crate) struct Ranges {
    /// In the order of their keys, none overlapping.
    ranges: VecDeque<Range>,
    /// The most requests at once.
    most: usize,
    /// How many requests at once pay at present: one less for a page that brought little,
    /// one more for one that was worth it. So at most about half of the requests are vain.
    width: usize,
    /// What each range is given.
    patience: Budget,
    next_id: u64,
    /// Of the ranges that were taken to their end.
    past: Past,
    /// Bytes that may be spent on telling what comes twice.
    memory: u64,
}

/// What ranges came to that are no longer there.
#[derive(Default)]
struct Past {
    end: Option<End>,
    early_ends: u32,
    without_time: u64,
    is_unproven: bool,
    /// Whether one came in another order, and whether no key of it came twice for certain.
    unordered: Option<bool>,
}

/// A listing as a whole, as far as it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) order: Order,
    /// Whether it is certain that no key came twice.
    pub(crate) is_exact: bool,
    pub(crate) end: End,
    pub(crate) early_ends: u32,
    pub(crate) without_time: u64,
    /// Whether its end could not be proven, though that was asked for.
    pub(crate) is_unproven: bool,
}

struct Range {
    id: u64,
    pages: Pages,
    budget: Option<Budget>,
    arrived: VecDeque<Arrived>,
    /// Of this range's last page, or of the page that the guess of its start came from.
    shape: Option<Arc<Shape>>,
    failed: Option<Error>,
}

/// A page of a range, and the bytes of memory that it takes.
struct Arrived {
    entries: VecDeque<Listed>,
    bytes: u64,
}

/// A request that is to be sent now.
pub(crate) struct Ask {
    /// The range that its reply belongs to.
    pub(crate) range: u64,
    pub(crate) query: Vec<(&'static str, String)>,
    /// Whether the reply lists versions.
    pub(crate) versions: bool,
    /// To be handed back with the reply.
    pub(crate) budget: Budget,
}

/// What comes next in order.
pub(crate) enum Next {
    /// A page's entries, and the bytes of memory that they take.
    Entries(VecDeque<Listed>, u64),
    /// Nothing before another reply is in.
    Wait,
    Done,
    Failed(Error),
}

impl Ranges {
    /// A listing with up to `most` requests at once, which may spend `memory` bytes on
    /// telling what comes twice.
    pub(crate) fn new(
        mut selection: Selection,
        most: usize,
        patience: Budget,
        memory: u64,
    ) -> Self {
        // A group may lie across any boundary, and servers disagree about a start inside one.
        let most = if selection.delimiter.is_some() { 1 } else { most.max(1) };
        // Ranges of keys that are in no order are none.
        selection.is_ordered |= most > 1;
        let first = Range::new(0, Pages::new(selection), &patience, None);
        let (ranges, past) = (VecDeque::from([first]), Past::default());
        Ranges { ranges, most, width: most, patience, next_id: 1, past, memory }
    }

    /// How it stands.
    pub(crate) fn standing(&self) -> Standing {
        let pages = || self.ranges.iter().map(|range| &range.pages);
        let unordered = pages().find(|pages| pages.order() == Order::Unordered);
        let is_exact = unordered.map(Pages::is_exact).or(self.past.unordered);
        Standing {
            order: if is_exact.is_some() { Order::Unordered } else { Order::Ascending },
            is_exact: is_exact.unwrap_or(true),
            end: self.past.end.filter(|_| self.ranges.is_empty()).unwrap_or(End::NotReached),
            early_ends: self.past.early_ends + pages().map(Pages::early_ends).sum::<u32>(),
            without_time: self.past.without_time + pages().map(Pages::without_time).sum::<u64>(),
            is_unproven: self.past.is_unproven,
        }
    }

    /// Bytes of memory that pages take which nobody has taken yet, and what tells repeats.
    pub(crate) fn bytes(&self) -> u64 {
        let of_range = |range: &Range| {
            range.pages.bytes() + range.arrived.iter().map(|page| page.bytes).sum::<u64>()
        };
        self.ranges.iter().map(of_range).sum()
    }

    /// A request that may be sent beside those that are under way.
    pub(crate) fn ask(&mut self) -> Option<Ask> {
        let under_way = self.ranges.iter().filter(|range| range.is_asked()).count();
        if under_way >= self.width {
            return None;
        }
        let total: usize = self.ranges.iter().map(Range::held).sum();
        let (window, cap) = self.limits();
        let mut ahead = 0;
        for range in &mut self.ranges {
            let is_next = ahead == 0 && range.held() == 0;
            ahead += range.held();
            if range.is_idle() && (is_next || (ahead < window && total < cap)) {
                return Some(range.ask());
            }
        }
        if self.most == 1 || total >= cap {
            return None;
        }
        let mut ahead = 0;
        for at in 0..self.ranges.len() {
            ahead += self.ranges[at].held();
            if ahead >= window {
                return None;
            }
            if let Some(beyond) = self.split(at) {
                self.ranges.insert(at + 1, beyond);
                return Some(self.ranges[at + 1].ask());
            }
        }
        None
    }

    /// Takes a page in; the error says why it cannot be the range's next one. The listing
    /// began at a time of the server's clock.
    pub(crate) fn arrived(
        &mut self,
        id: u64,
        mut budget: Budget,
        page: ListPage,
        began: Timestamp,
    ) -> Result<(), Wrong> {
        let Some(at) = self.position(id) else { return Ok(()) };
        let (came, bytes) = (page.entries.len(), page.bytes);
        // What the page ends with, if nothing comes behind it: it may be beyond the range.
        let last = (!page.is_truncated)
            .then(|| page.entries.last().and_then(Listed::name).map(str::to_owned));
        let range = &mut self.ranges[at];
        let accepted = range.pages.accept(page, began, self.memory);
        // A page is progress: what failed before it is forgiven.
        budget.delivered(PROGRESS);
        range.budget = Some(budget);
        let Accepted::Entries(entries) = accepted? else { return Ok(()) };
        let is_vain = at > 0 && (entries.is_empty() || entries.len() < came / 4);
        if self.most > 1
            && let Some(shape) = shape(&entries)
        {
            range.shape = Some(Arc::new(shape));
        }
        if !entries.is_empty() {
            range.arrived.push_back(Arrived { entries, bytes });
        }
        self.width = if is_vain { self.width.max(2) - 1 } else { self.most.min(self.width + 1) };
        if let Some(last) = last {
            self.end_behind(at, last.as_deref());
        }
        if at > 0 && self.ranges[at].pages.ignores_start() {
            self.join_from(at);
        }
        Ok(())
    }

    /// The server says that it has no keys behind this page of a range: guesses beyond it
    /// would go on for ever.
    fn end_behind(&mut self, at: usize, last: Option<&str>) {
        while self.ranges.len() > at + 1
            && self.ranges.back().is_some_and(|range| range.is_behind(last))
        {
            // Somebody has to look there all the same, if only for the end.
            let before = self.ranges.len() - 2;
            if self.ranges[before].pages.proves_end() {
                if self.ranges[before].pages.is_done() || self.ranges[before].failed.is_some() {
                    break;
                }
                let end = self.ranges.back().and_then(|last| last.pages.range().1);
                let end = end.map(str::to_owned);
                self.ranges[before].pages.end_at(end);
            }
            self.ranges.pop_back();
        }
        // Where a range behind has keys already, the server has contradicted itself.
        let is_contradicted =
            self.ranges.iter().skip(at + 1).any(|range| range.pages.greatest().is_some());
        if is_contradicted {
            self.ranges[at].pages.doubt();
        }
    }

    /// A request failed for good, or brought no page: there may be another one to try.
    pub(crate) fn refused(&mut self, id: u64, budget: Budget, error: Error) {
        let Some(at) = self.position(id) else { return };
        let range = &mut self.ranges[at];
        range.budget = Some(budget);
        let has_other = match error.kind() {
            ErrorKind::Protocol => range.pages.cannot_look(),
            _ => error.status().is_some_and(|status| range.pages.refused(status)),
        };
        if !has_other {
            self.failed(id, error);
        }
    }

    /// The listing ends where this range begins to lack keys; nothing behind that is of use.
    pub(crate) fn failed(&mut self, id: u64, error: Error) {
        let Some(at) = self.position(id) else { return };
        self.ranges[at].failed = Some(error);
        self.ranges.truncate(at + 1);
    }

    /// Whether the reply to a request is still of use.
    pub(crate) fn is_wanted(&self, id: u64) -> bool {
        self.position(id).is_some()
    }

    /// The next page's entries in order.
    pub(crate) fn next(&mut self) -> Next {
        while let Some(first) = self.ranges.front_mut() {
            if let Some(Arrived { entries, bytes }) = first.arrived.pop_front() {
                return Next::Entries(entries, bytes);
            }
            if let Some(error) = &first.failed {
                return Next::Failed(error.clone());
            }
            if first.is_asked() || !first.pages.is_done() {
                return Next::Wait;
            }
            if let Some(range) = self.ranges.pop_front() {
                self.past.add(&range.pages);
            }
        }
        Next::Done
    }

    /// How many pages may lie ahead of the consumer counted in order, and at most: what was
    /// fetched far ahead must not keep what is needed first from being fetched.
    fn limits(&self) -> (usize, usize) {
        match self.most {
            1 => (1, 1),
            most => (PAGES_EACH * most, (PAGES_EACH + 1) * most),
        }
    }

    /// Ends a range short of its end, and returns the rest as another.
    fn split(&mut self, at: usize) -> Option<Range> {
        let range = &mut self.ranges[at];
        if range.failed.is_some() || range.pages.is_done() {
            return None;
        }
        let shape = range.shape.clone()?;
        let (start, end) = range.pages.range();
        let boundary = shape.ahead(range.pages.greatest().or(start)?, AHEAD)?;
        let is_inside = end.is_none_or(|end| {
            boundary.as_str() < end && shape.is_apart(&boundary, end, WORTH_A_REQUEST)
        });
        if !is_inside {
            return None;
        }
        let beyond = range.pages.split_off(&boundary);
        let id = self.next_id;
        self.next_id += 1;
        Some(Range::new(id, beyond, &self.patience, Some(shape)))
    }

    /// The server gives all keys whatever start it is asked for: one range must do.
    fn join_from(&mut self, at: usize) {
        self.most = 1;
        self.width = 1;
        if self.ranges[at].pages.is_done() {
            return;
        }
        let last = self.ranges.back().map(|last| last.pages.range().1.map(str::to_owned));
        self.ranges[at].pages.end_at(last.flatten());
        self.ranges.truncate(at + 1);
    }

    fn position(&self, id: u64) -> Option<usize> {
        self.ranges.iter().position(|range| range.id == id)
    }
}

impl Past {
    fn add(&mut self, pages: &Pages) {
        // The last one is the listing's; what others were told has been looked behind since.
        self.end = Some(pages.end());
        self.early_ends += pages.early_ends();
        self.without_time += pages.without_time();
        self.is_unproven = pages.is_unproven();
        if pages.order() == Order::Unordered {
            self.unordered = Some(pages.is_exact());
        }
    }
}

impl Range {
    fn new(id: u64, pages: Pages, patience: &Budget, shape: Option<Arc<Shape>>) -> Self {
        let budget = Some(patience.clone());
        Range { id, pages, budget, arrived: VecDeque::new(), shape, failed: None }
    }

    fn ask(&mut self) -> Ask {
        let budget = self.budget.take().expect("a range asks for one page at a time");
        let versions = self.pages.is_versions();
        Ask { range: self.id, query: self.pages.query(), versions, budget }
    }

    fn is_asked(&self) -> bool {
        self.budget.is_none()
    }

    fn is_idle(&self) -> bool {
        !self.is_asked() && self.failed.is_none() && !self.pages.is_done()
    }

    /// Whether it has no keys, if `last` is the last of all.
    fn is_behind(&self, last: Option<&str>) -> bool {
        let (start, _) = self.pages.range();
        self.arrived.is_empty() && last.is_none_or(|last| start.is_some_and(|start| start >= last))
    }

    /// Pages that are here or under way.
    fn held(&self) -> usize {
        self.arrived.len() + usize::from(self.is_asked())
    }
}

/// The shape of a page's keys, from a sample of them.
fn shape(entries: &VecDeque<Listed>) -> Option<Shape> {
    let step = (entries.len() / SAMPLE).max(1);
    let sample = entries.iter().step_by(step).chain(entries.back()).filter_map(Listed::name);
    Shape::of(&sample.collect::<Vec<_>>())
}

#[cfg(test)]
#[path = "ranges_tests.rs"]
mod tests;

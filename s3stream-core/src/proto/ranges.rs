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

use super::pages::{Accepted, Pages, Selection};
use super::retry::{Budget, PROGRESS};
use super::shape::Shape;
use super::xml::ListPage;
use crate::error::Error;
use crate::object::Entry;

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
}

struct Range {
    id: u64,
    pages: Pages,
    budget: Option<Budget>,
    arrived: VecDeque<VecDeque<Entry>>,
    /// Of this range's last page, or of the page that the guess of its start came from.
    shape: Option<Arc<Shape>>,
    failed: Option<Error>,
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
    Entries(VecDeque<Entry>),
    /// Nothing before another reply is in.
    Wait,
    Done,
    Failed(Error),
}

impl Ranges {
    /// A listing with up to `most` requests at once.
    pub(crate) fn new(selection: Selection, most: usize, patience: Budget) -> Self {
        // A group may lie across any boundary, and servers disagree about a start inside one.
        let most = if selection.delimiter.is_some() { 1 } else { most.max(1) };
        let first = Range::new(0, Pages::new(selection), &patience, None);
        Ranges { ranges: VecDeque::from([first]), most, width: most, patience, next_id: 1 }
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

    /// Takes a page in; the error says in one line why it cannot be the range's next one.
    pub(crate) fn arrived(
        &mut self,
        id: u64,
        mut budget: Budget,
        page: ListPage,
    ) -> Result<(), String> {
        let Some(at) = self.position(id) else { return Ok(()) };
        let came = page.entries.len();
        // What the page ends with, if nothing comes behind it: it may be beyond the range.
        let last = (!page.is_truncated)
            .then(|| page.entries.iter().last().map(|entry| entry.name().to_owned()));
        let range = &mut self.ranges[at];
        let accepted = range.pages.accept(page);
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
            range.arrived.push_back(entries);
        }
        self.width = if is_vain { self.width.max(2) - 1 } else { self.most.min(self.width + 1) };
        if let Some(last) = last {
            // The server has no keys behind this page: guesses beyond it would go on for ever.
            while self.ranges.len() > at + 1
                && self.ranges.back().is_some_and(|range| range.is_behind(last.as_deref()))
            {
                self.ranges.pop_back();
            }
        }
        if at > 0 && self.ranges[at].pages.ignores_start() {
            self.join_from(at);
        }
        Ok(())
    }

    /// A request failed for good, or its page could not be taken in. That ends the listing
    /// where its range begins to lack keys; nothing behind that is of use.
    pub(crate) fn failed(&mut self, id: u64, budget: Option<Budget>, error: Error) {
        let Some(at) = self.position(id) else { return };
        let range = &mut self.ranges[at];
        range.budget = budget.or(range.budget.take());
        if error.status().is_some_and(|status| range.pages.refused(status)) {
            return;
        }
        range.failed = Some(error);
        self.ranges.truncate(at + 1);
    }

    /// Whether the reply to a request is still of use.
    pub(crate) fn is_wanted(&self, id: u64) -> bool {
        self.position(id).is_some()
    }

    /// The next page's entries in order.
    pub(crate) fn next(&mut self) -> Next {
        while let Some(first) = self.ranges.front_mut() {
            if let Some(entries) = first.arrived.pop_front() {
                return Next::Entries(entries);
            }
            if let Some(error) = &first.failed {
                return Next::Failed(error.clone());
            }
            if first.is_asked() || !first.pages.is_done() {
                return Next::Wait;
            }
            self.ranges.pop_front();
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
fn shape(entries: &VecDeque<Entry>) -> Option<Shape> {
    let step = (entries.len() / SAMPLE).max(1);
    let sample = entries.iter().step_by(step).chain(entries.back()).map(Entry::name);
    Shape::of(&sample.collect::<Vec<_>>())
}

#[cfg(test)]
#[path = "ranges_tests.rs"]
mod tests;

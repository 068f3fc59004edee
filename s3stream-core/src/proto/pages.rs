//! A listing from its first page to its proven end.
//!
//! Feed it pages; it says which request comes next and refuses pages that cannot be
//! the next ones. It asks with ListObjectsV2 and falls back, for servers that only do
//! those, to `start-after` and to the `marker` of version 1. See "ListObjectsV2",
//! "ListObjects" and "ListObjectVersions" in the Amazon S3 API reference.

use std::collections::VecDeque;

use super::ending::{End, MOST_YOUNGER, Vain};
use super::merge::{Greatest, Merged, Wrong, in_one_order};
use super::order::{Order, Seen, fingerprint};
pub(crate) use super::selection::Selection;
use super::xml::{ListPage, Listed};
use crate::object::Entry;
use crate::time::Timestamp;

/// In which words the server understands "go on".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// ListObjectsV2 with its opaque token.
    Token,
    /// ListObjectsV2 with `start-after`: Swift and others give no token at times.
    StartAfter,
    /// ListObjects with `marker`.
    Marker,
    /// ListObjectVersions.
    Versions,
}

/// A listing in progress.
#[derive(Clone, Debug)]
pub(crate) struct Pages {
    pub(super) selection: Selection,
    dialect: Dialect,
    token: Option<String>,
    version_id_marker: Option<String>,
    /// The last key or common prefix so far, the greatest where they ascend: where the next
    /// page starts, and what all its keys must be greater than.
    pub(super) greatest: Option<Greatest>,
    /// How far a server came that gives what `start_after` leaves out.
    pub(super) skipped: Option<Vec<u8>>,
    pub(super) state: State,
    pub(super) memory: Memory,
    /// Versions of the last key.
    pub(super) versions: Seen,
    vain: Vain,
    /// Pages behind the end that hold only what is younger than the listing.
    younger: u32,
    early_ends: u32,
    without_time: u64,
    /// Whether it began as a guess: that nothing lies there is an answer then.
    is_guess: bool,
}

/// Where a listing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Listing,
    /// The server said that there is no more: somebody looks behind the last key.
    Checking(Look),
    Done(End),
}

/// In which words somebody looks behind the last key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    First,
    /// In other words: the server had not understood.
    Otherwise,
}

/// What is remembered of the names, to tell one that comes twice.
#[derive(Clone, Debug)]
pub(super) enum Memory {
    /// They ascend, which is proof; another order would be an error.
    Ascending,
    /// They ascend so far; the first ones are kept, should the order turn out to be another.
    Early(Vec<u128>),
    Unordered(Seen),
}

/// Names that are kept while they ascend: 1 MiB.
const MOST_EARLY: usize = 64 * 1024;

/// What became of a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Accepted {
    Entries(VecDeque<Listed>),
    /// The server did not go on in this dialect; ask [`Pages::query`] again.
    AskAgain,
}

/// What a page says of what comes behind it.
struct Lead {
    is_truncated: bool,
    token: Option<String>,
    answers_v1: bool,
    version: Option<String>,
}

impl Pages {
    pub(crate) fn new(selection: Selection) -> Self {
        let dialect = if selection.versions { Dialect::Versions } else { Dialect::Token };
        let is_ordered = selection.versions || selection.is_range() || selection.is_ordered;
        let memory = if is_ordered { Memory::Ascending } else { Memory::Early(Vec::new()) };
        Pages {
            selection,
            dialect,
            token: None,
            version_id_marker: None,
            greatest: None,
            skipped: None,
            state: State::Listing,
            memory,
            versions: Seen::new(1 << 20),
            vain: Vain::default(),
            younger: 0,
            early_ends: 0,
            without_time: 0,
            is_guess: false,
        }
    }

    /// Whether the listing is complete.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.state, State::Done(_))
    }

    /// How its end is known.
    pub(crate) fn end(&self) -> End {
        match self.state {
            State::Done(end) => end,
            State::Listing | State::Checking(_) => End::NotReached,
        }
    }

    /// Whether the end of what there is could not be proven, though that was asked for.
    pub(crate) fn is_unproven(&self) -> bool {
        self.selection.prove_end && self.greatest.is_some() && self.end() == End::Told
    }

    /// How often the server said that there is no more, and there was.
    pub(crate) fn early_ends(&self) -> u32 {
        self.early_ends
    }

    /// Objects with a `LastModified` that nobody can read.
    pub(crate) fn without_time(&self) -> u64 {
        self.without_time
    }

    pub(crate) fn order(&self) -> Order {
        match self.memory {
            Memory::Unordered(_) => Order::Unordered,
            Memory::Ascending | Memory::Early(_) => Order::Ascending,
        }
    }

    /// Whether it is certain that no key came twice.
    pub(crate) fn is_exact(&self) -> bool {
        match &self.memory {
            Memory::Unordered(seen) => seen.is_exact(),
            Memory::Ascending | Memory::Early(_) => true,
        }
    }

    /// Bytes that it takes to tell what comes twice.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.memory {
            Memory::Ascending => 0,
            Memory::Early(early) => (early.capacity() * size_of::<u128>()) as u64,
            Memory::Unordered(seen) => seen.bytes(),
        }
    }

    /// Whether somebody looks behind its last key.
    pub(crate) fn proves_end(&self) -> bool {
        self.selection.prove_end
    }

    pub(crate) fn is_versions(&self) -> bool {
        self.selection.versions
    }

    /// The range of keys that is listed: after the first, up to the second.
    pub(crate) fn range(&self) -> (Option<&str>, Option<&str>) {
        (self.selection.start_after.as_deref(), self.selection.end_at.as_deref())
    }

    /// The greatest key or common prefix so far.
    pub(crate) fn greatest(&self) -> Option<&str> {
        self.greatest.as_ref().map(|greatest| greatest.name.as_str())
    }

    /// Whether the server gave what `start_after` leaves out.
    pub(crate) fn ignores_start(&self) -> bool {
        self.skipped.is_some()
    }

    /// Moves the end of the range; the listing must not be done.
    pub(crate) fn end_at(&mut self, end: Option<String>) {
        self.selection.end_at = end;
    }

    /// Ends the listing at a key that is greater than all so far, and returns the listing of
    /// what lies beyond it.
    pub(crate) fn split_off(&mut self, at: &str) -> Pages {
        let mut beyond = Pages::new(self.selection.clone());
        beyond.selection.start_after = Some(at.to_owned());
        beyond.memory = Memory::Ascending;
        beyond.is_guess = true;
        // What one request has learnt about the server, others need not.
        beyond.dialect = self.dialect;
        self.selection.end_at = Some(at.to_owned());
        beyond
    }

    /// The query of the next page's request.
    pub(crate) fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = vec![("encoding-type", "url".to_owned()), ("max-keys", "1000".to_owned())];
        let prefix = Some(&self.selection.prefix).filter(|prefix| !prefix.is_empty());
        query.extend(prefix.map(|prefix| ("prefix", prefix.clone())));
        query.extend(self.selection.delimiter.iter().map(|d| ("delimiter", d.clone())));
        match self.dialect {
            Dialect::Token | Dialect::StartAfter => {
                query.push(("list-type", "2".to_owned()));
                match &self.token {
                    Some(token) => query.push(("continuation-token", token.clone())),
                    None => query.extend(self.start().map(|start| ("start-after", start))),
                }
            }
            Dialect::Marker => query.extend(self.start().map(|start| ("marker", start))),
            Dialect::Versions => {
                query.push(("versions", String::new()));
                query.extend(self.start().map(|start| ("key-marker", start)));
                query.extend(
                    self.version_id_marker.iter().map(|v| ("version-id-marker", v.clone())),
                );
            }
        }
        query
    }

    /// Takes a page in; the error says why it cannot be the next page. What was written
    /// since `began` may have come behind the end in the meantime. `memory` is how many bytes
    /// may be spent on telling what comes twice.
    pub(crate) fn accept(
        &mut self,
        page: ListPage,
        began: Timestamp,
        memory: u64,
    ) -> Result<Accepted, Wrong> {
        let found = page.entries.len();
        if page.key_count.is_some_and(|count| count > found as u64) {
            let count = page.key_count.unwrap_or(0);
            return Err(format!("KeyCount is {count} but {found} came").into());
        }
        if page.is_unordered && self.needs_order() {
            let why = "this server does not list by the bytes of the keys";
            return Err(Wrong::Order(why.to_owned()));
        }
        let (lead, without_time) = (Lead::of(&page), page.without_time);
        let entries = in_one_order(page);
        let examined = self.examine(&entries);
        let are_objects = matches!(examined, Ok(true));
        if let Err(wrong) = examined {
            // A server that ignores how we asked to go on starts again from the front.
            if self.can_ask_otherwise() {
                return Ok(Accepted::AskAgain);
            }
            self.turn(wrong, memory)?;
        }
        let merged = match are_objects && self.leaves_none_out() {
            true => self.take_all(entries),
            false => self.merge(entries)?,
        };
        self.without_time += without_time;
        match self.state {
            State::Checking(look) => self.checked(merged, lead, look, began),
            State::Listing | State::Done(_) => self.listed(merged, lead),
        }
    }

    /// Whether another order would be of no use. Versions have their own, by key.
    fn needs_order(&self) -> bool {
        self.selection.is_ordered || (self.selection.is_range() && !self.selection.versions)
    }

    /// The keys are out of order: whether that is another order that can be followed.
    fn turn(&mut self, wrong: Wrong, memory: u64) -> Result<(), Wrong> {
        let is_first_dialect = self.dialect == Dialect::Token;
        match (&mut self.memory, wrong) {
            (Memory::Early(early), Wrong::Order(_)) if is_first_dialect => {
                let is_exact = early.len() < MOST_EARLY;
                let seen = Seen::with(memory, std::mem::take(early), is_exact);
                self.memory = Memory::Unordered(seen);
                Ok(())
            }
            (_, wrong) => Err(wrong),
        }
    }

    fn listed(&mut self, merged: Merged, lead: Lead) -> Result<Accepted, Wrong> {
        let Merged { entries, is_past_end, has_moved, .. } = merged;
        if is_past_end {
            self.state = State::Done(End::Proven);
        } else if lead.is_truncated {
            self.follow(lead, !entries.is_empty(), has_moved)?;
        } else {
            self.told();
        }
        Ok(Accepted::Entries(entries))
    }

    /// The server says that there is no more.
    fn told(&mut self) {
        self.state = match self.greatest {
            _ if !self.selection.prove_end => State::Done(End::Told),
            Some(_) if self.is_exact() => {
                self.token = None;
                self.version_id_marker = None;
                State::Checking(Look::First)
            }
            None if self.is_guess => State::Done(End::Proven),
            _ => State::Done(End::Told),
        };
    }

    /// Looks behind the last key whatever was asked for: there is a key behind it. False if
    /// the end is known by more than the server's word.
    pub(crate) fn doubt(&mut self) -> bool {
        if self.state != State::Done(End::Told) {
            return false;
        }
        self.selection.prove_end = true;
        self.told();
        !self.is_done()
    }

    /// What lies behind the last key, of which the server said that it is the last.
    fn checked(
        &mut self,
        merged: Merged,
        lead: Lead,
        look: Look,
        began: Timestamp,
    ) -> Result<Accepted, Wrong> {
        let Merged { entries, is_past_end, has_ignored, has_moved } = merged;
        if is_past_end {
            self.state = State::Done(End::Proven);
        } else if entries.is_empty() {
            if has_ignored {
                return Ok(self.look_otherwise(look));
            }
            if lead.is_truncated {
                self.follow(lead, false, has_moved)?;
            } else {
                self.state = State::Done(End::Proven);
            }
        } else {
            if entries.iter().any(|entry| is_older(entry, began)) {
                self.early_ends += 1;
                self.younger = 0;
                self.state = State::Listing;
            } else {
                self.younger += 1;
            }
            if self.younger == MOST_YOUNGER {
                self.state = State::Done(End::Outrun);
            } else if lead.is_truncated {
                self.follow(lead, true, has_moved)?;
            } else {
                self.told();
            }
        }
        Ok(Accepted::Entries(entries))
    }

    /// Only what was given before came: the server did not start where it was asked to.
    fn look_otherwise(&mut self, look: Look) -> Accepted {
        let has_other = matches!(self.dialect, Dialect::Token | Dialect::StartAfter);
        if look == Look::Otherwise || !has_other {
            self.state = State::Done(End::Told);
            return Accepted::Entries(VecDeque::new());
        }
        self.dialect = Dialect::Marker;
        self.token = None;
        self.state = State::Checking(Look::Otherwise);
        Accepted::AskAgain
    }

    /// Goes on where a page leads to.
    fn follow(&mut self, lead: Lead, has_brought: bool, has_moved: bool) -> Result<(), Wrong> {
        let Lead { token, answers_v1, version, .. } = lead;
        if !has_brought && token.is_none() && !has_moved {
            return Err("IsTruncated is true but the page leads nowhere".to_owned().into());
        }
        if token.is_some() && token == self.token {
            let why = "the continuation token repeats: the listing would never end";
            return Err(why.to_owned().into());
        }
        if token.is_none() && self.order() == Order::Unordered {
            let why = "it lists in no order, and gives no token to go on by";
            return Err(why.to_owned().into());
        }
        if has_moved {
            self.vain.end();
        } else {
            self.vain.page(token.as_deref())?;
        }
        self.choose_dialect(token.is_some(), answers_v1);
        self.token = token.filter(|_| self.dialect == Dialect::Token);
        let in_key = self.greatest.as_ref().is_some_and(|greatest| !greatest.is_group);
        // Without one, the versions of the last key that did not fit would be skipped.
        self.version_id_marker = version.filter(|_| in_key);
        Ok(())
    }

    /// The server refused a request; true if there is another one to try, or none is needed.
    pub(crate) fn refused(&mut self, status: u16) -> bool {
        if !matches!(status, 400 | 405 | 501) {
            return false;
        }
        if self.cannot_look() {
            return true;
        }
        let is_first = self.greatest.is_none() && self.token.is_none();
        if is_first && self.dialect == Dialect::Token {
            self.dialect = Dialect::Marker;
            return true;
        }
        false
    }

    /// What came of a look behind the last key is no page; true if there is another one to
    /// try, or none is needed: who does not know how to start behind a key, or answers that
    /// with something else, has given its word on the end, and that must do.
    pub(crate) fn cannot_look(&mut self) -> bool {
        match self.state {
            State::Checking(look) if self.token.is_none() => {
                matches!(self.look_otherwise(look), Accepted::AskAgain) || self.is_done()
            }
            _ => false,
        }
    }

    fn choose_dialect(&mut self, has_token: bool, answers_v1: bool) {
        self.dialect = match self.dialect {
            Dialect::Token if has_token => Dialect::Token,
            Dialect::Token if answers_v1 => Dialect::Marker,
            Dialect::Token => Dialect::StartAfter,
            other => other,
        };
    }

    fn can_ask_otherwise(&mut self) -> bool {
        if self.dialect != Dialect::StartAfter || self.greatest.is_none() {
            return false;
        }
        self.dialect = Dialect::Marker;
        true
    }

    /// Where the next page starts. Behind a common prefix that is behind all its keys:
    /// some servers would otherwise return the same prefix for ever.
    fn start(&self) -> Option<String> {
        match &self.greatest {
            None => self.selection.start().map(str::to_owned),
            Some(greatest) if greatest.is_group => Some(format!("{}\u{10FFFF}", greatest.name)),
            Some(greatest) => Some(greatest.name.clone()),
        }
    }

    /// Keeps a name, should the order turn out to be another.
    pub(super) fn remember(&mut self, entries: &VecDeque<Listed>) {
        if let Memory::Early(early) = &mut self.memory {
            let room = MOST_EARLY - early.len();
            early.extend(entries.iter().take(room).map(mark));
        }
    }
}

impl Lead {
    fn of(page: &ListPage) -> Self {
        let last_version = page.entries.iter().rev().find_map(|listed| match listed {
            Listed::Entry(Entry::Object(object)) => Some(object.version_id.clone()),
            _ => None,
        });
        Lead {
            is_truncated: page.is_truncated,
            token: page.next_token.clone(),
            answers_v1: page.has_marker && page.next_token.is_none() && page.key_count.is_none(),
            version: page.next_version_id_marker.clone().or(last_version.flatten()),
        }
    }
}

/// Whether an entry was there before the listing began, or may have been.
fn is_older(listed: &Listed, began: Timestamp) -> bool {
    match listed {
        Listed::Entry(Entry::Object(object)) => {
            object.last_modified.is_none_or(|time| time < began)
        }
        Listed::Entry(Entry::CommonPrefix(_)) | Listed::Unreadable(_) => true,
    }
}

/// What an entry is told from others by.
pub(super) fn mark(listed: &Listed) -> u128 {
    fingerprint(&(listed.place(), listed.is_group()))
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;

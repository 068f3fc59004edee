//! A listing from its first page to its proven end.
//!
//! Feed it pages; it says which request comes next and refuses pages that cannot be
//! the next ones. It asks with ListObjectsV2 and falls back, for servers that only do
//! those, to `start-after` and to the `marker` of version 1. See "ListObjectsV2",
//! "ListObjects" and "ListObjectVersions" in the Amazon S3 API reference.

use std::collections::VecDeque;

use super::xml::ListPage;
use crate::object::{CommonPrefix, Entry, Object};

/// What a listing is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) prefix: String,
    pub(crate) delimiter: Option<String>,
    /// Keys up to and including this one are left out.
    pub(crate) start_after: Option<String>,
    /// Keys beyond this one are left out.
    pub(crate) end_at: Option<String>,
    pub(crate) versions: bool,
}

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
    selection: Selection,
    dialect: Dialect,
    token: Option<String>,
    version_id_marker: Option<String>,
    /// The greatest key or common prefix so far: where the next page starts, and what
    /// all its keys must be greater than.
    greatest: Option<Greatest>,
    ignores_start: bool,
    is_done: bool,
}

#[derive(Clone, Debug)]
struct Greatest {
    name: String,
    is_prefix: bool,
}

impl Greatest {
    fn name(&self) -> Name<'_> {
        Name { name: &self.name, is_prefix: self.is_prefix }
    }
}

/// What an entry is ordered by, and which sort it is of.
#[derive(Clone, Copy)]
struct Name<'a> {
    name: &'a str,
    is_prefix: bool,
}

impl<'a> Name<'a> {
    fn of(entry: &'a Entry) -> Self {
        Name { name: entry.name(), is_prefix: matches!(entry, Entry::CommonPrefix(_)) }
    }
}

/// Whether an entry belongs into the listing.
enum Admission {
    New,
    /// It was left out by `start_after`: the server ignores that.
    BeforeStart,
    /// The page before ended with this common prefix.
    GivenBefore,
}

/// What became of a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Accepted {
    Entries(VecDeque<Entry>),
    /// The server did not go on in this dialect; ask [`Pages::query`] again.
    AskAgain,
}

impl Pages {
    pub(crate) fn new(selection: Selection) -> Self {
        let dialect = if selection.versions { Dialect::Versions } else { Dialect::Token };
        Pages {
            selection,
            dialect,
            token: None,
            version_id_marker: None,
            greatest: None,
            ignores_start: false,
            is_done: false,
        }
    }

    /// Whether the listing is complete.
    pub(crate) fn is_done(&self) -> bool {
        self.is_done
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
        self.ignores_start
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

    /// Takes a page in; the error says in one line why it cannot be the next page.
    pub(crate) fn accept(&mut self, page: ListPage) -> Result<Accepted, String> {
        let found = page.entries.len();
        if page.key_count.is_some_and(|count| count > found as u64) {
            return Err(format!("KeyCount is {} but {found} came", page.key_count.unwrap_or(0)));
        }
        let is_truncated = page.is_truncated;
        let next_token = page.next_token.clone();
        let answers_v1 = page.has_marker && next_token.is_none() && page.key_count.is_none();
        let next_version = page.next_version_id_marker.clone();
        let last_version = page.entries.iter().rev().find_map(|entry| match entry {
            Entry::Object(object) => Some(object.version_id.clone()),
            Entry::CommonPrefix(_) => None,
        });

        let entries = match self.merge(page) {
            Ok(entries) => entries,
            // A server that ignores how we asked to go on starts again from the front.
            Err(_) if self.can_ask_otherwise() => return Ok(Accepted::AskAgain),
            Err(error) => return Err(error),
        };
        if is_truncated && !self.is_done {
            if entries.is_empty() && next_token.is_none() {
                return Err("IsTruncated is true but the page leads nowhere".to_owned());
            }
            if next_token.is_some() && next_token == self.token {
                return Err(
                    "the continuation token repeats: the listing would never end".to_owned()
                );
            }
            self.choose_dialect(next_token.is_some(), answers_v1);
            self.token = next_token.filter(|_| self.dialect == Dialect::Token);
            let in_key = self.greatest.as_ref().is_some_and(|greatest| !greatest.is_prefix);
            // Without one, the versions of the last key that did not fit would be skipped.
            self.version_id_marker = next_version.or(last_version.flatten()).filter(|_| in_key);
        } else {
            self.is_done = true;
        }
        Ok(Accepted::Entries(entries))
    }

    /// The server refused the first request of a dialect it does not know; true if there
    /// is another one to try.
    pub(crate) fn refused(&mut self, status: u16) -> bool {
        let unknown = matches!(status, 400 | 405 | 501);
        let is_first = self.greatest.is_none() && self.token.is_none();
        if unknown && is_first && self.dialect == Dialect::Token {
            self.dialect = Dialect::Marker;
            return true;
        }
        false
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
            None => self.selection.start_after.clone(),
            Some(greatest) if greatest.is_prefix => Some(format!("{}\u{10FFFF}", greatest.name)),
            Some(greatest) => Some(greatest.name.clone()),
        }
    }

    /// The entries of a page in one order, each checked to come after all before; what was
    /// not asked for, or given before, is left out. Changes nothing if there is an error.
    fn merge(&mut self, page: ListPage) -> Result<VecDeque<Entry>, String> {
        let mut entries = in_one_order(page);
        let mut left_out = Vec::new();
        // The last one that was admitted, of this page or those before.
        let mut last = None;
        for at in 0..entries.len() {
            let (before, entry) = (&entries[..at], &entries[at]);
            if self.is_beyond(entry.name()) {
                self.is_done = true;
                entries.truncate(at);
                break;
            }
            let previous = match last {
                Some(last) => Some(Name::of(&before[last])),
                None => self.greatest.as_ref().map(Greatest::name),
            };
            match self.admits(entry, previous)? {
                Admission::New => last = Some(at),
                Admission::BeforeStart => {
                    self.ignores_start = true;
                    left_out.push(at);
                }
                Admission::GivenBefore => left_out.push(at),
            }
        }
        if let Some(last) = last {
            let Name { name, is_prefix } = Name::of(&entries[last]);
            // Nothing can follow the end of the range, unless as another version of it.
            let is_end = self.selection.end_at.as_deref() == Some(name);
            self.is_done |= is_end && !self.selection.versions;
            self.greatest = Some(Greatest { name: name.to_owned(), is_prefix });
        }
        let mut entries = VecDeque::from(entries);
        if !left_out.is_empty() {
            let mut at = 0;
            entries.retain(|_| {
                at += 1;
                left_out.binary_search(&(at - 1)).is_err()
            });
        }
        Ok(entries)
    }

    /// Whether an entry is new; an error if it is out of order or was not asked for.
    fn admits(&self, entry: &Entry, previous: Option<Name<'_>>) -> Result<Admission, String> {
        let Name { name, is_prefix } = Name::of(entry);
        if !name.starts_with(&self.selection.prefix) {
            return Err(format!("'{name}' does not start with the prefix that was asked for"));
        }
        // What comes after one that was admitted is behind the start with it.
        let start = self.selection.start_after.as_deref();
        if start.is_some_and(|start| self.is_at_or_before(entry, start)) {
            return Ok(Admission::BeforeStart);
        }
        if let Some(previous) = previous {
            if is_prefix && previous.is_prefix && name == previous.name {
                return Ok(Admission::GivenBefore);
            }
            let may_repeat = self.selection.versions && !is_prefix && !previous.is_prefix;
            let ascends = name > previous.name || (may_repeat && name == previous.name);
            if !ascends {
                return Err(format!("the keys do not ascend: '{name}' after '{}'", previous.name));
            }
        }
        Ok(Admission::New)
    }

    /// A server that ignores `start-after` still must not give what was left out.
    fn is_at_or_before(&self, entry: &Entry, start: &str) -> bool {
        match entry {
            Entry::Object(Object { key, .. }) => key.as_str() <= start,
            // A group is left out only if no key of it can come after `start`.
            Entry::CommonPrefix(CommonPrefix { prefix }) => {
                prefix.as_str() <= start && !start.starts_with(prefix.as_str())
            }
        }
    }

    fn is_beyond(&self, name: &str) -> bool {
        self.selection.end_at.as_deref().is_some_and(|end| name > end)
    }
}

/// Objects and common prefixes, which a page gives one behind the other, as one list.
fn in_one_order(page: ListPage) -> Vec<Entry> {
    let is_group = |entry: &Entry| matches!(entry, Entry::CommonPrefix(_));
    if page.groups == 0 {
        return page.entries;
    }
    let (groups, objects): (Vec<_>, Vec<_>) = page.entries.into_iter().partition(is_group);
    let mut merged = Vec::with_capacity(groups.len() + objects.len());
    let mut groups = groups.into_iter().peekable();
    for object in objects {
        while let Some(group) = groups.next_if(|group| group.name() <= object.name()) {
            merged.push(group);
        }
        merged.push(object);
    }
    merged.extend(groups);
    merged
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;

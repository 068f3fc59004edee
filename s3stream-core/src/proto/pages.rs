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
    is_done: bool,
}

#[derive(Clone, Debug)]
struct Greatest {
    name: String,
    is_prefix: bool,
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
        let found = page.objects.len() + page.prefixes.len();
        if page.key_count.is_some_and(|count| count > found as u64) {
            return Err(format!("KeyCount is {} but {found} came", page.key_count.unwrap_or(0)));
        }
        let is_truncated = page.is_truncated;
        let next_token = page.next_token.clone();
        let answers_v1 = page.has_marker && next_token.is_none() && page.key_count.is_none();
        let next_version = page.next_version_id_marker.clone();
        let last_version = page.objects.last().and_then(|object| object.version_id.clone());

        let before = self.greatest.clone();
        let entries = match self.merge(page) {
            Ok(entries) => entries,
            // A server that ignores how we asked to go on starts again from the front.
            Err(_) if self.can_ask_otherwise(&before) => {
                self.greatest = before;
                return Ok(Accepted::AskAgain);
            }
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
            self.version_id_marker = next_version.or(last_version).filter(|_| in_key);
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

    fn can_ask_otherwise(&mut self, before: &Option<Greatest>) -> bool {
        if self.dialect != Dialect::StartAfter || before.is_none() {
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

    /// Objects and prefixes of a page in one order, each checked to come after all before.
    fn merge(&mut self, page: ListPage) -> Result<VecDeque<Entry>, String> {
        let mut objects = page.objects.into_iter().peekable();
        let mut prefixes = page.prefixes.into_iter().peekable();
        let mut entries = VecDeque::with_capacity(objects.len() + prefixes.len());
        loop {
            let is_object = match (objects.peek(), prefixes.peek()) {
                (None, None) => break,
                (Some(object), Some(prefix)) => object.key.as_str() < prefix.as_str(),
                (object, _) => object.is_some(),
            };
            let entry = if is_object {
                objects.next().map(Entry::Object)
            } else {
                prefixes.next().map(|prefix| Entry::CommonPrefix(CommonPrefix { prefix }))
            };
            let Some(entry) = entry else { break };
            if self.is_beyond(entry.name()) {
                self.is_done = true;
                break;
            }
            if self.admit(&entry)? {
                entries.push_back(entry);
            }
        }
        Ok(entries)
    }

    /// Whether an entry is new; an error if it is out of order or was not asked for.
    fn admit(&mut self, entry: &Entry) -> Result<bool, String> {
        let name = entry.name();
        if !name.starts_with(&self.selection.prefix) {
            return Err(format!("'{name}' does not start with the prefix that was asked for"));
        }
        if self
            .selection
            .start_after
            .as_deref()
            .is_some_and(|start| self.is_at_or_before(entry, start))
        {
            return Ok(false);
        }
        let is_prefix = matches!(entry, Entry::CommonPrefix(_));
        if let Some(greatest) = &self.greatest {
            if is_prefix && greatest.is_prefix && name == greatest.name {
                return Ok(false);
            }
            let may_repeat = self.selection.versions && !is_prefix && !greatest.is_prefix;
            let ascends = name > greatest.name.as_str() || (may_repeat && name == greatest.name);
            if !ascends {
                return Err(format!("the keys do not ascend: '{name}' after '{}'", greatest.name));
            }
        }
        self.greatest = Some(Greatest { name: name.to_owned(), is_prefix });
        Ok(true)
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

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;

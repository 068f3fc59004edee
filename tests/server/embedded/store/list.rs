//! Pages of a bucket's listing, found by seeking, never by a full scan.

use std::ops::Bound;

use s3s::S3Result;

use super::bucket::{Bucket, State, WantedVersion};
use super::object::{Version, Versions};

/// Which versions a listing shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Current objects (ListObjects, ListObjectsV2).
    Objects,
    /// All versions and delete markers (ListObjectVersions).
    Versions,
}

/// Where a page starts.
#[derive(Clone, Debug, Default)]
pub(crate) enum Start {
    /// At the first key.
    #[default]
    Beginning,
    /// After a key, or after all that a common prefix stands for.
    After(String),
    /// Within a key, after the version with that id.
    AfterVersion { key: String, version_id: String },
}

/// One request for a page.
#[derive(Clone, Debug)]
pub(crate) struct PageQuery<'a> {
    pub(crate) shown: Shown,
    pub(crate) prefix: &'a str,
    /// Not empty.
    pub(crate) delimiter: Option<&'a str>,
    pub(crate) start: Start,
    pub(crate) max_keys: usize,
}

/// What a page holds, in order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'a> {
    Version { key: &'a str, version: &'a Version, is_latest: bool },
    CommonPrefix(&'a str),
}

/// The last item of a page that is not the last page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Last {
    /// Key or common prefix.
    pub(crate) name: String,
    /// `None` for a common prefix.
    pub(crate) version_id: Option<String>,
}

impl Bucket {
    /// Calls `emit` for every item of the page; returns its last one if more follow.
    pub(crate) fn list(
        &self,
        query: &PageQuery<'_>,
        emit: impl FnMut(Item<'_>),
    ) -> S3Result<Option<Last>> {
        if query.max_keys == 0 {
            return Ok(None);
        }
        let state = self.read();
        let (first, skipped) = first_key(&state, query)?;
        let mut page = Page { query, skipped, emit, count: 0, last: None };
        let is_truncated = page.fill(&state, first);
        Ok(page.last.filter(|_| is_truncated))
    }
}

/// The versions of a page's first key that the page before held: that one and
/// all newer ones.
type Skipped = Option<(String, u64)>;

/// A page being filled.
struct Page<'a, F> {
    query: &'a PageQuery<'a>,
    skipped: Skipped,
    emit: F,
    count: usize,
    last: Option<Last>,
}

/// What to do after a key.
enum Step {
    Next,
    /// Go on after everything that begins with this common prefix.
    Skip(String),
    Full,
}

impl<F: FnMut(Item<'_>)> Page<'_, F> {
    /// Returns whether something was left out because the page is full.
    fn fill(&mut self, state: &State, first: Bound<String>) -> bool {
        let mut from = first;
        loop {
            let bounds = (from.as_ref().map(String::as_str), Bound::Unbounded);
            let mut skip = None;
            for (key, versions) in state.objects.range::<str, _>(bounds) {
                if !key.starts_with(self.query.prefix) {
                    return false;
                }
                match self.take(key, versions) {
                    Step::Next => {}
                    Step::Full => return true,
                    Step::Skip(prefix) => {
                        skip = Some(prefix);
                        break;
                    }
                }
            }
            match skip.and_then(|prefix| successor(&prefix)) {
                Some(next) => from = Bound::Included(next),
                None => return false,
            }
        }
    }

    fn take(&mut self, key: &str, versions: &Versions) -> Step {
        if self.query.shown == Shown::Objects && versions.newest().data.is_none() {
            return Step::Next;
        }
        if let Some(prefix) = common_prefix(self.query, key) {
            if self.count == self.query.max_keys {
                return Step::Full;
            }
            self.count += 1;
            self.remember(prefix, None);
            (self.emit)(Item::CommonPrefix(prefix));
            return Step::Skip(prefix.to_owned());
        }
        let shown = match self.query.shown {
            Shown::Objects => 1,
            Shown::Versions => usize::MAX,
        };
        for (position, version) in versions.iter().take(shown).enumerate() {
            if self.is_skipped(key, version) {
                continue;
            }
            if self.count == self.query.max_keys {
                return Step::Full;
            }
            self.count += 1;
            self.remember(key, Some(version));
            (self.emit)(Item::Version { key, version, is_latest: position == 0 });
        }
        Step::Next
    }

    /// Keeps the name of the last item, only when the page is full.
    fn remember(&mut self, name: &str, version: Option<&Version>) {
        if self.count == self.query.max_keys {
            self.last = Some(Last { name: name.to_owned(), version_id: version.map(Version::id) });
        }
    }

    fn is_skipped(&self, key: &str, version: &Version) -> bool {
        let skipped = self.skipped.as_ref();
        skipped.is_some_and(|(skipped, oldest)| skipped == key && version.sequence >= *oldest)
    }
}

/// The first key to look at, and which of its versions were listed before.
fn first_key(state: &State, query: &PageQuery<'_>) -> S3Result<(Bound<String>, Skipped)> {
    let beginning = Bound::Included(query.prefix.to_owned());
    let (first, skipped) = match &query.start {
        Start::Beginning => (beginning.clone(), None),
        Start::After(name) => (after(query, name), None),
        Start::AfterVersion { key, version_id } => {
            let wanted = WantedVersion::parse(version_id)?;
            match version_sequence(state, key, wanted) {
                Some(sequence) => (Bound::Included(key.clone()), Some((key.clone(), sequence))),
                None => (after(query, key), None),
            }
        }
    };
    let is_before_prefix = match &first {
        Bound::Included(key) | Bound::Excluded(key) => key.as_str() < query.prefix,
        Bound::Unbounded => true,
    };
    Ok((if is_before_prefix { beginning } else { first }, skipped))
}

/// The version that a marker names; one that was deleted since still has its
/// place in the order.
fn version_sequence(state: &State, key: &str, wanted: WantedVersion) -> Option<u64> {
    match wanted {
        WantedVersion::Sequence(sequence) => Some(sequence),
        WantedVersion::Null => state
            .objects
            .get(key)?
            .iter()
            .find(|version| version.is_null)
            .map(|version| version.sequence),
    }
}

/// A marker that is a common prefix of this very listing stands for all keys
/// below it: that is how AWS's NextMarker continues.
fn after(query: &PageQuery<'_>, name: &str) -> Bound<String> {
    if common_prefix(query, name) == Some(name) {
        // Nothing can follow a prefix without a successor: U+10FFFF is the last character.
        return successor(name).map_or_else(|| Bound::Excluded(name.to_owned()), Bound::Included);
    }
    Bound::Excluded(name.to_owned())
}

/// The common prefix under which the listing shows `key`, if it does.
fn common_prefix<'k>(query: &PageQuery<'_>, key: &'k str) -> Option<&'k str> {
    let delimiter = query.delimiter?;
    let rest = key.strip_prefix(query.prefix)?;
    let end = rest.find(delimiter)? + delimiter.len();
    key.get(..query.prefix.len() + end)
}

/// The smallest string greater than every string that begins with `prefix`.
fn successor(prefix: &str) -> Option<String> {
    let mut head = prefix.to_owned();
    while let Some(last) = head.pop() {
        // Ranges of char step over the surrogates, and code points order as
        // their UTF-8 bytes do.
        if let Some(next) = (last..=char::MAX).nth(1) {
            head.push(next);
            return Some(head);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn successor_steps_over_what_utf8_has_not() {
        assert_eq!(successor("a/").as_deref(), Some("a0"));
        assert_eq!(successor("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(successor("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(successor("\u{10ffff}"), None);
        assert_eq!(successor(""), None);
    }
}

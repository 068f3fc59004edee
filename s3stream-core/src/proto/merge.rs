//! A page's entries in one order: which are new, which were given before, which break it.

use std::collections::VecDeque;

use super::order::Sight;
use super::pages::{Memory, Pages, State, mark};
use super::xml::{ListPage, Listed};
use crate::object::Entry;

/// Why a page cannot be the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// In one line.
    Page(String),
    /// The keys do not ascend, which is an order of the server's own or no order at all.
    Order(String),
}

impl From<String> for Wrong {
    fn from(why: String) -> Self {
        Wrong::Page(why)
    }
}

/// The last name of a page.
#[derive(Clone, Debug)]
pub(super) struct Greatest {
    pub(super) name: String,
    pub(super) is_group: bool,
}

/// What a page came to.
pub(super) struct Merged {
    pub(super) entries: VecDeque<Listed>,
    /// The range ends in it: nothing can follow.
    pub(super) is_past_end: bool,
    /// It held what was given before.
    pub(super) has_ignored: bool,
    /// It went further than those before it, if only in what was not asked for.
    pub(super) has_moved: bool,
}

/// What an entry is ordered by, and which sort it is of.
#[derive(Clone, Copy)]
struct Name<'a> {
    place: &'a [u8],
    is_group: bool,
}

impl Pages {
    /// Checks a page as a whole, before anything of it is cut off: no entry of it counts if
    /// it is not what was asked for, or comes before one that it must come behind. True if all
    /// of them are objects.
    pub(super) fn examine(&self, entries: &[Listed]) -> Result<bool, Wrong> {
        let prefix = self.selection.prefix.as_bytes();
        let is_ordered = !matches!(self.memory, Memory::Unordered(_));
        let is_listing = !matches!(self.state, State::Checking(_));
        let mut previous = self
            .greatest
            .as_ref()
            .filter(|_| is_listing)
            .map(|greatest| Name { place: greatest.name.as_bytes(), is_group: greatest.is_group });
        let mut are_objects = true;
        for listed in entries {
            are_objects &= matches!(listed, Listed::Entry(Entry::Object(_)));
            let Some(place) = listed.place() else { continue };
            if !place.starts_with(prefix) {
                let name = shown(place);
                let why = format!("'{name}' does not start with the prefix that was asked for");
                return Err(Wrong::Page(why));
            }
            let name = Name { place, is_group: listed.is_group() };
            if let Some(previous) = previous
                && is_ordered
                && !self.may_follow(previous, name)
            {
                return Err(Wrong::Order(format!(
                    "the keys do not ascend: '{}' after '{}'",
                    shown(place),
                    shown(previous.place)
                )));
            }
            previous = Some(name);
        }
        Ok(are_objects)
    }

    /// Takes in a page that was examined, of objects alone, in a listing that leaves none out.
    pub(super) fn take_all(&mut self, entries: Vec<Listed>) -> Merged {
        if let Some(last) = entries.last().and_then(Listed::name) {
            self.greatest = Some(Greatest { name: last.to_owned(), is_group: false });
        }
        let entries = VecDeque::from(entries);
        self.remember(&entries);
        let has_moved = !entries.is_empty();
        Merged { entries, is_past_end: false, has_ignored: false, has_moved }
    }

    /// Whether a page of objects can be taken in as it is.
    pub(super) fn leaves_none_out(&self) -> bool {
        let is_listing = !matches!(self.state, State::Checking(_));
        let is_ordered = !matches!(self.memory, Memory::Unordered(_));
        is_listing && is_ordered && !self.selection.is_range() && !self.selection.versions
    }

    /// Versions repeat their key, and some servers the common prefix of the page before.
    fn may_follow(&self, previous: Name<'_>, name: Name<'_>) -> bool {
        let may_repeat = match (previous.is_group, name.is_group) {
            (true, true) => true,
            (false, false) => self.selection.versions,
            _ => false,
        };
        name.place > previous.place || (may_repeat && name.place == previous.place)
    }

    /// Takes in a page that was examined: what was not asked for, or given before, is left
    /// out.
    pub(super) fn merge(&mut self, entries: Vec<Listed>) -> Result<Merged, Wrong> {
        let is_checking = matches!(self.state, State::Checking(_));
        let mut merged = Merged {
            entries: VecDeque::new(),
            is_past_end: false,
            has_ignored: false,
            has_moved: false,
        };
        let (mut left_out, mut end) = (Vec::new(), entries.len());
        // The last one that was admitted and has a name to go on behind.
        let mut last: Option<usize> = None;
        for (at, listed) in entries.iter().enumerate() {
            let Some(place) = listed.place() else { continue };
            if self.is_beyond(place) {
                merged.is_past_end = true;
                end = at;
                break;
            }
            if self.is_left_out(listed, place) {
                merged.has_moved |= self.skip(place);
                left_out.push(at);
                continue;
            }
            let previous = match last {
                Some(last) => entries[last].name().map(str::as_bytes),
                None => self.greatest.as_ref().map(|greatest| greatest.name.as_bytes()),
            };
            let was_given = match &mut self.memory {
                Memory::Unordered(seen) => {
                    let again = seen.see_hash(mark(listed)) == Sight::Again;
                    if again && !is_checking {
                        let name = shown(place);
                        return Err(
                            format!("'{name}' comes twice: the listing goes in a circle").into()
                        );
                    }
                    again
                }
                _ => previous.is_some_and(|previous| {
                    (is_checking && place <= previous) || (listed.is_group() && place == previous)
                }),
            };
            if was_given {
                merged.has_ignored = true;
                left_out.push(at);
                continue;
            }
            if self.selection.versions && !is_first_version(&mut self.versions, listed, previous) {
                let name = shown(place);
                return Err(format!("a version of '{name}' comes twice").into());
            }
            if listed.name().is_some() {
                last = Some(at);
            }
        }
        if let Some(last) = last.map(|last| &entries[last])
            && let Some(name) = last.name()
        {
            // Nothing can follow the end of the range, unless as another version of it.
            let is_end = self.selection.end_at.as_deref() == Some(name);
            merged.is_past_end |= is_end && !self.selection.versions;
            self.greatest = Some(Greatest { name: name.to_owned(), is_group: last.is_group() });
        }
        merged.entries = VecDeque::from(entries);
        merged.entries.truncate(end);
        if !left_out.is_empty() {
            let mut at = 0;
            merged.entries.retain(|_| {
                at += 1;
                left_out.binary_search(&(at - 1)).is_err()
            });
        }
        merged.has_moved |= !merged.entries.is_empty();
        self.remember(&merged.entries);
        Ok(merged)
    }

    /// A server that ignores `start-after` still must not give what was left out.
    fn is_left_out(&self, listed: &Listed, place: &[u8]) -> bool {
        let Some(start) = self.selection.start_after.as_deref().map(str::as_bytes) else {
            return false;
        };
        // A group is left out only if no key of it can come after `start`.
        place <= start && !(listed.is_group() && start.starts_with(place))
    }

    /// Notes what was left out; whether the server came further by it.
    fn skip(&mut self, place: &[u8]) -> bool {
        let is_further = self.skipped.as_deref().is_none_or(|before| before < place);
        if is_further {
            self.skipped = Some(place.to_vec());
        }
        is_further
    }

    fn is_beyond(&self, place: &[u8]) -> bool {
        self.selection.end_at.as_deref().is_some_and(|end| place > end.as_bytes())
    }
}

/// Whether a version has not come yet; those of one key come one behind the other.
fn is_first_version(
    seen: &mut super::order::Seen,
    listed: &Listed,
    previous: Option<&[u8]>,
) -> bool {
    let Listed::Entry(Entry::Object(object)) = listed else { return true };
    if previous != Some(object.key.as_bytes()) {
        seen.clear();
    }
    let version = (&object.version_id, object.is_delete_marker, object.last_modified);
    match seen.see(&version) {
        Sight::First => true,
        Sight::Again => false,
        Sight::Unknown => {
            // A circle among so many would still be found, as soon as it closes.
            seen.clear();
            true
        }
    }
}

/// Objects and common prefixes, which a page gives one behind the other, as one list.
pub(super) fn in_one_order(page: ListPage) -> Vec<Listed> {
    if page.groups == 0 {
        return page.entries;
    }
    let (groups, objects): (Vec<_>, Vec<_>) = page.entries.into_iter().partition(Listed::is_group);
    let mut merged = Vec::with_capacity(groups.len() + objects.len());
    let mut groups = groups.into_iter().peekable();
    for object in objects {
        while let Some(group) = groups.next_if(|group| group.place() <= object.place()) {
            merged.push(group);
        }
        merged.push(object);
    }
    merged.extend(groups);
    merged
}

/// A name for a person.
fn shown(place: &[u8]) -> String {
    super::encode::readable(place)
}

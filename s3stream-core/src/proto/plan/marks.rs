//! Where a shard could be cut, in bounded memory.

use super::nouns::Limits;
use super::separator::separator;

/// Boundaries that are kept of one shard: where there are more, every second goes.
const MOST_MARKS: usize = 512;

/// A limit is divided into so many steps, at each of which a boundary is noted.
const STEPS: u64 = 64;

/// What lies before a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) objects: u64,
    pub(super) bytes: u64,
}

impl Count {
    pub(super) fn add(&mut self, size: u64) {
        self.objects += 1;
        self.bytes = self.bytes.saturating_add(size);
    }

    pub(super) fn since(self, earlier: Count) -> Count {
        Count { objects: self.objects - earlier.objects, bytes: self.bytes - earlier.bytes }
    }
}

/// A boundary, and what lies before it.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) at: String,
    pub(super) before: Count,
}

/// The boundaries of the range that is passed, evenly spread over what it holds.
pub(super) struct Marks {
    step: Count,
    marks: Vec<Mark>,
    last: Count,
    passed: Count,
    key: String,
}

impl Marks {
    pub(super) fn new(limits: &Limits) -> Self {
        let step = Count {
            objects: (limits.objects / STEPS).max(1),
            bytes: (limits.bytes / STEPS).max(1),
        };
        Marks {
            step,
            marks: Vec::new(),
            last: Count::default(),
            passed: Count::default(),
            key: String::new(),
        }
    }

    /// The next key of the range.
    pub(super) fn pass(&mut self, key: &str, size: u64) {
        let since = self.passed.since(self.last);
        // Before an object that is a step of its own too: it may have to stand alone.
        let is_due = since.objects >= self.step.objects
            || since.bytes.saturating_add(size) > self.step.bytes;
        if self.passed.objects > 0 && is_due {
            self.marks.push(Mark { at: separator(&self.key, key), before: self.passed });
            self.last = self.passed;
            if self.marks.len() == MOST_MARKS {
                self.thin();
            }
        }
        self.passed.add(size);
        self.key.clear();
        self.key.push_str(key);
    }

    pub(super) fn passed(&self) -> Count {
        self.passed
    }

    /// The greatest key that was passed.
    pub(super) fn last_key(&self) -> Option<&str> {
        (self.passed.objects > 0).then_some(&self.key)
    }

    pub(super) fn all(&self) -> &[Mark] {
        &self.marks
    }

    /// The boundaries that cut the range into so many parts, as even as they can be: fewer
    /// where a few large objects make most of it.
    pub(super) fn cuts(&self, parts: u64, limits: &Limits) -> Vec<Mark> {
        let whole = self.passed;
        let by_bytes = super::nouns::share(whole.bytes, limits.bytes)
            >= super::nouns::share(whole.objects, limits.objects);
        let weight = |count: Count| if by_bytes { count.bytes } else { count.objects };
        let mut cuts: Vec<Mark> = Vec::new();
        for part in 1..parts {
            let target = u128::from(weight(whole)) * u128::from(part) / u128::from(parts);
            let distance = |mark: &&Mark| u128::from(weight(mark.before)).abs_diff(target);
            let Some(nearest) = self.marks.iter().min_by_key(distance) else { break };
            if cuts.last().is_none_or(|last| last.at < nearest.at) {
                cuts.push(nearest.clone());
            }
        }
        cuts
    }

    fn thin(&mut self) {
        let mut index = 0;
        self.marks.retain(|_| {
            index += 1;
            index % 2 == 0
        });
        self.step.objects *= 2;
        self.step.bytes = self.step.bytes.saturating_mul(2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { bytes: 6_400, objects: 1_000_000, ..Limits::default() }
    }

    fn marks(sizes: impl IntoIterator<Item = u64>) -> Marks {
        let mut marks = Marks::new(&limits());
        for (index, size) in sizes.into_iter().enumerate() {
            marks.pass(&format!("{index:08}"), size);
        }
        marks
    }

    #[test]
    fn cuts_are_even_however_much_there_is() {
        for objects in [10, 100, 5_000, 100_000] {
            let marks = marks((0..objects).map(|_| 100));
            let cuts = marks.cuts(4, &limits());
            assert_eq!(cuts.len(), 3, "{objects}");
            for (index, cut) in cuts.iter().enumerate() {
                let wanted = objects * (index as u64 + 1) / 4;
                assert!(
                    cut.before.objects.abs_diff(wanted) <= objects / 100 + 1,
                    "{objects} {cut:?}"
                );
            }
            assert!(marks.marks.len() <= MOST_MARKS);
        }
    }

    #[test]
    fn a_large_object_can_stand_alone() {
        let cuts = marks([10, 10, 50_000, 10, 10]).cuts(3, &limits());
        let before: Vec<_> = cuts.iter().map(|cut| cut.before.objects).collect();
        assert_eq!(before, [2, 3]);
    }

    #[test]
    fn one_object_cannot_be_cut() {
        assert!(marks([50_000]).cuts(2, &limits()).is_empty());
        assert!(marks([]).cuts(2, &limits()).is_empty());
    }
}

//! Counts by name, in bounded memory.

use std::collections::BTreeMap;

/// More names than any honest manifest has; those beyond share one.
const MOST_NAMES: usize = 64;

/// The name that is counted for all beyond [`MOST_NAMES`].
const OTHERS: &str = "others";

/// How many objects, and how many bytes of them, carry each of a few names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tally(BTreeMap<String, Share>);

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Share {
    pub(super) count: u64,
    pub(super) bytes: u64,
}

impl Share {
    pub(super) fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

impl Tally {
    pub(super) fn add(&mut self, name: &str, bytes: u64) {
        let name =
            if self.0.len() < MOST_NAMES || self.0.contains_key(name) { name } else { OTHERS };
        // Looked up first: an entry would cost a new string for each object.
        match self.0.get_mut(name) {
            Some(share) => share.add(bytes),
            None => self.0.entry(name.to_owned()).or_default().add(bytes),
        }
    }

    pub(super) fn get(&self, name: &str) -> Share {
        self.0.get(name).copied().unwrap_or_default()
    }

    /// The place of a name among all names.
    pub(super) fn rank(&self, name: &str) -> usize {
        self.0.range(..name.to_owned()).count()
    }

    /// Names and shares, the most frequent first.
    pub(super) fn by_count(&self) -> Vec<(&str, Share)> {
        let mut shares: Vec<_> = self.0.iter().map(|(name, share)| (&**name, *share)).collect();
        shares.sort_by_key(|(_, share)| std::cmp::Reverse(share.count));
        shares
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_stays_bounded_whatever_the_names() {
        let mut tally = Tally::default();
        for number in 0..10_000 {
            tally.add(&format!("reason {number}"), 1);
        }
        assert_eq!(tally.0.len(), MOST_NAMES + 1);
        assert_eq!(tally.by_count()[0].0, OTHERS);
        assert_eq!(tally.by_count().iter().map(|(_, share)| share.count).sum::<u64>(), 10_000);
    }
}

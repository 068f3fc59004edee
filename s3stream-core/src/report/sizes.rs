//! How large the objects are: a histogram whose classes double.

use super::tally::Share;

/// One class for empty objects, one for each doubling of a 64-bit size.
const CLASSES: usize = 65;

/// Objects and bytes in each class of size: class 0 is 0 bytes, class `n` is from 2^(n-1)
/// up to, but not including, 2^n bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sizes([Share; CLASSES]);

impl Default for Sizes {
    fn default() -> Self {
        Sizes([Share::default(); CLASSES])
    }
}

impl Sizes {
    pub(super) fn add(&mut self, bytes: u64) {
        let class = (u64::BITS - bytes.leading_zeros()) as usize;
        self.0[class].add(bytes);
    }

    /// From the smallest class that has objects to the largest; empty if there are none.
    pub(super) fn occupied(&self) -> Vec<(usize, Share)> {
        let is_occupied = |share: &Share| share.count > 0;
        let Some(first) = self.0.iter().position(is_occupied) else { return Vec::new() };
        let last = self.0.iter().rposition(is_occupied).unwrap_or(first);
        self.0.iter().copied().enumerate().skip(first).take(last - first + 1).collect()
    }
}

/// The smallest size of a class, in bytes.
pub(super) fn lower_bound(class: usize) -> u64 {
    if class == 0 { 0 } else { 1 << (class - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_double() {
        let mut sizes = Sizes::default();
        for bytes in [0, 1, 2, 3, 4, 1023, 1024, u64::MAX] {
            sizes.add(bytes);
        }
        let occupied = sizes.occupied();
        assert_eq!(occupied.len(), CLASSES);
        for (class, count) in [(0, 1), (1, 1), (2, 2), (3, 1), (4, 0), (10, 1), (11, 1), (64, 1)] {
            assert_eq!(occupied[class].1.count, count, "{class}");
        }
        assert_eq!(lower_bound(11), 1024);
    }
}

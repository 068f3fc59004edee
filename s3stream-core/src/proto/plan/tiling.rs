//! Whether ranges cover all keys, and none twice.

use std::fmt;

use super::nouns::{Bounds, Plan};

/// Why ranges do not tile the key space.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// No key can be in a range.
    Nothing {
        /// The shard.
        id: u32,
    },
    /// Nobody backs up the keys behind `after`, up to `up_to`.
    Gap {
        /// The last key that is covered; none where the first range does not begin open.
        after: Option<String>,
        /// The last key that is not; none where the last range does not end open.
        up_to: Option<String>,
    },
    /// Two back up the same keys.
    Overlap {
        /// The lower one.
        lower: u32,
        /// The upper one.
        upper: u32,
    },
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Nothing { id } => {
                write!(f, "no key can be in shard {}: it ends before it begins", Plan::name(*id))
            }
            Flaw::Gap { after: None, up_to: None } => f.write_str("no shard backs up any key"),
            Flaw::Gap { after: Some(after), up_to: None } => {
                write!(f, "no shard backs up the keys behind {after:?}")
            }
            Flaw::Gap { after: None, up_to: Some(up_to) } => {
                write!(f, "no shard backs up the keys up to {up_to:?}")
            }
            Flaw::Gap { after: Some(after), up_to: Some(up_to) } => {
                write!(f, "no shard backs up the keys behind {after:?}, up to {up_to:?}")
            }
            Flaw::Overlap { lower, upper } => write!(
                f,
                "shards {} and {} back up the same keys",
                Plan::name(*lower),
                Plan::name(*upper)
            ),
        }
    }
}

/// What is wrong with ranges that are to cover every key once: nothing if the first begins
/// open, the last ends open, and neighbours meet.
///
/// ```
/// use s3stream_core::plan::{Bounds, Flaw, flaws};
/// let tiles = [(1, Bounds::new(None, Some("m"))), (2, Bounds::new(Some("m"), None))];
/// assert!(flaws(&tiles).is_empty());
/// let hole = [(1, Bounds::new(None, Some("a"))), (2, Bounds::new(Some("m"), None))];
/// let gap = Flaw::Gap { after: Some("a".into()), up_to: Some("m".into()) };
/// assert_eq!(flaws(&hole), [gap]);
/// ```
pub fn flaws(ranges: &[(u32, Bounds)]) -> Vec<Flaw> {
    sweep(ranges, true)
}

/// The same where ranges may overlap: while one hands keys over to another, both have them.
pub(crate) fn gaps(ranges: &[(u32, Bounds)]) -> Vec<Flaw> {
    sweep(ranges, false)
}

fn sweep(ranges: &[(u32, Bounds)], once: bool) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut sorted = Vec::new();
    for (id, bounds) in ranges {
        match (&bounds.start_after, &bounds.end_at) {
            (Some(start), Some(end)) if start >= end => flaws.push(Flaw::Nothing { id: *id }),
            _ => sorted.push((*id, bounds)),
        }
    }
    sorted.sort_by(|(one, a), (other, b)| (&a.start_after, one).cmp(&(&b.start_after, other)));
    // How far keys are covered, and by whom.
    let mut covered = Covered::Nothing;
    for (id, bounds) in sorted {
        let start = bounds.start_after.as_deref();
        match (&covered, start) {
            (Covered::Nothing, None) => {}
            (Covered::Nothing, Some(start)) => flaws.push(gap(None, Some(start))),
            (Covered::UpTo(_, end), Some(start)) if end.as_str() < start => {
                flaws.push(gap(Some(end), Some(start)));
            }
            (Covered::UpTo(_, end), Some(start)) if end.as_str() == start => {}
            (Covered::UpTo(lower, _) | Covered::All(lower), _) if once => {
                flaws.push(Flaw::Overlap { lower: *lower, upper: id });
            }
            (Covered::UpTo(..) | Covered::All(_), _) => {}
        }
        covered = covered.further(id, bounds.end_at.as_deref());
    }
    match covered {
        Covered::Nothing => flaws.push(gap(None, None)),
        Covered::UpTo(_, end) => flaws.push(gap(Some(&end), None)),
        Covered::All(_) => {}
    }
    flaws
}

enum Covered {
    Nothing,
    UpTo(u32, String),
    All(u32),
}

impl Covered {
    fn further(self, id: u32, end: Option<&str>) -> Self {
        match (self, end) {
            (Covered::All(by), _) => Covered::All(by),
            (_, None) => Covered::All(id),
            (Covered::UpTo(by, reached), Some(end)) if reached.as_str() >= end => {
                Covered::UpTo(by, reached)
            }
            (_, Some(end)) => Covered::UpTo(id, end.to_owned()),
        }
    }
}

fn gap(after: Option<&str>, up_to: Option<&str>) -> Flaw {
    Flaw::Gap { after: after.map(str::to_owned), up_to: up_to.map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(table: &[(Option<&str>, Option<&str>)]) -> Vec<(u32, Bounds)> {
        let ranges = (1..).zip(table);
        ranges.map(|(id, (start, end))| (id, Bounds::new(*start, *end))).collect()
    }

    #[test]
    fn every_flaw_is_found_and_nothing_else() {
        let (a, m, z) = (Some("a"), Some("m"), Some("z"));
        let overlap = |lower, upper| Flaw::Overlap { lower, upper };
        let table = [
            (vec![(None, None)], vec![]),
            (vec![(None, a), (a, m), (m, None)], vec![]),
            (vec![(m, None), (None, a), (a, m)], vec![]),
            (vec![], vec![gap(None, None)]),
            (vec![(a, None)], vec![gap(None, a)]),
            (vec![(None, a)], vec![gap(a, None)]),
            (vec![(None, a), (m, None)], vec![gap(a, m)]),
            (vec![(None, m), (a, None)], vec![overlap(1, 2)]),
            (vec![(None, None), (a, None)], vec![overlap(1, 2)]),
            (vec![(None, None), (None, None)], vec![overlap(1, 2)]),
            (vec![(None, z), (a, m), (m, None)], vec![overlap(1, 2), overlap(1, 3)]),
            (vec![(None, z), (a, m), (z, None)], vec![overlap(1, 2)]),
            (vec![(None, a), (a, a), (a, None)], vec![Flaw::Nothing { id: 2 }]),
            (vec![(None, a), (m, a), (a, None)], vec![Flaw::Nothing { id: 2 }]),
        ];
        for (given, wanted) in table {
            assert_eq!(flaws(&ranges(&given)), wanted, "{given:?}");
            let holes: Vec<Flaw> =
                wanted.into_iter().filter(|flaw| !matches!(flaw, Flaw::Overlap { .. })).collect();
            assert_eq!(gaps(&ranges(&given)), holes, "{given:?}");
        }
    }
}

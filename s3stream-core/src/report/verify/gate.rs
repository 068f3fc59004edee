//! The gate: a bucket that lost or changed too much at once is no bucket to go on from.
//!
//! Ransomware overwrites or deletes what it finds. A backup that follows suit records the
//! deletions, and keeps the encrypted objects as the latest ones.

use std::fmt;
use std::str::FromStr;

use super::totals::{Finding, Totals};
use crate::report::human::{count, percent};

/// How much of a bucket may be lost or changed between two runs.
///
/// ```
/// use s3stream_core::report::Gate;
/// let gate: Gate = "20%".parse().unwrap();
/// assert_eq!(gate, Gate::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gate {
    /// The share of what was backed up, in percent; 0 to 100.
    pub share: u8,
    /// Fewer objects than these were backed up: nothing is said, for a share means little.
    pub least: u64,
}

impl Default for Gate {
    /// 20 % of at least 1,000 objects.
    fn default() -> Self {
        Gate { share: 20, least: 1_000 }
    }
}

/// What a gate refuses, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Breach {
    /// Objects that had been backed up.
    pub kept: u64,
    /// Those that are gone.
    pub missing: u64,
    /// Those that were overwritten.
    pub changed: u64,
    /// The share that was allowed, in percent.
    pub share: u8,
}

impl Gate {
    /// What is wrong with a bucket that lost or changed more than its share; `None` where it
    /// did not.
    pub fn judge(self, totals: &Totals) -> Option<Breach> {
        let kept =
            totals.recorded() - totals.count(Finding::NotKept) - totals.count(Finding::NeverKept);
        let (missing, changed) = (totals.missing(), totals.changed());
        let lost = u128::from(missing + changed) * 100;
        let is_much = lost > u128::from(kept) * u128::from(self.share);
        (kept >= self.least && is_much).then_some(Breach {
            kept,
            missing,
            changed,
            share: self.share,
        })
    }
}

impl FromStr for Gate {
    type Err = String;

    /// `20%`, or `20`: the share alone.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_suffix('%').unwrap_or(text);
        match number.trim().parse() {
            Ok(share @ 0..=100) => Ok(Gate { share, ..Gate::default() }),
            _ => Err(format!("'{text}' is no share from 0% to 100%")),
        }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost = self.missing + self.changed;
        write!(
            f,
            "{} of {} objects ({}) are gone or others than were backed up: {} missing, {} \
             changed; {} % were allowed",
            count(lost),
            count(self.kept),
            percent(lost, self.kept),
            count(self.missing),
            count(self.changed),
            self.share
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Object;
    use crate::report::{Outcome, Record};

    fn totals(findings: &[(Finding, u64)]) -> Totals {
        let mut totals = Totals::default();
        let (record, object) = (Record::new("b", "k", Outcome::Streamed), Object::new("k"));
        for (finding, number) in findings {
            for _ in 0..*number {
                let is_listed = !matches!(finding, Finding::Missing | Finding::NeverKept);
                let record = (*finding != Finding::Added).then_some(&record);
                totals.note(*finding, record, is_listed.then_some(&object), &mut |_, _, _| ());
            }
        }
        totals
    }

    #[test]
    fn more_than_the_share_of_enough_objects_is_a_breach_and_not_one_less() {
        let gate = Gate::default();
        let judged = |missing, changed, same| {
            let found = [
                (Finding::Missing, missing),
                (Finding::Changed, changed),
                (Finding::Same, same),
                // What was never kept cannot be lost, and what is new hides nothing.
                (Finding::Added, 5_000),
                (Finding::NotKept, 5_000),
                (Finding::NeverKept, 5_000),
            ];
            gate.judge(&totals(&found))
        };
        assert_eq!(judged(100, 100, 800), None, "just the share");
        let breach = judged(100, 101, 799).unwrap();
        assert_eq!(
            breach.to_string(),
            "201 of 1,000 objects (20 %) are gone or others than were backed up: 100 missing, \
             101 changed; 20 % were allowed"
        );
        assert_eq!(judged(999, 0, 0), None, "too few to tell");
        assert!(judged(1_000, 0, 0).is_some());
        let none = Gate { share: 0, least: 1 };
        assert!(none.judge(&totals(&[(Finding::Changed, 1), (Finding::Same, 9)])).is_some());
        assert_eq!(none.judge(&totals(&[(Finding::Same, 9)])), None);
    }

    #[test]
    fn a_share_is_read_with_and_without_its_sign() {
        assert_eq!("5".parse::<Gate>().unwrap().share, 5);
        assert_eq!("100%".parse::<Gate>().unwrap().share, 100);
        for wrong in ["", "101", "-1", "a%"] {
            assert!(wrong.parse::<Gate>().is_err(), "{wrong}");
        }
    }
}

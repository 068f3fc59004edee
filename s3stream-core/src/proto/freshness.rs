//! When keys that end are renewed.
//!
//! As the AWS SDKs have it: from 15 minutes before the end a renewal is tried and the old keys
//! serve on if it fails, from 10 minutes before a request waits for it. Keys that live an hour at
//! most would be renewed for a quarter of their life by that, so the windows are a quarter and a
//! sixth of a life at most.

use crate::time::Timestamp;

/// Seconds before the end from which a renewal is tried, and from which requests wait for it.
const TRIED: i64 = 15 * 60;
const WAITED: i64 = 10 * 60;

/// How far keys are in their life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    /// They serve.
    Fresh,
    /// They serve; whoever comes first tries to renew them.
    Aging,
    /// They serve if they cannot be renewed.
    Old,
    /// They are refused.
    Over,
}

/// The age of keys that were obtained then and end then; `None` never.
pub(crate) fn age(obtained: Timestamp, expires: Option<Timestamp>, now: Timestamp) -> Age {
    let Some(expires) = expires else { return Age::Fresh };
    let seconds = |time: Timestamp| time.unix_seconds();
    let left = seconds(expires) - seconds(now);
    let life = (seconds(expires) - seconds(obtained)).max(0);
    if left <= 0 {
        Age::Over
    } else if left <= WAITED.min(life / 6) {
        Age::Old
    } else if left <= TRIED.min(life / 4) {
        Age::Aging
    } else {
        Age::Fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_windows_are_minutes_of_long_lives_and_parts_of_short_ones() {
        let at = |seconds: i64| Timestamp::from_unix_seconds(1_700_000_000 + seconds).unwrap();
        let table = [
            // Life, left, age.
            (21_600, 901, Age::Fresh),
            (21_600, 900, Age::Aging),
            (21_600, 601, Age::Aging),
            (21_600, 600, Age::Old),
            (21_600, 1, Age::Old),
            (21_600, 0, Age::Over),
            (21_600, -5, Age::Over),
            (3_600, 901, Age::Fresh),
            (3_600, 900, Age::Aging),
            (3_600, 600, Age::Old),
            (900, 226, Age::Fresh),
            (900, 225, Age::Aging),
            (900, 150, Age::Old),
            (2, 1, Age::Fresh),
            (2, 0, Age::Over),
            (0, 0, Age::Over),
        ];
        for (life, left, wanted) in table {
            let found = age(at(0), Some(at(life)), at(life - left));
            assert_eq!(found, wanted, "{left} s left of {life}");
        }
        assert_eq!(age(at(0), None, at(1 << 30)), Age::Fresh);
        // Ended before they came: a clock is off, or they are of a cache.
        assert_eq!(age(at(100), Some(at(50)), at(100)), Age::Over);
    }
}

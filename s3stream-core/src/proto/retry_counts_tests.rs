//! What an operation says that it took, and where its patience ends to the number.

use super::*;

const POLICY: Policy = Policy {
    max_attempts: 9,
    base_delay: Duration::from_millis(100),
    max_delay: Duration::from_secs(1),
    retry_for: Duration::ZERO,
};

#[test]
fn a_retry_is_counted_where_there_is_one() {
    let mut budget = Budget::new(POLICY);
    assert_eq!(budget.retries(), 0);
    for (failure, retries) in [
        (Failure::Transient, 1),
        (Failure::Stale, 2),
        (Failure::Corrected, 3),
        (Failure::Throttled(None), 4),
        (Failure::Final, 4),
    ] {
        budget.failed(failure, 0.0);
        assert_eq!(budget.retries(), retries, "{failure:?}");
    }
}

#[test]
fn a_resumption_is_counted_whoever_wanted_it() {
    let mut budget = Budget::new(POLICY);
    for (resume, resumes) in [(Resume::Forced, 1), (Resume::Deliberate, 2), (Resume::Forced, 3)] {
        assert!(budget.resume(resume));
        assert_eq!(budget.resumes(), resumes);
    }
}

#[test]
fn what_the_parts_of_an_operation_took_is_added() {
    let mut budget = Budget::new(POLICY);
    budget.resume(Resume::Forced);
    budget.failed(Failure::Transient, 0.0);
    budget.join(3, 4);
    budget.join(3, 5);
    assert_eq!((budget.resumes(), budget.retries()), (7, 10));
}

#[test]
fn the_failure_that_ends_an_operation_is_one_too() {
    let mut budget = Budget::new(POLICY);
    assert_eq!(budget.failures(), 1, "nobody asks before there is one");
    for failures in 1..=3 {
        budget.failed(Failure::Transient, 0.0);
        assert_eq!(budget.failures(), failures);
    }
    budget.failed(Failure::Final, 0.0);
    assert_eq!(budget.failures(), 4);
}

#[test]
fn fewer_attempts_are_fewer_and_no_more() {
    assert_eq!(POLICY.at_most(2), Policy { max_attempts: 2, ..POLICY });
    assert_eq!(POLICY.at_most(20), POLICY);
}

#[test]
fn a_pause_of_just_five_minutes_is_obeyed() {
    let wish = Duration::from_secs(300);
    let mut budget = Budget::new(POLICY);
    let decision = budget.failed(Failure::Throttled(Some(wish)), 0.0);
    assert_eq!(decision, Decision::RetryAfter(wish));
}

#[test]
fn progress_is_64_kib() {
    assert_eq!(PROGRESS, 65_536);
}

//! One clock for all operations of a client: who waits, who gives up, who finds out.

use super::Standing::{Answers, Probe, Repeat, Spent, Unknown, Wait};
use super::*;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const TERMS: Terms = Terms {
    retry_for: s(600),
    shortest_pause: Duration::from_millis(100),
    longest_pause: s(10),
    longest_attempt: s(60),
};

/// An endpoint that has answered at 100.
fn answering() -> Outage {
    let mut outage = Outage::new(TERMS);
    assert_eq!(outage.answered(s(100)), None);
    outage
}

/// One that has been silent since 101, and whose probe failed at 107.
fn out() -> Outage {
    let mut outage = answering();
    assert!(!outage.failed(s(101), None));
    assert_eq!(outage.ask(s(107), s(106)), Probe);
    assert!(outage.declare(s(107), s(107)));
    outage
}

#[test]
fn a_failure_while_others_are_answered_is_the_objects() {
    let mut outage = answering();
    outage.failed(s(101), None);
    outage.answered(s(102));
    outage.failed(s(103), None);
    assert_eq!(outage.ask(s(103), s(101)), Answers, "one has come since it was sent");
    assert_eq!(outage.ask(s(103), s(103)), Probe, "one that came before says nothing");
    outage.answered(s(104));
    assert_eq!(outage.ask(s(104), s(103)), Answers);
    assert_eq!(outage.tally(s(104)), Tally::default(), "that was no outage");
}

#[test]
fn an_endpoint_that_never_answered_is_not_waited_for() {
    let mut outage = Outage::new(TERMS);
    outage.failed(s(1), None);
    assert_eq!(outage.ask(s(2), s(1)), Unknown);
    assert!(!outage.is_nowhere(s(10)));
    assert!(outage.is_nowhere(s(11)));
    outage.answered(s(12));
    assert!(!outage.is_nowhere(s(100)));
}

#[test]
fn without_patience_nobody_waits() {
    let mut outage = Outage::new(Terms { retry_for: Duration::ZERO, ..TERMS });
    outage.answered(s(1));
    assert!(!outage.failed(s(2), None));
    assert_eq!(outage.ask(s(2), s(2)), Unknown);
    assert!(outage.admits(s(2)));
    assert!(!outage.is_nowhere(s(100)));
}

#[test]
fn one_finds_out_and_the_others_wait_for_that() {
    let mut outage = answering();
    outage.failed(s(101), None);
    assert_eq!(outage.ask(s(102), s(101)), Probe);
    assert_eq!(outage.ask(s(102), s(101)), Wait(s(60), None), "as long as a request may take");
    assert_eq!(outage.ask(s(162), s(101)), Probe, "whoever had the turn has not come back");
}

#[test]
fn a_turn_that_was_given_up_is_the_next_ones() {
    let mut outage = out();
    assert_eq!(outage.ask(s(109), s(106)), Repeat(1));
    outage.pass_turn(s(110));
    assert_eq!(outage.ask(s(110), s(106)), Repeat(1));
}

#[test]
fn turns_come_ever_more_rarely_and_most_are_probes() {
    let mut outage = out();
    let mut now = s(107);
    let mut turns = Vec::new();
    let mut pauses = Vec::new();
    while turns.len() < 12 {
        match outage.ask(now, s(106)) {
            Wait(pause, Some(1)) => {
                pauses.push(pause.as_secs_f64());
                now += pause;
            }
            turn => {
                turns.push(turn);
                outage.failed(now, None);
                assert!(!outage.declare(now, now), "it has begun already");
            }
        }
    }
    // The first turn was the probe with which it began.
    let repeats = |turn: &usize| turns[*turn - 2] == Repeat(1);
    assert_eq!((2..14).filter(repeats).collect::<Vec<_>>(), [2, 4, 8]);
    assert!(pauses.is_sorted(), "{pauses:?}");
    assert_eq!((pauses[0], pauses.last().copied()), (1.5, Some(10.0)));
}

#[test]
fn a_failure_in_an_outage_is_no_news_and_postpones_nothing() {
    let mut outage = out();
    for _ in 0..100 {
        assert!(outage.failed(s(108), None));
    }
    assert_eq!(outage.ask(s(109), s(106)), Repeat(1));
}

#[test]
fn a_probe_that_others_were_answered_beside_begins_no_outage() {
    let mut outage = answering();
    outage.failed(s(101), None);
    assert_eq!(outage.ask(s(102), s(101)), Probe);
    outage.answered(s(103));
    outage.failed(s(104), None);
    assert!(!outage.declare(s(105), s(102)));
    assert_eq!(outage.tally(s(105)), Tally::default());
}

#[test]
fn an_answer_ends_it_for_all() {
    let mut outage = out();
    assert_eq!(outage.answered(s(121)), Some(s(20)));
    assert_eq!(outage.ask(s(121), s(106)), Answers);
    assert_eq!(outage.tally(s(500)), Tally { began: 1, over: 1, lasted: s(20) });
    outage.failed(s(501), None);
    assert_eq!(outage.ask(s(501), s(501)), Probe, "the next one begins anew");
    outage.declare(s(502), s(502));
    assert_eq!(outage.tally(s(504)), Tally { began: 2, over: 1, lasted: s(23) });
}

/// Waits as one operation does, up to the end of patience; returns when that was.
fn wait_to_the_end(outage: &mut Outage, mut now: Duration) -> Duration {
    loop {
        match outage.ask(now, s(106)) {
            Wait(pause, _) => now += pause,
            Probe | Repeat(_) => {
                outage.failed(now, None);
                outage.declare(now, now);
            }
            Spent(_) => return now,
            standing => panic!("{standing:?}"),
        }
    }
}

#[test]
fn patience_is_spent_once_for_all() {
    let mut outage = out();
    assert_eq!(wait_to_the_end(&mut outage, s(107)), s(701));
    assert_eq!(outage.ask(s(702), s(702)), Spent(s(601)), "the next object waits no more");
    assert_eq!(outage.tally(s(702)), Tally { began: 1, over: 0, lasted: s(601) });
}

#[test]
fn when_patience_is_spent_one_request_in_a_while_goes_out() {
    let mut outage = out();
    let end = wait_to_the_end(&mut outage, s(107));
    outage.failed(end, None);
    assert!(!outage.admits(end + s(9)));
    assert!(outage.admits(end + s(10)));
    assert!(outage.failed(end + s(11), None));
    assert!(!outage.admits(end + s(12)));
    assert_eq!(outage.answered(end + s(25)), Some(s(625)));
    assert!(outage.admits(end + s(25)));
}

#[test]
fn whoever_comes_after_a_long_time_finds_patience_again() {
    let mut outage = out();
    let end = wait_to_the_end(&mut outage, s(107));
    outage.failed(end, None);
    assert!(outage.admits(end + s(600)));
    assert!(!outage.failed(end + s(601), None));
    assert_eq!(outage.ask(end + s(601), end + s(600)), Probe);
}

#[test]
fn a_consumer_that_is_away_spends_nothing() {
    let mut outage = out();
    outage.failed(s(110), None);
    // For an hour nobody asked, sent or failed.
    assert!(outage.admits(s(3_710)));
    assert!(outage.failed(s(3_711), None));
    let standing = outage.ask(s(3_711), s(3_710));
    assert!(matches!(standing, Wait(..) | Repeat(_)), "{standing:?}");
}

#[test]
fn a_longer_pause_is_obeyed_as_far_as_patience_goes() {
    for (wish, waits) in [(30, 30), (584, 584), (600, 584), (100_000, 584)] {
        let mut outage = out();
        outage.failed(s(107), Some(s(wish)));
        assert_eq!(outage.ask(s(107), s(106)), Wait(s(waits), Some(1)), "{wish}");
        assert_eq!(outage.ask(s(107 + waits), s(106)), Repeat(1), "{wish}");
    }
}

#[test]
fn a_longer_pause_does_not_keep_the_probe_from_finding_out() {
    let mut outage = answering();
    outage.failed(s(101), Some(s(300)));
    assert_eq!(outage.ask(s(111), s(101)), Probe);
    outage.declare(s(112), s(112));
    assert_eq!(outage.ask(s(112), s(101)), Wait(s(289), Some(1)));
}

#[test]
fn a_silence_that_is_found_out_late_is_spent_and_counted() {
    let mut outage = answering();
    for failed in (101..=701).step_by(50) {
        outage.failed(s(failed), None);
    }
    assert_eq!(outage.ask(s(701), s(700)), Spent(s(600)));
    assert_eq!(outage.tally(s(701)).began, 1);
}

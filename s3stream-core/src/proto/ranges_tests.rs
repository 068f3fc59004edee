//! Listings of many buckets, in many ranges: the same keys, in the same order.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::time::Duration;

use super::*;
use crate::error::ErrorKind;
use crate::object::{Entry, Object};
use crate::proto::retry::Policy;

/// Keys per page of the server here.
const PAGE: usize = 100;

/// A server that knows `start-after` and tokens.
struct Server {
    keys: BTreeSet<String>,
    ignores_start: bool,
    /// Requests for keys behind this one are refused.
    refuses_behind: Option<String>,
    /// The page that reaches this key is said to be the last one, though it is not.
    ends_early_at: Option<String>,
}

/// How a listing went.
#[derive(Debug, PartialEq)]
struct Run {
    keys: Vec<String>,
    standing: Option<Standing>,
    error: Option<ErrorKind>,
    /// Round trips one after another.
    rounds: usize,
    requests: usize,
    most_held: usize,
}

impl Server {
    fn new(keys: impl IntoIterator<Item = String>) -> Self {
        Server {
            keys: keys.into_iter().collect(),
            ignores_start: false,
            refuses_behind: None,
            ends_early_at: None,
        }
    }

    fn answer(&self, query: &[(&'static str, String)]) -> Result<ListPage, ErrorKind> {
        let value = |name| query.iter().find(|(own, _)| *own == name).map(|(_, value)| value);
        let start = match (value("continuation-token"), value("start-after")) {
            (Some(token), _) => Some(token),
            (None, start) => start.filter(|_| !self.ignores_start),
        };
        if let (Some(start), Some(last)) = (start, &self.refuses_behind)
            && start > last
        {
            return Err(ErrorKind::AccessDenied);
        }
        let from = start.map_or(Bound::Unbounded, |start| Bound::Excluded(start.clone()));
        let mut behind = self.keys.range((from, Bound::Unbounded));
        let keys: Vec<_> = behind.by_ref().take(PAGE).collect();
        let is_early = |key: &String| {
            let holds = keys.contains(&key);
            holds && keys.first().is_none_or(|first| *first != key)
        };
        let is_truncated =
            behind.next().is_some() && !self.ends_early_at.as_ref().is_some_and(is_early);
        Ok(ListPage {
            entries: keys.iter().map(|key| listed(key)).collect(),
            is_truncated,
            next_token: keys.last().filter(|_| is_truncated).map(|key| (*key).clone()),
            ..ListPage::default()
        })
    }

    /// Lists, taking all that is there after each round.
    fn list(&self, selection: Selection, most: usize) -> Run {
        self.consume(selection, most, usize::MAX)
    }

    /// Lists, taking so many pages after each round.
    fn consume(&self, selection: Selection, most: usize, pages: usize) -> Run {
        let mut ranges = Ranges::new(selection, most, patience(), MEMORY);
        let mut run =
            Run { keys: vec![], standing: None, error: None, rounds: 0, requests: 0, most_held: 0 };
        loop {
            let asks: Vec<_> = std::iter::from_fn(|| ranges.ask()).collect();
            assert!(asks.len() <= most);
            run.rounds += usize::from(!asks.is_empty());
            run.requests += asks.len();
            let held = ranges.ranges.iter().map(Range::held).sum();
            run.most_held = run.most_held.max(held);
            // Replies come in any order: the last one first.
            for Ask { range, query, budget, .. } in asks.into_iter().rev() {
                match self.answer(&query) {
                    Ok(page) => ranges.arrived(range, budget, page, began()).unwrap(),
                    Err(kind) => ranges.refused(range, budget, Error::new(kind, "")),
                }
            }
            for _ in 0..pages {
                match ranges.next() {
                    Next::Entries(entries, _) => {
                        run.keys.extend(entries.iter().filter_map(name));
                    }
                    Next::Wait => break,
                    Next::Done => {
                        run.standing = Some(ranges.standing());
                        return run;
                    }
                    Next::Failed(error) => {
                        run.error = Some(error.kind());
                        return run;
                    }
                }
            }
        }
    }
}

impl Server {
    /// Lists while replies come one by one in any order, and others are asked for meanwhile.
    fn list_by_and_by(&self, most: usize, random: &mut Random) -> Run {
        let mut ranges = Ranges::new(Selection::default(), most, patience(), MEMORY);
        let mut run =
            Run { keys: vec![], standing: None, error: None, rounds: 0, requests: 0, most_held: 0 };
        let mut under_way: Vec<Ask> = Vec::new();
        loop {
            let before = under_way.len();
            under_way.extend(std::iter::from_fn(|| ranges.ask()));
            run.requests += under_way.len() - before;
            under_way.retain(|ask| ranges.is_wanted(ask.range));
            if !under_way.is_empty() {
                let at = random.below(u32::try_from(under_way.len()).unwrap());
                let Ask { range, query, budget, .. } =
                    under_way.swap_remove(usize::try_from(at).unwrap());
                ranges.arrived(range, budget, self.answer(&query).unwrap(), began()).unwrap();
            }
            match ranges.next() {
                Next::Entries(entries, _) => {
                    run.keys.extend(entries.iter().filter_map(name));
                }
                Next::Wait => {}
                Next::Done => return run,
                Next::Failed(error) => panic!("{error}"),
            }
        }
    }
}

/// Bytes that may be spent on telling what comes twice.
const MEMORY: u64 = 1 << 20;

fn listed(key: &str) -> Listed {
    let mut object = Object::new(key);
    object.last_modified = Timestamp::from_unix_seconds(1_000);
    Listed::Entry(Entry::Object(object))
}

fn name(listed: &Listed) -> Option<String> {
    listed.name().map(str::to_owned)
}

/// Behind all keys' times.
fn began() -> Timestamp {
    Timestamp::from_unix_seconds(2_000).unwrap()
}

fn patience() -> Budget {
    let zero = Duration::ZERO;
    Budget::new(Policy { max_attempts: 1, base_delay: zero, max_delay: zero, retry_for: zero })
}

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        u32::try_from(self.0 >> 33).unwrap() % end
    }

    fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from_digit(self.below(16), 16).unwrap()).collect()
    }
}

/// Buckets of many kinds by name.
fn buckets() -> Vec<(&'static str, Vec<String>)> {
    let mut random = Random(1);
    let mut words = Random(2);
    let mut any = Random(3);
    vec![
        ("empty", vec![]),
        ("one page", (0..PAGE).map(|n| n.to_string()).collect()),
        ("counter", (0..10_000).map(|n| format!("keys/{n:010}")).collect()),
        ("unpadded", (0..10_000).map(|n| format!("{n}")).collect()),
        ("hashes", (0..10_000).map(|_| random.hex(32)).collect()),
        ("prefixed hashes", (0..10_000).map(|_| format!("a/b/{}.jpg", random.hex(12))).collect()),
        (
            "dates",
            (0..9_000)
                .map(|n| {
                    let (day, hour) = (n / 24, n % 24);
                    let (year, month, day) = (2024 + day / 336, day / 28 % 12 + 1, day % 28 + 1);
                    format!("logs/{year}/{month:02}/{day:02}/{hour:02}.log.gz")
                })
                .collect(),
        ),
        (
            "one dense prefix",
            (0..9_000)
                .map(|n| match n {
                    0..500 => random.hex(8),
                    _ => format!("7777/{n:06}"),
                })
                .collect(),
        ),
        (
            "long shared prefix",
            (0..5_000).map(|_| format!("{}/{}", "deep/".repeat(150), random.hex(6))).collect(),
        ),
        (
            "words of any length",
            (0..6_000)
                .map(|_| {
                    let length = 1 + words.below(12);
                    (0..length)
                        .map(|_| char::from_digit(10 + words.below(26), 36).unwrap())
                        .collect()
                })
                .collect(),
        ),
        (
            "characters of any length",
            (0..6_000)
                .map(|_| {
                    let length = 1 + any.below(6);
                    let chars = ['\u{0}', ' ', '/', '0', 'z', 'é', '\u{d7ff}', '中', '\u{10ffff}'];
                    (0..length).map(|_| chars[usize::try_from(any.below(9)).unwrap()]).collect()
                })
                .collect(),
        ),
    ]
}

#[test]
fn ranges_are_the_listing_whatever_the_keys() {
    let selections = [
        Selection::default(),
        Selection {
            start_after: Some("3".into()),
            end_at: Some("keys/00000080".into()),
            ..Selection::default()
        },
    ];
    for (name, keys) in buckets() {
        let server = Server::new(keys);
        for selection in &selections {
            let alone = server.list(selection.clone(), 1);
            assert!(alone.keys.is_sorted() && alone.error.is_none(), "{name}");
            for most in [2, 3, 8, 16] {
                for pages in [1, usize::MAX] {
                    let run = server.consume(selection.clone(), most, pages);
                    assert!(run.keys == alone.keys, "{name}, {most} at once");
                    assert!(run.most_held <= 3 * most + 1, "{name}: {} pages held", run.most_held);
                    let bound = 3 * alone.requests + 2 * most;
                    assert!(run.requests <= bound, "{name}: {} requests", run.requests);
                }
            }
        }
        let alone = server.list(Selection::default(), 1);
        assert_eq!(alone.keys.len(), server.keys.len(), "{name}");
    }
}

#[test]
fn replies_in_any_order_make_the_same_listing_of_few_requests() {
    let mut random = Random(4);
    for (name, keys) in buckets() {
        let server = Server::new(keys);
        let alone = server.list(Selection::default(), 1);
        for most in [2, 8] {
            let run = server.list_by_and_by(most, &mut random);
            assert!(run.keys == alone.keys, "{name}, {most} at once");
            let bound = 3 * alone.requests + 2 * most;
            assert!(run.requests <= bound, "{name}: {} requests", run.requests);
        }
    }
}

#[test]
fn regular_keys_are_listed_in_a_fraction_of_the_round_trips() {
    for (name, keys) in buckets() {
        if !["counter", "hashes", "prefixed hashes", "one dense prefix"].contains(&name) {
            continue;
        }
        let server = Server::new(keys);
        let alone = server.list(Selection::default(), 1);
        let run = server.list(Selection::default(), 8);
        assert!(run.rounds * 4 <= alone.rounds, "{name}: {} of {}", run.rounds, alone.rounds);
        assert!(run.requests * 4 <= alone.requests * 5, "{name}: {} requests", run.requests);
    }
}

#[test]
fn a_listing_that_is_not_split_holds_one_page_ahead() {
    let server = Server::new((0..1_000).map(|n| format!("{n:04}")));
    let run = server.consume(Selection::default(), 1, 1);
    assert_eq!((run.keys.len(), run.rounds, run.requests, run.most_held), (1_000, 10, 10, 1));
}

#[test]
fn an_error_ends_the_listing_at_its_place() {
    let mut server = Server::new((0..10_000).map(|n| format!("{n:05}")));
    server.refuses_behind = Some("04500".to_owned());
    for most in [1, 4, 16] {
        let run = server.list(Selection::default(), most);
        assert_eq!(run.error, Some(ErrorKind::AccessDenied));
        let expected: Vec<_> = (0..run.keys.len()).map(|n| format!("{n:05}")).collect();
        assert!(run.keys == expected, "nothing is missing before the error");
        assert!(run.keys.len() >= 4_500, "{} keys", run.keys.len());
    }
}

#[test]
fn a_server_that_ignores_the_start_is_listed_all_the_same() {
    let mut server = Server::new((0..5_000).map(|n| format!("{n:05}")));
    server.ignores_start = true;
    let run = server.list(Selection::default(), 8);
    assert!(run.keys.iter().eq(&server.keys), "{} keys", run.keys.len());
    assert!(run.requests <= 50 + 50 + 16, "{} requests", run.requests);
}

#[test]
fn a_listing_with_a_delimiter_is_not_split() {
    let server = Server::new((0..1_000).map(|n| format!("{n:04}")));
    let selection = Selection { delimiter: Some("/".into()), ..Selection::default() };
    assert_eq!(server.list(selection, 8).rounds, 10);
}

#[test]
fn the_end_of_the_bucket_is_no_end_of_ranges_that_it_reaches_into() {
    let mut random = Random(7);
    // The last page of a range lies across its end for some of these, before the reply of the
    // range behind it has come.
    for count in 3 * PAGE - 20..5 * PAGE {
        let server = Server::new((0..count).map(|n| format!("keys/{n:010}")));
        let alone = server.list(Selection::default(), 1).keys;
        assert!(server.list_by_and_by(4, &mut random).keys == alone, "{count} keys");
    }
}

#[test]
fn an_end_that_came_too_early_is_noticed_however_many_ranges_there_are() {
    for (name, keys) in buckets() {
        if keys.len() < 1_000 {
            continue;
        }
        let mut server = Server::new(keys);
        let ends: Vec<String> = server.keys.iter().skip(350).step_by(997).cloned().collect();
        for end in ends {
            server.ends_early_at = Some(end.clone());
            for most in [1, 2, 8] {
                let selection = Selection { prove_end: true, ..Selection::default() };
                let run = server.list(selection, most);
                assert!(run.keys.iter().eq(&server.keys), "{name}, {most} at once, early at {end}");
                assert_eq!(run.standing.unwrap().end, End::Proven, "{name}, {most} at once");
            }
        }
    }
}

#[test]
fn a_listing_alone_believes_the_end_unless_it_is_to_be_proven() {
    let mut server = Server::new((0..1_000).map(|n| format!("{n:04}")));
    server.ends_early_at = Some("0350".to_owned());
    let alone = server.list(Selection::default(), 1);
    assert_eq!((alone.keys.len(), alone.standing.unwrap().end), (400, End::Told));
    let proven = server.list(Selection { prove_end: true, ..Selection::default() }, 1);
    let standing = proven.standing.unwrap();
    assert_eq!((proven.keys.len(), standing.end, standing.early_ends), (1_000, End::Proven, 1));
    assert_eq!(proven.requests, alone.requests + 6 + 1);
}

#[test]
fn one_request_more_proves_the_end() {
    for (name, keys) in buckets() {
        let server = Server::new(keys);
        let alone = server.list(Selection::default(), 1);
        let run = server.list(Selection { prove_end: true, ..Selection::default() }, 1);
        assert!(run.keys == alone.keys, "{name}");
        let is_empty = run.keys.is_empty();
        assert_eq!(run.requests, alone.requests + usize::from(!is_empty), "{name}");
        let end = if is_empty { End::Told } else { End::Proven };
        assert_eq!(run.standing.unwrap().end, end, "{name}");
    }
}

#[test]
fn a_server_in_no_order_is_refused_in_ranges() {
    let mut ranges = Ranges::new(Selection::default(), 2, patience(), MEMORY);
    let Ask { range, budget, .. } = ranges.ask().unwrap();
    let entries = ["b", "a"].map(listed).to_vec();
    let page = ListPage { entries, ..ListPage::default() };
    let wrong = ranges.arrived(range, budget, page, began()).unwrap_err();
    assert!(matches!(wrong, Wrong::Order(_)));
}

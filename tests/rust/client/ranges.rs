//! Parallel listings: the same listing in a fraction of the round trips, or the same error.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

use s3stream_core::{Entry, Error, ErrorKind, ListOptions, blocking::Client};
use s3stream_tests::embedded::EmbeddedServer;

use crate::support::{BUCKET, blocking_client, started};
use crate::trips::{Distant, Fate};

/// Long enough that what is sent at once arrives before any reply to it, on a busy machine too.
const LATENCY: Duration = Duration::from_millis(60);

/// Keys per page.
const PAGE: usize = 10;

fn filled(keys: &[String]) -> EmbeddedServer {
    let server = started(EmbeddedServer::builder().page_size(PAGE));
    for key in keys {
        server.store().put(BUCKET, key, b"x".to_vec());
    }
    server
}

fn counted(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("count/{number:06}")).collect()
}

/// The names, up to the end or the first error.
fn names(client: &Client, options: ListOptions) -> (Vec<String>, Option<Error>) {
    let mut names = Vec::new();
    for entry in client.list(BUCKET, options) {
        match entry {
            Ok(entry) => names.push(entry.name().to_owned()),
            Err(error) => return (names, Some(error)),
        }
    }
    (names, None)
}

#[test]
fn is_the_same_listing() {
    let mut keys = counted(600);
    let hash = |n: u64| format!("hash/{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    keys.extend((0..300).map(hash));
    keys.extend(["é/a", "é/😀", "中", "\u{1}", "a//b", "..", "\u{10ffff}"].map(str::to_owned));
    keys.extend((0..50).map(|n| format!("ü{}", char::from_u32(0x4e00 + n * 37).unwrap())));
    keys.sort();
    let server = filled(&keys);
    let client = blocking_client(&server);
    let options = ListOptions::new;
    for parallel in [2, 8, 1_000] {
        let (found, error) = names(&client, options().parallel(parallel));
        assert!(error.is_none() && found == keys, "{parallel} at once");
        for options in [
            options().prefix("count/0003"),
            options().prefix("hash/").start_after("hash/4").end_at("hash/c"),
            options().start_after("count/000100").end_at("ü"),
            options().prefix("none such"),
            options().delimiter("/"),
        ] {
            let (alone, _) = names(&client, options.clone());
            assert_eq!(names(&client, options.parallel(parallel)).0, alone);
        }
    }
}

#[test]
fn is_the_same_listing_of_versions() {
    let server = filled(&[]);
    let store = server.store();
    store.enable_versioning(BUCKET);
    for number in 0..200 {
        let key = format!("{number:04}");
        for _ in 0..1 + number % 5 {
            store.put(BUCKET, &key, b"x".to_vec());
        }
        if number % 7 == 0 {
            store.delete(BUCKET, &key);
        }
    }
    let client = blocking_client(&server);
    let list = |parallel| -> Vec<Entry> {
        let options = ListOptions::new().versions(true).parallel(parallel);
        client.list(BUCKET, options).map(Result::unwrap).collect()
    };
    let alone = list(1);
    assert_eq!(alone.len(), 600 + 29);
    assert_eq!(list(8), alone);
    assert!(server.connection_count() > 2, "requests went out side by side");
}

#[test]
fn takes_a_fraction_of_the_round_trips() {
    let keys = counted(60 * PAGE);
    let server = filled(&keys);
    let trips = |parallel| {
        let distant = Distant::new(&server, LATENCY, |_| Fate::Served);
        let (found, error) = names(&distant.client(&server), ListOptions::new().parallel(parallel));
        assert!(error.is_none() && found == keys);
        distant.trips()
    };
    assert_eq!(trips(1), (60, 60));
    let (requests, in_turn) = trips(8);
    assert!(in_turn <= 20, "{in_turn} round trips one after another");
    assert!(requests <= 60 * 4 / 3, "{requests} requests");
}

#[test]
fn ends_with_an_error_of_one_range_at_its_place() {
    let keys = counted(60 * PAGE);
    let server = filled(&keys);
    // Ranges that begin in the second half are refused; the token of a page names no key.
    let distant = Distant::new(&server, LATENCY, |line| {
        let start = line.split_once("start-after=count%2F").map(|(_, start)| &start[..6]);
        if start.is_some_and(|start| start > "000300") { Fate::Refused } else { Fate::Served }
    });
    let client = distant.client(&server);
    let mut list = client.list(BUCKET, ListOptions::new().parallel(8));
    let mut found = Vec::new();
    let error = loop {
        match list.next().expect("an error, not the end") {
            Ok(entry) => found.push(entry.name().to_owned()),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::AccessDenied);
    assert!(found.len() > 300, "what lies before it came: {}", found.len());
    assert!(found.len() < keys.len() && found == keys[..found.len()], "in order, to its place");
    assert!(list.next().is_none(), "an error is the last item");
    let again = list.next_entry().expect_err("an error, for ever");
    assert_eq!(again.kind(), ErrorKind::AccessDenied);
}

#[test]
fn asks_again_for_a_page_that_broke_off_in_any_range() {
    let keys = counted(30 * PAGE);
    let server = filled(&keys);
    let seen = Mutex::new(HashSet::new());
    let distant = Distant::new(&server, Duration::ZERO, move |line| {
        if seen.lock().unwrap().insert(line.to_owned()) { Fate::Cut } else { Fate::Served }
    });
    let client = distant.client(&server);
    let (found, error) = names(&client, ListOptions::new().parallel(4));
    assert!(error.is_none(), "{error:?}");
    assert!(found == keys);
    assert!(client.stats().retries >= 30, "{:?}", client.stats());
}

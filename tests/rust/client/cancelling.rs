//! Cancelling from another thread ends a wait at once, whenever it comes.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use s3stream_core::{
    Canceller, Error, ErrorKind, ListOptions, OpenOptions, StreamOptions, blocking,
};

use crate::silent::{BEGINNING, Silent, answer};
use crate::support::{BUCKET, server, settings};

fn client(url: &str) -> blocking::Client {
    settings(&server()).endpoint_url(url).build_blocking().unwrap()
}

/// How long `wait` goes on after it was cancelled, which happens when its request has come to
/// `silent`.
fn cancelled_while_waiting(
    silent: &Silent,
    canceller: &Canceller,
    wait: impl FnOnce() -> Error,
) -> Duration {
    std::thread::scope(|scope| {
        let cancelled_at = scope.spawn(|| {
            let _unanswered = silent.request();
            let now = Instant::now();
            canceller.cancel();
            now
        });
        let error = wait();
        let ended = Instant::now();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        ended - cancelled_at.join().unwrap()
    })
}

/// `attempt` ends a wait within 100 ms: a loaded machine may be late, but not ten times, and
/// not by much: that is a wake-up that was lost, and ended by some other time limit.
fn in_time(mut attempt: impl FnMut() -> Duration) {
    let mut waits = Vec::new();
    while waits.len() < 10 {
        let waited = attempt();
        if waited < Duration::from_millis(100) {
            return;
        }
        assert!(waited < Duration::from_secs(20), "nothing woke it: {waited:?}");
        waits.push(waited);
    }
    panic!("each of these is longer than 100 ms: {waits:?}");
}

#[test]
fn a_wait_ends_within_a_tenth_of_a_second() {
    let (silent, url) = Silent::start();
    in_time(|| {
        let client = client(&url);
        let canceller = client.canceller().unwrap();
        cancelled_while_waiting(&silent, &canceller, || {
            client.open(BUCKET, "key", OpenOptions::new()).unwrap_err()
        })
    });
}

#[test]
fn so_does_a_wait_for_the_next_object_of_a_stream() {
    let (silent, url) = Silent::start();
    let client = client(&url);
    in_time(|| {
        let mut stream = client.stream(BUCKET, ["key"], StreamOptions::new());
        let canceller = stream.canceller().unwrap();
        let waited =
            cancelled_while_waiting(&silent, &canceller, || stream.next().unwrap().unwrap_err());
        assert!(stream.next().is_none());
        waited
    });
}

/// How long `wait` goes on after it was cancelled, which happens while it waits to ask again
/// for what broke off.
fn cancelled_before_the_next_request(wait: impl FnOnce(&blocking::Client) -> Error) -> Duration {
    let (silent, url) = Silent::start();
    let client = settings(&server())
        .endpoint_url(&url)
        .retry_base_delay(Duration::from_secs(20))
        .build_blocking()
        .unwrap();
    let canceller = client.canceller().unwrap();
    std::thread::scope(|scope| {
        let cancelled_at = scope.spawn(|| {
            answer(&silent.request(), "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<?xml");
            while client.stats().retries == 0 {
                std::thread::yield_now();
            }
            let now = Instant::now();
            canceller.cancel();
            now
        });
        let error = wait(&client);
        let ended = Instant::now();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        ended - cancelled_at.join().unwrap()
    })
}

#[test]
fn so_does_the_wait_of_a_listing_between_two_requests() {
    in_time(|| {
        cancelled_before_the_next_request(|client| {
            client.list(BUCKET, ListOptions::new()).next().unwrap().unwrap_err()
        })
    });
    in_time(|| cancelled_before_the_next_request(|client| client.list_buckets().unwrap_err()));
}

/// A read looks at the token, then at what there is, then waits for both: a cancellation may
/// come between any two of these.
fn cancelled_when_it_begins_to_wait(open: impl Fn(&blocking::Client) -> blocking::ObjectReader) {
    const STALL: Duration = Duration::from_secs(20);
    let (begins, url) = Silent::start();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        loop {
            let stream = begins.request();
            answer(&stream, BEGINNING);
            open.push(stream);
        }
    });
    let builder = settings(&server()).endpoint_url(&url).stall_timeout(STALL);
    let client = builder.build_blocking().unwrap();
    for n in 0..400 {
        let mut reader = open(&client);
        assert_eq!(reader.read_full(&mut [0; 5]).unwrap(), 5);
        let canceller = reader.canceller();
        let both_are_there = Barrier::new(2);
        let mut begun = Instant::now();
        let error = std::thread::scope(|scope| {
            scope.spawn(|| {
                both_are_there.wait();
                // From before the read begins to when it waits.
                for _ in 0..n * 20 {
                    std::hint::spin_loop();
                }
                canceller.cancel();
            });
            both_are_there.wait();
            begun = Instant::now();
            reader.read_full(&mut [0; 5]).unwrap_err()
        });
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert!(begun.elapsed() < STALL / 2, "only the time limit ended it, in round {n}");
    }
}

#[test]
fn a_read_that_begins_to_wait_just_then_is_cancelled_too() {
    cancelled_when_it_begins_to_wait(|client| {
        client.open(BUCKET, "key", OpenOptions::new()).unwrap()
    });
}

#[test]
fn and_so_is_one_of_a_stream() {
    cancelled_when_it_begins_to_wait(|client| {
        client.stream(BUCKET, ["key"], StreamOptions::new()).next().unwrap().unwrap()
    });
}

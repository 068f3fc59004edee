//! Waits that are given up from inside, and taken up again.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use s3stream_core::blocking::{Client, watched};
use s3stream_core::{ErrorKind, ListOptions, OpenOptions, StreamOptions};

use crate::silent::{BEGINNING, Silent, answer};
use crate::support::{BUCKET, server, settings};

/// Gives up after a second: time enough for what is to happen in a wait, on a busy machine too.
fn patiently<T>(body: impl FnOnce() -> T) -> T {
    let mut questions = 0;
    let go_on = move || {
        questions += 1;
        questions < 20
    };
    watched(go_on, body)
}

const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

#[test]
fn what_is_asked_in_a_wait_may_wait_for_the_same_client() {
    let (silent, url) = Silent::start();
    let client = settings(&server()).endpoint_url(&url).build_blocking().unwrap();
    let same = client.clone();
    let missing = |client: &Client| client.head(BUCKET, "missing", None).unwrap_err().kind();
    let has_come = Arc::new(AtomicBool::new(false));
    let tell = Arc::clone(&has_come);
    std::thread::spawn(move || {
        let _first = silent.request();
        tell.store(true, Ordering::Relaxed);
        for _ in 0..2 {
            answer(&silent.request(), NOT_FOUND);
        }
    });
    let ask = move || {
        if !has_come.load(Ordering::Relaxed) {
            return true;
        }
        // On a thread that needs the runtime of the one that asks, and on that itself.
        let kinds = std::thread::scope(|scope| {
            [scope.spawn(|| missing(&same)).join().unwrap(), missing(&same)]
        });
        assert_eq!(kinds, [ErrorKind::NotFound; 2]);
        false
    };
    let error = watched(ask, || client.head(BUCKET, "key", None)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[test]
fn a_stream_goes_on_as_if_it_had_not_been_called() {
    let server = server();
    let (silent, url) = Silent::start();
    let client = settings(&server).endpoint_url(&url).build_blocking().unwrap();
    let listing = client.list(BUCKET, ListOptions::new());
    let mut stream = client.stream(BUCKET, listing, StreamOptions::new());
    let mut give_up = || {
        let error = patiently(|| stream.next()).unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    };
    give_up();
    let page = "<ListBucketResult><IsTruncated>false</IsTruncated><KeyCount>1</KeyCount><Contents>\
        <Key>key</Key><LastModified>2013-05-24T00:00:00.000Z</LastModified><ETag>\"x\"</ETag>\
        <Size>1000000</Size></Contents></ListBucketResult>";
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", page.len());
    answer(&silent.request(), &(head + page));
    // Now it waits for the object.
    give_up();
    answer(&silent.request(), BEGINNING);
    let mut reader = stream.next().unwrap().unwrap();
    assert_eq!(reader.read_full(&mut [0; 5]).unwrap(), 5);
    assert!(stream.next().is_none());
}

#[test]
fn a_reader_stands_paused_and_may_lose_its_connection() {
    let (silent, url) = Silent::start();
    // Of two bodies.
    let builder = settings(&server()).endpoint_url(&url).memory_limit(256 * 1024);
    let client = builder.build_blocking().unwrap();
    let open = || {
        std::thread::scope(|scope| {
            let stream = scope.spawn(|| {
                let stream = silent.request();
                answer(&stream, BEGINNING);
                stream
            });
            let reader = client.open(BUCKET, "key", OpenOptions::new()).unwrap();
            (reader, stream.join().unwrap())
        })
    };
    let (mut first, its_connection) = open();
    assert_eq!(first.next_piece().unwrap().unwrap(), "bytes");
    watched(|| false, || first.next_piece()).unwrap_err();
    let _others = [open(), open()];
    its_connection.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    assert_eq!((&its_connection).read(&mut [0]).unwrap(), 0);
}

#[test]
fn a_check_that_was_given_up_is_made_by_the_pipe() {
    let (silent, url) = Silent::start();
    let client = settings(&server()).endpoint_url(&url).build_blocking().unwrap();
    let head = |size: usize| {
        format!(
            "HTTP/1.1 200 OK\r\nETag: \"x-2\"\r\nContent-Length: {size}\r\nConnection: close\r\n\
            x-amz-checksum-sha256: {}=-2\r\nx-amz-checksum-type: COMPOSITE\r\n\
            Last-Modified: Fri, 24 May 2013 00:00:00 GMT\r\n\r\n",
            "A".repeat(43)
        )
    };
    std::thread::spawn(move || {
        answer(&silent.request(), &(head(200_000) + &"x".repeat(200_000)));
        // Both parts are of that size, so nothing but damage explains another checksum.
        answer(&silent.request(), &head(100_000));
        let _unanswered = silent.request();
        answer(&silent.request(), &head(100_000));
        answer(&silent.request(), &head(100_000));
    });
    let mut reader = client.open(BUCKET, "key", OpenOptions::new()).unwrap();
    assert_eq!(reader.read_full(&mut [0; 200_000]).unwrap(), 200_000);
    patiently(|| reader.read_full(&mut [0])).unwrap_err();
    drop(reader.open_pipe().unwrap());
    assert_eq!(reader.finish().unwrap_err().kind(), ErrorKind::Integrity);
}

//! Streams of objects: order, failures, memory, cancellation.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt;
use s3stream_core::{
    Algorithm, ErrorKind, ListOptions, Method, OpenOptions, StreamOptions, Wanted, blocking,
};
use s3stream_tests::embedded::EmbeddedServer;

use crate::support::{BUCKET, blocking_client, bytes, server, settings};

fn content(n: usize, length: usize) -> Vec<u8> {
    s3stream_tests::pattern::bytes(n as u64, 0, length)
}

fn key(n: usize) -> String {
    format!("k{n:05}")
}

/// Objects of these lengths, named in their order.
fn filled(lengths: &[usize]) -> EmbeddedServer {
    let server = server();
    for (n, length) in lengths.iter().enumerate() {
        server.store().put(BUCKET, &key(n), content(n, *length));
    }
    server
}

fn read(reader: &mut blocking::ObjectReader) -> Vec<u8> {
    let mut got = Vec::new();
    reader.read_to_end(&mut got).unwrap();
    got
}

fn read_all(client: &blocking::Client, lengths: &[usize], options: StreamOptions) {
    let listing = client.list(BUCKET, ListOptions::new());
    let mut seen = 0;
    for reader in client.stream(BUCKET, listing, options) {
        let mut reader = reader.unwrap();
        assert_eq!(reader.object().key, key(seen));
        assert!(read(&mut reader) == content(seen, lengths[seen]), "object {seen}");
        let verdict = reader.verdict().unwrap();
        assert_eq!(verdict.method, Method::Checksum(Algorithm::Crc64Nvme));
        assert_eq!(verdict.bytes, lengths[seen] as u64);
        seen += 1;
    }
    assert_eq!(seen, lengths.len());
}

#[test]
fn small_objects_come_in_order_with_one_request_each() {
    let lengths: Vec<_> = (0..3_000).map(|n| n % 97 * 60).collect();
    let server = filled(&lengths);
    let client = blocking_client(&server);
    read_all(&client, &lengths, StreamOptions::new());
    // And four pages of the listing: the fourth is empty, or not asked for.
    let requests = client.stats().requests;
    assert!((3_003..=3_004).contains(&requests), "{requests} requests");
    assert_eq!(client.stats().retries, 0);
    assert!(server.connection_count() <= 18, "{} connections", server.connection_count());
}

#[test]
fn objects_of_all_sizes_come_in_order_in_little_memory() {
    let lengths: Vec<_> =
        (0..120).map(|n| [10, 5 << 20, 64 << 10, 0, 300_000, 65_537, 1 << 20][n % 7]).collect();
    let server = filled(&lengths);
    for (memory_limit, window) in
        [(256 << 10, 256 << 10), (1 << 20, 256 << 10), (64 << 20, 8 << 20)]
    {
        let settings = settings(&server).memory_limit(memory_limit).window(window);
        read_all(&settings.build_blocking().unwrap(), &lengths, StreamOptions::new());
    }
}

#[test]
fn a_large_object_at_the_head_and_small_ones_behind_it_both_end() {
    let mut lengths = vec![4_096; 200];
    lengths[0] = 20 << 20;
    lengths[100] = 20 << 20;
    let server = filled(&lengths);
    for memory_limit in [256 << 10, 2 << 20] {
        let settings = settings(&server).memory_limit(memory_limit).window(256 << 10);
        let options = StreamOptions::new().concurrency(64);
        read_all(&settings.build_blocking().unwrap(), &lengths, options);
    }
}

#[test]
fn an_object_that_fails_says_so_at_its_place_and_the_stream_goes_on() {
    let server = filled(&[10, 20, 30, 40]);
    let client = blocking_client(&server);
    let wanted = [
        Wanted::new(key(0)),
        Wanted::new("missing"),
        Wanted::new(key(1)),
        Wanted::new(key(2)).if_match("0123456789abcdef0123456789abcdef"),
        Wanted::new(""),
        Wanted::new(key(3)),
    ];
    let outcomes: Vec<_> = client
        .stream(BUCKET, wanted, StreamOptions::new())
        .map(|reader| {
            let mut reader = reader.unwrap();
            let mut got = vec![0; 100];
            let first = reader.read_full(&mut got).map_err(|error| error.kind());
            // A failure is repeated, never followed by an end.
            assert!(first.is_ok() || reader.read_full(&mut got).is_err());
            (reader.object().key.clone(), first)
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            (key(0), Ok(10)),
            ("missing".to_owned(), Err(ErrorKind::NotFound)),
            (key(1), Ok(20)),
            (key(2), Err(ErrorKind::Changed)),
            (String::new(), Err(ErrorKind::InvalidInput)),
            (key(3), Ok(40)),
        ]
    );
}

#[test]
fn the_failure_of_the_listing_is_the_last_item() {
    let server = filled(&[10, 20]);
    let client = blocking_client(&server);
    let listing = client.list(BUCKET, ListOptions::new());
    let broken = client.list("missing-bucket", ListOptions::new());
    let mut stream = client.stream(BUCKET, listing.chain(broken), StreamOptions::new());
    assert!(stream.next().unwrap().is_ok());
    assert!(stream.next().unwrap().is_ok());
    assert_eq!(stream.next().unwrap().unwrap_err().kind(), ErrorKind::NotFound);
    assert!(stream.next().is_none());
}

#[test]
fn a_common_prefix_is_refused_instead_of_skipped() {
    let server = filled(&[10]);
    server.store().put(BUCKET, "d/x", bytes(1));
    let client = blocking_client(&server);
    let listing = client.list(BUCKET, ListOptions::new().delimiter("/"));
    let mut stream = client.stream(BUCKET, listing, StreamOptions::new());
    let error = stream.next().unwrap().unwrap_err();
    assert!(error.to_string().contains("common prefix"), "{error}");
}

#[test]
fn what_is_not_wanted_ahead_is_asked_for_when_it_is_read() {
    let server = filled(&[10, 20, 30]);
    let client = blocking_client(&server);
    let later = (0..3).map(|n| Wanted::new(key(n)).ahead(n == 1));
    let mut readers: Vec<_> =
        client.stream(BUCKET, later, StreamOptions::new()).map(Result::unwrap).collect();
    assert_eq!(client.stats().requests, 1);
    assert_eq!(read(&mut readers[2]), content(2, 30));
    assert_eq!(client.stats().requests, 2);
    assert_eq!(readers[0].opened().unwrap().size, 10);
    assert_eq!(read(&mut readers[0]), content(0, 10));
    assert_eq!(client.stats().requests, 3);
}

#[test]
fn readers_that_were_handed_out_outlive_the_stream_and_can_seek() {
    let server = filled(&[3 << 20, 3 << 20]);
    let client = blocking_client(&server);
    let mut readers: Vec<_> =
        client.stream(BUCKET, [key(0), key(1)], StreamOptions::new()).map(Result::unwrap).collect();
    let whole = content(1, 3 << 20);
    assert!(read(&mut readers[1]) == whole);
    let reader = &mut readers[0];
    let mut start = vec![0; 100_000];
    reader.read_exact(&mut start).unwrap();
    std::io::Seek::seek(reader, std::io::SeekFrom::Start((3 << 20) - 5)).unwrap();
    assert_eq!(read(reader), content(0, 3 << 20)[(3 << 20) - 5..]);
    assert_eq!(reader.verdict().unwrap().method, Method::Range);
}

#[test]
fn a_connection_that_a_long_read_has_moved_serves_the_stream_again() {
    let lengths = [3 << 20; 8];
    let server = filled(&lengths);
    // So little is fetched ahead that the rest is worth moving.
    let client = settings(&server).window(256 << 10).build_blocking().unwrap();
    read_all(&client, &lengths, StreamOptions::new().concurrency(1));
    // One is read while the next is opened; and one for the listing.
    assert!(server.connection_count() <= 3, "{} connections", server.connection_count());
}

#[test]
fn dropping_a_stream_ends_its_requests_and_frees_its_memory() {
    let lengths = vec![1 << 20; 64];
    let server = filled(&lengths);
    let client = settings(&server).memory_limit(8 << 20).build_blocking().unwrap();
    for _ in 0..20 {
        let listing = client.list(BUCKET, ListOptions::new());
        let mut stream = client.stream(BUCKET, listing, StreamOptions::new());
        let mut reader = stream.next().unwrap().unwrap();
        assert_eq!(reader.read(&mut [0; 10]).unwrap(), 10);
    }
    // What was held by any of the twenty would not leave room for this.
    read_all(&client, &lengths, StreamOptions::new());
}

#[test]
fn a_plain_read_and_a_stream_share_a_client() {
    let lengths = vec![100_000; 50];
    let server = filled(&lengths);
    let client = blocking_client(&server);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| read_all(&client, &lengths, StreamOptions::new().concurrency(4)));
            scope.spawn(|| {
                for (n, length) in lengths.iter().enumerate() {
                    let mut reader = client.open(BUCKET, &key(n), OpenOptions::new()).unwrap();
                    assert!(read(&mut reader) == content(n, *length));
                }
            });
        }
    });
}

#[test]
fn a_pipe_is_fed_in_the_background_and_finish_tells_whether_it_was_all() {
    let server = filled(&[3 << 20, 3 << 20]);
    let client = blocking_client(&server);
    let mut stream = client.stream(BUCKET, [key(0)], StreamOptions::new());
    let streamed = stream.next().unwrap().unwrap();
    let opened = client.open(BUCKET, &key(1), OpenOptions::new()).unwrap();
    for (n, mut reader) in [streamed, opened].into_iter().enumerate() {
        // A few bytes before, the rest through the pipe.
        let mut got = vec![0; 1_000];
        reader.read_exact(&mut got).unwrap();
        let mut pipe = std::fs::File::from(reader.open_pipe().unwrap());
        assert!(reader.open_pipe().is_err());
        pipe.read_to_end(&mut got).unwrap();
        assert!(got == content(n, 3 << 20));
        let verdict = reader.finish().unwrap();
        assert_eq!(verdict.method, Method::Checksum(Algorithm::Crc64Nvme));
        assert_eq!(reader.verdict(), Some(&verdict));
    }
}

#[test]
fn a_pipe_that_is_closed_early_or_cancelled_ends_its_feeding() {
    let server = filled(&[16 << 20]);
    let client = blocking_client(&server);
    let mut reader = client.open(BUCKET, &key(0), OpenOptions::new()).unwrap();
    drop(reader.open_pipe().unwrap());
    assert_eq!(reader.finish().unwrap_err().kind(), ErrorKind::Cancelled);
    let mut reader = client.open(BUCKET, &key(0), OpenOptions::new()).unwrap();
    let _pipe = reader.open_pipe().unwrap();
    reader.canceller().cancel();
    assert_eq!(reader.finish().unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn an_async_stream_reads_ahead_in_the_callers_runtime() {
    let lengths: Vec<_> = (0..300).map(|n| n * 700).collect();
    let server = filled(&lengths);
    let client = settings(&server).build().unwrap();
    let outside = client.object_stream(BUCKET, StreamOptions::new());
    assert_eq!(outside.unwrap_err().kind(), ErrorKind::InvalidInput);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let seen = runtime.block_on(async {
        let listing = client.list(BUCKET, ListOptions::new());
        let mut stream = client.stream(BUCKET, listing, StreamOptions::new()).unwrap();
        let mut seen = 0;
        while let Some(reader) = stream.next().await {
            let mut reader = reader.unwrap();
            let mut got = Vec::new();
            while let Some(piece) = reader.next_piece().await.unwrap() {
                got.extend_from_slice(&piece);
            }
            assert!(got == content(seen, lengths[seen]), "object {seen}");
            assert!(reader.verdict().is_some());
            seen += 1;
        }
        seen
    });
    assert_eq!(seen, lengths.len());
}

#[test]
fn a_cancelled_async_stream_ends_behind_saying_so() {
    let client = settings(&filled(&[10; 3])).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let keys = futures::stream::iter((0..3).map(key));
        let stream = client.stream(BUCKET, keys, StreamOptions::new()).unwrap();
        stream.canceller().cancel();
        let items: Vec<_> = stream.take(3).collect().await;
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].as_ref().unwrap_err().kind(), ErrorKind::Cancelled);
    });
}

/// It moves to its consumer, who then stays away for longer than a connection may stand idle.
#[test]
fn a_reader_that_moved_over_leaves_a_connection_that_got_old() {
    let server = server();
    let content = bytes(4 << 20);
    server.store().put(BUCKET, "key", content.clone());
    let idle_timeout = Duration::from_millis(100);
    let builder = settings(&server).window(1 << 20).idle_timeout(idle_timeout);
    let client = builder.build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut stream = client.object_stream(BUCKET, StreamOptions::new()).unwrap();
        stream.push("key");
        let mut reader = stream.next().await.unwrap().unwrap();
        // A window of it, or nearly.
        while client.stats().bytes < 900_000 {
            tokio::task::yield_now().await;
        }
        let mut got = Vec::new();
        while got.len() < 600_000 {
            got.extend_from_slice(&reader.next_piece().await.unwrap().unwrap());
        }
        // The rest of the window is left in the feed, and the reader comes to lie behind it.
        tokio::time::sleep(3 * idle_timeout).await;
        while let Some(piece) = reader.next_piece().await.unwrap() {
            got.extend_from_slice(&piece);
        }
        assert!(got == content);
        // More where this test itself was kept away.
        assert!(reader.verdict().unwrap().resumes >= 1);
    });
}

/// Whoever gives memory back wakes it; that is no end of its rest.
#[test]
fn a_feed_at_rest_drops_its_connection_whatever_others_do() {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 90000000\r\n\
        Last-Modified: Fri, 24 May 2013 00:00:00 GMT\r\n\r\n";
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let is_dropped = Arc::new(AtomicBool::new(false));
    let tell = Arc::clone(&is_dropped);
    std::thread::spawn(move || {
        let begin = || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            stream.write_all(HEAD).unwrap();
            stream
        };
        let mut first = begin();
        std::thread::spawn(move || {
            while first.write_all(&[0; 65_536]).is_ok() {}
            tell.store(true, Ordering::Relaxed);
        });
        loop {
            drop(begin());
        }
    });
    let idle_timeout = Duration::from_millis(100);
    let builder = settings(&server()).endpoint_url(&url).window(1 << 18).idle_timeout(idle_timeout);
    let client = builder.build_blocking().unwrap();
    let _reader = client.stream(BUCKET, ["key"], StreamOptions::new()).next().unwrap().unwrap();
    let begun = Instant::now();
    while !is_dropped.load(Ordering::Relaxed) {
        assert!(begun.elapsed() < 100 * idle_timeout, "it still has its connection");
        drop(client.open(BUCKET, "other", OpenOptions::new()).unwrap());
    }
}

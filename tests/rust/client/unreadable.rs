//! An entry of a listing that cannot be read fails alone, wherever the listing is used.

use s3stream_core::{Client, End, Entry, ErrorKind, ListOptions, Order, StreamOptions, blocking};
use s3stream_tests::fault::{FaultServer, Transcript};

/// A bucket of `a`, `caf\xe9` and `z`, then a request behind the last key, then those that can
/// be read.
const ODD: &str = r#"# A key in Latin-1 among others.
group:  listing
object: size=10 seed=7
do:     list
expect: ok
---
request GET /bucket?encoding-type=url&list-type=2&max-keys=1000
  reply 200
    Content-Length: {body_size}
  body lines
    <ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>
    <Contents><Key>a</Key><ETag>{etag}</ETag><Size>10</Size></Contents>
    <Contents><Key>caf%E9</Key><ETag>{etag}</ETag><Size>10</Size></Contents>
    <Contents><Key>z</Key><ETag>{etag}</ETag><Size>10</Size></Contents>
    </ListBucketResult>
    .
request GET /bucket/a
  times 0..1
  serve
request GET /bucket/z
  times 0..1
  serve
end
"#;

fn served() -> (FaultServer, blocking::Client) {
    let server = FaultServer::start(Transcript::parse("odd", ODD).unwrap()).unwrap();
    let client = Client::builder()
        .endpoint_url(&server.endpoint_url())
        .credentials("AKIAFAULT", "secret")
        .addressing_style(s3stream_core::AddressingStyle::Path)
        .proxy("none")
        .build_blocking()
        .unwrap();
    (server, client)
}

#[test]
fn a_listing_goes_on_behind_what_cannot_be_read() {
    let (server, client) = served();
    let mut list = client.list("bucket", ListOptions::new());
    let name = |entry: Option<Result<Entry, _>>| entry.unwrap().unwrap().name().to_owned();
    assert_eq!(name(list.next()), "a");
    let error = list.next().unwrap().unwrap_err();
    assert_eq!((error.kind(), error.key()), (ErrorKind::Protocol, Some("caf%E9")));
    assert!(error.is_of_entry() && error.to_string().contains("not UTF-8"), "{error}");
    assert_eq!(name(list.next()), "z");
    assert!(list.next().is_none() && list.next().is_none());
    let summary = list.summary().unwrap();
    assert_eq!((summary.order, summary.end), (Order::Ascending, End::Told));
    assert_eq!((summary.unreadable, summary.remarks().len()), (1, 0));
    drop((list, client));
    server.finish().unwrap();
}

#[test]
fn a_stream_gives_what_cannot_be_read_as_a_reader_that_fails() {
    let (server, client) = served();
    let listing = client.list("bucket", ListOptions::new());
    let mut outcomes = Vec::new();
    let options = StreamOptions::new().concurrency(1);
    for reader in client.stream("bucket", listing, options) {
        let mut reader = reader.expect("the listing did not fail");
        let mut buffer = [0; 64];
        let outcome = reader.read_full(&mut buffer).map_err(|error| error.is_of_entry());
        outcomes.push((reader.object().key.clone(), outcome));
    }
    let expected = [("a", Ok(10)), ("caf%E9", Err(true)), ("z", Ok(10))];
    assert_eq!(outcomes, expected.map(|(key, outcome)| (key.to_owned(), outcome)));
    drop(client);
    server.finish().unwrap();
}

#[test]
fn the_error_of_a_listing_is_its_last_item() {
    let (server, client) = served();
    for (bucket, options) in [
        ("no/bucket", ListOptions::new()),
        ("bucket", ListOptions::new().end_at("")),
        ("bucket", ListOptions::new().prefix("p").end_at("a")),
    ] {
        let mut list = client.list(bucket, options);
        // A consumer that skips errors must come to an end.
        assert_eq!(list.by_ref().flatten().count(), 0);
        assert!(list.next().is_none());
        assert_eq!(list.next_entry().unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(list.summary().unwrap().end, End::NotReached);
    }
    assert_eq!(client.stats().requests, 0);
    drop((client, server));
}

#[tokio::test]
async fn the_async_listing_ends_with_its_error_as_a_stream() {
    let client = Client::builder()
        .endpoint_url("http://127.0.0.1:9")
        .credentials("a", "b")
        .proxy("none")
        .build()
        .unwrap();
    let mut list = client.list("bucket", ListOptions::new().start_after("b").end_at("a"));
    let mut items = Vec::new();
    while let Some(item) = futures::StreamExt::next(&mut list).await {
        items.push(item.unwrap_err().kind());
    }
    assert_eq!(items, [ErrorKind::InvalidInput]);
    // Asked for the next one, it repeats it: `None` would be the end.
    assert_eq!(list.next().await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_page_of_a_whole_bucket_is_taken_within_the_memory() {
    let list = |count: usize, memory_limit: u64| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            use std::io::{Read, Write};
            let (mut socket, _) = listener.accept().unwrap();
            let mut head = [0; 4096];
            let _ = socket.read(&mut head).unwrap();
            let body = page_of(count);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            // A client that has had enough hangs up.
            let _ =
                socket.write_all(head.as_bytes()).and_then(|()| socket.write_all(body.as_bytes()));
        });
        let client = Client::builder()
            .endpoint_url(&url)
            .anonymous(true)
            .proxy("none")
            .memory_limit(memory_limit)
            .build_blocking()
            .unwrap();
        let listed = client.list("bucket", ListOptions::new()).collect::<Result<Vec<_>, _>>();
        server.join().unwrap();
        listed.map(|entries| entries.len())
    };
    assert_eq!(list(160_000, 64 << 20).unwrap(), 160_000);
    let error = list(160_000, 1 << 20).unwrap_err();
    assert!(error.to_string().contains("memory_limit"), "{error}");
}

fn page_of(count: usize) -> String {
    let entry = |n: usize| {
        format!("<Contents><Key>dir/{n:07}/of-usual-length.jpg</Key><Size>1</Size></Contents>")
    };
    let entries: String = (0..count).map(entry).collect();
    format!("<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>")
}

//! One object by one request, and its end.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::time::Duration;

use s3stream_core::{
    Algorithm, Checksum, Client, Condition, CreateOptions, DeleteOptions, ErrorKind, Expect,
    Metadata, OpenOptions, WriteVerdict, blocking,
};

use crate::support::{BUCKET, blocking_client, bytes, server};

fn read(client: &blocking::Client, key: &str) -> Vec<u8> {
    let mut content = Vec::new();
    client.open(BUCKET, key, OpenOptions::new()).unwrap().read_to_end(&mut content).unwrap();
    content
}

#[test]
fn what_was_put_is_what_is_read() {
    let server = server();
    let client = blocking_client(&server);
    for length in [0, 1, 100_000, 9 << 20] {
        let content = bytes(length);
        let written = client.put(BUCKET, "key", content.clone(), CreateOptions::new()).unwrap();
        assert_eq!(written.verdict, WriteVerdict::FullChecksum(Algorithm::Crc64Nvme));
        assert_eq!((written.bytes, written.object.size), (length as u64, length as u64));
        assert_eq!((written.parts, written.retries), (0, 0));
        assert!(written.object.etag.is_some());
        assert!(read(&client, "key") == content, "{length}");
    }
}

#[test]
fn odd_keys_are_written_byte_for_byte() {
    let server = server();
    let client = blocking_client(&server);
    let keys = ["a b+c%20", "a//b", "../up", "./x", "dir/", "ü 🎈", "a\u{1}b", "a?b=c&d#e", "%2F"];
    for (number, key) in keys.iter().enumerate() {
        client.put(BUCKET, key, format!("{number}"), CreateOptions::new()).unwrap();
    }
    for (number, key) in keys.iter().enumerate() {
        assert_eq!(read(&client, key), number.to_string().as_bytes(), "{key}");
        client.delete(BUCKET, key, DeleteOptions::new()).unwrap();
        let error = client.head(BUCKET, key, None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{key}");
    }
    client.delete(BUCKET, "never there", DeleteOptions::new()).unwrap();
    for key in ["", &"k".repeat(1_025)] {
        let error = client.put(BUCKET, key, "x", CreateOptions::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().starts_with("put s3://bucket/"), "{error}");
        assert!(client.delete(BUCKET, key, DeleteOptions::new()).is_err());
    }
}

#[test]
fn metadata_comes_back_as_it_was_given() {
    let server = server();
    let client = blocking_client(&server);
    let metadata = Metadata::new()
        .with_content_type("text/x")
        .with_cache_control("no-cache")
        .with_content_encoding("gzip")
        .with_content_disposition("attachment")
        .with_content_language("de")
        .with_user("colour", "blue  and   green");
    let options = CreateOptions::new().metadata(metadata.clone()).read_back(true);
    let written = client.put(BUCKET, "key", "x", options).unwrap();
    assert_eq!(written.differences, []);
    assert_eq!(*client.head(BUCKET, "key", None).unwrap().metadata(), metadata);
    let wrong = CreateOptions::new().metadata(Metadata::new().with_user("a", "b\r\nc: d"));
    let error = client.put(BUCKET, "key", "x", wrong).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_condition_that_does_not_hold_is_an_error_of_its_own() {
    let server = server();
    let client = blocking_client(&server);
    let absent = || CreateOptions::new().condition(Condition::Absent);
    let first = client.put(BUCKET, "key", "1", absent()).unwrap();
    let error = client.put(BUCKET, "key", "2", absent()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error}");
    let etag = first.object.etag.unwrap();
    let matches = || CreateOptions::new().condition(Condition::Matches(etag.clone()));
    client.put(BUCKET, "key", "3", matches()).unwrap();
    let error = client.put(BUCKET, "key", "4", matches()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
    assert_eq!(read(&client, "key"), b"3");
}

#[test]
fn what_is_not_expected_is_not_stored() {
    let server = server();
    let client = blocking_client(&server);
    let sum = |value: &str| Checksum { algorithm: Algorithm::Sha256, value: value.to_owned() };
    // SHA-256 of "abc".
    let right = sum("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    let table = [
        Expect::new().size(4),
        Expect::new().checksum(sum("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa1=")),
        Expect::new().etag(s3stream_core::ETag::parse("900150983cd24fb0d6963f7d28e17f73").unwrap()),
    ];
    for expect in table {
        let options = CreateOptions::new().expect(expect);
        let error = client.put(BUCKET, "key", "abc", options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Integrity, "{error}");
        assert_eq!(client.head(BUCKET, "key", None).unwrap_err().kind(), ErrorKind::NotFound);
    }
    let etag = s3stream_core::ETag::parse("900150983cd24fb0d6963f7d28e17f72").unwrap();
    let options = CreateOptions::new().expect(Expect::new().size(3).checksum(right).etag(etag));
    client.put(BUCKET, "key", "abc", options).unwrap();
}

/// How a server that has read nothing of a body takes its leave.
#[derive(Clone, Copy, Debug)]
enum Leave {
    /// It says that no more comes, and lets the body run into it.
    Fin,
    /// It closes with bytes unread, which resets the connection.
    Rst,
}

#[test]
fn a_refusal_before_the_body_is_heard_however_the_server_leaves() {
    const REFUSAL: &str = "<Error><Code>AccessDenied</Code><Message>not you</Message></Error>";
    for leave in [Leave::Fin, Leave::Rst] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.extend(byte);
            }
            let length = REFUSAL.len();
            let reply =
                format!("HTTP/1.1 403 Forbidden\r\nContent-Length: {length}\r\n\r\n{REFUSAL}");
            stream.write_all(reply.as_bytes()).unwrap();
            match leave {
                Leave::Fin => {
                    stream.shutdown(Shutdown::Write).unwrap();
                    let _ = std::io::copy(&mut stream, &mut std::io::sink());
                }
                Leave::Rst => drop(stream),
            }
        });
        let client = Client::builder().endpoint_url(&url).credentials("A", "s").proxy("none");
        let client = client.max_attempts(1).build_blocking().unwrap();
        let error = client.put(BUCKET, "key", bytes(32 << 20), CreateOptions::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AccessDenied, "{leave:?}: {error}");
        assert!(error.to_string().contains("not you"), "{leave:?}: {error}");
        server.join().unwrap();
    }
}

#[test]
fn a_server_that_reads_no_more_is_given_up_and_the_body_taken_back() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (given_up, is_given_up) = std::sync::mpsc::channel();
    let server = std::thread::spawn(move || {
        // Reads nothing at all: the second attempt finds the same.
        let streams: Vec<_> = (0..2).map(|_| listener.accept().unwrap().0).collect();
        is_given_up.recv().unwrap();
        let mut ends = streams.into_iter().map(|mut stream| {
            // Given up, it is taken back: what is left in the kernel does not arrive.
            let read = std::io::copy(&mut stream, &mut std::io::sink());
            read.unwrap_or(0)
        });
        ends.all(|read| read < 64 << 20)
    });
    let client = Client::builder().endpoint_url(&url).credentials("A", "s").proxy("none");
    let client = client.stall_timeout(Duration::from_millis(300)).max_attempts(2);
    let client = client.retry_base_delay(Duration::ZERO).build_blocking().unwrap();
    let error = client.put(BUCKET, "key", bytes(64 << 20), CreateOptions::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
    assert_eq!(error.attempts(), 2);
    given_up.send(()).unwrap();
    assert!(server.join().unwrap(), "none of the two had all of it");
}

#[test]
fn a_success_before_the_body_is_none() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut some = [0; 1_000];
        stream.read_exact(&mut some).unwrap();
        let reply = "HTTP/1.1 200 OK\r\nETag: \"x\"\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(reply.as_bytes()).unwrap();
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    let client = Client::builder().endpoint_url(&url).credentials("A", "s").proxy("none");
    let client = client.max_attempts(1).build_blocking().unwrap();
    let error = client.put(BUCKET, "key", bytes(64 << 20), CreateOptions::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
    server.join().unwrap();
}

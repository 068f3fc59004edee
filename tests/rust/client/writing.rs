//! Objects that are written piece by piece, and come into being whole or not at all.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use s3stream_core::{
    Algorithm, Checksum, Client, Condition, CreateOptions, ErrorKind, Expect, ListOptions,
    Metadata, OpenOptions, WriteVerdict, blocking,
};
use s3stream_tests::embedded::EmbeddedServer;

use crate::support::{BUCKET, blocking_client, bytes, settings, started};

const PART: usize = 64 << 10;

/// A server that takes parts of any size.
fn server() -> EmbeddedServer {
    started(EmbeddedServer::builder().min_part_size(1))
}

fn small_parts() -> CreateOptions {
    CreateOptions::new().part_size(PART as u64)
}

fn read(client: &blocking::Client, key: &str) -> Vec<u8> {
    let mut content = Vec::new();
    client.open(BUCKET, key, OpenOptions::new()).unwrap().read_to_end(&mut content).unwrap();
    content
}

fn keys(client: &blocking::Client) -> usize {
    client.list(BUCKET, ListOptions::new()).map(Result::unwrap).count()
}

/// Waits until the server has seen so many of an operation.
fn wait_for(server: &EmbeddedServer, operation: &str, count: u64) {
    let begun = Instant::now();
    while server.operation_count(operation) < count {
        assert!(begun.elapsed() < Duration::from_secs(20), "no {count} of {operation}");
        std::thread::yield_now();
    }
}

#[test]
fn an_object_is_the_bytes_that_were_written_however_they_came() {
    let server = server();
    let client = blocking_client(&server);
    let lengths = [0, 1, PART - 1, PART, PART + 1, 3 * PART, 3 * PART + 7, 40 * PART];
    for (length, cut) in lengths.into_iter().flat_map(|length| [(length, 1_000), (length, 300_000)])
    {
        let content = bytes(length);
        let mut writer = client.create(BUCKET, "key", small_parts()).unwrap();
        content.chunks(cut).for_each(|piece| writer.write_all(piece).unwrap());
        assert_eq!(writer.position(), length as u64);
        let written = writer.finish().unwrap();
        let parts = if length <= PART { 0 } else { length.div_ceil(PART) };
        assert_eq!((written.bytes, written.parts as usize), (length as u64, parts), "{cut}");
        assert_eq!(written.verdict, WriteVerdict::FullChecksum(Algorithm::Crc64Nvme));
        assert!(!written.resolved_after_lost_reply);
        let head = client.head(BUCKET, "key", None).unwrap();
        assert_eq!(written.object.etag, head.etag);
        assert!(read(&client, "key") == content, "{length} in pieces of {cut}");
    }
}

#[test]
fn a_piece_of_any_size_is_cut_without_a_copy() {
    let server = server();
    let client = blocking_client(&server);
    let content = bastion();
    let mut writer = client.create(BUCKET, "key", CreateOptions::new()).unwrap();
    writer.write_bytes(content.clone()).unwrap();
    let written = writer.finish().unwrap();
    assert_eq!(written.parts, 3);
    assert!(read(&client, "key") == content);
}

/// Two parts of the usual size, and some.
fn bastion() -> Vec<u8> {
    bytes((16 << 20) + 12_345)
}

#[test]
fn nothing_but_finish_makes_an_object() {
    let server = server();
    let client = blocking_client(&server);
    // Small and large; dropped, and dropped in the middle of a panic.
    for length in [10, 5 * PART] {
        let mut writer = client.create(BUCKET, "key", small_parts()).unwrap();
        writer.write_all(&bytes(length)).unwrap();
        writer.flush().unwrap();
        drop(writer);
    }
    wait_for(&server, "AbortMultipartUpload", 1);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut writer = client.create(BUCKET, "key", small_parts()).unwrap();
        writer.write_all(&bytes(5 * PART)).unwrap();
        panic!("on purpose");
    }));
    assert!(panicked.is_err());
    wait_for(&server, "AbortMultipartUpload", 2);
    let mut writer = client.create(BUCKET, "key", small_parts()).unwrap();
    writer.write_all(&bytes(5 * PART)).unwrap();
    assert!(writer.upload_id().is_some());
    writer.abort().unwrap();
    assert_eq!(server.operation_count("AbortMultipartUpload"), 3);
    assert_eq!(writer.write_all(b"more").unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
    assert!(writer.finish().is_err());
    writer.abort().unwrap();
    assert_eq!(keys(&client), 0);
    assert_eq!(server.operation_count("CompleteMultipartUpload"), 0);
    assert_eq!(server.operation_count("PutObject"), 0);
}

#[test]
fn a_cancelled_writer_is_one_that_has_failed() {
    let server = server();
    let client = blocking_client(&server);
    let mut writer = client.create(BUCKET, "key", small_parts()).unwrap();
    writer.write_all(&bytes(5 * PART)).unwrap();
    writer.canceller().unwrap().cancel();
    for _ in 0..2 {
        let error = writer.write_bytes(bytes(PART)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
    }
    assert_eq!(writer.finish().unwrap_err().kind(), ErrorKind::Cancelled);
    wait_for(&server, "AbortMultipartUpload", 1);
    assert_eq!(keys(&client), 0);
}

#[test]
fn what_is_not_expected_is_removed_before_it_is_an_object() {
    let server = server();
    let client = blocking_client(&server);
    let content = bytes(3 * PART);
    let wrong = Checksum { algorithm: Algorithm::Crc32, value: "AAAAAA==".to_owned() };
    let etag = s3stream_core::ETag::parse("9b2cf535f27731c974343645a3985328-3").unwrap();
    let table = [
        small_parts().size(3 * PART as u64 + 1),
        small_parts().expect(Expect::new().size(7)),
        small_parts().expect(Expect::new().checksum(wrong)),
        small_parts().expect(Expect::new().etag(etag)),
    ];
    for (number, options) in (1..).zip(table) {
        let mut writer = client.create(BUCKET, "key", options).unwrap();
        writer.write_all(&content).unwrap();
        let error = writer.finish().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Integrity, "{error}");
        assert!(error.to_string().contains("not stored"), "{error}");
        assert_eq!(server.operation_count("AbortMultipartUpload"), number);
    }
    assert_eq!(keys(&client), 0);
    // And what is expected is stored, by the ETag of its parts.
    let mut writer = client.create(BUCKET, "key", small_parts()).unwrap();
    writer.write_all(&content).unwrap();
    let etag = writer.finish().unwrap().object.etag.unwrap();
    assert_eq!(etag.parts(), Some(3));
    let options = small_parts().expect(Expect::new().size(3 * PART as u64).etag(etag));
    let mut writer = client.create(BUCKET, "key", options).unwrap();
    writer.write_all(&content).unwrap();
    writer.finish().unwrap();
}

#[test]
fn who_comes_second_does_not_win() {
    let server = server();
    let client = blocking_client(&server);
    let absent = || small_parts().condition(Condition::Absent);
    for length in [10, 3 * PART] {
        let key = format!("key-{length}");
        let mut first = client.create(BUCKET, &key, absent()).unwrap();
        let mut second = client.create(BUCKET, &key, absent()).unwrap();
        first.write_all(&bytes(length)).unwrap();
        second.write_all(&vec![b'x'; length]).unwrap();
        let etag = first.finish().unwrap().object.etag.unwrap();
        let error = second.finish().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error}");
        assert!(read(&client, &key) == bytes(length));
        let matches = || small_parts().condition(Condition::Matches(etag.clone()));
        let mut third = client.create(BUCKET, &key, matches()).unwrap();
        third.write_all(&vec![b'y'; length]).unwrap();
        third.finish().unwrap();
        let mut fourth = client.create(BUCKET, &key, matches()).unwrap();
        fourth.write_all(&vec![b'z'; length]).unwrap();
        let error = fourth.finish().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
        assert!(read(&client, &key) == vec![b'y'; length]);
    }
}

#[test]
fn metadata_comes_back_from_parts_too() {
    let server = server();
    let client = blocking_client(&server);
    let metadata = Metadata::new().with_content_type("text/x").with_user("colour", "blue");
    let options = small_parts().metadata(metadata.clone()).read_back(true);
    let mut writer = client.create(BUCKET, "key", options).unwrap();
    writer.write_all(&bytes(2 * PART)).unwrap();
    assert_eq!(writer.finish().unwrap().differences, []);
    assert_eq!(*client.head(BUCKET, "key", None).unwrap().metadata(), metadata);
}

#[test]
fn what_cannot_be_is_refused_before_a_request() {
    let server = server();
    let client = blocking_client(&server);
    let tagged = (0..11).fold(CreateOptions::new(), |options, n| options.tag(n.to_string(), ""));
    let large = CreateOptions::new().size(10_001 << 20).part_size(1 << 20);
    for (key, options) in [
        ("", CreateOptions::new()),
        ("key", CreateOptions::new().part_size(0)),
        ("key", CreateOptions::new().max_parts(0)),
        ("key", tagged),
        ("key", large),
    ] {
        let error = client.create(BUCKET, key, options).map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert_eq!(server.request_count(), 0);
    let mut writer = client.create(BUCKET, "key", small_parts().max_parts(3)).unwrap();
    let error = writer.write_bytes(bytes(3 * PART + 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    assert!(error.to_string().contains("part_size"), "{error}");
    assert_eq!(server.operation_count("AbortMultipartUpload"), 1);
    let mut writer = client.create("missing", "key", small_parts()).unwrap();
    let error = writer.write_bytes(bytes(3 * PART)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}

#[test]
fn a_writer_waits_for_memory_and_holds_a_part_where_there_is_none() {
    let server = server();
    let client = settings(&server).memory_limit(256 << 10).build_blocking().unwrap();
    let content = bytes(64 * PART);
    let mut writers: Vec<_> = (0..4)
        .map(|n| client.create(BUCKET, &format!("key-{n}"), small_parts()).unwrap())
        .collect();
    for piece in content.chunks(10_000) {
        writers.iter_mut().for_each(|writer| writer.write_all(piece).unwrap());
    }
    for (n, mut writer) in writers.into_iter().enumerate() {
        writer.finish().unwrap();
        assert!(read(&client, &format!("key-{n}")) == content);
    }
}

#[test]
fn without_a_thread_of_ours_it_is_the_same() {
    let server = server();
    let client: Client = settings(&server).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let content = bytes(10 * PART + 1);
    runtime.block_on(async {
        let mut writer = client.create(BUCKET, "key", small_parts()).unwrap();
        for piece in content.chunks(30_000) {
            // A call that is dropped at its first wait has taken its bytes all the same.
            let write = writer.write(piece.to_vec());
            let mut write = Box::pin(write);
            let once = std::future::poll_fn(|cx| std::task::Poll::Ready(write.as_mut().poll(cx)));
            let _ = once.await;
        }
        assert_eq!(writer.finish().await.unwrap().bytes, content.len() as u64);
    });
    assert!(client.create(BUCKET, "key", small_parts()).is_err(), "there is no runtime here");
    assert!(read(&blocking_client(&server), "key") == content);
}

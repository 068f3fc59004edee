//! Objects come back byte for byte, proven by what the server offers.

use std::io::{Read, Seek, SeekFrom};

use s3stream_core::{Algorithm, ErrorKind, Integrity, Method, OpenOptions};
use s3stream_tests::embedded::{ChecksumAlgorithm, ChecksumType};

use crate::support::{BUCKET, blocking_client, bytes, server, settings};

fn read_all(reader: &mut impl Read) -> Vec<u8> {
    let mut all = Vec::new();
    reader.read_to_end(&mut all).unwrap();
    all
}

#[test]
fn objects_of_many_sizes_are_read_and_proven_by_checksum() {
    let server = server();
    let client = blocking_client(&server);
    for size in [0, 1, 65_535, 65_536, 65_537, 1 << 20, (3 << 20) + 17] {
        let content = bytes(size);
        server.store().put(BUCKET, "key", content.clone());
        let mut reader = client.open(BUCKET, "key", OpenOptions::new()).unwrap();
        assert_eq!(reader.object().size, size as u64);
        assert!(reader.verdict().is_none());
        assert!(read_all(&mut reader) == content, "{size}");
        let verdict = reader.verdict().unwrap();
        assert_eq!(verdict.method, Method::Checksum(Algorithm::Crc64Nvme));
        assert_eq!((verdict.bytes, verdict.resumes, verdict.retries), (size as u64, 0, 0));
    }
}

#[test]
fn one_object_costs_one_request_and_one_connection_serves_many() {
    let server = server();
    let client = blocking_client(&server);
    // Short ones come through hyper, long ones straight from the socket.
    let sizes = [5_000, 5_000_000, 0, 131_072, 131_071, 1_000_000, 70_000];
    for size in sizes {
        server.store().put(BUCKET, "key", bytes(size));
        let mut reader = client.open(BUCKET, "key", OpenOptions::new()).unwrap();
        assert!(read_all(&mut reader) == bytes(size));
    }
    assert_eq!(client.stats().requests, sizes.len() as u64);
    assert_eq!(client.stats().bytes, sizes.iter().sum::<usize>() as u64);
    assert_eq!(server.connection_count(), 1);
}

#[test]
fn the_setting_decides_about_the_proof() {
    let server = server();
    server.store().put(BUCKET, "key", bytes(100_000));
    for (integrity, method) in [
        (Integrity::Full, Method::Checksum(Algorithm::Crc64Nvme)),
        (Integrity::Cheap, Method::Checksum(Algorithm::Crc64Nvme)),
        (Integrity::Length, Method::Length),
    ] {
        let client = settings(&server).integrity(integrity).build_blocking().unwrap();
        let mut reader = client.open(BUCKET, "key", OpenOptions::new()).unwrap();
        read_all(&mut reader);
        assert_eq!(reader.verdict().unwrap().method, method);
    }
}

#[test]
fn multipart_objects_are_proven_part_by_part() {
    let server = server();
    let client = blocking_client(&server);
    let content = bytes(1_000_000);
    let part = |from: usize, to: usize| bytes::Bytes::copy_from_slice(&content[from..to]);
    let even = [part(0, 400_000), part(400_000, 800_000), part(800_000, 1_000_000)];
    let uneven = [part(0, 400_000), part(400_000, 500_000), part(500_000, 1_000_000)];
    let composite = Some((ChecksumAlgorithm::Sha256, ChecksumType::Composite));
    let table: [(&[bytes::Bytes], _, _); 4] = [
        (&even, None, Method::Composite),
        (&even, composite, Method::Composite),
        // Nobody says how uneven parts were cut, so a composite cannot be checked.
        (&uneven, composite, Method::Length),
        (&uneven, None, Method::Length),
    ];
    for (parts, checksum, method) in table {
        let attributes = Default::default();
        server.store().put_multipart_with(BUCKET, "key", parts, checksum, attributes);
        let mut reader = client.open(BUCKET, "key", OpenOptions::new()).unwrap();
        assert!(read_all(&mut reader) == content);
        assert_eq!(reader.verdict().unwrap().method, method, "{checksum:?}");
    }
}

#[test]
fn a_range_is_read_exactly_and_proven_by_length() {
    let server = server();
    let client = blocking_client(&server);
    let content = bytes(200_000);
    server.store().put(BUCKET, "key", content.clone());
    for (offset, length) in [
        (0, Some(10)),
        (5, Some(100_000)),
        (199_999, None),
        (150_000, Some(99_999_999)),
        (7, Some(0)),
    ] {
        let mut options = OpenOptions::new().offset(offset);
        if let Some(length) = length {
            options = options.length(length);
        }
        let mut reader = client.open(BUCKET, "key", options).unwrap();
        let from = usize::try_from(offset).unwrap();
        let to = length
            .map_or(content.len(), |l| (from + usize::try_from(l).unwrap()).min(content.len()));
        assert!(read_all(&mut reader) == content[from..to], "{offset} {length:?}");
        assert_eq!(reader.verdict().unwrap().method, Method::Range);
        assert_eq!(reader.object().size, 200_000);
    }
    let beyond = client.open(BUCKET, "key", OpenOptions::new().offset(200_001)).unwrap_err();
    assert_eq!(beyond.kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_reader_seeks() {
    let server = server();
    let client = blocking_client(&server);
    let content = bytes(300_000);
    server.store().put(BUCKET, "key", content.clone());
    let mut reader = client.open(BUCKET, "key", OpenOptions::new()).unwrap();
    let mut buffer = vec![0; 1_000];
    for offset in [250_000_u64, 0, 100, 299_000] {
        reader.seek(SeekFrom::Start(offset)).unwrap();
        reader.read_exact(&mut buffer).unwrap();
        let from = usize::try_from(offset).unwrap();
        assert!(buffer == content[from..from + 1_000], "{offset}");
    }
    assert_eq!(reader.seek(SeekFrom::End(-5)).unwrap(), 299_995);
    assert_eq!(read_all(&mut reader), &content[299_995..]);
    assert_eq!(reader.verdict().unwrap().method, Method::Range);
    reader.seek(SeekFrom::Start(1 << 40)).unwrap();
    assert!(read_all(&mut reader).is_empty());
}

#[test]
fn a_range_ends_where_it_did_wherever_its_reader_seeks() {
    let server = server();
    let client = blocking_client(&server);
    let content = bytes(100);
    server.store().put(BUCKET, "key", content.clone());
    let mut reader = client.open(BUCKET, "key", OpenOptions::new().offset(10).length(5)).unwrap();
    for (offset, from) in [(11, 11), (14, 14), (15, 15), (40, 15), (10, 10), (3, 3)] {
        reader.seek(SeekFrom::Start(offset)).unwrap();
        assert_eq!(read_all(&mut reader), &content[from..15], "{offset}");
        assert_eq!(reader.verdict().unwrap().method, Method::Range);
    }
}

#[test]
fn a_reader_that_seeks_back_to_the_start_proves_the_whole_again() {
    let server = server();
    let client = blocking_client(&server);
    let content = bytes(300_000);
    server.store().put(BUCKET, "key", content.clone());
    let mut reader = client.open(BUCKET, "key", OpenOptions::new()).unwrap();
    reader.seek(SeekFrom::Start(200_000)).unwrap();
    assert_eq!(read_all(&mut reader), &content[200_000..]);
    reader.seek(SeekFrom::Start(0)).unwrap();
    assert_eq!(read_all(&mut reader), content);
    let verdict = reader.verdict().unwrap();
    assert_eq!(verdict.method, Method::Checksum(Algorithm::Crc64Nvme));
    assert_eq!(verdict.bytes, 300_000);
}

#[test]
fn the_reply_that_was_opened_describes_the_object() {
    let server = server();
    let client = blocking_client(&server);
    server.store().enable_versioning(BUCKET);
    let first = server.store().put(BUCKET, "key", bytes(10));
    server.store().put(BUCKET, "key", bytes(20));
    let mut reader = client.open(BUCKET, "key", OpenOptions::new()).unwrap();
    let listed = client.head(BUCKET, "key", None).unwrap();
    assert_eq!(reader.object(), &listed);
    assert_eq!(read_all(&mut reader).len(), 20);
    let version = first.version_id.unwrap();
    let old = client.open(BUCKET, "key", OpenOptions::new().version_id(version.as_str())).unwrap();
    assert_eq!(
        (old.object().size, old.object().version_id.as_deref()),
        (10, Some(version.as_str()))
    );
}

#[test]
fn what_is_not_there_is_not_found() {
    let server = server();
    let client = blocking_client(&server);
    server.store().enable_versioning(BUCKET);
    server.store().put(BUCKET, "deleted", bytes(1));
    server.store().delete(BUCKET, "deleted");
    for (bucket, key, code) in [
        (BUCKET, "missing", "NoSuchKey"),
        ("nobody", "key", "NoSuchBucket"),
        (BUCKET, "deleted", "NoSuchKey"),
    ] {
        let error = client.open(bucket, key, OpenOptions::new()).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some(code)), "{error}");
        let error = client.head(bucket, key, None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
}

#[test]
fn if_match_opens_only_that_object() {
    let server = server();
    let client = blocking_client(&server);
    server.store().put(BUCKET, "key", bytes(10));
    let etag = client.head(BUCKET, "key", None).unwrap().etag.unwrap();
    let options = OpenOptions::new().if_match(etag.as_str());
    assert!(client.open(BUCKET, "key", options.clone()).is_ok());
    server.store().put(BUCKET, "key", bytes(11));
    let error = client.open(BUCKET, "key", options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed);
}

#[test]
fn an_object_that_changes_in_the_middle_is_not_joined() {
    let server = server();
    let client = settings(&server)
        .idle_timeout(std::time::Duration::from_nanos(1))
        .build_blocking()
        .unwrap();
    server.store().put(BUCKET, "key", bytes(5 << 20));
    let mut reader = client.open(BUCKET, "key", OpenOptions::new()).unwrap();
    reader.read_exact(&mut vec![0; 1 << 20]).unwrap();
    server.store().put(BUCKET, "key", vec![1; 5 << 20]);
    let error = std::io::copy(&mut reader, &mut std::io::sink()).unwrap_err();
    let error = error.get_ref().unwrap().downcast_ref::<s3stream_core::Error>().unwrap();
    assert_eq!(error.kind(), ErrorKind::Changed);
    // And it stays so: no later read is the end.
    assert!(reader.read(&mut [0]).is_err());
}

#[test]
fn every_read_after_a_pause_goes_on_where_it_was() {
    let server = server();
    // So short that every call finds its connection too old.
    let client = settings(&server)
        .idle_timeout(std::time::Duration::from_nanos(1))
        .build_blocking()
        .unwrap();
    let content = bytes(2 << 20);
    server.store().put(BUCKET, "key", content.clone());
    let mut reader = client.open(BUCKET, "key", OpenOptions::new()).unwrap();
    let mut got = Vec::new();
    let mut buffer = vec![0; 300_000];
    loop {
        let n = reader.read(&mut buffer).unwrap();
        if n == 0 {
            break;
        }
        got.extend_from_slice(&buffer[..n]);
    }
    assert!(got == content);
    let verdict = reader.verdict().unwrap();
    assert_eq!(verdict.method, Method::Checksum(Algorithm::Crc64Nvme));
    assert!(verdict.resumes >= 5 && verdict.retries == 0, "{verdict:?}");
}

//! The server without a store is one bucket of many objects to s3stream, and verifiable.

#![allow(clippy::unwrap_used, missing_docs)]

use std::time::{Duration, Instant};

use s3stream_core::blocking::{Client, ObjectReader};
use s3stream_core::{Entry, ErrorKind, ListOptions, OpenOptions};
use s3stream_tests::synthetic::{BIG, Builder, SyntheticServer};

fn start(builder: Builder) -> (SyntheticServer, Client) {
    let server = builder.start().unwrap();
    let client = Client::builder()
        .endpoint_url(&server.endpoint_url())
        .credentials("test", "testsecret")
        .proxy("none")
        .build_blocking()
        .unwrap();
    (server, client)
}

fn keys(client: &Client, options: ListOptions) -> Vec<String> {
    let entries = client.list("bucket", options);
    let objects = entries.map(|entry| match entry.unwrap() {
        Entry::Object(object) => object.key,
        other => panic!("{other:?}"),
    });
    objects.collect()
}

fn read(reader: &mut ObjectReader) -> (Vec<u8>, &'static str) {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(reader, &mut bytes).unwrap();
    (bytes, reader.verdict().unwrap().method.name())
}

#[test]
fn every_object_is_listed_and_proven_by_its_checksum() {
    let (_server, client) = start(SyntheticServer::builder().objects(2001, 100));
    let listed = keys(&client, ListOptions::new());
    assert_eq!(listed.len(), 2002);
    assert_eq!(listed.last().unwrap(), BIG);
    for key in listed.iter().step_by(400) {
        let mut reader = client.open("bucket", key, OpenOptions::new()).unwrap();
        let (bytes, method) = read(&mut reader);
        assert_eq!((bytes.len(), method), (100, "crc64nvme"));
        assert!(bytes.starts_with(key.as_bytes()));
    }
    assert_eq!(keys(&client, ListOptions::new().prefix("000000200")), ["0000002000"]);
    let missing = client.open("bucket", "0000002001", OpenOptions::new()).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[test]
fn big_object_is_proven_though_it_is_stored_nowhere() {
    let size = (5 << 20) + 17;
    let (_server, client) = start(SyntheticServer::builder().big(size));
    let mut reader = client.open("bucket", BIG, OpenOptions::new()).unwrap();
    let (whole, method) = read(&mut reader);
    assert_eq!((whole.len() as u64, method), (size, "crc64nvme"));

    let range = OpenOptions::new().offset(3 << 20).length(70_000);
    let (part, method) = read(&mut client.open("bucket", BIG, range).unwrap());
    assert_eq!(method, "range");
    assert_eq!(part, whole[3 << 20..][..70_000]);
}

#[test]
fn a_connection_gets_no_more_than_its_rate() {
    let rate = 10 << 20;
    let (_server, client) = start(SyntheticServer::builder().big(rate / 2).connection_rate(rate));
    let begin = Instant::now();
    let mut reader = client.open("bucket", BIG, OpenOptions::new()).unwrap();
    assert_eq!(read(&mut reader).0.len() as u64, rate / 2);
    // Half a second, less the piece that goes out at once.
    assert!(begin.elapsed() > Duration::from_millis(400), "{:?}", begin.elapsed());
}

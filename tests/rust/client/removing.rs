//! Many objects deleted, uploads listed and removed.

use std::io::Write;

use s3stream_core::{CreateOptions, ErrorKind, ListOptions, ObjectName, SinkOptions};
use s3stream_tests::embedded::EmbeddedServer;

use crate::support::{BUCKET, blocking_client, bytes, server, started};

#[test]
fn every_key_is_deleted_and_told_in_its_turn() {
    let server = server();
    let client = blocking_client(&server);
    let mut keys: Vec<String> = (0..2_100).map(|number| format!("key-{number:05}")).collect();
    // XML has no way to write the first of these.
    keys.extend(["a\u{1}b", "a<b&c>", " blank ", "line\nfeed\r", "ü🎈", "a//b"].map(str::to_owned));
    let mut sink = client.sink(SinkOptions::new()).unwrap();
    for key in &keys {
        sink.put(BUCKET, key, "x", CreateOptions::new()).unwrap();
    }
    assert!(sink.finish().unwrap().iter().all(|put| put.result.is_ok()));
    keys.push("never there".to_owned());
    let told: Vec<_> =
        client.delete_all(BUCKET, keys.clone()).unwrap().map(Result::unwrap).collect();
    let names: Vec<_> = told.iter().map(|(name, _)| name.key.clone()).collect();
    assert!(names == keys, "in the order in which they were named");
    for (name, outcome) in told {
        outcome.unwrap_or_else(|error| panic!("{name:?}: {error}"));
    }
    assert_eq!(client.list(BUCKET, ListOptions::new()).count(), 0);
    assert_eq!(server.operation_count("DeleteObjects"), 3);
    assert_eq!(server.operation_count("DeleteObject"), 1, "the one that XML cannot carry");
}

#[test]
fn versions_are_deleted_by_name() {
    let server = server();
    server.store().enable_versioning(BUCKET);
    let client = blocking_client(&server);
    for content in ["1", "2", "3"] {
        client.put(BUCKET, "key", content, CreateOptions::new()).unwrap();
    }
    let versions = || {
        let listing = client.list(BUCKET, ListOptions::new().versions(true));
        let objects = listing.map(Result::unwrap).filter_map(|entry| match entry {
            s3stream_core::Entry::Object(object) => Some(ObjectName::from(&object)),
            _ => None,
        });
        objects.collect::<Vec<_>>()
    };
    assert_eq!(versions().len(), 3);
    for told in client.delete_all(BUCKET, versions()).unwrap() {
        told.unwrap().1.unwrap();
    }
    assert_eq!(versions(), []);
}

#[test]
fn a_bucket_that_is_not_there_is_told_of_every_key() {
    let server = server();
    let client = blocking_client(&server);
    let told: Vec<_> = client.delete_all("missing", ["a", "b"]).unwrap().collect();
    assert_eq!(told.len(), 2);
    for told in told {
        let (_, outcome) = told.unwrap();
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::NotFound);
    }
}

#[test]
fn what_was_left_is_listed_and_removed() {
    let server: EmbeddedServer = started(EmbeddedServer::builder().min_part_size(1).page_size(2));
    let client = blocking_client(&server);
    let mut left = Vec::new();
    for key in ["a", "a", "b +%", "c\u{1}", "d"] {
        let mut writer = client.create(BUCKET, key, CreateOptions::new().part_size(1_000)).unwrap();
        writer.write_all(&bytes(2_500)).unwrap();
        left.push((key.to_owned(), writer.upload_id().unwrap().to_owned()));
        // As a process leaves it that is killed.
        std::mem::forget(writer);
    }
    left.sort();
    let uploads = |prefix| {
        let uploads = client.uploads(BUCKET, prefix).unwrap().into_iter();
        let mut uploads: Vec<_> = uploads.map(|it| (it.key, it.upload_id)).collect();
        uploads.sort();
        uploads
    };
    assert_eq!(uploads(""), left);
    assert_eq!(uploads("a"), left[..2]);
    for (key, id) in &left {
        client.abort_upload(BUCKET, key, id).unwrap();
        client.abort_upload(BUCKET, key, id).unwrap();
    }
    assert_eq!(uploads(""), []);
    assert_eq!(client.list(BUCKET, ListOptions::new()).count(), 0);
}

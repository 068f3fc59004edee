//! Objects written, copied and deleted on real servers; nothing of them is left.

use std::io::{Read as _, Write as _};

use s3stream_core::blocking::Client;
use s3stream_core::{
    CopyOptions, CreateOptions, ListOptions, Metadata, OpenOptions, SinkOptions, WriteVerdict,
};

use crate::client;
use crate::facts::Facts;

const PART: usize = 5 << 20;

fn read(client: &Client, bucket: &str, key: &str) -> Vec<u8> {
    let mut content = Vec::new();
    let mut reader = client.open(bucket, key, OpenOptions::new()).expect("it was written");
    reader.read_to_end(&mut content).expect("it is whole");
    content
}

fn clean(client: &Client, bucket: &str) {
    let listing = client.list(bucket, ListOptions::new().prefix("written/"));
    let keys: Vec<String> =
        listing.map(|entry| entry.expect("a listing").name().to_owned()).collect();
    for told in client.delete_all(bucket, keys).expect("a client") {
        let (name, outcome) = told.expect("no wait is given up");
        outcome.unwrap_or_else(|error| panic!("{name:?}: {error}"));
    }
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn odd_keys_are_written_and_deleted_byte_for_byte() {
    let facts = Facts::read();
    let client = client();
    let mut sink = client.sink(SinkOptions::new()).expect("a thread");
    for content in facts.stored().filter(|content| content.key.len() < 1_000) {
        let key = format!("written/{}", content.key);
        let body = content.key.clone().into_bytes();
        sink.put(&facts.bucket, &key, body, CreateOptions::new()).expect("a key like any other");
    }
    let mut written = 0;
    for put in sink.finish().expect("nobody cancels") {
        put.result.unwrap_or_else(|error| panic!("{:?}: {error}", put.key));
        let content = read(&client, &facts.bucket, &put.key);
        assert_eq!(content, &put.key.as_bytes()["written/".len()..], "{:?}", put.key);
        written += 1;
    }
    clean(&client, &facts.bucket);
    let left = client.list(&facts.bucket, ListOptions::new().prefix("written/")).count();
    assert_eq!(left, 0);
    println!("{}: {written} odd keys written, read and deleted", facts.server);
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn parts_make_one_object_that_is_proven_and_can_be_copied() {
    let facts = Facts::read();
    let client = client();
    let bucket = facts.bucket.as_str();
    let mut content = vec![0; 2 * PART + 1_234];
    s3stream_tests::pattern::fill(11, 0, &mut content);
    let metadata = Metadata::new().with_content_type("text/x").with_user("colour", "blue");
    let options = CreateOptions::new().metadata(metadata).part_size(PART as u64).read_back(true);
    let mut writer = client.create(bucket, "written/parts", options).expect("options that fit");
    content.chunks(100_000).for_each(|piece| writer.write_all(piece).expect("it is sent"));
    let written = writer.finish().expect("it is stored");
    assert_eq!((written.bytes, written.parts), (content.len() as u64, 3));
    assert_ne!(written.verdict, WriteVerdict::PartsSigned, "{written:?}");
    assert!(read(&client, bucket, "written/parts") == content);
    println!("{}: parts: {:?}, {:?}", facts.server, written.verdict, written.differences);

    let back = CopyOptions::new().with(CreateOptions::new().read_back(true));
    let copied = client.copy(bucket, "written/parts", bucket, "written/copy", back);
    let copied = copied.expect("it is copied");
    assert!(read(&client, bucket, "written/copy") == content);
    println!("{}: copy: {:?}, {:?}", facts.server, copied.verdict, copied.differences);

    let options = || CreateOptions::new().part_size(PART as u64);
    let mut writer = client.create(bucket, "written/aborted", options()).expect("a client");
    writer.write_all(&content).expect("it is sent");
    let id = writer.upload_id().expect("there is more than one part").to_owned();
    let listed = || client.uploads(bucket, "written/");
    if facts.server == "rclone" {
        // It never says whether its list is truncated: that is no complete one.
        let error = listed().expect_err("it does not say");
        assert_eq!(error.kind(), s3stream_core::ErrorKind::Protocol, "{error}");
        writer.abort().expect("it is removed");
        clean(&client, bucket);
        return;
    }
    let uploads = || listed().expect("they can be listed");
    assert!(uploads().iter().any(|upload| upload.upload_id == id));
    writer.abort().expect("it is removed");
    assert!(uploads().iter().all(|upload| upload.upload_id != id));
    clean(&client, bucket);
}

//! Objects copied by the server, and what is changed of them without their bytes.

use std::io::Read;

use s3stream_core::{
    Condition, CopyOptions, CreateOptions, ErrorKind, Metadata, ObjectName, OpenOptions,
    RestoreTier, WriteVerdict, blocking,
};
use s3stream_tests::embedded::EmbeddedServer;

use crate::support::{BUCKET, blocking_client, bytes, started};

fn server() -> EmbeddedServer {
    let server = started(EmbeddedServer::builder().min_part_size(1));
    server.store().create_bucket("other");
    server
}

fn read(client: &blocking::Client, bucket: &str, key: &str) -> Vec<u8> {
    let mut content = Vec::new();
    client.open(bucket, key, OpenOptions::new()).unwrap().read_to_end(&mut content).unwrap();
    content
}

fn metadata() -> Metadata {
    Metadata::new().with_content_type("text/x").with_user("colour", "blue")
}

#[test]
fn a_copy_is_the_object_with_its_metadata() {
    let server = server();
    let client = blocking_client(&server);
    let content = bytes(100_000);
    let create = CreateOptions::new().metadata(metadata()).tag("t", "1");
    client.put(BUCKET, "a b/ü+", content.clone(), create).unwrap();
    let back = CreateOptions::new().read_back(true);
    let copied =
        client.copy(BUCKET, "a b/ü+", "other", "x%y", CopyOptions::new().with(back)).unwrap();
    assert_eq!((copied.bytes, copied.parts), (100_000, 0));
    assert_eq!(copied.differences, []);
    assert!(copied.verdict != WriteVerdict::ServerCopied, "{:?}", copied.verdict);
    assert!(read(&client, "other", "x%y") == content);
    assert_eq!(*client.head("other", "x%y", None).unwrap().metadata(), metadata());

    let other = Metadata::new().with_content_type("text/y");
    let replace = CopyOptions::new().replace(CreateOptions::new().metadata(other.clone()));
    client.copy("other", "x%y", "other", "x%y", replace).unwrap();
    assert_eq!(*client.head("other", "x%y", None).unwrap().metadata(), other);
}

#[test]
fn what_is_too_large_for_one_request_is_copied_in_parts() {
    let server = server();
    let client = blocking_client(&server);
    let content = bytes(300_001);
    client.put(BUCKET, "key", content.clone(), CreateOptions::new().metadata(metadata())).unwrap();
    let options = || CopyOptions::new().largest_request(100_000);
    let copied = client.copy(BUCKET, "key", "other", "key", options()).unwrap();
    assert_eq!((copied.bytes, copied.parts), (300_001, 4));
    assert!(read(&client, "other", "key") == content);
    assert_eq!(*client.head("other", "key", None).unwrap().metadata(), metadata());
    let absent = CreateOptions::new().condition(Condition::Absent);
    let error = client.copy(BUCKET, "key", "other", "key", options().with(absent)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error}");
    assert_eq!(client.uploads("other", "").unwrap(), []);
}

#[test]
fn a_source_that_is_another_one_is_not_copied() {
    let server = server();
    let client = blocking_client(&server);
    client.put(BUCKET, "key", "1", CreateOptions::new()).unwrap();
    let etag = s3stream_core::ETag::parse("9b2cf535f27731c974343645a3985328").unwrap();
    let options = CopyOptions::new().if_match(etag);
    let error = client.copy(BUCKET, "key", "other", "key", options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
    let error = client.copy(BUCKET, "none", "other", "key", CopyOptions::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    let name = ObjectName { key: "key".to_owned(), version_id: Some("none".to_owned()) };
    assert!(client.copy(BUCKET, name, "other", "key", CopyOptions::new()).is_err());
}

#[test]
fn tags_and_rights_are_set_without_the_bytes() {
    let server = server();
    let client = blocking_client(&server);
    client.put(BUCKET, "key", "x", CreateOptions::new()).unwrap();
    let tags = [("a<b".to_owned(), "1 + 1".to_owned()), ("c".to_owned(), String::new())];
    client.set_tags(BUCKET, "key", None, &tags).unwrap();
    let count = || client.head(BUCKET, "key", None).unwrap().details.unwrap().tag_count;
    assert_eq!(count(), Some(2));
    client.set_tags(BUCKET, "key", None, &[]).unwrap();
    assert_eq!(count().unwrap_or(0), 0);
    let wrong = [("a\u{1}".to_owned(), String::new())];
    let error = client.set_tags(BUCKET, "key", None, &wrong).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    client.set_acl(BUCKET, "key", None, "public-read").unwrap();
    assert_eq!(
        client.set_acl(BUCKET, "key", None, "a b").unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    let error = client.restore_archived(BUCKET, "key", None, 0, RestoreTier::Bulk).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    assert_eq!(RestoreTier::of("bulk"), Some(RestoreTier::Bulk));
    assert!(client.restore_archived(BUCKET, "none", None, 1, RestoreTier::Standard).is_err());
}

//! Odd keys opened and read to their proven ends.

use std::io::{Read as _, Seek as _, SeekFrom};

use s3stream_core::blocking::Client;
use s3stream_core::{ErrorKind, Method, OpenOptions, Verdict};

use crate::facts::{Content, Facts};
use crate::{client, sha256};

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn reads_every_odd_key_byte_for_byte() {
    let facts = Facts::read();
    let client = client();
    let mut read = 0;
    for content in facts.stored() {
        let verdict = check(&client, &facts.bucket, content);
        assert_ne!(verdict.method, Method::Range, "{:?}", content.key);
        read += 1;
    }
    println!("{}: {read} odd keys read back identical, {:?}", facts.server, client.stats());
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn a_server_that_takes_any_key_has_all_of_them() {
    let facts = Facts::read();
    if !["embedded", "radosgw"].contains(&facts.server.as_str()) {
        println!("{}: not a server that takes any key", facts.server);
        return;
    }
    assert_eq!(facts.objects.len(), 200);
    for put in &facts.objects {
        assert!(put.stored && put.listed, "{:?}", put.content.key);
    }
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn heads_every_odd_key() {
    let facts = Facts::read();
    let client = client();
    for content in facts.stored() {
        let object = client
            .head(&facts.bucket, &content.key, None)
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((object.key.as_str(), object.size), (content.key.as_str(), content.size));
    }
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn a_key_that_is_not_there_is_not_found() {
    let facts = Facts::read();
    let client = client();
    for key in ["no such key", "no/such/key/", "%6Eo", "a b c+", "order/b"] {
        let error = client.open(&facts.bucket, key, OpenOptions::new()).expect_err("there is none");
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        assert_eq!(error.code(), Some("NoSuchKey"), "{error}");
        let error = client.head(&facts.bucket, key, None).expect_err("there is none");
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn reads_a_multipart_object_to_its_proven_end() {
    let facts = Facts::read();
    let verdict = check(&client(), &facts.multipart_bucket, &facts.multipart);
    println!("{}: multipart object: {verdict:?}", facts.server);
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn reads_any_piece_of_an_object() {
    let facts = Facts::read();
    let (client, content) = (client(), &facts.multipart);
    let whole = read(&client, &facts.multipart_bucket, content).0;
    let part = 5 << 20;
    for (offset, length) in
        [(0, 1), (1, 65_536), (part - 1, 2), (content.size - 1, 1), (content.size - 1, 100)]
    {
        let options = OpenOptions::new().offset(offset).length(length);
        let mut reader = client
            .open(&facts.multipart_bucket, &content.key, options)
            .unwrap_or_else(|error| panic!("{error}"));
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).unwrap_or_else(|error| panic!("{error}"));
        let start = usize::try_from(offset).expect("it is small");
        let end = (start + usize::try_from(length).expect("it is small")).min(whole.len());
        assert!(bytes == whole[start..end], "{length} bytes from {offset}");
    }
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn seeks_back_and_forth() {
    let facts = Facts::read();
    let (client, content) = (client(), &facts.multipart);
    let whole = read(&client, &facts.multipart_bucket, content).0;
    let mut reader = client
        .open(&facts.multipart_bucket, &content.key, OpenOptions::new())
        .unwrap_or_else(|error| panic!("{error}"));
    let mut piece = [0; 1000];
    for offset in [5_000_000, 10, content.size - 1000, 0] {
        reader.seek(SeekFrom::Start(offset)).unwrap_or_else(|error| panic!("{error}"));
        reader.read_exact(&mut piece).unwrap_or_else(|error| panic!("{error}"));
        let start = usize::try_from(offset).expect("it is small");
        assert!(piece == whole[start..start + 1000], "1000 bytes at {offset}");
    }
}

#[test]
#[ignore = "needs a server: tests/interop/suite"]
fn opens_only_the_etag_that_was_asked_for() {
    let facts = Facts::read();
    let client = client();
    let content = facts.stored().next().expect("one is stored");
    let etag = client
        .head(&facts.bucket, &content.key, None)
        .unwrap_or_else(|error| panic!("{error}"))
        .etag
        .expect("an ETag");
    let open =
        |etag: &str| client.open(&facts.bucket, &content.key, OpenOptions::new().if_match(etag));
    assert!(open(etag.as_str()).is_ok());
    let error = open("0123456789abcdef0123456789abcdef").expect_err("another ETag");
    assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
}

fn check(client: &Client, bucket: &str, content: &Content) -> Verdict {
    let (bytes, verdict) = read(client, bucket, content);
    assert_eq!(bytes.len() as u64, content.size, "{:?}", content.key);
    assert_eq!(sha256(&bytes), content.sha256, "{:?}", content.key);
    assert_eq!(verdict.bytes, content.size, "{:?}", content.key);
    verdict
}

fn read(client: &Client, bucket: &str, content: &Content) -> (Vec<u8>, Verdict) {
    let mut reader = client
        .open(bucket, &content.key, OpenOptions::new())
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(reader.object().key, content.key);
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap_or_else(|error| panic!("{error}"));
    let verdict = reader.verdict().expect("the end is proven").clone();
    (bytes, verdict)
}

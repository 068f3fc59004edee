//! The embedded server from outside: plain HTTP on a public server, the store
//! beside it. What needs signatures is checked with boto3 in tests/python.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use s3stream_tests::embedded::{
    Attributes, Builder, ChecksumChoice, EmbeddedServer, EtagChoice, GenerateSpec, ODD_KEYS,
    PutOptions,
};
use s3stream_tests::pattern;

const TERABYTE: u64 = 1 << 40;

/// A reply: status, headers as text, body.
struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

fn start(builder: Builder) -> EmbeddedServer {
    let server = builder.public().start().expect("a free port");
    server.store().create_bucket("b");
    server
}

/// One request on a connection of its own.
fn get(server: &EmbeddedServer, path: &str, headers: &str) -> Reply {
    let mut stream = TcpStream::connect(server.address()).expect("the server listens");
    let host = server.address();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}\r\n")
        .expect("the server reads");
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).expect("the server replies");
    let end = reply.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8(reply[..end].to_vec()).expect("ASCII headers");
    let status = head.split(' ').nth(1).expect("a status");
    Reply { status: status.parse().expect("a number"), body: reply[end + 4..].to_vec(), head }
}

fn text(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).expect("UTF-8")
}

/// The texts of all elements of that name.
fn elements<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&open).skip(1).filter_map(|rest| rest.split(&close).next()).collect()
}

#[test]
fn closes_open_connections_when_dropped() {
    let server = start(EmbeddedServer::builder());
    let mut open = TcpStream::connect(server.address()).expect("the server listens");
    open.write_all(b"GET /b?list-type=2 HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .expect("the server reads");
    let mut reply = [0; 9];
    open.read_exact(&mut reply).expect("the server replies");
    drop(server);
    // Returns only at the end of the stream.
    open.read_to_end(&mut Vec::new()).expect("an orderly end");
}

#[test]
fn serves_any_range_of_a_terabyte() {
    let server = start(EmbeddedServer::builder());
    let options = PutOptions {
        checksum: ChecksumChoice::None,
        etag: EtagChoice::Opaque,
        ..PutOptions::default()
    };
    server.store().put_pattern_with("b", "huge", 7, TERABYTE, options);
    let start = TERABYTE - 500_003;
    let reply = get(&server, "/b/huge", &format!("range: bytes={start}-\r\n"));
    assert_eq!(reply.status, 206);
    assert!(reply.head.contains("x-amz-server-side-encryption: aws:kms"));
    assert_eq!(reply.body, pattern::bytes(7, start, 500_003));
}

#[test]
fn lists_versions_and_delete_markers_interleaved() {
    let server = start(EmbeddedServer::builder());
    let store = server.store();
    store.enable_versioning("b");
    store.put("b", "one", "1");
    store.delete("b", "one");
    store.put("b", "one", "2");
    store.put("b", "two", "3");
    let listing = get(&server, "/b?versions", "");
    let kinds: Vec<&str> = text(&listing)
        .match_indices("<Key>")
        .map(|(at, _)| {
            let before = &text(&listing)[..at];
            &before[before.rfind('<').expect("an element")..]
        })
        .collect();
    assert_eq!(kinds, ["<Version>", "<DeleteMarker>", "<Version>", "<Version>"]);
    assert_eq!(elements(text(&listing), "IsLatest"), ["true", "false", "false", "true"]);
}

#[test]
fn removed_delete_marker_brings_the_object_back() {
    let server = start(EmbeddedServer::builder());
    let store = server.store();
    store.enable_versioning("b");
    store.put("b", "key", "content");
    let marker = store.delete("b", "key").version_id.expect("a marker");
    assert_eq!(store.get("b", "key"), None);
    assert!(store.delete_version("b", "key", &marker).is_delete_marker);
    assert_eq!(store.get("b", "key").as_deref(), Some(&b"content"[..]));
}

#[test]
fn skips_common_prefixes_by_seeking() {
    let server = start(EmbeddedServer::builder());
    for folder in ["a/", "b/", "c/"] {
        server.store().fill("b", folder, 50_000);
    }
    let listing = get(&server, "/b?list-type=2&delimiter=/&max-keys=2", "");
    assert_eq!(elements(text(&listing), "KeyCount"), ["2"]);
    assert_eq!(elements(text(&listing), "IsTruncated"), ["true"]);
    let prefixes = elements(text(&listing), "CommonPrefixes");
    assert_eq!(prefixes, ["<Prefix>a/</Prefix>", "<Prefix>b/</Prefix>"]);
}

#[test]
fn counts_what_came() {
    let server = start(EmbeddedServer::builder());
    server.store().put("b", "key", "content");
    get(&server, "/b/key", "");
    get(&server, "/b/key", "range: bytes=1-2\r\n");
    get(&server, "/b?list-type=2", "");
    get(&server, "/b?uploads&x=1", "");
    assert_eq!(server.operation_count("GetObject"), 2);
    assert_eq!(server.operation_count("ListObjectsV2"), 1);
    assert_eq!(server.request_count(), 4);
    assert_eq!(server.connection_count(), 4);
}

#[test]
fn multipart_object_tells_its_parts() {
    let server = start(EmbeddedServer::builder());
    let parts = ["first".into(), "second".into()];
    let stored = server.store().put_multipart("b", "key", &parts);
    assert!(stored.etag.ends_with("-2"), "{}", stored.etag);
    let reply = get(&server, "/b/key?partNumber=2", "");
    assert_eq!((reply.status, text(&reply)), (206, "second"));
    assert!(reply.head.contains("x-amz-mp-parts-count: 2"));
    assert!(reply.head.contains("content-range: bytes 5-10/11"));
}

#[test]
fn attributes_come_back() {
    let server = start(EmbeddedServer::builder());
    let options = PutOptions {
        attributes: Attributes::default()
            .content_type("text/plain")
            .metadata("origin", "a test")
            .storage_class("STANDARD_IA"),
        ..PutOptions::default()
    };
    server.store().put_with("b", "key", "x", options);
    let head = get(&server, "/b/key", "").head;
    assert!(head.contains("content-type: text/plain"));
    assert!(head.contains("x-amz-meta-origin: a test"));
    assert!(head.contains("x-amz-storage-class: STANDARD_IA"));
}

#[test]
fn generated_bucket_is_the_same_for_the_same_seed() {
    let spec = GenerateSpec {
        objects: 300,
        total_size: 20 << 20,
        prefix: "demo/".to_owned(),
        ..GenerateSpec::default()
    };
    let (one, other) = (start(EmbeddedServer::builder()), start(EmbeddedServer::builder()));
    let objects = one.store().generate("b", &spec);
    assert_eq!(other.store().generate("b", &spec), objects);
    assert_eq!(objects.len(), 300 + ODD_KEYS.len());
    assert_eq!(one.store().keys("b").len(), objects.len());
    for object in &objects {
        let stored = one.store().head("b", &object.key).expect("it was made");
        let twin = other.store().head("b", &object.key).expect("it was made");
        assert_eq!((&stored.etag, stored.size), (&twin.etag, object.size));
    }
}

#[test]
fn anonymous_may_read_only_a_public_server() {
    let server = start(EmbeddedServer::builder());
    let private = EmbeddedServer::builder().start().expect("a free port");
    private.store().create_bucket("b");
    assert_eq!(get(&server, "/b?list-type=2", "").status, 200);
    assert_eq!(get(&private, "/b?list-type=2", "").status, 403);
}

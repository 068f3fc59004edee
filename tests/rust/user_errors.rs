//! What a user reads when a setting is wrong: the kind, the code, and one line that names
//! the place and says what to do.
//!
//! `cargo test -p s3stream-tests --test user_errors -- --nocapture` prints the table.

#![expect(clippy::print_stdout, reason = "what was measured is for a person")]

use std::io::Read as _;
use std::net::TcpListener;

use s3stream_core::blocking::Client;
use s3stream_core::{ClientBuilder, Error, ErrorKind, ListOptions, OpenOptions};
use s3stream_tests::embedded::{Builder, EmbeddedServer};
use s3stream_tests::fault::{Action, FaultServer, ReceivedRequest};

const KEY_ID: &str = "AKIDOFTHETEST";
const SECRET: &str = "s3cr3t/of+the+test";
const TOKEN: &str = "token-of-the-test";

#[test]
fn wrong_access_key_id() {
    let server = start(EmbeddedServer::builder());
    let error = opened(settings(&server).credentials("AKIDOFANOTHER", SECRET));
    Line::of(&error).is(ErrorKind::AccessDenied, Some("InvalidAccessKeyId"));
    Line::of(&error).says(&["open s3://bucket/key", "403", "check access_key_id"]);
}

#[test]
fn wrong_secret_access_key() {
    let server = start(EmbeddedServer::builder());
    let error = opened(settings(&server).credentials(KEY_ID, "another secret"));
    Line::of(&error).is(ErrorKind::AccessDenied, Some("SignatureDoesNotMatch"));
    Line::of(&error).says(&["open s3://bucket/key", "403", "check secret_access_key"]);
}

#[test]
fn no_credentials_where_they_are_needed() {
    let server = start(EmbeddedServer::builder());
    let error = opened(builder(&server.endpoint_url()).anonymous(true));
    Line::of(&error).is(ErrorKind::AccessDenied, Some("AccessDenied"));
    Line::of(&error).says(&["open s3://bucket/key", "anonymous: set credentials"]);
}

#[test]
fn session_token_that_has_expired() {
    let server = start(EmbeddedServer::builder().session_token("token of a later hour"));
    let error = opened(settings(&server).session_token(TOKEN));
    Line::of(&error).is(ErrorKind::AccessDenied, Some("ExpiredToken"));
    Line::of(&error).says(&["open s3://bucket/key", "the session token has ended: get a new one"]);
}

#[test]
fn session_token_that_nobody_asked_for() {
    let server = start(EmbeddedServer::builder());
    let error = opened(settings(&server).session_token(TOKEN));
    Line::of(&error).is(ErrorKind::AccessDenied, Some("InvalidToken"));
    Line::of(&error).says(&["check session_token"]);
}

#[test]
fn bucket_that_is_not_there() {
    let server = start(EmbeddedServer::builder());
    let client = build(settings(&server));
    let open = client.open("buckett", "key", OpenOptions::new()).expect_err("no bucket");
    Line::of(&open).is(ErrorKind::NotFound, Some("NoSuchBucket"));
    Line::of(&open).says(&["open s3://buckett/key", "404", "check the bucket's name"]);
    let list = client.list("buckett", ListOptions::new()).next();
    let list = list.expect("an item").expect_err("no bucket");
    Line::of(&list).is(ErrorKind::NotFound, Some("NoSuchBucket"));
    Line::of(&list).says(&["list s3://buckett:", "check the bucket's name and the endpoint"]);
}

#[test]
fn bucket_that_no_bucket_can_be_called() {
    let server = start(EmbeddedServer::builder());
    let client = build(settings(&server));
    let error = client.open("bucket/key", "key", OpenOptions::new()).expect_err("no name");
    Line::of(&error).is(ErrorKind::InvalidInput, None);
    Line::of(&error).says(&["the bucket's name must be"]);
    assert_eq!(server.request_count(), 0, "nothing was sent");
}

#[test]
fn key_that_is_not_there() {
    let server = start(EmbeddedServer::builder());
    let client = build(settings(&server));
    let open = client.open("bucket", "keyy\n", OpenOptions::new()).expect_err("no key");
    Line::of(&open).is(ErrorKind::NotFound, Some("NoSuchKey"));
    Line::of(&open).says(&["open s3://bucket/keyy\\n: not found (404 NoSuchKey)"]);
    let head = client.head("bucket", "keyy", None).expect_err("no key");
    Line::of(&head).is(ErrorKind::NotFound, None);
    Line::of(&head).says(&["head s3://bucket/keyy: not found (404)"]);
}

#[test]
fn wrong_region_is_put_right_where_the_server_tells_the_right_one() {
    let server = start(EmbeddedServer::builder().checked_region("eu-central-1"));
    let client = build(settings(&server).region("us-east-1"));
    let mut text = String::new();
    let mut reader = client.open("bucket", "key", OpenOptions::new()).expect("learnt");
    reader.read_to_string(&mut text).expect("an object");
    assert_eq!(text, "content");
    assert_eq!(server.request_count(), 2, "one refusal, then the right region");
    println!("wrong region, told by the server: read after {} requests", server.request_count());
}

#[test]
fn wrong_region_where_the_server_does_not_tell_the_right_one() {
    let server = answering(
        "400 Bad Request",
        "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The region is wrong</Message></Error>",
    );
    let error = opened(builder(&server.endpoint_url()).credentials(KEY_ID, SECRET));
    Line::of(&error).is(ErrorKind::AccessDenied, Some("AuthorizationHeaderMalformed"));
    Line::of(&error).says(&["open s3://bucket/key", "set region"]);
}

#[test]
fn endpoint_where_nothing_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    let builder = builder(&format!("http://{address}")).credentials(KEY_ID, SECRET);
    let error = opened(builder.max_attempts(2));
    Line::of(&error).is(ErrorKind::Connection, None);
    Line::of(&error).says(&[
        "open s3://bucket/key",
        &format!("cannot connect to {address}"),
        "refused",
        "check endpoint_url",
        "2 attempts",
    ]);
}

#[test]
fn endpoint_that_speaks_html() {
    const PAGE: &str = "<!DOCTYPE html><html><body><h1>It works!</h1></body></html>";
    for (status, kind) in [
        ("403 Forbidden", ErrorKind::AccessDenied),
        ("404 Not Found", ErrorKind::NotFound),
        ("405 Method Not Allowed", ErrorKind::Service),
    ] {
        let server = answering(status, PAGE);
        let error = opened(builder(&server.endpoint_url()).credentials(KEY_ID, SECRET));
        Line::of(&error).is(kind, None);
        Line::of(&error).says(&["s3://bucket/key", "not S3's XML", "check endpoint_url"]);
    }
    let server = answering("200 OK", PAGE);
    let client = build(builder(&server.endpoint_url()).credentials(KEY_ID, SECRET));
    let error = client.list("bucket", ListOptions::new()).next();
    let error = error.expect("an item").expect_err("no listing");
    Line::of(&error).is(ErrorKind::Protocol, None);
    Line::of(&error).says(&["list s3://bucket:", "cannot be relied upon", "check endpoint_url"]);
}

#[test]
fn endpoint_without_tls_where_tls_is_spoken_and_the_other_way_round() {
    let server = start(EmbeddedServer::builder().tls());
    let plain = server.endpoint_url().replace("https:", "http:");
    let error = opened(builder(&plain).credentials(KEY_ID, SECRET).max_attempts(2));
    Line::of(&error).says(&["open s3://bucket/key", "check endpoint_url: http or https"]);
    let server = start(EmbeddedServer::builder());
    let tls = server.endpoint_url().replace("http:", "https:");
    let error = opened(builder(&tls).credentials(KEY_ID, SECRET).max_attempts(2));
    Line::of(&error).is(ErrorKind::Protocol, None);
    Line::of(&error).says(&["open s3://bucket/key", "check endpoint_url: http or https"]);
}

#[test]
fn certificate_that_is_not_trusted() {
    let server = start(EmbeddedServer::builder().tls());
    let error = opened(settings(&server));
    Line::of(&error).is(ErrorKind::Connection, None);
    Line::of(&error).says(&["open s3://bucket/key", "localhost:", "set ca_bundle", "1 attempt]"]);

    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("ca.pem");
    std::fs::write(&path, server.ca_pem().expect("it speaks TLS")).expect("a file");
    let client = build(settings(&server).ca_bundle(&path));
    let reader = client.open("bucket", "key", OpenOptions::new());
    assert!(reader.is_ok(), "the advice helps: {:?}", reader.err());
}

#[test]
fn settings_that_cannot_work() {
    for (name, value) in [
        ("endpoint_url", "127.0.0.1:9000"),
        ("endpoint_url", "ftp://127.0.0.1"),
        ("addressing_style", "sideways"),
        ("max_attempts", "many"),
        ("ca_bundle", "/no/such/file.pem"),
        ("proxy", "socks7://127.0.0.1"),
    ] {
        let builder = builder("http://127.0.0.1:9").credentials(KEY_ID, SECRET).set(name, value);
        let error = builder.build_blocking().expect_err("it cannot work");
        Line::of(&error).is(ErrorKind::InvalidInput, None);
        Line::of(&error).says(&[name]);
    }
}

/// A server with an object in it.
fn start(builder: Builder) -> EmbeddedServer {
    let server = builder.access_key(KEY_ID, SECRET).start().expect("a free port");
    server.store().create_bucket("bucket");
    server.store().put("bucket", "key", "content");
    server
}

/// A server that answers everything alike.
fn answering(status: &str, body: &str) -> FaultServer {
    let length = body.len();
    let reply = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}");
    let script = move |_: &ReceivedRequest| vec![Action::Send(reply.clone().into_bytes())];
    FaultServer::with_script(Box::new(script)).expect("a free port")
}

fn builder(endpoint: &str) -> ClientBuilder {
    Client::builder().endpoint_url(endpoint).region("us-east-1").proxy("none")
}

/// Settings that work.
fn settings(server: &EmbeddedServer) -> ClientBuilder {
    builder(&server.endpoint_url()).credentials(KEY_ID, SECRET)
}

fn build(builder: ClientBuilder) -> Client {
    builder.build_blocking().expect("settings that fit together")
}

/// Why `s3://bucket/key` cannot be opened.
fn opened(builder: ClientBuilder) -> Error {
    let reader = build(builder).open("bucket", "key", OpenOptions::new());
    reader.expect_err("something is wrong")
}

/// An error as a user sees it: checked for what holds of every line, printed once.
struct Line<'a> {
    error: &'a Error,
    text: String,
}

impl<'a> Line<'a> {
    fn of(error: &'a Error) -> Self {
        let text = error.to_string();
        assert!(!text.contains(char::is_control), "one line: {text:?}");
        for secret in [SECRET, "another secret", TOKEN, "Signature=", "AWS4-HMAC"] {
            assert!(!text.contains(secret), "no secret: {text}");
        }
        Line { error, text }
    }

    fn is(&self, kind: ErrorKind, code: Option<&str>) {
        assert_eq!((self.error.kind(), self.error.code()), (kind, code), "{}", self.text);
    }

    fn says(&self, parts: &[&str]) {
        for part in parts {
            assert!(self.text.contains(part), "'{part}' is missing: {}", self.text);
        }
        println!("{:13} {}", self.error.kind().name(), self.text);
    }
}

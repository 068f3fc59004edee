//! A server with one bucket, and a client of it.

use s3stream_core::blocking;
use s3stream_core::{Client, ClientBuilder};
use s3stream_tests::embedded::{Builder, EmbeddedServer};

pub(crate) const BUCKET: &str = "bucket";

/// A server with an empty bucket.
pub(crate) fn server() -> EmbeddedServer {
    started(EmbeddedServer::builder())
}

pub(crate) fn started(builder: Builder) -> EmbeddedServer {
    let server = builder.start().expect("a free port on loopback");
    server.store().create_bucket(BUCKET);
    server
}

/// Settings for the server; no proxy of the machine comes between.
pub(crate) fn settings(server: &EmbeddedServer) -> ClientBuilder {
    Client::builder()
        .endpoint_url(&server.endpoint_url())
        .credentials(&server.access_key_id(), &server.secret_access_key())
        .region("us-east-1")
        .proxy("none")
}

pub(crate) fn blocking_client(server: &EmbeddedServer) -> blocking::Client {
    settings(server).build_blocking().unwrap()
}

/// Bytes that differ from place to place.
pub(crate) fn bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    s3stream_tests::pattern::fill(7, 0, &mut bytes);
    bytes
}

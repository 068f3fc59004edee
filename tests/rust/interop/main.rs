//! s3stream against real servers: one suite, run against every one of them.
//!
//! `tests/interop/suite SERVER` starts a server, fills it with a client that is not ours
//! (`tests/interop/odd_keys.py`) and runs these tests, ignored otherwise: they need the
//! environment of a running server, and `S3STREAM_ODD_KEYS`, the facts that the other client
//! wrote down.

#![expect(clippy::print_stdout, reason = "what was measured is for a person")]

mod any_order;
mod facts;
mod listings;
mod model;
mod reads;
mod versions;
mod writes;

use s3stream_core::blocking::Client;
use s3stream_core::{CommonPrefix, Entry, ListOptions, Object};

/// The client that a user of this environment gets.
fn client() -> Client {
    Client::from_env().expect("the environment of tests/interop/suite")
}

/// A whole listing.
fn list(client: &Client, bucket: &str, options: ListOptions) -> Vec<Entry> {
    client.list(bucket, options).collect::<Result<_, _>>().expect("a complete listing")
}

/// The names of a whole listing: `Ok(key)` or `Err(prefix)`.
fn names(entries: &[Entry]) -> Vec<Result<&str, &str>> {
    entries
        .iter()
        .map(|entry| match entry {
            Entry::Object(Object { key, .. }) => Ok(key.as_str()),
            Entry::CommonPrefix(CommonPrefix { prefix }) => Err(prefix.as_str()),
        })
        .collect()
}

/// The SHA-256 in hexadecimal.
fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

//! A stream over a bucket of all sizes stays within the memory limit.
//!
//! A program of its own, because its resident memory is what is measured; the server is
//! another process.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod program;
mod resident;

use std::io::Read;

use program::Server;
use resident::{MIB, resident};
use s3stream_core::{Client, ListOptions, StreamOptions};

const MEMORY_LIMIT: u64 = 8 * MIB;
/// Code, allocator, and what the requests themselves are.
const ALLOWANCE: u64 = 16 * MIB;

fn main() {
    let server = Server::start(&["--demo", "512M", "--big", "256M"]);
    let client = Client::builder()
        .endpoint_url(&server.endpoint)
        .credentials("test", "testsecret")
        .memory_limit(MEMORY_LIMIT)
        .window(MIB)
        .proxy("none")
        .build_blocking()
        .unwrap();
    let before = resident();
    let (mut objects, mut bytes, mut peak) = (0, 0, 0);
    let mut buffer = vec![0; 256 * 1024];
    let listing = client.list("bucket", ListOptions::new());
    for reader in client.stream("bucket", listing, StreamOptions::new().concurrency(64)) {
        let mut reader = reader.unwrap();
        loop {
            let n = reader.read(&mut buffer).unwrap();
            peak = peak.max(resident());
            bytes += n as u64;
            if n == 0 {
                break;
            }
        }
        assert!(reader.verdict().is_some());
        objects += 1;
    }
    let grown = (peak - before) / MIB;
    println!("{objects} objects, {} MiB streamed: peak {grown} MiB above the start", bytes / MIB);
    assert!(objects > 1_000 && bytes > 700 * MIB, "{objects} objects, {bytes} bytes");
    assert!(peak - before <= MEMORY_LIMIT + ALLOWANCE, "{grown} MiB");
    println!("1 passed, 0 failed");
}

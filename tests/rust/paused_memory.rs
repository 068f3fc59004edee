//! Many streamed readers of which each was read a little stay within the memory limit.
//!
//! Each has changed hands by then: its task gave the source away behind pieces that are
//! still queued. A program of its own, because its resident memory is what is measured.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod program;
mod resident;

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};

use program::Server;
use resident::{MIB, resident};
use s3stream_core::{Client, Method, StreamOptions, Wanted};

const READERS: usize = 40;
const MEMORY_LIMIT: u64 = 64 * MIB;
/// Code, allocator, sockets, and one piece for each reader, limit or not.
const ALLOWANCE: u64 = 16 * MIB;
const SIZE: u64 = 48 * MIB;

fn main() {
    let server = Server::start(&["--big", "48M"]);
    let client = Client::builder()
        .endpoint_url(&server.endpoint)
        .credentials("test", "testsecret")
        .memory_limit(MEMORY_LIMIT)
        .proxy("none")
        .build_blocking()
        .unwrap();
    let wanted = std::iter::repeat_n(Wanted::new("big").size(SIZE), READERS);
    let before = resident();
    let done = AtomicBool::new(false);
    let (mut readers, peak) = std::thread::scope(|scope| {
        // What is begun ahead grows while nobody looks.
        let peak = scope.spawn(|| {
            let mut peak = before;
            while !done.load(Ordering::Relaxed) {
                peak = peak.max(resident());
            }
            peak
        });
        let readers: Vec<_> = client
            .stream("bucket", wanted, StreamOptions::new())
            .map(|reader| {
                let mut reader = reader.unwrap();
                reader.read_exact(&mut [0]).unwrap();
                reader
            })
            .collect();
        done.store(true, Ordering::Relaxed);
        (readers, peak.join().unwrap())
    });
    assert_eq!(readers.len(), READERS);
    let grown = (peak - before) / MIB;
    println!("{READERS} readers of {} MiB each: peak {grown} MiB above the start", SIZE / MIB);
    assert!(peak - before <= MEMORY_LIMIT + ALLOWANCE, "{grown} MiB");

    // And each goes on where it was.
    let mut buffer = vec![0; 256 * 1024];
    for reader in &mut readers {
        while reader.read(&mut buffer).unwrap() > 0 {}
        let verdict = reader.verdict().unwrap();
        assert!(matches!(verdict.method, Method::Checksum(_)), "{verdict:?}");
        assert_eq!(verdict.bytes, SIZE);
    }
    println!("1 passed, 0 failed");
}

//! Readers that stand paused: how much memory a thousand of them take, and that all go on.
//!
//! A program of its own, because its resident memory is what is measured; the server is
//! another process. In `cargo test` it opens 1,000 readers of 32 MiB objects; by command the
//! real thing (1 GiB, a pause of a minute):
//!
//! ```sh
//! cargo test --release -p s3stream-tests --test pauses -- --size 1024 --pause 60
//! ```

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod program;
mod resident;

use std::time::{Duration, Instant};

use program::Server;
use resident::{MIB, resident};
use s3stream_core::{Algorithm, Client, Method, OpenOptions, blocking};

const READERS: usize = 1_000;
const PAUSED: usize = 64;
const MEMORY_LIMIT: u64 = 16 * MIB;
/// Code, allocator and what a thousand readers themselves are.
const ALLOWANCE: u64 = 16 * MIB;

fn main() {
    let number = |name: &str| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        arguments.nth(1).map(|text| text.parse::<u64>().expect("a number"))
    };
    let size = number("--size").unwrap_or(32);
    let pause = Duration::from_secs(number("--pause").unwrap_or(0));
    let server = Server::start(&["--big", &format!("{size}M")]);
    let client = Client::builder()
        .endpoint_url(&server.endpoint)
        .credentials("test", "testsecret")
        .memory_limit(MEMORY_LIMIT)
        .proxy("none")
        .build_blocking()
        .unwrap();
    let before = resident();
    thousand_readers_opened(&client, before);
    paused_in_the_middle(&client, size * MIB, pause, before);
    println!("2 passed, 0 failed");
}

fn open(client: &blocking::Client) -> blocking::ObjectReader {
    client.open("bucket", "big", OpenOptions::new()).unwrap()
}

fn thousand_readers_opened(client: &blocking::Client, before: u64) {
    let started = Instant::now();
    let mut readers: Vec<_> = (0..READERS).map(|_| open(client)).collect();
    check("1,000 readers opened", before);
    let mut buffer = vec![0; 4096];
    for reader in &mut readers {
        assert_eq!(reader.read_full(&mut buffer).unwrap(), buffer.len());
    }
    check("1,000 readers begun", before);
    println!("  {:.1} s, {} requests", started.elapsed().as_secs_f64(), client.stats().requests);
}

fn paused_in_the_middle(client: &blocking::Client, size: u64, pause: Duration, before: u64) {
    let mut buffer = vec![0; 256 * 1024];
    let mut readers: Vec<_> = (0..PAUSED).map(|_| open(client)).collect();
    for reader in &mut readers {
        while reader.position() < size / 2 {
            assert_ne!(reader.read_full(&mut buffer).unwrap(), 0);
        }
    }
    // What is measured is the state in a pause.
    std::thread::sleep(pause);
    check("64 readers paused in the middle", before);
    let started = Instant::now();
    let mut peak = 0;
    // By turns, a block of each: every reader is paused again and again.
    while !readers.is_empty() {
        readers.retain_mut(|reader| {
            let n = reader.read_full(&mut buffer).unwrap();
            if n > 0 {
                return true;
            }
            let verdict = reader.verdict().unwrap();
            assert_eq!(verdict.method, Method::Checksum(Algorithm::Crc64Nvme));
            assert_eq!(verdict.bytes, size);
            false
        });
        peak = peak.max(resident());
    }
    println!(
        "  all read by turns in {:.1} s, peak {} MiB, {} resumes",
        started.elapsed().as_secs_f64(),
        peak / MIB,
        client.stats().resumes
    );
    check("64 readers read to the end", before);
}

fn check(what: &str, before: u64) {
    let grown = resident().saturating_sub(before);
    println!(
        "{what}: {} MiB more than before, limit {} + {}",
        grown / MIB,
        MEMORY_LIMIT / MIB,
        ALLOWANCE / MIB
    );
    assert!(grown <= MEMORY_LIMIT + ALLOWANCE, "{what}: {} MiB", grown / MIB);
}

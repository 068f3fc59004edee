//! What a key costs: keys per second, CPU per key and memory of a listing, in one run.
//!
//! ```sh
//! cargo bench -p s3stream-tests --bench list_cost -- [--keys N] [--rounds N]
//! ```
//!
//! The server is another process; only this one's CPU is counted. Ten thousand keys are
//! listed first: the peak memory that a million keys add to that is shown.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]
// The numbers are counts of a run.
#![allow(clippy::cast_precision_loss)]

#[path = "../rust/program.rs"]
mod program;

use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use program::Server;
use s3stream_core::{Client, ListOptions};

/// Seconds of one listing, and its requests.
#[derive(Clone, Copy)]
struct Cost {
    wall: f64,
    cpu: f64,
    requests: u64,
}

fn main() {
    let number = |name: &str| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        arguments.nth(1).map(|text| text.parse::<usize>().expect("a number"))
    };
    let many = number("--keys").unwrap_or(1_000_000);
    let rounds = number("--rounds").unwrap_or(3);
    let few = 10_000.min(many);
    let small = Server::start(&["--keys", &few.to_string()]);
    let large = Server::start(&["--keys", &many.to_string()]);
    println!("| listing | keys | keys/s | CPU us/key | requests | peak memory more, MiB |");
    println!("|---|---|---|---|---|---|");
    for parallel in [1, 8] {
        list(&small, few, parallel);
        let before = peak_memory();
        let mut costs: Vec<Cost> = (0..rounds).map(|_| list(&large, many, parallel)).collect();
        costs.sort_by(|one, other| one.wall.total_cmp(&other.wall));
        let Cost { wall, cpu, requests } = costs[costs.len() / 2];
        let keys = many as f64;
        println!(
            "| parallel={parallel} | {many} | {:.0} | {:.2} | {requests} | {:.1} |",
            keys / wall,
            cpu * 1e6 / keys,
            (peak_memory() - before) as f64 / 1024.0
        );
    }
}

fn list(server: &Server, keys: usize, parallel: usize) -> Cost {
    let client = Client::builder()
        .endpoint_url(&server.endpoint)
        .credentials("test", "testsecret")
        .proxy("none")
        .build_blocking()
        .unwrap();
    let (wall, cpu_before) = (Instant::now(), cpu());
    let listing = client.list("bucket", ListOptions::new().parallel(parallel));
    let found = listing.map(Result::unwrap).count();
    let cost = Cost {
        wall: wall.elapsed().as_secs_f64(),
        cpu: cpu() - cpu_before,
        requests: client.stats().requests,
    };
    assert_eq!(found, keys);
    cost
}

fn cpu() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    [usage.user_time(), usage.system_time()]
        .into_iter()
        .map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6)
        .sum()
}

/// The most memory that this process has had, in KiB.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

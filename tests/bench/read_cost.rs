//! What a byte costs: CPU seconds per GiB of our reads beside a bare `recv()` loop, in one run.
//!
//! ```sh
//! cargo bench -p s3stream-tests --bench read_cost -- [--size MIB] [--rounds N]
//! ```
//!
//! The server is another process; only this one's CPU is counted. The reading thread is
//! shown apart from the whole process, because a slow digest runs beside it.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "../rust/program.rs"]
mod program;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use program::Server;
use s3stream_core::{Client, Integrity, Method, OpenOptions};

/// A name, and what is measured.
type Case<'a> = (&'a str, Box<dyn Fn() + 'a>);

/// Seconds of one read: wall, CPU of the reading thread, CPU of the process.
#[derive(Clone, Copy)]
struct Cost {
    wall: f64,
    thread: f64,
    process: f64,
}

fn main() {
    let number = |name: &str| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        arguments.nth(1).map(|text| text.parse::<u64>().expect("a number"))
    };
    let size = number("--size").unwrap_or(1024);
    let rounds = number("--rounds").unwrap_or(5);
    let big = format!("{size}M");
    let with_crc = Server::start(&["--public", "--big", &big]);
    let with_md5 = Server::start(&["--public", "--big", &big, "--no-default-checksum"]);
    let cases: [Case<'_>; 7] = [
        ("bare recv(), 64 KiB", Box::new(|| receive(&with_crc))),
        ("s3stream, length", Box::new(|| read(&with_crc, Integrity::Length, OFF, "length"))),
        (
            "s3stream, length, own digest",
            Box::new(|| read(&with_crc, Integrity::Length, ON, "length")),
        ),
        ("s3stream, crc64nvme", Box::new(|| read(&with_crc, Integrity::Full, OFF, "crc64nvme"))),
        (
            "s3stream, crc64nvme, own digest",
            Box::new(|| read(&with_crc, Integrity::Full, ON, "crc64nvme")),
        ),
        ("s3stream, md5 beside", Box::new(|| read(&with_md5, Integrity::Full, OFF, "md5"))),
        (
            "s3stream, md5 beside, own digest",
            Box::new(|| read(&with_md5, Integrity::Full, ON, "md5")),
        ),
    ];
    let mut costs = vec![Vec::new(); cases.len()];
    // In turn, so that a noisy minute hits all alike.
    for _ in 0..rounds {
        for ((_, run), costs) in cases.iter().zip(&mut costs) {
            costs.push(measure(run));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a number of MiB is small")]
    let gib = size as f64 / 1024.0;
    println!("| case | GiB/s | CPU s/GiB, reading thread | CPU s/GiB, process | x recv |");
    println!("|---|---|---|---|---|");
    let recv = median(&costs[0], |cost| cost.process);
    for ((name, _), costs) in cases.iter().zip(&costs) {
        let (wall, thread) = (median(costs, |c| c.wall), median(costs, |c| c.thread));
        let process = median(costs, |c| c.process);
        println!(
            "| {name} | {:.2} | {:.3} | {:.3} | {:.2} |",
            gib / wall,
            thread / gib,
            process / gib,
            process / recv
        );
    }
}

fn measure(run: &dyn Fn()) -> Cost {
    let (wall, thread, process) =
        (Instant::now(), cpu(UsageWho::RUSAGE_THREAD), cpu(UsageWho::RUSAGE_SELF));
    run();
    Cost {
        wall: wall.elapsed().as_secs_f64(),
        thread: cpu(UsageWho::RUSAGE_THREAD) - thread,
        process: cpu(UsageWho::RUSAGE_SELF) - process,
    }
}

fn cpu(who: UsageWho) -> f64 {
    let usage = getrusage(who).unwrap();
    [usage.user_time(), usage.system_time()]
        .into_iter()
        .map(|time| {
            #[expect(clippy::cast_precision_loss, reason = "seconds of a run")]
            let seconds = time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
            seconds
        })
        .sum()
}

fn median(costs: &[Cost], of: impl Fn(&Cost) -> f64) -> f64 {
    let mut values: Vec<f64> = costs.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn receive(server: &Server) {
    let address = server.endpoint.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /bucket/big HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut buffer = vec![0; 64 * 1024];
    while stream.read(&mut buffer).unwrap() > 0 {}
}

/// Whether a digest of our own is made beside the one that proves the bytes.
const ON: bool = true;
const OFF: bool = false;

fn read(server: &Server, integrity: Integrity, own_digest: bool, method: &str) {
    let client = Client::builder()
        .endpoint_url(&server.endpoint)
        .credentials("test", "testsecret")
        .proxy("none")
        .integrity(integrity)
        .own_digest(own_digest)
        .build_blocking()
        .unwrap();
    let mut reader = client.open("bucket", "big", OpenOptions::new()).unwrap();
    let mut buffer = vec![0; 256 * 1024];
    while reader.read_full(&mut buffer).unwrap() > 0 {}
    let proven: Method = reader.verdict().unwrap().method;
    assert_eq!(proven.name(), method);
}

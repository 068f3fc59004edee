//! One object of a real server, read with pauses that are longer than the server's patience.
//!
//! Started by `tests/interop/paused_reader.py`, which knows what the bytes must be; without a
//! server in the environment it says that it was not run.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::time::Duration;

use s3stream_core::{OpenOptions, blocking::Client};
use sha2::{Digest, Sha256};

fn main() {
    let Ok(bucket) = std::env::var("S3STREAM_BUCKET") else {
        println!("not run: pauses on a real server (tests/interop/paused_reader.py starts one)");
        return;
    };
    let number = |name: &str| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        arguments.nth(1).map(|text| text.parse::<u64>().expect("a number"))
    };
    let pause = Duration::from_secs(number("--pause").unwrap_or(4));
    let places = number("--places").unwrap_or(2);

    let client = Client::from_env().unwrap();
    let mut reader = client.open(&bucket, "paused", OpenOptions::new()).unwrap();
    let size = reader.object().size;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    let mut paused = 0;
    loop {
        let n = reader.read_full(&mut buffer).unwrap();
        if n == 0 {
            break;
        }
        digest.update(&buffer[..n]);
        if paused < places && reader.position() > size * (paused + 1) / (places + 1) {
            paused += 1;
            // The pause is what this is about: nothing is waited for.
            std::thread::sleep(pause);
        }
    }
    let verdict = reader.verdict().unwrap();
    let hex: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    println!(
        "sha256={hex} verdict={} bytes={} resumes={} retries={}",
        verdict.method, verdict.bytes, verdict.resumes, verdict.retries
    );
}

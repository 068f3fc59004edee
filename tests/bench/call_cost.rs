//! What the border to C costs: one read through `s3stream_reader_read` beside the same in Rust.
//!
//! ```sh
//! cargo bench -p s3stream-tests --bench call_cost -- [--rounds N]
//! ```
//!
//! Both read the same object by buffers of the same size, in turn, in one process. Buffers of
//! one byte show the call itself; 64 KiB and more are what an agent reads by.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]
// The C functions are called as C calls them.
#![allow(unsafe_code)]

#[path = "../rust/program.rs"]
mod program;

use std::ffi::CString;
use std::time::Instant;

use program::Server;
use s3stream_core::{Client, Integrity, OpenOptions, blocking};

const SIZES: [usize; 4] = [1, 4096, 64 * 1024, 256 * 1024];

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--rounds");
    let rounds = arguments.nth(1).map_or(5, |text| text.parse().expect("a number"));
    let server = Server::start(&["--big", "256M"]);
    let rust = rust_client(&server.endpoint);
    let c = c_client(&server.endpoint);
    println!("| buffer | Rust, ns a call | C, ns a call | difference |");
    println!("|---|---|---|---|");
    for size in SIZES {
        let calls = if size == 1 { 1_000_000 } else { (64 << 20) / size };
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..rounds {
            times[0].push(read_rust(&rust, size, calls));
            times[1].push(read_c(c, size, calls));
        }
        let [rust, c] = times.map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        });
        println!("| {size} | {rust:.0} | {c:.0} | {:+.0} |", c - rust);
    }
    // SAFETY: made below, and nobody uses it any more.
    unsafe { s3stream::s3stream_client_free(c) };
}

fn rust_client(endpoint: &str) -> blocking::Client {
    Client::builder()
        .endpoint_url(endpoint)
        .credentials("test", "testsecret")
        .proxy("none")
        .integrity(Integrity::Length)
        .build_blocking()
        .unwrap()
}

fn c_client(endpoint: &str) -> *mut s3stream::Client {
    let config = s3stream::s3stream_config_new();
    for (name, value) in [
        ("endpoint_url", endpoint),
        ("access_key_id", "test"),
        ("secret_access_key", "testsecret"),
        ("proxy", "none"),
        ("integrity", "length"),
    ] {
        let (name, value) = (CString::new(name).unwrap(), CString::new(value).unwrap());
        // SAFETY: all three live through the call.
        let status =
            unsafe { s3stream::s3stream_config_set(config, name.as_ptr(), value.as_ptr()) };
        assert_eq!(status, s3stream::Status::S3STREAM_OK);
    }
    let mut client = std::ptr::null_mut();
    // SAFETY: as above; the configuration is freed once.
    unsafe {
        let status = s3stream::s3stream_client_new(config, &raw mut client);
        assert_eq!(status, s3stream::Status::S3STREAM_OK);
        s3stream::s3stream_config_free(config);
    }
    client
}

/// Nanoseconds of a call.
fn read_rust(client: &blocking::Client, size: usize, calls: usize) -> f64 {
    let mut reader = client.open("bucket", "big", OpenOptions::new()).unwrap();
    let mut buffer = vec![0; size];
    let start = Instant::now();
    for _ in 0..calls {
        assert_eq!(reader.read_full(&mut buffer).unwrap(), size);
    }
    nanoseconds(start, calls)
}

/// The same through C.
fn read_c(client: *const s3stream::Client, size: usize, calls: usize) -> f64 {
    let mut reader = std::ptr::null_mut();
    let mut buffer = vec![0_u8; size];
    let mut count = 0;
    // SAFETY: the client is alive, the texts have their NULs, the reader is freed once below.
    let status = unsafe {
        let options = std::ptr::null();
        let (bucket, key) = (c"bucket".as_ptr(), c"big".as_ptr());
        s3stream::s3stream_client_open(client, bucket, key, options, &raw mut reader)
    };
    assert_eq!(status, s3stream::Status::S3STREAM_OK);
    let start = Instant::now();
    for _ in 0..calls {
        let room = buffer.as_mut_ptr().cast();
        // SAFETY: the buffer has `size` bytes, and the reader is alive.
        unsafe { s3stream::s3stream_reader_read(reader, room, size, &raw mut count) };
        assert_eq!(count, size);
    }
    let nanoseconds = nanoseconds(start, calls);
    // SAFETY: it came from the library, and is not used again.
    unsafe { s3stream::s3stream_reader_free(reader) };
    nanoseconds
}

#[expect(clippy::cast_precision_loss, reason = "a number of calls is small")]
fn nanoseconds(start: Instant, calls: usize) -> f64 {
    start.elapsed().as_secs_f64() * 1e9 / calls as f64
}

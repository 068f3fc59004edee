//! A process that forks with open readers: the child starts afresh, the parent never notices.
//!
//! A program of its own: a test harness has threads, and a fork keeps only one.

#![allow(clippy::unwrap_used, clippy::print_stdout)]
// Forking a process with one thread is as safe as it gets, and it is the subject.
#![allow(unsafe_code)]

mod program;

use std::io::{Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use program::Server;
use s3stream_core::{Client, ErrorKind, ListOptions, OpenOptions, StreamOptions, blocking};

const SIZE: u64 = 4 << 20;

fn main() {
    let server = Server::start(&["--big", "4M", "--keys", "2500"]);
    let client = Client::builder()
        .endpoint_url(&server.endpoint)
        .credentials("test", "testsecret")
        .proxy("none")
        .build_blocking()
        .unwrap();
    let mut reader = open(&client);
    let mut list = client.list("bucket", ListOptions::new());
    // Its I/O thread is not there in the child.
    let mut stream = client.stream("bucket", keys(), StreamOptions::new());
    let mut streamed = stream.next().unwrap().unwrap();
    streamed.read_exact(&mut [0; 1]).unwrap();
    reader.read_exact(&mut [0; 100_000]).unwrap();
    list.next().unwrap().unwrap();

    // SAFETY: the other thread of this process holds no lock while nothing is asked of it, and
    // the child uses nothing of it.
    match unsafe { fork() }.unwrap() {
        ForkResult::Child => {
            std::process::exit(in_child(&client, reader, list, (stream, streamed)))
        }
        ForkResult::Parent { child } => {
            assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0), "the child");
        }
    }
    // The child has dropped its copies: the parent's connections must be as they were.
    assert_eq!(std::io::copy(&mut reader, &mut std::io::sink()).unwrap(), SIZE - 100_000);
    assert_eq!(reader.verdict().unwrap().resumes, 0, "the parent's connection was disturbed");
    assert_eq!(list.map(Result::unwrap).count(), 2_500);
    assert_eq!(streamed.finish().unwrap().resumes, 0);
    assert_eq!(stream.filter_map(|reader| reader.unwrap().finish().ok()).count(), 99);
    forked_while_others_call(&client);
    println!("2 passed, 0 failed");
}

/// What other threads hold at that moment is never given back in the child.
fn forked_while_others_call(client: &blocking::Client) {
    let is_over = AtomicBool::new(false);
    let ends = std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    client.stats();
                }
            });
        }
        let ends: Vec<_> = (0..30)
            // SAFETY: the child calls the client alone, which is what is tested, and ends.
            .map(|_| match unsafe { fork() }.unwrap() {
                ForkResult::Child => {
                    nix::unistd::alarm::set(10);
                    let is_fresh = client.stats().requests == 0;
                    // SAFETY: it ends at once.
                    unsafe { nix::libc::_exit(i32::from(!is_fresh)) }
                }
                ForkResult::Parent { child } => (child, waitpid(child, None).unwrap()),
            })
            .take_while(|(child, end)| *end == WaitStatus::Exited(*child, 0))
            .collect();
        is_over.store(true, Ordering::Relaxed);
        ends
    });
    assert_eq!(ends.len(), 30, "a child waits for a thread of its parent");
}

type Stream = blocking::Streaming<std::vec::IntoIter<String>>;

fn keys() -> Vec<String> {
    (0..100).map(|n| format!("keys/{n:010}")).collect()
}

fn open(client: &blocking::Client) -> blocking::ObjectReader {
    client.open("bucket", "big", OpenOptions::new()).unwrap()
}

fn in_child(
    client: &blocking::Client,
    mut inherited: blocking::ObjectReader,
    mut list: blocking::ObjectList,
    (mut stream, mut streamed): (Stream, blocking::ObjectReader),
) -> i32 {
    let error = inherited.read_full(&mut [0; 10]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("fork"), "{error}");
    // The entries that were there already are no harm; the next page is refused.
    assert!(list.any(|entry| entry.is_err()), "an inherited listing must not look complete");
    let error = streamed.read_full(&mut [0; 10]).unwrap_err();
    assert!(error.to_string().contains("fork"), "{error}");
    assert!(stream.next().unwrap().is_err(), "an inherited stream must not look complete");
    let error = inherited.seek(SeekFrom::Start(0)).unwrap_err();
    assert!(error.to_string().contains("fork"), "{error}");
    drop((inherited, list, stream, streamed));
    let fresh = client.stream("bucket", keys(), StreamOptions::new());
    assert_eq!(fresh.filter_map(|reader| reader.unwrap().finish().ok()).count(), 100);
    let mut fresh = open(client);
    assert_eq!(std::io::copy(&mut fresh, &mut std::io::sink()).unwrap(), SIZE);
    0
}

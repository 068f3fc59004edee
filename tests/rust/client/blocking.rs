//! The blocking client: threads, cancellation, forks.

use std::io::Read;
use std::time::{Duration, Instant};

use s3stream_core::{ErrorKind, ListOptions, OpenOptions};

use crate::support::{BUCKET, blocking_client, bytes, server, settings};

#[test]
fn several_threads_share_one_client() {
    let server = server();
    let content = bytes(3 << 20);
    server.store().put(BUCKET, "key", content.clone());
    let client = blocking_client(&server);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let mut got = Vec::new();
                    let mut reader = client.open(BUCKET, "key", OpenOptions::new()).unwrap();
                    reader.read_to_end(&mut got).unwrap();
                    assert!(got == content);
                }
            });
        }
    });
}

#[test]
fn a_cancelled_client_says_so_at_once_and_for_ever() {
    let server = server();
    server.store().put(BUCKET, "key", bytes(1 << 20));
    let client = blocking_client(&server);
    let mut reader = client.open(BUCKET, "key", OpenOptions::new()).unwrap();
    client.canceller().unwrap().cancel();
    for _ in 0..2 {
        assert!(reader.read(&mut [0; 10]).is_err());
    }
    let error = client.open(BUCKET, "key", OpenOptions::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    let error = client.list(BUCKET, ListOptions::new()).next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[test]
fn a_wait_ends_within_a_tenth_of_a_second_when_cancelled() {
    // Accepts and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let client = settings(&server()).endpoint_url(&url).build_blocking().unwrap();
    let canceller = client.canceller().unwrap();
    let (send, cancelled_at) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (stream, _) = silent.accept().unwrap();
            // The request has arrived, so the client is waiting for the reply.
            let mut head = [0; 4];
            (&stream).read_exact(&mut head).unwrap();
            send.send(Instant::now()).unwrap();
            canceller.cancel();
        });
        let error = client.open(BUCKET, "key", OpenOptions::new()).unwrap_err();
        let waited = cancelled_at.recv().unwrap().elapsed();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert!(waited < Duration::from_millis(100), "{waited:?}");
    });
}

#[test]
fn inside_an_async_runtime_it_says_so_instead_of_panicking() {
    let server = server();
    let client = blocking_client(&server);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = runtime.block_on(async { client.list_buckets().unwrap_err() });
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("async"), "{error}");
}

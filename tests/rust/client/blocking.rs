//! The blocking client: threads, cancellation, forks.

use std::io::Read;

use s3stream_core::{ErrorKind, ListOptions, OpenOptions};

use crate::support::{BUCKET, blocking_client, bytes, server};

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
fn inside_an_async_runtime_it_says_so_instead_of_panicking() {
    let server = server();
    let client = blocking_client(&server);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = runtime.block_on(async { client.list_buckets().unwrap_err() });
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("async"), "{error}");
}

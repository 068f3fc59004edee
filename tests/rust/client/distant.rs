//! A distant server that limits each connection: parallel ranges, in order and proven.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use s3stream_core::{Algorithm, ErrorKind, Method, OpenOptions, StreamOptions, blocking};
use s3stream_tests::embedded::EmbeddedServer;

use crate::support::{BUCKET, bytes, server, settings};

const LATENCY: Duration = Duration::from_millis(8);
/// Bytes a second of each connection.
const RATE: f64 = 16e6;

/// Stands between client and server: every request takes its time, every connection has its
/// limit. Its threads end with the connections.
fn distant(server: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(server).unwrap());
            client.set_nodelay(true).unwrap();
            let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || pass(&from, &to, |_| LATENCY));
            std::thread::spawn(move || {
                pass(&server, &client, |bytes| Duration::from_secs_f64(bytes as f64 / RATE));
            });
        }
    });
    address
}

fn pass(mut from: &TcpStream, mut to: &TcpStream, delay: impl Fn(usize) -> Duration) {
    let mut buffer = vec![0; 64 * 1024];
    let mut due = Instant::now();
    while let Ok(n) = from.read(&mut buffer)
        && n > 0
    {
        due = due.max(Instant::now()) + delay(n);
        // This is the distance, not a wait for something to happen.
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

fn client_of(server: &EmbeddedServer) -> blocking::Client {
    let url = format!("http://{}", distant(server.address()));
    settings(server).endpoint_url(&url).build_blocking().unwrap()
}

fn read(reader: &mut blocking::ObjectReader) -> Vec<u8> {
    let mut got = Vec::new();
    reader.read_to_end(&mut got).unwrap();
    got
}

/// That ranges pay is found by the clock: a loaded machine may hide it, but not ten times.
fn until_ranges_are_used(attempt: impl Fn() -> bool) {
    assert!((0..10).any(|_| attempt()), "ranges were not used in any of ten attempts");
}

#[test]
fn a_large_object_is_read_over_several_connections_in_order_and_proven() {
    let server = server();
    let content = bytes(40 << 20);
    server.store().put(BUCKET, "large", content.clone());
    until_ranges_are_used(|| {
        let client = client_of(&server);
        // The first finds out that ranges pay, the second uses them from its first byte on.
        let requests = [(); 2].map(|()| {
            let before = server.operation_count("GetObject");
            let mut reader = client.open(BUCKET, "large", OpenOptions::new()).unwrap();
            assert!(read(&mut reader) == content);
            let verdict = reader.verdict().unwrap();
            assert_eq!(verdict.method, Method::Checksum(Algorithm::Crc64Nvme));
            assert_eq!((verdict.bytes, verdict.resumes, verdict.retries), (40 << 20, 0, 0));
            server.operation_count("GetObject") - before
        });
        requests[0] > 2 && requests[1] > 20
    });
}

#[test]
fn streamed_objects_are_read_so_too_and_a_seek_leaves_the_ranges() {
    let server = server();
    let content = bytes(40 << 20);
    server.store().put(BUCKET, "large", content.clone());
    until_ranges_are_used(|| {
        let before = server.operation_count("GetObject");
        let client = client_of(&server);
        let mut stream = client.stream(BUCKET, ["large"], StreamOptions::new());
        let mut reader = stream.next().unwrap().unwrap();
        assert!(read(&mut reader) == content);
        let is_over_several = server.operation_count("GetObject") - before > 2;
        // The way is known now: ranges are under way when the reader turns back.
        let mut reader = client.open(BUCKET, "large", OpenOptions::new()).unwrap();
        reader.read_exact(&mut vec![0; 3 << 20]).unwrap();
        std::io::Seek::seek(&mut reader, std::io::SeekFrom::Start(39 << 20)).unwrap();
        assert!(read(&mut reader) == content[39 << 20..]);
        is_over_several
    });
}

#[test]
fn switched_off_it_is_one_request() {
    let server = server();
    let content = bytes(8 << 20);
    server.store().put(BUCKET, "large", content.clone());
    let client = client_of(&server);
    let options = OpenOptions::new().parallel(false);
    let mut reader = client.open(BUCKET, "large", options).unwrap();
    assert!(read(&mut reader) == content);
    assert_eq!(server.operation_count("GetObject"), 1);
}

#[test]
fn an_object_that_changes_under_the_ranges_is_not_joined() {
    let server = server();
    until_ranges_are_used(|| {
        server.store().put(BUCKET, "large", bytes(40 << 20));
        let before = server.operation_count("GetObject");
        let client = client_of(&server);
        let mut reader = client.open(BUCKET, "large", OpenOptions::new()).unwrap();
        let mut block = vec![0; 256 * 1024];
        while server.operation_count("GetObject") - before < 4 {
            if reader.read_full(&mut block).unwrap() == 0 {
                return false;
            }
        }
        server.store().put(BUCKET, "large", bytes(41 << 20));
        let error = loop {
            match reader.read_full(&mut block) {
                Ok(n) => assert_ne!(n, 0, "two objects were joined"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::Changed);
        true
    });
}

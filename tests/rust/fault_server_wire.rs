//! What the fault server does on the wire is what its actions say.

#![allow(clippy::unwrap_used)]

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use s3stream_tests::fault::{Action, FaultServer, ReceivedRequest, Script};

const DEADLINE: Duration = Duration::from_secs(10);

fn serve(actions: Vec<Action>) -> FaultServer {
    FaultServer::with_script(Box::new(move |_: &ReceivedRequest| actions.clone())).unwrap()
}

fn ask(server: &FaultServer) -> TcpStream {
    let mut socket = TcpStream::connect(server.address()).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket.write_all(b"GET /bucket/key HTTP/1.1\r\nhost: test\r\n\r\n").unwrap();
    socket
}

fn read_exactly(socket: &mut TcpStream, length: usize) -> Vec<u8> {
    let mut data = vec![0; length];
    socket.read_exact(&mut data).unwrap();
    data
}

#[test]
fn fin_is_a_clean_end() {
    let server = serve(vec![Action::Send(b"part".to_vec()), Action::CloseFin]);
    let mut got = Vec::new();
    ask(&server).read_to_end(&mut got).unwrap();
    assert_eq!(got, b"part");
}

#[test]
fn fin_stays_clean_when_requests_are_left_unread() {
    let server = serve(vec![Action::Send(b"part".to_vec()), Action::CloseFin]);
    let mut socket = ask(&server);
    assert_eq!(read_exactly(&mut socket, 4), b"part");
    socket.write_all(&[b'x'; 100_000]).unwrap();
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b"");
}

#[test]
fn rst_resets_the_connection() {
    let server = serve(vec![Action::CloseRst]);
    let error = ask(&server).read(&mut [0; 10]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn rst_comes_after_what_was_sent() {
    let server = serve(vec![Action::Send(b"part".to_vec()), Action::CloseRst]);
    let mut socket = ask(&server);
    let mut got = Vec::new();
    let error = socket.read_to_end(&mut got).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn a_stall_sends_nothing_and_ends_when_the_client_leaves() {
    let server = serve(vec![Action::Send(b"part".to_vec()), Action::Stall]);
    let mut socket = ask(&server);
    assert_eq!(read_exactly(&mut socket, 4), b"part");
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let error = socket.read(&mut [0; 10]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    drop(socket);
    assert!(server.wait_for_client_to_leave(DEADLINE));
}

#[test]
fn a_stalling_server_can_be_stopped() {
    let server = serve(vec![Action::Stall]);
    let socket = ask(&server);
    assert!(server.wait_for(DEADLINE, |requests| requests.len() == 1));
    let started = Instant::now();
    server.finish().unwrap();
    assert!(started.elapsed() < DEADLINE);
    drop(socket);
}

#[test]
fn a_wait_delays_what_follows() {
    let pause = Duration::from_millis(60);
    let server = serve(vec![Action::Wait(pause), Action::Send(b"late".to_vec()), Action::CloseFin]);
    let started = Instant::now();
    assert_eq!(read_exactly(&mut ask(&server), 4), b"late");
    assert!(started.elapsed() >= pause);
}

#[test]
fn a_connection_is_kept_alive_unless_told_otherwise() {
    let server = serve(vec![Action::Send(b"one".to_vec())]);
    let mut socket = ask(&server);
    assert_eq!(read_exactly(&mut socket, 3), b"one");
    socket.write_all(b"HEAD /a?b HTTP/1.1\r\nX-Odd:  Value \r\n\r\n").unwrap();
    assert_eq!(read_exactly(&mut socket, 3), b"one");
    let requests = server.requests();
    let seen: Vec<_> = requests
        .iter()
        .map(|request| (request.connection, request.number, &*request.target))
        .collect();
    assert_eq!(seen, [(1, 1, "/bucket/key"), (1, 2, "/a?b")]);
    assert_eq!(requests[1].header("x-odd"), Some("Value"));
    assert!(requests[0].at <= requests[1].at);
}

/// Does something to every new connection.
struct AtAccept(Action);

impl Script for AtAccept {
    fn accept(&mut self, _connection: u64) -> Vec<Action> {
        vec![self.0.clone()]
    }

    fn answer(&mut self, _request: &ReceivedRequest) -> Vec<Action> {
        unreachable!("no request is ever read")
    }
}

#[test]
fn a_connection_can_end_before_anything_is_read() {
    let server = FaultServer::with_script(Box::new(AtAccept(Action::CloseFin))).unwrap();
    let mut got = Vec::new();
    ask(&server).read_to_end(&mut got).unwrap();
    assert_eq!(got, b"");
    assert_eq!(server.connections(), 1);
    assert!(server.requests().is_empty());
}

#[test]
fn a_connection_can_be_reset_before_anything_is_read() {
    let server = FaultServer::with_script(Box::new(AtAccept(Action::CloseRst))).unwrap();
    let mut socket = TcpStream::connect(server.address()).unwrap();
    let error = socket.read(&mut [0; 10]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn what_is_no_request_fails_the_script() {
    let server = serve(Vec::new());
    let mut socket = TcpStream::connect(server.address()).unwrap();
    socket.write_all(b"hello there\r\n\r\n").unwrap();
    let mut got = Vec::new();
    socket.read_to_end(&mut got).unwrap();
    let mismatches = server.finish().unwrap_err();
    assert!(mismatches.to_string().contains("hello there"));
}

#[test]
fn writing_to_a_client_that_left_ends_quietly() {
    let server = serve(vec![Action::Send(vec![0; 10_000_000])]);
    let mut socket = ask(&server);
    read_exactly(&mut socket, 10);
    drop(socket);
    assert!(server.wait_for_client_to_leave(DEADLINE));
    server.finish().unwrap();
}

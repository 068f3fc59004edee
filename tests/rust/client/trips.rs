//! The embedded server far away: a proxy that takes its time, counts round trips, and fails.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use s3stream_core::blocking::Client;
use s3stream_tests::embedded::EmbeddedServer;

use crate::support::settings;

/// What becomes of a request, by its request line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Served,
    /// 403
    Refused,
    /// The reply breaks off in the middle of its body.
    Cut,
}

/// A proxy before a server. Its threads end with the connections they serve.
pub(crate) struct Distant {
    address: SocketAddr,
    trips: Arc<Mutex<Trips>>,
}

/// Round trips, counted by what was known when a request came.
#[derive(Default)]
struct Trips {
    requests: usize,
    /// The longest chain of requests of which each came after the reply to the one before.
    replied: usize,
}

impl Distant {
    /// `fate` sees every request line.
    pub(crate) fn new(
        server: &EmbeddedServer,
        latency: Duration,
        fate: impl Fn(&str) -> Fate + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, upstream) = (listener.local_addr().unwrap(), server.address());
        let trips = Arc::new(Mutex::new(Trips::default()));
        let (counted, fate) = (Arc::clone(&trips), Arc::new(fate));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (trips, fate) = (Arc::clone(&counted), Arc::clone(&fate));
                // Either side may leave at any time.
                std::thread::spawn(move || serve(&stream?, upstream, latency, &trips, &*fate));
            }
        });
        Distant { address, trips }
    }

    pub(crate) fn client(&self, server: &EmbeddedServer) -> Client {
        let url = format!("http://{}", self.address);
        settings(server).endpoint_url(&url).build_blocking().unwrap()
    }

    /// How many requests came, and how many of them one after another.
    pub(crate) fn trips(&self) -> (usize, usize) {
        let trips = self.trips.lock().unwrap();
        (trips.requests, trips.replied)
    }
}

fn serve(
    stream: &TcpStream,
    upstream: SocketAddr,
    latency: Duration,
    trips: &Mutex<Trips>,
    fate: &dyn Fn(&str) -> Fate,
) -> std::io::Result<()> {
    let server = TcpStream::connect(upstream)?;
    stream.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut requests, mut replies) = (BufReader::new(stream), BufReader::new(&server));
    loop {
        let request = head(&mut requests)?;
        let place = {
            let mut trips = trips.lock().unwrap();
            trips.requests += 1;
            trips.replied + 1
        };
        (&server).write_all(request.as_bytes())?;
        let mut reply = head(&mut replies)?.into_bytes();
        let head_length = reply.len();
        let length = content_length(&reply);
        reply.resize(head_length + length, 0);
        replies.read_exact(&mut reply[head_length..])?;
        // The latency is what is being tried.
        std::thread::sleep(latency);
        {
            let mut trips = trips.lock().unwrap();
            trips.replied = trips.replied.max(place);
        }
        match fate(request.lines().next().unwrap_or_default()) {
            Fate::Served => (&*stream).write_all(&reply)?,
            Fate::Refused => {
                let body = "<Error><Code>AccessDenied</Code></Error>";
                let length = body.len();
                let refusal = format!("HTTP/1.1 403 No\r\nContent-Length: {length}\r\n\r\n{body}");
                (&*stream).write_all(refusal.as_bytes())?;
            }
            Fate::Cut => return (&*stream).write_all(&reply[..head_length + length / 2]),
        }
    }
}

/// A head with its empty line; an error where the connection ended.
fn head(stream: &mut impl BufRead) -> std::io::Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}

fn content_length(head: &[u8]) -> usize {
    let head = std::str::from_utf8(head).unwrap().to_ascii_lowercase();
    let value = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    value.expect("the embedded server says how long a listing is").trim().parse().unwrap()
}

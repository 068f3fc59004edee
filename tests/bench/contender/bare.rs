//! The limits: sockets without a client around them.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::linux::net::TcpStreamExt as _;

use crate::measure::Meter;
use crate::{Objects, Outcome};

/// Longest head of a reply.
const HEAD: usize = 16 * 1024;

/// Reads one object by recv() alone.
pub(crate) fn recv(url: &str, buffer: usize) -> Outcome<()> {
    let (address, path) = split(url)?;
    let mut buffer = vec![0; buffer.max(HEAD)];
    let meter = Meter::start()?;
    let mut stream = TcpStream::connect(address)?;
    let bytes = get(&mut stream, address, path, &mut buffer)?;
    meter.report(1, bytes, "unverified")
}

/// Reads small objects on `connections` connections, one thread each.
pub(crate) fn flood(job: &Objects, connections: u64) -> Outcome<()> {
    let endpoint = std::env::var("AWS_ENDPOINT_URL")?;
    let (address, _) = split(&endpoint)?;
    let meter = Meter::start()?;
    let bytes = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|first| scope.spawn(move || share(job, address, first, connections)))
            .collect();
        let mut bytes = 0;
        for thread in threads {
            bytes += thread.join().map_err(|_| io::Error::other("a thread panicked"))??;
        }
        Ok::<_, io::Error>(bytes)
    })?;
    meter.report(job.objects, bytes, "unverified")
}

/// Reads every `step`th object on a connection of its own.
fn share(job: &Objects, address: &str, first: u64, step: u64) -> io::Result<u64> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 64 * 1024];
    let mut bytes = 0;
    let mut number = first;
    while number < job.objects {
        let path = format!("/{}/{}", job.place.bucket, job.key(number));
        bytes += get(&mut stream, address, &path, &mut buffer)?;
        number += step;
    }
    Ok(bytes)
}

/// One GET; the bytes of the body.
fn get(stream: &mut TcpStream, host: &str, path: &str, buffer: &mut [u8]) -> io::Result<u64> {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n").as_bytes())?;
    let mut filled = 0;
    let (head, length) = loop {
        filled += receive(stream, &mut buffer[filled..])?;
        if let Some(end) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") {
            break (end + 4, content_length(&buffer[..end])?);
        }
    };
    let mut left = length.checked_sub((filled - head) as u64).ok_or_else(too_much)?;
    while left > 0 {
        let received = receive(stream, buffer)?;
        left = left.checked_sub(received as u64).ok_or_else(too_much)?;
    }
    Ok(length)
}

fn receive(stream: &mut TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    // RadosGW sends head and body apart, the second only when the first was acknowledged.
    stream.set_quickack(true)?;
    match stream.read(buffer)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        received => Ok(received),
    }
}

fn content_length(head: &[u8]) -> io::Result<u64> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    if !head.starts_with("http/1.1 200") {
        let status = head.lines().next().unwrap_or_default();
        return Err(io::Error::other(format!("the server answered {status}")));
    }
    let mut fields = head.lines().filter_map(|line| line.strip_prefix("content-length:"));
    let length = fields.next().and_then(|value| value.trim().parse().ok());
    length.ok_or_else(|| io::Error::other("a reply without a length"))
}

fn too_much() -> io::Error {
    io::Error::other("more bytes than were promised")
}

/// Address and path of an `http` URL.
fn split(url: &str) -> Outcome<(&str, &str)> {
    let rest = url.strip_prefix("http://").ok_or("the limit is measured over plain HTTP")?;
    let slash = rest.find('/').unwrap_or(rest.len());
    Ok(rest.split_at(slash))
}

//! Requests, read by hand: the target and the headers stay as they were sent.

use std::io::{self, Read};
use std::time::Duration;

/// A client that sends more head than this is broken.
const HEAD_LIMIT: usize = 64 << 10;
/// Neither does any request of a test carry a larger body.
const BODY_LIMIT: usize = 64 << 20;

/// A request as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedRequest {
    /// Number of the connection, counted from 1 in the order of accepting.
    pub connection: u64,
    /// Number of the request on its connection, counted from 1.
    pub number: u64,
    /// When its last byte had arrived, counted from the start of the server.
    pub at: Duration,
    /// The method, as sent.
    pub method: String,
    /// The request target, as sent: nothing is decoded or normalised.
    pub target: String,
    /// Header names in lower case with trimmed values, in the order sent.
    pub headers: Vec<(String, String)>,
    /// The body that `Content-Length` announced.
    pub body: Vec<u8>,
}

impl ReceivedRequest {
    /// Returns the first value of the header `name` (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header_values(name).next()
    }

    /// Returns every value of the header `name` (lower case).
    pub fn header_values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Returns the path of the target, as sent.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(&*self.target, |(path, _)| path)
    }

    /// Returns the query of the target, as sent, or "" without one.
    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// Returns first and last position of a `Range: bytes=` header, cut to an
    /// object of `size` bytes.
    ///
    /// `None` means that there is no range in it that this server could serve:
    /// no header, several ranges, or nothing that parses.
    pub fn range(&self, size: u64) -> Option<RequestedRange> {
        let (first, last) = self.header("range")?.strip_prefix("bytes=")?.split_once('-')?;
        if first.is_empty() {
            let suffix: u64 = last.parse().ok()?;
            return Some(RequestedRange {
                first: size.saturating_sub(suffix),
                last: size.saturating_sub(1),
            });
        }
        let last = match last {
            "" => u64::MAX,
            number => number.parse().ok()?,
        };
        Some(RequestedRange { first: first.parse().ok()?, last: last.min(size.saturating_sub(1)) })
    }
}

/// An inclusive range of byte positions; it may begin after the object's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestedRange {
    /// Position of the first byte.
    pub first: u64,
    /// Position of the last byte.
    pub last: u64,
}

/// Bytes of a connection that were read and not used yet.
#[derive(Default)]
pub(crate) struct Unread(Vec<u8>);

/// Reads one request, or returns `None` when the client closed before its
/// first byte.
pub(crate) fn read_request(
    wire: &mut impl Read,
    unread: &mut Unread,
) -> io::Result<Option<ReceivedRequest>> {
    let head_end = loop {
        if let Some(end) = find(&unread.0, b"\r\n\r\n") {
            break end;
        }
        if unread.0.len() > HEAD_LIMIT {
            return Err(invalid("request head too long"));
        }
        if read_more(wire, &mut unread.0)? == 0 {
            return match unread.0.is_empty() {
                true => Ok(None),
                false => Err(invalid("the client closed within a request head")),
            };
        }
    };
    let rest = unread.0.split_off(head_end + 4);
    let head = std::mem::replace(&mut unread.0, rest);
    let mut request = parse_head(&head[..head_end])?;
    let length = body_length(&request)?;
    while unread.0.len() < length {
        if read_more(wire, &mut unread.0)? == 0 {
            return Err(invalid("the client closed within a request body"));
        }
    }
    let rest = unread.0.split_off(length);
    request.body = std::mem::replace(&mut unread.0, rest);
    Ok(Some(request))
}

fn read_more(wire: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<usize> {
    let mut piece = [0; 8192];
    let count = loop {
        match wire.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    buffer.extend_from_slice(&piece[..count]);
    Ok(count)
}

fn parse_head(head: &[u8]) -> io::Result<ReceivedRequest> {
    let head = std::str::from_utf8(head).map_err(|_| invalid("request head is not UTF-8"))?;
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap_or_default();
    let mut words = line.split(' ');
    let (Some(method), Some(target), Some("HTTP/1.1"), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(invalid(&format!("not a request line: {line:?}")));
    };
    let headers = lines.map(parse_header).collect::<io::Result<_>>()?;
    Ok(ReceivedRequest {
        connection: 0,
        number: 0,
        at: Duration::ZERO,
        method: method.to_owned(),
        target: target.to_owned(),
        headers,
        body: Vec::new(),
    })
}

fn parse_header(line: &str) -> io::Result<(String, String)> {
    let (name, value) = line
        .split_once(':')
        .filter(|(name, _)| !name.is_empty() && !name.contains([' ', '\t']))
        .ok_or_else(|| invalid(&format!("not a header line: {line:?}")))?;
    Ok((name.to_ascii_lowercase(), value.trim().to_owned()))
}

fn body_length(request: &ReceivedRequest) -> io::Result<usize> {
    if request.header("transfer-encoding").is_some() {
        // RadosGW answers 411; a client that needs it is not ours.
        return Err(invalid("chunked requests are not S3's"));
    }
    let Some(length) = request.header("content-length") else {
        return Ok(0);
    };
    length
        .parse()
        .ok()
        .filter(|&length| length <= BODY_LIMIT)
        .ok_or_else(|| invalid("bad content-length"))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parse(text: &str) -> io::Result<Option<ReceivedRequest>> {
        read_request(&mut text.as_bytes(), &mut Unread::default())
    }

    #[test]
    fn reads_pipelined_requests_with_bodies() {
        let text = "PUT /a%2Fb?x=1 HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET / HTTP/1.1\r\n\r\n";
        let mut wire = text.as_bytes();
        let mut unread = Unread::default();
        let first = read_request(&mut wire, &mut unread).unwrap().unwrap();
        assert_eq!((first.path(), first.query()), ("/a%2Fb", "x=1"));
        assert_eq!(first.body, b"hi");
        let second = read_request(&mut wire, &mut unread).unwrap().unwrap();
        assert_eq!(second.target, "/");
        assert!(read_request(&mut wire, &mut unread).unwrap().is_none());
    }

    #[test]
    fn refuses_what_is_no_request() {
        assert!(parse("GET /a b HTTP/1.1\r\n\r\n").is_err());
        assert!(parse("GET / HTTP/1.0\r\n\r\n").is_err());
        assert!(parse("GET / HTTP/1.1\r\nbad header: x\r\n\r\n").is_err());
        assert!(parse("GET / HTTP/1.1\r\n").is_err());
    }

    #[test]
    fn cuts_ranges_to_the_object() {
        let range = |value: &str| {
            let text = format!("GET / HTTP/1.1\r\nRange: {value}\r\n\r\n");
            let range = parse(&text).unwrap().unwrap().range(100)?;
            Some((range.first, range.last))
        };
        assert_eq!(range("bytes=10-19"), Some((10, 19)));
        assert_eq!(range("bytes=10-"), Some((10, 99)));
        assert_eq!(range("bytes=-5"), Some((95, 99)));
        assert_eq!(range("bytes=10-1000"), Some((10, 99)));
        assert_eq!(range("bytes=1-2,4-5"), None);
        assert_eq!(range("lines=1-2"), None);
    }
}

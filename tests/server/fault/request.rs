//! Requests, read by hand: the target and the headers stay as they were sent.

use std::io::{self, Read};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use sha2::{Digest, Sha256};

use super::content::hex;

/// A client that sends more head than this is broken.
const HEAD_LIMIT: usize = 64 << 10;
/// What of a body is kept to be looked at; of the rest there are digests.
const BODY_KEPT: usize = 1 << 20;

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
    /// The body that `Content-Length` announced, as far as it was read.
    pub body: ReceivedBody,
}

/// What of a request's body has come: its beginning, and digests of all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceivedBody {
    /// What `Content-Length` said; `None` without one.
    pub announced: Option<u64>,
    /// How many bytes were read; fewer than announced where a script reads no more.
    pub length: u64,
    /// The first of them, a MiB at most.
    pub beginning: Vec<u8>,
    /// Their SHA-256 in hexadecimal.
    pub sha256: String,
    /// Their MD5 in hexadecimal.
    pub md5: String,
    /// Their CRC64NVME in base64.
    pub crc64nvme: String,
}

impl ReceivedBody {
    /// Whether all that was announced was read.
    pub fn is_whole(&self) -> bool {
        self.length == self.announced.unwrap_or(0)
    }

    /// The beginning as text, which documents are.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.beginning)
    }
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

/// Reads the head of a request, or returns `None` when the client closed before its
/// first byte.
pub(crate) fn read_head(
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
    request.body.announced = body_length(&request)?;
    Ok(Some(request))
}

/// Reads what was announced of a request's body, `most` bytes of it; returns how many are left.
pub(crate) fn read_body(
    wire: &mut impl Read,
    unread: &mut Unread,
    request: &mut ReceivedRequest,
    most: u64,
) -> io::Result<u64> {
    let announced = request.body.announced.unwrap_or(0);
    let wanted = announced.min(most);
    let mut digests = Digests::default();
    let body = &mut request.body;
    while body.length < wanted {
        if unread.0.is_empty() && read_more(wire, &mut unread.0)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let missing = usize::try_from(wanted - body.length).unwrap_or(usize::MAX);
        let piece: Vec<u8> = unread.0.drain(..missing.min(unread.0.len())).collect();
        digests.update(&piece);
        let kept = piece.len().min(BODY_KEPT.saturating_sub(body.beginning.len()));
        body.beginning.extend_from_slice(&piece[..kept]);
        body.length += piece.len() as u64;
    }
    digests.finish(body);
    Ok(announced - wanted)
}

/// Throws away the rest of a body.
pub(crate) fn skip_body(
    wire: &mut impl Read,
    unread: &mut Unread,
    mut left: u64,
) -> io::Result<()> {
    while left > 0 {
        if unread.0.is_empty() && read_more(wire, &mut unread.0)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let skipped = unread.0.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        unread.0.drain(..skipped);
        left -= skipped as u64;
    }
    Ok(())
}

struct Digests {
    sha256: Sha256,
    md5: Md5,
    crc64nvme: crc_fast::Digest,
}

impl Default for Digests {
    fn default() -> Self {
        Self {
            sha256: Sha256::new(),
            md5: Md5::new(),
            crc64nvme: crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc64Nvme),
        }
    }
}

impl Digests {
    fn update(&mut self, piece: &[u8]) {
        self.sha256.update(piece);
        self.md5.update(piece);
        self.crc64nvme.update(piece);
    }

    fn finish(self, body: &mut ReceivedBody) {
        body.sha256 = hex(&self.sha256.finalize());
        body.md5 = hex(&self.md5.finalize());
        body.crc64nvme = STANDARD.encode(self.crc64nvme.finalize().to_be_bytes());
    }
}

fn read_more(wire: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<usize> {
    let mut piece = [0; 65536];
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
        body: ReceivedBody::default(),
    })
}

fn parse_header(line: &str) -> io::Result<(String, String)> {
    let (name, value) = line
        .split_once(':')
        .filter(|(name, _)| !name.is_empty() && !name.contains([' ', '\t']))
        .ok_or_else(|| invalid(&format!("not a header line: {line:?}")))?;
    Ok((name.to_ascii_lowercase(), value.trim().to_owned()))
}

fn body_length(request: &ReceivedRequest) -> io::Result<Option<u64>> {
    if request.header("transfer-encoding").is_some() {
        // RadosGW answers 411; a client that needs it is not ours.
        return Err(invalid("chunked requests are not S3's"));
    }
    let length = request.header("content-length").map(str::parse).transpose();
    length.map_err(|_| invalid("bad content-length"))
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
        read_head(&mut text.as_bytes(), &mut Unread::default())
    }

    #[test]
    fn reads_pipelined_requests_with_bodies() {
        let text = "PUT /a%2Fb?x=1 HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET / HTTP/1.1\r\n\r\n";
        let mut wire = text.as_bytes();
        let mut unread = Unread::default();
        let mut first = read_head(&mut wire, &mut unread).unwrap().unwrap();
        assert_eq!((first.path(), first.query()), ("/a%2Fb", "x=1"));
        assert_eq!(read_body(&mut wire, &mut unread, &mut first, u64::MAX).unwrap(), 0);
        assert_eq!(first.body.text(), "hi");
        assert_eq!(first.body.md5, "49f68a5c8493ec2c0bf489821c21fc3b");
        let second = read_head(&mut wire, &mut unread).unwrap().unwrap();
        assert_eq!(second.target, "/");
        assert!(read_head(&mut wire, &mut unread).unwrap().is_none());
    }

    #[test]
    fn leaves_what_is_not_to_be_read() {
        let text = "PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n\r\n";
        let mut wire = text.as_bytes();
        let mut unread = Unread::default();
        let mut first = read_head(&mut wire, &mut unread).unwrap().unwrap();
        assert_eq!(read_body(&mut wire, &mut unread, &mut first, 2).unwrap(), 3);
        assert_eq!(first.body.text(), "he");
        assert!(!first.body.is_whole());
        skip_body(&mut wire, &mut unread, 3).unwrap();
        assert_eq!(read_head(&mut wire, &mut unread).unwrap().unwrap().method, "GET");
    }

    #[test]
    fn keeps_the_beginning_of_a_long_body_and_digests_all_of_it() {
        let body = crate::pattern::bytes(3, 0, 3 << 20);
        let head = format!("PUT / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len());
        let mut wire = io::Cursor::new([head.as_bytes(), &body].concat());
        let mut unread = Unread::default();
        let mut request = read_head(&mut wire, &mut unread).unwrap().unwrap();
        read_body(&mut wire, &mut unread, &mut request, u64::MAX).unwrap();
        assert!(request.body.is_whole());
        assert_eq!(request.body.beginning, body[..BODY_KEPT]);
        assert_eq!(request.body.sha256, hex(&Sha256::digest(&body)));
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

//! The fault server and requests with bodies: of any size, read or not, right or not.

#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use s3stream_tests::fault::{FaultServer, Transcript};
use s3stream_tests::pattern;

const MIB: usize = 1 << 20;

fn start(steps: &str) -> FaultServer {
    let settings = "# A story.\ngroup: write\nobject: size=250 seed=3 part=100 etag=multipart\n\
        config: anonymous\ndo: write\nexpect: ok\n---\n";
    let transcript = Transcript::parse("test.fault", &format!("{settings}{steps}end\n")).unwrap();
    FaultServer::start(transcript).unwrap()
}

/// A PUT on a connection of its own; the body is sent as far as the server lets it.
fn put(server: &FaultServer, head: &str, length: usize, body: &[u8]) -> String {
    let mut socket = TcpStream::connect(server.address()).unwrap();
    let head = format!("{head}\nContent-Length: {length}\n\n").replace('\n', "\r\n");
    socket.write_all(head.as_bytes()).unwrap();
    // The server may have hung up already.
    let _ = socket.write_all(body);
    let mut reply = Vec::new();
    socket.read_to_end(&mut reply).unwrap();
    String::from_utf8_lossy(&reply).into_owned()
}

fn failure(server: FaultServer) -> String {
    server.finish_within(Duration::ZERO).unwrap_err().to_string()
}

#[test]
fn a_body_may_be_larger_than_what_is_kept() {
    let server = start("request PUT /bucket/key\n serve\n fin\n");
    let body = pattern::bytes(1, 0, 100 * MIB);
    let reply = put(&server, "PUT /bucket/key HTTP/1.1", body.len(), &body);
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
    let requests = server.requests();
    assert_eq!(requests[0].body.length, body.len() as u64);
    assert_eq!(requests[0].body.beginning, body[..MIB]);
    assert!(reply.contains(&requests[0].body.md5), "{reply}");
    server.finish().unwrap();
}

#[test]
fn answers_before_the_body_where_it_is_told_to() {
    let server = start("request PUT /bucket/key\n reads 0\n reply 403\n Content-Length: 0\n fin\n");
    // Nothing of the body is sent before the reply is there.
    let reply = put(&server, "PUT /bucket/key HTTP/1.1", 10, b"");
    assert!(reply.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{reply}");
    server.finish().unwrap();
}

#[test]
fn reads_as_much_of_a_body_as_it_is_told_to() {
    let server = start("request PUT /bucket/key\n reads 7\n sends 0..100\n reply 500\n fin\n");
    let body = pattern::bytes(3, 0, 100);
    let reply = put(&server, "PUT /bucket/key HTTP/1.1", 100, &body);
    assert!(reply.starts_with("HTTP/1.1 500 "), "{reply}");
    assert_eq!(server.requests()[0].body.beginning, body[..7]);
    server.finish().unwrap();
}

#[test]
fn tells_a_body_that_is_another() {
    let steps = "request PUT /bucket/key\n sends 0..100\n serve\n fin\n";
    let server = start(steps);
    put(&server, "PUT /bucket/key HTTP/1.1", 100, &pattern::bytes(4, 0, 100));
    assert!(failure(server).contains("the body of 100 bytes is not the expected one of 100"));
    let server = start(steps);
    put(&server, "PUT /bucket/key HTTP/1.1", 99, &pattern::bytes(3, 0, 99));
    assert!(failure(server).contains("the body of 99 bytes is not the expected one of 100"));
    let server = start("request PUT /bucket/key\n sends nothing\n serve\n fin\n");
    put(&server, "PUT /bucket/key HTTP/1.1", 1, b"x");
    assert!(failure(server).contains("the body of 1 bytes"));
}

#[test]
fn tells_a_digest_that_is_not_of_the_body() {
    for (name, value) in [
        ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="),
        ("x-amz-content-sha256", &"0".repeat(64)),
        ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
    ] {
        let server = start("request PUT /bucket/key\n serve\n fin\n");
        put(&server, &format!("PUT /bucket/key HTTP/1.1\n{name}: {value}"), 1, b"x");
        let why = failure(server);
        assert!(why.contains(&name.to_ascii_lowercase()), "{why}");
    }
}

#[test]
fn tells_a_document_that_does_not_list_the_parts() {
    let etag = |first, end| {
        let transcript = "# A story.\ngroup: write\nobject: size=250 seed=3\ndo: head\n\
            expect: ok etag={md5:FIRST..END}\n---\nend\n";
        let text = transcript.replace("FIRST", first).replace("END", end);
        let transcript = Transcript::parse("test.fault", &text).unwrap();
        transcript.expect.options.get("etag").unwrap().to_owned()
    };
    let part = |number, etag: String| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>&quot;{etag}&quot;</ETag></Part>")
    };
    let mut parts =
        [part(1, etag("0", "100")), part(2, etag("100", "200")), part(3, etag("200", "250"))];
    let steps = "request POST /bucket/key?uploadId=upload-1\n sends parts\n serve\n fin\n";
    let head = "POST /bucket/key?uploadId=upload-1 HTTP/1.1";
    let server = start(steps);
    let document = parts.concat();
    let reply = put(&server, head, document.len(), document.as_bytes());
    assert!(reply.contains("-3&quot;</ETag>"), "{reply}");
    server.finish().unwrap();
    parts.swap(0, 1);
    let server = start(steps);
    let document = parts.concat();
    put(&server, head, document.len(), document.as_bytes());
    assert!(failure(server).contains("does not list the 3 parts"));
}

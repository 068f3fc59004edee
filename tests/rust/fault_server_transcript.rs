//! Transcripts are played as they are written, and tell every mismatch.

#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use s3stream_tests::fault::transcript::{Outcome, Verb};
use s3stream_tests::fault::{FaultServer, Transcript};
use s3stream_tests::pattern;

const SETTINGS: &str = "# A story.\ngroup: body\nobject: size=100 seed=3\n\
    config: anonymous\ndo: read\nexpect: ok\n---\n";

fn start(steps: &str) -> FaultServer {
    let transcript = Transcript::parse("test.fault", &format!("{SETTINGS}{steps}")).unwrap();
    FaultServer::start(transcript).unwrap()
}

/// Sends a request on a connection of its own and returns the whole reply.
fn ask(server: &FaultServer, request: &str) -> Vec<u8> {
    let mut socket = TcpStream::connect(server.address()).unwrap();
    let request = request.replace('\n', "\r\n");
    socket.write_all(format!("{request}\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut reply = Vec::new();
    socket.read_to_end(&mut reply).unwrap();
    reply
}

fn text(reply: &[u8]) -> String {
    String::from_utf8_lossy(reply).into_owned()
}

/// Why the server was not satisfied; there is nothing to wait for.
fn failure(server: FaultServer) -> String {
    server.finish_within(Duration::ZERO).unwrap_err().to_string()
}

fn parse_error(text: &str) -> String {
    Transcript::parse("bad.fault", text).unwrap_err().to_string()
}

#[test]
fn serves_ranges_as_a_proper_server() {
    let server = start("request GET /bucket/key\n has range: bytes=10-\n serve\n fin\nend\n");
    let reply = ask(&server, "GET /bucket/key HTTP/1.1\nRange: bytes=10-19");
    let shown = text(&reply);
    assert!(shown.starts_with("HTTP/1.1 206 Partial Content\r\n"), "{shown}");
    assert!(shown.contains("Content-Range: bytes 10-19/100\r\n"), "{shown}");
    assert!(reply.ends_with(&pattern::bytes(3, 10, 10)));
    assert!(failure(server).contains("test.fault:8: GET /bucket/key: expected range: bytes=10-"));
}

#[test]
fn replies_byte_for_byte_as_written() {
    let steps = "request GET /bucket/key\n reply 200 \"Fine\"\n  ETag: {etag}\n  Content-Length: \
        {body_size}\n body 0..3\n body lines\n  <a>\n  {size}</a>\n  .\n fin\nend\n";
    let server = start(steps);
    let reply = ask(&server, "GET /bucket/key HTTP/1.1");
    let shown = text(&reply);
    assert!(shown.starts_with("HTTP/1.1 200 Fine\r\nETag: \""), "{shown}");
    assert!(shown.contains("\"\r\nContent-Length: 14\r\n\r\n"), "{shown}");
    let mut body = pattern::bytes(3, 0, 3);
    body.extend_from_slice(b"<a>\n100</a>");
    assert!(reply.ends_with(&body));
    server.finish().unwrap();
}

#[test]
fn honest_headers_can_be_replaced_doubled_and_left_out() {
    let server = start(
        "request GET /bucket/key\n reply honest\n  without Last-Modified\n  Content-Length: 5\n  \
         Content-Length: 6\n fin\nend\n",
    );
    let reply = text(&ask(&server, "GET /bucket/key HTTP/1.1"));
    assert!(!reply.contains("Last-Modified"), "{reply}");
    assert!(!reply.contains("Content-Length: 100"), "{reply}");
    assert!(reply.contains("Content-Length: 5\r\nContent-Length: 6\r\n"), "{reply}");
    server.finish().unwrap();
}

#[test]
fn chunks_are_framed() {
    let server = start(
        "request GET /bucket/key\n reply 200\n  Transfer-Encoding: chunked\n chunk text \"ab\"\n \
         last-chunk\n fin\nend\n",
    );
    let reply = text(&ask(&server, "GET /bucket/key HTTP/1.1"));
    assert!(reply.ends_with("\r\n\r\n2\r\nab\r\n0\r\n\r\n"), "{reply}");
    server.finish().unwrap();
}

#[test]
fn a_connection_step_is_for_the_next_connection() {
    let server = start("connection close\nrequest GET /a\n serve\n fin\nend\n");
    assert_eq!(ask(&server, "GET /a HTTP/1.1"), b"");
    assert!(text(&ask(&server, "GET /a HTTP/1.1")).starts_with("HTTP/1.1 200"));
    server.finish().unwrap();
}

#[test]
fn a_step_beside_others_may_come_among_them_and_must_come() {
    let steps = "request GET /bucket/first\n beside\n serve\n fin\nrequest GET /bucket/a\n serve\n fin\n\
        request GET /bucket/b\n serve\n fin\nend\n";
    for order in [["first", "a", "b"], ["a", "first", "b"], ["a", "b", "first"]] {
        let server = start(steps);
        for name in order {
            let reply = text(&ask(&server, &format!("GET /bucket/{name} HTTP/1.1")));
            assert!(reply.starts_with("HTTP/1.1 200"), "{order:?} {name}: {reply}");
        }
        server.finish_within(Duration::from_secs(5)).unwrap();
    }
    let server = start(steps);
    ask(&server, "GET /bucket/a HTTP/1.1");
    ask(&server, "GET /bucket/b HTTP/1.1");
    assert!(failure(server).contains("GET /bucket/first never came"));
    let server = start(steps);
    ask(&server, "GET /bucket/b HTTP/1.1");
    assert!(failure(server).contains("got GET /bucket/b"));
}

#[test]
fn counted_steps_serve_as_often_as_they_say() {
    let steps = "request GET /a\n times 0..2\n serve\n fin\nrequest GET /b\n serve\n fin\nend\n";
    for count in 0..4 {
        let server = start(steps);
        for _ in 0..count {
            ask(&server, "GET /a HTTP/1.1");
        }
        ask(&server, "GET /b HTTP/1.1");
        assert_eq!(server.finish().is_ok(), count <= 2, "{count}");
    }
}

#[test]
fn another_request_is_a_mismatch() {
    let server = start("request GET /bucket/key\n serve\nend\n");
    let reply = text(&ask(&server, "GET /bucket/Key HTTP/1.1"));
    assert!(reply.starts_with("HTTP/1.1 400 "), "{reply}");
    let failure = failure(server);
    assert!(
        failure.contains("test.fault:8: expected GET /bucket/key, got GET /bucket/Key"),
        "{failure}"
    );
    assert!(failure.contains("GET /bucket/key never came"), "{failure}");
}

#[test]
fn a_request_after_the_end_is_a_mismatch() {
    let server = start("request GET /a\n serve\n fin\nend\n");
    ask(&server, "GET /a HTTP/1.1");
    ask(&server, "GET /a HTTP/1.1");
    assert!(failure(server).contains("expected the end, got GET /a"));
}

#[test]
fn a_missing_request_is_a_mismatch() {
    let server = start("request GET /a\n serve\nend\n");
    assert_eq!(failure(server), "test.fault:8: GET /a never came");
}

#[test]
fn a_missing_connection_is_a_mismatch() {
    assert!(failure(start("connection rst\nend\n")).contains("a new connection never came"));
}

#[test]
fn checks_look_at_the_requests_before() {
    let server = start(
        "request GET /a\n serve\n fin\nrequest GET /a\n same-connection\n waited 600\n lacks x\n \
         serve\n fin\nend\n",
    );
    ask(&server, "GET /a HTTP/1.1");
    ask(&server, "GET /a HTTP/1.1\nX: y");
    let failure = failure(server);
    assert!(failure.contains("expected the connection of the request before"));
    assert!(failure.contains("expected 600s or more"), "{failure}");
    assert!(failure.contains("unexpected x: y"), "{failure}");
}

#[test]
fn requests_must_be_signed_unless_they_are_anonymous() {
    let text = format!("{SETTINGS}request GET /a\n serve\n fin\nend\n");
    let text = text.replace("config: anonymous\n", "");
    let server = FaultServer::start(Transcript::parse("x", &text).unwrap()).unwrap();
    ask(&server, "GET /a HTTP/1.1");
    assert!(failure(server).contains("the request is not signed"));
}

#[test]
fn settings_are_typed() {
    let text = "# One.\n# Two.\ngroup: listing\nbefore: head key=a%20b\n\
        do: list versions prefix={etag}\nobject: size=0\n\
        config: stall_timeout=0.3\nexpect: error kind=not_found attempts=2..3\n---\nend\n";
    let transcript = Transcript::parse("faults/name.fault", text).unwrap();
    assert_eq!(transcript.name, "name");
    assert_eq!(transcript.story, "One.\nTwo.");
    assert_eq!(transcript.task.verb, Verb::List);
    assert_eq!(transcript.task.options.get("versions"), Some("true"));
    let empty = "\"d41d8cd98f00b204e9800998ecf8427e\"";
    assert_eq!(transcript.task.options.get("prefix"), Some(empty));
    assert_eq!(transcript.before.unwrap().key(), "a b");
    let stall = transcript.config.seconds("stall_timeout");
    assert_eq!(stall, Some(Duration::from_millis(300)));
    assert_eq!(transcript.expect.outcome, Outcome::Error);
    assert!(transcript.expect.options.allows("attempts", 3));
    assert!(!transcript.expect.options.allows("attempts", 4));
}

#[test]
fn errors_name_file_and_line() {
    let cases = [
        ("group: body\n", 1, "tells its story"),
        ("# s\ngroup: nothing\ndo: read\nexpect: ok\n---\nend\n", 2, "none of connection"),
        ("# s\ngroup: body\ndo: jump\nexpect: ok\n---\nend\n", 3, "nobody can do"),
        ("# s\ngroup: body\nexpect: ok\n---\nend\n", 4, "do is missing"),
        ("# s\ngroup: body\ndo: read\n", 3, "no ---"),
        ("# s\ngroup: body\ndo: read pace=1\nexpect: ok\n---\nend\n", 3, "\"pace\" is none of"),
        ("# s\ngroup: body\ndo: read\nexpect: error\n---\nend\n", 4, "needs its kind"),
        ("# s\nsize: 3\n", 2, "\"size\" is none of"),
    ];
    for (text, line, message) in cases {
        let error = parse_error(text);
        assert!(error.starts_with(&format!("bad.fault:{line}: ")), "{error}");
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn errors_in_steps_name_their_line() {
    let cases = [
        ("request GET /a\n", 8, "there is no end"),
        ("serve\nend\n", 8, "belongs below a request"),
        ("request /a\nend\n", 8, "METHOD TARGET"),
        ("request GET /a\n reply 20\nend\n", 9, "not a status"),
        ("request GET /a\n body 5..3\nend\n", 9, "empty range"),
        ("request GET /a\n reply 200\n  A: {sise}\nend\n", 10, "no placeholder {sise}"),
        ("request GET /a\n fin\n body 0..1\nend\n", 10, "the connection is over"),
        ("request GET /a\n serve\n has a: b\nend\n", 10, "before anything is done"),
        ("request GET /a\n body lines\n x\n", 10, "a dot at their end"),
        ("request GET /a\n jump high\nend\n", 9, "cannot read"),
        ("end\nrequest GET /a\n", 9, "after the end"),
        ("connection wave\nend\n", 8, "none of close"),
    ];
    for (steps, line, message) in cases {
        let error = parse_error(&format!("{SETTINGS}{steps}"));
        assert!(error.starts_with(&format!("bad.fault:{line}: ")), "{error}");
        assert!(error.contains(message), "{error}");
    }
}

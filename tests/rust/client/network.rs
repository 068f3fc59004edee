//! Heads of any length, certificates as people make them, and machines without any.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use s3stream_core::{Client, ClientBuilder, Error, ErrorKind, OpenOptions};
use s3stream_tests::fault::{Action, FaultServer, ReceivedRequest};

const OBJECT: &str = "HTTP/1.1 200 OK\r\nETag: \"5d41402abc4b2a76b9719d911017c592\"\r\n\
    Content-Length: 5\r\nLast-Modified: Fri, 24 May 2013 00:00:00 GMT\r\n";

fn settings(url: &str) -> ClientBuilder {
    let settings = Client::builder().endpoint_url(url).region("us-east-1").proxy("none");
    settings.credentials("AKID", "secret").max_attempts(1)
}

fn read(settings: ClientBuilder) -> Result<usize, Error> {
    let mut reader = settings.build_blocking()?.open("bucket", "key", OpenOptions::new())?;
    let fields = reader.object().metadata().user.len();
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "hello");
    Ok(fields)
}

#[test]
fn heads_of_many_and_of_long_fields_are_read() {
    for (fields, length) in [(10, 10), (300, 10), (400, 200), (80, 1024), (2_000, 100)] {
        let metadata =
            (0..fields).map(|number| format!("x-amz-meta-f{number}: {}\r\n", "v".repeat(length)));
        let reply = format!("{OBJECT}{}\r\nhello", metadata.collect::<String>());
        let script = move |_: &ReceivedRequest| vec![Action::Send(reply.clone().into_bytes())];
        let server = FaultServer::with_script(Box::new(script)).unwrap();
        assert_eq!(read(settings(&server.endpoint_url())).unwrap(), fields);
        assert!(server.requests().len() <= 2, "{fields} fields: asked for again once at most");
    }
}

/// A server with a certificate for `name` that is its own authority, and the file of it.
fn self_signed(name: &str, change: impl FnOnce(&mut CertificateParams)) -> (String, PathBuf) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    change(&mut params);
    let certificate = params.self_signed(&key).unwrap();
    let directory = tempfile::tempdir().unwrap().keep();
    let file = directory.join("ca.pem");
    std::fs::write(&file, certificate.pem()).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let url = serve(move |stream| {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        answer(StreamOwned::new(connection, stream));
    });
    (url, file)
}

/// A server on loopback that treats each connection so, for as long as the process lives.
fn serve(treat: impl Fn(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || listener.incoming().flatten().for_each(treat));
    url
}

fn answer(stream: impl Read + Write) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    while stream.read_line(&mut line).is_ok_and(|length| length > 2) {
        line.clear();
    }
    // A client that has refused the certificate hears nothing.
    let _ = stream.get_mut().write_all(format!("{OBJECT}\r\nhello").as_bytes());
}

#[test]
fn a_certificate_that_is_its_own_authority_is_believed_where_it_is_named() {
    let (url, file) = self_signed("127.0.0.1", |_| {});
    read(settings(&url).ca_bundle(&file)).unwrap();
    let (_, other) = self_signed("127.0.0.1", |_| {});
    let (of_another_host, its_file) = self_signed("s3.example.org", |_| {});
    let (expired, old) =
        self_signed("127.0.0.1", |params| params.not_after = rcgen::date_time_ymd(2020, 1, 1));
    let (early, new) =
        self_signed("127.0.0.1", |params| params.not_before = rcgen::date_time_ymd(2090, 1, 1));
    for (url, file) in [(url, other), (of_another_host, its_file), (expired, old), (early, new)] {
        let error = read(settings(&url).ca_bundle(&file)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
        assert!(error.to_string().contains("no TLS connection"), "{error}");
    }
}

#[test]
fn who_pays_and_the_customers_key_are_sent_and_signed() {
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let script =
        |_: &ReceivedRequest| vec![Action::Send(format!("{OBJECT}\r\nhello").into_bytes())];
    let server = FaultServer::with_script(Box::new(script)).unwrap();
    let plain = settings(&server.endpoint_url()).set("request_payer", "requester");
    read(plain.clone()).unwrap();
    let request = server.requests().pop().unwrap();
    assert_eq!(request.header("x-amz-request-payer"), Some("requester"));
    assert!(request.header("authorization").unwrap().contains("x-amz-request-payer"));
    let refused = read(plain.set("sse_customer_key", key)).unwrap_err().to_string();
    assert!(refused.contains("https") && !refused.contains(key), "{refused}");

    let (url, file) = self_signed("127.0.0.1", |_| {});
    let sent = settings(&url).ca_bundle(&file).set("sse_customer_key", key);
    assert!(!format!("{sent:?}").contains(key));
    read(sent).unwrap();
}

#[test]
fn a_server_that_has_no_cipher_in_common_is_not_taken_for_a_wrong_port() {
    for (alert, part) in [
        (40, "have no version, cipher or kind of key in common"),
        (70, "have no version, cipher or kind of key in common"),
        (71, "have no version, cipher or kind of key in common"),
        (116, "wants a client certificate"),
    ] {
        let url = serve(move |mut stream| {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&[21, 3, 3, 0, 2, 2, alert]);
        });
        let error = read(settings(&url)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection, "{error}");
        assert!(error.to_string().contains(part) && error.attempts() == 1, "{error}");
    }
}

#[test]
fn plain_http_needs_no_root_certificates() {
    const CHILD: &str = "S3STREAM_TEST_WITHOUT_ROOTS";
    if std::env::var_os(CHILD).is_some() {
        let refused = settings("https://127.0.0.1:1").build().unwrap_err();
        assert!(refused.to_string().contains("no trusted root certificates"), "{refused}");
        settings("http://127.0.0.1:1").build().unwrap();
        return;
    }
    let name = "network::plain_http_needs_no_root_certificates";
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(CHILD, "1")
        .env_remove("AWS_CA_BUNDLE")
        .env("SSL_CERT_FILE", "/dev/null")
        .env("SSL_CERT_DIR", "/nonexistent")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn a_dead_proxy_is_named_and_not_the_endpoint() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = listener.local_addr().unwrap();
    drop(listener);
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://s3.example.test");
        let error = read(settings(&url).proxy(&format!("http://{dead}"))).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&dead.to_string()) && text.contains("check proxy"), "{text}");
    }
}

//! What is proven, what is not and why, over several objects of one server.

use s3stream_core::blocking::Client as Blocking;
use s3stream_core::{
    Client, ClientBuilder, Error, ErrorKind, Integrity, Method, OpenOptions, RequireProof,
    Unproven, Verdict,
};
use s3stream_tests::fault::{FaultServer, Transcript};

use crate::support::{BUCKET, bytes, server, settings};

/// Objects whose bytes are `object`'s; `other` lends its ETag to what disagrees.
const MULTIPART: &str = "# RadosGW tells no part size.\ngroup: checksum\n\
    object: size=9000000 seed=7 etag=multipart part=8388608\n\
    other: size=9000000 seed=8 etag=multipart part=8388608\n\
    do: read\nexpect: ok\n---\n";

const PLAIN: &str = "# ETags are 32 digits and no MD5s.\ngroup: checksum\n\
    object: size=100 seed=7\nother: size=100 seed=8\ndo: read\nexpect: ok\n---\n";

fn get(key: &str, etag: &str) -> String {
    format!(
        "request GET /bucket/{key}\n reply 200\n  Content-Length: {{size}}\n  \
         ETag: {{{etag}}}\n body ..\n"
    )
}

/// A server that ignores the number of the part.
fn head(key: &str, etag: &str) -> String {
    format!(
        "request HEAD /bucket/{key}?partNumber=1\n reply 200\n  Content-Length: {{size}}\n  \
         ETag: {{{etag}}}\n"
    )
}

fn play(settings: &str, steps: &[String]) -> (FaultServer, Blocking) {
    let text = format!("{settings}{}end\n", steps.concat());
    let transcript = Transcript::parse("proof.fault", &text).unwrap();
    let server = FaultServer::start(transcript).unwrap();
    let client = of(&server).build_blocking().unwrap();
    (server, client)
}

fn of(server: &FaultServer) -> ClientBuilder {
    let builder = Client::builder().endpoint_url(&server.endpoint_url()).region("us-east-1");
    builder.credentials("AKIAFAULT", "secret").proxy("none")
}

fn read(client: &Blocking, key: &str, options: OpenOptions) -> Result<Verdict, Error> {
    let mut reader = client.open(BUCKET, key, options)?;
    let mut buffer = vec![0; 1 << 16];
    while reader.read_full(&mut buffer)? > 0 {}
    Ok(reader.verdict().expect("an end without an error has a verdict").clone())
}

#[test]
fn what_agreed_is_tried_first_and_what_then_disagrees_is_probably_damaged() {
    let etag = "etag";
    let (server, client) = play(
        MULTIPART,
        &[
            get("a", etag),
            head("a", etag),
            get("b", etag),
            head("b", etag),
            // By now it is known that the server does not tell.
            get("c", etag),
            get("d", "other.etag"),
            get("d", "other.etag"),
            get("e", etag),
        ],
    );
    for key in ["a", "b", "c"] {
        let verdict = read(&client, key, OpenOptions::new()).unwrap();
        assert!(verdict.is_proven() && verdict.method == Method::Composite, "{key}");
        assert_eq!(verdict.reread, 0);
    }
    let verdict = read(&client, "d", OpenOptions::new()).unwrap();
    assert_eq!((verdict.method, verdict.unproven), (Method::Length, Some(Unproven::ReadTwice)));
    assert!(verdict.is_probably_damaged && !verdict.is_proven());
    assert_eq!((verdict.bytes, verdict.reread), (9_000_000, 9_000_000));
    assert!(read(&client, "e", OpenOptions::new()).unwrap().is_proven());
    assert_eq!(client.stats().unproven, 1);
    drop(client);
    server.finish().unwrap();
}

#[test]
fn a_server_whose_etags_never_were_digests_is_named_with_the_way_out() {
    let keys = ["a", "b", "c"];
    // Small objects are read again before they fail.
    let steps: Vec<String> =
        keys.iter().flat_map(|key| [get(key, "other.etag"), get(key, "other.etag")]).collect();
    let (server, client) = play(PLAIN, &steps);
    let lines = keys.map(|key| {
        let error = read(&client, key, OpenOptions::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Integrity);
        error.to_string()
    });
    assert!(lines[0].contains("damaged, or this server's ETags are no MD5s"), "{}", lines[0]);
    assert!(lines[2].contains("no ETag of this server has been an MD5 yet"), "{}", lines[2]);
    assert!(lines.iter().all(|line| line.contains("integrity=cheap")));
    drop(client);
    server.finish().unwrap();
}

#[test]
fn one_object_that_disagrees_among_good_ones_is_damaged() {
    let steps = [get("a", "etag"), get("b", "other.etag"), get("b", "other.etag")];
    let (server, client) = play(PLAIN, &steps);
    assert!(read(&client, "a", OpenOptions::new()).unwrap().is_proven());
    let line = read(&client, "b", OpenOptions::new()).unwrap_err().to_string();
    assert!(line.contains("the stored object is damaged") && !line.contains("no MD5"), "{line}");
    drop(client);
    server.finish().unwrap();
}

#[test]
fn what_is_not_proven_is_counted_and_fails_where_proof_is_required() {
    let server = server();
    server.store().put(BUCKET, "small", bytes(1_000));
    server.store().put(BUCKET, "large", bytes(1_000_000));
    let client = |require| {
        let settings = settings(&server).integrity(Integrity::Length).require_proof(require);
        settings.build_blocking().unwrap()
    };
    for require in [RequireProof::Warn, RequireProof::No] {
        let client = client(require);
        for key in ["small", "large"] {
            let verdict = read(&client, key, OpenOptions::new()).unwrap();
            assert_eq!(verdict.unproven, Some(Unproven::NotAsked));
        }
        assert_eq!(client.stats().unproven, 2, "{require:?}");
    }
    let client = client(RequireProof::Yes);
    for key in ["small", "large"] {
        let error = read(&client, key, OpenOptions::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Integrity);
        let line = error.to_string();
        assert!(line.contains("require_proof=yes") && line.contains("integrity=full"), "{line}");
    }
}

#[test]
fn streamed_objects_have_the_same_verdicts() {
    let server = server();
    server.store().put(BUCKET, "a", bytes(1_000));
    server.store().put(BUCKET, "b", bytes(2_000_000));
    let settings = settings(&server).integrity(Integrity::Length);
    let client = settings.build_blocking().unwrap();
    for reader in client.stream(BUCKET, ["a", "b"], s3stream_core::StreamOptions::new()) {
        let mut reader = reader.unwrap();
        std::io::copy(&mut reader, &mut std::io::sink()).unwrap();
        assert_eq!(reader.verdict().unwrap().unproven, Some(Unproven::NotAsked));
    }
    assert_eq!(client.stats().unproven, 2);
}

#[test]
fn a_digest_of_our_own_is_made_unless_it_is_not_wanted() {
    let steps = [get("a", "etag"), get("b", "etag"), get("c", "etag")];
    let (server, client) = play(PLAIN, &steps);
    let plain = read(&client, "a", OpenOptions::new()).unwrap();
    let md5 = plain.digest.unwrap();
    assert_eq!(md5.algorithm.name(), "md5");
    let object = client.open(BUCKET, "b", OpenOptions::new()).unwrap().object().clone();
    assert_eq!(md5.hex().as_deref(), object.etag.as_ref().map(s3stream_core::ETag::as_str));
    assert_eq!(plain.own_digest.unwrap().algorithm.name(), "crc64nvme");
    let client = of(&server).own_digest(false).build_blocking().unwrap();
    let without = read(&client, "c", OpenOptions::new()).unwrap();
    assert_eq!((without.own_digest, without.digest), (None, Some(md5)));
}

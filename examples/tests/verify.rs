//! The verify command as its users see it, against the embedded server.

// A test that cannot go on says so best by a panic.
#![allow(clippy::unwrap_used)]

mod scene;

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Output};

use s3stream_programs::Status;
use s3stream_programs::backup::demo;
use s3stream_tests::fault::{FaultServer, Transcript};

use scene::Scene;

struct Verified {
    status: i32,
    /// What was found of each key that is not the same.
    found: BTreeMap<String, String>,
    messages: String,
}

fn verify(scene: &Scene, arguments: &[&str]) -> Verified {
    let mut command = Command::new(env!("CARGO_BIN_EXE_s3stream-verify"));
    let output = command
        .current_dir(scene.directory.path())
        .env_clear()
        .env("AWS_ENDPOINT_URL", scene.server.endpoint_url())
        .env("AWS_ACCESS_KEY_ID", scene.server.access_key_id())
        .env("AWS_SECRET_ACCESS_KEY", scene.server.secret_access_key())
        .args(arguments)
        .output()
        .unwrap();
    read(&output)
}

fn read(output: &Output) -> Verified {
    let lines = String::from_utf8(output.stdout.clone()).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let found = lines.map(|line| (text(&line["key"]), text(&line["finding"]))).collect();
    let messages = String::from_utf8(output.stderr.clone()).unwrap();
    Verified { status: output.status.code().unwrap(), found, messages }
}

fn backed_up(bucket: &str, fill: impl FnOnce(&Scene)) -> Scene {
    let scene = Scene::new(bucket);
    fill(&scene);
    assert_eq!(scene.run(&["-o", &scene.path("out.tar")]), Status::Complete);
    scene
}

#[test]
fn a_bucket_that_nobody_touched_is_the_same_and_its_archive_is_proven() {
    let scene = backed_up(demo::BUCKET, |scene| {
        demo::fill(&scene.server);
    });
    let same = verify(&scene, &["out.jsonl", "--read", "10%"]);
    assert_eq!((same.status, same.found.len()), (0, 0), "{}", same.messages);
    assert!(same.messages.contains("each is accounted for"), "{}", same.messages);
    let archive = verify(&scene, &["out.jsonl", "--archive", "out.tar"]);
    assert_eq!(archive.status, 0, "{}", archive.messages);
    assert!(archive.messages.contains("objects proven"), "{}", archive.messages);
}

#[test]
fn what_became_of_each_object_is_said_and_decides_the_status() {
    let scene = backed_up("b", |scene| {
        for key in ["a", "b", "c"] {
            scene.server.store().put("b", key, key);
        }
    });
    let store = scene.server.store();
    store.put("b", "new", "x");
    assert_eq!(verify(&scene, &["out.jsonl"]).status, 0, "what is new takes nothing away");
    store.put("b", "b", "other");
    store.delete("b", "c");
    let found = verify(&scene, &["out.jsonl"]);
    let expected = [("b", "changed"), ("c", "missing"), ("new", "added")];
    let expected = expected.map(|(key, finding)| (key.to_owned(), finding.to_owned()));
    assert_eq!(found.found, BTreeMap::from(expected), "{}", found.messages);
    assert_eq!(found.status, 1);
    assert!(!found.messages.contains("were allowed"), "too few for a share");
    let gate = ["out.jsonl", "--gate", "fail", "--gate-least", "1"];
    let warned = verify(&scene, &gate);
    assert!(warned.messages.contains("2 of 3 objects (67 %)"), "{}", warned.messages);
    assert_eq!(warned.status, 1);
    let enough = verify(&scene, &[&gate[..], &["--gate-share", "70%"]].concat());
    assert_eq!(enough.status, 0, "{}", enough.messages);
}

#[test]
fn a_bit_that_flips_in_the_archive_or_in_the_manifest_is_named() {
    let scene = backed_up("b", |scene| {
        scene.server.store().put("b", "first", "x");
        scene.server.store().put_pattern("b", "second", 1, 300_000);
    });
    let whole = fs::read(scene.path("out.tar")).unwrap();
    let second = usize::try_from(scene.records("out.jsonl")[1].offset.unwrap()).unwrap();
    for at in [10, 600, second + 30, second + 600, second + 200_000, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[at] ^= 4;
        fs::write(scene.path("flipped.tar"), flipped).unwrap();
        let found = verify(&scene, &["out.jsonl", "--archive", "flipped.tar"]);
        assert_eq!(found.status, 1, "{at}: {}", found.messages);
        let name = match at {
            at if at < second => "s3://b/first",
            at if at < whole.len() - 1024 => "s3://b/second",
            _ => "behind the last member",
        };
        assert!(found.messages.contains(name), "{at}: {}", found.messages);
    }
    let manifest = fs::read(scene.path("out.jsonl")).unwrap();
    let mut flipped = manifest.clone();
    flipped[manifest.len() / 2] ^= 4;
    fs::write(scene.path("flipped.jsonl"), flipped).unwrap();
    fs::write(scene.path("cut.jsonl"), &manifest[..manifest.len() - 1]).unwrap();
    for (name, words) in [("flipped.jsonl", "is damaged"), ("cut.jsonl", "closing line")] {
        for arguments in [&[name][..], &[name, "--archive", "out.tar"]] {
            let found = verify(&scene, arguments);
            assert!(found.status == 1 && found.messages.contains(words), "{}", found.messages);
        }
    }
}

#[test]
fn bytes_that_changed_under_the_same_etag_are_found_by_reading() {
    let transcript = r#"# A server that lost a bit of an object, and says nothing of it.
group:  listing
object: size=10 seed=7 etag=opaque
do:     list
expect: ok
---
request GET /b?encoding-type=url&list-type=2&max-keys=1000
  reply 200
    Content-Length: {body_size}
  body lines
    <ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>
    <Contents><Key>z</Key><ETag>{etag}</ETag><Size>10</Size></Contents>
    </ListBucketResult>
    .
request GET /b?encoding-type=url&list-type=2&max-keys=1000&start-after=z
  beside
  reply 200
    Content-Length: {body_size}
  body text "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
request GET /b/z
  serve
end
"#;
    let server = FaultServer::start(Transcript::parse("odd", transcript).unwrap()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("m.jsonl");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_s3stream-verify"));
        let output = command
            .env("AWS_ENDPOINT_URL", server.endpoint_url())
            .env("AWS_ACCESS_KEY_ID", "AKIAFAULT")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .args(["--set", "proxy=none", "--set", "addressing_style=path"])
            .arg(&path)
            .args(arguments)
            .output()
            .unwrap();
        read(&output)
    };
    // The ETag is the server's own: the record has none to compare.
    let mut record =
        s3stream_core::report::Record::new("b", "z", s3stream_core::report::Outcome::Streamed);
    (record.size, record.crc64nvme) = (Some(10), Some("AAAAAAAAAAA=".to_owned()));
    let mut manifest = Vec::new();
    record.write_line(&mut manifest).unwrap();
    fs::write(&path, manifest).unwrap();
    let found = run(&["s3://b", "--read", "all"]);
    assert_eq!(found.status, 1, "{}", found.messages);
    assert!(found.messages.contains("those of the copy AAAAAAAAAAA="), "{}", found.messages);
    server.finish().unwrap();
}

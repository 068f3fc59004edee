//! The backup command as its users see it, against the embedded server.

// A test that cannot go on says so best by a panic.
#![allow(clippy::unwrap_used)]

mod scene;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc;

use s3stream_core::report::{Ending, Manifest, Outcome, Report, checksum};
use s3stream_core::{Canceller, name};
use s3stream_programs::Status;
use s3stream_programs::backup::{self, demo};
use s3stream_tests::embedded::{Attributes, PutOptions};
use s3stream_tests::fault::{FaultServer, Transcript};
use s3stream_tests::pattern;

use scene::{Scene, files_below, members};

#[test]
fn an_object_that_is_written_again_when_its_turn_comes_is_newer_than_listed() {
    let scene = Scene::new("b");
    let store = scene.server.store().clone();
    // Larger than what a pipe and the memory take, as below.
    store.put_pattern("b", "a", 1, 2 << 20);
    for key in ["b", "c"] {
        store.put("b", key, key);
    }
    let manifest = scene.path("manifest.jsonl");
    let page = scene.path("page.html");
    let arguments = [&["--manifest", &manifest, "--report", &page], LITTLE_MEMORY].concat();
    let (status, archive) = scene.run_into_pipe(&arguments, |pipe| {
        let mut header = [0; 512];
        pipe.read_exact(&mut header).unwrap();
        store.put("b", "b", "other");
        header.to_vec()
    });

    assert_eq!(status, Status::Complete);
    assert_eq!(members(&archive)[1], ("b".to_owned(), b"other".to_vec()));
    let records = scene.records("manifest.jsonl");
    let newer: Vec<_> = records.iter().map(|record| record.is_newer_than_listed).collect();
    assert_eq!(newer, [false, true, false]);
    assert!(fs::read_to_string(page).unwrap().contains("1 object had another ETag"));
}

#[test]
fn every_byte_of_the_demonstration_comes_back_under_its_key() {
    let scene = Scene::new(demo::BUCKET);
    let generated = demo::fill(&scene.server);
    let page = scene.path("report.html");
    assert_eq!(scene.run(&["-o", &scene.path("out.tar"), "--report", &page]), Status::Complete);

    let restored = scene.extract("out.tar");
    let files = files_below(&restored);
    assert_eq!(files.len(), generated.len());
    for file in files {
        let key = name::key(&file).unwrap();
        let stored = scene.server.store().get(demo::BUCKET, &key).expect(&key);
        assert!(fs::read(restored.join(&file)).unwrap() == stored, "{key:?}");
    }

    let records = scene.records("out.jsonl");
    let keys: Vec<_> = records.iter().map(|record| record.key.clone()).collect();
    assert_eq!(keys, scene.server.store().keys(demo::BUCKET));
    for record in &records {
        assert_eq!(record.outcome, Outcome::Streamed);
        assert_eq!(name::key(record.name.as_deref().unwrap()).unwrap(), record.key);
        assert_eq!(record.method.as_deref(), Some("crc64nvme"));
    }
    assert!(fs::read_to_string(page).unwrap().contains("Complete and intact"));
}

/// So little that a large object is still on its way when its beginning is written.
const LITTLE_MEMORY: &[&str] = &["--set", "window=262144", "--set", "memory_limit=262144"];

#[test]
fn an_object_that_is_gone_when_its_turn_comes_is_recorded_and_the_rest_goes_on() {
    let scene = Scene::new("b");
    let store = scene.server.store().clone();
    // Larger than what a pipe and the memory take: nothing after it is opened before the
    // pipe is read.
    store.put_pattern("b", "a", 1, 2 << 20);
    for key in ["b", "c", "d"] {
        store.put("b", key, key);
    }
    let manifest = scene.path("manifest.jsonl");
    let arguments = [&["--manifest", &manifest], LITTLE_MEMORY].concat();
    let (status, archive) = scene.run_into_pipe(&arguments, |pipe| {
        let mut header = [0; 512];
        pipe.read_exact(&mut header).unwrap();
        store.delete("b", "b");
        header.to_vec()
    });

    assert_eq!(status, Status::Incomplete);
    let members = members(&archive);
    assert_eq!(members.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["a", "c", "d"]);
    assert_eq!(members[0].1, pattern::bytes(1, 0, 2 << 20));
    let records = scene.records("manifest.jsonl");
    let outcomes: Vec<_> = records.iter().map(|record| record.outcome.name()).collect();
    assert_eq!(outcomes, ["streamed", "failed", "streamed", "streamed"]);
    let error = records[1].error.as_ref().unwrap();
    assert_eq!((error.kind.as_str(), error.status), ("not_found", Some(404)));
    assert_eq!(records[1].name, None);
}

#[test]
fn an_object_that_changes_in_the_middle_is_padded_in_a_pipe_and_the_record_says_so() {
    let scene = Scene::new("b");
    let store = scene.server.store().clone();
    store.put_pattern("b", "a", 1, 8 << 20);
    store.put("b", "z", "last");
    let manifest = scene.path("manifest.jsonl");
    let arguments =
        [&["--manifest", &manifest, "--set", "idle_timeout=0.05"], LITTLE_MEMORY].concat();
    let (status, archive) = scene.run_into_pipe(&arguments, |pipe| {
        let mut header = [0; 512];
        pipe.read_exact(&mut header).unwrap();
        store.put_pattern("b", "a", 2, 8 << 20);
        // The pause itself: the connection is older than idle_timeout when it is over.
        std::thread::sleep(std::time::Duration::from_millis(500));
        header.to_vec()
    });

    assert_eq!(status, Status::Incomplete);
    let members = members(&archive);
    assert_eq!(members[0].1.len(), 8 << 20);
    assert!(members[0].1.ends_with(&[0; 4096]));
    assert_eq!(members[1], ("z".to_owned(), b"last".to_vec()));
    let failed = &scene.records("manifest.jsonl")[0];
    assert_eq!(failed.error.as_ref().unwrap().kind, "changed");
    assert_eq!(failed.name.as_deref(), Some("a"));
    assert!(failed.reason.as_deref().unwrap().contains("zeros"));
}

#[test]
fn an_archived_object_fails_and_the_archive_still_gets_its_name() {
    let scene = Scene::new("b");
    let archived = Attributes::default().storage_class("GLACIER");
    let options = PutOptions { attributes: archived, ..PutOptions::default() };
    scene.server.store().put_with("b", "old", "x", options);
    scene.server.store().put("b", "new", "y");
    let page = scene.path("report.html");
    assert_eq!(scene.run(&["-o", &scene.path("out.tar"), "--report", &page]), Status::Incomplete);

    let archive = fs::read(scene.path("out.tar")).unwrap();
    assert_eq!(members(&archive), [("new".to_owned(), b"y".to_vec())]);
    let failed = &scene.records("out.jsonl")[1];
    assert_eq!(failed.error.as_ref().unwrap().kind, "archived");
    assert_eq!(failed.storage_class.as_deref(), Some("GLACIER"));
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("Not complete: 1 object failed") && page.contains("Restore it first"));
}

#[test]
fn an_interrupted_run_leaves_a_whole_archive_that_is_named_partial() {
    let scene = Scene::new(demo::BUCKET);
    demo::fill(&scene.server);
    let manifest = scene.pipe("manifest");
    let (on_start, started) = mpsc::channel::<Canceller>();
    let (status, records) = std::thread::scope(|scope| {
        // A pipe holds far fewer records than there are objects: the run cannot get to its
        // end before it is interrupted.
        let path = manifest.clone();
        let reader = scope.spawn(move || {
            let mut manifest = Manifest::open(BufReader::new(File::open(path).unwrap())).unwrap();
            let first = manifest.next().unwrap();
            started.recv().unwrap().cancel();
            let records = std::iter::once(first).chain(manifest.by_ref());
            let records: Vec<_> = records.map(Result::unwrap).collect();
            let Some(Ending::Closed(foot)) = manifest.ending() else {
                panic!("it has no foot: {:?}", manifest.ending())
            };
            assert_eq!((&*foot.listing, foot.why.as_deref()), ("incomplete", Some("interrupted")));
            records
        });
        let options = ["-o", &scene.path("out.tar"), "--manifest", &manifest];
        let status = scene.run_with(&options, &|canceller| on_start.send(canceller).unwrap());
        (status, reader.join().unwrap())
    });

    assert_eq!(status, Status::Incomplete);
    assert!(!fs::exists(scene.path("out.tar")).unwrap());
    let streamed = records.iter().filter(|record| record.outcome == Outcome::Streamed).count();
    assert!((1..3_000).contains(&streamed), "{streamed}");
    assert_eq!(files_below(&scene.extract("out.tar.partial")).len(), streamed);
}

#[test]
fn a_bucket_that_is_not_there_leaves_nothing_behind() {
    let scene = Scene::new("b");
    let arguments = scene.arguments("s3://absent", &["-o", &scene.path("out.tar")]);
    assert_eq!(backup::run(arguments, &|_| ()), Status::Incomplete);
    assert_eq!(files_below(scene.directory.path()), Vec::<String>::new());
}

#[test]
fn a_full_disk_ends_the_run_with_the_object_recorded_as_failed() {
    let scene = Scene::new("b");
    scene.server.store().put("b", "a", "x");
    scene.server.store().put("b", "b", "y");
    let manifest = scene.path("manifest.jsonl");
    let page = scene.path("report.html");
    let arguments = ["-o", "/dev/full", "--manifest", &manifest, "--report", &page];
    assert_eq!(scene.run(&arguments), Status::Incomplete);
    let records = scene.records("manifest.jsonl.partial");
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].error.as_ref().unwrap().kind, "destination");
    assert!(fs::read_to_string(page).unwrap().contains("No space left on device"));
}

#[test]
fn only_the_keys_that_were_asked_for_are_taken() {
    let scene = Scene::new("b");
    for key in ["x/a", "x/b", "x/c", "x/d", "y"] {
        scene.server.store().put("b", key, key);
    }
    let options = ["-o", &scene.path("out.tar"), "--start-after", "x/a", "--end-at", "x/c"];
    let arguments = scene.arguments("s3://b/x/", &options);
    assert_eq!(backup::run(arguments, &|_| ()), Status::Complete);
    let archive = fs::read(scene.path("out.tar")).unwrap();
    let names: Vec<_> = members(&archive).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["x/b", "x/c"]);
}

#[test]
fn a_wrong_command_line_does_nothing_and_is_told_apart() {
    let scene = Scene::new("b");
    let out = scene.path("out.tar");
    for wrong in [
        &["s3://b", "-o", &out, "--set", "stall_timeout=0"][..],
        &["s3://b", "-o", &out, "--set", "nonsense=1"],
        &["s3://b", "-o", &out, "--set", "nonsense"],
        &["s3://b", "-o", &out, "--manifest", &out],
        &["https://b", "-o", &out],
        // The bucket was forgotten: no demonstration in its place.
        &["-o", &out],
    ] {
        let arguments = ["s3stream-backup"].iter().chain(wrong).map(Into::into);
        assert_eq!(backup::run(arguments, &|_| ()), Status::Usage, "{wrong:?}");
    }
    assert_eq!(files_below(scene.directory.path()), Vec::<String>::new());
}

#[test]
fn a_report_is_made_again_from_its_manifest() {
    let scene = Scene::new("b");
    scene.server.store().put("b", "a", "x");
    assert_eq!(scene.run(&["-o", &scene.path("out.tar")]), Status::Complete);
    let rebuild = |manifest: &str| {
        let (manifest, page) = (scene.path(manifest), scene.path("again.html"));
        let arguments = ["s3stream-backup", "report", &manifest, "-o", &page].map(Into::into);
        backup::run(arguments, &|_| ())
    };
    assert_eq!(rebuild("out.jsonl"), Status::Complete);
    assert!(fs::read_to_string(scene.path("again.html")).unwrap().contains("Complete and intact"));
    let manifest = fs::read(scene.path("out.jsonl")).unwrap();
    assert_eq!(Report::from_manifest(&manifest[..]).unwrap().streamed(), 1);
    // Cut anywhere behind its head, it is that of a run that broke off.
    fs::write(scene.path("cut.jsonl"), &manifest[..manifest.len() - 1]).unwrap();
    assert_eq!(rebuild("cut.jsonl"), Status::Complete);
    let page = fs::read_to_string(scene.path("again.html")).unwrap();
    assert!(page.contains("the manifest ends without its closing line"));
    // An archive is no manifest.
    assert_eq!(rebuild("out.tar"), Status::Incomplete);
}

#[test]
fn an_entry_of_the_listing_that_cannot_be_read_fails_alone() {
    let transcript = r#"# A key in Latin-1 among others.
group:  listing
object: size=10 seed=7
do:     list
expect: ok
---
request GET /b?encoding-type=url&list-type=2&max-keys=1000
  reply 200
    Content-Length: {body_size}
  body lines
    <ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>
    <Contents><Key>caf%E9</Key><ETag>{etag}</ETag><Size>10</Size></Contents>
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
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (archive, page, url) = (path("out.tar"), path("page.html"), server.endpoint_url());
    let arguments: Vec<_> = ["s3stream-backup", "s3://b", "-o", &archive, "--report", &page]
        .into_iter()
        .chain(["--endpoint-url", &url, "--set", "proxy=none", "--set", "addressing_style=path"])
        .chain(["--set", "access_key_id=AKIAFAULT", "--set", "secret_access_key=secret"])
        .map(std::ffi::OsString::from)
        .collect();
    assert_eq!(backup::run(arguments, &|_| ()), Status::Incomplete);
    let manifest = BufReader::new(File::open(path("out.jsonl")).unwrap());
    let lines: Vec<String> = manifest.lines().map(Result::unwrap).collect();
    assert_eq!(lines.len(), 4, "a head, a foot, and two records between");
    assert!(lines[1].contains(r#""key":"caf%E9","outcome":"failed""#), "{}", lines[1]);
    assert!(lines[1].contains("not UTF-8"), "{}", lines[1]);
    assert!(lines[2].contains(r#""key":"z""#) && lines[2].contains("streamed"), "{}", lines[2]);
    assert!(lines[3].contains(r#""listing_end":"proven""#), "{}", lines[3]);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("nothing lies behind its last key"));
    server.finish().unwrap();
}

#[test]
fn one_object_is_taken_out_by_its_offset_without_reading_the_rest() {
    let scene = Scene::new(demo::BUCKET);
    demo::fill(&scene.server);
    assert_eq!(scene.run(&["-o", &scene.path("out.tar")]), Status::Complete);
    let archive = fs::read(scene.path("out.tar")).unwrap();
    let at = |offset: Option<u64>| usize::try_from(offset.unwrap()).unwrap();
    for record in scene.records("out.jsonl") {
        let stored = scene.server.store().get(demo::BUCKET, &record.key).unwrap();
        let data = at(record.data_offset);
        assert!(archive[data..data + stored.len()] == stored, "{:?}", record.key);
        let headers = &archive[at(record.offset)..data];
        assert_eq!(Some(checksum(headers)), record.header_crc64nvme, "{:?}", record.key);
    }
    // As anybody would, with what is on every machine.
    let records = scene.records("out.jsonl");
    let last = records.iter().rfind(|record| record.key.is_ascii()).unwrap();
    let skip = format!("+{}", last.offset.unwrap() + 1);
    let mut tail = Command::new("tail");
    let tail = tail.args(["-c", &skip, &scene.path("out.tar")]).stdout(Stdio::piped());
    let mut tar = Command::new("tar");
    tar.args(["-x", "-O", "--occurrence=1", "-f", "-", "--"]).arg(last.name.as_ref().unwrap());
    let taken = tar.stdin(tail.spawn().unwrap().stdout.unwrap()).output().unwrap();
    assert!(taken.stdout == scene.server.store().get(demo::BUCKET, &last.key).unwrap());
}

#[test]
fn an_ordinary_tar_extracts_what_the_record_says_as_attributes() {
    let scene = Scene::new("b");
    scene.server.store().put("b", "small", "x");
    scene.server.store().put_pattern("b", "large", 1, 1 << 20);
    scene.server.store().put("b", &"long/".repeat(100), "y");
    assert_eq!(scene.run(&["-o", &scene.path("out.tar")]), Status::Complete);
    let code = "import sys, tarfile, json\n\
                for member in tarfile.open(sys.argv[1]):\n    \
                    print(json.dumps([member.name, member.pax_headers]))";
    let mut python = Command::new("python3");
    let read = python.args(["-c", code, &scene.path("out.tar")]).output().unwrap();
    let read = String::from_utf8(read.stdout).unwrap();
    let records = scene.records("out.jsonl");
    assert_eq!(read.lines().count(), 3);
    for (line, record) in read.lines().zip(&records) {
        let (name, headers): (String, BTreeMap<String, String>) =
            serde_json::from_str(line).unwrap();
        assert_eq!(Some(&name), record.name.as_ref());
        for attribute in record.attributes() {
            let header = headers.get(&format!("SCHILY.xattr.{}", attribute.name));
            assert_eq!(header.map(String::as_bytes), Some(&attribute.value[..]));
        }
        assert_eq!(headers.contains_key("comment"), record.key == "large");
    }
}

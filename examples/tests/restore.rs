//! The restore command as its users see it, against the embedded server.

// A test that cannot go on says so best by a panic.
#![allow(clippy::unwrap_used)]

mod scene;

use std::ffi::OsString;
use std::fs::{self, File};
use std::process::{Command, Stdio};

use s3stream_programs::Status;
use s3stream_programs::restore;
use s3stream_tests::embedded::{Attributes, PutOptions};
use s3stream_tests::pattern;

use scene::{Scene, files_below};

/// A backup of bucket `b`, and an empty bucket `r`.
fn backed_up(fill: impl FnOnce(&Scene)) -> Scene {
    let scene = Scene::new("b");
    scene.server.store().create_bucket("r");
    fill(&scene);
    assert_eq!(scene.run(&["-o", &scene.path("out.tar")]), Status::Complete);
    scene
}

fn arguments(scene: &Scene, options: &[&str]) -> Vec<OsString> {
    let mut arguments = scene.arguments(&scene.path("out.jsonl"), options);
    arguments[0] = "s3stream-restore".into();
    arguments
}

fn restored(scene: &Scene, options: &[&str]) -> Status {
    let archive = scene.path("out.tar");
    let account = scene.path("account.jsonl");
    let fixed = ["--archive", &archive, "--to", "s3://r", "--account", &account];
    restore::run(arguments(scene, &[&fixed[..], options].concat()), &|_| ())
}

/// What became of each object, by the account.
fn account(scene: &Scene) -> Vec<(String, &'static str, String)> {
    let records = scene.records("account.jsonl").into_iter();
    let why = |record: &s3stream_core::report::Record| {
        let error = record.error.as_ref().map(|error| error.message.clone());
        error.or(record.reason.clone()).unwrap_or_default()
    };
    records.map(|record| (record.key.clone(), record.outcome.name(), why(&record))).collect()
}

#[test]
fn without_arguments_a_bucket_comes_back_object_by_object_and_field_by_field() {
    let scene = Scene::new("b");
    let mut command = Command::new(env!("CARGO_BIN_EXE_s3stream-restore"));
    let output = command.current_dir(scene.directory.path()).env_clear().output().unwrap();
    let messages = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{messages}");
    assert!(messages.contains("bytes and fields are the same"), "{messages}");
    let mut files = files_below(scene.directory.path());
    files.sort();
    assert_eq!(files, ["s3stream-restore.jsonl", "s3stream-restore.tar"]);
}

#[test]
fn headers_and_metadata_come_back_and_a_second_run_has_nothing_to_do() {
    let scene = backed_up(|scene| {
        let attributes =
            Attributes::default().content_type("text/x-odd").metadata("a_b", "\"quoted\"");
        let options = PutOptions { attributes, ..PutOptions::default() };
        scene.server.store().put_with("b", "small//../k", "x", options);
        scene.server.store().put_pattern("b", "large", 1, 20 << 20);
        scene.server.store().put("b", "empty", "");
    });
    assert_eq!(restored(&scene, &[]), Status::Complete, "{:?}", account(&scene));
    let store = scene.server.store();
    assert_eq!(store.keys("r"), store.keys("b"));
    assert!(store.get("r", "large").unwrap() == pattern::bytes(1, 0, 20 << 20));
    let [one, other] = ["b", "r"].map(|bucket| {
        let client = scene.client();
        client.head(bucket, "small//../k", None).unwrap().metadata().clone()
    });
    assert_eq!(one, other);
    assert_eq!(restored(&scene, &[]), Status::Complete);
    let again = account(&scene);
    assert!(again.iter().all(|(_, outcome, why)| *outcome == "skipped" && why.contains("very")));
}

#[test]
fn what_is_damaged_in_the_archive_never_replaces_anything_and_the_rest_is_restored() {
    let scene = backed_up(|scene| {
        scene.server.store().put("b", "a", "x");
        scene.server.store().put_pattern("b", "b", 1, 12 << 20);
        scene.server.store().put("b", "c", "z");
    });
    let store = scene.server.store();
    store.put("r", "b", "what was there");
    let whole = fs::read(scene.path("out.tar")).unwrap();
    let damaged = scene.records("out.jsonl")[1].clone();
    let data = usize::try_from(damaged.data_offset.unwrap()).unwrap();
    // In its headers, its first part and its last byte.
    for at in [data - 200, data, data + (12 << 20) - 1] {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        fs::write(scene.path("out.tar"), flipped).unwrap();
        assert_eq!(restored(&scene, &["--replace", "always"]), Status::Incomplete);
        let account = account(&scene);
        let outcomes: Vec<_> = account.iter().map(|(_, outcome, _)| *outcome).collect();
        assert_eq!(outcomes, ["streamed", "failed", "streamed"], "{at}");
        assert!(account[1].2.contains("not what was written"), "{}", account[1].2);
        assert_eq!(store.get("r", "b").unwrap()[..], *b"what was there");
    }
}

#[test]
fn an_entry_without_a_whole_record_is_not_restored_and_that_is_said() {
    let scene = backed_up(|scene| {
        for key in ["a", "b"] {
            scene.server.store().put("b", key, key);
        }
    });
    let manifest = fs::read(scene.path("out.jsonl")).unwrap();
    let lines: Vec<_> = manifest.split_inclusive(|byte| *byte == b'\n').collect();
    let cut = [lines[0], lines[1], &lines[2][..lines[2].len() - 1]].concat();
    fs::write(scene.path("out.jsonl"), cut).unwrap();
    assert_eq!(restored(&scene, &[]), Status::Incomplete);
    assert_eq!(scene.server.store().keys("r"), ["a"]);
    let mut flipped = manifest.clone();
    flipped[lines[0].len() + lines[1].len() + 12] ^= 1;
    fs::write(scene.path("out.jsonl"), flipped).unwrap();
    assert_eq!(restored(&scene, &[]), Status::Incomplete);
    assert_eq!(scene.server.store().keys("r"), ["a"]);
}

#[test]
fn one_object_is_restored_by_its_place_and_a_stream_is_read_over() {
    let scene = backed_up(|scene| {
        for key in ["a", "b", "c/1", "c/2"] {
            scene.server.store().put("b", key, key);
        }
    });
    // Damage of what was not chosen is not even read.
    let mut archive = fs::read(scene.path("out.tar")).unwrap();
    let first = usize::try_from(scene.records("out.jsonl")[0].data_offset.unwrap()).unwrap();
    archive[first] ^= 1;
    fs::write(scene.path("out.tar"), &archive).unwrap();
    assert_eq!(restored(&scene, &["--key", "b"]), Status::Complete);
    assert_eq!(scene.server.store().keys("r"), ["b"]);
    assert_eq!(restored(&scene, &["--key", "absent"]), Status::Incomplete);

    let mut command = Command::new(env!("CARGO_BIN_EXE_s3stream-restore"));
    let options = ["--archive", "-", "--to", "s3://r/below/", "--prefix", "c/"];
    command.args(&arguments(&scene, &options)[1..]);
    let stdin = Stdio::from(File::open(scene.path("out.tar")).unwrap());
    let output = command.stdin(stdin).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(scene.server.store().keys("r"), ["b", "below/c/1", "below/c/2"]);
}

#[test]
fn what_is_there_stays_unless_it_is_to_be_replaced_and_a_dry_run_writes_nothing() {
    let scene = backed_up(|scene| {
        for key in ["a", "b"] {
            scene.server.store().put("b", key, key);
        }
    });
    let store = scene.server.store();
    assert_eq!(restored(&scene, &["--dry-run"]), Status::Complete);
    assert_eq!(store.keys("r"), Vec::<String>::new());
    store.put("r", "a", "other");
    assert_eq!(restored(&scene, &[]), Status::Complete);
    assert!(account(&scene)[0].2.contains("--replace never"));
    assert_eq!(store.get("r", "a").unwrap()[..], *b"other");
    // What is there was written after the backup.
    assert_eq!(restored(&scene, &["--replace", "if-newer"]), Status::Complete);
    assert_eq!(store.get("r", "a").unwrap()[..], *b"other");
    assert_eq!(restored(&scene, &["--replace", "if-changed"]), Status::Complete);
    assert_eq!(store.get("r", "a").unwrap()[..], *b"a");
}

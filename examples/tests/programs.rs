//! The programs as they are started.

// A test that cannot go on says so best by a panic.
#![allow(clippy::unwrap_used)]

mod scene;

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use scene::{Scene, files_below, members};

/// A program that finds the scene's server as users let it: by the environment.
fn program(path: &str, scene: &Scene) -> Command {
    let mut command = Command::new(path);
    command
        .current_dir(scene.directory.path())
        .env_clear()
        .env("AWS_ENDPOINT_URL", scene.server.endpoint_url())
        .env("AWS_ACCESS_KEY_ID", scene.server.access_key_id())
        .env("AWS_SECRET_ACCESS_KEY", scene.server.secret_access_key());
    command
}

const BACKUP: &str = env!("CARGO_BIN_EXE_s3stream-backup");

#[test]
fn without_arguments_a_demonstration_is_backed_up() {
    let scene = Scene::new("b");
    let output = program(BACKUP, &scene).output().unwrap();
    let messages = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{messages}");
    assert!(messages.contains("complete: every listed object is in the archive"), "{messages}");
    let mut files = files_below(scene.directory.path());
    files.sort();
    assert_eq!(files, ["s3stream-backup.html", "s3stream-backup.jsonl", "s3stream-backup.tar"]);
}

#[test]
fn the_archive_goes_to_standard_output_and_nothing_else_does() {
    let scene = Scene::new("b");
    scene.server.store().put("b", "k", "content");
    let output = program(BACKUP, &scene).args(["s3://b", "-o", "-"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(members(&output.stdout), [("k".to_owned(), b"content".to_vec())]);
    assert_eq!(files_below(scene.directory.path()), Vec::<String>::new());
}

#[test]
fn a_closed_pipe_is_one_line_and_status_1() {
    let scene = Scene::new("b");
    scene.server.store().put_pattern("b", "large", 1, 8 << 20);
    let mut command = program(BACKUP, &scene);
    command.args(["s3://b", "-o", "-"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_exact(&mut [0; 512]).unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    let messages = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{messages}");
    assert!(messages.contains("Broken pipe") && !messages.contains("panicked"), "{messages}");
}

#[test]
fn ls_lists_groups_and_objects_and_cat_writes_proven_bytes() {
    let scene = Scene::new("b");
    scene.server.store().put("b", "folder/k", "content");
    scene.server.store().put("b", "top", "x");
    let ls = program(env!("CARGO_BIN_EXE_ls"), &scene).arg("s3://b").output().unwrap();
    let listed = String::from_utf8(ls.stdout).unwrap();
    let names: Vec<_> = listed.lines().filter_map(|line| line.split(' ').next_back()).collect();
    assert_eq!(names, ["folder/", "top"]);

    let mut cat = program(env!("CARGO_BIN_EXE_cat"), &scene);
    let cat = cat.arg("s3://b/folder/k").output().unwrap();
    assert_eq!(cat.stdout, b"content");
    assert!(String::from_utf8(cat.stderr).unwrap().contains("7 bytes, proven by crc64nvme"));

    let mut absent = program(env!("CARGO_BIN_EXE_cat"), &scene);
    assert!(!absent.arg("s3://b/absent").status().unwrap().success());
}

#[test]
fn help_goes_to_standard_output() {
    let scene = Scene::new("b");
    let output = program(BACKUP, &scene).arg("--help").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().contains("stall_timeout"));
    assert!(fs::read_dir(scene.directory.path()).unwrap().next().is_none());
}

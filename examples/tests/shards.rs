//! A bucket backed up shard by shard, as an array of jobs does it.

// A test that cannot go on says so best by a panic.
#![allow(clippy::unwrap_used)]

mod scene;

use std::fs::{self, File};
use std::io::BufReader;

use s3stream_core::Fingerprint;
use s3stream_core::blocking::Client;
use s3stream_core::plan::{Limits, Plan, PlanOptions, Planned};
use s3stream_core::report::Report;
use s3stream_programs::{Status, backup};

use scene::Scene;

fn planned(scene: &Scene) -> Planned {
    let server = &scene.server;
    let client = Client::builder()
        .endpoint_url(&server.endpoint_url())
        .credentials(&server.access_key_id(), &server.secret_access_key())
        .proxy("none")
        .build_blocking()
        .unwrap();
    let mut limits = Limits::default();
    limits.objects = 50;
    client.plan("b", PlanOptions::new().limits(limits)).finish().unwrap()
}

fn run(scene: &Scene, options: &[&str]) -> Status {
    let mut arguments = scene.arguments("unused", options);
    // The plan says which bucket.
    arguments.remove(1);
    backup::run(arguments, &|_| ())
}

#[test]
fn the_shards_of_a_plan_are_the_bucket_key_by_key_and_as_one_number() {
    let scene = Scene::new("b");
    for number in 0..200 {
        scene.server.store().put("b", &format!("{number:03}/\u{1}\"{number}"), "x");
    }
    let planned = planned(&scene);
    assert_eq!(planned.plan.shards.len(), 7);
    fs::write(scene.path("plan.json"), planned.plan.to_string()).unwrap();

    let mut keys = Vec::new();
    let mut sum = Fingerprint::default();
    for shard in &planned.plan.shards {
        let name = scene.path(&format!("{}.tar", shard.id));
        let id = shard.id.to_string();
        let options = ["--plan", &scene.path("plan.json"), "--shard", &id, "-o", &name];
        assert_eq!(run(&scene, &options), Status::Complete);
        let records = scene.records(&format!("{}.jsonl", shard.id));
        assert_eq!(records.len() as u64, shard.objects);
        keys.extend(records.into_iter().map(|record| record.key));
        sum.join(fingerprint(&scene.path(&format!("{}.jsonl", shard.id))));
    }
    assert_eq!(keys, scene.server.store().keys("b"));
    assert_eq!(sum, planned.fingerprint);
}

fn fingerprint(manifest: &str) -> Fingerprint {
    let manifest = BufReader::new(File::open(manifest).unwrap());
    Report::from_manifest(manifest).unwrap().fingerprint()
}

#[test]
fn what_is_no_shard_is_refused_before_anything_is_written() {
    let scene = Scene::new("b");
    let plan = scene.path("plan.json");
    let text = planned(&scene).plan.to_string();
    fs::write(&plan, &text).unwrap();
    let wrong = scene.path("wrong.json");
    fs::write(&wrong, text.replace("\"lanes\": 1", "\"lanes\": 2")).unwrap();
    for options in [
        &["--plan", &plan, "--shard", "9"][..],
        &["--plan", &plan],
        &["--shard", "1"],
        &["--plan", &wrong, "--shard", "1"],
        &["--plan", &scene.path("absent.json"), "--shard", "1"],
        &["--plan", &plan, "--shard", "1", "--end-at", "k"],
    ] {
        assert_eq!(run(&scene, options), Status::Usage, "{options:?}");
    }
    assert_eq!(text.parse::<Plan>().unwrap().shards.len(), 1);
    assert_eq!(fs::read_dir(scene.directory.path()).unwrap().count(), 2);
}

//! The demonstration: a bucket into a tar file, that into a second bucket, and both compared.

use std::ffi::OsString;

use s3stream_core::blocking::Client;
use s3stream_core::{Canceller, Entry, ListOptions, Object, OpenOptions, Result};
use s3stream_tests::embedded::EmbeddedServer;

use super::arguments::RestoreArguments;
use super::job;
use crate::backup::{self, demo};
use crate::cli::{Source, Status, failure, say, usage};

/// The bucket that is restored into.
pub(super) const RESTORED: &str = "restored";

/// Backs up, restores and compares, in the current directory.
pub(super) fn run(arguments: &RestoreArguments, on_start: &dyn Fn(Canceller)) -> Status {
    say("nothing given: this is a demonstration with a server of its own (see --help)");
    let server = match EmbeddedServer::builder().start() {
        Ok(server) => server,
        Err(error) => return failure(format_args!("the server cannot be started: {error}")),
    };
    demo::fill(&server);
    server.store().create_bucket(RESTORED);
    let (tar, manifest) = ("./s3stream-restore.tar", "./s3stream-restore.jsonl");
    let status = backup::run(backup_arguments(&server, tar), on_start);
    if status != Status::Complete {
        return status;
    }
    let client = Client::builder()
        .endpoint_url(&server.endpoint_url())
        .credentials(&server.access_key_id(), &server.secret_access_key())
        .region("us-east-1")
        .proxy("none")
        .build_blocking();
    let client = match client.and_then(|client| Ok((client.canceller()?, client))) {
        Ok((canceller, client)) => {
            on_start(canceller);
            client
        }
        Err(error) => return usage(error),
    };
    let mut arguments = arguments.clone();
    (arguments.manifest, arguments.archive) = (Some(manifest.into()), Some(tar.into()));
    arguments.to = Some(Source { bucket: RESTORED.to_owned(), prefix: String::new() });
    let status = job::run_with(&arguments, &client);
    match (status, compare(&client, demo::BUCKET, RESTORED)) {
        (Status::Complete, Ok((same, 0))) => {
            say(format_args!("compared {same} objects: bytes and fields are the same"));
            Status::Complete
        }
        (status, Ok((_, 0))) => status,
        (_, Ok((_, different))) => failure(format_args!("{different} objects differ")),
        (_, Err(error)) => failure(error),
    }
}

fn backup_arguments(server: &EmbeddedServer, tar: &str) -> Vec<OsString> {
    let source = format!("s3://{}", demo::BUCKET);
    let key = format!("access_key_id={}", server.access_key_id());
    let secret = format!("secret_access_key={}", server.secret_access_key());
    let url = server.endpoint_url();
    let fixed = ["s3stream-backup", &source, "-o", tar, "--endpoint-url", &url];
    let set = ["--set", &key, "--set", &secret, "--set", "proxy=none", "--set", "region=us-east-1"];
    fixed.iter().chain(&set).map(OsString::from).collect()
}

/// How many objects are the same in both buckets, and how many are not.
fn compare(client: &Client, one: &str, other: &str) -> Result<(u64, u64)> {
    let (mut same, mut different) = (0, 0);
    for entry in client.list(one, ListOptions::new()) {
        let Entry::Object(object) = entry? else { continue };
        let [first, second] = [one, other].map(|bucket| read(client, bucket, &object.key));
        match first? == second? {
            true => same += 1,
            false => {
                different += 1;
                say(format_args!("different: {}", object.key.escape_debug()));
            }
        }
    }
    let restored = client.list(other, ListOptions::new()).count() as u64;
    Ok((same, different + restored.saturating_sub(same)))
}

/// Fields and digest of an object; not those that a copy cannot have, as its time.
fn read(client: &Client, bucket: &str, key: &str) -> Result<(u64, Option<String>, Object)> {
    let mut reader = client.open(bucket, key, OpenOptions::new())?;
    let verdict = reader.finish()?;
    let mut object = reader.object().clone();
    (object.last_modified, object.version_id, object.etag) = (None, None, None);
    object.checksums.clear();
    if let Some(details) = &mut object.details {
        (details.checksum_type, details.parts_count) = (None, None);
    }
    Ok((verdict.bytes, verdict.own_digest.map(|digest| digest.value), object))
}

//! The demonstration: a server in this process, and a bucket that is worth a look.

use std::path::PathBuf;

use s3stream_core::Canceller;
use s3stream_core::blocking::Client;
use s3stream_tests::embedded::{EmbeddedServer, GenerateSpec, Generated};

use super::arguments::BackupArguments;
use super::job;
use crate::cli::{Connection, Source, Status, failure, say, usage};

/// The bucket of the demonstration.
pub const BUCKET: &str = "demo";

/// Fills the bucket of the demonstration: 3,000 objects of ordinary names and sizes, and
/// every odd key that tools tend to break on.
pub fn fill(server: &EmbeddedServer) -> Vec<Generated> {
    server.store().create_bucket(BUCKET);
    server.store().generate(BUCKET, &GenerateSpec::default())
}

/// Backs up the demonstration bucket into the current directory.
pub(super) fn run(arguments: &BackupArguments, on_start: &dyn Fn(Canceller)) -> Status {
    say("no bucket given: this is a demonstration with a server of its own (see --help)");
    let server = match EmbeddedServer::builder().start() {
        Ok(server) => server,
        Err(error) => return failure(format_args!("the server cannot be started: {error}")),
    };
    fill(&server);
    let arguments = BackupArguments {
        source: Some(Source { bucket: BUCKET.to_owned(), prefix: String::new() }),
        output: Some(PathBuf::from("./s3stream-backup.tar")),
        report: Some(PathBuf::from("./s3stream-backup.html")),
        connection: Connection {
            endpoint_url: Some(server.endpoint_url()),
            ..arguments.connection.clone()
        },
        ..arguments.clone()
    };
    // Nothing of the surroundings may lead the demonstration elsewhere.
    let builder = Client::builder()
        .credentials(&server.access_key_id(), &server.secret_access_key())
        .region("us-east-1")
        .proxy("none");
    let client = arguments.connection.client(builder);
    match client.and_then(|client| Ok((client.canceller()?, client))) {
        Ok((canceller, client)) => {
            on_start(canceller);
            job::run_with(&arguments, &client)
        }
        Err(error) => usage(error),
    }
}

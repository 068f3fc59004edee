//! `report`: the page of a manifest, made again.

use std::fs::File;
use std::io::BufReader;

use s3stream_core::report::read_manifest;

use super::arguments::RebuildArguments;
use crate::account::write_page;
use crate::cli::{Status, failure};

/// Writes the report of a manifest; what the manifest does not say, the page does not claim.
pub(crate) fn run(arguments: &RebuildArguments) -> Status {
    match rebuild(arguments) {
        Ok(()) => Status::Complete,
        Err(why) => failure(why),
    }
}

fn rebuild(arguments: &RebuildArguments) -> Result<(), String> {
    let path = arguments.manifest.display();
    let file = File::open(&arguments.manifest).map_err(|error| format!("{path}: {error}"))?;
    let (report, mut run) =
        read_manifest(BufReader::new(file)).map_err(|error| format!("{path}: {error}"))?;
    run.manifest = Some(path.to_string());
    if run.tool.is_empty() {
        "s3stream-backup".clone_into(&mut run.tool);
        env!("CARGO_PKG_VERSION").clone_into(&mut run.version);
    }
    write_page(&report, &run, &arguments.output).map_err(|error| error.to_string())
}

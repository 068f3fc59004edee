//! `s3stream-verify`: yesterday's manifest against today's bucket, and against its archive.
//!
//! | file | what is in it |
//! |---|---|
//! | `arguments` | the command line |
//! | `bucket` | the manifest against a listing: no object is read, unless it is asked for |
//! | `archive` | the manifest against the tar file |

mod archive;
mod arguments;
mod bucket;

use std::ffi::OsString;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use s3stream_core::Canceller;
use s3stream_core::report::Manifest;

use crate::cli::{Status, parse};
use arguments::Arguments;

/// Runs the command; the first argument is the program's name.
///
/// Lines of JSON go to standard output, messages to standard error. `on_start` is given what
/// cancels the run, before the first request.
pub fn run(arguments: impl IntoIterator<Item = OsString>, on_start: &dyn Fn(Canceller)) -> Status {
    let arguments: Arguments = match parse(arguments) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    let archive = arguments.archive.as_deref().map(|path| archive::run(&arguments, path));
    if archive.is_some() && arguments.source.is_none() {
        return archive.unwrap_or(Status::Complete);
    }
    let bucket = bucket::run(&arguments, on_start);
    match archive {
        Some(Status::Incomplete) if bucket == Status::Complete => Status::Incomplete,
        _ => bucket,
    }
}

/// Opens a manifest; why it cannot be, with its name.
fn open(path: &Path) -> Result<Manifest<BufReader<File>>, String> {
    let shown = path.display();
    let file = File::open(path).map_err(|error| format!("{shown}: {error}"))?;
    Manifest::open(BufReader::with_capacity(1 << 17, file))
        .map_err(|error| format!("{shown}: {error}"))
}

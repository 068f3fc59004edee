//! `s3stream-restore`: from a tar file and its manifest into a bucket.
//!
//! The manifest leads: an object is restored if and only if a whole record says what it must
//! be, and its bytes are held against the digest that was kept at the backup before they
//! become an object. What the manifest does not know is never restored.
//!
//! | file | what is in it |
//! |---|---|
//! | `arguments` | the command line: what, where to, by which rules |
//! | `job` | the run: each record of the manifest in order |
//! | `object` | one member into the bucket |
//! | `rules` | what a restored object is written with, and when one is replaced |
//! | `demo` | the demonstration without arguments |

mod arguments;
mod demo;
mod job;
mod object;
mod rules;

use std::ffi::OsString;

use s3stream_core::Canceller;

use crate::cli::{Status, parse, usage};
use arguments::Arguments;

/// Runs the command; the first argument is the program's name.
///
/// `on_start` is given what cancels the run, before the first request. Messages go to standard
/// error.
pub fn run(arguments: impl IntoIterator<Item = OsString>, on_start: &dyn Fn(Canceller)) -> Status {
    let Arguments { restore } = match parse(arguments) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    match (&restore.manifest, &restore.archive, &restore.to) {
        (Some(_), Some(_), Some(_)) => job::run(&restore, on_start),
        (None, None, None) => demo::run(&restore, on_start),
        _ => usage("it takes MANIFEST, --archive and --to; see --help"),
    }
}

//! `s3stream-backup`: every object of a bucket into one tar file, and an account of each.
//!
//! Objects are read one after another in the order of the listing, each to its proven end,
//! and written as members of a tar file whose names map back to the keys
//! ([`s3stream_core::name`]). What fails is recorded, and the rest goes on.
//!
//! | file | what is in it |
//! |---|---|
//! | `arguments`, `places` | the command line; where everything goes |
//! | `job` | the run: listing, then each object |
//! | `fetch`, `copy` | the objects of a listing; one object into the archive |
//! | `shard` | a shard of a plan as what is to be backed up |
//! | `rebuild` | the report of a manifest, made again |
//! | `demo` | the demonstration without arguments |

mod arguments;
mod copy;
pub mod demo;
mod fetch;
mod job;
mod places;
mod rebuild;
mod shard;

use std::ffi::OsString;

use s3stream_core::Canceller;

use crate::cli::{Status, parse, usage};
use arguments::{Arguments, Command};

/// Runs the command; the first argument is the program's name.
///
/// `on_start` is given what cancels the run, before the first request. Messages go to
/// standard error, the archive to standard output if it is asked for there.
pub fn run(arguments: impl IntoIterator<Item = OsString>, on_start: &dyn Fn(Canceller)) -> Status {
    let arguments: Arguments = match parse(arguments) {
        Ok(arguments) => arguments,
        Err(status) => return status,
    };
    if let Some(Command::Report(rebuild)) = arguments.command {
        return rebuild::run(&rebuild);
    }
    match shard::resolved(arguments.backup) {
        Err(why) => usage(why),
        Ok(backup) if backup.source.is_some() => job::run(&backup, on_start),
        Ok(backup) if backup.names_a_place() => {
            usage("which bucket? Give s3://BUCKET/PREFIX; see --help")
        }
        Ok(backup) => demo::run(&backup, on_start),
    }
}

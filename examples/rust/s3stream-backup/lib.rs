//! The backup command: every object of a bucket into one tar file, and an account of each.
//!
//! Objects are read one after another in the order of the listing, each to its proven end,
//! and written as members of a tar file whose names map back to the keys
//! ([`s3stream_core::name`]). What fails is recorded, and the rest goes on. Memory is
//! constant, however many objects there are and however large they are.
//!
//! | file | what is in it |
//! |---|---|
//! | `arguments` | the command line |
//! | `source` | where to read from: `s3://bucket/prefix`, the client |
//! | `backup` | the run: listing, then each object |
//! | `copy` | one object into the archive |
//! | `archive`, `output`, `places` | the tar file, and how a file gets its name |
//! | `ledger` | the account: manifest, report, messages |
//! | `progress`, `summary` | what a person sees meanwhile, and at the end |
//! | `demo` | the demonstration without arguments |

// A test that cannot go on says so best by a panic.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod archive;
mod arguments;
mod backup;
mod copy;
pub mod demo;
mod fetch;
mod ledger;
mod output;
mod places;
mod progress;
mod rebuild;
mod source;
mod summary;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use s3stream_core::Canceller;

use arguments::{Arguments, Command};

/// How the command ended: its exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 0: the listing came to its end, and nothing failed.
    Complete,
    /// 1: something is missing, or could not be written.
    Incomplete,
    /// 2: the command line or a setting is wrong; nothing was done.
    Usage,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        ExitCode::from(match status {
            Status::Complete => 0,
            Status::Incomplete => 1,
            Status::Usage => 2,
        })
    }
}

/// Runs the command; the first argument is the program's name.
///
/// `on_start` is given what cancels the run, before the first request. Messages go to
/// standard error, the archive to standard output if it is asked for there.
pub fn run(arguments: impl IntoIterator<Item = OsString>, on_start: &dyn Fn(Canceller)) -> Status {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help goes to standard output, and is no failure.
            let _ = error.print();
            return if error.use_stderr() { Status::Usage } else { Status::Complete };
        }
    };
    match arguments.command {
        Some(Command::Report(rebuild)) => rebuild::run(&rebuild),
        None if arguments.backup.source.is_some() => backup::run(&arguments.backup, on_start),
        None if arguments.backup.names_a_place() => {
            say("error: which bucket? Give s3://BUCKET/PREFIX; see --help");
            Status::Usage
        }
        None => demo::run(&arguments.backup, on_start),
    }
}

/// One line on standard error; if nobody can read it, nobody can be told.
fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

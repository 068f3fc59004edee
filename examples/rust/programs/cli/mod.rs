//! What every program's command line has: the place, the client, exit status and messages.

mod connection;
mod source;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use s3stream_core::Canceller;

pub(crate) use connection::{Connection, settings};
pub(crate) use source::Source;

/// How a program ended: its exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 0: it came to its end, and nothing failed.
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

/// Reads a command line; the status to end with where it is wrong, or asked for help.
pub(crate) fn parse<A: Parser>(arguments: impl IntoIterator<Item = OsString>) -> Result<A, Status> {
    A::try_parse_from(arguments).map_err(|error| {
        // Help goes to standard output, and is no failure.
        let _ = error.print();
        if error.use_stderr() { Status::Usage } else { Status::Complete }
    })
}

/// Ends the run in good order at the first Ctrl-C or SIGTERM, and at once at the second.
pub fn on_signal(canceller: Canceller) {
    let mut is_second = false;
    let handler = move || {
        if is_second {
            std::process::exit(1);
        }
        is_second = true;
        canceller.cancel();
    };
    // Without a handler the signal ends the process: what is written keeps its partial name.
    let _ = ctrlc::set_handler(handler);
}

/// One line on standard error; if nobody can read it, nobody can be told.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// A mistake of the user's, in one line; the status that says so.
pub(crate) fn usage(why: impl Display) -> Status {
    say(format_args!("error: {why}"));
    Status::Usage
}

/// A failure in one line; the status that says so.
pub(crate) fn failure(why: impl Display) -> Status {
    say(format_args!("error: {why}"));
    Status::Incomplete
}

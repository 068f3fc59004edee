//! `s3stream-backup`: the command around the library beside it.

use std::process::ExitCode;

use s3stream_programs::{backup, on_signal};

fn main() -> ExitCode {
    backup::run(std::env::args_os(), &on_signal).into()
}

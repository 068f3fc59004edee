//! `s3stream-restore`: the command around the library beside it.

use std::process::ExitCode;

use s3stream_programs::{on_signal, restore};

fn main() -> ExitCode {
    restore::run(std::env::args_os(), &on_signal).into()
}
